"""Files with bytes turned over: what is left is read, or it is said what is wrong."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holbein.catalog.load import load
from holbein.collect import inspect
from holbein.errors import SourceError
from tests.unit.collect.conftest import Taken, collect

SOURCE = """
sources:
  - source: crm
    from: %s
    enterprises: {table: t, id: id, name: name, founded: day, paid: paid}
    streams:
      orders:
        table: t
        key: [id, name]
        at: day
        enterprise: id
        columns: {price: {column: price, type: money}, labels: {column: name, type: categories}}
"""
NAMES = ("id", "name", "day", "price", "paid")
ROWS = [
    (str(n), ["A", "é", "华为", "x|y", 'say "x"'][n % 5], ["2024-01-01", "1.2.2024", ""][n % 3],
     ["1", "1,5", "$5"][n % 3], ["yes", "no"][n % 2])
    for n in range(20)
]  # fmt: skip
CSV = "\n".join(
    ",".join('"' + one.replace('"', '""') + '"' if set(one) & set(',"') else one for one in row)
    for row in (NAMES, *ROWS)
)

Changes = list[tuple[str, int, bytes]]
PLACES = st.integers(0, 10**6)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), PLACES, st.binary(min_size=1, max_size=3)),
        st.tuples(st.just("put"), PLACES, st.sampled_from([b'"', b"\n", b"\r", b",", b"\0"])),
        st.tuples(st.just("into"), PLACES, st.sampled_from([b'"', b"\n", b"\r", b'""', b"\xe4"])),
        st.tuples(st.just("cut"), PLACES, st.just(b"")),
    ),
    min_size=1,
    max_size=6,
)
SEVERAL = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def changed(data: bytes, changes: Changes) -> bytes:
    for what, place, one in changes:
        at = place % (len(data) + 1)
        rest = b"" if what == "cut" else data[at:] if what == "into" else data[at + len(one) :]
        data = data[:at] + one + rest
    return data


def survives(folder: Path, name: str, data: bytes, source: str) -> None:
    """Takes all that can be taken; only a SourceError with a place and a hint may come of it."""
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "holbein.yaml").write_text("time_zone: Asia/Shanghai\n")
    (folder / "sources" / "s.yaml").write_text(SOURCE % source)
    (folder / name).write_bytes(data)
    definitions = load(folder)
    try:
        found = inspect(definitions)
        taken = Taken(found, collect(definitions, found))
    except SourceError as error:
        assert error.place
        assert error.hint
        return
    for row in taken.collected.quarantine["row"].to_pylist():
        json.loads(row, parse_constant=pytest.fail)
    for one in taken.subjects("enterprise"):
        assert one["key"]
    keys = [one["key"] for one in taken.facts("orders")]
    assert len(keys) == len(set(keys))


@SEVERAL
@given(CHANGES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
def test_csv_files(tmp_path: Path, changes: Changes, encoding: str) -> None:
    survives(tmp_path, "t.csv", changed(CSV.encode(encoding), changes), "t.csv")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "t.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size = 512")
    connection.execute(f"CREATE TABLE t ({', '.join(NAMES)})")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", ROWS)
    connection.commit()
    connection.close()
    return path.read_bytes()


@SEVERAL
@given(changes=CHANGES)
def test_sqlite_files(tmp_path: Path, database: bytes, changes: Changes) -> None:
    survives(tmp_path, "t.sqlite", changed(database, changes), "sqlite:///t.sqlite")


@SEVERAL
@given(changes=CHANGES)
def test_parquet_files(tmp_path: Path, changes: Changes) -> None:
    columns = dict(zip(NAMES, (list(one) for one in zip(*ROWS, strict=True)), strict=True))
    pq.write_table(pa.table(columns), tmp_path / "whole.parquet", compression="none")
    whole = (tmp_path / "whole.parquet").read_bytes()
    survives(tmp_path, "t.parquet", changed(whole, changes), "t.parquet")


KINDS: list[tuple[pa.DataType, Any]] = [
    (pa.string(), st.sampled_from(["a", "1", "", "2024-01-01", "yes", "1,5", "NaN", "x\0"])),
    (pa.int64(), st.sampled_from([0, 1, 20240101, 2**62, -7])),
    (pa.uint64(), st.sampled_from([0, 2**64 - 1])),
    (pa.float64(), st.floats()),
    (pa.float32(), st.floats(width=32)),
    (pa.bool_(), st.booleans()),
    (pa.date32(), st.integers(-(2**31), 2**31 - 1)),
    (pa.timestamp("s"), st.integers(-(2**50), 2**50)),
    (pa.timestamp("us", "Asia/Shanghai"), st.integers(-(2**62), 2**62)),
    (pa.timestamp("ns"), st.integers(-(2**62), 2**62)),
    (pa.time64("us"), st.integers(0, 10**10)),
    (pa.duration("s"), st.integers(0, 10**10)),
    (pa.decimal128(30, 9), st.decimals(-(10**20), 10**20, places=9)),
    (pa.decimal256(50, 0), st.decimals(-(10**40), 10**40, places=0)),
    (pa.binary(), st.binary(max_size=3)),
    (pa.binary(4), st.binary(min_size=4, max_size=4)),
    (pa.list_(pa.string()), st.lists(st.sampled_from(["a", "b", ""]), max_size=2)),
    (pa.list_(pa.timestamp("s")), st.lists(st.integers(-(2**50), 2**50), max_size=2)),
    (pa.null(), st.none()),
]


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    columns = {}
    for name in NAMES:
        kind, values = draw(st.sampled_from(KINDS))
        some = draw(st.lists(st.one_of(st.none(), values), min_size=6, max_size=6))
        columns[name] = pa.array(some, kind)
    return pa.table(columns)


@SEVERAL
@given(table=tables())
def test_columns_of_any_type(tmp_path: Path, table: pa.Table) -> None:
    pq.write_table(table, tmp_path / "t.parquet")
    survives(tmp_path, "t.parquet", (tmp_path / "t.parquet").read_bytes(), "t.parquet")
