"""Groups and their bases: columns of the index say what a table of everyone says."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from holbein.conditions.instants import AsOf, end_of
from holbein.conditions.tree import TRUE, Compare, Condition, Field, SubjectKind, Truth
from holbein.conditions.vocabulary import FieldSpec, Type, Vocabulary
from holbein.index import Index, encode, masks, twins
from holbein.index.building import Numbering
from holbein.index.columns import ARROW, Column
from holbein.index.index import fast, has_numba
from holbein.index.relations import Structure
from holbein.query import crossing, figures
from holbein.query.columns import ColumnSides, nth
from holbein.query.numbers import Numbers
from holbein.query.sides import Sides, TableSides

TYPES: dict[str, Type] = {
    "mine": "boolean", "among": "boolean", "active": "boolean", "tier": "category",
    "city": "category", "likes": "categories", "visits": "number", "revenue": "number",
    "since": "date",
}  # fmt: skip
MINE, AMONG = (Compare(Field(name), "=", Truth(True)) for name in ("mine", "among"))
ODD = [math.nan, math.inf, -math.inf, -0.0, 0.0]


@dataclass
class World:
    """Columns of some enterprises in memory, with holes among them."""

    columns: dict[str, pa.Array]
    live: np.ndarray[Any, Any]

    @property
    def vocabulary(self) -> Vocabulary:
        specs = {name: FieldSpec(name, type_, is_tag=True) for name, type_ in TYPES.items()}
        return Vocabulary(fields={"enterprise": specs}, streams={})

    @property
    def as_of(self) -> AsOf:
        return end_of(dt.date(2024, 6, 30), ZoneInfo("UTC"))

    def column(self, kind: SubjectKind, name: str) -> Column:
        return encode.encode(self.columns[name], TYPES[name])

    def structure(self, kind: SubjectKind, name: str) -> Structure:
        return Numbering(
            3 * np.arange(len(self.live)), None if self.live.all() else masks.pack(self.live)
        ).sections()

    def sides(self, base: Condition) -> tuple[Sides, Sides]:
        table = pa.table(self.columns).filter(pa.array(self.live))
        if base == AMONG:
            table = table.filter(table["among"])
        table = table.append_column(figures.IN_GROUP, table["mine"])
        kernels = fast() if has_numba() and len(self.live) == 300 else twins
        index = Index(self, kernels=kernels)
        return ColumnSides(index, "enterprise", [*TYPES], MINE, base), TableSides(table)


def world(seed: int) -> World:
    draw = random.Random(seed)
    size = draw.choice([0, 1, 63, 64, 65, 300])
    live = np.array([draw.random() < 0.9 or seed % 2 == 0 for _ in range(size)], bool)
    labels, cities = ["gold", "tin", "", "锡"], [f"city {n}" for n in range(40)]

    def one(name: str) -> Any:
        if name in ("mine", "among"):
            return draw.random() < 0.5
        if draw.random() < 0.2:
            return [] if name == "likes" and draw.random() < 0.5 else None
        made: dict[str, Any] = {
            "active": draw.random() < 0.3,
            "tier": draw.choice(labels),
            "city": draw.choice(cities),
            "likes": draw.choices([*labels, None], k=draw.randint(1, 3)),
            "visits": float(draw.randint(0, 3)),
            "revenue": draw.choice(ODD) if draw.random() < 0.2 else round(draw.gauss(0, 50), 1),
            "since": dt.date(2024, 1, 1) - dt.timedelta(days=draw.randint(0, 40)),
        }
        return made[name]

    columns = {}
    for name, type_ in TYPES.items():
        values = [one(name) if there else None for there in live]
        columns[name] = pa.array(values, ARROW[type_])
    return World(columns, live)


def plain(of: Numbers) -> Any:
    return [(one.values.tolist(), one.upto.tolist()) for one in (of.group, of.base, of.rest)]


@pytest.fixture(params=["dictionaries", "as such"])
def layouts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns with dictionaries; and, where there are more than a few values, without."""
    monkeypatch.setattr(crossing, "MOST", 50)
    if request.param == "as such":
        monkeypatch.setattr(encode, "MOST_LABELS", 5)


@pytest.mark.usefixtures("layouts")
@pytest.mark.parametrize("base", [TRUE, AMONG], ids=["everyone", "some"])
@pytest.mark.parametrize("seed", range(12))
def test_columns_say_what_a_table_says(seed: int, base: Condition) -> None:
    columns, table = world(seed).sides(base)
    assert (columns.size, columns.every) == (table.size, table.every)
    labelled = [name for name, type_ in TYPES.items() if type_ not in ("number", "date")]
    for name in TYPES:
        if name in labelled:
            assert columns.labels(name).to_pylist() == table.labels(name).to_pylist()
        else:
            assert plain(columns.numbers(name)) == plain(table.numbers(name))
    few, same = (sides.drawn(labelled, 3) for sides in (columns, table))
    assert few.chosen.tolist() == same.chosen.tolist()
    for one, other in zip(few.tags, same.tags, strict=True):
        assert (one.values, one.more) == (other.values, other.more)
        assert {*zip(one.rows, one.codes, strict=True)} == {
            *zip(other.rows, other.codes, strict=True)
        }
    bands = [(None, 1.0), (1.0, 2.0), (2.0, None), (None, None), None]
    for other in ("visits", "revenue"):
        for name, values in (("tier", ["gold", "", "no such", None]), ("likes", ["tin", None]),
                             ("active", [True, False, None])):  # fmt: skip
            found = columns.joint((name, values), (other, bands))
            for one, same in zip(found, table.joint((name, values), (other, bands)), strict=True):
                assert one.both.tolist() == same.both.tolist()
                assert one.first.tolist() == same.first.tolist()
                assert one.second.tolist() == same.second.tolist()


def test_the_nth_of_a_mask() -> None:
    draw = np.random.default_rng(4)
    for size in (1, 64, 1000):
        places = np.flatnonzero(draw.random(size) < 0.4)
        which = np.sort(draw.choice(len(places), len(places) // 2, replace=False))
        found = nth(masks.from_places(places, size), which)
        assert found.tolist() == places[which].tolist()
