"""Programs: what the kernels and their twins run, step by step, over blocks of subjects.

A program works on *registers*, each a mask of the block at hand. Register 0 holds everyone. A step
that reads a column takes the mask of those who are still in question (``source``) and leaves those
of them who meet it in ``target``; so what few meet goes first, and what comes after looks only at
these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# What a step does. The kernels and the twins know these numbers, too.
BITS: Final = 0
"""target = source AND bits"""
OR_BITS: Final = 1
"""target = target OR (source AND bits)"""
RANGE: Final = 2
"""target = source where low <= code <= high, codes of one or two bytes"""
TABLE: Final = 3
"""target = source where the table is true of the code"""
SKETCH: Final = 4
"""target = source where least <= number or code <= most: the sketch decides but at the ends"""
OR: Final = 5
"""target = source OR other"""
WITHOUT: Final = 6
"""target = source AND NOT other"""
AND: Final = 7
"""target = source AND other"""
EMPTY: Final = 8
"""target = nobody"""
COUNT: Final = 9
"""counts[low] += how many are in source"""


@dataclass(frozen=True, slots=True)
class Step:
    """One operation; what it does not need stays empty."""

    does: int
    target: int = 0
    source: int = 0
    other: int = 0
    """A register; of a sketch, at which ends the numbers themselves decide: 1 below, 2 above."""
    column: NDArray[Any] | None = None
    """Bits, codes, or the sketch of numbers."""
    table: NDArray[Any] | None = None
    """A flag for each code; of a sketch, the numbers or codes themselves."""
    low: int = 0
    high: int = 0
    """Codes, both included; of a sketch, those that are surely inside."""
    least: float = 0.0
    most: float = 0.0
    """Numbers, both included."""


@dataclass(frozen=True, slots=True)
class Counting:
    """How many have each code from 0 to ``distinct``, by one of: who has each code, the codes' bits
    from the lowest on, the codes themselves. By bits alone it is how many are in each."""

    distinct: int
    bits: tuple[NDArray[np.uint64], ...] = ()
    slices: tuple[NDArray[np.uint64], ...] = ()
    codes: NDArray[Any] | None = None

    @property
    def width(self) -> int:
        """How many counts it gives."""
        return len(self.bits) if self.bits else self.distinct + 1


@dataclass
class Program:
    """Steps over subjects; the last step's target is the answer."""

    size: int
    """How many places there are."""
    live: NDArray[np.uint64] | None = None
    """Who is there, where some places stand for nobody."""
    steps: list[Step] = field(default_factory=list)
    registers: int = 1
    counted: int = 0
    """How many counts it has."""

    def add(self, step: Step) -> None:
        """One more step."""
        self.steps.append(step)
        self.registers = max(self.registers, step.target + 1)

    def count(self, source: int) -> int:
        """Counts a register; the number of the count."""
        self.steps.append(Step(COUNT, source=source, low=self.counted))
        self.counted += 1
        return self.counted - 1

    @property
    def answer(self) -> int:
        """The register of the answer."""
        last = [one for one in self.steps if one.does != COUNT]
        return last[-1].target if last else 0
