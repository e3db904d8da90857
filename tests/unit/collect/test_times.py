"""Between local times and UTC: whole columns get what zoneinfo gives one by one."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.collect import times

ZONES = (
    "UTC", "Asia/Shanghai", "Europe/Zurich", "America/New_York", "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # had no 30 December 2011
    "America/Sao_Paulo",  # clocks were changed at midnight
    "Africa/Casablanca", "Europe/Dublin", "Africa/Monrovia", "Pacific/Kiritimati", "Etc/GMT+12",
)  # fmt: skip
CHANGES = [
    dt.datetime(2024, 3, 31, 2), dt.datetime(2024, 10, 27, 2), dt.datetime(2024, 3, 10, 2),
    dt.datetime(2011, 12, 30), dt.datetime(2018, 11, 4), dt.datetime(2018, 2, 18),
    dt.datetime(1901, 1, 1), dt.datetime(1927, 12, 31, 23, 54), dt.datetime(1896, 2, 29),
    dt.datetime(1991, 4, 14), dt.datetime(2024, 4, 7), dt.datetime.min, dt.datetime.max,
]  # fmt: skip
EPOCH = dt.datetime(1970, 1, 1)


@st.composite
def moments(draw: st.DrawFn) -> dt.datetime:
    """Any time of the calendar, often near a change of clocks or an end of time."""
    if draw(st.booleans()):
        return draw(st.datetimes())
    away = dt.timedelta(microseconds=draw(st.integers(-3 * times.DAY, 3 * times.DAY)))
    near = draw(st.sampled_from(CHANGES))
    try:
        return near + away
    except OverflowError:
        return near


def one_by_one(moment: dt.datetime, here: dt.tzinfo, there: dt.tzinfo) -> dt.datetime | None:
    try:
        return moment.replace(tzinfo=here).astimezone(there).replace(tzinfo=None)
    except OverflowError:
        return None


def column(moments: list[dt.datetime]) -> times.Micros:
    return np.array([times.micros(one) for one in moments], dtype=np.int64)


def back(values: times.Micros) -> list[dt.datetime | None]:
    return [
        None if one == times.OUTSIDE else EPOCH + dt.timedelta(microseconds=int(one))
        for one in values
    ]


@given(st.sampled_from(ZONES), st.lists(moments(), max_size=30))
def test_local_times_become_utc_as_one_by_one(zone: str, some: list[dt.datetime]) -> None:
    here = ZoneInfo(zone)
    expected = [one_by_one(one, here, dt.UTC) for one in some]
    assert back(times.to_utc(column(some), here)) == expected


@given(st.sampled_from(ZONES), st.lists(moments(), max_size=30))
def test_instants_become_local_as_one_by_one(zone: str, some: list[dt.datetime]) -> None:
    there = ZoneInfo(zone)
    expected = [one_by_one(one, dt.UTC, there) for one in some]
    assert back(times.to_local(column(some), there)) == expected


@given(st.sampled_from(ZONES), st.lists(moments(), max_size=10))
def test_there_and_back_is_where_one_was(zone: str, some: list[dt.datetime]) -> None:
    here = ZoneInfo(zone)
    instants = column(some)
    local = times.to_local(instants, here)
    again = times.to_utc(local, here)
    inside = (local != times.OUTSIDE) & (again != times.OUTSIDE)
    # The doubled hour is read as the first of the two: never later, and by no more than a change.
    early = (instants - again)[inside]
    assert ((early >= 0) & (early <= times.DAY)).all()


def test_the_left_out_and_the_doubled_hour() -> None:
    zurich = ZoneInfo("Europe/Zurich")
    left_out, doubled = dt.datetime(2024, 3, 31, 2, 30), dt.datetime(2024, 10, 27, 2, 30)
    assert back(times.to_utc(column([left_out, doubled]), zurich)) == [
        dt.datetime(2024, 3, 31, 1, 30),  # with the offset before the change
        dt.datetime(2024, 10, 27, 0, 30),  # the first of the two
    ]


def test_what_leaves_the_calendar_is_outside() -> None:
    first, last = dt.datetime.min, dt.datetime.max
    east, west = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
    assert back(times.to_utc(column([first, last]), east))[0] is None
    assert back(times.to_utc(column([first, last]), west))[1] is None
    assert back(times.to_local(column([first, last]), west))[0] is None
    assert back(times.to_local(column([first, last]), east))[1] is None
    beyond = np.array([-(2**62), 2**62, int(times.OUTSIDE)], dtype=np.int64)
    assert (times.to_utc(beyond, east) == times.OUTSIDE).all()
    assert not times.in_range(beyond).any()


def test_no_rows() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert len(times.to_utc(nothing, ZoneInfo("UTC"))) == 0
    assert len(times.dates(nothing, np.zeros(0, dtype=bool))) == 0


@pytest.mark.parametrize(
    "day", [dt.date.min, dt.date(1896, 2, 29), dt.date(1969, 12, 31), dt.date.max]
)
def test_days_of_old_and_far_times(day: dt.date) -> None:
    values = column([dt.datetime.combine(day, dt.time()), dt.datetime.combine(day, dt.time.max)])
    present = np.zeros(2, dtype=bool)
    assert times.dates(values, present).to_pylist() == [day, day]
    stamps = times.timestamps(values, np.array([False, True]))
    assert stamps.type == pa.timestamp("us")
    assert stamps.to_pylist() == [dt.datetime.combine(day, dt.time()), None]
