"""The safe writer: nothing computes, nothing is lost, nothing is left half written."""

from __future__ import annotations

import csv
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.audiences import cells
from holbein.audiences.writer import write
from holbein.errors import HolbeinError

HEADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\",\"y\")",
    "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@import", "=IMPORTXML(\"http://x\",\"//a\")",
]  # fmt: skip
INJECTIONS = [
    *HEADS,
    *(" " + head for head in HEADS[:5]),
    *("\t" + head for head in HEADS[:5]),
    *("\r" + head for head in HEADS[:5]),
    *("\n" + head for head in HEADS[:5]),
    *("\u00a0\u3000" + head for head in HEADS[:4]),
    *("\ufeff\u200b" + head for head in HEADS[:4]),
    "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "﹦1+1", "﹢1+1", "﹣1+1", "﹫SUM(A1)", "−1+1",
    "\tAcme", "\rAcme", "--5", "+-+5", "=", "@", "+86 21 5555 1234+cmd|' /C calc'!A0",
    "-5-cmd|' /C calc'!A0", "+1 (2)=3", "-SUM(1,2)", "\x00=1+1",
]  # fmt: skip
HARMLESS = [
    "-5", "+5", "-5.25", "+1,234.50", "-12%", "1e-5", "-1e5", "+86 21 5555 1234", "+86-21-5555-1234",
    "+1 (425) 555-0100", "+44 20 7946 0958", "+8613800138000", "＋86 21 5555 1234", "-.5",
    "Acme", "a-b", "a=b", "5-3", "O'Reilly", "'quoted'", "021-5555 1234", "中国银行", "", "a; b", "x; -5",
]  # fmt: skip


def test_fifty_injections_and_more() -> None:
    assert len(INJECTIONS) >= 50


@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injection_is_neutralised(text: str, tmp_path: Path) -> None:
    assert cells.neutral(text).startswith("'")
    assert cells.plain(cells.neutral(text)) == text
    table = pa.table({"name": [text], "several": [[text, "b"]]})
    with write(table, tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        row = list(csv.reader(file))[1]
    assert all(cell.startswith("'") for cell in row)
    if "\x00" not in text:
        book = openpyxl.load_workbook(write(table, tmp_path / "a.xlsx"))
        for cell in book.active[2]:
            assert cell.data_type == "s"
            assert cell.value.startswith("'")
            assert cell.hyperlink is None


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_telephones_and_plain_text_stay(text: str) -> None:
    assert cells.neutral(text) == text
    assert cells.plain(text) == text


def test_a_part_that_becomes_a_cell_where_semicolons_separate() -> None:
    assert cells.neutral("a;=1+1;b") == "a;'=1+1;b"
    assert cells.neutral("a\n=1+1") == "a\n'=1+1"
    assert cells.neutral("a; b; -5") == "a; b; -5"


@given(st.text(alphabet="=+-@' \t\n;1a＝", max_size=12))
def test_marks_can_be_taken_off_again(text: str) -> None:
    marked = cells.neutral(text)
    assert cells.neutral(marked) == marked
    if "'" not in text:
        assert cells.plain(marked) == text


def sample() -> pa.Table:
    return pa.table(
        {
            "id": ["E1", "E2"],
            "employees": pa.array([250.0, None], pa.float64()),
            "score": pa.array([-5.0, 0.1], pa.float64()),
            "active": [True, None],
            "since": pa.array([dt.date(2021, 3, 5), dt.date(1896, 1, 2)], pa.date32()),
            "likes": [["海鲜", "Tea"], None],
            "phone": ["+86 21 5555 1234", "-5"],
            "paid": pa.array(
                [Decimal("12345678901234.5678"), Decimal("1.5000")], pa.decimal128(18, 4)
            ),
            "big": pa.array([2**60 + 1, 5], pa.int64()),
        }
    )


def test_csv(tmp_path: Path) -> None:
    path = write(sample(), tmp_path / "out.CSV")
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, second = list(csv.DictReader(file))
    assert first == {
        "id": "E1", "employees": "250", "score": "-5", "active": "true", "since": "2021-03-05",
        "likes": "海鲜; Tea", "phone": "+86 21 5555 1234", "paid": "12345678901234.5678",
        "big": str(2**60 + 1),
    }  # fmt: skip
    assert second["employees"] == ""
    assert second["phone"] == "-5"
    assert second["since"] == "1896-01-02"


def test_excel(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write(sample(), tmp_path / "out.xlsx")).active
    names, first, second = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert names == sample().column_names
    assert first == [
        "E1", 250, -5, True, dt.datetime(2021, 3, 5), "海鲜; Tea", "+86 21 5555 1234",
        "12345678901234.5678", str(2**60 + 1),
    ]  # fmt: skip
    assert second == ["E2", None, 0.1, None, "1896-01-02", None, "-5", 1.5, 5]


def test_parquet_and_json_keep_the_values(tmp_path: Path) -> None:
    table = pa.table({"name": ["=1+1", None], "n": [1.5, None]})
    assert pq.read_table(write(table, tmp_path / "a.parquet")) == table
    assert json.loads(write(table, tmp_path / "a.json").read_text("utf-8")) == table.to_pylist()
    assert json.loads(write(table.slice(0, 0), tmp_path / "b.json").read_text("utf-8")) == []
    both = json.loads(write(sample(), tmp_path / "c.json").read_text("utf-8"))
    assert both[0]["paid"] == "12345678901234.5678"
    assert both[1]["paid"] == 1.5


def test_what_excel_cannot_hold_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(HolbeinError, match=r"column name, row 2.*32,768 characters"):
        write(pa.table({"name": ["a" * 32_767, "b" * 32_768]}), tmp_path / "a.xlsx")
    with pytest.raises(HolbeinError, match="32,767"):
        write(pa.table({"name": ["\U00020000" * 20_000]}), tmp_path / "a.xlsx")
    rows = pa.table({"n": pa.nulls(1_048_576, pa.float64())})
    with pytest.raises(HolbeinError, match=r"1,048,576 rows"):
        write(rows, tmp_path / "a.xlsx")
    with pytest.raises(HolbeinError, match="columns"):
        write(pa.table({f"c{i}": ["x"] for i in range(16_385)}), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_bad_places(tmp_path: Path) -> None:
    table = pa.table({"a": [1]})
    for name, message in {
        "a.txt": r"\.txt is not known.*\.csv",
        "a.xls": r"did you mean .*\.xlsx",
        "a": "no ending",
        "no/such/a.csv": "folder does not exist",
        "a\0b.csv": "null character",
        "n" * 300 + ".csv": "file",
    }.items():
        with pytest.raises(HolbeinError, match=message):
            write(table, tmp_path / name)
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(HolbeinError, match="folder, not a file"):
        write(table, tmp_path / "d.csv")
    assert [one.name for one in tmp_path.iterdir()] == ["d.csv"]


def test_an_existing_file_is_replaced_whole(tmp_path: Path) -> None:
    write(pa.table({"a": list(range(100))}), tmp_path / "a.csv")
    write(pa.table({"a": [7]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text("utf-8-sig").split() == ["a", "7"]
    assert len(list(tmp_path.iterdir())) == 1
