"""Stretches of days: a stream is read band by band, so that few facts are grouped for figures whose
windows they do not lie in."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from holbein.conditions.instants import AsOf
from holbein.conditions.spans import shift
from holbein.conditions.tree import Window

FIRST_CUT = 60
"""So many days before as-of a band may begin, or earlier: to cut shorter windows does not pay."""

APART = 1.9
"""A cut pays where the band beyond it reaches so many times further back."""

LONG_AGO = dt.date(1901, 1, 1)
"""Windows that reach back further than this are taken for boundless; engines differ there."""


@dataclass(frozen=True)
class Band:
    """The days after ``older``, up to ``newer``; without bounds where these are None.

    Of a window the exact days are known, but where it is one of hours: then they are a few more,
    and ``exact`` is false.
    """

    older: dt.date | None = None
    newer: dt.date | None = None
    exact: bool = True

    def meets(self, other: Band) -> bool:
        """Whether some day is in both."""
        return _before(self.older, other.newer) and _before(other.older, self.newer)

    def begins_within(self, other: Band) -> bool:
        """Whether some day of ``other`` lies before this one's first."""
        return self.older is not None and (other.older is None or other.older < self.older)

    def ends_within(self, other: Band) -> bool:
        """Whether some day of ``other`` lies after this one's last."""
        return self.newer is not None and (other.newer is None or other.newer > self.newer)


def _before(older: dt.date | None, newer: dt.date | None) -> bool:
    return older is None or newer is None or older < newer


EVER = Band()


def spanned(window: Window | None, before: Window | None, as_of: AsOf) -> Band:
    """The days of a window, which ends at as-of or lies ``before``."""
    given = window or before
    if given is None:
        return EVER
    if given.elapsed:
        newer = None if before is None else shift(as_of.day, 1 - _whole_days(before), "day")
        older = None if window is None else shift(as_of.day, -most_days(window, before), "day")
        return _kept(older, newer, exact=False)
    newer = None if before is None else shift(as_of.day, -before.count, before.unit)
    older = None if window is None else shift(newer or as_of.day, -window.count, window.unit)
    return _kept(older, newer, exact=True)


def most_days(window: Window, before: Window | None) -> int:
    """So many days back there is a day before which a window of hours or minutes holds no fact.

    Its hours may begin within a day, end within one, and lie over a clock change or a day that a
    place left out when it crossed the date line.
    """
    return _whole_days(window, before) + 3


def _whole_days(*windows: Window | None) -> int:
    minutes = (one.count * (60 if one.unit == "hour" else 1) for one in windows if one is not None)
    return sum(minutes) // (24 * 60)


def _kept(older: dt.date | None, newer: dt.date | None, *, exact: bool) -> Band:
    """A band without the bounds that lie long ago, which is then not exact."""
    far = [one for one in (older, newer) if one is not None and one < LONG_AGO]
    older = None if older in far else older
    newer = None if newer in far else newer
    return Band(older, newer, exact and not far)


def cut(spans: Iterable[Band], today: dt.date) -> Sequence[Band]:
    """The bands in which to read a stream for figures over these spans, the newest first."""
    spans = list(spans)
    ends = sorted({one.older for one in spans if one.older is not None})
    last = None if any(one.older is None for one in spans) else min(ends, default=None)
    cuts = list(_cuts(ends, last, today))[::-1]
    olders = [*cuts, last]
    return [Band(older, newer) for older, newer in zip(olders, [None, *cuts], strict=True)]


def _cuts(ends: Sequence[dt.date], last: dt.date | None, today: dt.date) -> Iterator[dt.date]:
    """Where cutting pays, the oldest first, so that no band is longer than it need be."""
    reach = math.inf if last is None else (today - last).days
    for end in ends:
        if FIRST_CUT <= (today - end).days <= reach / APART and end != last:
            reach = (today - end).days
            yield end
