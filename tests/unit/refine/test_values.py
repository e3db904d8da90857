"""Dates, numbers, booleans and money as people write them."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Context, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.refine.values import (
    all_booleans,
    boolean,
    currency,
    day_order,
    decimal_mark,
    moment,
    moment_of_number,
    money,
    number,
)

NOON = dt.datetime(2024, 2, 29, 12, 30)
WIDE = Context(prec=60)
HALF_HOURS = st.integers(-47, 47).map(lambda n: dt.timezone(dt.timedelta(minutes=30 * n)))

# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "2024-02-29", "2024/2/29", "2024.02.29", "20240229", "2024年2月29日", "2024年02月29号",
        "2024 年 2 月 29 日",
        "29.02.2024", "29/2/2024", "29-02-2024", "29 Feb 2024", "29 February 2024", "29-Feb-24",
        "29 feb. 2024",
        "Feb 29, 2024", "February 29th, 2024", "Feb. 29 2024", "29.02.24", " 2024-02-29 ",
        "２０２４-０２-２９", "2024-02-29T00:00", "2024-02-29 00:00:00.000",
    ],
)  # fmt: skip
def test_one_day_in_many_spellings(written: str) -> None:
    assert moment(written) == dt.datetime(2024, 2, 29)


@pytest.mark.parametrize(
    "written",
    [
        "2024-02-29 12:30", "2024-02-29T12:30:00", "2024-02-29T12:30:00.000000000",
        "20240229T123000",
        "20240229123000", "20240229 123000", "2024-02-29 12:30 PM", "29.02.2024 12:30",
        "2024年2月29日 12:30", "2024年2月29日下午12:30", "Feb 29, 2024 12:30 p.m.",
    ],
)  # fmt: skip
def test_one_time_in_many_spellings(written: str) -> None:
    assert moment(written) == NOON


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("12:05 AM", 0),
        ("1:05 am", 1),
        ("11:05AM", 11),
        ("12:05 PM", 12),
        ("11:05 p.m.", 23),
        ("上午9:05", 9),
        ("下午9:05", 21),
    ],
)
def test_halves_of_the_day(written: str, hour: int) -> None:
    assert moment(f"2024-02-29 {written}") == dt.datetime(2024, 2, 29, hour, 5)


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("Z", 12),
        (" UTC", 12),
        ("GMT", 12),
        ("+08:00", 4),
        ("+0800", 4),
        (" +08", 4),
        ("-05:00", 17),
        ("+00:00", 12),
    ],
)
def test_zones(zone: str, utc: int) -> None:
    found = moment(f"2024-02-29T12:30:00{zone}")
    assert found is not None
    assert found.tzinfo is not None
    assert found.astimezone(dt.UTC) == dt.datetime(2024, 2, 29, utc, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "soon", "2024", "2024-02", "2024-02-30", "2023-02-29", "1900-02-29", "0000-01-01",
        "10000-01-01",
        "2024-13-01", "2024-00-10", "2024-02/29", "024-02-29", "2024-02-29x", "2024-02-29 25:00",
        "2024-02-29 24:00",
        "2024-02-29 12:60", "2024-02-29 12:30:60", "2024-02-29 13:00 PM", "2024-02-29 0:30 AM",
        "29 Foo 2024",
        "32.01.2024", "1.2.3", "2024-02-29T12:30+99:00", "2024-02-29 12", "29 Feb 024",
        "2024-02-029",
        "202402291", "20240229123", "1/2/024",
    ],
)  # fmt: skip
def test_what_is_no_date(written: str) -> None:
    assert moment(written) is None


@given(st.datetimes())
def test_what_python_writes_is_read(one: dt.datetime) -> None:
    assert moment(one.isoformat()) == one
    assert moment(one.isoformat(" ")) == one
    day = one.replace(hour=0, minute=0, second=0, microsecond=0)
    assert moment(f"{one.day}.{one.month}.{one.year:04}", "dmy") == day
    assert moment(f"{one.month}/{one.day}/{one.year:04}", "mdy") == day
    assert moment(f"{one.year:04}{one.month:02}{one.day:02}") == day


@given(st.datetimes(timezones=HALF_HOURS))
def test_what_python_writes_with_a_zone_is_read(one: dt.datetime) -> None:
    assert moment(one.isoformat()) == one


@given(st.text(max_size=30), st.sampled_from(["dmy", "mdy", "ymd"]))
def test_any_text_is_a_moment_or_none(text: str, order: Any) -> None:
    found = moment(text, order)
    assert found is None or isinstance(found, dt.datetime)


@pytest.mark.parametrize(
    ("year", "full"), [("24", 2024), ("68", 2068), ("69", 1969), ("99", 1999), ("00", 2000)]
)
def test_years_of_two_digits(year: str, full: int) -> None:
    assert moment(f"1.3.{year}") == dt.datetime(full, 3, 1)
    assert moment(f"{year}/3/01", "ymd") == dt.datetime(full, 3, 1)


@pytest.mark.parametrize(
    ("texts", "order", "sure"),
    [
        (["2024-01-02", "1 Jan 2024"], None, None), ([], None, None), (["x"], None, None),
        (["03/04/2024"], "mdy", False), (["03.04.2024"], "dmy", True), (["12.31.2024", "01.02.2024"], "dmy", True),
        (["03-04-2024"], "dmy", False),
        (["13/04/2024", "03/04/2024"], "dmy", True), (["04/13/2024", "03/04/2024"], "mdy", True),
        (["13/04/2024"] * 3 + ["04/13/2024"], "dmy", True),
        (["13/04/2024", "04/13/2024"], "mdy", False),
        (["99/01/30", "24/12/31"], "ymd", True), (["24/12/31"], "dmy", False),
        (["24/12/99"], "dmy", True),
        (["13/04/2024", "13/13/2024"], "dmy", True), (["0/0/2024", "13.04.2024"], "dmy", True),
        (["1３／０４／２０２４", "03/04/2024"], "dmy", True),
    ],
)  # fmt: skip
def test_the_order_that_fits_the_column(
    texts: list[str], order: str | None, sure: bool | None
) -> None:
    found = day_order(texts)
    assert (found and (found.order, found.sure)) == (order and (order, sure))


@given(st.lists(st.dates(), min_size=1), st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y"]))
def test_a_sure_order_is_the_right_one(days: list[dt.date], form: str) -> None:
    written = [f"{one.strftime(form)[:6]}{one.year:04}" for one in days]
    found = day_order(written)
    assert found is not None
    right = "mdy" if form.startswith("%m") else "dmy"
    assert found.order == right or not found.sure
    assert found.sure or all(one.day <= 12 for one in days)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (20240229, dt.datetime(2024, 2, 29)), (20240229.0, dt.datetime(2024, 2, 29)),
        (20240229123000, NOON),
        (1709209800, NOON), (1709209800.5, NOON + dt.timedelta(seconds=0.5)),
        (1709209800123, NOON + dt.timedelta(seconds=0.123)),
        (1709209800123456, NOON + dt.timedelta(microseconds=123456)),
        (-1709209800, dt.datetime(1915, 11, 3, 11, 30)),
        (-62135596800, dt.datetime.min), (10**13, dt.datetime(2286, 11, 20, 17, 46, 40)),
        (0, None), (45000, None), (20240230, None), (2024, None), (-1, None), (1e17, None),
        (math.nan, None), (math.inf, None), (-math.inf, None), (-62135596801, None),
        (99999999, None),
    ],
)  # fmt: skip
def test_days_and_times_as_numbers(value: float, expected: dt.datetime | None) -> None:
    found = moment_of_number(value)
    assert (found and found.replace(tzinfo=None)) == expected
    # A day and a time of day are local; what counts from 1970 is UTC.
    local = found is not None and value in (20240229, 20240229123000)
    assert found is None or (found.tzinfo is None) is local


# --- booleans -------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["yes", "YES ", "y", "t", "True", "1", "是"])
def test_yes(written: str) -> None:
    assert boolean(written) is True


@pytest.mark.parametrize("written", ["no", "N", "f", "FALSE", "0", "否"])
def test_no(written: str) -> None:
    assert boolean(written) is False


@pytest.mark.parametrize("written", ["", "2", "ja", "on", "1.0", "yesno", "null"])
def test_neither_yes_nor_no(written: str) -> None:
    assert boolean(written) is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["yes", "no"], True), (["yes"], True), (["y", "n"], True), (["T", "F"], True),
        (["y"], False),
        (["t", "t"], False), ([], False), (["yes", "maybe"], False), (["0", "1"], False),
        (["是", "否"], True),
    ],
)  # fmt: skip
def test_a_column_of_yes_and_no(texts: list[str], expected: bool) -> None:
    assert all_booleans(texts) is expected


# --- numbers and money ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1", "1"), ("-1.5", "-1.5"), ("+2", "2"), (".5", "0.5"), ("5.", "5"), ("1e3", "1000"),
        ("1E-3", "0.001"),
        ("1,234", "1234"), ("1,234,567.89", "1234567.89"), ("1 234.5", "1234.5"),
        ("1'234.5", "1234.5"),
        ("$5", "5"), ("5 $", "5"), ("-$5", "-5"), ("$-5", "-5"), ("US$ 5", "5"), ("HK$5", "5"),
        ("5 EUR", "5"), ("EUR 5", "5"),
        ("EUR5", "5"), ("¥1,234.50", "1234.5"), ("￥５", "5"), ("5元", "5"), ("1.5万", "15000"),
        ("2亿元", "200000000"),
        ("(12.00)", "-12"), ("( $5 )", "-5"), ("\u22125", "-5"), ("1\u00a0234", "1234"),
        ("１２", "12"),
        ("007", "7"), ("0", "0"), ("-0", "0"),
    ],
)  # fmt: skip
def test_amounts(written: str, expected: str) -> None:
    assert money(written) == Decimal(expected)
    assert number(written) == float(expected)


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "-", "+", ".", "e5", "1,23", "12,34,567", "1,2345", "1.234.567", "1..5", "--5",
        "-$-5", "5 apples",
        "five", "0x10", "1_000", "1e1000", "1 2", "5%", "()", "$", "EUR", "EURO 5", "万",
        "1,234 567", "NaN", "+-5",
    ],
)  # fmt: skip
def test_what_is_no_amount(written: str) -> None:
    assert money(written) is None
    assert number(written) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12,5", "12.5"),
        ("1.234,50", "1234.5"),
        ("1.234.567", "1234567"),
        ("1 234,5", "1234.5"),
        (",5", "0.5"),
        ("7", "7"),
        ("1.234", "1234"),
        ("1.5", None),
        ("1,234.5", None),
    ],
)
def test_a_decimal_comma(written: str, expected: str | None) -> None:
    assert money(written, ",") == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["12,5"], ","), (["1.234,5", "7"], ","), (["12,5", "1.234"], ","), (["1,234"], "."),
        (["1.5"], "."),
        ([], "."), (["1,234.5", "12"], "."), (["1.5", "2.5", "3,5"], "."), (["1.5", "2,5"], "."),
        (["x", "2,5"], ","),
    ],
)  # fmt: skip
def test_the_mark_that_fits_the_column(texts: list[str], mark: str) -> None:
    assert decimal_mark(texts) == mark


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**40), max_value=10**40
    )
)
def test_money_keeps_every_digit(value: Decimal) -> None:
    assert money(f"{value:f}") == value
    assert money(f"{value:,f}") == value
    assert money(f"EUR {value:,f}") == value
    assert money(f"({value.copy_abs():f})") == value.copy_abs().copy_negate()
    assert money(f"{value:f}万") == value.scaleb(4, context=WIDE)
    german = f"{value:,f}".translate(str.maketrans(",.", ".,"))
    assert money(german, ",") == value


@given(st.floats(allow_nan=False))
def test_floats_as_python_writes_them(value: float) -> None:
    found = number(repr(value))
    assert found == (math.inf if math.isinf(value) else value)


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    for found in (money(text), money(text, ",")):
        assert found is None or found.is_finite()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5", None),
        ("$5", "$"),
        ("¥5", "CNY"),
        ("￥5", "CNY"),
        ("5 eur", "EUR"),
        ("RMB 5", "CNY"),
        ("US$5", "USD"),
        ("HK$5", "HK$"),
        ("5元", "CNY"),
    ],
)
def test_currencies(written: str, expected: str | None) -> None:
    assert currency(written) == expected
