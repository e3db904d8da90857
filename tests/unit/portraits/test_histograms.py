"""Histograms of numbers and dates: nobody is lost, both sides are in the same bands."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.portraits import GroupPortrait, group_page, group_portrait
from holbein.portraits.group.histograms import Band, bands, blocks, histogram
from holbein.query import Query
from holbein.query.numbers import numbers

DATES = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))
NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda one: round(one, 2))


def inside(value: object, band: Band) -> bool:
    low, high = band.low, band.high
    return (low is None or value >= low) and (high is None or value < high)  # type: ignore[operator]


@pytest.mark.parametrize(("drawn", "type_"), [(NUMBERS, pa.float64()), (DATES, pa.date32())])
@given(data=st.data())
def test_each_value_is_in_its_band(
    drawn: st.SearchStrategy[object], type_: pa.DataType, data: st.DataObject
) -> None:
    values = data.draw(st.lists(drawn | st.none(), max_size=60))
    split = data.draw(st.integers(0, len(values)))
    column = pa.chunked_array([pa.array(values, type_)])
    found = numbers(column, np.arange(len(values)) < split)
    cut = bands(found, found.rest)
    for band in cut:
        for count, part in ((band.group, values[:split]), (band.base, values[split:])):
            assert count == sum(inside(one, band) for one in part if one is not None)
    known = [one for one in values if one is not None]
    assert sum(one.group + one.base for one in cut) == len(known)


@pytest.fixture(scope="module")
def software(query: Query) -> GroupPortrait:
    return group_portrait(query, "sector = 'software'", "enterprise")


def test_numbers_and_dates_of_a_portrait_have_one(software: GroupPortrait) -> None:
    for one in software.numbers:
        assert len(one.bands) > 2
        assert sum(band.group for band in one.bands) == one.group.n
        assert sum(band.base for band in one.bands) == one.base.n
    dates = next(one for one in software.numbers if one.name == "founded")
    assert isinstance(dates.bands[0].high, dt.date)
    first = software.as_json()["numbers"][0]["bands"]
    assert first[0]["low"] is None
    assert group_page(software).count('<svg viewBox="0 0 1000 100"') == len(software.numbers)


def test_a_band_of_all_is_no_drawing() -> None:
    assert histogram((Band(None, None, 3, 3),)) is None
    assert histogram(()) is None
    assert blocks([3]) == ""
    assert blocks([0, 0]) == ""
    assert blocks([0, 1, 100]) == "▁▂█"
