"""Random trees over random worlds: every engine selects what the reference selects.

Seeds are fixed in a CI run, so that a failure can be had again; ``make soak`` draws fresh ones.
What the trees are made of is measured in ``tests/unit/conditions/test_random_trees.py``.
"""

from __future__ import annotations

import random
from contextlib import nullcontext

import pytest

from holbein.conditions import reference
from holbein.conditions.text import write
from holbein.engine.base import Engine
from tests.support.asking import narrow_bands, selected, selected_pairs
from tests.support.tables import load
from tests.support.trees import EACH, SEED, WORLDS, drawn_in
from tests.support.worlds import random_as_of


def _asked(**shares: tuple[int, int]) -> pytest.MarkDecorator:
    """By engine: how many worlds, and trees of each. Slow at small questions, some have fewer."""
    rows = [
        pytest.param(
            name, number, each, marks=() if name == "duckdb" else getattr(pytest.mark, name)
        )
        for name, (worlds, each) in shares.items()
        for number in range(worlds)
    ]
    return pytest.mark.parametrize(("engine", "number", "each"), rows, indirect=["engine"])


@_asked(duckdb=(WORLDS, EACH), spark=(2, 15), clickhouse=(12, EACH))
def test_an_engine_selects_what_the_reference_selects(
    engine: Engine, number: int, each: int
) -> None:
    asked = list(drawn_in(SEED, number, each))
    layout = load(engine, asked[0].world, asked[0].vocabulary)
    wrong = []
    for one in asked:
        expected = reference.select(one.condition, one.kind, one.world, one.as_of, one.vocabulary)
        with narrow_bands() if number % 2 else nullcontext():
            found = selected(engine, layout, one.condition, one.kind, one.as_of)
        if found != expected:
            wrong.append(
                f"{one.name}, {one.kind} as of {one.as_of}: {write(one.condition)}\n"
                f"  too many {sorted(found - expected)}, too few {sorted(expected - found)}"
            )
    assert not wrong, "\n".join(wrong)


@_asked(duckdb=(4, 20), spark=(1, 4), clickhouse=(4, 20))
def test_rows_with_an_as_of_of_their_own_select_what_the_reference_selects(
    engine: Engine, number: int, each: int
) -> None:
    asked = list(drawn_in(f"pairs {SEED}", number, each))
    layout = load(engine, asked[0].world, asked[0].vocabulary)
    rng = random.Random(f"{SEED} {number}")
    wrong = []
    for one in asked:
        ids = sorted(one.world.states[one.kind])[:: 1 + rng.randrange(3)]
        instants = {one.as_of, *(random_as_of(rng, one.world) for _ in range(2))}
        expected = {
            (subject, moment)
            for moment in instants
            for subject in reference.select(
                one.condition, one.kind, one.world, moment, one.vocabulary
            )
            & set(ids)
        }
        found = selected_pairs(engine, layout, one.condition, one.kind, ids, instants)
        if found != expected:
            wrong.append(f"{one.kind}: {write(one.condition)}: {sorted(found ^ expected)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.soak
@pytest.mark.parametrize(
    "engine", ["duckdb", pytest.param("clickhouse", marks=pytest.mark.clickhouse)], indirect=True
)
def test_fresh_trees(engine: Engine) -> None:
    """Five thousand trees that nobody has seen before; the seed is printed."""
    seed = f"soak {random.SystemRandom().randrange(10**9)}"
    print(f"seed {seed!r}")
    for number in range(200):
        asked = list(drawn_in(seed, number, EACH))
        layout = load(engine, asked[0].world, asked[0].vocabulary)
        for one in asked:
            expected = reference.select(
                one.condition, one.kind, one.world, one.as_of, one.vocabulary
            )
            found = selected(engine, layout, one.condition, one.kind, one.as_of)
            assert found == expected, f"{one.name}: {write(one.condition)}"
