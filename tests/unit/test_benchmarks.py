"""The questions of the benchmark of the index, over a small world: what is timed is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import index, index_ours, index_sql, index_world
from benchmarks.index_questions import Question, questions
from holbein.index.writing import write_index
from holbein.store import Snapshot

PEOPLE = 20_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return index_world.publish(tmp_path_factory.mktemp("world"), PEOPLE, write_index)


@pytest.fixture(scope="module")
def ways(world: Snapshot) -> dict[str, index.Way]:
    return {
        "Holbein": index_ours.Holbein(world),
        "codes alone": index_ours.Codes(world),
        "DuckDB": index_sql.DuckDB(world),
    }


@pytest.mark.parametrize("question", questions(PEOPLE), ids=lambda one: one.name)
def test_all_ways_give_the_same_answer(ways: dict[str, index.Way], question: Question) -> None:
    works = {name: way.work(question) for name, way in ways.items()}
    told = {
        index.told(ways[name].answer(question, work()))
        for name, work in works.items()
        if work is not None
    }
    assert len(told) == 1
    assert not told.pop().startswith("0")


def test_the_same_seed_gives_the_same_world(world: Snapshot, tmp_path: Path) -> None:
    again = index_world.publish(tmp_path, PEOPLE, write_index)
    assert again.manifest.tables == world.manifest.tables
    assert again.manifest.index == world.manifest.index
