"""Two tags at once: how many have both values, and whether that says more than each by itself.

What the margins lead to expect: that in the group the two values go together as they do among the
rest, that is with one odds ratio. Then nothing is to be said but the shares of each value, which
differ, and how the two are linked, which does not. The common odds ratio is that of Mantel and
Haenszel, and the departure from it is tested after Breslow and Day, Statistical Methods in Cancer
Research I (1980), 4.4, with the correction of Tarone, Biometrika 72 (1985), each pair of values as
a table of 2 × 2 in the group and in the rest.

A pair is worth telling where its own share differs from that of the rest, and where it departs from
the expected, in the same direction. Both must be more than chance; so the less certain of the two
counts (an intersection-union test: Berger, Technometrics 24 (1982)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.query.comparing import SMALL
from holbein.query.figures import each_once, without_labels
from holbein.query.numbers import End, Numbers, Tally, as_floats, edges_of, numbers

Floats = NDArray[np.float64]
Value = str | bool | tuple[End, End]
"""A label, or a band of a number or date: from its low end on and below its high end."""
_WORD = 64
MOST = 40_000
"""Among so many subjects, drawn by chance, combinations are looked for where there are more."""


@dataclass(frozen=True)
class Flagged:
    """Values of a tag, and which row has which: ``rows[i]`` has the value at ``codes[i]``; and how
    many values are left out."""

    values: tuple[Value | None, ...]
    rows: NDArray[np.int64]
    codes: NDArray[np.int64]
    more: int = 0


def flagged(values: pa.ChunkedArray, most: int) -> Flagged:
    """The ``most`` frequent values; of numbers and dates, quarters of about the same size."""
    if pa.types.is_list(values.type):
        owners, labels = each_once(values.combine_chunks())
        return _labels(labels, owners.to_numpy(), most)
    if _is_measured(values):
        return _quarters(values)
    return _labels(values.combine_chunks(), np.arange(len(values)), most)


def missing(values: pa.ChunkedArray) -> Flagged:
    """The rows without a value, as a value of its own."""
    rows = np.flatnonzero(missing_rows(values))
    return Flagged((None,), rows, np.zeros(len(rows), np.int64))


def missing_rows(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which rows have no value, or a number that is not finite."""
    if _is_measured(values):
        return ~np.isfinite(as_floats(values))
    if pa.types.is_list(values.type):
        return without_labels(values.combine_chunks())
    return np.asarray(pc.is_null(values).to_numpy(), bool)


def _is_measured(values: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_floating(values.type) or pa.types.is_date32(values.type))


def _labels(labels: pa.Array, owners: NDArray[np.int64], most: int) -> Flagged:
    counted = pa.table({"label": labels}).group_by("label").aggregate([([], "count_all")])
    known = counted.filter(pc.is_valid(counted["label"]))
    order = known.sort_by([("count_all", "descending"), ("label", "ascending")])
    first = order["label"].combine_chunks()[:most]
    codes = pc.index_in(labels, value_set=first)
    there = codes.is_valid().to_numpy(zero_copy_only=False)
    return Flagged(
        tuple(first.to_pylist()),
        owners[there],
        codes.drop_null().to_numpy().astype(np.int64),
        len(order) - len(first),
    )


def flagged_codes(codes: NDArray[np.int64], dictionary: pa.Array, most: int) -> Flagged:
    """The same of codes into an ascending dictionary: 0 is missing, 1 its first value."""
    counts = np.bincount(codes, minlength=len(dictionary) + 1)
    counts[0] = 0
    order = np.argsort(-counts, kind="stable")
    order = order[: np.count_nonzero(counts)]
    rank = np.full(len(counts), -1)
    rank[order[:most]] = np.arange(len(order[:most]))
    ranked = rank[codes]
    rows = np.flatnonzero(ranked >= 0)
    values = dictionary.take(pa.array(order[:most] - 1)).to_pylist()
    return Flagged(tuple(values), rows, ranked[rows], max(0, len(order) - most))


def missing_codes(codes: NDArray[np.int64]) -> Flagged:
    """The rows whose code is 0."""
    rows = np.flatnonzero(codes == 0)
    return Flagged((None,), rows, np.zeros(len(rows), np.int64))


def flagged_bands(codes: NDArray[np.int64], dictionary: Floats, *, dates: bool) -> Flagged:
    """The quarters of codes into an ascending dictionary of numbers: 0 is missing."""
    counts = np.bincount(codes, minlength=len(dictionary) + 1)[1:]
    tally = Tally.counted(dictionary, counts)
    rows = np.flatnonzero(codes)
    bands = Numbers(tally, tally, dates).quarters()
    edges = edges_of([high for _, high in bands[:-1]])
    return Flagged(tuple(bands), rows, np.searchsorted(edges, dictionary, "right")[codes[rows] - 1])


def _quarters(values: pa.ChunkedArray) -> Flagged:
    floats = as_floats(values)
    rows = np.flatnonzero(np.isfinite(floats))
    bands = numbers(values, np.ones(len(values), bool)).quarters()
    edges = edges_of([high for _, high in bands[:-1]])
    return Flagged(tuple(bands), rows, np.searchsorted(edges, floats[rows], side="right"))


def joint(tags: Sequence[Flagged], rows: int, chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """How many of the chosen rows, and of the others, have each pair of values of all tags: the
    values one tag after another, both ways; a value with itself is how many have it.
    """
    widths = [len(one.values) for one in tags]
    starts = np.cumsum([0, *widths])
    size = int(chosen.sum())
    first = -(-size // _WORD) * _WORD  # the others begin with a word of their own
    place = np.where(chosen, np.cumsum(chosen) - 1, first + np.cumsum(~chosen) - 1)
    flags = np.zeros((starts[-1], first + -(-(rows - size) // _WORD) * _WORD), np.bool_)
    for one, start in zip(tags, starts[:-1], strict=True):
        flags[start + one.codes, place[one.rows]] = True
    bits = np.packbits(flags, axis=1).view(np.uint64)
    mine, rest = np.zeros((2, starts[-1], starts[-1]))
    for at, one in enumerate(bits):
        both = np.bitwise_count(bits[at:] & one)
        for out, part in ((mine, both[:, : first // _WORD]), (rest, both[:, first // _WORD :])):
            out[at, at:] = out[at:, at] = np.add.reduce(part, axis=1, dtype=np.uint32)
    return mine, rest


@dataclass(frozen=True)
class Drawn:
    """Some subjects: whether each is of the group, and which has which frequent values of tags."""

    chosen: NDArray[np.bool_]
    tags: tuple[Flagged, ...]


def drawn(size: int, others: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of the group and which of the others to look at, counted from 0 and ascending, the same
    each time: of the group as many as may be, for they are few. Each side stays a sample of its
    own, whatever part of it is drawn."""
    draw = np.random.default_rng(0)
    mine = min(size, max(MOST // 2, MOST - others))
    sides = (size, mine), (others, min(others, MOST - mine))
    some, rest = (
        np.sort(draw.choice(of, part, replace=False, shuffle=False)) for of, part in sides
    )
    return some, rest


def having(values: pa.ChunkedArray, value: Value | None) -> NDArray[np.bool_]:
    """Which rows have a label, alone or among others, or a number of a band; with None, which have
    nothing."""
    if value is None:
        return missing_rows(values)
    if isinstance(value, tuple):
        floats, (low, high) = as_floats(values), (edges_of([one]) for one in value)
        return np.isfinite(floats) & ~(floats < low) & ~(floats >= high)  # NaN is without end
    found = values.combine_chunks()
    if not pa.types.is_list(found.type):
        same = pc.fill_null(pc.equal(found, value), False)
        return np.asarray(same.to_numpy(zero_copy_only=False), bool)
    out = np.zeros(len(found), bool)
    owners = pc.list_parent_indices(found).to_numpy()
    same = pc.fill_null(pc.equal(pc.list_flatten(found), value), False)
    out[owners[same.to_numpy(zero_copy_only=False)]] = True
    return out


@dataclass(frozen=True)
class Departures:
    """Of each pair of values: how many of the group are to be expected to have both, the score of
    the departure from that, the smaller of this score and the pair's own against the rest (0 where
    their directions differ), and how often chance would show it. NaN where it is not tested.
    """

    expected: Floats
    departure: Floats
    score: Floats
    p: Floats


def departures(
    mine: tuple[Floats, Floats, Floats], size: int, rest: tuple[Floats, Floats, Floats], others: int
) -> Departures:
    """Of both values, of the first and of the second: how many of the group's ``size``, and of the
    ``others``, have them. Not tested are pairs of which fewer than five are to be expected in any
    of the eight cells of their two tables.
    """
    sides = [(*mine, float(size)), (*rest, float(others))]
    with np.errstate(divide="ignore", invalid="ignore"):
        over = sum(a * (n - x - y + a) / n for a, x, y, n in sides)
        under = sum((x - a) * (y - a) / n for a, x, y, n in sides)
        odds: Floats = np.divide(over, under)
        total, shift, spread = np.zeros_like(odds), np.zeros_like(odds), np.zeros_like(odds)
        least = np.full_like(odds, math.inf)
        fits = []
        for a, x, y, n in sides:
            fit = _fitted(odds, x, y, n)
            four = np.stack([fit, x - fit, y - fit, n - x - y + fit])
            variance = 1 / (1 / four).sum(axis=0)
            total += (a - fit) ** 2 / variance
            shift += a - fit
            spread += variance
            least = np.minimum(least, four.min(axis=0))
            fits.append(fit)
        squared = np.maximum(total - shift**2 / spread, 0)
        departure = np.sign(mine[0] - fits[0]) * np.sqrt(squared)
        own = _z(mine[0], np.float64(size), rest[0], np.float64(others))
    both = mine[0] + rest[0]
    enough = (least >= SMALL) & (both * min(size, others) >= SMALL * (size + others))
    agree = np.sign(own) == np.sign(departure)
    weaker = np.where(agree, np.minimum(abs(own), abs(departure)), 0) * np.sign(own)
    score = np.where(enough, weaker, np.nan)
    p = np.array([math.erfc(abs(one) / math.sqrt(2)) for one in score.flat]).reshape(score.shape)
    return Departures(fits[0], departure, score, p)


def _fitted(odds: Floats, x: Floats, y: Floats, n: float) -> Floats:
    """How many of a table with these margins have both, so that its odds ratio is ``odds``."""
    middle = odds * (x + y) + (n - x - y)
    root = np.sqrt(np.maximum(middle**2 - 4 * (odds - 1) * odds * x * y, 0))
    return 2 * odds * x * y / (middle + root)


def _z(a: Floats, a_size: np.float64, b: Floats, b_size: np.float64) -> Floats:
    """``comparing.z_score`` of many at once."""
    pooled = (a + b) / (a_size + b_size)
    return (a / a_size - b / b_size) / np.sqrt(pooled * (1 - pooled) * (1 / a_size + 1 / b_size))
