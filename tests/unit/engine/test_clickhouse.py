"""ClickHouse lives once in a process: what is asked of it side by side stays apart."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from holbein.engine import clickhouse, open_engine
from holbein.engine.base import Engine, column, table, text, whole
from holbein.errors import HolbeinError, MissingExtraError, StoreError

ALL = exp.select("*").from_(table("some"))


@pytest.fixture
def engine() -> Iterator[Engine]:
    opened = open_engine("clickhouse")
    yield opened
    opened.close()


def some(*ids: int) -> pa.Table:
    return pa.table({"id": pa.array(ids, pa.int64())})


def ids(engine: Engine) -> list[int]:
    return sorted(engine.query(ALL)["id"].to_pylist())


@pytest.mark.clickhouse
def test_two_engines_have_their_own_tables(engine: Engine) -> None:
    other = open_engine("clickhouse")
    engine.load("some", some(1, 2))
    other.load("some", some(3))
    assert (ids(engine), ids(other)) == ([1, 2], [3])
    other.close()
    assert ids(engine) == [1, 2]


@pytest.mark.clickhouse
def test_a_cursor_sees_the_same_tables_and_outlives_what_it_came_from() -> None:
    engine = open_engine("clickhouse")
    engine.load("some", some(1))
    cursor = engine.cursor()
    cursor.load("some", some(2))
    assert ids(engine) == [2]
    engine.close()
    assert ids(cursor) == [2]
    cursor.close()


@pytest.mark.clickhouse
def test_nothing_is_left_of_what_is_closed(engine: Engine) -> None:
    def databases() -> set[str]:
        listed = exp.select(column("name")).from_("system.databases")
        return set(engine.query(listed)["name"].to_pylist())

    before = databases()
    other = open_engine("clickhouse")
    other.load("some", some(1))
    assert len(databases()) == len(before) + 1
    other.close()
    other.close()
    assert databases() == before


@pytest.mark.clickhouse
def test_the_last_to_close_may_be_followed() -> None:
    for number in range(3):
        engine = open_engine("clickhouse")
        engine.load("some", some(number))
        assert ids(engine) == [number]
        engine.close()


@pytest.mark.clickhouse
def test_threads_with_engines_of_their_own() -> None:
    found: dict[int, list[list[int]]] = {}

    def ask(number: int) -> None:
        engine = open_engine("clickhouse")
        engine.load("some", some(number))
        found[number] = [ids(engine) for _ in range(10)]
        engine.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == {number: [[number]] * 10 for number in range(3)}


@pytest.mark.clickhouse
def test_two_processes_at_once() -> None:
    script = """
import pyarrow as pa
from sqlglot import exp
from holbein.engine import open_engine
from holbein.engine.base import table
engine = open_engine("clickhouse")
engine.load("some", pa.table({"id": [7]}))
print(engine.query(exp.select("*").from_(table("some")))["id"].to_pylist())
"""
    command = [sys.executable, "-c", script]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate(timeout=120)[0] for one in both] == ["[7]\n"] * 2
    assert [one.returncode for one in both] == [0, 0]


@pytest.mark.clickhouse
def test_a_table_is_replaced_and_dropped(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    pq.write_table(some(1), path)
    engine.attach("some", [path])
    assert ids(engine) == [1]
    engine.load("some", some(2))
    assert ids(engine) == [2]
    engine.load("some", pa.table({"name": ["x"]}))
    assert engine.query(ALL).column_names == ["name"]
    engine.attach("some", [path])
    assert ids(engine) == [1]
    engine.drop("some")
    engine.drop("some")
    engine.load("some", some())
    assert ids(engine) == []


@pytest.mark.clickhouse
@pytest.mark.parametrize(
    "folder", ["plain", "{a,b}", "a*b?c", "x::y", "[d]", "it's \\n é 公司", "%_"]
)
def test_paths_are_not_patterns(engine: Engine, tmp_path: Path, folder: str) -> None:
    near = folder.translate(str.maketrans("{}*?:,", "______"))
    for number, name in enumerate((folder, near)):
        (tmp_path / name).mkdir(exist_ok=True)
        for part in range(2):
            pq.write_table(some(10 * number + part), tmp_path / name / f"{part}.parquet")
    for parts in ([0], [0, 1]):
        engine.attach("some", [tmp_path / folder / f"{part}.parquet" for part in parts])
        offset = 10 if near == folder else 0
        assert ids(engine) == [offset + part for part in parts]


@pytest.mark.clickhouse
def test_answers_have_the_types_of_the_other_engines(engine: Engine) -> None:
    at = dt.datetime(2024, 3, 31, 1, 30, 0, 250_000)
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("at", pa.timestamp("us")),
            ("day", pa.date32()),
            ("labels", pa.list_(pa.string())),
            ("sure", pa.bool_()),
            ("name", pa.string()),
            ("size", pa.float64()),
        ]
    )
    rows: list[dict[str, Any]] = [
        {
            "id": 1,
            "at": at,
            "day": at.date(),
            "labels": ["a", "b"],
            "sure": True,
            "name": "é\0'\\",
            "size": 0.1,
        },
        {**dict.fromkeys(schema.names), "id": 2},
    ]
    engine.load("some", pa.Table.from_pylist(rows, schema))
    found = engine.query(ALL)
    assert found.sort_by("id").to_pylist() == rows
    assert found.schema.types == schema.types
    said = {
        "few": exp.LT(this=column("size"), expression=whole(1)),
        "not": exp.Not(this=column("sure")),
        "one": exp.EQ(this=column("name"), expression=text("é\0'\\")),
    }
    chosen = [exp.alias_(one, name, quoted=True) for name, one in said.items()]
    found = engine.query(exp.select(*chosen).from_(table("some")).where("id = 1"))
    assert found.to_pylist() == [{"few": True, "not": False, "one": True}]
    counted = engine.query(exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_("some"))
    assert counted.schema.types == [pa.int64()]


@pytest.mark.clickhouse
def test_what_is_shared_is_worked_out_once(engine: Engine) -> None:
    """Forty relations, each asking the one before twice: 2^40 scans, were they written out."""
    engine.load("some", some(*range(10)))
    asked = exp.select(column("id")).from_(table("shared_39"))
    for number in range(40):
        last = table(f"shared_{number - 1}" if number else "some", "a")
        twin = table(f"shared_{number - 1}" if number else "some", "b")
        on = exp.EQ(this=column("id", "a"), expression=column("id", "b"))
        one = exp.select(column("id", "a")).from_(last).join(exp.Join(this=twin, on=on))
        asked = asked.with_(exp.to_identifier(f"shared_{number}", quoted=True), as_=one)
    assert sorted(engine.query(asked)["id"].to_pylist()) == list(range(10))


@pytest.mark.clickhouse
def test_a_file_that_is_gone_or_none(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        engine.attach("some", [tmp_path / "absent.parquet"])
    (tmp_path / "text.parquet").write_text("this is not Parquet")
    with pytest.raises(StoreError, match="cannot be read"):
        engine.attach("some", [tmp_path / "text.parquet"])
    path = tmp_path / "some.parquet"
    pq.write_table(some(1), path)
    engine.attach("some", [path])
    path.unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        engine.query(ALL)


@pytest.mark.clickhouse
def test_a_question_too_large_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("max_ast_elements", "max_memory_usage"):
        monkeypatch.setattr(clickhouse, "SETTINGS", {**clickhouse.SETTINGS, limit: 20})
        with pytest.raises(HolbeinError, match="too large for the engine"):
            engine = open_engine("clickhouse")
            engine.load("some", some(*range(1000)))
            engine.query(exp.select("*").from_(table("some")).order_by(*map(str, range(1, 99))))


@pytest.mark.clickhouse
def test_a_mistake_of_ours_is_not_blamed_on_the_user(engine: Engine) -> None:
    with pytest.raises(Exception, match="UNKNOWN_TABLE") as told:
        engine.query(exp.select("*").from_(table("absent")))
    assert not isinstance(told.value, HolbeinError)


@pytest.mark.clickhouse
def test_a_process_that_has_opened_chdb_elsewhere_is_told_so(tmp_path: Path) -> None:
    script = """
import chdb
from holbein.engine import open_engine
from holbein.errors import HolbeinError
kept = chdb.connect("own")
try:
    open_engine("clickhouse")
except HolbeinError as error:
    print(error)
"""
    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "this process uses chDB already" in answer.stdout


def test_without_chdb_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "chdb", None)
    with pytest.raises(MissingExtraError, match="ClickHouse is not installed") as told:
        open_engine("clickhouse")
    assert "pip install 'holbein[clickhouse]'" in str(told.value.hint)
