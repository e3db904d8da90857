"""Numbers and dates of a group beside its base, from how often each value occurs.

Everything that is told of them is an exact function of these counts: quantiles, ranks, histograms.
So they need not be sorted twice, nor be there one by one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
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
class Numbers:
    """The values of the base, ascending and each once; how many of the group and how many of all of
    the base have each. Dates are days, counted from 1970. Missing ones are left out.
    """

    values: Floats
    group: Counts
    base: Counts
    dates: bool = False

    @property
    def rest(self) -> Counts:
        """How many of the base that are not of the group have each value."""
        return self.base - self.group

    def spread(self, counts: Counts) -> dict[str, Any]:
        """n, min, quantiles, max and mean of those counted; None where that is nobody.

        Quantiles are interpolated; those of dates are rounded to days.
        """
        there = np.flatnonzero(counts)
        if not len(there):
            return {"n": 0, **dict.fromkeys(("min", *QUANTILES, "max", "mean"))}
        n = int(counts.sum())
        found = {
            "min": self.values[there[0]],
            **dict(zip(QUANTILES, self.quantiles(counts, [*QUANTILES.values()]), strict=True)),
            "max": self.values[there[-1]],
            "mean": (self.values * counts).sum() / n,
        }
        return {"n": n, **{name: self._end(one) for name, one in found.items()}}

    def quantiles(self, counts: Counts, shares: list[float]) -> Floats:
        """What ``numpy.quantile`` finds among the values, each as often as it is counted."""
        upto = np.cumsum(counts)
        at = (upto[-1] - 1) * np.array(shares)
        first = np.floor(at)
        low, high = (
            self.values[np.searchsorted(upto, np.minimum(one, upto[-1] - 1), side="right")]
            for one in (first, first + 1)
        )
        part, step = at - first, high - low
        found: Floats = np.where(part < 0.5, low + step * part, high - step * (1 - part))
        return found

    def ranks(self) -> dict[str, float | None]:
        """``above``: the share of pairs, one of the group and one of the rest, in which the group's
        value is the larger, ties counting half; ``z``: the score of the test of Mann and Whitney,
        by the normal approximation, corrected for ties, without continuity correction. None where
        one side has nobody, and z where all values are equal.

        After Lehmann, Nonparametrics: Statistical Methods Based on Ranks, section 1.4 (midranks).
        """
        some, all_ = int(self.group.sum()), int(self.base.sum())
        others = all_ - some
        if not some or not others:
            return {"above": None, "z": None}
        ties = self.base.astype(np.float64)
        midranks = np.cumsum(ties) - (ties - 1) / 2
        larger = float((midranks * self.group).sum()) - some * (some + 1) / 2
        tied = float((ties**3 - ties).sum()) / (all_ * (all_ - 1))
        variance = some * others / 12 * (all_ + 1 - tied)
        score = (larger - some * others / 2) / math.sqrt(variance) if variance > 0 else None
        return {"above": larger / (some * others), "z": score}

    def bins(self) -> list[Bin]:
        """All cut for a drawing: equal widths over the middle nine tenths, open ends."""
        if not len(self.values):
            return []
        begin, end = self.quantiles(self.base, [0.05, 0.95])
        width = _round_width(end / _BINS - begin / _BINS, whole=self.dates)
        first = math.floor(begin / width) * width if width else begin
        inner = [first + width * one for one in range(1, _BINS + 1)] if width else []
        edges = [one for one in inner if self.values[0] < one <= self.values[-1]]
        shown = [self._end(one) if self.dates else float(f"{one:.12g}") for one in edges]
        counts = self._between(np.array(edges, np.float64), self.base)
        pairs = zip([None, *shown], [*shown, None], counts, strict=True)
        return [Bin(low, high, count) for low, high, count in pairs]

    def between(self, ends: Sequence[End], counts: Counts) -> list[int]:
        """How many of those counted lie between the ends, each from one on and below the next."""
        return self._between(edges_of(ends), counts)

    def quarters(self) -> list[tuple[End, End]]:
        """Bands of about the same size, each from its low end on and below its high end."""
        if not len(self.values):
            return []
        edges = np.unique(self.quantiles(self.base, [0.25, 0.5, 0.75]))
        if self.dates:
            edges = np.unique(np.ceil(edges))
        ends = [self._end(one) for one in edges[edges > self.values[0]]]
        return [*zip([None, *ends], [*ends, None], strict=True)]

    def _between(self, edges: Floats, counts: Counts) -> list[int]:
        upto = np.append(0, np.cumsum(counts))
        places = np.searchsorted(self.values, edges, side="left")
        return [int(one) for one in np.diff(upto[[0, *places, len(counts)]])]

    def _end(self, one: float) -> float | dt.date:
        return EPOCH + dt.timedelta(days=round(one)) if self.dates else float(one)


def numbers(values: pa.ChunkedArray, in_group: NDArray[np.bool_]) -> Numbers:
    """The counts of a column of numbers or dates."""
    floats, dates = as_floats(values), pa.types.is_date32(values.type)
    known = np.isfinite(floats)
    found, base = _counted(floats[known])
    if in_group.all():
        return Numbers(found, base, base, dates)
    group = np.zeros_like(base)
    some, counts = _counted(floats[known & in_group])
    group[np.searchsorted(found, some)] = counts
    return Numbers(found, group, base, dates)


def as_floats(values: pa.ChunkedArray) -> Floats:
    """Numbers, or dates as days; NaN where they are missing."""
    if pa.types.is_date32(values.type):
        values = values.cast(pa.int32())
    return np.asarray(values.cast(pa.float64()).to_numpy(), np.float64)


def edges_of(ends: Sequence[End]) -> Floats:
    """The ends of bands as numbers, dates as days."""
    return np.array([(o - EPOCH).days if isinstance(o, dt.date) else o for o in ends], np.float64)


def _counted(known: Floats) -> tuple[Floats, Counts]:
    return np.unique(known + 0.0, return_counts=True)  # there is one 0


def _round_width(width: float, *, whole: bool) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    if not 0 < width < math.inf:
        return 0.0
    power = 10.0 ** math.floor(math.log10(width))
    found = next(one * power for one in (1, 2, 5, 10) if one * power >= width)
    return max(1.0, found) if whole else found
