"""The JSON form: there and back, its schema, and what each bad input is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from holbein.conditions import tree
from holbein.conditions.json_form import from_json, measure_from_json, schema, to_json
from holbein.conditions.text import parse, parse_measure
from holbein.errors import ConditionError
from tests.support.any_trees import conditions, measures


@given(conditions)
def test_any_condition_comes_back_from_its_json(condition: tree.Condition) -> None:
    form = to_json(condition)
    assert from_json(form) == condition
    assert from_json(json.dumps(form)) == condition


@given(measures)
def test_any_measure_comes_back_from_its_json(measure: tree.Measure) -> None:
    assert measure_from_json(json.dumps(to_json(measure)).encode()) == measure


def test_what_it_looks_like() -> None:
    assert to_json(parse("count(login, '7 days') >= 3")) == {
        "version": 1,
        "condition": {
            "node": "compare",
            "left": {
                "node": "aggregate",
                "name": "count",
                "stream": "login",
                "window": {"node": "window", "count": 7, "unit": "day"},
            },
            "sign": ">=",
            "right": {"node": "number", "value": 3.0},
        },
    }
    assert to_json(parse_measure("DATE '2024-02-29'")) == {
        "version": 1,
        "measure": {"node": "day", "value": "2024-02-29"},
    }


def test_every_node_is_in_the_schema() -> None:
    known = schema()
    nodes = {
        name
        for name, one in vars(tree).items()
        if isinstance(one, type) and issubclass(one, tree.Node) and one is not tree.Node
    }
    assert nodes == set(known["$defs"])
    assert all(one["additionalProperties"] is False for one in known["$defs"].values())
    json.dumps(known)


FIELD = {"node": "field", "name": "x"}


def condition(node: str, **parts: Any) -> dict[str, Any]:
    return {"version": 1, "condition": {"node": node, **parts}}


def equal(right: dict[str, Any]) -> dict[str, Any]:
    return condition("compare", left=FIELD, sign="=", right=right)


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"node": "and", "items": []}
    for _ in range(levels):
        inner = {"node": "not", "item": inner}
    return {"version": 1, "condition": inner}


WRONG: dict[str, tuple[Any, str]] = {
    "nothing": (None, "is an object"),
    "a list": ([], "is an object"),
    "no version": ({"condition": {}}, "no version"),
    "another version": ({"version": 2, "condition": {}}, "version 2"),
    "true is no version": ({"version": True, "condition": {}}, "version True"),
    "no condition": ({"version": 1}, "no condition"),
    "a measure": ({"version": 1, "measure": FIELD}, "no condition"),
    "more keys": ({"version": 1, "condition": {}, "x": 1}, "not known: x"),
    "broken text": ("{", "line 1, column 2"),
    "broken bytes": (b"\xff\xfe\x00", "no JSON"),
    "no node": ({"version": 1, "condition": {}}, "needs its kind"),
    "unknown node": (condition("nott"), "did you mean not"),
    "a measure as condition": ({"version": 1, "condition": FIELD}, "'field' is no node"),
    "missing parts": (condition("compare"), "condition.left"),
    "an unknown key": (condition("missing", of=FIELD, x=1), "condition.x"),
    "an unknown sign": (condition("compare", left=FIELD, sign="~", right=FIELD), "condition.sign"),
    "text as number": (equal({"node": "number", "value": "5"}), "condition.right.value"),
    "number as text": (equal({"node": "text", "value": 5}), "condition.right.value"),
    "number as truth": (equal({"node": "truth", "value": 1}), "condition.right.value"),
    "a date that is none": (equal({"node": "day", "value": "2024-02-30"}), "condition.right.value"),
    "not a number": (equal({"node": "number", "value": float("nan")}), "finite"),
    "infinite": (json.dumps(equal({"node": "number", "value": 5})).replace("5", "1e999"), "finite"),
    "what JSON cannot hold": (equal({"node": "text", "value": {1, 2}}), "JSON cannot"),
    "half a character": (json.dumps(equal({"node": "text", "value": "\ud800"})), "JSON"),
    "a control character": (equal({"node": "text", "value": "\0"}), "U+0000"),
    "an empty list": (condition("in", of=FIELD, values=[]), "at least one value"),
    "a long list": (condition("in", of=FIELD, values=[{"node": "text", "value": "x"}] * 10_000),
                    "holbein audience import"),
    "no such relation": (condition("related", quantifier="all", relation="parent",
                                   where={"node": "and", "items": []}), "any_role"),
    "one step": (condition("sequence", steps=[{"node": "step", "stream": "a"}]), "two steps"),
    "a bad length": (condition("sequence", steps=[], within={"count": "x"}), "condition.within.count"),
    "no window": (condition("became", tag="x", value={"node": "truth", "value": True},
                            window={"count": 0, "unit": "day"}), "out of range"),
    "a sum of nothing": (condition("compare", left={"node": "aggregate", "name": "sum", "stream": "o"},
                                   sign="=", right=FIELD), "takes a column"),
    "101 deep": (nested(101), "100 deep"),
    "5,000 deep": (nested(5_000), "100 deep"),
    "100,000 brackets": ("[" * 100_000, "100 deep"),
    "too long": (" " * 2_000_000, "more than"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "says"), WRONG.values(), ids=WRONG.keys())
def test_bad_input_is_one_clear_error(data: Any, says: str) -> None:
    with pytest.raises(ConditionError) as caught:
        from_json(data)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 400


def test_what_is_as_deep_as_may_be_passes() -> None:
    form = nested(99)
    assert to_json(from_json(form)) == form


def test_whole_numbers_may_be_written_without_fraction() -> None:
    assert from_json(equal({"node": "number", "value": 5})) == parse("x = 5")
