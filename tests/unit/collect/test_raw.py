"""Columns as text, rows as JSON, and names of columns."""

from __future__ import annotations

import datetime as dt
import json
import math
import struct
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.collect.raw import (
    as_text,
    chunked,
    numbered,
    present_text,
    row_json,
    snake_case,
    words_of,
)
from holbein.refine.values import MISSING


def text(values: Any, kind: pa.DataType | None = None) -> list[str | None]:
    found = as_text(chunked(pa.array(values, kind)))
    assert found.type == pa.string()
    return list(found.to_pylist())


@given(st.lists(st.one_of(st.none(), st.floats())))
def test_floats_can_be_read_back_and_whole_ones_look_whole(values: list[float | None]) -> None:
    for value, written in zip(values, text(values, pa.float64()), strict=True):
        if value is None or math.isnan(value):
            assert written is None
        else:
            assert written is not None
            assert float(written) == value
            assert value != 7 or written == "7"
            assert not (value.is_integer() and abs(value) < 2**63) or "." not in written


@given(st.lists(st.decimals(-(10**9), 10**9, places=10)))
def test_decimals_are_written_out_without_their_scale(values: list[Decimal]) -> None:
    for value, written in zip(values, text(values, pa.decimal128(38, 10)), strict=True):
        assert written is not None
        assert Decimal(written) == value
        assert "E" not in written
        assert not ("." in written and written.endswith("0"))
        assert not written.endswith(".")


def test_floats_at_the_end_of_whole_numbers() -> None:
    assert text([2.0**62, -(2.0**63), 2.0**63, 1e19]) == [
        "4611686018427387904", "-9.223372036854776e+18", "9.223372036854776e+18", "1e+19",
    ]  # fmt: skip


def test_decimals_of_any_scale() -> None:
    assert text([Decimal(0), Decimal("5E-10"), Decimal(700)], pa.decimal128(38, 10)) == [
        "0", "0.0000000005", "700",
    ]  # fmt: skip
    assert text([Decimal(7000)], pa.decimal128(9, -3)) == ["7000"]
    assert text([Decimal("-7.50"), None], pa.decimal128(9, 2)) == ["-7.5", None]
    assert text([Decimal(100)], pa.decimal128(9, 0)) == ["100"]


def test_times_beyond_the_calendar_of_python() -> None:
    assert text([20_000 * 365 * 86_400], pa.timestamp("s")) == ["21956-09-21 00:00:00"]
    assert text([1], pa.timestamp("ns")) == ["1970-01-01 00:00:00.000000001"]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(4)])
def test_bytes_are_read_as_utf8(kind: pa.DataType) -> None:
    assert text(["é😀".encode()[:4], b"\xffabc", None], kind) == ["é\ufffd", "\ufffdabc", None]


def test_lists_and_structures_become_json() -> None:
    assert text([["a", None], None]) == ['["a", null]', None]
    assert text([{"é": dt.date(2024, 1, 1)}]) == ['{"é": "2024-01-01"}']


@pytest.mark.parametrize("kind", [pa.time64("us"), pa.duration("s"), pa.null(), pa.bool_()])
def test_anything_has_a_text(kind: pa.DataType) -> None:
    assert text([None], kind) == [None]


def test_dictionaries_are_what_they_stand_for() -> None:
    assert text(pa.array([7.0, None, 8.5]).dictionary_encode()) == ["7", None, "8.5"]


def test_nothing_is_spelled_in_many_ways() -> None:
    written = [*sorted(MISSING), " null\u3000", "Null", " x ", None]
    column = chunked(pa.array(written))
    assert present_text(column).to_pylist() == [None] * (len(MISSING) + 1) + ["Null", "x", None]


def test_rows_as_json_are_json_whatever_they_hold() -> None:
    table = pa.table(
        {
            "f": [math.nan, math.inf, 1.5],
            "far": pa.array([2**60, None, 0], pa.timestamp("s")),
            "fine": pa.array([1, 2, 3], pa.timestamp("ns")),
            "day": pa.array([10**9, 0, None], pa.date32()),
            "b": [b"\xff", b"a", None],
            "t": ['say "x"\n', "é\0", None],
            "l": [["a"], [], None],
            "m": pa.array([Decimal("1.50"), None, None], pa.decimal128(9, 2)),
        }
    )
    first, second, third = (
        json.loads(one, parse_constant=pytest.fail) for one in row_json(table, [0, 1, 2])
    )
    assert (first["f"], second["f"], third["f"]) == ("nan", "inf", 1.5)
    assert first["b"] == "\ufffd"
    assert first["t"] == 'say "x"\n'
    assert first["l"] == ["a"]
    assert first["m"] == "1.50"
    assert second["day"] == "1970-01-01"
    assert third["fine"] == "1970-01-01 00:00:00.000000003"
    assert row_json(table, []) == []


def test_rows_are_numbered_from_one() -> None:
    assert numbered("Orders")([0, 16]) == ["Orders row 1", "Orders row 17"]


@pytest.mark.parametrize(
    ("name", "snake", "words"),
    [
        ("OrderDate", "order_date", ["order", "date"]),
        ("Order Date", "order_date", ["order", "date"]),
        ("customerID", "customer_id", ["customer", "id"]),
        ("HTTPStatus", "http_status", ["http", "status"]),
        (" amount (€) ", "amount", ["amount"]), ("2nd name", "n2nd_name", ["2", "nd", "name"]),
        ("客户 编号", "客户_编号", ["客户", "编号"]), ("___", "", []), ("a--b", "a_b", ["a", "b"]),
    ],
)  # fmt: skip
def test_names_of_columns(name: str, snake: str, words: list[str]) -> None:
    assert snake_case(name) == snake
    assert words_of(name) == words


def test_floats_of_single_precision() -> None:
    single = struct.unpack("f", struct.pack("f", 0.1))[0]
    assert text([0.1, 7.0], pa.float32()) == [repr(single), "7"]
