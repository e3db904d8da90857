"""The kernels: what the twins do, compiled by numba once and for all.

No question is compiled. One kernel runs a small program over blocks of subjects whose registers
stay in the processor's first cache. Codes are compared 64 at a time, by vector instructions that
numba's own loops do not find (``instructions``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from holbein.index import compiled, masks
from holbein.index.compiled import address, done, jit, taken, threads, together
from holbein.index.counting import counted
from holbein.index.instructions import (
    f64_at,
    fetch,
    in_range_8,
    in_range_16,
    ones,
    put,
    u8_at,
    u16_at,
    u32_at,
    u64_at,
    zeros_below,
)
from holbein.index.masks import Mask, Places
from holbein.index.program import (
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

_BLOCK = 256
"""Words of a block: 16,384 subjects, so that a dozen registers lie in the first cache."""
_ROW = _BLOCK * 8
_LINES = 2
"""So many cache lines at the beginning of each page of codes are fetched ahead."""
_READS = 32
"""Words that are read for a word of a mask: of each subject in it half a word, its target."""


@jit
def _ahead(start: int, bytes_: int) -> None:
    """The first lines of each page of what comes next: no prefetcher looks beyond a page."""
    for page in range(0, bytes_, 4096):
        for line in range(0, _LINES * 64, 64):
            fetch(start + page + line)


@jit
def _with_bits(target: int, source: int, bits: int, words: int) -> None:
    for w in range(words):
        put(target, w, u64_at(source, w) & u64_at(bits, w))


@jit
def _or_with_bits(target: int, source: int, bits: int, words: int) -> None:
    for w in range(words):
        put(target, w, u64_at(target, w) | u64_at(source, w) & u64_at(bits, w))


@jit
def _in_range(
    target: int, source: int, codes: int, bytes_: int, low: int, span: int, words: int
) -> None:
    for w in range(words):
        mine = u64_at(source, w)
        if mine != 0:
            if bytes_ == 1:
                mine &= in_range_8(codes + w * 64, low, span)
            else:
                mine &= in_range_16(codes + w * 128, low, span)
        put(target, w, mine)


@jit
def _in_table(target: int, source: int, codes: int, bytes_: int, table: int, words: int) -> None:
    for w in range(words):
        mine = u64_at(source, w)
        found = np.uint64(0)
        while mine != 0:
            bit = zeros_below(mine)
            mine &= mine - np.uint64(1)
            place = w * 64 + np.int64(bit)
            code = np.int64(u8_at(codes, place) if bytes_ == 1 else u16_at(codes, place))
            found |= np.uint64(u8_at(table, code)) << bit
        put(target, w, found)


@jit
def _in_sketch(
    target: int, source: int, codes: int, low: int, span: int, at_ends: int,
    numbers: int, bytes_: int, least: float, most: float, words: int,
) -> None:  # fmt: skip
    below = at_ends & 1
    outer = span + below + (at_ends >> 1)
    for w in range(words):
        mine = u64_at(source, w)
        found = np.uint64(0)
        if mine != 0:
            if span >= 0:
                found = mine & in_range_8(codes + w * 64, low, span)
            ends = np.uint64(0)
            if at_ends != 0 and outer >= 0:
                ends = mine & in_range_8(codes + w * 64, low - below, outer) & ~found
            while ends != 0:
                bit = zeros_below(ends)
                ends &= ends - np.uint64(1)
                place = w * 64 + np.int64(bit)
                if bytes_ == 8:
                    number = f64_at(numbers, place)
                else:
                    number = np.float64(u16_at(numbers, place))
                if least <= number and number <= most:
                    found |= np.uint64(1) << bit
        put(target, w, found)


@jit
def _joined(does: int, target: int, source: int, other: int, words: int) -> None:
    if does == OR:
        for w in range(words):
            put(target, w, u64_at(source, w) | u64_at(other, w))
    elif does == WITHOUT:
        for w in range(words):
            put(target, w, u64_at(source, w) & ~u64_at(other, w))
    else:
        for w in range(words):
            put(target, w, u64_at(source, w) & u64_at(other, w))


@jit
def _emptied(target: int, words: int) -> None:
    for w in range(words):
        put(target, w, np.uint64(0))


@jit
def _ones(source: int, words: int) -> Any:
    found = np.uint64(0)
    for w in range(words):
        found += ones(u64_at(source, w))
    return np.int64(found)


@jit
def _steps(steps: Any, bounds: Any, start: int, words: int, held: int, counts: Any) -> None:
    """Runs a program over the words of one block."""
    for s in range(steps.shape[0]):
        does, at, from_, also, column, table, low, high, bytes_, wide = steps[s]
        target, source, other = held + at * _ROW, held + from_ * _ROW, held + also * _ROW
        if does == BITS:
            _with_bits(target, source, column + start * 8, words)
        elif does == OR_BITS:
            _or_with_bits(target, source, column + start * 8, words)
        elif does == COUNT:
            counts[low] += _ones(source, words)
        elif does == EMPTY:
            _emptied(target, words)
        elif does in (RANGE, SKETCH, TABLE):
            codes, span = column + start * 64 * bytes_, high - low
            if does != TABLE:
                _ahead(codes + words * 64 * bytes_, words * 64 * bytes_)
            if does == RANGE:
                _in_range(target, source, codes, bytes_, low, span, words)
            elif does == TABLE:
                _in_table(target, source, codes, bytes_, table, words)
            else:
                least, most = bounds[s, 0], bounds[s, 1]
                numbers = table + start * 64 * wide
                _in_sketch(
                    target, source, codes, low, span, also, numbers, wide, least, most, words
                )
        else:
            _joined(does, target, source, other, words)


@jit
def _run(
    turn: Any, steps: Any, bounds: Any, registers: int, answer: int,
    size: int, live: int, out: Any, counts: Any,
) -> None:  # fmt: skip
    held = np.empty((registers, _BLOCK), np.uint64)
    everyone = held[0]
    first, last = taken(turn)
    while first < last:
        for start in range(first, last, _BLOCK):
            words = min(_BLOCK, last - start)
            if live != 0:
                for w in range(words):
                    everyone[w] = u64_at(live, start + w)
            else:
                everyone[:] = ~np.uint64(0)
                if (start + words) * 64 > size:
                    everyone[words - 1] = (np.uint64(1) << np.uint64(size % 64)) - np.uint64(1)
            _steps(steps, bounds, start, words, held.ctypes.data, counts)
            if len(out):
                out[start : start + words] = held[answer, :words]
        first, last = taken(turn)
    done(turn)


def _packed(step: Step) -> tuple[int, ...]:
    column, bytes_ = (0, 0) if step.column is None else (address(step.column), step.column.itemsize)
    table, wide = (0, 0) if step.table is None else (address(step.table), step.table.itemsize)
    registers = step.target, step.source, step.other
    return step.does, *registers, column, table, step.low, step.high, bytes_, wide


def _reads(step: Step) -> int:
    """Words that are read for a word of a mask."""
    if step.column is None or step.column.dtype == np.uint64:
        return 1
    return 8 * step.column.itemsize


def run(program: Program, *, wanted: bool = True) -> tuple[NDArray[np.int64], Mask | None]:
    """The counts of a program, and the mask of its answer where that is wanted."""
    whole = masks.width(program.size)
    steps = np.array([_packed(one) for one in program.steps], np.int64).reshape(-1, 10)
    bounds = np.array([(one.least, one.most) for one in program.steps], np.float64).reshape(-1, 2)
    live = 0 if program.live is None else address(program.live)
    out = np.empty(whole if wanted else 0, np.uint64)
    reads = sum(_reads(one) for one in program.steps)
    counts = np.zeros((threads(whole * reads), program.counted), np.int64)
    given = steps, bounds, program.registers, program.answer, program.size, live, out
    together(_run, whole, given, counts, program)
    return counts.sum(axis=0), out if wanted else None


# --- places ---------------------------------------------------------------------------------------


@jit
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
    _places(address(mask), len(mask), out)
    return out


# --- relations ------------------------------------------------------------------------------------


@jit
def _scatter(turn: Any, mask: int, targets: int, others: int, out: Any) -> None:
    first, last = taken(turn)
    while first < last:
        for w in range(first, last):
            word = u64_at(mask, w)
            while word != 0:
                target = np.int64(u32_at(targets, w * 64 + np.int64(zeros_below(word))))
                word &= word - np.uint64(1)
                if target < others:
                    out[target >> 6] |= np.uint64(1) << np.uint64(target & 63)
        first, last = taken(turn)
    done(turn)


def scatter(mask: Mask, targets: NDArray[np.uint32], size: int, others: int) -> Mask:
    """Who, of ``others``, is the target of someone in the mask (``NOBODY`` is no one)."""
    made = [masks.nobody(others) for _ in range(threads(len(mask) * _READS))]
    given = address(mask), address(targets), others
    together(_scatter, len(mask), given, made, (mask, targets))
    out: Mask = np.bitwise_or.reduce(made)
    return out


@jit
def _tally(turn: Any, mask: int, targets: int, others: int, out: Any) -> None:
    first, last = taken(turn)
    while first < last:
        for w in range(first, last):
            word = u64_at(mask, w)
            while word != 0:
                target = np.int64(u32_at(targets, w * 64 + np.int64(zeros_below(word))))
                word &= word - np.uint64(1)
                if target < others:
                    out[target] += 1
        first, last = taken(turn)
    done(turn)


def tally(
    mask: Mask, targets: NDArray[np.uint32], size: int, others: int, most: int
) -> NDArray[Any]:
    """How many in the mask, ``most`` at most, have each of ``others`` as their target."""
    # Each thread has counts of its own, which must be few enough to be worth it, and small.
    many = threads(len(mask) * _READS) if others < size // 4 else 1
    width = np.uint16 if most < 1 << 16 else np.uint32
    made: list[NDArray[Any]] = [np.zeros(others, width) for _ in range(many)]
    given = address(mask), address(targets), others
    together(_tally, len(mask), given, made, (mask, targets))
    for one in made[1:]:
        np.add(made[0], one, out=made[0])
    return made[0]


@jit
def _gather(turn: Any, other: int, targets: int, others: int, size: int, out: Any) -> None:
    first, last = taken(turn)
    while first < last:
        for w in range(first, last):
            word = np.uint64(0)
            for bit in range(min(64, size - w * 64)):
                target = np.int64(u32_at(targets, w * 64 + bit))
                if target < others:
                    found = u64_at(other, target >> 6) >> np.uint64(target & 63) & np.uint64(1)
                    word |= found << np.uint64(bit)
            out[w] = word
        first, last = taken(turn)
    done(turn)


def gather(other: Mask, targets: NDArray[np.uint32], size: int, others: int) -> Mask:
    """Whose target is in the mask ``other``."""
    out = masks.nobody(size)
    given = address(other), address(targets), others, size
    outs = [out] * threads(len(out) * _READS)
    together(_gather, len(out), given, outs, (other, targets))
    return out


@jit
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
    _walk(places, address(offsets), address(members), address(mask), out)
    return out


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
    compiled.warm()
