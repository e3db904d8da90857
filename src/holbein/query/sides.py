"""A group and its base, as portraits ask of them: how many have which values.

Nobody asks for the values of all, but counts: these come from wherever they cost least.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.query import crossing, figures
from holbein.query.crossing import Value
from holbein.query.numbers import Numbers, numbers

Mask = NDArray[np.uint8]
"""Packed bits, one for each subject; its order is that of its side alone."""


class Sides(Protocol):
    """Some attributes and tags of a group and of its base, of which it is a part."""

    @property
    def size(self) -> int:
        """How many are in the group."""

    @property
    def every(self) -> int:
        """How many are in the base."""

    def labels(self, name: str) -> pa.Table:
        """value, group, base: how many have each label, the most frequent in base first.

        A missing value is a row of its own (value null); of several labels each counts.
        """

    def numbers(self, name: str) -> Numbers:
        """How many have each number or date."""

    def drawn(self, names: Sequence[str]) -> pa.Table:
        """The values of ``crossing.MOST`` of them, drawn by chance (``figures.IN_GROUP``)."""

    @property
    def group(self) -> Mask:
        """Who of the base is in the group."""

    def having(self, name: str, value: Value | None) -> Mask:
        """Who of the base has a value, alone or among others; with None, who has none."""


def counted(mask: Mask) -> int:
    """How many are in a mask."""
    return int(np.bitwise_count(mask).sum())


class TableSides:
    """Counted from a table of all in the base and their values, as an engine answers it."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._labels: dict[str, pa.Table] = {}
        self._numbers: dict[str, Numbers] = {}

    @cached_property
    def _mine(self) -> NDArray[np.bool_]:
        return np.asarray(self._table[figures.IN_GROUP].to_numpy(), bool)

    @property
    def size(self) -> int:
        return int(self._mine.sum())

    @property
    def every(self) -> int:
        return len(self._mine)

    def labels(self, name: str) -> pa.Table:
        if name not in self._labels:
            table = self._table
            self._labels[name] = figures.distribution(table[name], table[figures.IN_GROUP])
        return self._labels[name]

    def numbers(self, name: str) -> Numbers:
        if name not in self._numbers:
            self._numbers[name] = numbers(self._table[name], self._mine)
        return self._numbers[name]

    def drawn(self, names: Sequence[str]) -> pa.Table:
        sides = np.flatnonzero(self._mine), np.flatnonzero(~self._mine)
        some = crossing.drawn(self.size, self.every - self.size)
        chosen = np.sort(np.concatenate([of[one] for of, one in zip(sides, some, strict=True)]))
        return self._table.select([*names, figures.IN_GROUP]).take(pa.array(chosen))

    @property
    def group(self) -> Mask:
        return np.packbits(self._mine)

    def having(self, name: str, value: Value | None) -> Mask:
        return np.packbits(crossing.having(self._table[name], value))
