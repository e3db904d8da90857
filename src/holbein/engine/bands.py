"""Stretches of days: a stream is read band by band, so that no fact is grouped for a figure whose
window it does not lie in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from holbein.conditions.instants import AsOf
from holbein.conditions.spans import shift
from holbein.conditions.tree import Window

FIRST_CUT = 60
"""So many days before as-of a band may begin, or earlier: to cut shorter windows does not pay."""

APART = 1.9
"""A cut pays where the next window reaches so many times further back."""

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
        # The instants of one local day lie in two days of UTC; a day more on either side will do.
        newer = None if before is None else shift(as_of.day, 1 - whole_days(before), "day")
        back = whole_days(window, before) + 2
        older = None if window is None else shift(as_of.day, -back, "day")
        return _kept(older, newer, exact=False)
    newer = None if before is None else shift(as_of.day, -before.count, before.unit)
    older = None if window is None else shift(newer or as_of.day, -window.count, window.unit)
    return _kept(older, newer, exact=True)


def whole_days(*windows: Window | None) -> int:
    """How many full days windows of hours or minutes have together."""
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
    ends = sorted({one.older for one in spans if one.older is not None}, reverse=True)
    last = None if any(one.older is None for one in spans) else min(ends, default=None)
    cuts = list(_cuts(ends, today, boundless=last is None))
    olders = [*cuts, last]
    return [Band(older, newer) for older, newer in zip(olders, [None, *cuts], strict=True)]


def _cuts(ends: Sequence[dt.date], today: dt.date, *, boundless: bool) -> Iterator[dt.date]:
    for place, end in enumerate(ends):
        reach = (today - end).days
        if place + 1 < len(ends):
            pays = (today - ends[place + 1]).days >= APART * reach
        else:
            pays = boundless
        if pays and reach >= FIRST_CUT:
            yield end
