"""The kernels' twins in numpy: the same answers without numba, some times slower.

They serve where numba is not installed, where there are few subjects, and as the kernels' judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holbein.index import masks
from holbein.index.masks import WORD, Mask, Places
from holbein.index.program import (
    AND,
    BITS,
    COUNT,
    EMPTY,
    OR,
    OR_BITS,
    RANGE,
    SKETCH,
    TABLE,
    WITHOUT,
    Counting,
    Program,
    Step,
)

BLOCK = 1 << 14
"""Words that are worked on at a time: a million subjects, so that memory stays small."""


def run(program: Program, *, wanted: bool = True) -> tuple[NDArray[np.int64], Mask | None]:
    """The counts of a program, and the mask of its answer where that is wanted."""
    whole = masks.width(program.size)
    counts = np.zeros(program.counted, np.int64)
    out = np.empty(whole, np.uint64) if wanted else None
    everyone = masks.full(program.size) if program.live is None else program.live
    for first in range(0, whole, BLOCK):
        last = min(first + BLOCK, whole)
        registers: list[Mask] = [masks.nobody(0)] * program.registers
        registers[0] = everyone[first:last]
        for step in program.steps:
            if step.does == COUNT:
                counts[step.low] += masks.count(registers[step.source])
            else:
                registers[step.target] = _done(step, registers, first, last)
        if out is not None:
            out[first:last] = registers[program.answer]
    return counts, out


def _done(step: Step, registers: list[Mask], first: int, last: int) -> Mask:
    source = registers[step.source]
    if step.does == OR:
        return source | registers[step.other]
    if step.does == WITHOUT:
        return source & ~registers[step.other]
    if step.does == AND:
        return source & registers[step.other]
    if step.does == EMPTY:
        return np.zeros_like(source)
    assert step.column is not None
    if step.does in (BITS, OR_BITS):
        bits: Mask = source & step.column[first:last]
        return bits if step.does == BITS else registers[step.target] | bits
    return source & masks.pack(_meets(step, slice(first * WORD, last * WORD)))


def _meets(step: Step, rows: slice) -> NDArray[np.bool_]:
    assert step.column is not None
    column = step.column[rows]
    if step.does == RANGE:
        return (column >= step.low) & (column <= step.high)
    assert step.table is not None
    if step.does == TABLE:
        found: NDArray[np.bool_] = step.table.view(np.bool_)[column]
        return found
    assert step.does == SKETCH
    numbers = step.table[rows]
    return (numbers >= step.least) & (numbers <= step.most)


# --- places ---------------------------------------------------------------------------------------


def places_of(mask: Mask, size: int) -> Places:
    """See ``masks.places_of``."""
    return masks.places_of(mask, size)


# --- relations ------------------------------------------------------------------------------------


def scatter(mask: Mask, targets: NDArray[np.uint32], size: int, others: int) -> Mask:
    """Who, of ``others``, is the target of someone in the mask (``NOBODY`` is no one)."""
    found = targets[masks.places_of(mask, size)]
    return masks.from_places(found[found < others], others)


def tally(
    mask: Mask, targets: NDArray[np.uint32], size: int, others: int, most: int
) -> NDArray[Any]:
    """How many in the mask, ``most`` at most, have each of ``others`` as their target."""
    found = targets[masks.places_of(mask, size)]
    return np.bincount(found[found < others], minlength=others)


def gather(other: Mask, targets: NDArray[np.uint32], size: int, others: int) -> Mask:
    """Whose target is in the mask ``other``."""
    found = targets[:size] < others
    found[found] = masks.holds(other, targets[:size][found])
    return masks.pack(found)


def walk(
    places: Places,
    offsets: NDArray[np.uint32],
    members: NDArray[np.uint32],
    mask: Mask,
) -> NDArray[np.uint32]:
    """Of those at each place, how many of their members are in the mask."""
    starts, ends = offsets[places].astype(np.int64), offsets[places + 1].astype(np.int64)
    lengths = ends - starts
    owners = np.repeat(np.arange(len(places)), lengths)
    shift = np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    mine = members[np.arange(len(owners)) + shift]
    met = owners[masks.holds(mask, mine)]
    return np.bincount(met, minlength=len(places)).astype(np.uint32)


# --- counting values ------------------------------------------------------------------------------


def counted(asked: Sequence[Counting], mask: Mask, size: int) -> list[NDArray[np.int64]]:
    """How many in the mask have each code of some columns."""
    return [_counted(one, mask, size) for one in asked]


def _counted(asked: Counting, mask: Mask, size: int) -> NDArray[np.int64]:
    if asked.bits:
        return np.array([masks.count(one & mask) for one in asked.bits], np.int64)
    if asked.codes is not None:
        found = asked.codes[masks.places_of(mask, size)]
        return np.bincount(found, minlength=asked.distinct + 1).astype(np.int64)
    out = np.zeros(asked.distinct + 1, np.int64)
    for code in range(asked.distinct + 1):
        left = mask
        for place, bits in enumerate(asked.slices):
            left = left & bits if code >> place & 1 else left & ~bits
        out[code] = masks.count(left)
    return out
