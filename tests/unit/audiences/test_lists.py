"""Matching keys, freezing audiences, and importing lists of every kind."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from holbein.audiences.lists import audiences, import_file
from holbein.audiences.report import Example
from holbein.errors import HolbeinError, NotFoundError
from holbein.workspace import Workspace
from tests.unit.query.little import COMPANY_LIST, key


def listed(own: Workspace, name: str, kind: str = "enterprise") -> list[int]:
    query = own.query
    bound = query.bind(f"in_audience('{name}')", kind)  # type: ignore[arg-type]
    return list(query.ids(bound, kind).to_pylist())  # type: ignore[arg-type]


def write_csv(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


# --- freezing -----------------------------------------------------------------------------------


def test_a_frozen_audience_stays_as_it_was(own: Workspace) -> None:
    members = listed(own, "software")
    assert own.freeze("software", "spring list") == len(members)
    (own.folder / "audiences" / "all.yaml").write_text(
        "audiences:\n  - {audience: software, where: 'FALSE'}\n", encoding="utf-8"
    )
    assert listed(own, "software") == []
    assert listed(own, "spring list") == members
    own.run(as_of="2026-07-31")
    assert listed(own, "spring list") == members
    assert own.freeze("spring list", "again") == len(members)


def test_an_empty_audience_can_be_frozen(own: Workspace) -> None:
    assert own.freeze("nobody", "still nobody") == 0
    assert listed(own, "still nobody") == []


@pytest.mark.parametrize(
    "name",
    ["", " ", " x", "x ", "a\nb", "x" * 101, "software", "Software", "\u202eabc"],
)
def test_a_list_cannot_have_just_any_name(own: Workspace, name: str) -> None:
    with pytest.raises(HolbeinError):
        own.freeze("big", name)
    assert own.store.lists.names() == []


def test_a_list_is_replaced_by_one_of_its_kind_only(own: Workspace) -> None:
    own.freeze("big", "mine")
    assert own.freeze("software", "mine") == len(listed(own, "software"))
    with pytest.raises(HolbeinError, match="holds the kind enterprise"):
        own.freeze("signed in", "mine")
    with pytest.raises(HolbeinError, match="only in case"):
        own.freeze("big", "MINE")
    with pytest.raises(NotFoundError):
        own.freeze("no such", "other")


def test_audiences_are_listed_by_name_with_their_sizes(own: Workspace) -> None:
    own.freeze("big", "a list")
    found = {
        spec.name: (spec.kind, spec.where is None, size) for spec, size in audiences(own.query)
    }
    assert list(found) == sorted(found)
    assert found["software"] == (
        "enterprise", False, sum(one.sector == "software" for one in COMPANY_LIST),
    )  # fmt: skip
    assert found["a list"] == ("enterprise", True, found["big"][2])
    assert found["signed in"] == ("person", False, 3)
    assert found["nobody"][2] == 0


# --- importing ------------------------------------------------------------------------------------


def test_a_list_with_rows_of_every_sort(own: Workspace, tmp_path: Path) -> None:
    file = write_csv(
        tmp_path / "partners.csv",
        ["name", "account", "note"],
        ["One", "crm:C001", "x"],
        ["Two", "C002", "which?"],
        ["Again", "C001", ""],
        ["None", "", ""],
        ["Strange", "Z-1", ""],
        ["Three", "C003", ""],
    )
    report = own.import_list("partners", file, "enterprise")
    assert (report.name, report.kind, report.column) == ("partners", "enterprise", "account")
    assert (report.rows, report.matched) == (6, 2)
    assert (report.doubled, report.unknown, report.ambiguous, report.empty) == (1, 1, 1, 1)
    assert listed(own, "partners") == sorted(
        own.query.resolve("enterprise", one) for one in ("crm:C001", "C003")
    )
    lines = "\n".join(report.lines())
    assert "2 of 6 rows matched, by the column account" in lines
    for told in ("row 3 'C002'", "row 4 'C001'", "row 6 'Z-1'", "1 row without a key"):
        assert told in lines


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_what_was_exported_comes_in_again(own: Workspace, tmp_path: Path, ending: str) -> None:
    file = own.select("in_audience('software')", out=tmp_path / f"out.{ending}")
    assert isinstance(file, Path)
    report = own.import_list("back", file, "enterprise")
    assert report.matched == report.rows == len(listed(own, "software"))
    assert listed(own, "back") == listed(own, "software")


def test_a_file_without_titles_loses_no_row(own: Workspace, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "bare.csv", ["x", "C001"], ["y", "C003"])
    report = own.import_list("bare", file, "enterprise")
    assert (report.rows, report.matched, report.column) == (2, 2, "column 2")


def test_keys_that_are_numbers_match_from_excel(own: Workspace, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["E", "role"])
    book.active.append([1, "r1"])
    book.active.append([2.0, "r6"])
    book.save(tmp_path / "roles.xlsx")
    assert own.import_list("some roles", tmp_path / "roles.xlsx", "role").matched == 2


def test_the_column_can_be_named(own: Workspace, tmp_path: Path) -> None:
    table = pa.table({"best": [key(1), key(3), key(4)], "other": [key(5), "?", None]})
    pq.write_table(table, tmp_path / "keys.parquet")
    lists = own.store.lists
    file = tmp_path / "keys.parquet"
    report = import_file(own.query, lists, "a", file, "enterprise", "other")
    assert (report.column, report.matched, report.unknown, report.empty) == ("other", 1, 1, 1)
    assert report.examples["unknown"] == (Example(2, "?"),)
    assert import_file(own.query, lists, "b", file, "enterprise").matched == 3
    with pytest.raises(NotFoundError, match="no column 'othe'") as caught:
        import_file(own.query, lists, "c", file, "enterprise", "othe")
    assert "other" in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        ([["key"]], "no rows below"),
        ([["key"], ["nobody"]], "one column must hold"),
        ([["key"], ["C002"]], "source:key"),
    ],
)
def test_where_nothing_matches_no_list_changes(
    own: Workspace, tmp_path: Path, rows: list[list[str]], hint: str
) -> None:
    own.freeze("big", "kept")
    before = listed(own, "kept")
    with pytest.raises(HolbeinError, match="no row names an enterprise") as caught:
        own.import_list("kept", write_csv(tmp_path / "none.csv", *rows), "enterprise")
    assert hint in str(caught.value)
    assert listed(own, "kept") == before


def test_a_list_of_another_kind_matches_nobody(own: Workspace, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "people.csv", ["key"], ["p1"])
    with pytest.raises(HolbeinError, match="no row names a role"):
        own.import_list("people", file, "role")
    assert own.import_list("people", file, "person").matched == 1
