"""A hundred thousand members go out, are worked on elsewhere with all that this does to files, and
come in again: all of them are matched."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

import holbein
from holbein.audiences.reading import read
from holbein.workspace import Workspace
from tests.support.workspaces import write_workspace

MEMBERS = 100_000
COLUMNS = ["id", "key", "name", "code", "phone", "score"]
FILES = {
    "holbein.yaml": "name: Many\ntime_zone: Asia/Shanghai\n",
    "sources/crm.yaml": """\
sources:
  - source: crm
    from: companies.parquet
    enterprises:
      table: companies
      id: id
      name: name
      code: {column: code, type: category}
      phone: {column: phone, type: category}
      score: {column: score, type: number}
""",
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace of so many companies, whose keys have leading zeros. Lists may be added."""
    folder = write_workspace(tmp_path_factory.mktemp("many") / "many", FILES)
    numbers = range(1, MEMBERS + 1)
    companies = {
        "id": [f"{n:08d}" for n in numbers],
        "name": [f"{'=-@'[n % 3] if n % 50 == 0 else ''}企业 {n} Co., Ltd" for n in numbers],
        "code": [f"91310{n:09d}MA{n % 10}K" for n in numbers],
        "phone": [f"+86 21 {10_000_000 + n}" for n in numbers],
        "score": [float(-n) for n in numbers],
    }
    pq.write_table(pa.table(companies), folder / "companies.parquet")
    found = holbein.open(folder)
    found.run(as_of="2026-06-30")
    return found


def worked_on(titles: list[str], rows: list[list[Any]]) -> Iterator[list[Any]]:
    """The rows of an export shuffled, its columns in another order, with new ones between, edited,
    with blank rows and blanks, and keys in all the spellings that people and programs give them."""
    chance = random.Random(8)
    chance.shuffle(rows)
    at = {title: place for place, title in enumerate(titles)}
    yield ["verdict", "call", "Kunde", "note", "name"]
    for number, row in enumerate(rows):
        id, key, phone = (row[at[one]] for one in ("id", "key", "phone"))
        bare = key.removeprefix("crm:")
        spelled = (id, key, bare, f"  {bare} ", int(bare), f"{int(bare)}.0", f"\u3000{key}\u00a0")
        verdict = (-5, "+86 21 1234 5678", "+8613800138000", "gut; -5.3")[number % 4]
        yield [verdict, phone, spelled[number % len(spelled)], "new", f"edited {number}"]
        if number % 1_000 == 0:
            yield ["", "  ", "", "", ""]


def check(many: Workspace, path: Path) -> None:
    report = many.import_list("back", path, "enterprise")
    assert (report.column, report.by) == ("Kunde", None)
    assert (report.matched, report.rows) == (MEMBERS, MEMBERS + MEMBERS // 1_000)
    assert report.empty == report.rows - report.matched
    assert many.count("in_audience('back')") == MEMBERS


def test_csv(many: Workspace, tmp_path: Path) -> None:
    out = many.select("TRUE", columns=COLUMNS, out=tmp_path / "out.csv")
    with Path(str(out)).open(encoding="utf-8-sig", newline="") as file:
        titles, *rows = csv.reader(file)
    assert (titles, len(rows)) == (COLUMNS, MEMBERS)
    path = tmp_path / "in.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, delimiter=";").writerows(worked_on(titles, rows))
    check(many, path)
    report = many.import_tag("verdict", path, value="verdict")
    assert report.matched == MEMBERS
    assert report.guessed is not None
    assert report.guessed.type == "category"
    kept = pq.read_table(many.folder / "imported/enterprise.verdict.parquet")["value"]
    counts = {one["values"]: one["counts"] for one in kept.value_counts().to_pylist()}
    said = ("-5", "+86 21 1234 5678", "+8613800138000", "gut; -5.3")
    assert counts == dict.fromkeys(said, MEMBERS // 4)


def test_excel(many: Workspace, tmp_path: Path) -> None:
    out = many.select("TRUE", columns=COLUMNS, out=tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(out, read_only=True).active
    titles, *rows = ([*row] for row in sheet.iter_rows(values_only=True))
    assert (titles, len(rows)) == (COLUMNS, MEMBERS)
    path = tmp_path / "in.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
    to = book.add_worksheet()
    for number, row in enumerate(worked_on(titles, rows)):
        to.write_row(number, 0, row)
    book.close()
    check(many, path)


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_json(many: Workspace, tmp_path: Path, ending: str) -> None:
    out = Path(str(many.select("TRUE", columns=COLUMNS, out=tmp_path / "out.json")))
    found = json.loads(out.read_text("utf-8"))
    assert (list(found[0]), len(found)) == (COLUMNS, MEMBERS)
    titles, *rows = worked_on(COLUMNS, [list(one.values()) for one in found])
    made = [dict(zip(titles, row, strict=True)) for row in rows]
    path = tmp_path / f"in.{ending}"
    lines = "\n".join(json.dumps(one) for one in made)
    path.write_text(lines if ending == "jsonl" else json.dumps(made, indent=1), encoding="utf-8")
    check(many, path)
    report = many.import_tag("said", path, value="verdict")
    assert report.matched == MEMBERS
    kept = pq.read_table(many.folder / "imported/enterprise.said.parquet")["value"]
    counts = {one["values"]: one["counts"] for one in kept.value_counts().to_pylist()}
    said = ("-5", "+86 21 1234 5678", "+8613800138000", "gut; -5.3")
    assert counts == dict.fromkeys(said, MEMBERS // 4)


def test_json_as_it_went_out(many: Workspace, tmp_path: Path) -> None:
    """Unchanged, every value is again what it was: numbers too, and names that look like formulas."""
    path = Path(str(many.select("TRUE", columns=COLUMNS, out=tmp_path / "out.json")))
    found = read(path)
    table = many.select("TRUE", columns=COLUMNS)
    assert isinstance(table, pa.Table)
    assert found.names == tuple(COLUMNS)
    for name, column in zip(found.names, found.columns, strict=True):
        was = table[name].cast(pa.int64()).cast(pa.string()) if name == "score" else table[name]
        assert column.to_pylist() == was.to_pylist()
    report = many.import_tag("points", path, value="score")
    assert report.guessed is not None
    assert (report.matched, report.rows, report.guessed.type) == (MEMBERS, MEMBERS, "number")


@pytest.mark.parametrize("column", ["code", "phone", "name"])
def test_by_an_attribute(many: Workspace, tmp_path: Path, column: str) -> None:
    path = Path(str(many.select("TRUE", columns=[column, "score"], out=tmp_path / "out.csv")))
    text = path.read_text("utf-8-sig").replace("+86 21 ", "021-").replace("Co., Ltd", "CO.,LTD")
    path.write_text(text, encoding="utf-16")
    report = many.import_list("back", path, "enterprise")
    assert (report.by, report.matched, report.rows) == (column, MEMBERS, MEMBERS)


def test_what_does_not_match_is_all_there(many: Workspace, tmp_path: Path) -> None:
    """Every third row is of a stranger: none of them is lost."""
    path, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    rows = [f"{n:08d}" if n % 3 else f"X{n}" for n in range(1, MEMBERS + 1)]
    path.write_text("key,n\n" + "".join(f"{one},{n}\n" for n, one in enumerate(rows)), "utf-8")
    report = many.import_list("some", path, "enterprise", rejects=rejects)
    assert report.unknown == MEMBERS // 3
    left = read(rejects)
    assert left.names == ("key", "n", "row", "reason")
    assert left.columns[0].to_pylist() == [one for one in rows if one.startswith("X")]


_IN_A_PROCESS = """
import json, resource, sys, time
import holbein

seen = []
began = time.process_time()
report = holbein.open(sys.argv[1]).import_list(
    "million", sys.argv[2], "enterprise", rejects=sys.argv[3],
    progress=lambda step, done, total: seen.append(step),
)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
seconds = time.process_time() - began
print(json.dumps({**report.as_json(), "told": len(seen), "seconds": seconds, "peak": peak}))
"""


@pytest.mark.soak
def test_a_million_rows(many: Workspace, tmp_path: Path) -> None:
    """Most of them twice, some of strangers, some that would be formulas: told as it goes on, in
    memory that any machine has, and every row that was not taken is written out."""
    path, rejects, rows = tmp_path / "in.csv", tmp_path / "rejects.csv", 1_000_000
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["note", "key", "more"])
        for n in range(rows):
            stranger = n % 10 == 9
            out.writerow([f"=1+{n}", f"X{n}" if stranger else f"{n % MEMBERS + 1:08d}", "+86 21 1"])
    command = [sys.executable, "-c", _IN_A_PROCESS, str(many.folder), str(path), str(rejects)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print({name: said[name] for name in ("rows", "matched", "seconds", "peak")})
    assert (said["rows"], said["matched"], said["unknown"]) == (rows, MEMBERS * 9 // 10, rows // 10)
    assert said["doubled"] == rows - said["matched"] - said["unknown"]
    assert said["told"] >= rows // 50_000
    assert said["peak"] < 1_500
    left = pd.read_csv(rejects, dtype=str)
    assert len(left) == rows - said["matched"]
    assert left["note"].str.startswith("'=1+").all()
    assert left["row"].is_unique
