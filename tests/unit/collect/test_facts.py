"""Streams: facts with their times in UTC, whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from holbein.errors import SourceError
from tests.unit.collect.conftest import Take

ORDERS = """
sources:
  - source: shop
    from: %s
    streams:
      orders:
        table: o
        key: [order, line]
        at: at
        known_at: loaded
        enterprise: customer
        known: {amount: settled}
        columns: {amount: {column: amount, type: money}, paid: {column: paid, type: boolean}}
"""
HEADER = "order,line,at,loaded,customer,settled,amount,paid\n"
EVENTS = """
sources:
  - source: web
    from: e.csv
    streams:
      event: {table: e, key: id, at: at, role: who, columns: {name: what}}
"""
SHANGHAI = "time_zone: Asia/Shanghai\n"


def test_facts(take: Take) -> None:
    text = (
        HEADER
        + "1,1,2024-03-01,2024-03-01,c,2024-04-01 09:00,1.00005,yes\n1,2,2024-03-01 00:30,2024-03-02,,,,\n"
    )
    taken = take(ORDERS % "o.csv", settings=SHANGHAI, **{"o.csv": text})
    first = dt.datetime(2024, 2, 29, 16)
    assert taken.facts("orders") == [
        {"key": "1|1", "row": 0, "at": first, "known_at": first, "day": dt.date(2024, 3, 1),
         "enterprise": "c", "amount": Decimal("1.0000"), "paid": True,
         "known.amount": dt.datetime(2024, 4, 1, 1)},
        {"key": "1|2", "row": 1, "at": dt.datetime(2024, 2, 29, 16, 30),
         "known_at": dt.datetime(2024, 3, 1, 16), "day": dt.date(2024, 3, 1),
         "enterprise": None, "amount": None, "paid": None, "known.amount": None},
    ]  # fmt: skip
    (one,) = taken.collected.facts
    assert one.columns.schema.field("amount").type == pa.decimal128(18, 4)
    assert one.place_of([1]) == ["o.csv:3"]


def test_known_at_is_never_before_at(take: Take) -> None:
    text = HEADER + "1,1,2024-03-02,2024-03-01,c,,1,\n"
    (fact,) = take(ORDERS % "o.csv", **{"o.csv": text}).facts("orders")
    assert fact["known_at"] == fact["at"] == dt.datetime(2024, 3, 2)


def test_half_a_fact_is_none(take: Take) -> None:
    text = HEADER + (
        "1,1,2024-03-01,2024-03-01,c,,1,\n"
        ",1,2024-03-01,2024-03-01,c,,1,\n"
        "2,1,,,c,,1,\n"
        "3,1,0000-01-01,0000-01-01,c,,1,\n"
        "4,1,2024-03-01,soon,c,,1,\n"
        "5,1,2024-03-01,2024-03-01,a\0,,1,\n"
        "6,1,2024-03-01,2024-03-01,c,,free,\n"
        "7,1,2024-03-01,2024-03-01,c,,1,maybe\n"
        "8,1,2024-03-01,2024-03-01,c,soon,1,\n"
        "1,1,2024-03-01,2024-03-01,c,,2,\n"
        "1,1,2024-03-01,2024-03-01,c,,1,\n"
        "9,1\n"
        "10,1,9999-12-31,9999-12-31,c,,1,\n"
        "11,1,2024-03-01,,c,,1,\n"
    )
    taken = take(ORDERS % "o.csv", settings=SHANGHAI, **{"o.csv": text})
    assert [row["key"] for row in taken.facts("orders")] == ["1|1", "10|1"]
    never = "is not a date from year 1 to 9999"
    assert taken.put_aside == [
        ("o.csv:13", "it has 2 values where the header names 8 columns"),
        ("o.csv:3", "order, line is missing"),
        ("o.csv:5", f"at {never}"),
        ("o.csv:4", "at is missing"),
        ("o.csv:6", f"loaded {never}"),
        ("o.csv:15", "loaded is missing"),
        ("o.csv:7", "customer holds NUL or bytes that are no text"),
        ("o.csv:8", "amount is not an amount of money"),
        ("o.csv:9", "paid is not yes or no"),
        ("o.csv:10", f"settled {never}"),
        ("o.csv:11", "an earlier row with other values has the same order, line"),
    ]


def test_a_key_whose_first_fact_could_not_be_read_is_free(take: Take) -> None:
    text = HEADER + "1,1,2024-03-01,2024-03-01,c,,free,\n1,1,2024-03-01,2024-03-01,c,,2,\n"
    taken = take(ORDERS % "o.csv", **{"o.csv": text})
    assert [row["amount"] for row in taken.facts("orders")] == [Decimal(2)]


def test_clocks_that_are_changed(take: Take) -> None:
    text = (
        HEADER
        + "1,1,2024-03-31 02:30,2024-03-31 02:30,c,,,\n1,2,2024-10-27 02:30,2024-10-27 02:30,c,,,\n"
    )
    facts = take(ORDERS % "o.csv", settings="time_zone: Europe/Zurich\n", **{"o.csv": text}).facts(
        "orders"
    )
    assert [row["at"] for row in facts] == [
        dt.datetime(2024, 3, 31, 1, 30), dt.datetime(2024, 10, 27, 0, 30),
    ]  # fmt: skip
    assert [row["day"] for row in facts] == [dt.date(2024, 3, 31), dt.date(2024, 10, 27)]


def test_days_that_leave_the_calendar_on_their_way(take: Take) -> None:
    text = (
        HEADER
        + "1,1,0001-01-01,0001-01-01,c,,,\n2,1,9999-12-31T20:00:00Z,9999-12-31T20:00:00Z,c,,,\n"
    )
    taken = take(ORDERS % "o.csv", settings=SHANGHAI, **{"o.csv": text})
    assert taken.facts("orders") == []
    assert [place for place, _ in taken.put_aside] == ["o.csv:2", "o.csv:3"]


def test_times_that_python_does_not_have(take: Take, tmp_path: Path) -> None:
    far = 20_000 * 365 * 86_400
    table = pa.table(
        {
            "order": [1, 2, 3], "line": [1, 1, 1], "customer": ["c"] * 3, "paid": [True] * 3,
            "at": pa.array([far, 0, 0], pa.timestamp("s")),
            "loaded": pa.array([0, 1, 2], pa.timestamp("ns")),
            "settled": pa.array([None, far, None], pa.timestamp("s")),
            "amount": [1.5, 2.5, float("nan")],
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "o.parquet")
    taken = take(ORDERS % "o.parquet")
    assert [row["key"] for row in taken.facts("orders")] == ["3|1"]
    assert taken.put_aside == [
        ("o.parquet row 1", "at is not a date from year 1 to 9999"),
        ("o.parquet row 2", "settled is not a date from year 1 to 9999"),
    ]
    row = json.loads(taken.collected.quarantine["row"][0].as_py())
    assert (row["at"], row["loaded"]) == ("21956-09-21 00:00:00", "1970-01-01 00:00:00")


def test_columns_that_are_not_listed_are_all_the_others(take: Take) -> None:
    source = """
sources:
  - source: shop
    from: o.csv
    streams:
      orders: {table: o, key: OrderID, at: OrderDate, enterprise: customer}
"""
    text = (
        "OrderID,OrderDate,customer,Ship Country,ship_country,day,№,Amount\n"
        "1,2024-03-01,c,CN,DE,1,2,5\n"
    )
    taken = take(source, **{"o.csv": text})
    (fact,) = taken.facts("orders")
    assert {name: fact[name] for name in ("ship_country", "amount")} == {
        "ship_country": "CN",
        "amount": 5.0,
    }
    assert set(taken.inspection.streams["orders"].columns) == {"ship_country", "amount"}
    assert taken.inspection.notes == (
        "shop: o.csv.ship_country is not used "
        "('ship_country' is taken by another column: list it under columns)",
        "shop: o.csv.day is not used ('day' is no name for a column: list it under columns)",
        "shop: o.csv.№ is not used ('№' is no name for a column: list it under columns)",
    )


def test_events_have_a_name_that_can_be_printed(take: Take) -> None:
    text = (
        "id,at,who,what\n"
        "1,2024-03-01,r, login \n2,2024-03-01,r,\n3,2024-03-01,r,a\tb\n4,2024-03-01,,登录\n"
    )
    taken = take(EVENTS, **{"e.csv": text})
    assert [(row["name"], row["role"]) for row in taken.facts("event")] == [
        ("login", "r"),
        ("登录", None),
    ]
    assert taken.inspection.events == {"login", "登录"}
    assert taken.put_aside == [
        ("e.csv:3", "what is missing"),
        ("e.csv:4", "what holds control characters"),
    ]


def test_events_without_a_name_are_an_error(take: Take) -> None:
    source = EVENTS.replace("columns: {name: what}", "columns: {page: what}")
    with pytest.raises(
        SourceError, match=r"sources/s\.yaml:\d+: the stream event needs a column `name`"
    ):
        take(source, **{"e.csv": "id,at,who,what\n"})


def test_an_empty_stream_has_columns_and_types(take: Take) -> None:
    taken = take(ORDERS % "o.csv", **{"o.csv": HEADER})
    (one,) = taken.collected.facts
    assert one.keys.num_rows == 0
    assert one.keys.column_names == ["key", "row", "at", "known_at", "day", "enterprise"]
    assert one.columns.column_names == ["amount", "paid", "known.amount"]


def test_facts_of_a_query(take: Take, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "o.sqlite")
    connection.executescript(
        "CREATE TABLE o (id, at, who, price, pieces); INSERT INTO o VALUES "
        "(1, '2024-03-01', 7, 1.1, 3), (2, 1709251200, '007', 2, 2), (3, 'soon', 7.0, 1, 1)"
    )
    connection.close()
    source = """
sources:
  - source: shop
    from: sqlite:///o.sqlite
    streams:
      orders:
        sql: |
          -- what was bought
          SELECT id, at, who, price * pieces AS amount FROM o;
        key: id
        at: at
        enterprise: who
        columns: {amount: {column: amount, type: money}}
"""
    taken = take(source)
    assert [(row["enterprise"], row["amount"], row["at"]) for row in taken.facts("orders")] == [
        ("7", Decimal("3.3"), dt.datetime(2024, 3, 1)),
    ]  # fmt: skip
    assert [place for place, _ in taken.put_aside] == ["query row 2", "query row 3"]
