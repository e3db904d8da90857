"""What each kind of tag names directly."""

from __future__ import annotations

from typing import Any

import pytest

from holbein.catalog.kinds import (
    Definition,
    Imported,
    Limits,
    Preference,
    PythonFunction,
    Ranking,
    Rfm,
    RollUp,
    SqlQuery,
    Statistic,
)
from holbein.catalog.lineage import Lineage
from holbein.catalog.taginfo import TagInfo
from holbein.conditions.text import parse, parse_measure
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec, StreamSpec, Vocabulary

FIELDS: dict[SubjectKind, dict[str, FieldSpec]] = {
    "enterprise": {
        "size": FieldSpec("size", "number"),
        "country": FieldSpec("country", "category"),
        "tier": FieldSpec("tier", "category", is_tag=True),
    },
    "person": {"age": FieldSpec("age", "number")},
    "role": {"score": FieldSpec("score", "number", is_tag=True)},
}
COLUMNS = {name: FieldSpec(name, "category") for name in ("product", "amount", "status")}
VOCABULARY = Vocabulary(
    FIELDS, {"orders": StreamSpec("orders", frozenset({"enterprise"}), COLUMNS, {"en": "Orders"})}
)
PAID = parse("status = 'paid'")
LIMITS = Limits(10, 10)


def names(definition: Definition, on: SubjectKind = "enterprise") -> list[tuple[Any, ...]]:
    infos = {(on, "new"): TagInfo("new", on, definition)}
    return [
        (one.thing.what, one.thing.on, one.thing.name, *one.columns)
        for one in Lineage(infos, VOCABULARY).below(on, "new")
    ]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (Statistic(parse_measure("sum(orders.amount, '1 year', status = 'paid') / size")),
         [("attribute", "enterprise", "size"), ("stream", None, "orders", "amount", "status")]),
        (Statistic(parse_measure("count_roles(score > 1 AND person(age > 30))")),
         [("tag", "role", "score"), ("attribute", "person", "age")]),
        (Preference("orders", "product", "amount", 3, None, None, PAID),
         [("stream", None, "orders", "amount", "product", "status")]),
        (Imported("lists/a.csv", "crm", ("id",), "points"), [("file", None, "lists/a.csv", "id", "points")]),
        (Ranking(parse_measure("size"), ("country",), "rank", "highest"),
         [("attribute", "enterprise", "country"), ("attribute", "enterprise", "size")]),
        (Rfm("orders", "amount", None, PAID, "segment", 5), [("stream", None, "orders", "amount", "status")]),
        (RollUp("role", parse_measure("score"), None, "max", (), False), [("tag", "role", "score")]),
        (RollUp("person", None, parse("age > 30"), "share", (), False), [("attribute", "person", "age")]),
        (PythonFunction("code/a.py", "f", ("size", "tier"), "", LIMITS),
         [("tag", "enterprise", "tier"), ("attribute", "enterprise", "size"), ("file", None, "code/a.py")]),
        (SqlQuery("", ("orders", "tags_role", "enterprise"), (("role", "score"),), LIMITS),
         [("tag", "role", "score"), ("stream", None, "orders")]),
    ],
)  # fmt: skip
def test_what_a_tag_is_made_from(definition: Definition, expected: list[Any]) -> None:
    assert names(definition) == expected


def test_of_two_ways_to_a_tag_one_shows_what_lies_behind() -> None:
    infos = {
        ("enterprise", name): TagInfo(name, "enterprise", Statistic(parse_measure(text)))
        for name, text in (("a", "b + c"), ("b", "d"), ("c", "d"), ("d", "size"))
    }
    tags = {name: FieldSpec(name, "number", is_tag=True) for name in "abcd"}
    fields = {**FIELDS, "enterprise": {**FIELDS["enterprise"], **tags}}
    lineage = Lineage(infos, Vocabulary(fields, {}))  # type: ignore[arg-type]
    b, c = lineage.below("enterprise", "a")
    assert [one.thing.name for one in b.links[0].links] == ["size"]
    assert c.links[0].links == ()
    assert [one.name for one in lineage.users("enterprise", "d")] == ["b", "c"]
    up = lineage.above("enterprise", "d")
    assert [[two.thing.name for two in one.links] for one in up] == [["a"], ["a"]]
