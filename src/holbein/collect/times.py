"""Between local times and UTC, for whole columns, exactly as ``zoneinfo`` has it.

An offset from UTC holds for nearly every whole day, so it is looked up once a day; only times on
the days of a change are looked up one by one. Where clocks are put forward, the time left out
is read with the offset before the change; where they are put back, the doubled hour is read as
the first of the two (``fold=0``, as in ``conditions.instants``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from holbein.collect.raw import Mask

Micros = np.ndarray[Any, np.dtype[np.int64]]
"""Microseconds since 1970-01-01."""

DAY: Final = 86_400_000_000
_EPOCH: Final = dt.datetime(1970, 1, 1)
_FIRST: Final = (dt.datetime.min - _EPOCH) // dt.timedelta(microseconds=1)
_LAST: Final = (dt.datetime.max - _EPOCH) // dt.timedelta(microseconds=1)
_TICK: Final = dt.timedelta(microseconds=1)
OUTSIDE: Final = np.int64(np.iinfo(np.int64).min)
"""What takes the place of a time that lies outside the years 1 to 9999."""


def micros(moment: dt.datetime) -> int:
    """A moment without zone as microseconds."""
    return (moment - _EPOCH) // _TICK


def in_range(values: Micros) -> Mask:
    """Which times lie in the years 1 to 9999."""
    found: Mask = (values >= _FIRST) & (values <= _LAST)
    return found


def to_utc(local: Micros, zone: ZoneInfo) -> Micros:
    """Local times as UTC; ``OUTSIDE`` where that is not in the years 1 to 9999."""
    return _shifted(local, lambda day: _local_day_offset(day, zone), lambda at: _utc(at, zone))


def to_local(instants: Micros, zone: ZoneInfo) -> Micros:
    """UTC as local times; ``OUTSIDE`` where that is not in the years 1 to 9999."""
    return _shifted(instants, lambda day: _utc_day_offset(day, zone), lambda at: _local(at, zone))


def _shifted(
    values: Micros, of_day: Callable[[int], int | None], one: Callable[[int], int]
) -> Micros:
    """``values`` plus the offset of their day, or each by itself where the day has several."""
    if not len(values):
        return values
    usable = in_range(values)
    days = np.where(usable, values, 0) // DAY
    first = int(days.min())
    present = np.zeros(int(days.max()) - first + 1, dtype=bool)
    present[days - first] = True
    offsets = np.zeros(len(present), dtype=np.int64)
    irregular = np.zeros(len(present), dtype=bool)
    for place in np.flatnonzero(present).tolist():
        offset = of_day(first + place)
        if offset is None:
            irregular[place] = True
        else:
            offsets[place] = offset
    result = np.where(usable, values + offsets[days - first], OUTSIDE)
    odd = np.flatnonzero(irregular[days - first] & usable)
    if len(odd):
        distinct, back = np.unique(values[odd], return_inverse=True)
        result[odd] = np.array([one(int(at)) for at in distinct], dtype=np.int64)[back]
    return np.where(in_range(result), result, OUTSIDE)


def _local_day_offset(day: int, zone: ZoneInfo) -> int | None:
    """What to add to the local times of a day; None where it changes, or near the ends of time."""
    start, end = day * DAY, day * DAY + DAY - 1
    first, last = (_moment(at).replace(tzinfo=zone).utcoffset() for at in (start, end))
    return -(first // _TICK) if first is not None and first == last else None


def _utc_day_offset(day: int, zone: ZoneInfo) -> int | None:
    start, end = day * DAY, day * DAY + DAY - 1
    first, last = _local(start, zone), _local(end, zone)
    if int(OUTSIDE) in (first, last) or first - start != last - end:
        return None
    return first - start


def _utc(at: int, zone: ZoneInfo) -> int:
    try:
        return micros(_moment(at).replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None))
    except OverflowError:
        return int(OUTSIDE)


def _local(at: int, zone: ZoneInfo) -> int:
    try:
        return micros(_moment(at).replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None))
    except OverflowError:
        return int(OUTSIDE)


def _moment(at: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=at)


def timestamps(values: Micros, missing: Mask) -> pa.Array:
    """As timestamp[us] without zone."""
    return pa.array(values, pa.int64(), mask=missing).cast(pa.timestamp("us"))


def dates(values: Micros, missing: Mask) -> pa.Array:
    """The days of local times, as date32."""
    return pa.array((values // DAY).astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())
