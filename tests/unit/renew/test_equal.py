"""However a version came about, its tables are those of a full run over the same files."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import holbein
from holbein.renew import slots, streams
from holbein.store import Snapshot, Store
from tests.support.workspaces import write_workspace

FILES = {
    "holbein.yaml": "name: small\ntime_zone: Asia/Shanghai\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, name: name, parent: group}
    people: {table: people/, id: id, name: name}
    roles: {table: roles, id: id, enterprise: account, person: person, title: title}
    streams:
      deals: {table: deals/, key: id, at: created, enterprise: account, role: role,
              columns: {value: value, note: note}}
      event: {table: web/, key: id, at: at, known_at: loaded, enterprise: account, person: who,
              columns: {name: what}}
""",
    "tags/a.yaml": "tags:\n  - {tag: deals, value: count(deals)}\n"
    "  - {tag: listed, imported: {file: raw/list.csv, source: crm, id: account}}\n",
}
TABLES = (
    *("enterprise", "person", "role", "ancestor", "alias", "unattached", "quarantine"),
    *("stream.deals", "stream.event", "imported.enterprise"),
)


class World:
    """Files that change from day to day."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.raw = folder / "raw"
        self.time = 1_700_000_000
        self.accounts = {f"a{i}": None for i in range(6)}
        self.people = {f"p{i}" for i in range(5)}
        self.roles = {f"r{i}": (f"a{i % 6}", f"p{i % 5}") for i in range(6)}
        self.files: dict[str, list[list[Any]]] = {}
        self.number = 0
        write_workspace(folder, FILES)
        for name in ("deals", "web", "people"):
            (self.raw / name).mkdir(parents=True)
        self.text("list.csv", ["account"], [["a1"], ["a9"], ["a77"]])
        self.subjects()
        for _ in range(3):
            self.day()

    def text(self, name: str, header: list[str], rows: list[list[Any]]) -> None:
        lines = [",".join(f'"{cell}"' for cell in row) for row in [header, *rows]]
        self.put(name, "\n".join(lines).encode() + b"\n")

    def put(self, name: str, content: bytes) -> None:
        path = self.raw / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)

    def subjects(self) -> None:
        rows = [[one, one.upper(), above or ""] for one, above in self.accounts.items()]
        self.text("accounts.csv", ["id", "name", "group"], rows)
        people = sorted(self.people)
        half = len(people) // 2
        for name, some in (("1.csv", people[:half]), ("2.csv", people[half:])):
            self.text(f"people/{name}", ["id", "name"], [[one, one.upper()] for one in some])
        links = [[one, *ends, "Head"] for one, ends in self.roles.items()]
        self.text("roles.csv", ["id", "account", "person", "title"], links)

    # --- what may happen ----------------------------------------------------------------------

    def some(self, letter: str, known: Any) -> str:
        """A key; sometimes of nobody who is known, or of nobody at all."""
        draw = self.chance.random()
        if draw < 0.1:
            return ""
        if draw < 0.3:
            return f"{letter}{self.chance.randrange(6, 12)}"
        return self.chance.choice(sorted(known) or [f"{letter}0"])

    def deal(self, day: int) -> list[Any]:
        self.number += 1
        role = self.some("r", self.roles) if self.chance.random() < 0.5 else ""
        when = f"2024-03-{day % 27 + 1:02d} 10:{self.number % 60:02d}"
        if self.chance.random() < 0.05:
            when = "some day"
        account = self.some("a", self.accounts) if not role or self.chance.random() < 0.4 else ""
        return [f"d{self.number}", when, account, role, self.chance.randrange(99), "x"]

    def visit(self, day: int) -> list[Any]:
        self.number += 1
        when = f"{day % 27 + 1:02d}/03/2024"  # whose order of day and month one file may not tell
        who = self.some("p", self.people)
        name = self.chance.choice(["login", "visit", ""])
        return [f"e{self.number}", when, when, self.some("a", self.accounts), who, name]

    def day(self, name: str | None = None) -> None:
        day = len(self.files)
        label = name or f"2024-{day + 10:03d}"
        rows = [self.deal(day) for _ in range(self.chance.randrange(1, 9))]
        self.files[f"deals/{label}"] = rows
        visits = [self.visit(day) for _ in range(self.chance.randrange(0, 9))]
        self.files[f"web/{label}"] = visits
        self.doubles(f"deals/{label}")
        self.doubles(f"web/{label}")
        for one in ("deals", "web"):
            self.write(f"{one}/{label}")

    def doubles(self, name: str) -> None:
        kind = name.split("/", 1)[0]
        others = [one for one in self.files if one.startswith(kind) and self.files[one]]
        for _ in range(self.chance.choice([0, 0, 1, 3]) if others else 0):
            row = list(self.chance.choice(self.files[self.chance.choice(others)]))
            if self.chance.random() < 0.5:
                row[2] = self.some("a", self.accounts) if kind == "deals" else "2024-03-30"
            self.files[name].append(row)

    def write(self, name: str) -> None:
        kind, label = name.split("/")
        columns = {
            "deals": ["id", "created", "account", "role", "value", "note"],
            "web": ["id", "at", "loaded", "account", "who", "what"],
        }[kind]
        if label.endswith("5") and kind == "deals":
            rows = self.files[name]
            values = {n: [str(r[i]) or None for r in rows] for i, n in enumerate(columns)}
            table = pa.table({n: pa.array(v, pa.string()) for n, v in values.items()})
            pq.write_table(table, self.raw / f"{name}.parquet")
        else:
            self.text(f"{name}.csv", columns, self.files[name])
        if self.chance.random() < 0.1 and (path := self.raw / f"{name}.csv").exists():
            path.write_bytes(path.read_bytes() + b'9,"open\n')

    def something(self) -> None:
        what = self.chance.choice(
            ["day"] * 5
            + ["account", "account", "gone", "person", "left", "link", "role", "no role", "parent"]
            + ["edited", "inserted", "deleted", "text", "list", "nothing", "grown"]
        )
        name = self.chance.choice(sorted(self.files))
        if what == "day":
            self.day()
        elif what == "account":
            self.accounts[f"a{self.chance.randrange(6, 12)}"] = None
        elif what == "gone":
            self.accounts.pop(self.chance.choice(sorted(self.accounts)), None)
        elif what == "person":
            self.people.add(f"p{self.chance.randrange(6, 12)}")
        elif what == "left":
            self.people.discard(self.chance.choice(sorted(self.people)))
        elif what == "link" and self.accounts and self.people:
            role = self.chance.choice(sorted(self.roles) or ["r0"])
            self.roles[role] = (
                self.chance.choice(sorted(self.accounts)),
                self.chance.choice(sorted(self.people)),
            )
        elif what == "role":
            self.roles[f"r{self.chance.randrange(6, 12)}"] = (
                self.some("a", self.accounts), self.some("p", self.people),
            )  # fmt: skip
        elif what == "no role":
            self.roles.pop(self.chance.choice(sorted(self.roles) or [""]), None)
        elif what == "parent" and self.accounts:
            self.accounts[self.chance.choice(sorted(self.accounts))] = self.some("a", self.accounts)
        elif what == "edited" and self.files[name]:
            self.files[name][self.chance.randrange(len(self.files[name]))][0] += "x"
            self.write(name)
        elif what == "grown":
            last = max(one for one in self.files if one.startswith("deals"))
            self.files[last].append(self.deal(3))
            self.write(last)
        elif what == "inserted":
            self.day(f"2024-{self.chance.randrange(9, 14):03d}b{len(self.files)}")
        elif what == "deleted" and len(self.files) > 6:
            self.files.pop(name)
            for path in self.raw.glob(f"{name}.*"):
                path.unlink()
        elif what == "text" and self.files[name] and name.startswith("deals"):
            self.files[name][0][4] = self.chance.choice(["many", "12,5", 7])
            self.write(name)
        elif what == "list":
            self.text("list.csv", ["account"], [[f"a{i}"] for i in range(self.number % 9)])


def rows_of(snapshot: Snapshot, name: str) -> Any:
    table = snapshot.read(name)
    rows = [json.dumps(one, default=str, sort_keys=True) for one in table.to_pylist()]
    # Where a stream's facts stand in its files depends on when they came.
    return table.schema, sorted(rows) if name.startswith("stream.") else rows


def full_run(world: World, before: Path | None, folder: Path) -> dict[str, Any]:
    """What a full run makes of the same files and earlier aliases."""
    shutil.copytree(world.folder, folder, ignore=shutil.ignore_patterns("data"))
    if before is not None:
        shutil.copytree(before, folder / "data")
    with holbein.open(folder).run(as_of="2024-06-01", full=True) as snapshot:
        found = {name: rows_of(snapshot, name) for name in TABLES}
    shutil.rmtree(folder)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_runs_one_after_another_equal_full_runs(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "FULL", 12)  # so that some parts hold several units
    monkeypatch.setattr(slots, "FULL", 12)
    monkeypatch.setattr(slots, "SMALL", 6)
    monkeypatch.setattr(slots, "MANY", 4)
    monkeypatch.setattr(slots, "RECENT", 1)
    world = World(tmp_path / "w", seed)
    workspace = holbein.open(world.folder)
    taken_over = 0
    for number in range(9):
        before = tmp_path / "before"
        shutil.rmtree(before, ignore_errors=True)
        if (data := world.folder / "data").exists():
            shutil.copytree(data, before)
        with workspace.run(as_of="2024-06-01") as snapshot:
            found = {name: rows_of(snapshot, name) for name in TABLES}
            taken_over += snapshot.manifest.costs["files"]["taken_over"]
        told = full_run(world, before if number else None, tmp_path / "full")
        for name in TABLES:
            assert found[name] == told[name], f"{name} in run {number}"
        Store(world.folder / "data").prune()
        for _ in range(world.chance.randrange(1, 4)):
            world.something()
        world.subjects()
    assert taken_over > 20


@pytest.mark.parametrize("seed", range(6))
def test_a_folder_of_files_is_as_one_file(tmp_path: Path, seed: int) -> None:
    """Which of several facts with one key stays, how dates and numbers are written, what a row
    that is put aside leaves behind: all as if the files were one."""
    world = World(tmp_path / "w", seed)
    for _ in range(12):
        world.something()
    world.subjects()
    one = tmp_path / "one"
    shutil.copytree(world.folder, one, ignore=shutil.ignore_patterns("data"))
    columns = {
        "deals": "id,created,account,role,value,note",
        "web": "id,at,loaded,account,who,what",
    }
    for kind, header in columns.items():
        names = sorted(path.name for path in (one / "raw" / kind).iterdir())
        rows = [row for name in names for row in world.files[f"{kind}/{name.rsplit('.', 1)[0]}"]]
        lines = [",".join(f'"{cell}"' for cell in row) for row in rows]
        (one / "raw" / f"{kind}.csv").write_text("\n".join([header, *lines]) + "\n")
        shutil.rmtree(one / "raw" / kind)
    source = (one / "sources" / "crm.yaml").read_text()
    for kind in columns:
        source = source.replace(f"table: {kind}/", f"table: {kind}")
    (one / "sources" / "crm.yaml").write_text(source)
    found, told = (holbein.open(folder).run(as_of="2024-06-01") for folder in (world.folder, one))
    for name in TABLES[:-1]:
        if name == "quarantine":
            lost = "a quote is opened and not closed"
            mine, theirs = (
                sorted(
                    (row["reason"], row["row"])
                    for row in snapshot.read(name).to_pylist()
                    if row["reason"] != lost
                )
                for snapshot in (found, told)
            )
            assert mine == theirs
        elif name == "unattached":
            mine, theirs = (
                sorted(map(str, snapshot.read(name).drop(["unit"]).to_pylist()))
                for snapshot in (found, told)
            )
            assert mine == theirs
        else:
            assert rows_of(found, name) == rows_of(told, name), name
