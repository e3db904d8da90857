"""Reading a list that comes in, whatever wrote it."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from holbein.audiences import reading, unfolding
from holbein.audiences.reading import Sheet, read
from holbein.errors import HolbeinError

ROWS = "key,name\nC001,Müller\n C002 ,王晓敏\n"


def cells(sheet: Sheet) -> list[list[str]]:
    return [column.to_pylist() for column in sheet.columns]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_as_programs_write_it(encoding: str, separator: str, end: str, tmp_path: Path) -> None:
    text = ROWS.replace(",", separator).replace("\n", end)
    if encoding == "gb18030":
        text = text.replace("Müller", "米勒")
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    found = read(path)
    assert found.names == ("key", "name")
    assert cells(found)[0] == ["C001", "C002"]
    assert cells(found)[1][1] == "王晓敏"


def test_rows_keep_their_numbers_and_short_ones_are_filled(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text('key,note\nC001\n\n"C0\n02",x,more\n\n\n', encoding="utf-8")
    found = read(path)
    assert found.names == ("key", "note", "")
    assert cells(found) == [["C001", "", "C0\n02"], ["", "", "x"], ["", "", "more"]]
    assert (found.rows, found.first_row) == (3, 2)


def test_separators_inside_quotes_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('"name, legal, full";key\nx;C001\n', encoding="utf-8")
    found = read(path)
    assert (found.names, cells(found)) == (("name, legal, full", "key"), [["x"], ["C001"]])


def test_one_row_is_the_titles(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("C001,x\n", encoding="utf-8")
    found = read(path)
    assert (found.names, cells(found), found.rows) == (("C001", "x"), [[], []], 0)


def test_excel_cells_of_every_type(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["key", "several"])
    values = [
        123,
        1.5,
        True,
        dt.date(2026, 6, 30),
        dt.datetime(2026, 6, 30, 9, 5),
        None,
        " C001 ",
        "'=1+1",
    ]
    for value in values:
        sheet.append([value, "x"])
    path = tmp_path / "list.xlsx"
    book.save(path)
    assert cells(read(path))[0] == [
        "123", "1.5", "True", "2026-06-30", "2026-06-30 09:05:00", "", "C001", "=1+1",
    ]  # fmt: skip


def test_excel_rows_keep_their_numbers_below_an_empty_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "key"
    book.active["A4"] = "C001"
    path = tmp_path / "list.XLSX"
    book.save(path)
    found = read(path)
    assert (found.names, cells(found), found.first_row) == (("key",), [["", "", "C001"]], 2)


def test_parquet_cells_of_every_type(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["C001", None],
            "whole": pa.array([7, None], pa.int64()),
            "float": [7.0, float("nan")],
            "endless": [float("inf"), 0.5],
            "money": [Decimal("1.50"), None],
            "bytes": [b"C001", b"\xff"],
            "day": [dt.date(2026, 6, 30), None],
            "list": [["left", "out"], []],
            "coded": pa.array(["a", "b"]).dictionary_encode(),
        }
    )
    path = tmp_path / "list.parquet"
    pq.write_table(table, path)
    found = read(path)
    assert found.first_row == 1
    assert dict(zip(found.names, cells(found), strict=True)) == {
        "text": ["C001", ""], "whole": ["7", ""], "float": ["7", ""], "endless": ["", "0.5"],
        "money": ["1.50", ""], "bytes": ["C001", "\ufffd"], "day": ["2026-06-30", ""], "coded": ["a", "b"],
    }  # fmt: skip


def _broken(folder: Path) -> dict[str, Path]:
    made = {
        "no such file": folder / "none.csv",
        "this is a folder": folder / "folder.csv",
        "no file that can be imported": folder / "list.pdf",
        "the file is empty": folder / "empty.csv",
        "no text file": folder / "binary.csv",
        "characters cannot be read": folder / "odd.csv",
        "no Excel file": folder / "text.xlsx",
        "this is no Excel file, or a damaged one": folder / "zip.xlsx",
        "no Parquet file": folder / "text.parquet",
        "no column of single values": folder / "lists.parquet",
        "cannot be read: field larger": folder / "long.csv",
    }
    made["this is a folder"].mkdir()
    made["no file that can be imported"].write_text("x")
    made["the file is empty"].write_text("\n \n")
    made["no text file"].write_bytes(b"key\nC\x00001\n")
    made["characters cannot be read"].write_bytes(b"\xff\xfekey\n1")
    made["no Excel file"].write_text("key\nC001\n")
    with zipfile.ZipFile(made["this is no Excel file, or a damaged one"], "w") as zipped:
        zipped.writestr("hello.txt", "x")
    made["no Parquet file"].write_text("PAR1 and no more")
    pq.write_table(pa.table({"list": [["a"]]}), made["no column of single values"])
    made["cannot be read: field larger"].write_text("key\n" + "x" * (reading.LONGEST_CELL + 1))
    return made


def test_a_file_that_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    for message, path in _broken(tmp_path).items():
        with pytest.raises(HolbeinError, match=message) as caught:
            read(path)
        assert path.name in str(caught.value), message


def test_files_that_are_too_large_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("key,a,b\n1,2,3\n4,5,6\n7,8,9\n", encoding="utf-8")
    pq.write_table(pa.table({"key": ["a", "b", "c"]}), tmp_path / "list.parquet")
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    for name in ("list.csv", "list.parquet"):
        with pytest.raises(HolbeinError, match="more than 2 rows"):
            read(tmp_path / name)
    monkeypatch.setattr(reading, "MOST_ROWS", 10)
    monkeypatch.setattr(reading, "MOST_COLUMNS", 2)
    with pytest.raises(HolbeinError, match="more than 2 columns"):
        read(path)
    monkeypatch.setattr(reading, "MOST_BYTES", 5)
    with pytest.raises(HolbeinError, match="larger than"):
        read(path)


def test_a_file_that_unfolds_beyond_all_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/worksheets/sheet1.xml", "0" * 100_000)
    monkeypatch.setattr(unfolding, "MOST_UNFOLDED", 10_000)
    with pytest.raises(HolbeinError, match="unfolds"):
        read(path)


def test_the_sizes_that_a_file_gives_for_its_parts_are_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/worksheets/sheet1.xml", "0" * 100_000)
    size = (100_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (7).to_bytes(4, "little")))
    with zipfile.ZipFile(path) as zipped:
        assert zipped.infolist()[0].file_size == 7
    monkeypatch.setattr(unfolding, "MOST_UNFOLDED", 10_000)
    with pytest.raises(HolbeinError, match="unfolds"):
        read(path)


def test_one_cell_at_the_far_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "key"
    book.active["XFD1048576"] = "C001"
    path = tmp_path / "far.xlsx"
    book.save(path)
    assert path.stat().st_size < 10_000
    with pytest.raises(HolbeinError, match=r"over 1,048,576 rows and 16,384 columns"):
        read(path)


def test_a_text_that_unfolds_in_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.parquet"
    pq.write_table(pa.table({"key": ["x" * 1_000] * 1_000}), path)
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(unfolding, "MOST_UNFOLDED", 100_000)
    with pytest.raises(HolbeinError, match="unfolds"):
        read(path)


def test_titles_below_empty_rows_and_excels_own_first_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n;;\nkey;note\nC001;x\n", encoding="utf-8")
    found = read(path)
    assert (found.names, cells(found), found.first_row) == (("key", "note"), [["C001"], ["x"]], 4)
    path.write_text("sep=|\nkey|note\nC001|a;b\n", encoding="utf-8")
    found = read(path)
    assert (found.names, cells(found), found.first_row) == (("key", "note"), [["C001"], ["a;b"]], 2)


def test_batches_make_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BATCH", 2)
    path = tmp_path / "list.csv"
    path.write_text("key\na\nb\nc,1\n\nd,2,3\n\n\n\n", encoding="utf-8")
    found = read(path)
    assert found.names == ("key", "", "")
    assert cells(found) == [
        ["a", "b", "c", "", "d"], ["", "", "1", "", "2"], ["", "", "", "", "3"],
    ]  # fmt: skip
