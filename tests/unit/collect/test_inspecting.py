"""``inspect``: types, guessed or declared, over one mapping or several."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from holbein.catalog.inspection import Column
from holbein.collect import inspect, sqlite_files
from holbein.errors import SourceError
from tests.unit.collect.conftest import Workspace

ONE = "sources:\n  - source: crm\n    from: c.csv\n    enterprises: {table: c, id: id, %s}\n"
TWO = """
sources:
  - source: crm
    from: .
    enterprises:
      - {table: a, id: id, %s}
      - {table: b, id: id, %s}
"""


def attributes(workspace: Workspace, source: str, **files: str) -> dict[str, Column]:
    return dict(inspect(workspace(source, **files)).attributes["enterprise"])


def test_types_are_guessed_with_a_note(workspace: Workspace) -> None:
    text = "id,a,b,c,d,e\n1,5,yes,2024-01-01,x,\n2,6,no,2024-01-02,y,\n"
    found = attributes(workspace, ONE % "a: a, b: b, c: c, d: d, e: e", **{"c.csv": text})
    assert {name: (one.type, one.note) for name, one in found.items()} == {
        "a": ("number", "whole numbers"), "b": ("boolean", "all values say yes or no"),
        "c": ("date", "dates"), "d": ("category", "text"), "e": ("category", "no values yet"),
    }  # fmt: skip


def test_declared_types_have_no_note(workspace: Workspace) -> None:
    mapping = "a: {column: a, type: category}, b: {column: a, codes: industries}"
    found = attributes(workspace, ONE % mapping, **{"c.csv": "id,a\n1,5\n"})
    assert (found["a"].type, found["a"].note) == ("category", None)
    assert (found["b"].type, found["b"].codes, found["b"].note) == ("category", "industries", None)


def test_names_with_a_code_list_use_it_without_being_told(workspace: Workspace) -> None:
    mapping = "region: r, industry: {column: r, codes: none}, city: {column: c, type: category}"
    found = attributes(workspace, ONE % mapping, **{"c.csv": "id,r,c\n1,31,Shanghai\n"})
    assert (found["region"].type, found["region"].codes) == ("category", "regions")
    assert (found["industry"].type, found["industry"].codes) == ("number", None)
    assert found["city"].codes == "regions"


def test_attributes_are_never_money(workspace: Workspace) -> None:
    found = attributes(workspace, ONE % "a: a", **{"c.csv": "id,a\n1,5 EUR\n"})
    assert (found["a"].type, found["a"].money) == ("number", False)


def test_mappings_that_agree_or_have_no_values_are_united(workspace: Workspace) -> None:
    found = attributes(
        workspace, TWO % ("x: x", "x: x"), **{"a.csv": "id,x\n", "b.csv": "id,x\n1,5\n"}
    )
    assert found["x"].type == "number"


def test_mappings_that_differ_are_text(workspace: Workspace) -> None:
    files = {"a.csv": "id,x\n1,a\n", "b.csv": "id,x\n1,5\n"}
    found = attributes(workspace, TWO % ("x: x", "x: x"), **files)
    assert (found["x"].type, found["x"].note) == (
        "category",
        "mappings differ: category, number; taken as text",
    )


def test_a_declaration_counts_for_all(workspace: Workspace) -> None:
    files = {"a.csv": "id,x\n1,a\n", "b.csv": "id,x\n1,5\n"}
    found = attributes(workspace, TWO % ("x: x", "x: {column: x, type: number}"), **files)
    assert found["x"].type == "number"


def test_contradictions_have_both_places(workspace: Workspace) -> None:
    files = {"a.csv": "id,x\n1,a\n", "b.csv": "id,x\n1,5\n"}
    mappings = "x: {column: x, type: date}", "x: {column: x, type: number}"
    with pytest.raises(SourceError) as caught:
        inspect(workspace(TWO % mappings, **files))
    assert str(caught.value) == (
        "sources/s.yaml:7: 'x', an attribute of enterprise, "
        "is declared number here and date elsewhere (the other place is sources/s.yaml:6)"
    )
    with pytest.raises(
        SourceError,
        match=r"s\.yaml:7: 'x' and 'X', each an attribute of enterprise, differ only in case",
    ):
        inspect(workspace(TWO % ("x: x", "X: x"), **files))


def test_what_is_not_used_is_told_once(workspace: Workspace) -> None:
    source = """
sources:
  - source: crm
    from: .
    enterprises: {table: a, id: id, name: name}
    people: {table: a, id: who}
"""
    files = {"a.csv": "id;name;who;phone\n1;A;p;5\n"}
    assert inspect(workspace(source, **files)).notes == (
        "crm: a.csv: columns are separated by semicolons",
        "crm: a.csv.phone is not used",
    )


def test_a_broken_file_is_told_with_the_place_of_its_mapping(
    workspace: Workspace, tmp_path: Path
) -> None:
    connection = sqlite3.connect(tmp_path / "c.sqlite")
    connection.execute("CREATE TABLE c (id, x)")
    connection.executemany("INSERT INTO c VALUES (?, ?)", [(n, "x" * 500) for n in range(1000)])
    connection.commit()
    connection.close()
    path = tmp_path / "c.sqlite"
    data = bytearray(path.read_bytes())
    data[8192:-4096] = b"\xff" * (len(data) - 12288)
    path.write_bytes(data)
    source = (ONE % "x: x").replace("c.csv", "sqlite:///c.sqlite")
    with pytest.raises(
        SourceError, match=r"sources/s\.yaml:4: c\.sqlite can't be read as a SQLite database"
    ):
        inspect(workspace(source))


def test_types_are_seen_behind_the_first_rows(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "LOOK", 3)
    connection = sqlite3.connect(tmp_path / "c.sqlite")
    connection.execute("CREATE TABLE c (id, late, mixed)")
    rows = [(n, None if n < 6 else n / 2, "5" if n < 6 else "five") for n in range(12)]
    connection.executemany("INSERT INTO c VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    source = (ONE % "late: late, mixed: mixed").replace("c.csv", "sqlite:///c.sqlite")
    found = attributes(workspace, source)
    assert found["late"].type == "number"
    assert found["mixed"].type == "category"


def test_streams_bear_what_any_of_their_mappings_bears(workspace: Workspace) -> None:
    source = """
sources:
  - source: crm
    from: c.csv
    streams:
      calls: {table: c, key: id, at: at, person: who, columns: {x: x}}
      visits: {table: c, key: id, at: at, role: who, columns: {cost: {column: x, type: money}}}
"""
    found = inspect(workspace(source, **{"c.csv": "id,at,who,x\n1,2024-01-01,p,5 EUR\n"}))
    assert found.streams["calls"].bears == {"person"}
    assert found.streams["visits"].bears == {"enterprise", "person", "role"}
    assert found.streams["calls"].columns["x"].money
    assert found.streams["visits"].columns["cost"] == Column("cost", "number", True)
    assert found.events == frozenset()
