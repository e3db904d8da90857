"""From ``from``, ``table`` and ``sql`` to what can be read: mistakes have a place and a hint."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from holbein.collect import inspect
from holbein.collect.changed import fingerprint
from holbein.errors import SourceError
from tests.unit.collect.conftest import Take, Workspace

FOLDER = (
    "sources:\n  - source: crm\n    from: data\n    enterprises: {table: %s, id: id, name: name}\n"
)
FILE = "sources:\n  - source: crm\n    from: %s\n    enterprises: {table: %s, id: id}\n"
ROWS = "id,name\n1,a\n"


def told(workspace: Workspace, source: str, **files: str) -> str:
    definitions = workspace(source, **files)
    with pytest.raises(SourceError) as caught:
        inspect(definitions)
    assert caught.value.hint
    return str(caught.value)


# --- folders and files ----------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["customers", "customers.csv"])
def test_a_table_of_a_folder(take: Take, table: str) -> None:
    taken = take(FOLDER % table, **{"data/customers.csv": ROWS})
    assert taken.subjects("enterprise")[0]["name"] == "a"


@pytest.mark.parametrize("table", ["customers", "customers.csv"])
def test_one_file_is_one_table(take: Take, table: str) -> None:
    taken = take(FILE % ("customers.csv", table), **{"customers.csv": ROWS})
    assert len(taken.subjects("enterprise")) == 1


@pytest.mark.parametrize("ending", ["csv", "CSV", "tsv", "parquet"])
def test_endings(take: Take, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"customers.{ending}"
    if ending == "parquet":
        pq.write_table(pa.table({"id": ["1"], "name": ["a"]}), path)
        content = path.read_bytes()
    else:
        content = ROWS.replace(",", "\t" if ending == "tsv" else ",").encode()
    taken = take(FILE % (path.name, path.name), **{path.name: content})
    assert [row["key"] for row in taken.subjects("enterprise")] == ["1"]


def test_a_missing_table_of_a_folder(workspace: Workspace) -> None:
    data = {"data/customers.csv": ROWS, "data/notes.txt": "x"}
    assert told(workspace, FOLDER % "costumers", **data) == (
        "sources/s.yaml:4: the folder data has no costumers.csv and no costumers.parquet "
        "(did you mean customers?)"
    )
    assert "(it has customers)" in told(workspace, FOLDER % "notes", **data)


def test_a_folder_without_tables(workspace: Workspace) -> None:
    files = {"data/notes.txt": "x"}
    assert "it has no .csv or .parquet file at all" in told(workspace, FOLDER % "a", **files)


def test_a_table_that_could_be_two_files(workspace: Workspace) -> None:
    files = {"data/a.csv": ROWS, "data/a.tsv": ROWS}
    assert "table 'a' could be a.csv and a.tsv (write it with its ending)" in told(
        workspace, FOLDER % "a", **files
    )


@pytest.mark.parametrize("table", ["../customers", "sub/customers", "/etc/passwd", ".."])
def test_a_table_is_no_path(workspace: Workspace, table: str) -> None:
    files = {"customers.csv": ROWS, "data/sub/customers.csv": ROWS, "data/x.csv": ROWS}
    assert told(workspace, FOLDER % table, **files).startswith("sources/s.yaml:4: ")


def test_another_table_of_a_file(workspace: Workspace) -> None:
    message = told(workspace, FILE % ("customers.csv", "orders"), **{"customers.csv": ROWS})
    assert message.startswith("sources/s.yaml:4: customers.csv has no table 'orders'")
    assert "write table: customers" in message


def test_a_missing_file_or_folder(workspace: Workspace) -> None:
    message = told(workspace, FILE % ("costumers.csv", "x"), **{"customers.csv": ROWS})
    assert message.startswith("sources/s.yaml:3: there is no file ")
    assert "(did you mean customers.csv?)" in message
    assert told(workspace, FOLDER % "x").startswith("sources/s.yaml:3: there is no file ")


def test_a_name_that_no_file_can_have(workspace: Workspace) -> None:
    long = "x" * 400
    assert told(workspace, FILE % (f"{long}.csv", "x")).startswith("sources/s.yaml:3: ")
    files = {"data/a.csv": ROWS}
    assert told(workspace, FOLDER % long, **files).startswith("sources/s.yaml:4: ")
    assert told(workspace, FILE % (f"sqlite:///{long}", "x")).startswith("sources/s.yaml:3: ")


def test_other_kinds_of_files(workspace: Workspace) -> None:
    message = told(workspace, FILE % ("c.xlsx", "c"), **{"c.xlsx": "x"})
    assert message.startswith("sources/s.yaml:3: c.xlsx is neither a .csv nor a .parquet file")
    message = told(workspace, FILE % ("c.sqlite", "c"), **{"c.sqlite": "x"})
    assert "for SQLite write sqlite:///PATH" in message


@pytest.mark.parametrize("url", ["sqlite:c.sqlite", "sqlite://c.sqlite", "sqlite:///"])
def test_half_an_address_of_a_database(workspace: Workspace, url: str) -> None:
    assert told(workspace, FILE % (url, "c")) == (
        f"sources/s.yaml:3: {url} does not say which file (write sqlite:///PATH)"
    )


@pytest.mark.parametrize("content", ["", "\n", "\ufeff"])
def test_an_empty_file_is_told_with_its_place(workspace: Workspace, content: str) -> None:
    assert told(workspace, FILE % ("c.csv", "c"), **{"c.csv": content}) == (
        "sources/s.yaml:4: c.csv is empty (its first line must name the columns)"
    )


# --- columns --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mapping", "line", "column"),
    [
        ("enterprises:\n      table: c\n      id: idd\n", 6, "idd"),
        ("enterprises:\n      table: c\n      id: [id, nme]\n", 6, "nme"),
        ("enterprises:\n      table: c\n      id: id\n      parent: nme\n", 7, "nme"),
        ("enterprises:\n      table: c\n      id: id\n      name:\n        column: nme\n",
         7, "nme"),
        ("people:\n      table: c\n      id: id\n      valid_from: nme\n", 7, "nme"),
        ("roles:\n      table: c\n      enterprise: id\n      person: nme\n", 7, "nme"),
        ("roles:\n      table: c\n      enterprise: id\n      person: {id: id, name: nme}\n",
         7, "nme"),
        ("roles:\n      table: c\n      enterprise: id\n      person: id\n      until: nme\n",
         8, "nme"),
        ("streams:\n      s:\n"
         "        table: c\n        key: nme\n        at: id\n        enterprise: id\n", 7, "nme"),
        ("streams:\n      s:\n"
         "        table: c\n        key: id\n        at: nme\n        enterprise: id\n", 8, "nme"),
        ("streams:\n      s: {table: c, key: id, at: id, enterprise: id,\n"
         "        known_at: nme}\n", 6, "nme"),
        ("streams:\n      s: {table: c, key: id, at: id, enterprise: id,\n"
         "        columns: {x: nme}}\n", 6, "nme"),
        ("streams:\n      s: {table: c, key: id, at: id, role: id, columns: {x: name},\n"
         "        known: {x: nme}}\n", 6, "nme"),
    ],
)  # fmt: skip
def test_a_missing_column_has_its_line_and_its_neighbours(
    workspace: Workspace, mapping: str, line: int, column: str
) -> None:
    source = f"sources:\n  - source: crm\n    from: c.csv\n    {mapping}"
    near = "name" if column == "nme" else "id"
    assert told(workspace, source, **{"c.csv": ROWS}) == (
        f"sources/s.yaml:{line}: c.csv has no column {column!r} (did you mean {near}?)"
    )


def test_far_from_every_column(workspace: Workspace) -> None:
    message = told(workspace, FILE % ("c.csv", "c"), **{"c.csv": "a,b\n1,2\n"})
    assert message == "sources/s.yaml:4: c.csv has no column 'id' (its columns are a, b)"


def test_a_column_named_twice(workspace: Workspace) -> None:
    message = told(workspace, FILE % ("c.csv", "c"), **{"c.csv": "id,id\n1,2\n"})
    assert "c.csv has several columns named 'id'" in message


# --- databases ------------------------------------------------------------------------------------

SQL = "sources:\n  - source: crm\n    from: sqlite:///c.sqlite\n    enterprises: {%s, id: id}\n"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    connection = sqlite3.connect(tmp_path / "c.sqlite")
    connection.executescript(
        "CREATE TABLE customers (id, name); INSERT INTO customers VALUES (1, 'a')"
    )
    connection.close()
    return tmp_path / "c.sqlite"


def test_a_table_and_a_query(take: Take, database: Path) -> None:
    for mapping in ("table: customers", "table: Customers", 'sql: "SELECT id FROM customers"'):
        assert [row["key"] for row in take(SQL % mapping).subjects("enterprise")] == ["1"]


def test_mistakes_in_a_database_have_their_place(workspace: Workspace, database: Path) -> None:
    assert told(workspace, SQL % "table: costumers") == (
        "sources/s.yaml:4: c.sqlite has no table 'costumers' (did you mean customers?)"
    )
    assert told(workspace, SQL % 'sql: "DROP TABLE customers"').startswith(
        "sources/s.yaml:4: sql must be one SELECT"
    )
    assert told(workspace, SQL % 'sql: "SELECT id FROM costumers"') == (
        "sources/s.yaml:4: c.sqlite has no table 'costumers' (did you mean customers?)"
    )
    assert told(workspace, SQL % 'sql: "SELECT name FROM customers"') == (
        "sources/s.yaml:4: query has no column 'id' (its columns are name)"
    )


def test_a_database_in_a_folder_with_odd_characters(take: Take, database: Path) -> None:
    odd = database.parent / "a b%20#?"
    odd.mkdir()
    database.rename(odd / "c.sqlite")
    for written in ("a b%20#?", "a%20b%2520%23%3F"):
        source = (SQL % "table: customers").replace("sqlite:///c", f'"sqlite:///{written}/c')
        taken = take(source.replace(".sqlite\n", '.sqlite"\n'))
        assert len(taken.subjects("enterprise")) == 1


# --- whether anything has changed -----------------------------------------------------------------


def test_a_fingerprint_changes_with_the_files(workspace: Workspace, tmp_path: Path) -> None:
    tag = "tags: [{tag: t, imported: {file: l.csv, source: crm, id: id}}]"
    files = {"data/customers.csv": ROWS, "l.csv": "id\n1\n"}
    definitions = workspace(FOLDER % "customers", tags=tag, **files)
    first = fingerprint(definitions)
    assert set(first) == {"crm", "tag t of enterprise"}
    assert fingerprint(definitions) == first
    (tmp_path / "data" / "notes.txt").write_text("no table")
    assert fingerprint(definitions) == first
    os.utime(tmp_path / "data" / "customers.csv", (1, 1))  # as large as before, and written later
    assert fingerprint(definitions) != first
    first = fingerprint(definitions)
    (tmp_path / "data" / "more.csv").write_text(ROWS)
    second = fingerprint(definitions)
    assert second["crm"] != first["crm"]
    (tmp_path / "l.csv").unlink()
    third = fingerprint(definitions)
    assert third["crm"] == second["crm"]
    assert third["tag t of enterprise"] == ""


def test_a_fingerprint_sees_the_log_of_a_database(workspace: Workspace, database: Path) -> None:
    definitions = workspace(SQL % "table: customers")
    first = fingerprint(definitions)
    writer = sqlite3.connect(database)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("INSERT INTO customers VALUES (2, 'b')")
    writer.commit()
    try:
        assert "c.sqlite-wal" in fingerprint(definitions)["crm"]
        assert fingerprint(definitions) != first
    finally:
        writer.close()
