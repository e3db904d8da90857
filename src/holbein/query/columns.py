"""A group and its base, counted from the columns of the index: dictionaries and packed bits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.conditions.tree import (
    TRUE,
    And,
    Compare,
    Condition,
    Contains,
    Day,
    Field,
    Measure,
    Missing,
    Not,
    Number,
    SubjectKind,
    Text,
    Truth,
)
from holbein.index import Index, masks
from holbein.index.columns import Column
from holbein.index.masks import Mask, Places
from holbein.query import crossing, figures
from holbein.query.crossing import Drawn, Flagged, Value, flagged, flagged_codes
from holbein.query.numbers import Numbers, Tally
from holbein.query.sides import MANY_TIMES, Joint, Valued, joint
from holbein.store.manifest import DamagedError

Counts = NDArray[np.int64]


class ColumnSides:
    """``sides.Sides`` over an index. All ``names`` are counted when the first of them is."""

    def __init__(
        self,
        index: Index,
        kind: SubjectKind,
        names: Sequence[str],
        group: Condition,
        base: Condition = TRUE,
    ) -> None:
        self._index, self._kind, self._names = index, kind, names
        self._base = index.mask(base, kind)
        self._everyone = base == TRUE
        self._group: Mask = index.mask(group, kind) & self._base
        self._labels: dict[str, pa.Table] = {}
        self._numbers: dict[str, Numbers] = {}

    @cached_property
    def size(self) -> int:
        return masks.count(self._group)

    @cached_property
    def every(self) -> int:
        return masks.count(self._base)

    # --- counts -----------------------------------------------------------------------------------

    def labels(self, name: str) -> pa.Table:
        if name not in self._labels:
            column = self._column(name)
            if column.layout == "texts":
                values, mine = self._values(name)
                self._labels[name] = figures.distribution(values, pa.chunked_array([mine]))
            else:
                self._labels[name] = _by_frequency(column.values, *self._tallied(column, name))
        return self._labels[name]

    def numbers(self, name: str) -> Numbers:
        if name not in self._numbers:
            column = self._column(name)
            if column.layout == "numbers":
                base = _everyones(column) if self._everyone else self._raw(column, self._base)
                group = base if self.size == self.every else self._raw(column, self._group)
            else:
                finite = slice(1, column.finite + 1)
                tallied = self._tallied(column, name)
                group, base = (
                    Tally.counted(column.numbers[: column.finite], one[finite]) for one in tallied
                )
            self._numbers[name] = Numbers(group, base, column.type == "date")
        return self._numbers[name]

    def _raw(self, column: Column, who: Mask) -> Tally:
        found = column.sections["raw"][self._index.places(who, self._kind)]
        return Tally.of(found[np.isfinite(found)])

    def _tallied(self, column: Column, name: str) -> tuple[Counts, Counts]:
        """How many of the group, and of the base, have each code."""
        if self._everyone:
            base = column.counts.copy()
            base[0] -= column.size - self.every  # places that stand for nobody
            if self.size == self.every:
                return base, base
        found = self._together.get(name)
        if found is None:
            found = self._tally([name])[name]
        return found[0], base if self._everyone else found[1]

    @cached_property
    def _together(self) -> Mapping[str, NDArray[np.int64]]:
        """Of all names at once; where a column is damaged each is counted by itself."""
        with suppress(DamagedError):
            coded = [one for one in self._names if self._column(one).layout in ("labels", "lists")]
            return self._tally(coded)
        return {}

    def _tally(self, names: Sequence[str]) -> Mapping[str, NDArray[np.int64]]:
        asked = [self._group] if self._everyone else [self._group, self._base]
        return self._index.tally(self._kind, names, asked)

    def _values(self, name: str) -> tuple[pa.ChunkedArray, NDArray[np.bool_]]:
        """The value of each of the base, and whether it is of the group."""
        places = self._index.places(self._base, self._kind)
        values = self._column(name).take(places)
        return pa.chunked_array([values]), masks.holds(self._group, places)

    # --- who --------------------------------------------------------------------------------------

    def drawn(self, names: Sequence[str], most: int) -> Drawn:
        sides = self._group, self._base & ~self._group
        some = crossing.drawn(self.size, self.every - self.size)
        places = [nth(of, which) for of, which in zip(sides, some, strict=True)]
        chosen = np.sort(np.concatenate(places))
        tags = tuple(self._flagged(name, chosen, most) for name in names)
        return Drawn(masks.holds(self._group, chosen), tags)

    def _flagged(self, name: str, places: Places, most: int) -> Flagged:
        column = self._column(name)
        if column.layout == "labels":
            codes = column.codes[places].astype(np.int64)
            return flagged_codes(codes, column.values, most)
        return flagged(pa.chunked_array([column.take(places)]), most)

    def various(self, name: str, most: int) -> bool:
        column = self._column(name)
        if column.layout != "texts":
            return False  # to count them costs no more than to ask
        first = nth(self._base, np.arange(min(self.every, MANY_TIMES * most)))
        return bool(pc.count_distinct(column.take(first)).as_py() > most)

    def joint(self, first: Valued, second: Valued) -> tuple[Joint, Joint]:
        held = [[self._having(name, one) for one in values] for name, values in (first, second)]
        group, base = joint((self._group, self._base), *held)
        return group, base

    def _having(self, name: str, value: Value | None) -> Mask:
        several = self._column(name).layout == "lists"
        return self._index.mask(_says(Field(name), value, several), self._kind)

    def _column(self, name: str) -> Column:
        return self._index.column(self._kind, name)


_held: WeakKeyDictionary[Column, Tally] = WeakKeyDictionary()


def _everyones(column: Column) -> Tally:
    """Of numbers without a dictionary: sorted once for each version."""
    if column not in _held:
        raw = column.sections["raw"][: column.size]
        _held[column] = Tally.of(raw[np.isfinite(raw)])
    return _held[column]


def _says(of: Field, value: Value | None, several: bool) -> Condition:
    """The condition that those meet who have a value."""
    if value is None:
        return Missing(of)
    if isinstance(value, tuple):
        low, high = value
        ends: list[Condition] = [Not(Missing(of))]
        if low is not None:
            ends.append(Compare(of, ">=", _end(low)))
        if high is not None:
            ends.append(Compare(of, "<", _end(high)))
        return And(tuple(ends))
    if isinstance(value, bool):
        return Compare(of, "=", Truth(value))
    return Contains(of, value) if several else Compare(of, "=", Text(value))


def _end(one: float | dt.date) -> Measure:
    return Day(one) if isinstance(one, dt.date) else Number(one)


def _by_frequency(values: pa.Array, group: Counts, base: Counts) -> pa.Table:
    """``figures.distribution`` by codes into a dictionary: 0 is missing, the rest ascend."""
    order = np.append(np.arange(1, len(base)), 0)
    order = order[np.argsort(-base[order], kind="stable")]
    order = order[base[order] > 0]
    return pa.table(
        {
            "value": values.take(pa.array(order - 1, mask=order == 0)),
            "group": group[order],
            "base": base[order],
        }
    )


def nth(mask: Mask, which: Places) -> Places:
    """The places of those who stand at some numbers of a mask, counted from 0."""
    each = np.bitwise_count(mask)
    upto = np.cumsum(each, dtype=np.int64)
    word = np.searchsorted(upto, which, side="right")
    left = which - (upto[word] - each[word])
    bits = np.unpackbits(mask[word].view(np.uint8), bitorder="little").reshape(-1, masks.WORD)
    passed = np.cumsum(bits, axis=1, dtype=np.uint8) > left[:, None]
    found: Places = word * masks.WORD + passed.argmax(axis=1)
    return found
