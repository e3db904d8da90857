"""What a run tells beside its figures: facts of nobody, what waits, definitions ahead of the run."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import holbein
from holbein.cli import app
from tests.support.workspaces import write_workspace

FILES = {
    "holbein.yaml": "name: small\nlanguages: [zh, en]\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, name: name, parent: group, founded: founded}
    people: {table: people, id: id, name: name}
    roles: {table: roles, id: id, enterprise: account, person: person, title: title}
    streams:
      deals: {table: deals, key: id, at: created, enterprise: account, columns: {value: value}}
""",
    "tags/a.yaml": "tags:\n  - {tag: deals, value: count(deals)}\n"
    "  - {tag: listed, imported: {file: raw/list.csv, source: crm, id: account}}\n",
    "raw/accounts.csv": "id,name,group,founded\n0001,Alpha,,1996\n0002,Beta,Alpha,2001\n",
    "raw/people.csv": "id,name\np,Pia\n",
    "raw/roles.csv": "id,account,person,title\nr,0001,p,Head\ns,0009,p,Head\n",
    "raw/deals.csv": "id,account,created,value\n"
    "1,0001,05.01.2024,1\n2,1,06.01.2024,1\n3,2,06.01.2024,1\n4,,07.01.2024,1\n",
    "raw/list.csv": "account\n0001\nXX\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_workspace(tmp_path / "small", FILES)


def asked(folder: Path, *arguments: str) -> tuple[str, str]:
    answer = CliRunner().invoke(app, [*arguments, "-w", str(folder)], catch_exceptions=False)
    return answer.stdout, answer.stderr


def test_a_run_tells_what_does_not_count(folder: Path) -> None:
    _, told = asked(folder, "run", "--as-of", "2024-02-01")
    for line in (
        "2 enterprises, 1 person, 1 role",
        "deals: 1 of 4 facts name no enterprise, and count for nobody",
        "deals: 2 facts name enterprises that no source describes (such as 1, 2)",
        "1 role names an enterprise that no source describes (such as 0009)",
        "1 enterprise has as parent an enterprise that no source describes (such as Alpha)",
        "tag listed: 1 row of its list names an enterprise that no source describes (such as XX)",
    ):
        assert line in told
    listed, waiting = asked(folder, "quarantine", "list")
    assert listed == ""
    assert "nothing is in quarantine" in waiting
    assert "deals: 2 facts name enterprises" in waiting


def test_a_source_of_several_parts_is_told_of_once(folder: Path) -> None:
    (folder / "sources" / "more.yaml").write_text(
        "sources:\n  - {source: crm, from: raw, people: {table: people, id: id, name: name}}\n"
    )
    _, told = asked(folder, "run", "--as-of", "2024-02-01")
    assert told.count("crm: attributes of people as of today") == 1


def test_check_tells_how_dates_are_read(folder: Path) -> None:
    told, _ = asked(folder, "check")
    assert "deals.csv.created: dates, taken as day/month/year" in told


def test_definitions_ahead_of_the_run_are_told(folder: Path) -> None:
    asked(folder, "run", "--as-of", "2024-02-01")
    assert asked(folder, "count", "deals > 0") == ("1\n", "")
    later = time.time() + 5
    os.utime(folder / "tags" / "a.yaml", (later, later))
    counted, told = asked(folder, "count", "deals > 0")
    assert counted == "1\n"
    assert "edited after the last run" in told


def test_the_main_language_is_the_first(folder: Path) -> None:
    asked(folder, "run", "--as-of", "2024-02-01")
    assert "成立时间  1996" in asked(folder, "portrait", "enterprise", "0001")[0]
    assert "成立" not in asked(folder, "portrait", "enterprise", "0001", "--lang", "en")[0]


def test_exports_have_codes_or_titles(tmp_path: Path) -> None:
    files = {
        "holbein.yaml": "name: x\n",
        "sources/a.yaml": "sources:\n  - {source: a, from: a.csv, enterprises: {table: a, id: id,"
        " region: region}}\n",
        "a.csv": "id,region\n1,Shanghai\n2,Atlantis\n",
    }
    folder = write_workspace(tmp_path / "x", files)
    asked(folder, "run")
    for more, wanted in (
        ((), ["310000", "Atlantis"]),
        (("--labels", "en"), ["Shanghai", "Atlantis"]),
        (("--labels", "zh"), ["上海市", "Atlantis"]),
    ):
        told = asked(folder, "select", "TRUE", "--columns", "region", *more)[0]
        assert told.split() == ["region", *wanted]


def test_a_workspace_without_sources_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert CliRunner().invoke(app, ["init", str(folder)]).exit_code == 0
    assert "no sources are defined" in asked(folder, "run")[1]


def test_the_version_is_told() -> None:
    answer = CliRunner().invoke(app, ["--version"])
    assert answer.stdout.startswith("holbein 0.")
    assert holbein.__name__ == "holbein"
