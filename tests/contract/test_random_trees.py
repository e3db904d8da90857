"""Random trees over random worlds: every engine selects what the reference selects.

Seeds are fixed in a CI run, so that a failure can be had again; ``make soak`` draws fresh ones.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from holbein.conditions import reference
from holbein.conditions.bind import bind
from holbein.conditions.instants import AsOf
from holbein.conditions.text import write
from holbein.conditions.tree import SUBJECT_KINDS, Condition, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.conditions.world import World
from holbein.engine.base import Engine
from tests.support.asking import selected, selected_pairs
from tests.support.tables import load
from tests.support.trees import random_tree
from tests.support.worlds import random_as_of, random_world

TREES = {"duckdb": 500, "spark": 30}
PER_WORLD = {"duckdb": 25, "spark": 15}


def _asked(
    rng: random.Random, world: World, vocabulary: Vocabulary, count: int
) -> Iterator[tuple[Condition, SubjectKind, AsOf]]:
    for number in range(count):
        kind = SUBJECT_KINDS[number % len(SUBJECT_KINDS)]
        as_of = random_as_of(rng, world)
        tree = random_tree(rng, world, vocabulary, kind, as_of)
        yield bind(tree, kind, vocabulary), kind, as_of


@pytest.mark.parametrize("block", range(TREES["duckdb"] // PER_WORLD["duckdb"]))
def test_an_engine_selects_what_the_reference_selects(engine: Engine, block: int) -> None:
    name = engine.dialect.name
    if block * PER_WORLD[name] >= TREES[name]:
        return  # this engine has had its number of trees
    rng = random.Random(f"{os.environ.get('HOLBEIN_SEED', 'trees')} {block}")
    world, vocabulary = random_world(rng)
    layout = load(engine, world, vocabulary)
    wrong = []
    for tree, kind, as_of in _asked(rng, world, vocabulary, PER_WORLD[name]):
        expected = reference.select(tree, kind, world, as_of, vocabulary)
        found = selected(engine, layout, tree, kind, as_of)
        if found != expected:
            wrong.append(
                f"{kind} as of {as_of}: {write(tree)}\n  too many {sorted(found - expected)}, "
                f"too few {sorted(expected - found)}"
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("block", range(4))
def test_rows_with_an_as_of_of_their_own_select_what_the_reference_selects(
    engine: Engine, block: int
) -> None:
    name = engine.dialect.name
    if name == "spark" and block:
        return
    rng = random.Random(f"{os.environ.get('HOLBEIN_SEED', 'pairs')} {block}")
    world, vocabulary = random_world(rng)
    layout = load(engine, world, vocabulary)
    wrong = []
    for tree, kind, as_of in _asked(rng, world, vocabulary, 20 if name == "duckdb" else 4):
        ids = sorted(world.states[kind])[:: 1 + rng.randrange(3)]
        instants = [as_of, *(random_as_of(rng, world) for _ in range(2))]
        expected = {
            (one, moment)
            for moment in instants
            for one in reference.select(tree, kind, world, moment, vocabulary) & set(ids)
        }
        found = selected_pairs(engine, layout, tree, kind, ids, set(instants))
        if found != expected:
            wrong.append(f"{kind}: {write(tree)}: {sorted(found ^ expected)}")
    assert not wrong, "\n".join(wrong)
