"""What could not be taken: the place, the reason, and the row as JSON, in order."""

from __future__ import annotations

import json

import pyarrow as pa

from holbein.collect.raw import Raw, Unread, numbered
from holbein.collect.rejects import Rejects
from holbein.records import QUARANTINE
from tests.unit.collect.conftest import Take


def test_nothing_put_aside_is_an_empty_table() -> None:
    table = Rejects().table()
    assert table.schema == QUARANTINE
    assert table.num_rows == 0


def test_rows_and_lines_in_order() -> None:
    raw = Raw(
        pa.table({"id": ["a\0", "é"], "n": [1, None]}),
        numbered("t"),
        (Unread("t.csv:7", "a quote is opened and not closed", '1,"x\r\n'),),
    )
    rejects = Rejects()
    rejects.add_unread("crm", raw)
    rejects.add("crm", raw, [1, 0], "n is odd")
    rejects.add("crm", raw, [], "never seen")
    rejects.add_unread("shop", Raw(raw.table, raw.place_of))
    table = rejects.table()
    assert table.schema == QUARANTINE
    assert [(row["source"], row["place"], row["reason"]) for row in table.to_pylist()] == [
        ("crm", "t.csv:7", "a quote is opened and not closed"),
        ("crm", "t row 2", "n is odd"),
        ("crm", "t row 1", "n is odd"),
    ]
    assert [json.loads(one) for one in table["row"].to_pylist()] == [
        {"line": '1,"x'}, {"id": "é", "n": None}, {"id": "a\0", "n": 1},
    ]  # fmt: skip


def test_reasons_name_columns_and_never_values(take: Take) -> None:
    source = """
sources:
  - source: crm
    from: c.csv
    people: {table: c, id: id, born: {column: born, type: date}, age: {column: age, type: number}}
"""
    text = 'id,born,age\n1,Secret,Secret\n,Secret,Secret\n1,Secret,5\nSecret\n1,"Secret\n'
    taken = take(source, **{"c.csv": text})
    rows = taken.collected.quarantine.to_pylist()
    assert len(rows) >= 5
    for row in rows:
        assert "Secret" in row["row"]
        assert "Secret" not in row["reason"] + row["place"] + row["source"]
