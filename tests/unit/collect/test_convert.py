"""From a column as it is stored to the column as Holbein holds it."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.catalog.inspection import Column
from holbein.collect.convert import arrow_type, convert, instants, split_list

SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = Column("x", "number")
MONEY = Column("x", "number", money=True)
DATE = Column("x", "date")
BOOLEAN = Column("x", "boolean")
CATEGORY = Column("x", "category")
CATEGORIES = Column("x", "categories")
BAD = object()
"""Stands for a value that is there and can't be read."""


def read(values: Any, column: Column, kind: pa.DataType | None = None) -> list[Any]:
    """The converted values, ``BAD`` where one can't be read."""
    found = convert(pa.chunked_array([pa.array(values, kind)]), column, SHANGHAI)
    assert found.values.type == arrow_type(column)
    assert found.sound is (not any(found.bad))
    assert not any(
        bad and one is not None
        for bad, one in zip(found.bad, found.values.to_pylist(), strict=True)
    )
    return [
        BAD if bad else one for bad, one in zip(found.bad, found.values.to_pylist(), strict=True)
    ]


# --- numbers ------------------------------------------------------------------------------------


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_as_python_writes_them_are_read_exactly(values: list[float]) -> None:
    assert read([repr(one) for one in values], NUMBER, pa.string()) == values


@given(st.lists(st.integers(-(10**15), 10**15)))
def test_thousands_may_be_separated(values: list[int]) -> None:
    for mark in (",", " ", "'"):
        written = [f"{one:,}".replace(",", mark) for one in values]
        assert read(written, NUMBER, pa.string()) == values


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["1.5", "+5", "-.5", "5.", "1e3"], [1.5, 5, -0.5, 5, 1000]),
        (["1,234.50", "12"], [1234.5, 12]),
        (["1.234,50", "12,5", "7"], [1234.5, 12.5, 7]),
        (["12,5", "1.234"], [12.5, 1234]),  # a comma somewhere: the points are thousands
        (["1.5", "2.5", "3,5"], [1.5, 2.5, BAD]),  # most values need the point
        (["1.5万", "2亿", "￥3", "(4)", "−5"], [15_000, 2e8, 3, -4, -5]),
        (["1 234", "1\u00a0234", "1\u202f234"], [1234, 1234, 1234]),
        (["twelve", "", "N/A", "12 apples", "0x10", "1_000"], [BAD, None, None, BAD, BAD, BAD]),
        (["1e999", "-inf", "NAN", "5"], [None, None, None, 5]),
    ],
)
def test_numbers_as_people_write_them(written: list[str], expected: list[Any]) -> None:
    assert read(written, NUMBER) == expected


def test_stored_numbers() -> None:
    assert read([1, None], NUMBER, pa.int8()) == [1, None]
    assert read([math.nan, math.inf, 1.5], NUMBER) == [None, None, 1.5]
    assert read([Decimal("1.25")], NUMBER) == [1.25]
    assert read([2**63 + 1], NUMBER, pa.uint64()) == [float(2**63)]
    assert read([True, None], NUMBER) == [BAD, None]


# --- money --------------------------------------------------------------------------------------


@given(st.lists(st.decimals(-(10**14), 10**14, allow_nan=False, places=7)))
def test_money_is_rounded_half_even_to_four_digits_whatever_holds_it(values: list[Decimal]) -> None:
    def rounded(value: Decimal) -> Any:
        found = value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN)
        return found if abs(found) < 10**14 else BAD

    expected = [rounded(one) for one in values]
    assert read([format(one, "f") for one in values], MONEY, pa.string()) == expected
    assert read(values, MONEY, pa.decimal128(38, 7)) == expected
    odd = [f"{one:f} EUR" for one in values]
    assert read(odd, MONEY, pa.string()) == expected


@given(st.lists(st.integers(-(10**9), 10**9)))
def test_cents_in_floats_are_exact(cents: list[int]) -> None:
    expected = [Decimal(one) / 100 for one in cents]
    assert read([one / 100 for one in cents], MONEY, pa.float64()) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1.00005", "1.0000"), ("1.00015", "1.0002"),
        ("1.00005000000000000000000000000000001", "1.0001"),
        ("-1.00005000000000000000000000000000001", "-1.0001"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("99999999999999.99994", "99999999999999.9999"),
        ("0.1", "0.1"), ("1e-7", "0"), ("1e5", "100000"), ("¥1,234.50", "1234.5"),
        ("1.23455万", "12345.5"),
    ],
)  # fmt: skip
def test_money_to_the_digit(written: str, expected: str) -> None:
    assert read([written], MONEY) == read([written, "1 EUR"], MONEY)[:1] == [Decimal(expected)]


@pytest.mark.parametrize("written", ["100000000000000", "99999999999999.99995", "1e30", "free"])
def test_money_that_cannot_be_held_is_bad(written: str) -> None:
    assert read([written, "1"], MONEY) == [BAD, Decimal(1)]


def test_money_with_a_decimal_comma() -> None:
    assert read(["1.234,50 €", "12,5"], MONEY) == [Decimal("1234.5"), Decimal("12.5")]
    assert read(["1.5", "2.5", "3,5"], MONEY) == [Decimal("1.5"), Decimal("2.5"), BAD]


def test_stored_money() -> None:
    assert read([0.1 + 0.2, math.nan, math.inf, 1e22], MONEY) == [Decimal("0.3"), None, None, BAD]
    assert read([1, -2], MONEY, pa.int64()) == [Decimal(1), Decimal(-2)]
    assert read([Decimal("5E-10"), None], MONEY, pa.decimal128(38, 10)) == [Decimal(0), None]


# --- dates --------------------------------------------------------------------------------------


@given(st.lists(st.dates()))
def test_iso_days(days: list[dt.date]) -> None:
    assert read([one.isoformat() for one in days], DATE, pa.string()) == days
    assert read(days, DATE, pa.date32()) == days
    assert read(days, DATE, pa.date64()) == days
    slips = [*(f"{one:%Y/%m/%d}".zfill(10) for one in days), "2024/02/30"]
    assert read(slips, DATE)[-1] is BAD


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0000-01-01", BAD), ("0001-01-01", dt.date.min), ("1896-02-29", dt.date(1896, 2, 29)),
        ("1900-02-29", BAD), ("9999-12-31", dt.date.max), ("10000-01-01", BAD), ("2024-13-01", BAD),
        ("0000-00-00", None), ("", None), ("soon", BAD),
        ("2024-02-29T23:59:59.999999999", dt.date(2024, 2, 29)),
        ("20240229", dt.date(2024, 2, 29)), ("2024年2月29日", dt.date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_days_alone_and_among_others(written: str, expected: Any) -> None:
    assert read([written], DATE) == [expected]
    assert read([written, "29 Feb 2024"], DATE) == [expected, dt.date(2024, 2, 29)]
    assert read([written, "2024-02-29"], DATE) == [expected, dt.date(2024, 2, 29)]


def test_the_column_decides_the_order_of_day_and_month() -> None:
    assert read(["03/04/2024", "13/04/2024"], DATE) == [dt.date(2024, 4, 3), dt.date(2024, 4, 13)]
    assert read(["03/04/2024", "04/13/2024"], DATE) == [dt.date(2024, 3, 4), dt.date(2024, 4, 13)]
    assert read(["03/04/2024"], DATE) == [dt.date(2024, 3, 4)]
    assert read(["03.04.2024"], DATE) == [dt.date(2024, 4, 3)]
    wide = ["０３／０４／２０２４", "１３／０４／２０２４"]
    assert read(wide, DATE) == [dt.date(2024, 4, 3), dt.date(2024, 4, 13)]


def test_times_with_a_zone_lie_on_a_day_of_the_workspace() -> None:
    expected = [dt.date(2024, 3, 1), dt.date(2024, 2, 29)]
    assert read(["2024-02-29T16:00:00Z", "2024-02-29T15:59:59Z"], DATE) == expected
    moments = [dt.datetime(2024, 2, 29, 16), dt.datetime(2024, 2, 29, 15)]
    assert read(moments, DATE, pa.timestamp("ms", "UTC")) == expected
    assert read(moments, DATE, pa.timestamp("ms")) == [dt.date(2024, 2, 29)] * 2
    mixed = ["2024-02-29T16:00:00Z", "2024-02-29 16:00"]
    assert read(mixed, DATE) == expected


def test_days_that_leave_the_calendar() -> None:
    assert read(["9999-12-31T20:00:00Z", "0001-01-01T00:00:00+09:00"], DATE) == [BAD, BAD]
    far = [20_000 * 365 * 86_400, None, 0]
    assert read(far, DATE, pa.timestamp("s")) == [BAD, None, dt.date(1970, 1, 1)]
    assert read([2**62, -(2**62), 0], DATE, pa.timestamp("s")) == [BAD, BAD, dt.date(1970, 1, 1)]
    assert read([2**31 - 1, 0], DATE, pa.date32()) == [BAD, dt.date(1970, 1, 1)]
    assert read([dt.timedelta(1), None], DATE) == [BAD, None]


def test_days_and_times_as_numbers() -> None:
    noon = [20240301, 20240301.0, 20240301103000, 1709260200, 1709260200123, 1709260200123456]
    for one in noon:
        assert read([one], DATE) == [dt.date(2024, 3, 1)]
    assert read([45_000, 20240230, -1, 0], DATE) == [BAD, BAD, BAD, BAD]
    assert read([math.nan, math.inf, 20240301.0], DATE) == [None, None, dt.date(2024, 3, 1)]


def test_instants_are_utc_and_local_without_a_zone() -> None:
    def utc(values: list[Any], kind: pa.DataType | None = None) -> list[Any]:
        found = instants(pa.chunked_array([pa.array(values, kind)]), SHANGHAI)
        assert found.values.type == pa.timestamp("us")
        return [
            BAD if bad else one
            for bad, one in zip(found.bad, found.values.to_pylist(), strict=True)
        ]

    morning = dt.datetime(2024, 3, 1)
    assert utc(["2024-03-01 08:00:00", "2024-03-01T00:00:00Z"]) == [morning, morning]
    assert utc(["2024-03-01 08:00", "2024-02-29 19:00 -0500"]) == [morning, morning]
    assert utc(["2024-03-01"]) == [dt.datetime(2024, 2, 29, 16)]
    assert utc([dt.date(2024, 3, 1), None]) == [dt.datetime(2024, 2, 29, 16), None]
    assert utc([1709251200]) == [morning]
    assert utc(["0001-01-01", "0001-01-02", "junk", ""])[2:] == [BAD, None]
    assert utc(["0001-01-01 08:05:43", "0001-01-01 08:05:42"]) == [dt.datetime.min, BAD]
    assert utc([None, None], pa.null()) == [None, None]
    assert utc([2**60, 0], pa.timestamp("ns")) == [
        dt.datetime(2006, 7, 14, 15, 58, 24, 606846),
        dt.datetime(1969, 12, 31, 16),
    ]


# --- booleans and text --------------------------------------------------------------------------


def test_booleans() -> None:
    assert read(["yes", "N", "TRUE", "0", "是", "maybe", " ", "n/a"], BOOLEAN) == [
        True, False, True, False, True, BAD, None, None,
    ]  # fmt: skip
    assert read([1, 0, None, 2], BOOLEAN, pa.int64()) == [True, False, None, BAD]
    assert read([1.0, 0.0], BOOLEAN) == [True, False]
    assert read([True, None], BOOLEAN) == [True, None]


def test_categories_are_text_and_codes_are_looked_up() -> None:
    assert read([" a ", "NULL", "Null", None], CATEGORY) == ["a", None, "Null", None]
    assert read([7.0, 7.5], CATEGORY) == ["7", "7.5"]
    region = Column("x", "category", codes="regions")
    assert read(["Shanghai", "上海市", "Atlantis", ""], region) == [
        "310000",
        "310000",
        "Atlantis",
        None,
    ]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("b; a;a", ["a", "b"]), ("a|b", ["a", "b"]), ("a、b", ["a", "b"]), ("a, b", ["a", "b"]),
        ("a, b; c", ["a, b", "c"]), ("a，b", ["a", "b"]),
        ('["a, b", "c", null, 7]', ["7", "a, b", "c"]),
        ("['a', 'b']", ["a", "b"]), ("[a, b]", ["a", "b"]), ("[]", None), (";;", None), ("", None),
        ("a;N/A", ["a"]), ("[" * 5000 + "]" * 5000, ["[" * 4999 + "]" * 4999]),
    ],
)  # fmt: skip
def test_several_labels_in_one_text(written: str, parts: list[str] | None) -> None:
    assert read([written], CATEGORIES) == [parts]


@given(st.lists(st.text("ab ,|;\"'[]\\", min_size=1, max_size=8)))
def test_a_json_list_is_taken_at_its_word(parts: list[str]) -> None:
    assert split_list(json.dumps(parts)) == parts


def test_stored_lists() -> None:
    lists = [["b", " a ", "", None, "b"], [], None]
    assert read(lists, CATEGORIES) == [["a", "b"], None, None]
    assert read([[2, 1]], CATEGORIES, pa.large_list(pa.int8())) == [["1", "2"]]
    assert read([["Shanghai", "x"]], Column("x", "categories", codes="regions")) == [
        ["310000", "x"]
    ]


@pytest.mark.parametrize("column", [NUMBER, MONEY, DATE, BOOLEAN, CATEGORY, CATEGORIES])
def test_a_column_of_nothing(column: Column) -> None:
    assert read([None, None], column, pa.null()) == [None, None]
    assert read([], column, pa.null()) == []
    assert read([], column, pa.string()) == []
    assert read(["", "N/A"], column) == [None, None]
