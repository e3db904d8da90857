"""Stretches of time in which facts count differently from one run to the next."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlglot import exp

from holbein.conditions.instants import AsOf
from holbein.conditions.spans import elapsed, shift
from holbein.conditions.tree import Window
from holbein.engine.base import Dialect, both, column
from holbein.engine.figures import Span
from holbein.engine.reader import KNOWN


@dataclass(frozen=True)
class Band:
    """The facts whose ``column`` (a day or an instant) is at ``start`` or after it, and before
    ``end`` where there is one.
    """

    column: str
    start: dt.date
    end: dt.date | None = None

    def holds(self, dialect: Dialect) -> exp.Expr:
        """True of the facts in it, which stand under the alias ``f``."""
        when = column(self.column, "f")
        after = exp.GTE(this=when, expression=_constant(self.start, dialect))
        if self.end is None:
            return after
        return both(after, exp.LT(this=when.copy(), expression=_constant(self.end, dialect)))


def _constant(value: dt.date, dialect: Dialect) -> exp.Expr:
    return dialect.instant(value) if isinstance(value, dt.datetime) else dialect.day(value)


def crossed(spans: Iterable[Span], columns: Iterable[str], then: AsOf, now: AsOf) -> list[Band]:
    """Where the facts lie that crossed an edge of time between two runs: what was not seen then,
    or not all of it (``columns`` has ``known.`` ones); and what left a window of ``spans``, or
    entered one that lies back.
    """
    late = [one for one in columns if one.startswith(KNOWN)]
    bands = [Band(name, then.instant) for name in ("at", "known_at", *late)]
    for window, before in sorted(spans, key=repr):
        for (_, old), (name, new) in zip(
            _edges(window, before, then), _edges(window, before, now), strict=True
        ):
            bands.append(Band(name, old, new))
    return list(dict.fromkeys(bands))


def _edges(
    window: Window | None, before: Window | None, as_of: AsOf
) -> Iterator[tuple[str, dt.date]]:
    """The first day or instant of a window, and the first after it where it ends before as-of."""
    given = window or before
    if given is None:
        return
    if given.elapsed:
        instant = as_of.instant - elapsed(before) if before else as_of.instant
        if before is not None:
            yield "at", instant
        if window is not None:
            yield "at", instant - elapsed(window)
        return
    last = shift(as_of.day, -before.count, before.unit) if before else as_of.day
    if before is not None:
        yield "day", shift(last, 1, "day")
    if window is not None:
        yield "day", shift(shift(last, -window.count, window.unit), 1, "day")


def may_hold(path: Path, bands: Iterable[Band]) -> bool:
    """Whether a file of facts may have some in the bands, by what it says of itself."""
    ranges = _ranges(path)
    for band in bands:
        if band.column not in ranges:
            return True
        least, most = ranges[band.column]
        if least is None:  # nothing but missing
            continue
        if most >= band.start and (band.end is None or least < band.end):
            return True
    return False


@functools.lru_cache(maxsize=10_000)
def _ranges(path: Path) -> dict[str, tuple[Any, Any]]:
    """The least and the greatest of each column of times that the file tells; its files never
    change.
    """
    meta = pq.read_metadata(path)
    found: dict[str, tuple[Any, Any]] = {}
    for place, name in enumerate(meta.schema.names):
        if name not in ("at", "day", "known_at") and not name.startswith(KNOWN):
            continue
        ends = []
        for group in range(meta.num_row_groups):
            part = meta.row_group(group).column(place)
            if part.statistics is None:
                break
            if part.statistics.has_min_max:
                ends += [part.statistics.min, part.statistics.max]
            elif part.statistics.null_count != part.num_values:
                break
        else:
            found[name] = (min(ends), max(ends)) if ends else (None, None)
    return found
