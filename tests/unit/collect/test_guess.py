"""Types that are not declared, and the reasons given for them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from holbein.collect.guess import Guess, guess, named_like_code


def made(
    name: str, values: Any, declared: str | None = None, kind: pa.DataType | None = None
) -> Guess:
    return guess(name, pa.chunked_array([pa.array(values, kind)]), declared)


@pytest.mark.parametrize(
    ("name", "values", "type_", "note"),
    [
        ("size", ["1", "2.5", "1e3"], "number", "numbers"),
        ("size", ["1", "-2", ""], "number", "whole numbers"),
        ("size", ["1.234,50", "12,5"], "number", "decimal comma"),
        ("size", ["1,234.50", "12"], "number", "numbers"),
        ("size", ["1.5", "2.5", "3,5"], "category", "text"),
        ("code", ["1", "2"], "category", "name of a code"),
        ("客户编号", ["1", "2"], "category", "name of a code"),
        ("n", ["007", "12"], "category", "leading zeros"),
        ("n", ["0.5", "0"], "number", "numbers"),
        ("n", ["+8621", "12"], "category", "too long to count with"),
        ("n", ["1234567890123456", "12"], "category", "too long to count with"),
        ("likes", ['["a; b", "c"]', "[]", '["1", null]'], "categories", "lists, as JSON has them"),
        ("likes", ['["a"]', "[a]"], "category", "text"),
        ("likes", ['["a"]', "a"], "category", "text"),
        ("likes", ['["a"]', '[["a"]]'], "category", "text"),
        ("likes", ["[" * 5_000 + "]" * 5_000], "category", "text"),
        ("paid", ["yes", "no", "N/A"], "boolean", "yes or no"),
        ("paid", ["Y", "N"], "boolean", "yes or no"),
        ("grade", ["T", "T"], "category", "text"),
        ("paid", ["0", "1"], "number", "whole numbers"),
        ("at", ["2024-02-29", "1896-02-29"], "date", "dates"),
        ("at", ["20240229", "18960229"], "number", "whole numbers"),
        ("at", ["20240229", "20231231"], "date", "eight digits"),
        ("at", ["20240229", "20231331"], "number", "whole numbers"),
        ("at", ["03/04/2024", "13/04/2024"], "date", "day/month/year: the only order"),
        ("at", ["03/04/2024", "04/13/2024"], "date", "month/day/year: the only order"),
        ("at", ["03/04/2024"], "date", "month/day/year, though another order fits"),
        ("at", ["03.04.2024"], "date", "day/month/year: the only order"),
        ("at", ["12.31.2024"] + [f"{d:02}.01.2024" for d in range(1, 29)], "date", "1 of 29"),
        ("total", ["1.500", "12.750", "3"], "number", "points for thousands fit too"),
        ("total", ["1.500", "12.75"], "number", "numbers"),
        ("at", ["24/12/31", "99/01/30"], "date", "year/month/day: the only order"),
        ("at", ["24/12/31", "23/01/30"], "date", "day/month/year, though another order fits"),
        ("at", ["24/12/99", "23/01/88"], "date", "day/month/year: the only order"),
        ("at", ["soon", "2024-02-29"], "category", "text"),
        ("size", ["5 EUR", "1,000 EUR"], "number", "amounts in EUR"),
        ("size", ["5 EUR", "5 USD"], "category", "several currencies"),
        ("name", ["5", "five"], "category", "text"),
        ("name", ["", "N/A", None], "category", "no values yet"),
        ("name", ["№ 1", "🏢"], "category", "text"),
    ],
)
def test_text(name: str, values: list[str], type_: str, note: str) -> None:
    found = made(name, values)
    assert found.type == type_
    assert note in found.note
    assert found.money is ("amounts in" in note)
    assert found.empty is (note == "no values yet")


def test_a_few_slips_do_not_make_dates_labels() -> None:
    days = [(dt.date(2024, 1, 1) + dt.timedelta(n)).isoformat() for n in range(99)]
    found = made("at", [*days, "0000-01-01"])
    assert found.type == "date"
    assert "1 of 100 distinct values are none and go to quarantine" in found.note
    assert made("at", [*days, *(f"soon {n}" for n in range(9))]).type == "category"


@pytest.mark.parametrize(
    ("values", "kind", "type_", "money"),
    [
        ([True, None], None, "boolean", False),
        ([["a"]], None, "categories", False),
        ([dt.date(2024, 1, 1)], None, "date", False),
        ([1], pa.timestamp("ns", "UTC"), "date", False),
        ([1, None], None, "number", False),
        ([1.5], None, "number", False),
        ([Decimal("1.50")], None, "number", True),
        ([Decimal("1.5")], pa.decimal128(38, 10), "number", False),
        ([Decimal(1)], pa.decimal128(9, 0), "number", False),
        ([20240229], None, "date", False),
        (["a"], None, "category", False),
        ([b"a"], None, "category", False),
        ([None], pa.int64(), "number", False),
        ([None], pa.null(), "category", False),
        ([], pa.date32(), "date", False),
    ],
)  # fmt: skip
def test_stored_types(values: list[Any], kind: pa.DataType | None, type_: str, money: bool) -> None:
    found = made("x", values, kind=kind)
    assert (found.type, found.money) == (type_, money)


@pytest.mark.parametrize(
    ("declared", "values", "type_"),
    [
        ("BOOLEAN", [0, 1, None], "boolean"), ("BOOLEAN", [0, 2], "number"),
        ("INTEGER", [0, 1], "number"),
        ("DATETIME", [1709260200], "date"), ("REAL", [1.5], "number"),
        ("VARCHAR(20)", ["7", "8"], "category"),
        ("TEXT", ["yes", "no"], "boolean"), ("TEXT", ["2024-01-01"], "date"),
        ("DATE", [None], "date"),
        ("BOOL", [None], "boolean"), ("NUMERIC", [None], "number"), ("TEXT", [None], "category"),
    ],
)  # fmt: skip
def test_what_a_database_declares(declared: str, values: list[Any], type_: str) -> None:
    assert made("x", values, declared).type == type_


def test_money_is_what_a_database_calls_so() -> None:
    assert made("x", [1.5], "MONEY").money
    assert made("x", [1, 2], "DECIMAL(10,2)").money
    assert not made("x", [1.5], "REAL").money


@pytest.mark.parametrize("name", ["id", "OrderID", "zip", "tax_no", "Phone", "产品编码", "手机"])
def test_names_of_codes(name: str) -> None:
    assert named_like_code(name)
    assert made(name, [1, 2]).type == "category"


@pytest.mark.parametrize("name", ["paid", "nominal", "id_count", "phones", "编码长度", ""])
def test_names_that_are_none_of_codes(name: str) -> None:
    assert not named_like_code(name)
    assert made(name, [1, 2]).type == "number"
