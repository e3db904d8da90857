"""As-of: the instant that a run takes as "now", and the local day it lies in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, order=True)
class AsOf:
    """Nothing at or after ``instant`` is seen; windows count back from ``day``.

    ``instant`` is UTC without zone; ``day`` is the local day of the last moment before it.
    """

    instant: dt.datetime
    day: dt.date


def utc(local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """A local time without zone (or any time with one) as UTC without zone."""
    aware = local.replace(tzinfo=zone) if local.tzinfo is None else local
    return aware.astimezone(dt.UTC).replace(tzinfo=None)


def local_day(instant: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The local day in which a UTC instant without zone lies."""
    return instant.replace(tzinfo=dt.UTC).astimezone(zone).date()


def end_of(day: dt.date, zone: ZoneInfo) -> AsOf:
    """As of the end of a local day."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return AsOf(utc(midnight, zone), day)


def at_instant(moment: dt.datetime, zone: ZoneInfo) -> AsOf:
    """As of a moment; without a zone it is local time."""
    instant = utc(moment, zone)
    return AsOf(instant, local_day(instant - dt.timedelta(microseconds=1), zone))
