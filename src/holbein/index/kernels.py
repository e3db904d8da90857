"""The kernels: what the twins do, compiled by numba once and for all.

No question is compiled. One kernel runs a small program over blocks of subjects whose registers
stay in the processor's first cache. Codes are compared 64 at a time, by vector instructions that
numba's own loops do not find (``instructions``).

A column's address is all that a kernel is given; whoever calls keeps the arrays until it returns.
Columns are whole words of 64 subjects, so that nothing beyond their end is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from holbein.index import masks
from holbein.index.instructions import (
    f64_at,
    fetch,
    in_range_8,
    in_range_16,
    ones,
    u8_at,
    u16_at,
    u32_at,
    u64_at,
    zeros_below,
)
from holbein.index.masks import Mask, Places
from holbein.index.program import BITS, Counting, Program, Step


def _cache_folder() -> str:
    given = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return str(Path(given) / "holbein" / "kernels")


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = _cache_folder()

BLOCK = 256
"""Words of a block: 16,384 subjects, so that a dozen registers lie in the first cache."""
_SPLIT = 8_192
"""A program over more words than these is shared by the processor's cores."""
_CORES = os.cpu_count() or 1
_LINES = 2
"""So many cache lines at the beginning of each page are fetched ahead."""
_CHUNK = 128
"""Words of bit slices that are worked on at a time: of 32 codes they lie in the first cache."""
_jit: Callable[[Any], Any] = numba.njit(nogil=True, cache=True, boundscheck=False)


@_jit
def _ahead(address: int, bytes_: int) -> None:
    """The first lines of each page of what comes next: no prefetcher looks beyond a page."""
    for page in range(0, bytes_, 4096):
        for line in range(0, _LINES * 64, 64):
            fetch(address + page + line)


@_jit
def _run(
    steps: Any, bounds: Any, registers: int, answer: int, first: int, last: int,
    size: int, live: int, counts: Any, out: Any,
) -> None:  # fmt: skip
    held = np.empty((registers, 256), np.uint64)
    for start in range(first, last, 256):
        words = min(256, last - start)
        everyone = held[0]
        if live != 0:
            for w in range(words):
                everyone[w] = u64_at(live, start + w)
        else:
            for w in range(words):
                everyone[w] = np.uint64(0xFFFFFFFFFFFFFFFF)
            if (start + words) * 64 > size:
                everyone[words - 1] = (np.uint64(1) << np.uint64(size % 64)) - np.uint64(1)
        for s in range(steps.shape[0]):
            does = steps[s, 0]
            target, source, ends_at = held[steps[s, 1]], held[steps[s, 2]], steps[s, 3]
            other = held[0 if does == 4 else ends_at]
            column, table = steps[s, 4], steps[s, 5]
            low, high = steps[s, 6], steps[s, 7]
            span = high - low
            if does <= 1:
                _ahead(column + (start + words) * 8, words * 8)
            elif does == 2 or does == 4:
                each = 64 * steps[s, 8]
                _ahead(column + (start + words) * each, words * each)
            if does == 0:
                for w in range(words):
                    target[w] = source[w] & u64_at(column, start + w)
            elif does == 1:
                for w in range(words):
                    target[w] |= source[w] & u64_at(column, start + w)
            elif does == 2:
                if steps[s, 8] == 1:
                    for w in range(words):
                        mine = source[w]
                        if mine != 0:
                            mine &= in_range_8(column + (start + w) * 64, low, span)
                        target[w] = mine
                else:
                    for w in range(words):
                        mine = source[w]
                        if mine != 0:
                            mine &= in_range_16(column + (start + w) * 128, low, span)
                        target[w] = mine
            elif does == 3:
                for w in range(words):
                    mine = source[w]
                    found = np.uint64(0)
                    place = (start + w) * 64
                    while mine != 0:
                        bit = zeros_below(mine)
                        mine &= mine - np.uint64(1)
                        if steps[s, 8] == 1:
                            code = np.int64(u8_at(column, place + np.int64(bit)))
                        else:
                            code = np.int64(u16_at(column, place + np.int64(bit)))
                        found |= np.uint64(u8_at(table, code)) << bit
                    target[w] = found
            elif does == 4:
                least, most = bounds[s, 0], bounds[s, 1]
                for w in range(words):
                    mine = source[w]
                    if mine == 0:
                        target[w] = mine
                        continue
                    codes = column + (start + w) * 64
                    found = np.uint64(0)
                    if span >= 0:
                        found = mine & in_range_8(codes, low, span)
                    ends = np.uint64(0)
                    if ends_at != 0:
                        below = ends_at & 1
                        outer = span + below + (ends_at >> 1)
                        if outer >= 0:
                            ends = mine & in_range_8(codes, low - below, outer) & ~found
                    while ends != 0:
                        bit = zeros_below(ends)
                        ends &= ends - np.uint64(1)
                        at = (start + w) * 64 + np.int64(bit)
                        if steps[s, 9] == 8:
                            number = f64_at(table, at)
                        else:
                            number = np.float64(u16_at(table, at))
                        if least <= number and number <= most:
                            found |= np.uint64(1) << bit
                    target[w] = found
            elif does == 5:
                for w in range(words):
                    target[w] = source[w] | other[w]
            elif does == 6:
                for w in range(words):
                    target[w] = source[w] & ~other[w]
            elif does == 7:
                for w in range(words):
                    target[w] = source[w] & other[w]
            elif does == 8:
                for w in range(words):
                    target[w] = 0
            else:
                found = np.uint64(0)
                for w in range(words):
                    found += ones(source[w])
                counts[low] += np.int64(found)
        if len(out):
            result = held[answer]
            for w in range(words):
                out[start + w] = result[w]


def _packed(step: Step) -> tuple[int, ...]:
    column = 0 if step.column is None else _address(step.column)
    table = 0 if step.table is None else _address(step.table)
    bytes_ = tuple(0 if one is None else one.itemsize for one in (step.column, step.table))
    ends = step.low, step.high
    return step.does, step.target, step.source, step.other, column, table, *ends, *bytes_


def run(program: Program, *, wanted: bool = True) -> tuple[NDArray[np.int64], Mask | None]:
    """The counts of a program, and the mask of its answer where that is wanted."""
    whole = masks.width(program.size)
    steps = np.array([_packed(one) for one in program.steps], np.int64).reshape(-1, 10)
    bounds = np.array([(one.least, one.most) for one in program.steps], np.float64).reshape(-1, 2)
    live = 0 if program.live is None else _address(program.live)
    out = np.empty(whole if wanted else 0, np.uint64)
    shared = (steps, bounds, program.registers, program.answer)
    parts = _parts(whole)
    counted = np.zeros((len(parts), program.counted), np.int64)
    _together(
        [
            (_run, *shared, *part, program.size, live, one, out)
            for part, one in zip(parts, counted, strict=True)
        ]
    )
    return counted.sum(axis=0), out if wanted else None


# --- places ---------------------------------------------------------------------------------------


@_jit
def _places(mask: int, words: int, out: Any) -> None:
    at = 0
    for w in range(words):
        word = u64_at(mask, w)
        while word != 0:
            out[at] = w * 64 + np.int64(zeros_below(word))
            word &= word - np.uint64(1)
            at += 1


def places_of(mask: Mask, size: int) -> Places:
    """See ``masks.places_of``."""
    out = np.empty(masks.count(mask), np.int64)
    _places(_address(mask), len(mask), out)
    return out


# --- relations ------------------------------------------------------------------------------------


@_jit
def _scatter(mask: int, targets: int, others: int, first: int, last: int, out: Any) -> None:
    for w in range(first, last):
        word = u64_at(mask, w)
        while word != 0:
            target = np.int64(u32_at(targets, w * 64 + np.int64(zeros_below(word))))
            word &= word - np.uint64(1)
            if target < others:
                out[target >> 6] |= np.uint64(1) << np.uint64(target & 63)


def scatter(mask: Mask, targets: NDArray[np.uint32], size: int, others: int) -> Mask:
    """Who, of ``others``, is the target of someone in the mask (``NOBODY`` is no one)."""
    parts = _parts(len(mask))
    made = [masks.nobody(others) for _ in parts]
    given = _address(mask), _address(targets), others
    _together([(_scatter, *given, *part, one) for part, one in zip(parts, made, strict=True)])
    out: Mask = np.bitwise_or.reduce(made)
    return out


@_jit
def _tally(mask: int, targets: int, others: int, first: int, last: int, out: Any) -> None:
    for w in range(first, last):
        word = u64_at(mask, w)
        while word != 0:
            target = np.int64(u32_at(targets, w * 64 + np.int64(zeros_below(word))))
            word &= word - np.uint64(1)
            if target < others:
                out[target] += 1


def tally(
    mask: Mask, targets: NDArray[np.uint32], size: int, others: int, most: int
) -> NDArray[Any]:
    """How many in the mask, ``most`` at most, have each of ``others`` as their target."""
    # Each part has counts of its own, which must be few enough to be worth it, and small.
    parts = _parts(len(mask)) if others < size // 4 else [(0, len(mask))]
    width = np.uint16 if most < 1 << 16 else np.uint32
    made: list[NDArray[Any]] = [np.zeros(others, width) for _ in parts]
    given = _address(mask), _address(targets), others
    _together([(_tally, *given, *part, one) for part, one in zip(parts, made, strict=True)])
    for one in made[1:]:
        np.add(made[0], one, out=made[0])
    return made[0]


@_jit
def _gather(
    other: int, targets: int, others: int, size: int, first: int, last: int, out: Any
) -> None:
    for w in range(first, last):
        word = np.uint64(0)
        for bit in range(min(64, size - w * 64)):
            target = np.int64(u32_at(targets, w * 64 + bit))
            if target < others:
                found = u64_at(other, target >> 6) >> np.uint64(target & 63) & np.uint64(1)
                word |= found << np.uint64(bit)
        out[w] = word


def gather(other: Mask, targets: NDArray[np.uint32], size: int, others: int) -> Mask:
    """Whose target is in the mask ``other``."""
    out = masks.nobody(size)
    given = _address(other), _address(targets), others, size
    _together([(_gather, *given, *part, out) for part in _parts(len(out))])
    return out


@_jit
def _walk(places: Any, offsets: int, members: int, mask: int, out: Any) -> None:
    for i in range(len(places)):
        met = np.int64(0)
        first, last = u32_at(offsets, places[i]), u32_at(offsets, places[i] + 1)
        for at in range(np.int64(first), np.int64(last)):
            member = np.int64(u32_at(members, at))
            met += np.int64(u64_at(mask, member >> 6) >> np.uint64(member & 63) & np.uint64(1))
        out[i] = met


def walk(
    places: Places,
    offsets: NDArray[np.uint32],
    members: NDArray[np.uint32],
    mask: Mask,
) -> NDArray[np.uint32]:
    """Of those at each place, how many of their members are in the mask."""
    out = np.empty(len(places), np.uint32)
    _walk(places, _address(offsets), _address(members), _address(mask), out)
    return out


# --- counting values ------------------------------------------------------------------------------

_BITS, _SLICES, _CODES = 0, 1, 2


@_jit
def _by_slices(
    slices: Any, mask: int, begin: int, end: int, held: Any, out: Any, distinct: int
) -> None:
    last = len(slices) - 1
    for start in range(begin, end, _CHUNK):
        words = min(_CHUNK, end - start)
        for w in range(words):
            held[0, w] = u64_at(mask, start + w)
        for b in range(last):
            column, bit = slices[b], 1 << b
            for code in range(min(bit, distinct + 1 - bit)):  # beyond, nobody has the bit
                low, high = held[code], held[code + bit]
                for w in range(words):
                    mine = low[w] & u64_at(column, start + w)
                    high[w] = mine
                    low[w] ^= mine
        column, bit = slices[last], 1 << last
        for code in range(min(bit, distinct + 1)):
            row = held[code]
            every, above = np.uint64(0), np.uint64(0)
            if code + bit <= distinct:
                for w in range(words):
                    every += ones(row[w])
                    above += ones(row[w] & u64_at(column, start + w))
                out[code + bit] += np.int64(above)
            else:
                for w in range(words):
                    every += ones(row[w])
            out[code] += np.int64(every - above)


@_jit
def _by_codes(codes: int, bytes_: int, mask: int, begin: int, end: int, out: Any) -> None:
    for w in range(begin, end):
        word = u64_at(mask, w)
        while word != 0:
            place = w * 64 + np.int64(zeros_below(word))
            word &= word - np.uint64(1)
            if bytes_ == 1:
                out[np.int64(u8_at(codes, place))] += 1
            else:
                out[np.int64(u16_at(codes, place))] += 1


@_jit
def _counted(
    asked: Any, addresses: Any, widest: int, mask: int, first: int, last: int, out: Any
) -> None:
    held = np.empty((1 << max(0, widest - 1), _CHUNK), np.uint64)
    for begin in range(first, last, 1024):  # the mask of so many words stays in the first cache
        end = min(begin + 1024, last)
        for one in range(len(asked)):
            how, many, at, into, distinct = asked[one]
            for b in range(1 if how == 2 else many):
                each = 64 * many if how == 2 else 8
                _ahead(addresses[at + b] + end * each, (end - begin) * each)
            if how == 0:
                for b in range(many):
                    column = addresses[at + b]
                    found = np.uint64(0)
                    for w in range(begin, end):
                        found += ones(u64_at(mask, w) & u64_at(column, w))
                    out[into + b] += np.int64(found)
            elif how == 1:
                _by_slices(addresses[at : at + many], mask, begin, end, held, out[into:], distinct)
            else:
                _by_codes(addresses[at], many, mask, begin, end, out[into:])


def counted(asked: Sequence[Counting], mask: Mask, size: int) -> list[NDArray[np.int64]]:
    """How many in the mask have each code of some columns, in one pass."""
    rows: list[tuple[int, ...]] = []
    addresses: list[int] = []
    into = 0
    for one in asked:
        held = one.bits or one.slices or ((one.codes,) if one.codes is not None else ())
        how = _BITS if one.bits else _SLICES if one.slices else _CODES
        many = len(held) if one.codes is None else one.codes.itemsize
        rows.append((how, many, len(addresses), into, one.distinct))
        addresses += [_address(each) for each in held]
        into += one.width
    widest = max((len(one.slices) for one in asked), default=0)
    parts = _parts(len(mask))
    made = np.zeros((len(parts), into), np.int64)
    given = np.array(rows, np.int64).reshape(-1, 5), np.array(addresses, np.int64), widest
    calls = zip(parts, made, strict=True)
    _together([(_counted, *given, _address(mask), *part, one) for part, one in calls])
    total: NDArray[np.int64] = made.sum(axis=0)
    return np.split(total, np.cumsum([one.width for one in asked])[:-1])


# --- sharing the work -----------------------------------------------------------------------------


def _address(array: NDArray[Any]) -> int:
    """Where an array lies; whoever asks must keep it."""
    return int(array.ctypes.data)


def _parts(words: int) -> list[tuple[int, int]]:
    """Parts of so many words, one for each core where that is worth it."""
    if words <= _SPLIT or _CORES == 1:
        return [(0, words)]
    each = -(-words // _CORES // BLOCK) * BLOCK
    return [(first, min(first + each, words)) for first in range(0, words, each)]


@cache
def _cores() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_CORES)


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=_cores.cache_clear)


def _together(calls: Sequence[tuple[Any, ...]]) -> None:
    waiting = [_cores().submit(*one) for one in calls[1:]]
    kernel, *given = calls[0]
    kernel(*given)
    for one in waiting:
        one.result()


def warm() -> None:
    """Compiles every kernel, where that has not been done on this machine; some seconds."""
    mask, places = masks.full(64), np.zeros(1, np.int64)
    targets = np.zeros(65, np.uint32)
    made = Program(64)
    made.add(Step(BITS, 1, column=mask))
    run(made)
    places_of(mask, 64)
    scatter(mask, targets, 64, 1)
    for most in (1, 1 << 16):
        tally(mask, targets, 64, 1, most)
    gather(mask, targets, 64, 1)
    walk(places, targets, targets, mask)
    counted([Counting(1, slices=(mask,))], mask, 64)
