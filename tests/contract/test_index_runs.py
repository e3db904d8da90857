"""Run after run, while companies and people come, go, change and return, the index says what the
engine says of the same version; only columns that changed are written."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

import holbein
from holbein.conditions.bind import bind
from holbein.conditions.text import parse
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.index.relations import ID
from holbein.query import Query
from tests.support import bad_input
from tests.support.companies import ASKED, companies

EDITS = ("drop", "change", "add", "return")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    small = bad_input.make(tmp_path / "small")
    return bad_input.copy(small, tmp_path / "ws", dict(companies(80)))


def files_of(query: Query) -> dict[tuple[str, str], str]:
    """The file of each column."""
    return {
        (kind, name): ref.path
        for kind in SUBJECT_KINDS
        for name, ref in query.snapshot.columns(kind).items()
    }


def holes(query: Query, kind: str) -> int:
    held = query.snapshot.sections(query.snapshot.columns(kind)[ID])
    return 0 if "live" not in held else len(held["id"]) - int(np.bitwise_count(held["live"]).sum())


def check(query: Query) -> None:
    """Columns and engine agree on every question, and on every value of everyone."""
    for kind in SUBJECT_KINDS:
        names = sorted(query.vocabulary.fields[kind])
        for one in ("TRUE", *(f"{name} IS NULL" for name in names), *ASKED[kind]):
            condition = bind(parse(one), kind, query.vocabulary)
            assert query.count(condition, kind) == query.engine.count(condition, kind), one
        assert query.index is not None
        found = query.values(kind, names)
        assert found.to_pylist() == query.engine.values(kind, names, None).to_pylist()


def edited(rng: random.Random, folder: Path, gone: list[str]) -> None:
    """A few companies go, with their people, or return without; some change, some are new."""
    path = folder / "crm" / "companies.csv"
    head, *rows = path.read_text().splitlines()
    parents = {row.split(",")[4] for row in rows}
    for edit in rng.choices(EDITS, k=4):
        place = rng.randrange(len(rows))
        name = rows[place].split(",")[0]
        if edit == "drop" and name not in parents:
            gone.append(rows.pop(place))
            for file in ("contacts", "orders"):
                other = folder / "crm" / f"{file}.csv"
                kept = [one for one in other.read_text().splitlines() if f",{name}," not in one]
                other.write_text("\n".join([*kept, ""]))
        elif edit == "change":
            cells = rows[place].split(",")
            cells[5] = str(rng.randrange(2_000))
            rows[place] = ",".join(cells)
        elif edit == "add":
            number = 1_000 + rng.randrange(10**6)
            rows.append(f"C{number},N{number},Germany,,,{rng.randrange(99)},")
        elif edit == "return" and gone:
            rows.append(gone.pop())
    path.write_text("\n".join([head, *rows, ""]))


def test_the_index_of_every_run_agrees_with_the_engine(folder: Path) -> None:
    rng = random.Random(1)
    gone: list[str] = []
    most = 0
    holbein.open(folder).run(bad_input.AS_OF)
    for _ in range(5):
        edited(rng, folder, gone)
        holbein.open(folder).run(bad_input.AS_OF)
        query = holbein.open(folder).query
        check(query)
        most = max(most, holes(query, "enterprise"))
    assert most > 0
    holbein.open(folder).run(bad_input.AS_OF, full=True)
    query = holbein.open(folder).query
    check(query)
    assert {holes(query, kind) for kind in SUBJECT_KINDS} == {0}


def test_only_columns_that_changed_are_written(folder: Path) -> None:
    holbein.open(folder).run("2024-07-01")
    before = files_of(holbein.open(folder).query)
    path = folder / "crm" / "companies.csv"
    head, first, *rows = path.read_text().splitlines()
    cells = first.split(",")
    path.write_text("\n".join([head, ",".join([*cells[:5], "5000", *cells[6:]]), *rows, ""]))
    holbein.open(folder).run("2024-07-01")
    after = files_of(holbein.open(folder).query)
    changed = {name for name, one in after.items() if before[name] != one}
    assert ("enterprise", "employees") in changed
    assert changed <= {("enterprise", "employees"), ("enterprise", "big")}
