"""What is read subject by subject from lookups is what the engine and the reference say.

Random worlds are written as versions, whose every subject is then asked one by one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp

from holbein.catalog import vocabulary_json
from holbein.catalog.audiences import Unfit
from holbein.conditions import reference
from holbein.conditions.instants import AsOf
from holbein.conditions.text import write
from holbein.conditions.tree import SUBJECT_KINDS, TRUE, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.conditions.world import World
from holbein.engine import open_engine
from holbein.engine.base import column, table
from holbein.engine.reader import Reader
from holbein.query import Query
from holbein.query.own import is_own, owns
from holbein.store import Store
from tests.support.tables import tables
from tests.support.trees import EACH, SEED, drawn_in
from tests.support.worlds import random_as_of

WORLDS = 12


def published(folder: Path, world: World, vocabulary: Vocabulary, as_of: AsOf) -> Query:
    """Questions to a version that holds a world."""
    store = Store(folder)
    with store.begin("world", as_of) as build:
        for name, table in tables(world, vocabulary).items():
            if name in SUBJECT_KINDS or name.partition(".")[0] in ("tags", "stream", "ancestor"):
                build.write(name, table)
        rows = [
            {"kind": kind, "source": "crm", "key": f"{kind}-{id}", "id": id}
            for kind in SUBJECT_KINDS
            for id in world.states.get(kind, {})
        ]
        build.write("alias", pa.Table.from_pylist(rows))
        snapshot = build.publish(zone=str(world.zone), vocabulary=vocabulary_json.dump(vocabulary))
    reader = Reader(open_engine("duckdb"), snapshot, vocabulary, lambda name: folder / name)
    return Query(snapshot, reader, Unfit)


def asked(folder: Path, number: int) -> Iterator[tuple[Query, World]]:
    """A world as of three instants."""
    (one,) = islice(drawn_in(f"lookups {SEED}", number, 1), 1)
    chance = random.Random(number)
    for turn in range(3):
        as_of = one.as_of if turn == 0 else random_as_of(chance, one.world)
        query = published(folder / f"{number} {turn}", one.world, one.vocabulary, as_of)
        yield query, one.world
        query.close()


@pytest.mark.parametrize("number", range(WORLDS))
def test_attributes_and_tags(tmp_path: Path, number: int) -> None:
    for query, world in asked(tmp_path, number):
        for kind in SUBJECT_KINDS:
            names = list(query.vocabulary.fields.get(kind, {}))
            of_the_engine = query.values(kind, names, TRUE)
            ids = [*world.states.get(kind, {}), 10**9]
            chosen = random.Random(number).sample(ids, len(ids))
            one_by_one = query.values(kind, names, chosen[:100])
            expected = of_the_engine.filter(
                pa.compute.is_in(of_the_engine["id"], pa.array(chosen[:100]))
            )
            assert one_by_one.schema.equals(expected.schema)
            assert one_by_one.to_pylist() == expected.to_pylist()


@pytest.mark.parametrize("number", range(WORLDS))
def test_roles_groups_and_keys(tmp_path: Path, number: int) -> None:
    for query, world in asked(tmp_path, number):
        day = query.as_of.day
        for kind in ("enterprise", "person"):
            for id in world.states.get(kind, {}):
                mine = {r: one for r, one in world.roles.items() if getattr(one, kind) == id}
                begun = {r for r, one in mine.items() if one.since is None or one.since <= day}
                now = {r for r in begun if (end := mine[r].until) is None or end > day}
                told = query.roles(**{kind: id}, ever=True).to_pylist()
                assert {row["id"] for row in told} == begun
                assert {row["id"] for row in told if row["current"]} == now
                assert {row["id"] for row in query.roles(**{kind: id}).to_pylist()} == now
                assert query.holders(sorted(mine)) == {r: one.person for r, one in mine.items()}
        for id in world.states.get("enterprise", {}):
            above, one = [], world.parents.get(id)
            while one is not None:
                above.append(one)
                one = world.parents.get(one)
            below = sorted(child for child, parent in world.parents.items() if parent == id)
            assert query.family(id) == (above, below)
        for kind in SUBJECT_KINDS:
            for id in world.states.get(kind, {}):
                for written in (f"{kind}-{id}", f"crm:{kind}-{id}", f"{kind[0].upper()}{id}"):
                    assert query.resolve(kind, written) == id


@pytest.mark.parametrize("number", range(WORLDS))
def test_conditions_on_own_facts(tmp_path: Path, number: int) -> None:
    """Of those trees that ask nothing of others, of each subject alone."""
    trees = [one for one in drawn_in(SEED, number, 10 * EACH) if is_own(one.condition)]
    assert len(trees) > 10
    query = published(tmp_path, trees[0].world, trees[0].vocabulary, trees[0].as_of)
    wrong = []
    for one in trees:
        ids = sorted(one.world.states[one.kind])
        expected = reference.select(one.condition, one.kind, one.world, query.as_of, one.vocabulary)
        found = {id for id, own in owns(query, one.kind, ids).items() if own.meets(one.condition)}
        if found != expected:
            wrong.append(f"{one.kind}: {write(one.condition)}: {sorted(found ^ expected)}")
    assert not wrong, "\n".join(wrong)


def test_what_asks_others_is_told_apart() -> None:
    shares = [is_own(one.condition) for number in range(4) for one in drawn_in(SEED, number)]
    assert 0.05 < sum(shares) / len(shares) < 0.95


def test_no_engine_is_opened(tmp_path: Path) -> None:
    kinds: tuple[SubjectKind, ...] = SUBJECT_KINDS
    for query, world in islice(asked(tmp_path, 1), 1):
        for kind in kinds:
            for own in owns(query, kind, sorted(world.states[kind])[:100]).values():
                own.newest()
        assert "_connection" not in vars(query.reader.engine)
        assert query.count(TRUE, "person") == len(world.states["person"])
        assert "_connection" in vars(query.reader.engine)


def test_an_engine_is_not_told_of_damage_that_it_does_not_meet(tmp_path: Path) -> None:
    """It reads no lookup: what it says of a question is not hidden behind a damaged one."""
    for query, _ in islice(asked(tmp_path, 1), 1):
        for lookup in tmp_path.rglob("*.lookup"):
            lookup.unlink()
        with pytest.raises(duckdb.BinderException):
            query.reader.query(exp.select(column("nothing")).from_(table("person")))
