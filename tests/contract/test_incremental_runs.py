"""Runs that go on from the last one give what a run from all the facts gives."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import holbein
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.store import Snapshot
from tests.support.days import Days

HISTORY = 35
"""So many days are there before the first run: windows must have something to lose."""


def _both(tmp_path: Path, seed: int, days: list[int], engine: str = "duckdb") -> None:
    """Runs that go on from the last, on an engine, beside full runs on DuckDB."""
    world = Days([tmp_path / "onward", tmp_path / "whole"], seed)
    settings = tmp_path / "onward" / "holbein.yaml"
    settings.write_text(settings.read_text() + f"engine: {engine}\n")
    world.next(HISTORY)
    onward, whole = (holbein.open(folder) for folder in world.folders)
    ways: set[str] = set()
    for step in [0, *days]:
        day = world.next(step) if step else world.today
        one = onward.run(as_of=day)
        other = whole.run(as_of=day, full=True)
        assert not [
            mark for mark in one.manifest.marks if "keeps its" in mark or "no values" in mark
        ]
        _same(one, other)
        ways |= {step["how"] for step in one.manifest.steps}
        assert {step["how"] for step in other.manifest.steps} == {"made"}
    assert "taken over" in ways


def _same(one: Snapshot, other: Snapshot) -> None:
    for kind in SUBJECT_KINDS:
        mine, theirs = one.read(f"tags.{kind}"), other.read(f"tags.{kind}")
        assert mine.column_names == theirs.column_names
        for name in mine.column_names:
            _same_column(f"{kind} {name} as of {one.as_of.day}", mine[name], theirs[name])
    log, theirs = (_log(version) for version in (one, other))
    assert log == theirs


def _same_column(what: str, mine: pa.ChunkedArray, theirs: pa.ChunkedArray) -> None:
    assert mine.type == theirs.type, what
    for place, (a, b) in enumerate(zip(mine.to_pylist(), theirs.to_pylist(), strict=True)):
        if isinstance(a, float) and isinstance(b, float) and not a.is_integer():
            assert a == pytest.approx(b, rel=1e-9), (what, place)
        else:
            assert a == b, (what, place, a, b)


def _log(version: Snapshot) -> set[tuple[object, ...]]:
    rows = version.read("changes").to_pylist()
    return {(row["at"], row["kind"], row["tag"], row["id"]) for row in rows}


@pytest.mark.slow
def test_three_days_in_a_row_with_late_facts_equal_a_full_run(tmp_path: Path) -> None:
    _both(tmp_path, seed=1, days=[1, 1, 1])


def test_days_may_be_left_out_and_runs_repeated(tmp_path: Path) -> None:
    _both(tmp_path, seed=2, days=[3, 0, 9])


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("clickhouse", marks=pytest.mark.clickhouse),
        pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.soak]),
    ],
)
def test_other_engines_come_to_the_same(tmp_path: Path, engine: str) -> None:
    _both(tmp_path, seed=3, days=[1], engine=engine)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [11, 12])
def test_thirty_days_in_a_row_with_late_facts_equal_a_full_run(tmp_path: Path, seed: int) -> None:
    _both(tmp_path, seed=seed, days=[1] * 30)
