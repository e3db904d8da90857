"""What is read and what is not; doubles of other files; crashes, damage, many small parts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import holbein
from holbein.collect.csv_files import CsvFile
from holbein.errors import HolbeinError, SourceError
from holbein.renew import slots
from holbein.renew.renewing import _Renewing
from holbein.run import check
from holbein.store import Build, Snapshot
from tests.support.workspaces import write_workspace

FILES = {
    "holbein.yaml": "name: small\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, name: name}
    streams:
      deals: {table: deals/, key: id, at: at, enterprise: account, columns: {value: value}}
      calls: {table: calls, key: id, at: at, enterprise: account}
""",
    "raw/accounts.csv": "id,name\na,Alpha\nb,Beta\n",
    "raw/calls.csv": "id,at,account\n1,2024-01-01,a\n",
    "raw/deals/1.csv": "id,at,account,value\n1,2024-01-01,a,1\n2,2024-01-01,c,2\n",
    "raw/deals/2.csv": "id,at,account,value\n3,2024-01-02,b,3\nx,never,b,3\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_workspace(tmp_path / "small", FILES)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the CSV files that are opened."""
    names: list[str] = []
    real = CsvFile.__init__

    def noted(self: CsvFile, path: Path) -> None:
        names.append(path.name)
        real(self, path)

    monkeypatch.setattr(CsvFile, "__init__", noted)
    return names


def put(folder: Path, name: str, text: str) -> None:
    (folder / "raw" / name).write_text(text)


def run(folder: Path, **more: Any) -> Snapshot:
    return holbein.open(folder).run(as_of="2024-06-01", **more)


def keys(snapshot: Snapshot) -> list[str]:
    return sorted(snapshot.read("stream.deals")["key"].to_pylist())


def put_aside(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(one["place"], one["reason"]) for one in snapshot.read("quarantine").to_pylist()]


def figures(snapshot: Snapshot) -> tuple[int, int]:
    files = snapshot.manifest.costs["files"]
    return files["read"], files["taken_over"]


# --- what is read ---------------------------------------------------------------------------------


def test_a_run_without_change_opens_nothing(folder: Path, opened: list[str]) -> None:
    first = run(folder)
    assert set(opened) == {"accounts.csv", "calls.csv", "1.csv", "2.csv"}
    opened.clear()
    second = run(folder)
    assert opened == []
    assert figures(second) == (0, 4)
    for name in first.tables():
        if not name.startswith(("tags", "changes")):
            assert second.files(name) == first.files(name)


def test_only_the_new_file_is_opened(folder: Path, opened: list[str]) -> None:
    first = run(folder)
    opened.clear()
    put(folder, "deals/3.csv", "id,at,account,value\n4,2024-01-03,a,4\n")
    second = run(folder)
    assert set(opened) == {"3.csv"}
    assert figures(second) == (1, 4)
    assert keys(second) == ["1", "2", "3", "4"]
    assert second.files("stream.deals")[:-1] == first.files("stream.deals")
    assert put_aside(second) == [("2.csv:3", "at is not a date from year 1 to 9999")]
    opened.clear()
    assert figures(run(folder, full=True)) == (5, 0)
    assert len(set(opened)) == 5


def test_a_late_customer_has_only_the_files_read_that_wait(folder: Path, opened: list[str]) -> None:
    run(folder)
    opened.clear()
    put(folder, "accounts.csv", FILES["raw/accounts.csv"] + "c,Gamma\nd,Delta\n")
    snapshot = run(folder)
    assert set(opened) == {"accounts.csv", "1.csv"}
    assert snapshot.rows("unattached") == 0
    assert snapshot.read("stream.deals")["enterprise"].null_count == 0
    opened.clear()
    put(folder, "accounts.csv", "id,name\na,Alpha\nc,Gamma\n")  # and b is gone
    snapshot = run(folder)
    assert set(opened) == {"accounts.csv", "2.csv"}
    assert snapshot.read("unattached")["key"].to_pylist() == ["b"]


def test_what_stands_behind_a_changed_file_is_read(folder: Path, opened: list[str]) -> None:
    put(folder, "deals/3.csv", "id,at,account,value\n4,2024-01-03,a,4\n")
    run(folder)
    opened.clear()
    put(folder, "deals/2.csv", "id,at,account,value\n4,2024-01-03,a,5\n")
    snapshot = run(folder)
    assert set(opened) == {"2.csv", "3.csv"}
    assert figures(snapshot) == (2, 3)
    assert put_aside(snapshot) == [("3.csv:2", "an earlier row with other values has the same id")]


def test_a_column_that_becomes_text_has_all_files_read(folder: Path) -> None:
    run(folder)
    put(folder, "deals/3.csv", "id,at,account,value\n4,2024-01-03,a,many\n")
    snapshot = run(folder)
    assert figures(snapshot) == (3, 2)
    assert snapshot.read("stream.deals").schema.field("value").type == "string"
    told = check(folder, holbein.open(folder).store).inspection.streams["deals"].columns["value"]
    assert told.note == "1.csv holds number, and 3.csv category; taken as text"


# --- doubles --------------------------------------------------------------------------------------


def test_a_fact_of_an_earlier_file_goes(folder: Path) -> None:
    run(folder)
    put(
        folder,
        "deals/3.csv",
        "id,at,account,value\n1,2024-01-01,a,1\n3,2024-01-02,b,9\n5,2024-01-05,a,5\n",
    )
    for full in (False, True):
        snapshot = run(folder, full=full)
        assert keys(snapshot) == ["1", "2", "3", "5"]
        assert put_aside(snapshot)[1:] == [
            ("3.csv:3", "an earlier row with other values has the same id")
        ]
        rows = snapshot.read("stream.deals").to_pylist()
        assert [row["value"] for row in rows if row["key"] == "3"] == [3.0]


# --- crashes and damage ---------------------------------------------------------------------------


def test_a_run_that_falls_between_parts_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder)
    put(folder, "deals/3.csv", "id,at,account,value\n4,2024-01-03,a,4\n")
    real = Build.write_part

    def falls(self: Build, *arguments: Any) -> Any:
        real(self, *arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Build, "write_part", falls)
        run(folder)
    snapshot = run(folder)
    assert keys(snapshot) == ["1", "2", "3", "4"]
    assert put_aside(snapshot) == [("2.csv:3", "at is not a date from year 1 to 9999")]
    snapshot.verify()


def test_a_run_that_falls_behind_the_parts_reads_nothing_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("holbein.run._label", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        run(folder)
    monkeypatch.setattr(_Renewing, "all", lambda _: pytest.fail("read again"))
    assert keys(run(folder)) == ["1", "2", "3"]


@pytest.mark.parametrize(
    "table", ["stream.deals", "role", "enterprise", "quarantine", "unattached"]
)
@pytest.mark.parametrize("more", [False, True])
def test_what_is_damaged_is_read_again(folder: Path, table: str, more: bool) -> None:
    with run(folder) as first:
        told = {name: first.read(name) for name in first.tables() if name != "changes"}
        for path in first.files(table):
            path.write_bytes(b"\0" * path.stat().st_size)
    if more:
        put(folder, "accounts.csv", FILES["raw/accounts.csv"] + "d,Delta\n")
    with run(folder) as second:
        second.verify()
        for name, rows in told.items():
            if not more or name not in ("enterprise", "alias"):
                assert second.read(name) == rows


def test_lost_aliases_have_everything_read(folder: Path) -> None:
    """The ids are others then, also in facts of files that are as they were."""
    with run(folder) as first:
        (path,) = first.files("alias")
        path.write_bytes(b"")
    snapshot = run(folder)
    assert figures(snapshot) == (4, 0)
    assert snapshot.read("stream.deals")["enterprise"].to_pylist() == [3, None, 4]


def test_notes_of_what_was_seen_may_be_lost(folder: Path) -> None:
    run(folder)
    seen = folder / "data" / "seen.json"
    seen.write_bytes(seen.read_bytes()[:-3])
    assert figures(run(folder)) == (0, 4)


# --- many small parts -----------------------------------------------------------------------------


def test_many_small_parts_are_written_together(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "MANY", 3)
    monkeypatch.setattr(slots, "RECENT", 1)
    counts = []
    for number in range(3, 10):
        name = f"deals/{number}.csv"
        put(folder, name, f"id,at,account,value\nk{number},2024-01-0{number},a,4\n")
        snapshot = run(folder)
        assert len(keys(snapshot)) == number + 1
        assert snapshot.rows("stream.deals") == number + 1
        counts.append(len(snapshot.files("stream.deals")))
    assert counts == [1, 2, 3, 4, 3, 4, 3]
    names = [piece.name for part in snapshot.parts("stream.deals") for piece in part.pieces]
    assert names == [f"{number}.csv" for number in range(1, 10)]


# --- folders --------------------------------------------------------------------------------------


def test_a_file_without_a_column_is_named(folder: Path) -> None:
    put(folder, "deals/3.csv", "id,at,account,values\n4,2024-01-03,a,4\n")
    with pytest.raises(SourceError, match=r"3\.csv has no column 'value'") as caught:
        run(folder)
    assert "crm.yaml" in (caught.value.place or "")
    assert "values" in (caught.value.hint or "")


@pytest.mark.parametrize("table", ["deal/", "/", "../", "a/b/", "./"])
def test_folders_that_are_none(folder: Path, table: str) -> None:
    source = folder / "sources" / "crm.yaml"
    source.write_text(source.read_text().replace("table: deals/", f"table: {table}"))
    with pytest.raises(HolbeinError, match="has no folder") as caught:
        run(folder)
    assert caught.value.hint


def test_an_empty_folder(folder: Path) -> None:
    for path in (folder / "raw" / "deals").iterdir():
        path.unlink()
    put(folder, "deals/.hidden.csv", "a\n")
    with pytest.raises(HolbeinError, match=r"the folder deals has no .csv or .parquet file"):
        run(folder)


def test_subjects_in_a_folder_are_one_table(folder: Path) -> None:
    (folder / "raw" / "accounts").mkdir()
    source = folder / "sources" / "crm.yaml"
    source.write_text(source.read_text().replace("table: accounts", "table: accounts/"))
    put(folder, "accounts/1.csv", "id,name\na,Alpha\n")
    put(folder, "accounts/2.csv", "name,id\nBeta,b\nBeta,\nGamma,a\n")
    snapshot = run(folder)
    assert snapshot.read("enterprise")["name"].to_pylist() == ["Alpha", "Beta"]
    assert put_aside(snapshot)[:2] == [
        ("2.csv:3", "id is missing"),
        ("2.csv:4", "an earlier row with other values has the same id"),
    ]
    later = (folder / "raw" / "accounts" / "2.csv").stat().st_mtime + 5
    os.utime(folder / "raw" / "accounts" / "2.csv", (later, later))
    assert figures(run(folder)) == (1, 3)


def test_the_order_of_day_and_month_is_the_tables(folder: Path) -> None:
    put(folder, "deals/1.csv", "id,at,account,value\n1,05/03/2024,a,1\n")
    put(folder, "deals/2.csv", 'id,at,account,value\n2,25/03/2024,a,"12,5"\n')
    put(folder, "deals/3.csv", 'id,at,account,value\n3,06/03/2024,a,"1,250"\n')
    rows = run(folder).read("stream.deals").to_pylist()
    assert [(str(row["day"]), row["value"]) for row in rows] == [
        ("2024-03-05", 1.0), ("2024-03-25", 12.5), ("2024-03-06", 1.25),
    ]  # fmt: skip
