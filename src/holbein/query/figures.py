"""Counting columns that an engine has answered: distributions and quantiles, group beside base."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

IN_GROUP = "in group"
QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
EPOCH = dt.date(1970, 1, 1)
BINS = 8


def distribution(values: pa.ChunkedArray, in_group: pa.ChunkedArray) -> pa.Table:
    """value, group, base: how many subjects have each value, the most frequent in base first.

    A null is a value of its own; a list counts once for each of its labels.
    """
    if pa.types.is_list(values.type):
        lists = values.combine_chunks()
        empty = pc.or_kleene(pc.is_null(lists), pc.equal(pc.list_value_length(lists), 0))
        missing = in_group.filter(pc.fill_null(empty, True))
        owners = pc.list_parent_indices(lists)
        values = pa.chunked_array(
            [pc.list_flatten(lists), pa.nulls(len(missing), lists.type.value_type)]
        )
        in_group = pa.chunked_array(
            [*pc.take(in_group, owners).chunks, *missing.chunks], pa.bool_()
        )
    counted = (
        pa.table({"value": values, "group": pc.cast(in_group, pa.int64())})
        .group_by("value")
        .aggregate([("group", "sum"), ("group", "count")])
    )
    found = pa.table(
        {
            "value": counted["value"],
            "group": counted["group_sum"].cast(pa.int64()),
            "base": counted["group_count"].cast(pa.int64()),
        }
    )
    return found.sort_by([("base", "descending"), ("value", "ascending")])


def quantiles(values: pa.ChunkedArray, in_group: pa.ChunkedArray) -> dict[str, dict[str, Any]]:
    """Quantiles of the group and of the base, interpolated; those of dates rounded to days; and
    under ``ranks`` how the group compares with the rest of the base (``ranks``).
    """
    return {
        "group": spread(values.filter(in_group)),
        "base": spread(values),
        "ranks": ranks(values, in_group),
    }


def ranks(values: pa.ChunkedArray, in_group: pa.ChunkedArray) -> dict[str, float | None]:
    """``above``: the share of pairs, one of the group and one of the rest, in which the group's
    value is the larger, ties counting half; ``z``: the score of the test of Mann and Whitney, by
    the normal approximation, corrected for ties, without continuity correction. Missing values do
    not count; None where one side has none, and z where all values are equal.

    After Lehmann, Nonparametrics: Statistical Methods Based on Ranks, section 1.4 (midranks).
    """
    known = pc.is_valid(values)
    numbers, mine = _numbers(values.filter(known)), in_group.filter(known).to_numpy()
    some, all_ = int(mine.sum()), len(mine)
    others = all_ - some
    if not some or not others:
        return {"above": None, "z": None}
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    ties = np.diff(np.append(first, all_)).astype(np.float64)
    midranks = np.repeat(first + (ties + 1) / 2, ties.astype(np.int64))
    larger = float(midranks[mine[order]].sum()) - some * (some + 1) / 2
    variance = some * others / 12 * (all_ + 1 - float((ties**3 - ties).sum()) / (all_ * (all_ - 1)))
    score = (larger - some * others / 2) / math.sqrt(variance) if variance > 0 else None
    return {"above": larger / (some * others), "z": score}


def _numbers(known: pa.ChunkedArray) -> np.ndarray:
    """Numbers, or dates as days, without missing ones."""
    if pa.types.is_date32(known.type):
        known = known.cast(pa.int32())
    return np.asarray(known.to_numpy(), np.float64)


def spread(values: pa.ChunkedArray) -> dict[str, Any]:
    """n, min, quantiles, max and mean of what is known; None where that is nothing."""
    is_date = pa.types.is_date32(values.type)
    numbers = _numbers(values.drop_null())
    if not len(numbers):
        return {"n": 0, **dict.fromkeys(("min", *QUANTILES, "max", "mean"))}
    found = {
        "min": numbers.min(),
        **dict(zip(QUANTILES, np.quantile(numbers, list(QUANTILES.values())), strict=True)),
        "max": numbers.max(),
        "mean": numbers.mean(),
    }
    return {
        "n": len(numbers),
        **{name: _date(one) if is_date else float(one) for name, one in found.items()},
    }


@dataclass(frozen=True)
class Bin:
    """How many values lie from ``low`` on and below ``high``; None is without end."""

    low: float | dt.date | None
    high: float | dt.date | None
    count: int

    def as_json(self) -> dict[str, Any]:
        """Plain data; dates as text."""
        low, high = (str(one) if isinstance(one, dt.date) else one for one in (self.low, self.high))
        return {"low": low, "high": high, "count": self.count}


def bins(values: pa.ChunkedArray) -> list[Bin]:
    """Numbers or dates cut for a drawing: equal widths over the middle nine tenths, open ends."""
    is_date = pa.types.is_date32(values.type)
    numbers = _numbers(values.drop_null())
    if not len(numbers):
        return []
    begin, end = np.quantile(numbers, [0.05, 0.95])
    width = _round_width(end / BINS - begin / BINS, whole=is_date)
    first = math.floor(begin / width) * width if width else begin
    inner = [first + width * one for one in range(1, BINS + 1)] if width else []
    edges = [one for one in inner if numbers.min() < one <= numbers.max()]
    counts = np.histogram(numbers, [-np.inf, *edges, np.inf])[0].tolist()
    shown = [_date(one) if is_date else float(f"{one:.12g}") for one in edges]
    pairs = zip([None, *shown], [*shown, None], counts, strict=True)
    return [Bin(low, high, count) for low, high, count in pairs]


def counted(values: pa.ChunkedArray, edges: Sequence[float | dt.date | None]) -> list[int]:
    """How many values lie between the edges, each from one on and below the next."""
    ends = [(one - EPOCH).days if isinstance(one, dt.date) else one for one in edges]
    found = np.searchsorted(np.array(ends, float), _numbers(values.drop_null()), side="right")
    return [int(one) for one in np.bincount(found, minlength=len(ends) + 1)]


def _round_width(width: float, *, whole: bool) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    if not 0 < width < math.inf:
        return 0.0
    power = 10.0 ** math.floor(math.log10(width))
    found = next(one * power for one in (1, 2, 5, 10) if one * power >= width)
    return max(1.0, found) if whole else found


def _date(days: float) -> dt.date:
    return EPOCH + dt.timedelta(days=round(days))
