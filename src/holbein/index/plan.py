"""Plans: a condition as what is to be looked up in columns, and the order to do it in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holbein.index import program
from holbein.index.columns import Column
from holbein.index.program import Program, Step

_MOST_BITMAPS = 6
"""So many bitmaps are read sooner than the codes."""
_MOST_RANGES = 4
"""So many ranges of codes are compared sooner than each code is looked up."""
_MOST_CODES = 255
"""Of so many codes it is worth looking for bitmaps."""
_RANGE = {1: 2.0, 2: 4.0}
_END, _TABLE = 3.0, 30.0
"""What a range of codes of so many bytes, an end of a sketch's range where the numbers themselves
are asked, and a table cost, where a bitmap costs 1."""


@dataclass(frozen=True)
class Leaf:
    """One look at one column."""

    does: int
    column: NDArray[Any]
    table: NDArray[Any] | None = None
    low: int = 0
    high: int = 0
    least: float = 0.0
    most: float = 0.0
    ends: int = 0
    share: float = 0.5
    """About how many of all subjects meet it."""
    cost: float = 1.0


@dataclass(frozen=True)
class All:
    """Those who meet every part; everyone, where there are none."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True)
class Some:
    """Those who meet some part; nobody, where there are none."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True)
class Except:
    """Those who do not meet it."""

    part: Plan


Plan = Leaf | All | Some | Except
EVERYONE, NOBODY = All(()), Some(())


def share(plan: Plan) -> float:
    """About how many of all subjects meet a plan, as if its parts had nothing to do with each
    other."""
    match plan:
        case Leaf():
            return plan.share
        case All(parts=parts):
            return math.prod(map(share, parts))
        case Some(parts=parts):
            return 1 - math.prod(1 - share(one) for one in parts)
        case Except(part=part):
            return 1 - share(part)


def _cost(plan: Plan) -> float:
    match plan:
        case Leaf():
            return plan.cost
        case All(parts=parts) | Some(parts=parts):
            return 0.3 + sum(_cost(one) for one in parts)
        case Except(part=part):
            return 0.3 + _cost(part)


def ordered(parts: Iterable[Plan]) -> list[Plan]:
    """The parts of an All, such that what costs little and leaves few goes first."""
    return sorted(parts, key=lambda one: _cost(one) / max(1e-6, 1 - share(one)))


# --- leaves ---------------------------------------------------------------------------------------


def bits(mask: NDArray[np.uint64], about: float = 0.5) -> Leaf:
    """Those in a mask."""
    return Leaf(program.BITS, mask, share=about)


def codes_in(column: Column, codes: Sequence[int]) -> Plan:
    """Those with one of some codes of a dictionary, ascending and each once."""
    if not codes:
        return NOBODY
    every = column.distinct + 1
    if len(codes) == every:
        return EVERYONE
    total = max(1, column.size)
    if column.bitmap(codes[0]) is not None:
        others = sorted({*range(every)} - {*codes}) if len(codes) > every // 2 else []
        chosen = others or codes
        if len(chosen) <= _MOST_BITMAPS:
            maps = [(one, column.bitmap(one)) for one in chosen]
            leaves = tuple(
                bits(held, int(column.counts[code]) / total)
                for code, held in maps
                if held is not None
            )
            found: Plan = leaves[0] if len(leaves) == 1 else Some(leaves)
            return Except(found) if others else found
    places = np.asarray(codes)
    breaks = np.flatnonzero(np.diff(places) > 1)
    lows, highs = places[np.append(0, breaks + 1)], places[np.append(breaks, len(places) - 1)]
    if len(lows) <= _MOST_RANGES:
        ends = zip(lows.tolist(), highs.tolist(), strict=True)
        ranges = tuple(_range(column, low, high, total) for low, high in ends)
        return ranges[0] if len(ranges) == 1 else Some(ranges)
    flags = np.zeros(every, np.uint8)
    flags[places] = 1
    part = int(column.counts[places].sum()) / total
    return Leaf(program.TABLE, column.codes, flags, share=part, cost=_TABLE)


def codes_between(column: Column, low: int, high: int) -> Plan:
    """Those with a code from one to another, both included."""
    if low > high:
        return NOBODY
    if column.distinct <= _MOST_CODES:
        return codes_in(column, range(low, high + 1))
    return _range(column, low, high, max(1, column.size))


def _range(column: Column, low: int, high: int, total: int) -> Leaf:
    """Those with a code from one to another. Codes of two bytes have a sketch of one."""
    codes = column.codes
    part = int(column.counts[low : high + 1].sum()) / total
    if codes.itemsize == 1 or low == 0:
        return Leaf(
            program.RANGE, codes, low=low, high=high, share=part, cost=_RANGE[codes.itemsize]
        )
    bins = column.sections["bins"]
    below = bins[low - 1] == bins[low]
    above = high < column.distinct and bins[high + 1] == bins[high]
    return Leaf(
        program.SKETCH,
        column.sections["sketch"],
        codes,
        int(bins[low]) + int(below),
        int(bins[high]) - int(above),
        float(low),
        float(high),
        int(below) + 2 * int(above),
        share=part,
        cost=_RANGE[1] + _END * (int(below) + int(above)),
    )


def numbers_in(column: Column, least: float, most: float) -> Plan:
    """Those whose number lies from ``least`` to ``most``, both included."""
    if not least <= most:
        return NOBODY
    if column.layout == "labels":
        held = column.numbers[: column.finite]
        low = int(np.searchsorted(held, least, side="left")) + 1
        high = int(np.searchsorted(held, most, side="right"))
        return codes_between(column, low, high)
    ends = column.sections["ends"]
    low = int(np.searchsorted(ends, least, side="right")) + 1
    high = int(np.searchsorted(ends, most, side="right")) + 1
    return Leaf(
        program.SKETCH,
        column.sections["sketch"],
        column.sections["raw"],
        low + 1,
        high - 1,
        max(least, -np.finfo(np.float64).max),
        min(most, np.finfo(np.float64).max),
        3,
        share=(high - low + 1) / (len(ends) + 1),
        cost=_RANGE[1] + 2 * _END,
    )


# --- programs -------------------------------------------------------------------------------------


def compiled(plan: Plan, made: Program, target: int = 1, source: int = 0) -> None:
    """Adds the steps by which ``target`` becomes those of ``source`` who meet a plan. Registers
    above both are used on the way."""
    free = max(target, source) + 1
    match plan:
        case Leaf():
            made.add(_step(plan, plan.does, target, source))
        case All(parts=()):
            made.add(Step(program.OR, target, source, source))
        case All(parts=parts):
            first, *rest = ordered(parts)
            compiled(first, made, target, source)
            for one in rest:
                if isinstance(one, Leaf):
                    made.add(_step(one, one.does, target, target))
                else:
                    compiled(one, made, free, target)
                    made.add(Step(program.AND, target, free, free))
        case Some(parts=()):
            made.add(Step(program.EMPTY, target))
        case Some(parts=parts):
            _any(parts, made, target, source)
        case Except(part=part):
            compiled(part, made, free, source)
            made.add(Step(program.WITHOUT, target, source, free))


def _any(parts: tuple[Plan, ...], made: Program, target: int, source: int) -> None:
    """Target and source may be the same register only where a leaf is all there is."""
    sum_, left = max(target, source) + 1, max(target, source) + 2
    plain = [one for one in parts if isinstance(one, Leaf) and one.does == program.BITS]
    others = [one for one in parts if not (isinstance(one, Leaf) and one.does == program.BITS)]
    others.sort(key=lambda one: _cost(one) / max(1e-6, share(one)))
    empty = True
    for one in plain:
        made.add(_step(one, program.BITS if empty else program.OR_BITS, sum_, source))
        empty = False
    for other in others:
        if empty:
            compiled(other, made, sum_, source)
            empty = False
            continue
        made.add(Step(program.WITHOUT, left, source, sum_))  # who is in already is not asked again
        compiled(other, made, left + 1, left)
        made.add(Step(program.OR, sum_, sum_, left + 1))
    made.add(Step(program.OR, target, sum_, sum_))


def _step(leaf: Leaf, does: int, target: int, source: int) -> Step:
    return Step(
        does,
        target,
        source,
        leaf.ends,
        leaf.column,
        leaf.table,
        leaf.low,
        leaf.high,
        leaf.least,
        leaf.most,
    )
