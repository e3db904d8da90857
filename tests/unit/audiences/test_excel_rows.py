"""Excel files with several sheets: which is read, and that it is told."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart

from holbein.audiences.excel_rows import Part
from holbein.audiences.reading import read
from holbein.errors import HolbeinError, NotFoundError
from holbein.workspace import Workspace
from tests.unit.query.little import little


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A hidden sheet, a chart, and three that are shown; one has a number for a name."""
    book = openpyxl.Workbook()
    book.active.title = "Settings"
    book.active.append(["x"])
    book.active.sheet_state = "hidden"
    book.create_chartsheet("Chart").add_chart(BarChart())
    for name, key in (("Spring", "C001"), ("2", "C002"), ("秋季", "C003")):
        sheet = book.create_sheet(name)
        sheet.append(["key", "mark"])
        sheet.append([f"crm:{key}", name])
    book.active = 2
    book.save(tmp_path / "list.xlsx")
    return tmp_path / "list.xlsx"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (None, "Spring"),
        ("Spring", "Spring"),
        (" spring ", "Spring"),
        ("秋季", "秋季"),
        ("2", "2"),
        (2, "Spring"),
        ("3", "2"),
        (4, "秋季"),
        ("Settings", "Settings"),
    ],
)
def test_by_name_or_number(path: Path, asked: str | int | None, name: str) -> None:
    found = read(path, sheet=asked)
    assert found.part == Part(name, 4)
    if name != "Settings":
        assert found.columns[1].to_pylist() == [name]


@pytest.mark.parametrize("asked", ["Chart", "Summer", "5", 0, -1, "", "٣", "1.0"])
def test_another_is_told_with_those_that_there_are(path: Path, asked: str | int) -> None:
    with pytest.raises(NotFoundError, match="the file has no sheet") as caught:
        read(path, sheet=asked)
    assert caught.value.hint == "its sheets are 'Settings', 'Spring', '2', '秋季'"


def test_many_sheets_are_cut(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number in range(2, 200):
        book.create_sheet(f"S{number}")
    book.save(tmp_path / "many.xlsx")
    with pytest.raises(HolbeinError, match="the sheet 'Sheet' is empty") as caught:
        read(tmp_path / "many.xlsx")
    assert str(caught.value.hint).endswith("'S29', 'S30' and 169 more")


def test_only_excel_has_sheets_and_one_sheet_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("key\nC001\n", "utf-8")
    with pytest.raises(HolbeinError, match="only an Excel file has sheets"):
        read(tmp_path / "list.csv", sheet="a")
    book = openpyxl.Workbook()
    book.active.append(["key"])
    book.save(tmp_path / "list.xlsx")
    assert read(tmp_path / "list.xlsx", sheet="sheet").part is None


def test_the_report_tells_which_was_read(path: Path, tmp_path: Path) -> None:
    own: Workspace = little(tmp_path / "little")
    first = own.import_list("mine", path, "enterprise")
    assert first.lines()[1] == "  of its 4 sheets, 'Spring' was read: --sheet reads another"
    assert first.lines("zh")[1] == "  文件有4个工作表，读取的是'Spring'；要读其他工作表请用 --sheet"
    second = own.import_tag("mark", path, value="mark", sheet="秋季")
    said = json.loads(json.dumps(second.as_json()))
    assert (said["matched"], said["sheet"]) == (1, {"name": "秋季", "of": 4})
