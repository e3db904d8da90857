"""Polars and Roaring bitmaps over the tables of ``index_world``."""

from __future__ import annotations

import datetime as dt
import functools
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyroaring import BitMap

from benchmarks.index_questions import LARGE, SELECTED, SMALL, Count, Portrait, Question, chosen
from benchmarks.index_sql import Tallies, Work, files, links
from benchmarks.index_world import DAY, Column, columns
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.store import Snapshot

_PROVINCES = ("province 002", "province 005", "province 011")
_BORN = dt.date(1980, 1, 1), dt.date(1999, 12, 31)
_LOGGED_IN = dt.date(2024, 10, 1)
_EARLIEST = 40_000
"""So many days before 1970 no date is earlier."""


class Polars:
    """Frames with Enums, asked lazily, each with the engine that takes less."""

    def __init__(self, snapshot: Snapshot) -> None:
        people = snapshot.manifest.subjects["person"]
        self._frames = {
            kind: self._load(snapshot, kind, columns(people)[kind]) for kind in SUBJECT_KINDS
        }
        self._chosen = pl.Series(chosen(people), dtype=pl.Int32)

    def _load(self, snapshot: Snapshot, kind: SubjectKind, all_: Sequence[Column]) -> pl.DataFrame:
        parts = []
        for one, other in files(snapshot, kind):
            tags = pl.read_parquet(other).drop("id")
            part = pl.concat([pl.read_parquet(one), tags], how="horizontal")
            if kind == "role":
                since, until = pl.col("since"), pl.col("until")
                part = part.filter(
                    since.is_null() | (since <= DAY), until.is_null() | (until > DAY)
                )
            own = pl.col("id", *links(kind)).cast(pl.Int32)
            parts.append(part.select(own, *(pl.col(c.name).cast(self._type(c)) for c in all_)))
        return pl.concat(parts, rechunk=True)

    def _type(self, one: Column) -> Any:
        if one.type in ("category", "categories"):
            enum = pl.Enum(one.values)
            return pl.List(enum) if one.type == "categories" else enum
        if one.type == "number":
            return pl.Int16 if one.whole else pl.Float64
        return pl.Boolean if one.type == "boolean" else pl.Date

    def work(self, question: Question) -> Work:
        """What answers the question."""
        if isinstance(question, Count):
            counted = self._counted(question.name)
            engine = "streaming" if question.name == "share of roles" else "in-memory"
            return lambda: counted.collect(engine=engine).item()
        person = self._frames["person"].lazy()
        if isinstance(question, Portrait):
            tags = [pl.col(one).value_counts().implode() for one in question.tags]
            tallied = person.filter(_GROUPS[question.text]).select(tags)
            return lambda: tallied.collect()
        wanted = person.select("id", *SELECTED).filter(pl.col("id").is_in(self._chosen.implode()))
        return lambda: wanted.collect()

    def _counted(self, name: str) -> pl.LazyFrame:
        person, role = self._frames["person"].lazy(), self._frames["role"].lazy()
        c = pl.col
        if name in _PEOPLE:
            return person.filter(_PEOPLE[name]).select(pl.len())
        if name == "any role":
            return role.filter(c.title == "CFO", c.active).select(c.enterprise.n_unique())
        if name == "at least two roles":
            deciding = role.filter(c.buying_role == "decides").group_by("enterprise").len()
            return deciding.filter(c.len >= 2).select(pl.len())
        if name == "share of roles":
            share = role.group_by("enterprise").agg(c.active.mean())
            return share.filter(c.active >= 0.5).select(pl.len())
        if name == "people by their company":
            wanted = (c.industry == "industry 003") & c.employees.is_between(50, 500)
            companies = self._frames["enterprise"].lazy().filter(wanted)
            at = role.join(companies, left_on="enterprise", right_on="id", how="semi")
            return at.select(c.person.n_unique())
        assert name == "companies by their people", name
        wanted = (c.gender == "female") & (c.value_tier == "high")
        by = role.join(person.filter(wanted), left_on="person", right_on="id", how="semi")
        return by.select(c.enterprise.n_unique())

    def answer(self, question: Question, found: Any) -> int | Tallies | pa.Table:
        """What was found, as everyone tells it."""
        if isinstance(question, Count):
            return int(found)
        if isinstance(question, Portrait):
            return {
                tag: {one[tag]: one["count"] for one in found[tag][0].to_list()}
                for tag in question.tags
            }
        return found.to_arrow()


_GROUPS = {
    SMALL: (pl.col.value_tier == "high") & pl.col.subscribed,
    LARGE: pl.col.stage.is_in(["active", "quiet"]),
}
_PEOPLE = {
    "three predicates": (
        (pl.col.gender == "female") & pl.col.subscribed & (pl.col.value_tier == "high")
    ),
    "three, all common": (
        (pl.col.gender == "male") & pl.col.subscribed & (pl.col.stage == "active")
    ),
    "nested with ranges": (
        (pl.col.province.is_in(_PROVINCES) | (pl.col.city == "city 007"))
        & ~pl.col.stage.is_in(["lost", "quiet"]).fill_null(value=False)
        & (pl.col.revenue_1y.is_between(500, 5000) | (pl.col.orders_1y >= 12))
        & pl.col.birth_date.is_between(*_BORN)
        & (pl.col.last_login >= _LOGGED_IN)
    ),
}


class Roaring:
    """A bitmap for each value; of numbers and dates one for each bit of them, and ranges of these
    after O'Neil and Quass (Improved Query Performance with Variant Indexes, SIGMOD 1997)."""

    def __init__(self, snapshot: Snapshot) -> None:
        people = snapshot.manifest.subjects["person"]
        self._all = {one.name: one for one in columns(people)["person"]}
        self._paths = snapshot.files("tags.person")
        labels = [one.name for one in self._all.values() if one.type in ("boolean", "category")]
        self._labels = {name: self._by_value(name) for name in labels}
        self._ranges = {
            "revenue_1y": Sliced(self._numbers("revenue_1y", 100.0)),
            "orders_1y": Sliced(self._numbers("orders_1y")),
            "birth_date": Sliced(self._numbers("birth_date")),
            "last_login": Sliced(self._numbers("last_login")),
        }

    def _read(self, name: str) -> pa.ChunkedArray:
        is_label = [name] if self._all[name].type == "category" else []
        tables = [pq.read_table(one, columns=[name], read_dictionary=is_label)
                  for one in self._paths]  # fmt: skip
        return pa.concat_tables(tables)[name].unify_dictionaries()

    def _by_value(self, name: str) -> dict[Any, BitMap]:
        values = self._read(name)
        if self._all[name].type == "boolean":
            values = values.dictionary_encode().unify_dictionaries()
        dictionary = values.chunk(0).dictionary.to_pylist()
        codes = np.concatenate(
            [pc.fill_null(one.indices, len(dictionary)).to_numpy() for one in values.chunks]
        ).astype(np.uint16)
        order = 1 + np.argsort(codes, kind="stable").astype(np.uint32)
        ends = np.cumsum(np.bincount(codes, minlength=len(dictionary) + 1))
        return {
            value: _bitmap(part)
            for value, part in zip([*dictionary, None], np.split(order, ends[:-1]), strict=True)
        }

    def _numbers(self, name: str, scale: float = 1.0) -> NDArray[np.int64]:
        """Whole numbers from nought on (dates as ``_day``); -1 where there is none."""
        values = self._read(name)
        if pa.types.is_date(values.type):
            values = pc.add(values.cast(pa.int32()), _EARLIEST)
        found = np.rint(pc.fill_null(values, -1).to_numpy().astype(np.float64) * scale)
        out: NDArray[np.int64] = np.where(pc.is_null(values).to_numpy(), -1, found).astype(np.int64)
        return out

    def work(self, question: Question) -> Work | None:
        """What answers the question; None where bitmaps of people do not."""
        label = self._labels
        if question.name == "three predicates":
            return _and(label["gender"]["female"], label["subscribed"][True],
                        label["value_tier"]["high"])  # fmt: skip
        if question.name == "three, all common":
            return _and(label["gender"]["male"], label["subscribed"][True],
                        label["stage"]["active"])  # fmt: skip
        if question.name == "nested with ranges":
            return self._nested
        if isinstance(question, Portrait):
            return functools.partial(self._tallied, question)
        return None

    def _nested(self) -> int:
        label, ranges = self._labels, self._ranges
        there = BitMap.union(*(label["province"][one] for one in _PROVINCES),
                             label["city"]["city 007"])  # fmt: skip
        there -= label["stage"]["lost"] | label["stage"]["quiet"]
        there = ranges["last_login"].between(_day(_LOGGED_IN), None, there)
        there = ranges["birth_date"].between(_day(_BORN[0]), _day(_BORN[1]), there)
        spent = ranges["revenue_1y"].between(50_000, 500_000, there)
        return len(spent | ranges["orders_1y"].between(12, None, there))

    def _tallied(self, question: Portrait) -> Tallies:
        label = self._labels
        group = (
            label["value_tier"]["high"] & label["subscribed"][True]
            if question.text == SMALL
            else label["stage"]["active"] | label["stage"]["quiet"]
        )
        return {
            tag: {value: group.intersection_cardinality(one) for value, one in label[tag].items()}
            for tag in question.tags
        }

    def answer(self, question: Question, found: Any) -> int | Tallies:
        """What was found, as everyone tells it."""
        if isinstance(question, Count):
            return int(found)
        return {tag: {v: n for v, n in counts.items() if n} for tag, counts in found.items()}


class Sliced:
    """Whole numbers as a bitmap for each bit; negative ones stand for none."""

    def __init__(self, values: NDArray[np.int64]) -> None:
        self._known = _bitmap(1 + np.flatnonzero(values >= 0))
        bits = int(values.max()).bit_length()
        self._slices = [
            _bitmap(1 + np.flatnonzero((values >= 0) & (values >> bit & 1 == 1)))
            for bit in range(bits)
        ]

    def between(self, low: int | None, high: int | None, among: BitMap) -> BitMap:
        """Who among some has a number in a range."""
        found = among & self._known
        if low is not None:
            found -= self._at_most(low - 1, found)
        if high is not None:
            found = self._at_most(high, found)
        return found

    def _at_most(self, bound: int, among: BitMap) -> BitMap:
        less, equal = BitMap(), among.copy()
        for bit in reversed(range(len(self._slices))):
            if bound >> bit & 1:
                less |= equal - self._slices[bit]
                equal &= self._slices[bit]
            else:
                equal -= self._slices[bit]
        return less | equal


def _day(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days + _EARLIEST


def _bitmap(ids: NDArray[Any]) -> BitMap:
    return BitMap(array("I", ids.astype(np.uint32).tobytes()))


def _and(*all_: BitMap) -> Callable[[], int]:
    """How many are in all three; the smallest are looked at first."""
    first, second, third = sorted(all_, key=len)
    return lambda: int((first & second).intersection_cardinality(third))
