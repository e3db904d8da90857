"""Comparisons of the meanest values, by every layout: the reference is the judge."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holbein.conditions import reference, tree
from holbein.conditions.bind import bind
from holbein.conditions.instants import AsOf, end_of
from holbein.conditions.text import write
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.conditions.vocabulary import FieldSpec, Type, Vocabulary
from holbein.conditions.world import State, World
from holbein.index import encode, kernels, twins
from holbein.index.columns import ARROW
from holbein.index.index import Index
from tests.support.codes import REGIONS
from tests.support.indexes import places_of, source
from tests.support.tables import tables

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

_numbers = st.sampled_from(NUMBERS) | st.integers(-9, 9).map(float) | st.floats()
_days = st.sampled_from(DAYS) | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": _numbers,
    "date": _days,
    "category": st.sampled_from(TEXTS),
    "categories": st.lists(st.sampled_from(TEXTS), max_size=4).map(tuple),
    "boolean": st.booleans(),
}
# Bounds are written: finite, and often just beside what somebody has.
_bounds = _numbers.filter(math.isfinite).flatmap(
    lambda one: st.sampled_from([one, math.nextafter(one, -math.inf), math.nextafter(one, math.inf)])
).map(float).filter(math.isfinite).map(tree.Number)  # fmt: skip
_moments = _days.map(tree.Day)
_signs = st.sampled_from(["=", "<", "<=", ">", ">="])
_number_field = st.sampled_from(["n", "m"]).map(tree.Field)
_date_field = st.sampled_from(["d", "e"]).map(tree.Field)
_figures = st.recursive(
    _number_field
    | st.builds(
        tree.Elapsed,
        st.sampled_from(["day", "month", "year"]),
        st.sampled_from(["since", "until"]),
        _date_field,
    ),
    lambda inner: st.builds(
        tree.Arithmetic, inner, st.sampled_from(["+", "-", "*", "/"]), inner | _bounds
    ),
    max_leaves=3,
)
_labels = st.sampled_from(TEXTS).map(tree.Text)
LEAVES = st.one_of(
    st.builds(tree.Compare, _figures, _signs, _bounds | _figures),
    st.builds(tree.Compare, _bounds, _signs, _figures),
    st.builds(tree.Between, _figures, _bounds, _bounds | _figures),
    st.builds(tree.In, _figures, st.lists(_bounds, min_size=1, max_size=12).map(tuple)),
    st.builds(tree.Compare, _date_field, _signs, _moments | _date_field),
    st.builds(tree.Between, _date_field, _moments, _moments),
    st.builds(tree.In, _date_field, st.lists(_moments, min_size=1, max_size=12).map(tuple)),
    st.builds(tree.Compare, st.just(tree.Field("c")), st.just("="), _labels),
    st.builds(tree.In, st.just(tree.Field("c")), st.lists(_labels, min_size=1).map(tuple)),
    st.builds(tree.Like, st.just(tree.Field("c")), st.sampled_from(["%", "a%", "_", "%b", "\\%"])),
    st.builds(tree.Contains, st.just(tree.Field("l")), st.sampled_from(TEXTS)),
    st.builds(tree.Within, st.just(tree.Field("k")), st.sampled_from(CODES)),
    st.builds(tree.Compare, st.just(tree.Field("b")), st.just("="), st.builds(tree.Truth, st.booleans())),
    st.sampled_from([*FIELDS]).map(lambda name: tree.Missing(tree.Field(name))),
    st.builds(tree.Missing, _figures),
)  # fmt: skip
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(tree.And, st.lists(inner, max_size=4).map(tuple)),
        st.builds(tree.Or, st.lists(inner, max_size=4).map(tuple)),
        st.builds(tree.Not, inner),
    ),
    max_leaves=5,
)
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
    return [Index(held, ask=ask, kernels=one) for one in (twins, kernels)]


@settings(max_examples=max(250, settings.default.max_examples))
@given(data=st.data())
def test_any_comparison_of_any_values(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([0, 1, 2, 9, 63, 64, 65]))
    values: dict[str, list[Any]] = {}
    for name, type_ in FIELDS.items():
        drawn = st.sampled_from(CODES) if name == "k" else VALUES[type_]
        few = data.draw(st.lists(st.none() | drawn, min_size=1, max_size=30))
        values[name] = [few[place % len(few)] for place in range(size)]
    as_of = end_of(data.draw(_days.filter(lambda one: 1 < one.year < 9999)), ZoneInfo("UTC"))
    written = data.draw(CONDITIONS)
    condition = bind(written, "enterprise", WORDS)
    world = world_of(values, size)
    expected = sorted(reference.select(condition, "enterprise", world, as_of, WORDS))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in data.draw(st.sampled_from(LIMITS)).items():
            patch.setattr(encode, name, value)
        for index in built(values, world, as_of):
            assert places_of(index, condition, "enterprise").tolist() == expected, write(condition)
            assert index.count(condition, "enterprise") == len(expected)
            counts = index.node_counts(condition, "enterprise")
            assert counts["enterprise", condition] == len(expected)


@pytest.mark.parametrize("unit", ["day", "month", "year"])
@pytest.mark.parametrize("direction", ["since", "until"])
@given(day=_days, bound=st.integers(-40, 40), sign=_signs, data=st.data())
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
