"""Enterprises, people and roles: a row each, or one for each of their states."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from tests.unit.collect.conftest import Take

ENTERPRISES = """
sources:
  - source: crm
    from: c.csv
    enterprises:
      table: c
      id: id
      parent: up
      name: name
      employees: {column: n, type: number}
      founded: {column: day, type: date}
"""
ROLES = """
sources:
  - source: crm
    from: c.csv
    roles:
      table: c
      enterprise: company
      person: {id: who, name: name, birth_date: born, languages: {column: speaks, type: categories}}
      title: title
      since: since
      until: until
"""
STATES = """
sources:
  - source: crm
    from: c.csv
    enterprises: {table: c, id: id, valid_from: since, name: name}
"""


def keys(rows: list[dict[str, Any]]) -> list[str]:
    return [row["key"] for row in rows]


def test_enterprises(take: Take) -> None:
    taken = take(ENTERPRISES, **{"c.csv": "id,up,name,n,day\n1,,A,5,2024-02-29\n2,1,B,,\n"})
    assert taken.subjects("enterprise") == [
        {"key": "1", "row": 0, "valid_from": None, "parent": None, "name": "A", "employees": 5.0,
         "founded": dt.date(2024, 2, 29)},
        {"key": "2", "row": 1, "valid_from": None, "parent": "1", "name": "B", "employees": None,
         "founded": None},
    ]  # fmt: skip
    assert taken.put_aside == []
    (one,) = taken.collected.subjects
    assert (one.source, one.history, one.place_of([1])) == ("crm", False, ["c.csv:3"])
    assert one.keys.schema.field("valid_from").type == pa.timestamp("us")


def test_missing_doubled_and_odd_ids(take: Take) -> None:
    text = (
        "id,up,name,n,day\n"
        "1,,A,,\n"
        ",,B,,\n"
        "N/A,,C,,\n"
        "\n"
        "a\0b,,D,,\n"
        "1,,A,,\n"  # the same once more says nothing new
        "1,,Z,,\n"
        '"x|y",,E,,\n'
        "\\,,F,,\n"
        "🏢,,G,,\n"
        " 1,,H,,\n"
        "007,,I,,\n"
        "7,,J,,\n"
        "7.0,,K,,\n"
    )
    taken = take(ENTERPRISES, **{"c.csv": text})
    assert keys(taken.subjects("enterprise")) == ["1", "x|y", "\\", "🏢", "007", "7"]
    assert taken.put_aside == [
        ("c.csv:6", "id holds NUL or bytes that are no text"),
        ("c.csv:3", "id is missing"),
        ("c.csv:4", "id is missing"),
        ("c.csv:8", "an earlier row with other values has the same id"),
        ("c.csv:12", "an earlier row with other values has the same id"),
        ("c.csv:15", "an earlier row with other values has the same id"),
    ]


def test_what_cannot_be_read_is_missing_and_told(take: Take) -> None:
    text = "id,up,name,n,day\n1,,A,many,2024-02-30\n2,a\0,B,7,0000-01-01\n3,,C,8,1896-02-29\n"
    taken = take(ENTERPRISES, **{"c.csv": text})
    rows = taken.subjects("enterprise")
    assert [row["employees"] for row in rows] == [None, 7.0, 8.0]
    assert [row["founded"] for row in rows] == [None, None, dt.date(1896, 2, 29)]
    assert [row["parent"] for row in rows] == [None, None, None]
    assert taken.put_aside == [
        ("c.csv:3", "up holds NUL or bytes that are no text"),
        ("c.csv:2", "n is not a number"),
        ("c.csv:2", "day is not a date"),
        ("c.csv:3", "day is not a date"),
    ]


def test_a_row_is_put_aside_for_one_reason(take: Take) -> None:
    taken = take(ENTERPRISES, **{"c.csv": "id,up,name,n,day\n,a\0,A,many,soon\n"})
    assert taken.put_aside == [("c.csv:2", "id is missing")]


def test_lines_that_cannot_be_taken_apart_come_with_the_others(take: Take) -> None:
    taken = take(ENTERPRISES, **{"c.csv": 'id,up,name,n,day\n1,,"A\nB",,\n2\n,,C,,\n3,,"D,,\n'})
    assert keys(taken.subjects("enterprise")) == ["1"]
    assert taken.put_aside == [
        ("c.csv:4", "it has 1 values where the header names 5 columns"),
        ("c.csv:6", "a quote is opened and not closed"),
        ("c.csv:5", "id is missing"),
    ]


def test_a_header_alone_has_no_subjects(take: Take) -> None:
    taken = take(ENTERPRISES, **{"c.csv": "id,up,name,n,day\n"})
    assert taken.subjects("enterprise") == []
    assert taken.put_aside == []
    (one,) = taken.collected.subjects
    assert one.attributes.column_names == ["name", "employees", "founded"]


def test_states_are_told_apart_by_their_beginning(take: Take) -> None:
    text = (
        "id,since,name\n"
        "1,,A\n"
        "1,2024-01-01,B\n"
        "1,2024-01-01 00:00,C\n"  # the same instant, written otherwise
        "1,soon,D\n"
        "2,2024-01-01T00:00:00Z,E\n"
    )
    taken = take(STATES, settings="time_zone: Asia/Shanghai\n", **{"c.csv": text})
    begun = dt.datetime(2023, 12, 31, 16)
    rows = taken.subjects("enterprise")
    assert [(row["key"], row["valid_from"], row["name"]) for row in rows] == [
        ("1", None, "A"), ("1", begun, "B"), ("2", dt.datetime(2024, 1, 1), "E"),
    ]  # fmt: skip
    assert taken.collected.subjects[0].history
    assert taken.put_aside == [
        ("c.csv:5", "since is not a date from year 1 to 9999"),
        ("c.csv:4", "an earlier row with other values has the same id and since"),
    ]


def test_the_first_moment_of_1970_is_not_always(take: Take) -> None:
    taken = take(STATES, **{"c.csv": "id,since,name\n1,,A\n1,1970-01-01,B\n"})
    assert [row["name"] for row in taken.subjects("enterprise")] == ["A", "B"]
    assert taken.put_aside == []


def test_roles_bring_their_people_along(take: Take) -> None:
    text = (
        "company,who,name,born,speaks,title,since,until\n"
        "1,p,,1980-01-01,en;de,CFO,2020-01-01,2024-01-01\n"
        "2,p,Ann,1980-01-02,zh,CEO,soon,\n"
        "2,q,Bob,,,Buyer,,\n"
        ",r,Eve,,,Buyer,,\n"
        "2,,Eve,,,Buyer,,\n"
    )
    taken = take(ROLES, **{"c.csv": text})
    people = taken.subjects("person")
    assert [(row["key"], row["name"], row["birth_date"], row["languages"]) for row in people] == [
        ("p", "Ann", dt.date(1980, 1, 1), ["de", "en"]), ("q", "Bob", None, None),
    ]  # fmt: skip
    roles = taken.subjects("role")
    assert keys(roles) == ["1|p", "2|p", "2|q"]
    assert [(row["since"], row["until"]) for row in roles] == [
        (dt.date(2020, 1, 1), dt.date(2024, 1, 1)), (None, None), (None, None),
    ]  # fmt: skip
    assert [row["title"] for row in roles] == ["CFO", "CEO", "Buyer"]
    assert taken.put_aside == [
        ("c.csv:5", "company is missing"),
        ("c.csv:6", "who is missing"),
        ("c.csv:3", "since is not a date"),
        ("c.csv:3", "an earlier row gives the same person another birth_date, which stays"),
    ]


def test_keys_of_roles_with_bars_are_not_mixed_up(take: Take) -> None:
    text = "company,who,name,born,speaks,title,since,until\na|b,c,,,,,,\na,b|c,,,,,,\n"
    taken = take(ROLES, **{"c.csv": text})
    assert keys(taken.subjects("role")) == ["a\\|b|c", "a|b\\|c"]
    assert [(row["enterprise"], row["person"]) for row in taken.subjects("role")] == [
        ("a|b", "c"), ("a", "b|c"),
    ]  # fmt: skip


def test_several_mappings_in_their_order(take: Take) -> None:
    source = """
sources:
  - source: crm
    from: .
    enterprises:
      - {table: a, id: id, name: name}
      - {table: b, id: id, name: name}
    people: {table: a, id: [id, name]}
"""
    taken = take(source, **{"a.csv": "id,name\n7.0,A\n", "b.csv": "id,name\n007,B\n7,C\n"})
    assert keys(taken.subjects("enterprise")) == ["7", "007", "7"]
    assert keys(taken.subjects("person")) == ["7|A"]
    assert [one.kind for one in taken.collected.subjects] == ["enterprise", "enterprise", "person"]
