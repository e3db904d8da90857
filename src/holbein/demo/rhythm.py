"""When things happen: growth, seasons, weeks and hours, as distributions to draw days from.

Days are counted in days since 1970-01-01, local time of Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

AS_OF = dt.date(2026, 6, 30)
"""The last day of the demo world; ``run --as-of`` this day sees all of it."""

FIRST_DAY = dt.date(2024, 1, 1)

Calendar = Literal["china", "west", "retail"]
Days = NDArray[np.int64]

_CHINESE_NEW_YEAR = (dt.date(2024, 2, 10), dt.date(2025, 1, 29), dt.date(2026, 2, 17))


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - dt.date(1970, 1, 1).toordinal()


START = day_number(FIRST_DAY)
END = day_number(AS_OF) + 1
"""The day after the last: intervals are half open."""


@cache
def _cumulated(calendar: Calendar) -> NDArray[np.float64]:
    """The share of what happens before each day from START to END; length END - START + 1."""
    numbers = np.arange(START, END)
    days = [dt.date(1970, 1, 1) + dt.timedelta(days=int(n)) for n in numbers]
    weight = np.exp(0.35 * (numbers - START) / 365.0)
    weekday = np.array([day.weekday() for day in days])
    weight *= np.array([1.1, 1.15, 1.1, 1.05, 0.9, 0.28, 0.18])[weekday]
    month_day = np.array([(day.month, day.day) for day in days])
    if calendar == "west":
        weight[(month_day[:, 0] == 12) & (month_day[:, 1] >= 22)] *= 0.15
        weight[(month_day[:, 0] == 8)] *= 0.7
    else:
        for year in _CHINESE_NEW_YEAR:
            away = numbers - day_number(year)
            weight[(away >= -2) & (away <= 6)] *= 0.08
        weight[(month_day[:, 0] == 10) & (month_day[:, 1] <= 7)] *= 0.12
    if calendar == "retail":
        weight[(month_day[:, 0] == 11) & (month_day[:, 1] <= 15)] *= 3.5
        weight[(month_day[:, 0] == 6) & (month_day[:, 1] <= 20)] *= 2.0
    total = np.concatenate(([0.0], np.cumsum(weight)))
    return np.asarray(total / total[-1])


def draw_days(rng: np.random.Generator, since: Days, until: Days, calendar: Calendar) -> Days:
    """One day in each [since, until), which must not be empty; clipped to the world's time."""
    shares = _cumulated(calendar)
    low = shares[np.clip(since, START, END - 1) - START]
    high = shares[np.clip(until, START + 1, END) - START]
    drawn = low + rng.random(len(low)) * np.maximum(high - low, 0.0)
    found = START + np.searchsorted(shares, drawn, side="right") - 1
    return np.asarray(
        np.clip(found, np.clip(since, START, END - 1), np.clip(until, START + 1, END) - 1)
    )


# Working hours with a lunch break and some evenings; share of each hour of the day.
_HOURS = np.array(
    [1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 3, 8, 14, 16, 12, 6, 9, 14, 15, 13, 9, 5, 4, 5, 5, 3, 2], float
)


def draw_seconds(rng: np.random.Generator, count: int, ahead: Days) -> Days:
    """A second of Shanghai's day; ``ahead`` is by how many hours its clock is ahead of theirs."""
    hours = rng.choice(24, count, p=_HOURS / _HOURS.sum())
    return np.asarray((hours + ahead) % 24 * 3600 + rng.integers(0, 3600, count))
