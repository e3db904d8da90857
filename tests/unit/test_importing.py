"""Imported tags: out, worked on elsewhere, and in again."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from holbein.errors import DefinitionError, HolbeinError, NotFoundError
from holbein.portraits import portrait
from holbein.workspace import Workspace
from tests.support.workspaces import write_workspace
from tests.unit.query.little import AS_OF, little


@pytest.fixture
def own(tmp_path: Path) -> Workspace:
    """The little workspace, to be changed."""
    return little(tmp_path / "little")


def write(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def values(own: Workspace, tag: str, kind: str = "enterprise") -> dict[str, Any]:
    """The tag by key, of those that have it."""
    rows = own.select(f"{tag} IS NOT NULL", kind, ["key", tag])  # type: ignore[arg-type]
    return {row["key"]: row[tag] for row in rows.to_pylist()}  # type: ignore[union-attr]


def test_a_score_comes_in_and_survives_runs(own: Workspace, tmp_path: Path) -> None:
    file = write(
        tmp_path / "scores.csv",
        ["who", "points", "note"],
        ["C001", "12.5", ""],
        ["crm:C003", " 7 ", ""],
        ["C001", "99", "again"],
        ["C999", "1", ""],
        ["C004", "many", ""],
        ["C005", "", "no value"],
    )
    rejects = tmp_path / "rejects.csv"
    report = own.import_tag(
        "score", file, value="points", type="number", rejects=rejects,
        titles={"en": "Score", "zh": "评分"},
    )  # fmt: skip
    assert (report.rows, report.matched, report.doubled, report.differing) == (6, 3, 1, 1)
    assert (report.unknown, report.unreadable) == (1, 1)
    assert report.place == "tags/own.yaml:3"
    said = "\n".join(report.lines())
    assert "1 row named a subject again, and 1 with another value: the first was taken" in said
    assert "row 6 'C004'" in said
    assert "the value cannot be read" in rejects.read_text("utf-8-sig")
    for day in ("2026-06-30", "2026-07-01"):
        own.run(as_of=day)
        assert values(own, "score") == {"crm:C001": 12.5, "crm:C003": 7.0}
    assert own.count("score > 10") == 1
    (listed,) = [one.as_json() for one in own.tags() if one.tag == "score"]
    assert (listed["type"], listed["title"]) == ("number", {"en": "Score", "zh": "评分"})


def test_the_portrait_tells_where_it_came_from_and_when(own: Workspace, tmp_path: Path) -> None:
    file = write(tmp_path / "medals.csv", ["key", "medal"], ["C001", "gold"])
    report = own.import_tag("medal", file, value="medal")
    assert report.guessed is not None
    assert report.guessed.type == "category"
    assert "the values are of type category: guessed, text" in report.lines()[1]
    own.run(as_of=AS_OF)
    day = dt.datetime.now(dt.UTC).astimezone(_zone(own)).date().isoformat()
    found = portrait(own.query, "enterprise", own.query.resolve("enterprise", "C001"), "en")
    assert f"Imported from medals.csv on {day}" in str(found.as_json())
    page = own.tag("medal").as_json()
    assert "imported/enterprise.medal.parquet" in str(page)
    found = portrait(own.query, "enterprise", own.query.resolve("enterprise", "C001"), "zh")
    assert f"{day}从medals.csv导入" in str(found.as_json())


def _zone(own: Workspace) -> Any:
    from holbein.catalog.load import load_settings

    return load_settings(own.folder).zone


def test_who_is_listed(own: Workspace, tmp_path: Path) -> None:
    file = write(tmp_path / "people.csv", ["name"], ["Maria Anders"], ["王晓敏"], ["nobody"])
    report = own.import_tag("invited", file, on="person")
    assert (report.by, report.matched, report.unknown) == ("name", 2, 1)
    own.run(as_of=AS_OF)
    assert own.count("invited", on="person") == 2
    assert own.count("any_role(person(invited))") >= 1


def test_it_comes_in_again(own: Workspace, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", ["key", "mark"], ["C001", "1"], ["C003", "2"])
    first = own.import_tag("mark", file, value="mark", titles={"en": "Mark"})
    own.run(as_of=AS_OF)
    assert values(own, "mark") == {"crm:C001": 1.0, "crm:C003": 2.0}
    text = (own.folder / "tags/own.yaml").read_text("utf-8")
    (own.folder / "tags/own.yaml").write_text(text.replace("Mark", "My mark") + "# mine\n", "utf-8")
    again = write(tmp_path / "b.csv", ["key", "mark"], ["C003", "5"], ["C004", "x"])
    second = own.import_tag("mark", again, value="mark")
    assert (second.place, second.unreadable, second.guessed) == (first.place, 1, None)
    after = (own.folder / "tags/own.yaml").read_text("utf-8")
    assert "My mark" in after
    assert "# mine" in after
    assert '"b.csv"' in after
    assert '"a.csv"' not in after
    own.run(as_of=AS_OF)
    assert values(own, "mark") == {"crm:C003": 5.0}
    meanings = [own.at(run.number).tags["enterprise", "mark"].meaning for run in own.runs()[-2:]]
    assert meanings[0] == meanings[1]


def test_a_definition_that_was_written_otherwise_is_left_alone(
    own: Workspace, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.csv", ["key", "mark"], ["C001", "1"])
    own.import_tag("mark", file, value="mark")
    path, kept = own.folder / "tags/own.yaml", own.folder / "imported/enterprise.mark.parquet"
    path.write_text(
        path.read_text("utf-8").replace(", value: value", ",\n      value: value"), "utf-8"
    )
    before = path.read_bytes(), kept.read_bytes()
    with pytest.raises(DefinitionError, match=r"tags/own.yaml:5: the tag's definition has a form"):
        own.import_tag(
            "mark", write(tmp_path / "b.csv", ["key", "mark"], ["C003", "5"]), value="mark"
        )
    assert (path.read_bytes(), kept.read_bytes()) == before


@pytest.mark.parametrize(
    ("kind", "cells", "expected"),
    [
        ("boolean", ["yes", "no"], [True, False]),
        ("date", ["29.02.2024", "01.03.2024"], [dt.date(2024, 2, 29), dt.date(2024, 3, 1)]),
        ("categories", ["b; a", "c"], [["a", "b"], ["c"]]),
        ("category", ["007", "=1+1"], ["007", "=1+1"]),
        ("number", ["1.234,5", "2,5"], [1234.5, 2.5]),
    ],
)
def test_types(
    own: Workspace, tmp_path: Path, kind: Any, cells: list[str], expected: list[object]
) -> None:
    file = write(tmp_path / "in.csv", ["key", "v"], ["C001", cells[0]], ["C003", cells[1]])
    own.import_tag("it", file, value="v", type=kind)
    own.run(as_of=AS_OF)
    assert list(values(own, "it").values()) == expected


def test_an_export_as_json_makes_the_same_tags_again(own: Workspace, tmp_path: Path) -> None:
    """Of every type, lists too: no mark within a value divides it."""
    cells = {
        "boolean": [True, False],
        "date": [dt.date(2024, 2, 29), dt.date(2024, 3, 1)],
        "categories": [["a; b", "c|d", "王、晓"], ["c"]],
        "category": ["007", "=1+1"],
        "number": [1234.5, -2.0],
    }
    file = tmp_path / "in.json"
    rows: list[dict[str, object]] = [{"key": "C001"}, {"key": "C003"}]
    for kind, made in cells.items():
        for row, one in zip(rows, made, strict=True):
            row[kind] = one.isoformat() if isinstance(one, dt.date) else one
    file.write_text(json.dumps(rows), encoding="utf-8")
    for kind in cells:
        own.import_tag(f"a_{kind}", file, value=kind, type=kind)  # type: ignore[arg-type]
    own.run(as_of=AS_OF)
    names = [f"a_{kind}" for kind in cells]
    out = own.select("a_number IS NOT NULL", columns=["key", *names], out=tmp_path / "out.json")
    for kind in cells:
        report = own.import_tag(f"b_{kind}", out, value=f"a_{kind}")
        assert report.guessed is not None
        assert report.guessed.type == kind
    own.run(as_of=AS_OF)
    for kind, expected in cells.items():
        again = list(values(own, f"b_{kind}").values())
        assert again == list(values(own, f"a_{kind}").values()) == [
            sorted(one) if isinstance(one, list) else one for one in expected
        ]  # fmt: skip


def test_an_export_that_was_edited_in_a_spreadsheet(own: Workspace, tmp_path: Path) -> None:
    path = own.select("TRUE", columns=["id", "name", "employees"], out=tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.active
    sheet.insert_cols(1)
    sheet["A1"] = "verdict"
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 1).value = f"-{row}" if row % 2 else "+86 21 1234 5678"
    book.save(tmp_path / "in.xlsx")
    report = own.import_tag("verdict", tmp_path / "in.xlsx", value="verdict", type="category")
    assert report.matched == report.rows == own.count("TRUE")
    own.run(as_of=AS_OF)
    said = own.select("TRUE", columns=["verdict"]).to_pylist()  # type: ignore[union-attr]
    assert {row["verdict"] for row in said} == {
        "+86 21 1234 5678", *(f"-{row}" for row in range(3, len(said) + 2, 2)),
    }  # fmt: skip


def test_every_key_of_a_subject_is_kept(own: Workspace, tmp_path: Path) -> None:
    own.import_tag("it", write(tmp_path / "in.csv", ["key"], ["crm:C002"], ["erp:C002"]))
    kept = pq.read_table(own.folder / "imported/enterprise.it.parquet").to_pylist()
    assert kept == [{"key": "crm:C002"}, {"key": "erp:C002"}]


def test_what_does_not_fit_changes_nothing(own: Workspace, tmp_path: Path) -> None:
    file = write(tmp_path / "in.csv", ["key", "v"], ["C001", "x"])
    none = write(tmp_path / "none.csv", ["key", "v"], ["nobody", "1"])
    own.import_tag("taken", file, value="v")
    before = {one: one.read_bytes() for one in own.folder.rglob("*.yaml")}
    wrong: list[tuple[type[HolbeinError], str, Path, dict[str, Any]]] = [
        (HolbeinError, "new", none, {}),
        (NotFoundError, "new", file, {"value": "w"}),
        (HolbeinError, "new", file, {"value": "v", "type": "number"}),
        (HolbeinError, "new", file, {"type": "number"}),
        (DefinitionError, "no name", file, {}),
        (DefinitionError, "../x", file, {}),
        (DefinitionError, "Taken", file, {"value": "v"}),
        (DefinitionError, "taken", file, {}),
        (DefinitionError, "taken", file, {"value": "v", "type": "date"}),
        (DefinitionError, "employees", file, {"value": "v"}),
        (DefinitionError, "new", file, {"titles": {"en": " "}}),
    ]
    for kind, name, path, more in wrong:
        with pytest.raises(kind) as caught:
            own.import_tag(name, path, **more)
        assert caught.value.hint, (name, more)
    assert {one: one.read_bytes() for one in own.folder.rglob("*.yaml")} == before
    assert [one.name for one in (own.folder / "imported").iterdir()] == ["enterprise.taken.parquet"]


def test_a_list_by_hand_with_full_keys(own: Workspace) -> None:
    write_workspace(
        own.folder,
        {
            "tags/mine.yaml": "tags: [{tag: mine, type: number, imported: {file: l.csv, id: key, value: v}}]\n",
            "l.csv": "key,v\ncrm:C001,1\nerp:X900,2\nC003,3\ncrm:C999,4\n",
        },
    )
    own.run(as_of=AS_OF)
    assert values(own, "mine") == {"crm:C001": 1.0, "erp:X900": 2.0}
    aside = own.quarantine().to_pylist()
    assert "key is not source:key" in {one["reason"] for one in aside}
    assert any("C999" in str(one) for one in own.store.current().read("unattached").to_pylist())
