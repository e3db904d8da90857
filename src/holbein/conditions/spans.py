"""Stretches of time: windows, and whole days, months and years between dates."""

from __future__ import annotations

import calendar
import datetime as dt

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import Unit, Window


def in_window(
    at: dt.datetime,
    day: dt.date,
    window: Window | None,
    before: Window | None,
    as_of: AsOf,
) -> bool:
    """Whether a fact of an instant and its local day lies in a window that ends at as-of.

    Counted in whole local days, unless the window is one of hours or minutes. ``before`` moves
    the end back. That a fact lies before as-of is not asked here.
    """
    if (window is not None and window.elapsed) or (before is not None and before.elapsed):
        end = as_of.instant - elapsed(before) if before else as_of.instant
        return at < end and (window is None or at >= end - elapsed(window))
    last = shift(as_of.day, -before.count, before.unit) if before else as_of.day
    return day <= last and (window is None or day > shift(last, -window.count, window.unit))


def elapsed(window: Window) -> dt.timedelta:
    """The length of a window of hours or minutes."""
    if window.unit == "minute":
        return dt.timedelta(minutes=window.count)
    return dt.timedelta(hours=window.count)


def shift(day: dt.date, count: int, unit: Unit) -> dt.date:
    """The day ``count`` days, weeks, months or years later, clipped at the month's end.

    What lies outside the calendar of years 1 to 9999 is its first or last day.
    """
    try:
        if unit in ("day", "week"):
            return day + dt.timedelta(days=count * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return dt.date.min if count < 0 else dt.date.max


def completed(start: dt.date, end: dt.date, unit: Unit) -> int:
    """The whole units from ``start`` to ``end``, counted from the earlier; negative backwards."""
    if end < start:
        return -completed(end, start, unit)
    if unit == "day":
        return (end - start).days
    months = (end.year - start.year) * 12 + end.month - start.month
    if unit == "year":
        years = end.year - start.year
        return years if shift(start, years, "year") <= end else years - 1
    return months if shift(start, months, "month") <= end else months - 1
