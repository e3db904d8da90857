"""Who meets a condition, with the columns asked for, as a table and as every sort of file."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from holbein.audiences.cells import plain
from holbein.audiences.select import select
from holbein.errors import HolbeinError, NotFoundError
from holbein.query import Query
from tests.unit.portraits.samples import HOSTILE
from tests.unit.query.little import COMPANY_LIST, orders_of, revenue

COLUMNS = ["id", "key", "name", "sector", "revenue", "busy", "likes", "founded", "last_order"]
WHERE = "NOT sector = 'retail' AND name IS NOT NULL"


def rows(
    query: Query, condition: str, columns: list[str] | None = None, **more: Any
) -> list[dict[str, Any]]:
    found = select(query, condition, more.pop("kind", "enterprise"), columns, **more)
    assert not isinstance(found, Path)
    return list(found.to_pylist())


def test_by_default_id_key_and_name(query: Query) -> None:
    found = rows(query, "sector = 'software'")
    assert list(found[0]) == ["id", "key", "name"]
    assert [one["key"] for one in found] == [
        f"crm:{one.key}" for one in COMPANY_LIST if one.sector == "software"
    ]
    people = rows(query, "TRUE", kind="role")
    assert list(people[0]) == ["id", "key", "person.name", "title", "enterprise.name"]


def test_columns_have_the_values_and_types_of_the_version(query: Query) -> None:
    found = {one["key"]: one for one in rows(query, "TRUE", COLUMNS)}
    for company in COMPANY_LIST:
        one = found[f"crm:{company.key}"]
        assert one["name"] == company.name
        assert one["sector"] == company.sector
        assert one["revenue"] == pytest.approx(revenue(company.key))
        assert one["busy"] is bool(orders_of(company.key, 30))
        assert one["founded"] == company.founded
    assert found["erp:X900"]["sector"] is None


def test_labels_are_titles_in_a_language(query: Query) -> None:
    columns = ["key", "sector", "region", "tier", "likes", "name"]
    plain_ = {one["key"]: one for one in rows(query, "TRUE", columns)}
    for language, sector, tier in (("en", "software", "high value"), ("zh", "软件", "高价值")):
        titled = {one["key"]: one for one in rows(query, "TRUE", columns, labels=language)}
        for key, one in plain_.items():
            assert titled[key]["name"] == one["name"]
            assert titled[key]["likes"] == one["likes"]
            assert (titled[key]["sector"] == sector) == (one["sector"] == "software")
            assert (titled[key]["tier"] == tier) == (one["tier"] == "high")
            if one["region"] == "310115":
                assert titled[key]["region"] == ("Pudong" if language == "en" else "浦东新区")


def test_values_of_well_known_names_are_titled_without_being_declared(query: Query) -> None:
    found = rows(query, "TRUE", ["buying_role"], kind="role", labels="zh")
    assert {one["buying_role"] for one in found} == {"决策者", "采购者", "使用者", None}


def test_columns_of_related_subjects(query: Query) -> None:
    of_roles = {
        one["key"]: one
        for one in rows(
            query, "TRUE", ["key", "person", "person.name", "enterprise.employees"], kind="role"
        )
    }
    assert of_roles["crm:r1"]["person.name"] == "Maria Anders"
    assert of_roles["crm:r1"]["person"].startswith("P")
    assert of_roles["crm:r1"]["enterprise.employees"] == str(COMPANY_LIST[0].employees)
    of_people = {
        one["key"]: one
        for one in rows(
            query, "TRUE", ["key", "role.title", "enterprise.name", "role.signs_in"], kind="person"
        )
    }
    assert of_people["crm:p2"]["role.title"] == ["采购经理", "Owner"]
    assert of_people["crm:p2"]["enterprise.name"] == ["Company 1", COMPANY_LIST[3].name]
    assert of_people["crm:p3"]["role.title"] is None  # only a past one
    assert of_people["crm:p1"]["role.signs_in"] == ["true"]
    companies = {
        one["key"]: one for one in rows(query, "TRUE", ["key", "person.name", "role.buying_role"])
    }
    assert companies["crm:C001"]["person.name"] == ["Maria Anders", "王晓敏"]
    assert companies["crm:C001"]["role.buying_role"] == ["decides", "buys"]
    assert companies["crm:C003"]["person.name"] is None


def test_all_keys_of_a_subject(query: Query) -> None:
    found = rows(query, "TRUE", ["keys"], kind="person")
    assert found[0] == {"keys": ["crm:p1"]}


def test_the_key_in_one_source(query: Query) -> None:
    found = rows(query, "TRUE", ["key", "key.crm", "key.erp"])
    assert found[0] == {"key": "crm:C001", "key.crm": "C001", "key.erp": None}
    assert [one["key.erp"] for one in found if one["key.erp"] is not None] == ["C002", "E5", "X900"]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (["key.cmr"], "key.crm"),
        (["revenu"], "revenue"),
        (["name", "name"], "twice"),
        (["person.nam"], "person.name"),
        ([""], ""),
    ],
)
def test_unknown_and_doubled_columns_are_told(query: Query, columns: list[str], told: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        select(query, "TRUE", "enterprise", columns)
    assert told in str(caught.value)


def test_nobody_is_an_empty_table(query: Query) -> None:
    found = select(query, "FALSE", "enterprise", [*COLUMNS, "keys", "person.name"])
    assert not isinstance(found, Path)
    assert found.num_rows == 0
    assert found.column_names == [*COLUMNS, "keys", "person.name"]


# --- files ----------------------------------------------------------------------------------------


def written(query: Query, path: Path) -> list[dict[str, Any]]:
    assert select(query, WHERE, "enterprise", COLUMNS, path) == path
    return rows(query, WHERE, COLUMNS)


def as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return "; ".join(value) if isinstance(value, list) else str(value)


def test_csv_reads_back(query: Query, tmp_path: Path) -> None:
    expected = written(query, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [{k: plain(v) for k, v in row.items()} for row in found] == [
        {k: as_text(v) for k, v in row.items()} for row in expected
    ]


def test_excel_reads_back(query: Query, tmp_path: Path) -> None:
    expected = written(query, tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    titles, *found = sheet.iter_rows(values_only=True)
    assert list(titles) == COLUMNS
    for row, one in zip(found, expected, strict=True):
        for name, cell in zip(COLUMNS, row, strict=True):
            value = one[name]
            if isinstance(value, dt.date):
                assert cell == dt.datetime.combine(value, dt.time())
            elif isinstance(value, bool | float):
                assert cell == value
            else:
                assert plain(cell or "") == as_text(value)


def test_parquet_reads_back(query: Query, tmp_path: Path) -> None:
    expected = written(query, tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == expected


def test_json_reads_back(query: Query, tmp_path: Path) -> None:
    expected = written(query, tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert found == [
        {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items()}
        for row in expected
    ]


def test_hostile_names_are_exported_and_nothing_computes(query: Query, tmp_path: Path) -> None:
    names = {row["name"] for row in written(query, tmp_path / "out.json")}
    assert names & set(HOSTILE)


@pytest.mark.parametrize("name", ["out", "out.doc", "out.xls"])
def test_a_file_of_another_sort_is_refused_before_any_work(
    query: Query, tmp_path: Path, name: str
) -> None:
    with pytest.raises(HolbeinError):
        select(query, "this is no condition at all (", "enterprise", None, tmp_path / name)
