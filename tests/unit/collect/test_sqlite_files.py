"""SQLite files: tables, views and queries are read, and nothing else can be done."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from holbein.collect import sqlite_files
from holbein.collect.sqlite_files import Database, Query
from holbein.errors import SourceError

SCRIPT = '''
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, founded DATE, "odd ""name""" NUMERIC);
INSERT INTO customers VALUES (1, 'Ä & Söhne', '1896-02-29', 1.5), (2, '华为 🏢', NULL, 'x');
CREATE TABLE empty (id, price DECIMAL(10,2));
CREATE VIEW names AS SELECT name FROM customers;
CREATE VIEW broken AS SELECT * FROM gone;
CREATE TABLE sum (a INT, b INT GENERATED ALWAYS AS (a + 1));
INSERT INTO sum (a) VALUES (1);
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "c.sqlite"
    run(made, SCRIPT)
    return made


def run(path: Path, script: str, *rows: tuple[Any, ...]) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
    connection.commit()
    connection.close()


def rows(query: Query) -> list[dict[str, Any]]:
    raw = query.read([one.name for one in query.columns()])
    found: list[dict[str, Any]] = raw.table.to_pylist()
    return found


# --- tables ---------------------------------------------------------------------------------------


def test_tables_and_views(path: Path) -> None:
    database = Database(path)
    assert database.tables == ("customers", "empty", "names", "broken", "sum")
    assert rows(database.table("customers"))[0] == {
        "id": 1, "name": "Ä & Söhne", "founded": "1896-02-29", 'odd "name"': "1.5",
    }  # fmt: skip
    assert rows(database.table("names"))[1] == {"name": "华为 🏢"}
    assert rows(database.table("CUSTOMERS")) == rows(database.table("customers"))
    assert rows(database.table("sum")) == [{"a": 1, "b": 2}]


def test_places_are_rows(path: Path) -> None:
    raw = Database(path).table("customers").read(["id"])
    assert raw.place_of([0, 1]) == ["customers row 1", "customers row 2"]
    raw = Database(path).query("SELECT 1 AS a").read(["a"])
    assert raw.place_of([0]) == ["query row 1"]


def test_declared_types(path: Path) -> None:
    database = Database(path)
    declared = {one.name: one.declared for one in database.table("customers").columns()}
    assert declared == {"id": "INTEGER", "name": "TEXT", "founded": "DATE", 'odd "name"': "NUMERIC"}
    assert [one.declared for one in database.table("empty").columns()] == [None, "DECIMAL(10,2)"]
    assert [one.declared for one in database.table("sum").columns()] == ["INT", "INT"]
    assert [one.declared for one in database.table("names").columns()] == ["TEXT"]
    assert [one.declared for one in database.query("SELECT id FROM customers").columns()] == [None]


def test_an_empty_table_has_columns(path: Path) -> None:
    table = Database(path).table("empty").read(["price", "id"]).table
    assert (table.column_names, table.num_rows) == (["price", "id"], 0)


def test_a_missing_table_has_its_neighbours(path: Path) -> None:
    database = Database(path)
    with pytest.raises(
        SourceError, match=r"c\.sqlite has no table 'costumers' \(did you mean customers\?\)"
    ):
        database.table("costumers")
    with pytest.raises(SourceError, match="its tables are customers, empty"):
        database.table("xyz")
    with pytest.raises(SourceError, match="has no table 'sqlite_master'"):
        database.table("sqlite_master")
    with pytest.raises(SourceError, match="has no table 'gone'"):
        database.table("broken").columns()


def test_virtual_tables(path: Path) -> None:
    try:
        run(path, "CREATE VIRTUAL TABLE docs USING fts5(body); INSERT INTO docs VALUES ('hello');")
    except sqlite3.OperationalError:
        assert "docs" not in Database(path).tables  # this SQLite was built without full text
    else:
        assert rows(Database(path).table("docs")) == [{"body": "hello"}]


# --- queries --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id FROM customers", [{"id": 1}, {"id": 2}]),
        ("  select id from customers ;; \n", [{"id": 1}, {"id": 2}]),
        ("SELECT id FROM customers -- the end", [{"id": 1}, {"id": 2}]),
        ("SELECT id FROM customers; -- the end; really", [{"id": 1}, {"id": 2}]),
        ("-- first;\n/* ; */ SELECT id /* -- */ FROM customers /* the end", [{"id": 1}, {"id": 2}]),
        ("; SELECT 1 AS a", [{"a": 1}]),
        ("WITH x AS (SELECT 1 AS a) SELECT a FROM x", [{"a": 1}]),
        ("WITH RECURSIVE n(i) AS (VALUES (1) UNION SELECT i+1 FROM n WHERE i<3) SELECT i FROM n",
         [{"i": 1}, {"i": 2}, {"i": 3}]),
        ("VALUES (1), (2)", [{"column1": 1}, {"column1": 2}]),
        ("""SELECT ';' || '''' || "name" AS "a;b", [id] FROM customers WHERE id = 1""",
         [{"a;b": ";'Ä & Söhne", "id": 1}]),
        ("SELECT value AS v FROM json_each('[1, 2]')", [{"v": 1}, {"v": 2}]),
        ("SELECT name AS a FROM customers ORDER BY id DESC LIMIT 1", [{"a": "华为 🏢"}]),
        ("SELECT id FROM customers WHERE 0", []),
    ],
)  # fmt: skip
def test_a_select(path: Path, sql: str, expected: list[Any]) -> None:
    assert rows(Database(path).query(sql)) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE customers", "DELETE FROM customers", "UPDATE customers SET name = ''",
        "INSERT INTO customers VALUES (9)", "CREATE TABLE x (a)", "ATTACH 'x.sqlite' AS x",
        "DETACH main",
        "PRAGMA user_version = 7", "PRAGMA writable_schema = 1", "VACUUM", "VACUUM INTO 'x.sqlite'",
        "REINDEX", "ANALYZE", "BEGIN", "EXPLAIN SELECT 1", "", "-- nothing", ";", "SELECTED",
        "(SELECT 1)",
        "SELECT 1; DROP TABLE customers", "SELECT 1; SELECT 2", "SELECT ';'; SELECT 2",
        "SELECT 1; /* x */ ATTACH 'x.sqlite' AS x", "/* */ -- \n DROP TABLE customers",
        "WITH x AS (SELECT 1) DELETE FROM customers",
        "WITH x AS (SELECT 1) INSERT INTO empty SELECT 1, 2",
        "WITH x AS (SELECT 1) UPDATE customers SET name = ''", "REPLACE INTO empty VALUES (1, 2)",
        "WITH x AS (SELECT 1) UPDATE sqlite_master SET sql = ''",
        "WITH x AS (SELECT 1) DELETE FROM sqlite_master",
        "SELECT * FROM pragma_table_info('customers')", "SELECT * FROM pragma_database_list",
        "SELECT load_extension('x')", "SELECT readfile('c.sqlite') AS a",
        "SELECT writefile('x', 'y')",
        "SELECT 1) UNION SELECT (2", "SELECT ? AS a", "SELECT 'open", "SELECT",
    ],
)  # fmt: skip
def test_what_is_not_one_select_is_refused(path: Path, sql: str) -> None:
    before = path.read_bytes()
    with pytest.raises(SourceError) as caught:
        rows(Database(path).query(sql))
    assert caught.value.hint
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["c.sqlite"]


def test_what_is_wrong_with_a_query_is_told_with_near_names(path: Path) -> None:
    database = Database(path)

    def told(sql: str) -> str:
        with pytest.raises(SourceError) as caught:
            database.query(sql).columns()
        return str(caught.value)

    assert (
        told("SELECT 1 FROM costumers")
        == "c.sqlite has no table 'costumers' (did you mean customers?)"
    )
    assert "asks for 'c.fonded', which is no column (did you mean founded?)" in told(
        "SELECT c.fonded FROM customers c"
    )
    assert "(it has several statements)" in told("SELECT 1; SELECT 2")
    assert "two columns named 'id'" in told("SELECT id, id FROM customers")
    assert "SQLite refuses the query: near" in told("SELECT FROM WHERE")


def test_a_query_that_fails_on_a_later_row_is_not_a_damaged_file(path: Path) -> None:
    for sql in (
        "SELECT abs(-9223372036854775807 - (id = 2)) AS a FROM customers",
        """SELECT json_extract(CASE id WHEN 2 THEN '{' ELSE '{}' END, '$') AS a FROM customers""",
    ):
        query = Database(path).query(sql)
        assert [one.name for one in query.columns()] == ["a"]
        with pytest.raises(SourceError, match="SQLite refuses the query"):
            query.read(["a"])


# --- values ---------------------------------------------------------------------------------------


def column(path: Path, *values: Any) -> pa.ChunkedArray:
    run(path, "CREATE TABLE t (a)", *((one,) for one in values))
    return Database(path).table("t").read(["a"]).table.column("a")


@pytest.mark.parametrize("batch", [2, 50_000])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7, None, 8], [7, None, 8]),
        ([7, 7.5, None], [7.0, 7.5, None]),
        ([7, "007", 7.0, None, b"\xff"], ["7", "007", "7", None, "\ufffd"]),
        ([None, None, None, "x"], [None, None, None, "x"]),
        ([2**60 + 1, 2, 0.5, 1.5], ["1152921504606846977", "2", "0.5", "1.5"]),
        ([2**53, 2, 0.5, 1.5], [float(2**53), 2.0, 0.5, 1.5]),
        ([b"a", b"b", b"c"], [b"a", b"b", b"c"]),
        (["a\0b", "", "é"], ["a\0b", "", "é"]),
        ([-(2**63), 2**63 - 1], [-(2**63), 2**63 - 1]),
    ],
)
def test_columns_of_any_mixture(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
    values: list[Any],
    expected: list[Any],
) -> None:
    monkeypatch.setattr(sqlite_files, "BATCH", batch)
    assert column(tmp_path / "c.sqlite", *values).to_pylist() == expected


def test_text_that_is_not_utf8(path: Path) -> None:
    found = rows(Database(path).query("SELECT CAST(x'61ff' AS TEXT) AS a"))
    assert found == [{"a": "a\ufffd"}]


def test_a_look_stops_early_and_can_ask_for_the_rest(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "LOOK", 3)
    run(path, "CREATE TABLE t (a)", *((one,) for one in ["1", "2", "2", None, "x", "x"]))
    looked = Database(path).table("t").look(["a"])
    assert (looked.whole, looked.table.num_rows) == (False, 4)
    assert looked.distinct("a").to_pylist() == ["1", "2", None, "x"]
    assert Database(path).table("customers").look(["id"]).whole


# --- files ----------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_has_its_neighbours(path: Path) -> None:
    with pytest.raises(SourceError, match=r"did you mean c\.sqlite\?"):
        Database(path.parent / "c.sqlit")


@pytest.mark.parametrize(
    "content", [b"id,name\n1,a\n", b"\0" * 5000, b"SQLite format 3\0" + b"x" * 4080]
)
def test_what_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.sqlite"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="can't be read as a SQLite database"):
        Database(path)


def test_a_database_without_tables(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    path.touch()
    with pytest.raises(SourceError, match=r"has no table 't' \(it has no tables\)"):
        Database(path).table("t")


@pytest.mark.parametrize("left", [0.01, 0.3, 0.5, 0.75, 0.999999])
@pytest.mark.parametrize("whole_pages", [True, False])
def test_a_file_that_was_cut_is_told(tmp_path: Path, left: float, whole_pages: bool) -> None:
    path = tmp_path / "c.sqlite"
    run(path, "CREATE TABLE t (a, b)", *((n, "x" * 400) for n in range(2000)))
    data = path.read_bytes()
    at = int(len(data) * left)
    path.write_bytes(
        data[: max(4096, at // 4096 * 4096) if whole_pages else at // 4096 * 4096 + 1000]
    )
    with pytest.raises(SourceError, match="can't be read as a SQLite database"):
        Database(path).table("t").read(["a"])


def test_what_waits_in_the_log_is_read(path: Path) -> None:
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("INSERT INTO customers (id) VALUES (3)")
    writer.commit()
    try:
        assert path.with_name("c.sqlite-wal").stat().st_size
        assert [row["id"] for row in rows(Database(path).table("customers"))] == [1, 2, 3]
        copy = path.parent / "copy"
        copy.mkdir()
        for one in ("c.sqlite", "c.sqlite-wal"):
            shutil.copyfile(path.with_name(one), copy / one)
        assert len(rows(Database(copy / "c.sqlite").table("customers"))) == 3
    finally:
        writer.close()


def test_what_an_unfinished_change_left_is_not_read(path: Path) -> None:
    """A change half written, and the journal that would undo it: only a writer may do that."""
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA cache_size = 1")
    writer.executescript("CREATE TABLE t (a)")
    writer.execute("BEGIN")
    writer.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 200)
    copy = path.parent / "copy"
    copy.mkdir()
    for one in ("c.sqlite", "c.sqlite-journal"):
        shutil.copyfile(path.with_name(one), copy / one)
    writer.rollback()
    writer.close()
    with pytest.raises(SourceError, match="can't be read as a SQLite database"):
        Database(copy / "c.sqlite")


def test_a_file_that_another_program_is_writing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "_PATIENCE", 0.05)
    writer = sqlite3.connect(path)
    writer.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(SourceError, match=r"another program is writing to c\.sqlite"):
            Database(path)
    finally:
        writer.close()
    assert Database(path).tables


def test_odd_names_of_files(path: Path) -> None:
    odd = path.with_name("a?b#c%20 é.sqlite")
    shutil.copyfile(path, odd)
    assert len(rows(Database(odd).table("customers"))) == 2
