"""A group and its base, as portraits ask of them: how many have which values.

Nobody asks for the values of all, but counts: these come from wherever they cost least.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.index import Index
from holbein.query import crossing, figures
from holbein.query.by_engine import ByEngine
from holbein.query.crossing import Drawn, Value, flagged
from holbein.query.numbers import Numbers, numbers

_Answer = TypeVar("_Answer")
Counts = NDArray[np.int64]
Mask = NDArray[Any]
"""Packed bits, one for each subject, in whatever order."""
Valued = tuple[str, Sequence[Value | None]]
"""An attribute or tag, and some of its values; None is who has none."""

MANY_TIMES = 10
"""Whether there are more than n values, so many times n subjects tell where nearly all differ."""


@dataclass(frozen=True)
class Joint:
    """How many have which values of two tags: of each pair, of each of the first, of the second."""

    both: Counts
    first: Counts
    second: Counts


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

    def drawn(self, names: Sequence[str], most: int) -> Drawn:
        """``crossing.MOST`` of them, drawn by chance, and which have which of the ``most`` frequent
        values of labels."""

    def various(self, name: str, most: int) -> bool:
        """Whether it is at hand that there are more than ``most`` different values."""

    def joint(self, first: Valued, second: Valued) -> tuple[Joint, Joint]:
        """How many of the group, and of all of the base, have values of two tags."""


def joint(sides: Sequence[Mask], first: Sequence[Mask], second: Sequence[Mask]) -> list[Joint]:
    """How many of each side have each pair of two tags' values, all as packed bits."""

    def counted(side: Mask, of: Sequence[Mask]) -> Counts:
        return np.array([np.bitwise_count(one & side).sum(dtype=np.int64) for one in of], np.int64)

    found = []
    for side in sides:
        both = np.empty((len(first), len(second)), np.int64)
        for at, one in enumerate(first):
            both[at] = counted(one & side, second)
        found.append(Joint(both, counted(side, first), counted(side, second)))
    return found


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

    def drawn(self, names: Sequence[str], most: int) -> Drawn:
        sides = np.flatnonzero(self._mine), np.flatnonzero(~self._mine)
        some = crossing.drawn(self.size, self.every - self.size)
        chosen = np.sort(np.concatenate([of[one] for of, one in zip(sides, some, strict=True)]))
        few = self._table.select(names).take(pa.array(chosen))
        return Drawn(self._mine[chosen], tuple(flagged(few[name], most) for name in names))

    def various(self, name: str, most: int) -> bool:
        first = self._table[name][: MANY_TIMES * most]
        return not pa.types.is_list(first.type) and pc.count_distinct(first).as_py() > most

    def joint(self, first: Valued, second: Valued) -> tuple[Joint, Joint]:
        masks = [
            [np.packbits(crossing.having(self._table[name], one)) for one in values]
            for name, values in (first, second)
        ]
        mine, every = np.packbits(self._mine), np.packbits(np.ones_like(self._mine))
        group, base = joint((mine, every), *masks)
        return group, base


class Answered(Protocol):
    """Asks columns, or where these are damaged the engine (``Query``)."""

    def __call__(
        self, columns: Callable[[Index], _Answer], engine: Callable[[ByEngine], _Answer]
    ) -> _Answer: ...


class SoundSides:
    """Columns; where one of them turns out to be damaged, a table instead, for what it tells."""

    def __init__(
        self,
        answered: Answered,
        columns: Callable[[Index], Sides],
        table: Callable[[ByEngine], Sides],
    ) -> None:
        self._answered = answered
        self._columns, self._table = cache(columns), cache(table)

    def _ask(self, what: Callable[[Sides], _Answer]) -> _Answer:
        return self._answered(
            lambda index: what(self._columns(index)), lambda engine: what(self._table(engine))
        )

    @property
    def size(self) -> int:
        return self._ask(lambda sides: sides.size)

    @property
    def every(self) -> int:
        return self._ask(lambda sides: sides.every)

    def labels(self, name: str) -> pa.Table:
        return self._ask(lambda sides: sides.labels(name))

    def numbers(self, name: str) -> Numbers:
        return self._ask(lambda sides: sides.numbers(name))

    def drawn(self, names: Sequence[str], most: int) -> Drawn:
        return self._ask(lambda sides: sides.drawn(names, most))

    def various(self, name: str, most: int) -> bool:
        return self._ask(lambda sides: sides.various(name, most))

    def joint(self, first: Valued, second: Valued) -> tuple[Joint, Joint]:
        return self._ask(lambda sides: sides.joint(first, second))
