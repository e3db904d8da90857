"""Comparisons of the meanest values, by every layout: the reference is the judge."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.conditions import reference, tree
from holbein.conditions.bind import bind
from holbein.conditions.instants import AsOf, end_of
from holbein.conditions.text import write
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.conditions.vocabulary import FieldSpec, Type, Vocabulary
from holbein.conditions.world import State, World
from holbein.index import encode
from holbein.index.columns import ARROW
from holbein.index.index import Index
from tests.support.codes import REGIONS
from tests.support.fast import AT_HAND
from tests.support.indexes import places_of, source
from tests.support.tables import tables
from tests.support.trees import SEED

FIELDS: dict[str, Type] = {
    "n": "number", "m": "number", "d": "date", "e": "date", "c": "category", "k": "category",
    "l": "categories", "b": "boolean",
}  # fmt: skip
WORDS = Vocabulary(
    fields={
        "enterprise": {
            name: FieldSpec(name, type_, codes=REGIONS if name == "k" else None, is_tag=True)
            for name, type_ in FIELDS.items()
        },
        "person": {},
        "role": {},
    },
    streams={},
    events={},
)
TEXTS = ("", "a", "A", "a\nb", "ab", "ab ", "🏭", "🏭🏭", "é", "e\u0301", "İ", "%", "_", "\\", "ß")
GREATEST = float(np.finfo(np.float64).max)
NUMBERS = (
    0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 2.2250738585072014e-308, 0.1, 0.30000000000000004, 1e300,
    GREATEST, -GREATEST, 2.0**53, 2.0**53 + 2, math.nan, math.inf, -math.inf,
)  # fmt: skip
DAYS = (
    dt.date(1, 1, 1), dt.date(1, 1, 2), dt.date(9999, 12, 31), dt.date(9999, 12, 30),
    dt.date(1969, 12, 31), dt.date(1970, 1, 1), dt.date(2024, 2, 29), dt.date(2023, 2, 28),
    dt.date(2024, 1, 31), dt.date(2024, 3, 31), dt.date(2024, 3, 30),
)  # fmt: skip
CODES = (*REGIONS.parents, "Atlantis")
LAST = dt.date.max.toordinal()
SIGNS: tuple[tree.CompareSign, ...] = ("=", "<", "<=", ">", ">=")


class Grower:
    """Values, and comparisons with bounds that are often what somebody has, or just beside it."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)

    def value(self, type_: Type, name: str = "") -> Any:
        rng = self.rng
        if type_ == "number":
            return rng.choice((rng.choice(NUMBERS), float(rng.randint(-9, 9)), rng.gauss(0, 1e9)))
        if type_ == "date":
            return rng.choice((rng.choice(DAYS), dt.date.fromordinal(rng.randint(1, LAST))))
        if type_ == "categories":
            return tuple(rng.choices(TEXTS, k=rng.randrange(5)))
        return rng.choice((True, False) if type_ == "boolean" else CODES if name == "k" else TEXTS)

    def values(self, size: int) -> dict[str, list[Any]]:
        """Of each field from one value to as many as there are companies; some lack it, or all."""
        out = {}
        for name, type_ in FIELDS.items():
            few = [self.value(type_, name) for _ in range(self.rng.choice((1, 3, 12, 40, 80)))]
            lacking = self.rng.choice((0.0, 0.1, 0.1, 1.0))
            out[name] = [
                None if self.rng.random() < lacking else self.rng.choice(few) for _ in range(size)
            ]
        return out

    def condition(self, held: dict[str, list[Any]], depth: int = 2) -> tree.Condition:
        draw = self.rng.random()
        if depth == 0 or draw < 0.5:
            return self.leaf(held)
        if draw < 0.65:
            return tree.Not(self.condition(held, depth - 1))
        parts = tuple(self.condition(held, depth - 1) for _ in range(self.rng.randrange(4)))
        return (tree.And if draw < 0.82 else tree.Or)(parts)

    def leaf(self, held: dict[str, list[Any]]) -> tree.Condition:
        rng = self.rng
        figure, sign = self.figure(held), rng.choice(SIGNS)
        day, label = tree.Field(rng.choice("de")), lambda: tree.Text(rng.choice(TEXTS))
        many = range(rng.choice((1, 2, 8, 9, 12)))
        return rng.choice((
            lambda: tree.Compare(figure, sign, self.bound(held)),
            lambda: tree.Compare(self.bound(held), sign, figure),
            lambda: tree.Compare(figure, sign, self.figure(held)),
            lambda: tree.Between(figure, self.bound(held), self.bound(held)),
            lambda: tree.Between(figure, self.bound(held), self.figure(held)),
            lambda: tree.In(figure, tuple(self.bound(held) for _ in many)),
            lambda: tree.Compare(day, sign, self.day(held)),
            lambda: tree.Compare(self.day(held), sign, day),
            lambda: tree.Compare(tree.Field("d"), sign, tree.Field("e")),
            lambda: tree.Between(day, self.day(held), self.day(held)),
            lambda: tree.In(day, tuple(self.day(held) for _ in many)),
            lambda: tree.Compare(tree.Field("c"), "=", label()),
            lambda: tree.Compare(tree.Field("c"), "=", tree.Field("k")),
            lambda: tree.In(tree.Field("c"), tuple(label() for _ in many)),
            lambda: tree.Like(tree.Field("c"), rng.choice(("%", "a%", "_", "%b", "\\%"))),
            lambda: tree.Contains(tree.Field("l"), rng.choice(TEXTS)),
            lambda: tree.Within(tree.Field("k"), rng.choice(CODES[:-1])),
            lambda: tree.Compare(tree.Field("b"), "=", tree.Truth(rng.random() < 0.5)),
            lambda: tree.Missing(tree.Field(rng.choice([*FIELDS]))),
            lambda: tree.Missing(figure),
        ))()  # fmt: skip

    def figure(self, held: dict[str, list[Any]], depth: int = 1) -> tree.Measure:
        draw = self.rng.random()
        if draw < 0.6:
            return tree.Field(self.rng.choice("nm"))
        if draw < 0.8 or not depth:
            unit, way = (
                self.rng.choice(("day", "month", "year")),
                self.rng.choice(("since", "until")),
            )
            return tree.Elapsed(unit, way, tree.Field(self.rng.choice("de")))
        right = self.rng.choice((self.bound(held), self.figure(held, 0)))
        return tree.Arithmetic(self.figure(held, 0), self.rng.choice("+-*/"), right)  # type: ignore[arg-type]

    def bound(self, held: dict[str, list[Any]]) -> tree.Number:
        """Written, and so finite."""
        known = [one for one in (*held["n"], *held["m"]) if one is not None]
        value = self.rng.choice((*known, 0.0, 1.0, self.value("number")))
        value = math.nextafter(value, self.rng.choice((value, math.inf, -math.inf)))
        return tree.Number(value if math.isfinite(value) else GREATEST)

    def day(self, held: dict[str, list[Any]]) -> tree.Day:
        known = [one for one in (*held["d"], *held["e"]) if one is not None]
        day = self.rng.choice((*known, *DAYS)).toordinal() + self.rng.choice((0, 0, 1, -1))
        return tree.Day(dt.date.fromordinal(min(max(day, 1), LAST)))


LIMITS = [
    {},
    {"MOST_LABELS": 1, "BITMAPS": 1, "SLICES": 1, "LIST_BITMAPS": 1},
    {"MOST_LABELS": 9, "BITMAPS": 4, "SLICES": 9, "LIST_BITMAPS": 0},
]


def world_of(values: dict[str, list[Any]], size: int) -> World:
    """So many companies with these tags, and nobody else."""
    tags = {one: {name: held[one] for name, held in values.items()} for one in range(size)}
    return World(
        zone=ZoneInfo("UTC"),
        states={
            "enterprise": {one: (State(None, None, {}),) for one in range(size)},
            "person": {},
            "role": {},
        },
        roles={},
        parents={},
        streams={},
        tags={"enterprise": tags, "person": {}, "role": {}},
        audiences={},
        changes=(),
    )


def built(values: dict[str, list[Any]], world: World, as_of: AsOf) -> list[Index]:
    """Its indexes, of values as they are: NaN, infinities and empty lists, too."""
    made = tables(world, WORDS)
    told = {name: pa.array(held, ARROW[FIELDS[name]]) for name, held in values.items()}
    made["tags.enterprise"] = pa.table({"id": made["enterprise"]["id"], **told})

    def ask(condition: tree.Condition, kind: Any, ids: object) -> Any:
        found = reference.select(condition, kind, world, as_of, WORDS)
        return np.array(sorted(found), np.int64)

    held = source(made, as_of, WORDS)
    return [Index(held, ask=ask, kernels=one) for one in AT_HAND]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 200])
def test_any_comparison_of_any_values(
    size: int, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(encode, name, value)
    for number in range(3):
        grower = Grower(f"{SEED} {size} {number}")
        values = grower.values(size)
        as_of = end_of(dt.date.fromordinal(grower.rng.randint(400, LAST - 400)), ZoneInfo("UTC"))
        world = world_of(values, size)
        both = built(values, world, as_of)
        for _ in range(30):
            condition = bind(grower.condition(values), "enterprise", WORDS)
            expected = sorted(reference.select(condition, "enterprise", world, as_of, WORDS))
            for index in both:
                found = places_of(index, condition, "enterprise")
                assert found.tolist() == expected, write(condition)
                assert index.count(condition, "enterprise") == len(expected)
                counts = index.node_counts(condition, "enterprise")
                assert counts["enterprise", condition] == len(expected)


_days = st.sampled_from(DAYS) | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))


@pytest.mark.parametrize("unit", ["day", "month", "year"])
@pytest.mark.parametrize("direction", ["since", "until"])
@given(day=_days, bound=st.integers(-40, 40), sign=st.sampled_from(SIGNS), data=st.data())
def test_days_around_the_ends_of_months(
    unit: Any, direction: Any, day: dt.date, bound: int, sign: Any, data: st.DataObject
) -> None:
    """A comparison with whole units is a range of days: whose ends are looked at one by one."""
    as_of = AsOf(dt.datetime.combine(day, dt.time()), day)
    near = day.toordinal() + bound * {"day": 1, "month": 30, "year": 365}[unit]
    ordinals = [one for one in range(near - 40, near + 41) if 1 <= one <= dt.date.max.toordinal()]
    values: dict[str, list[Any]] = {name: [None] * len(ordinals) for name in FIELDS}
    values["d"] = [dt.date.fromordinal(one) for one in ordinals]
    number = tree.Number(float(bound) + data.draw(st.sampled_from([0.0, 0.5, -0.5])))
    condition: tree.Condition = tree.Compare(
        tree.Elapsed(unit, direction, tree.Field("d")), sign, number
    )
    world = world_of(values, len(ordinals))
    expected = sorted(reference.select(condition, "enterprise", world, as_of, WORDS))
    for index in built(values, world, as_of):
        assert places_of(index, condition, "enterprise").tolist() == expected


# --- nobody, and one ------------------------------------------------------------------------------


def test_nobody_at_all() -> None:
    as_of = end_of(dt.date(2024, 6, 30), ZoneInfo("UTC"))
    values: dict[str, list[Any]] = {name: [] for name in FIELDS}
    for index in built(values, world_of(values, 0), as_of):
        for kind in SUBJECT_KINDS:
            for one in (tree.TRUE, tree.FALSE, tree.Not(tree.TRUE)):
                assert index.count(one, kind) == 0
                assert len(index.mask(one, kind)) == 0
                assert len(index.ids(kind)) == 0
        count = tree.RelatedCount("role", tree.TRUE)
        for condition in (
            tree.Related("no", "role", tree.TRUE),
            tree.Related("any", "descendant", tree.TRUE),
            tree.Compare(count, "=", tree.Number(0.0)),
        ):
            assert index.count(condition, "enterprise") == 0
        tallied = index.tally(
            "enterprise", ["c", "l", "b", "n"], [index.mask(tree.TRUE, "enterprise")]
        )
        assert {name: found.sum() for name, found in tallied.items()} == dict.fromkeys("clbn", 0)


def test_one_company_and_nobody_else() -> None:
    as_of = end_of(dt.date(2024, 6, 30), ZoneInfo("UTC"))
    values = {name: [None] for name in FIELDS} | {"n": [math.nan], "l": [()], "c": [""]}
    for index in built(values, world_of(values, 1), as_of):
        for condition, count in (
            (tree.TRUE, 1),
            (tree.FALSE, 0),
            (tree.Related("no", "role", tree.TRUE), 1),
            (tree.Related("all", "role", tree.TRUE), 0),
            (tree.Related("any", "root", tree.TRUE), 1),
            (tree.Related("any", "parent", tree.TRUE), 0),
            (tree.Missing(tree.RelatedShare("role", tree.TRUE)), 1),
            (tree.Compare(tree.RelatedCount("subsidiary", tree.TRUE), "=", tree.Number(0.0)), 1),
            (tree.Missing(tree.Field("n")), 1),
            (tree.Missing(tree.Field("l")), 1),
            (tree.Compare(tree.Field("c"), "=", tree.Text("")), 1),
            (tree.Compare(tree.Field("n"), "=", tree.Field("n")), 0),
        ):
            assert index.count(condition, "enterprise") == count, condition
            assert len(places_of(index, condition, "enterprise")) == count, condition
