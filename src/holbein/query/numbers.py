"""Numbers and dates of a group beside its base, from how often each value occurs.

Everything that is told of them is an exact function of these counts: quantiles, ranks, histograms.
So they need not be sorted twice, nor be there one by one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.query.figures import EPOCH

QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
_BINS = 8
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
End = float | dt.date | None


@dataclass(frozen=True)
class Bin:
    """How many values lie from ``low`` on and below ``high``; None is without end."""

    low: End
    high: End
    count: int

    def as_json(self) -> dict[str, Any]:
        """Plain data; dates as text."""
        low, high = (str(one) if isinstance(one, dt.date) else one for one in (self.low, self.high))
        return {"low": low, "high": high, "count": self.count}


@dataclass(frozen=True)
class Tally:
    """Numbers, ascending and each once, and how many have one up to each of them."""

    values: Floats
    upto: Counts

    @classmethod
    def of(cls, known: Floats) -> Tally:
        """The tally of some numbers."""
        values, counts = np.unique(known + 0.0, return_counts=True)  # there is one 0
        return cls(values, np.cumsum(counts))

    @classmethod
    def counted(cls, values: Floats, counts: Counts) -> Tally:
        """The tally of numbers of which there may be none."""
        there = np.flatnonzero(counts)
        return cls(values[there] + 0.0, np.cumsum(counts[there]))

    @cached_property
    def n(self) -> int:
        return int(self.upto[-1]) if len(self.upto) else 0

    @property
    def counts(self) -> Counts:
        return np.diff(self.upto, prepend=0)

    @cached_property
    def mean(self) -> float:
        return float((self.values * self.counts).sum()) / self.n

    @cached_property
    def tied(self) -> float:
        """How much ties take away from the variance of ranks."""
        ties = self.counts.astype(np.float64)
        return float((ties**3 - ties).sum()) / (self.n * (self.n - 1))

    def quantiles(self, shares: Sequence[float]) -> Floats:
        """What ``numpy.quantile`` finds among the numbers, each as often as it is there."""
        at = (self.n - 1) * np.array(shares)
        first = np.floor(at)
        low, high = (
            self.values[np.searchsorted(self.upto, np.minimum(one, self.n - 1), side="right")]
            for one in (first, first + 1)
        )
        part, step = at - first, high - low
        found: Floats = np.where(part < 0.5, low + step * part, high - step * (1 - part))
        return found

    def between(self, edges: Floats) -> list[int]:
        """How many lie between the edges, each from one on and below the next."""
        places = np.searchsorted(self.values, edges, side="left")
        upto = np.append(0, self.upto)[[*places, len(self.upto)]]
        return [int(one) for one in np.diff(upto, prepend=0)]

    def without(self, others: Tally) -> Tally:
        """The tally of those who are not among others, who are among these."""
        counts = self.counts
        counts[np.searchsorted(self.values, others.values)] -= others.counts
        return Tally.counted(self.values, counts)


@dataclass(frozen=True)
class Numbers:
    """What those of the group, and all of the base, have that have a number or (as days since 1970)
    a date."""

    group: Tally
    base: Tally
    dates: bool = False

    @cached_property
    def rest(self) -> Tally:
        """Those of the base that are not of the group."""
        return self.base.without(self.group)

    def spread(self, of: Tally) -> dict[str, Any]:
        """n, min, quantiles, max and mean; None where that is of nobody.

        Quantiles are interpolated; those of dates are rounded to days.
        """
        if not of.n:
            return {"n": 0, **dict.fromkeys(("min", *QUANTILES, "max", "mean"))}
        found = {
            "min": of.values[0],
            **dict(zip(QUANTILES, of.quantiles([*QUANTILES.values()]), strict=True)),
            "max": of.values[-1],
            "mean": of.mean,
        }
        return {"n": of.n, **{name: self._end(one) for name, one in found.items()}}

    def ranks(self) -> dict[str, float | None]:
        """``above``: the share of pairs, one of the group and one of the rest, in which the group's
        value is the larger, ties counting half; ``z``: the score of the test of Mann and Whitney,
        by the normal approximation, corrected for ties, without continuity correction. None where
        one side has nobody, and z where all values are equal.

        After Lehmann, Nonparametrics: Statistical Methods Based on Ranks, section 1.4 (midranks).
        """
        some, all_ = self.group.n, self.base.n
        others = all_ - some
        if not some or not others:
            return {"above": None, "z": None}
        place = np.searchsorted(self.base.values, self.group.values)
        last, before = self.base.upto[place], np.append(0, self.base.upto)[place]
        midranks = (before + last + 1) / 2
        larger = float((midranks * self.group.counts).sum()) - some * (some + 1) / 2
        variance = some * others / 12 * (all_ + 1 - self.base.tied)
        score = (larger - some * others / 2) / math.sqrt(variance) if variance > 0 else None
        return {"above": larger / (some * others), "z": score}

    def bins(self) -> list[Bin]:
        """The base cut for a drawing: equal widths over the middle nine tenths, open ends."""
        of = self.base
        if not of.n:
            return []
        begin, end = of.quantiles([0.05, 0.95])
        width = _round_width(end / _BINS - begin / _BINS, whole=self.dates)
        first = math.floor(begin / width) * width if width else begin
        inner = [first + width * one for one in range(1, _BINS + 1)] if width else []
        edges = [one for one in inner if of.values[0] < one <= of.values[-1]]
        shown = [self._end(one) if self.dates else float(f"{one:.12g}") for one in edges]
        counts = of.between(np.array(edges, np.float64))
        pairs = zip([None, *shown], [*shown, None], counts, strict=True)
        return [Bin(low, high, count) for low, high, count in pairs]

    def quarters(self) -> list[tuple[End, End]]:
        """Bands of the base of about the same size, from a low end on and below a high one."""
        if not self.base.n:
            return []
        edges = np.unique(self.base.quantiles([0.25, 0.5, 0.75]))
        if self.dates:
            edges = np.unique(np.ceil(edges))
        ends = [self._end(one) for one in edges[edges > self.base.values[0]]]
        return [*zip([None, *ends], [*ends, None], strict=True)]

    def _end(self, one: float) -> float | dt.date:
        return EPOCH + dt.timedelta(days=round(one)) if self.dates else float(one)


def numbers(values: pa.ChunkedArray, in_group: NDArray[np.bool_]) -> Numbers:
    """The counts of a column of numbers or dates."""
    floats, dates = as_floats(values), pa.types.is_date32(values.type)
    known = np.isfinite(floats)
    base = Tally.of(floats[known])
    return Numbers(base if in_group.all() else Tally.of(floats[known & in_group]), base, dates)


def as_floats(values: pa.ChunkedArray) -> Floats:
    """Numbers, or dates as days; NaN where they are missing."""
    if pa.types.is_date32(values.type):
        values = values.cast(pa.int32())
    return np.asarray(values.cast(pa.float64()).to_numpy(), np.float64)


def edges_of(ends: Sequence[End]) -> Floats:
    """The ends of bands as numbers, dates as days."""
    return np.array([(o - EPOCH).days if isinstance(o, dt.date) else o for o in ends], np.float64)


def _round_width(width: float, *, whole: bool) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    if not 0 < width < math.inf:
        return 0.0
    power = 10.0 ** math.floor(math.log10(width))
    found = next(one * power for one in (1, 2, 5, 10) if one * power >= width)
    return max(1.0, found) if whole else found
