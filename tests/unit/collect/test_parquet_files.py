"""Parquet files: whatever a writer put in, in the few types that the rest knows."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from holbein.collect.parquet_files import ParquetFile
from holbein.errors import SourceError


def written(folder: Path, columns: Any, **options: Any) -> ParquetFile:
    path = folder / "t.parquet"
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path, **options)
    return ParquetFile(path)


def read(file: ParquetFile) -> pa.Table:
    return file.read([one.name for one in file.columns()]).table


def test_rows_have_numbers(tmp_path: Path) -> None:
    raw = written(tmp_path, {"a": [1, 2, 3]}, row_group_size=2).read(["a"])
    assert raw.table.column("a").to_pylist() == [1, 2, 3]
    assert raw.place_of([0, 2]) == ["t.parquet row 1", "t.parquet row 3"]
    assert raw.unread == ()


@pytest.mark.parametrize("texts", [["a", "é😀", None, ""], []])
@pytest.mark.parametrize(
    "kind",
    [
        pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()),
        pa.dictionary(pa.int8(), pa.large_string()),
    ],
)  # fmt: skip
def test_text_in_all_its_forms(tmp_path: Path, kind: pa.DataType, texts: list[Any]) -> None:
    found = read(written(tmp_path, {"a": pa.array(texts, kind)}))
    assert found.schema.field("a").type == pa.string()
    assert found.column("a").to_pylist() == texts


def test_uuids_are_text(tmp_path: Path) -> None:
    one = uuid.UUID("12345678-1234-5678-1234-567812345678")
    found = read(written(tmp_path, {"a": pa.array([one, None], pa.uuid())}))
    assert found.column("a").to_pylist() == [str(one), None]


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    broken = pa.array([b"ok", b"a\xff", None]).view(pa.string())
    found = read(written(tmp_path, {"a": broken}, use_dictionary=False))
    assert found.column("a").to_pylist() == ["ok", "a\ufffd", None]


def test_structures_and_columns_named_twice_are_left_out(tmp_path: Path) -> None:
    arrays = [[1], [2], [{"x": 1}], [["l"]], [None], ["odd"]]
    names = ["a", "a", "s", "l", "n", "a.b"]
    table = pa.Table.from_arrays([pa.array(one) for one in arrays], names=names)
    file = written(tmp_path, table)
    assert [one.name for one in file.columns()] == ["l", "n", "a.b"]
    assert read(file).to_pylist() == [{"l": ["l"], "n": None, "a.b": "odd"}]


def test_lists_are_lists_of_text(tmp_path: Path) -> None:
    columns = {
        "a": pa.array([["x", None], None, [], ["y"]]),
        "b": pa.array([[1.5, 7.0], [None], None, []]),
        "c": pa.array([[2**48], [0], None, []], pa.list_(pa.timestamp("s"))),
        "d": pa.array([[b"\xff"], None, None, []], pa.large_list(pa.binary())),
        "e": pa.array([[[1]], None, None, []]),
        "f": pa.array([[1, 2], None, None, [3, 4]], pa.list_(pa.int8(), 2)),
    }
    for groups in (1, 4):
        found = read(written(tmp_path, columns, row_group_size=groups))
        assert found.to_pydict() == {
            "a": [["x", None], None, [], ["y"]],
            "b": [["1.5", "7"], [None], None, []],
            "c": [[found["c"][0].as_py()[0]], ["1970-01-01 00:00:00"], None, []],
            "d": [["\ufffd"], None, None, []],
        }


def test_an_empty_table_has_columns_and_types(tmp_path: Path) -> None:
    looked = written(
        tmp_path, {"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}
    ).look(["b"])
    assert (looked.table.column_names, looked.table.num_rows) == (["b"], 0)
    assert [one.name for one in looked.columns] == ["a", "b"]
    assert looked.distinct("b").to_pylist() == []


def test_columns_are_read_in_the_order_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path, {"a": [1], "b": [2], "c": [3]})
    assert file.read(["c", "a"]).table.column_names == ["c", "a"]


@pytest.mark.parametrize("left", [0, 3, 0.3, 0.9, -1])
def test_a_file_that_was_cut_is_told(tmp_path: Path, left: float) -> None:
    path = written(tmp_path, {"a": list(range(1000)), "b": ["x" * 10] * 1000}).path
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * left) if 0 < left < 1 else int(left)])
    with pytest.raises(
        SourceError, match=r"t\.parquet can't be read as a Parquet file: it is cut off or damaged"
    ):
        ParquetFile(path)


def test_damage_in_the_middle_shows_when_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": [str(n) for n in range(5000)]}, compression="zstd").path
    data = bytearray(path.read_bytes())
    data[100:400] = b"\xff" * 300
    path.write_bytes(data)
    with pytest.raises(SourceError, match="cut off or damaged"):
        ParquetFile(path).read(["a"])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        ParquetFile(tmp_path / "t.parquet")
