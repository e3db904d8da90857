"""A workspace says ``engine: spark``, or another, and nothing else changes: the same tags, the same features."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import holbein
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.demo.world import AS_OF, make
from tests.support.spark import small_spark

MORE_TAGS = """
tags:
  - {tag: standing, ranks: {of: group_revenue, among: [owner_type]}}
  - {tag: segment, rfm: {stream: orders, amount: amount, window: 1 year}}
  - {tag: phase, lifecycle: {stream: orders, amount: amount, period: 60 days}}
  - {tag: group_revenue, rolls_up: {from: descendants, of: revenue_1y, by: sum, self: true}}
  - {tag: usual_engagement, rolls_up: {from: roles, of: engagement, by: most}}
"""
EARLIER = AS_OF - dt.timedelta(days=30)


def _told(workspace: holbein.Workspace) -> dict[str, Any]:
    """All tags of all subjects, and what changed, with floats to nine digits."""
    with workspace.store.current() as snapshot:
        tables = {kind: snapshot.read(f"tags.{kind}").to_pylist() for kind in SUBJECT_KINDS}
        changes = snapshot.read("changes").num_rows
    return {
        **{kind: [_rounded(row) for row in rows] for kind, rows in tables.items()},
        "changes": changes,
        "features": [
            _rounded(row)
            for row in workspace.features(
                ["E1", "E2", "E1"],
                [EARLIER, AS_OF, AS_OF],
                ["activity", "payment_habit", "stage", "standing", "segment", "phase"],
            ).to_pylist()
        ],
    }


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {k: f"{v:.9e}" if isinstance(v, float) else v for k, v in row.items()}


def _version(folder: Path, engine: str) -> dict[str, Any]:
    """What two runs on an engine tell."""
    make(folder, enterprises=30, seed=2)
    (folder / "tags" / "more.yaml").write_text(MORE_TAGS, encoding="utf-8")
    settings = folder / "holbein.yaml"
    settings.write_text(f"{settings.read_text(encoding='utf-8')}engine: {engine}\n")
    workspace = holbein.open(folder)
    workspace.run(as_of=EARLIER)
    workspace.run(as_of=AS_OF)
    return _told(workspace)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    told = _version(tmp_path_factory.mktemp("runs") / "duckdb", "duckdb")
    assert told["changes"] > 0
    return told


@pytest.mark.spark
@pytest.mark.slow
def test_a_run_on_spark_gives_the_same_version(tmp_path: Path, expected: dict[str, Any]) -> None:
    small_spark()
    assert _version(tmp_path / "spark", "spark") == expected


@pytest.mark.clickhouse
def test_a_run_on_clickhouse_gives_the_same_version(
    tmp_path: Path, expected: dict[str, Any]
) -> None:
    assert _version(tmp_path / "clickhouse", "clickhouse") == expected
