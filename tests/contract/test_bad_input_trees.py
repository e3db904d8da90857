"""Bad input, part 3: conditions as trees and as JSON that nobody checked before."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import holbein
from holbein.conditions import tree
from holbein.conditions.json_form import from_json, measure_from_json
from holbein.conditions.tree import Field, Text
from holbein.errors import ConditionError, HolbeinError
from tests.support import bad_input
from tests.support.bad_input import in_force


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_input.make(tmp_path_factory.mktemp("trees") / "good")


def deep() -> tree.Condition:
    node: tree.Condition = tree.TRUE
    for _ in range(3_000):
        node = tree.Not(node)
    return node


def counted(*parts: Any) -> tree.Compare:
    return tree.Compare(tree.Aggregate(*parts), ">", tree.Number(1))


TREES: dict[str, Callable[[], Any]] = {
    "unknown": lambda: tree.Compare(Field("contry"), "=", Text("x")),
    "wrong type": lambda: tree.Compare(Field("country"), "=", tree.Number(5)),
    "too deep": deep,
    "nothing": lambda: None,
    "a number": lambda: 5,
    "a dict": lambda: {"node": "and", "items": []},
    "bytes": lambda: b"big",
    "a measure": lambda: Field("big"),
    "a window": lambda: tree.Window(1, "day"),
    "no node": tree.Node,
    "what is no node inside": lambda: tree.And((5,)),  # type: ignore[arg-type]
    "a field for a condition": lambda: tree.And((Field("big"),)),  # type: ignore[arg-type]
    "a condition for a measure": lambda: tree.Missing(tree.TRUE),  # type: ignore[arg-type]
    "nothing inside": lambda: tree.Related("any", "role", None),  # type: ignore[arg-type]
    "a sign": lambda: tree.Compare(Field("employees"), "; DROP", tree.Number(1)),  # type: ignore[arg-type]
    "a sum's sign": lambda: tree.Arithmetic(Field("employees"), "%", tree.Number(1)),  # type: ignore[arg-type]
    "not a number": lambda: tree.Compare(Field("employees"), ">", tree.Number(math.nan)),
    "infinity": lambda: tree.Compare(Field("employees"), ">", tree.Number(math.inf)),
    "beyond floats": lambda: tree.Compare(Field("employees"), ">", tree.Number(10**400)),
    "number as text": lambda: tree.Compare(Field("employees"), ">", tree.Number("5")),  # type: ignore[arg-type]
    "number as truth": lambda: tree.Compare(Field("employees"), ">", tree.Number(True)),
    "number as decimal": lambda: tree.Compare(Field("employees"), ">", tree.Number(decimal.Decimal(5))),  # type: ignore[arg-type]
    "text as number": lambda: tree.Compare(Field("country"), "=", Text(5)),  # type: ignore[arg-type]
    "text with a null byte": lambda: tree.Compare(Field("country"), "=", Text("a\0")),
    "text with half a character": lambda: tree.Compare(Field("country"), "=", Text("\ud800")),
    "day as text": lambda: tree.Compare(Field("founded"), "=", tree.Day("2024-01-01")),  # type: ignore[arg-type]
    "day as a moment": lambda: tree.Compare(Field("founded"), "=", tree.Day(dt.datetime(2024, 1, 1))),
    "name as number": lambda: tree.Missing(Field(5)),  # type: ignore[arg-type]
    "an empty list": lambda: tree.In(Field("country"), ()),
    "a long list": lambda: tree.In(Field("country"), tuple(Text(str(one)) for one in range(1_001))),
    "a list of names": lambda: tree.In(Field("country"), (Field("region"),)),  # type: ignore[arg-type]
    "a pattern": lambda: tree.Like(Field("country"), "\\"),
    "a pattern as number": lambda: tree.Like(Field("country"), 5),  # type: ignore[arg-type]
    "a code as number": lambda: tree.Within(Field("region"), 310000),  # type: ignore[arg-type]
    "a quantifier": lambda: tree.Related("some", "role", tree.TRUE),  # type: ignore[arg-type]
    "a pair": lambda: tree.Related("all", "parent", tree.TRUE),
    "a relation": lambda: tree.Related("any", "planet", tree.TRUE),  # type: ignore[arg-type]
    "an aggregate": lambda: counted("stddev", "orders", "amount"),
    "a window of nothing": lambda: counted("count", "orders", None, tree.Window(0, "day")),
    "a window of centuries": lambda: counted("count", "orders", None, tree.Window(5, "century")),  # type: ignore[arg-type]
    "a window of a half": lambda: counted("count", "orders", None, tree.Window(1.5, "day")),  # type: ignore[arg-type]
    "a window as text": lambda: counted("count", "orders", None, "5 days"),
    "a sum of no column": lambda: counted("sum", "orders"),
    "an audience in a filter": lambda: counted("count", "orders", None, None, None, tree.InAudience("big ones")),
    "one step": lambda: tree.Sequence((tree.Step("orders"),)),
    "steps as texts": lambda: tree.Sequence(("orders", "orders")),  # type: ignore[arg-type]
    "an audience": lambda: tree.InAudience("nope"),
    "an audience as number": lambda: tree.InAudience(5),  # type: ignore[arg-type]
    "a unit": lambda: tree.Elapsed("week", "since", Field("founded")),  # type: ignore[arg-type]
}  # fmt: skip


@pytest.mark.parametrize("make", TREES.values(), ids=TREES)
def test_a_tree_that_nobody_checked_is_refused(good: Path, make: Callable[[], Any]) -> None:
    found, node = holbein.open(good), make()
    for ask in (found.count, found.select, found.explain, found.group_portrait):
        with pytest.raises(ConditionError) as caught:
            ask(node)
        assert caught.value.message
        assert len(str(caught.value)) < 500
    if node is not None:
        with pytest.raises(ConditionError):
            found.group_portrait("big", base=node)
    in_force(good)


@pytest.mark.parametrize("kind", ["company", "", "Enterprise", "roles", None, 5])
def test_there_are_three_kinds(good: Path, kind: Any) -> None:
    found = holbein.open(good)
    for ask in (found.count, found.select, found.explain, found.group_portrait):
        with pytest.raises(HolbeinError, match="no kind of subject"):
            ask("TRUE", on=kind)
    with pytest.raises(HolbeinError, match="no kind of subject"):
        found.portrait(kind, "C1")
    with pytest.raises(HolbeinError, match="no kind of subject"):
        found.features(["C1"], [dt.date(2024, 1, 1)], ["tier"], on=kind)


COMPARE = '{"version": 1, "condition": {"node": "compare", "left": {"node": "field", "name": "x"}, '
JSON: dict[str, tuple[Any, str]] = {
    "nothing": ("", "line 1, column 1: this is no JSON"),
    "half": ("{", "this is no JSON"),
    "a list": ("[]", "is an object"),
    "null": ("null", "is an object"),
    "no version": ("{}", "no version"),
    "another version": ('{"version": 2, "condition": {}}', "version 2"),
    "a version of 5,000 digits": ({"version": 10**5_000, "condition": {}}, "version int"),
    "no condition": ('{"version": 1}', "no condition"),
    "another key": ({"version": 1, "condition": {}, "x": 1}, "not known: x"),
    "no node": ('{"version": 1, "condition": {}}', "this is no node"),
    "unknown node": ('{"version": 1, "condition": {"node": "comare"}}', "did you mean compare?"),
    "a node elsewhere": ('{"version": 1, "condition": {"node": "field", "name": "x"}}', "'field' is no node that can stand here"),
    "a part missing": ('{"version": 1, "condition": {"node": "and"}}', "condition.items: field required"),
    "a sign": (COMPARE + '"sign": "==", "right": {"node": "number", "value": 5}}}', "condition.sign"),
    "number in quotes": (COMPARE + '"sign": "=", "right": {"node": "number", "value": "5"}}}', "condition.right"),
    "not a number": (COMPARE + '"sign": "=", "right": {"node": "number", "value": NaN}}}', "must be finite"),
    "infinity": (COMPARE + '"sign": "=", "right": {"node": "number", "value": 1e999}}}', "must be finite"),
    "half a character": (COMPARE + '"sign": "=", "right": {"node": "text", "value": "\\ud800"}}}', "condition"),
    "depth": ("[" * 100_000, "nests more than 100 deep"),
    "depth of nodes": ('{"version": 1, "condition": ' + '{"node": "not", "item": ' * 300 + "{}" + "}" * 301, "nests more than 100 deep"),
    "2 MB": ("x" * 2_000_000, "has 2,000,000 bytes"),
    "bytes": (b"\x80", "this is no JSON"),
    "an object of Python": ({"version": 1, "condition": object()}, "what JSON cannot"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "told"), JSON.values(), ids=JSON)
def test_json_that_is_no_condition_is_one_clear_error(data: Any, told: str) -> None:
    with pytest.raises(ConditionError) as caught:
        from_json(data)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 500
    with pytest.raises(ConditionError):
        measure_from_json(data)


def test_json_that_holds_itself_is_refused() -> None:
    circle: dict[str, Any] = {"version": 1}
    circle["condition"] = circle
    with pytest.raises(ConditionError, match="nests more than 100 deep"):
        from_json(circle)
