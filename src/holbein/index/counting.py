"""Counting values, compiled: how many in a mask have each code of many columns, in one pass.

By bit slices, the subsets of up to four are counted at once: how many in the mask have all the bits
of each subset, which is one AND and one population count each over 512 subjects, with all counters
in registers (``instructions``). What has more slices is split by the upper ones first. From these
counts, how many have exactly the bits of a code follows by subtraction (inclusion and exclusion).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holbein.index.compiled import address, done, jit, taken, threads, together
from holbein.index.instructions import (
    SUBSETS,
    ones,
    subsets_1,
    subsets_2,
    subsets_3,
    subsets_4,
    u8_at,
    u16_at,
    u64_at,
    zeros_below,
)
from holbein.index.masks import Mask
from holbein.index.program import Counting

_BITS, _SLICES, _CODES = 0, 1, 2
_SHORT = 512
"""Words of which places, or masks for each subset of the upper slices, stay in the first cache."""


@jit
def _subsets(mask: int, slices: int, many: int, first: int, words: int, counts: int) -> None:
    if many == 1:
        subsets_1(mask, slices, first, words, counts)
    elif many == 2:
        subsets_2(mask, slices, first, words, counts)
    elif many == 3:
        subsets_3(mask, slices, first, words, counts)
    else:
        subsets_4(mask, slices, first, words, counts)


@jit
def _by_slices(
    mask: int, slices: int, many: int, first: int, last: int, split: Any, counts: int
) -> None:
    if many <= SUBSETS:
        _subsets(mask + first * 8, slices, many, first, last - first, counts)
        return
    for start in range(first, last, _SHORT):
        words = min(_SHORT, last - start)
        subsets_4(mask + start * 8, slices, start, words, counts)
        for upper in range(1, len(split)):
            top = 0
            while upper >> top > 1:
                top += 1
            rest = upper ^ 1 << top
            parent = split.ctypes.data + rest * _SHORT * 8 if rest else mask + start * 8
            column, mine = np.int64(u64_at(slices, SUBSETS + top)), split[upper]
            for w in range(words):
                mine[w] = u64_at(parent, w) & u64_at(column, start + w)
            subsets_4(mine.ctypes.data, slices, start, words, counts + (upper << SUBSETS) * 8)


@jit
def _exactly(counts: Any) -> None:
    """From how many have all bits of a code to how many have no others."""
    bit = 1
    while bit < len(counts):
        for code in range(len(counts)):
            if code & bit == 0 and code | bit < len(counts):
                counts[code] -= counts[code | bit]
        bit <<= 1


@jit
def _offsets(mask: int, first: int, last: int, out: Any) -> int:
    """Where in these words bits are set; how many are."""
    found = 0
    for w in range(first, last):
        word, place = u64_at(mask, w), (w - first) * 64
        many: Any = np.int64(ones(word))
        at = found
        while at == found or at < found + many:  # by fours: a branch that is seldom foreseen wrong
            for each in range(4):
                out[at + each] = place + np.int64(zeros_below(word))
                word &= word - np.uint64(1)
            at += 4
        found += many
    return found


@jit
def _by_codes(codes: int, bytes_: int, places: Any, out: Any) -> None:
    if bytes_ == 1:
        for i in range(len(places)):
            out[np.int64(u8_at(codes, np.int64(places[i])))] += 1
    else:
        for i in range(len(places)):
            out[np.int64(u16_at(codes, np.int64(places[i])))] += 1


@jit
def _counted(turn: Any, asked: Any, addresses: Any, mask: int, out: Any) -> None:
    uppers, codes = 1, 0
    for one in range(len(asked)):
        how, many, at, into, width = asked[one]
        codes += how == _CODES
        if how == _SLICES:
            uppers = max(uppers, width >> SUBSETS)
    split = np.empty((uppers, _SHORT), np.uint64)
    room = np.empty(_SHORT * 64 if codes else 0, np.uint16)
    first, last = taken(turn)
    while first < last:
        for one in range(len(asked)):
            how, many, at, into, width = asked[one]
            if how == _BITS:
                for b in range(many):
                    column, found = addresses[at + b], np.uint64(0)
                    for w in range(first, last):
                        found += ones(u64_at(mask, w) & u64_at(column, w))
                    out[into + b] += np.int64(found)
            elif how == _SLICES:
                slices, counts = addresses.ctypes.data + at * 8, out.ctypes.data + into * 8
                mine = split[: max(1, width >> SUBSETS)]
                _by_slices(mask, slices, many, first, last, mine, counts)
        for begin in range(first, last if codes else first, _SHORT):
            places = room[: _offsets(mask, begin, min(begin + _SHORT, last), room)]
            for one in range(len(asked)):
                how, bytes_, at, into, width = asked[one]
                if how == _CODES:
                    start = addresses[at] + begin * 64 * bytes_
                    _by_codes(start, bytes_, places, out[into : into + width])
        first, last = taken(turn)
    for one in range(len(asked)):
        how, many, at, into, width = asked[one]
        if how == _SLICES:
            _exactly(out[into : into + width])
    done(turn)


def counted(asked: Sequence[Counting], mask: Mask, size: int) -> list[NDArray[np.int64]]:
    """How many in the mask have each code of some columns, in one pass."""
    rows: list[tuple[int, ...]] = []
    addresses: list[int] = []
    into = reads = 0
    for one in asked:
        if one.bits:
            how, held, width = (_BITS, len(one.bits)), one.bits, one.width
        elif one.slices:
            # Whoever has all bits of a subset has at least its number as a code.
            above = one.distinct >> SUBSETS
            width = above + 1 << SUBSETS if above else 1 << len(one.slices)
            how, held = (_SLICES, len(one.slices)), one.slices
        else:
            assert one.codes is not None
            how, held, width = (_CODES, one.codes.itemsize), (one.codes,), one.width
        rows.append((*how, len(addresses), into, width))
        addresses += [address(each) for each in held]
        reads += len(held) if one.codes is None else 8 * one.codes.itemsize
        into += width
    made = np.zeros((threads(len(mask) * reads), into), np.int64)
    given = np.array(rows, np.int64).reshape(-1, 5), np.array(addresses, np.int64), address(mask)
    together(_counted, len(mask), given, made, (mask, asked))
    total: NDArray[np.int64] = made.sum(axis=0)
    return [total[row[3] : row[3] + one.width] for row, one in zip(rows, asked, strict=True)]
