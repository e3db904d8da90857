"""A run for one new day beside a run from all the facts, from the sources to the version.

The sources are those of ``tag_world``, a file for each day. Both runs are as of the same day, over
the same files, with the same tags; their tags must be equal.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

import holbein
from benchmarks import tag_world
from benchmarks.tags import TAGS
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.store import Snapshot

LAST = dt.date(2024, 12, 31)

DEFINITIONS = {
    "holbein.yaml": "name: incremental\n",
    "sources/world.yaml": """
sources:
  - source: world
    from: tables/
    enterprises: {table: enterprise, id: id, industry: industry, employees: employees}
    people: {table: person, id: id, city: city, age: age}
    roles: {table: role, id: id, enterprise: enterprise, person: person, title: title}
    streams:
      event:
        table: events/
        key: key
        at: at
        role: role
        columns:
          name: {column: name, type: category}
          page: {column: page, type: category}
          feature: {column: feature, type: category}
          minutes: {column: minutes, type: number}
          amount: {column: amount, type: money}
""",
    "tags/tags.yaml": TAGS,
}


@dataclass(frozen=True)
class Taken:
    """Seconds of a run: all of it, and by part."""

    whole: float
    parts: dict[str, float]

    def told(self) -> str:
        """In one line."""
        parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in self.parts.items())
        return f"{self.whole:.2f} s ({parts})"


def make(folder: Path, people: int, events: int) -> None:
    """Write definitions and sources; the events of the last day stand beside them."""
    made = folder / "made"
    made.mkdir(parents=True)
    tag_world.make(made, people, events)
    for name, text in DEFINITIONS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    days = folder / "tables" / "events"
    days.mkdir(parents=True)
    connection = duckdb.connect()
    for name in ("enterprise", "person", "role"):
        _copy(connection, f"SELECT * EXCLUDE (valid_from, valid_to) FROM '{made}/{name}.parquet'",
              folder / "tables" / f"{name}.parquet")  # fmt: skip
    first = LAST - dt.timedelta(days=tag_world.DAYS - 1)
    columns = 'key, "at", role, name, page, feature, minutes, amount'
    for number in range(tag_world.DAYS):
        day = first + dt.timedelta(days=number)
        rows = f"SELECT {columns} FROM '{made}/stream.event.parquet' WHERE day = DATE '{day}'"
        _copy(connection, rows, days / f"{day}.parquet")
    shutil.rmtree(made)
    shutil.move(days / f"{LAST}.parquet", folder / "last.parquet")


def _copy(connection: duckdb.DuckDBPyConnection, rows: str, path: Path) -> None:
    connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")


def figures(folder: Path, people: int, events: int) -> str:
    """What both runs took, as Markdown."""
    make(folder, people, events)
    workspace = holbein.open(folder)
    _run(workspace, LAST - dt.timedelta(days=1), full=False)
    shutil.move(folder / "last.parquet", folder / "tables" / "events" / f"{LAST}.parquet")
    onward, new = _run(workspace, LAST, full=False)
    whole, all_ = _run(workspace, LAST, full=True)
    _check_equal(onward, whole)
    return (
        f"{people:,} people, {events:,} events in {tag_world.DAYS} daily files, 30 tags.\n\n"
        f"- One new day: {new.told()}.\n- All of it: {all_.told()}.\n"
        f"- Ratio: {all_.whole / new.whole:.1f}; of the tags alone: "
        f"{all_.parts['tags'] / new.parts['tags']:.1f}.\n"
    )


def _run(workspace: holbein.Workspace, day: dt.date, *, full: bool) -> tuple[Snapshot, Taken]:
    began = time.perf_counter()
    version = workspace.run(as_of=day, full=full)
    took = time.perf_counter() - began
    parts = {k: v for k, v in version.manifest.costs.items() if isinstance(v, float)}
    return version, Taken(took, parts)


def _check_equal(one: Snapshot, other: Snapshot) -> None:
    for kind in SUBJECT_KINDS:
        if not one.has(f"tags.{kind}"):
            continue
        mine, theirs = one.read(f"tags.{kind}"), other.read(f"tags.{kind}")
        for name in mine.column_names:
            a, b = mine[name], theirs[name]
            if pa.types.is_floating(a.type):
                close = np.isclose(a.to_numpy(), b.to_numpy(), rtol=1e-9, equal_nan=True)
                assert close.all(), (kind, name)
            else:
                assert a.equals(b), (kind, name)
