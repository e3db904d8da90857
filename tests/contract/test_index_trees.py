"""Random trees over random worlds: the index selects what the reference and DuckDB select.

A thousand trees in a run of the tests, in four kinds of worlds by turns: as they are, with holes in
their numbering, under an overlay, and under an overlay over holes; each by the kernels and by their
twins. Others over worlds of thousands of subjects, so that there are several blocks, and with
dictionaries so small that all layouts come up. ``make soak`` draws fresh ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from types import ModuleType

import numpy as np
import pytest

from holbein.conditions import reference, tree
from holbein.conditions.text import write
from holbein.conditions.tree import SUBJECT_KINDS, Condition, SubjectKind
from holbein.conditions.world import World
from holbein.engine.base import Engine
from holbein.engine.compile import Layout
from holbein.index import encode, evaluate, masks, related, twins
from holbein.index.index import Index
from holbein.index.relations import LINKS, ROLES
from holbein.index.source import Held
from tests.support.asking import selected
from tests.support.fast import AT_HAND, either
from tests.support.indexes import (
    Ids,
    copied,
    first_of,
    ids_in,
    overlay,
    places_of,
    source,
    thinned,
)
from tests.support.tables import load, tables
from tests.support.trees import EACH, SEED, Drawn, drawn_in

WORLDS = 40
Answers = Callable[[Condition, SubjectKind], set[int]]
"""Who meets a condition."""


def by_reference(one: Drawn, world: World) -> Answers:
    """What the reference selects; each question is put to it once."""
    known: dict[tuple[Condition, SubjectKind], set[int]] = {}

    def ask(condition: Condition, kind: SubjectKind) -> set[int]:
        if (condition, kind) not in known:
            known[condition, kind] = reference.select(
                condition, kind, world, one.as_of, one.vocabulary
            )
        return known[condition, kind]

    return ask


def index_over(held: Held, world: World, answers: Answers, chosen: ModuleType) -> Index:
    """An index that asks others for what it does not know."""
    return Index(
        held,
        ask=lambda condition, kind, ids: np.array(sorted(answers(condition, kind)), np.int64),
        members=lambda name: np.array(sorted(world.audiences[name]), np.int64),
        kernels=chosen,
    )


def indexes(
    seed: str, number: int, each: int, engine: Callable[[Drawn, World], Answers] = by_reference
) -> Iterator[tuple[Drawn, World, set[int], list[Index]]]:
    """Each tree of a world, the world as the index has it, who meets the tree, and the indexes."""
    rng = random.Random(f"{seed} {number} index")
    (first, *_) = asked = list(drawn_in(seed, number, each))
    full, vocabulary = first.world, first.vocabulary
    with_holes, with_overlay = number % 2 == 1, number % 4 >= 2
    world = thinned(rng, full) if with_holes or with_overlay else full
    base = full
    if with_overlay:
        laid, world = overlay(rng, full, world, vocabulary)
        base = laid.before
        if with_holes:  # some of those who are gone are so for long
            kept = {
                kind: {one: held for one, held in states.items() if one in world.states[kind] or one % 2}
                for kind, states in base.states.items()
            }  # fmt: skip
            roles = {one: link for one, link in base.roles.items() if one in kept["role"]}
            base = World(**{**vars(base), "states": kept, "roles": roles})
    made = tables(base if with_overlay else world, vocabulary)

    def before(kind: SubjectKind) -> Ids | None:
        if not with_holes:
            return None
        ids = ids_in(full, kind)
        return ids[ids <= max(base.states[kind])] if with_overlay else ids[:-2]

    for one in asked:
        ask = engine(one, world)
        held = source(made, one.as_of, vocabulary, before)
        out = [index_over(held, world, ask, chosen) for chosen in AT_HAND]
        if with_overlay:
            out = [index.overlaid(laid.changes(one.as_of)) for index in out]
        yield one, world, ask(one.condition, one.kind), out


def disagreement(one: Drawn, index: Index, expected: set[int]) -> str | None:
    """What an index says other than it should, of a tree or of a node in it."""
    condition, kind = one.condition, one.kind
    found = places_of(index, condition, kind)
    told = f"{one.name} {index.kernels(kind).__name__}, {kind}: {write(condition)}\n  "
    if not np.array_equal(found, sorted(expected)):
        extra, lacking = sorted({*found.tolist()} - expected), sorted(expected - {*found.tolist()})
        return f"{told}too many {extra[:9]}, too few {lacking[:9]}"
    if index.count(condition, kind) != len(expected):
        return f"{told}count {index.count(condition, kind)}, not {len(expected)}"
    counts = index.node_counts(condition, kind)
    if counts[kind, condition] != len(expected):
        return f"{told}counts {counts[kind, condition]} of the whole, not {len(expected)}"
    for (of, node), count in counts.items():
        everyone = index.count(tree.TRUE, of)
        match node:
            case tree.Not(item=item):
                good = count == everyone - counts[of, item]
            case tree.And(items=(left, right)) | tree.Or(items=(left, right)):
                other = tree.Or if isinstance(node, tree.And) else tree.And
                both = count + index.count(other((left, right)), of)
                good = both == counts[of, left] + counts[of, right]
            case tree.And(items=items):
                good = count <= min((counts[of, part] for part in items), default=everyone)
            case tree.Or(items=items):
                parts = [counts[of, part] for part in items]
                good = max(parts, default=0) <= count <= sum(parts)
            case _:
                good = count == index.count(node, of)
        if not good:
            return f"{told}{write(node)}: counts do not add up: {count}"
    return None


def check_relations(index: Index) -> None:
    """Whoever is gone has no role, and no role that is gone is anybody's."""
    links, size = index.structure("role", LINKS), index.size("role")
    current = masks.places_of(links["current"], size)
    assert masks.holds(index.mask(tree.TRUE, "role"), current).all()
    assert masks.holds(links["begun"], current).all()
    for kind in ("enterprise", "person"):
        held = index.structure(kind, ROLES)
        with_one = current[links[kind][current] < index.size(kind)]
        assert np.sort(held["members"]).tolist() == with_one.tolist()
        lengths = np.diff(held["offsets"].astype(np.int64))
        assert lengths.tolist() == np.bincount(
            links[kind][with_one].astype(np.int64), minlength=index.size(kind)
        ).tolist()  # fmt: skip


@pytest.mark.parametrize("number", range(WORLDS))
def test_the_index_its_twin_and_the_reference_agree(number: int) -> None:
    wrong = []
    for one, world, expected, built in indexes(SEED, number, EACH):
        for index in built:
            assert index.ids(one.kind).tolist() == sorted(world.states[one.kind])
            check_relations(index)
            wrong.append(disagreement(one, index, expected))
    assert len(wrong) == len(AT_HAND) * EACH
    assert not any(wrong), "\n".join(one for one in wrong if one)


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
@pytest.mark.parametrize("number", range(8))
def test_the_index_agrees_with_duckdb_which_answers_what_it_cannot(
    engine: Engine, number: int
) -> None:
    """Two hundred trees, of which DuckDB answers the whole, and the index's questions."""
    layouts: list[Layout] = []

    def by_duckdb(one: Drawn, world: World) -> Answers:
        if not layouts:
            layouts.append(load(engine, world, one.vocabulary))
        return lambda condition, kind: selected(engine, layouts[0], condition, kind, one.as_of)

    for one, _, expected, built in indexes(f"duckdb {SEED}", number, EACH, by_duckdb):
        found = places_of(built[0], one.condition, one.kind)
        assert found.tolist() == sorted(expected), f"{one.name}: {write(one.condition)}"


FEW = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 1), (2, 50, 70), (30, 1, 70), (30, 0, 0)]


@pytest.mark.parametrize("sizes", FEW, ids=str)
def test_few_subjects_and_none(sizes: tuple[int, int, int]) -> None:
    """Trees that were drawn for a whole world, asked of the first few of each kind."""
    kept = dict(zip(SUBJECT_KINDS, sizes, strict=True))
    for one in drawn_in(f"few {SEED}", 0, 12):
        world = first_of(one.world, kept)
        answers = by_reference(one, world)
        held = source(tables(world, one.vocabulary), one.as_of, one.vocabulary)
        for chosen in AT_HAND:
            index = index_over(held, world, answers, chosen)
            assert disagreement(one, index, answers(one.condition, one.kind)) is None


@pytest.mark.soak
def test_fresh_trees() -> None:
    """Five thousand trees that nobody has seen before; the seed is printed."""
    seed = f"soak {random.SystemRandom().randrange(10**9)}"
    print(f"seed {seed!r}")
    for number in range(200):
        for one, _, expected, built in indexes(seed, number, EACH):
            assert not any(disagreement(one, index, expected) for index in built)


@pytest.mark.parametrize("few", [0, 1 << 20])
def test_whose_roles_are_walked_and_whose_are_scattered(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of the two is done is a matter of time only."""
    monkeypatch.setattr(related, "_FEW", few)
    monkeypatch.setattr(evaluate, "_SPARSE", few)
    for number in range(2):
        for one, _, expected, built in indexes(f"few {SEED}", number, EACH):
            assert not any(disagreement(one, index, expected) for index in built)


# --- thousands of subjects ------------------------------------------------------------------------

LIMITS = {
    "all that there is": {},
    "numbers and texts as such": {"MOST_LABELS": 5, "BITMAPS": 2, "SLICES": 3, "LIST_BITMAPS": 2},
    "codes only": {"BITMAPS": 0, "SLICES": 0, "LIST_BITMAPS": 0},
    "slices": {"BITMAPS": 0},
}


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@either("chosen")
def test_many_subjects(
    limits: dict[str, int], chosen: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies of a world, shuffled: of roles there are 35,000, in three blocks of the kernels."""
    for name, value in limits.items():
        monkeypatch.setattr(encode, name, value)
    monkeypatch.setattr(evaluate, "_BLOCK", 1 << 12)
    monkeypatch.setattr(twins, "BLOCK", 1 << 6)
    for number in range(2):
        seed = f"many {SEED} {sorted(limits)}"
        asked = list(drawn_in(seed, number, 12))
        world, vocabulary = asked[0].world, asked[0].vocabulary
        copies = copied(random.Random(f"{seed} {number}"), world, vocabulary, 500)
        for one in asked:
            ask = by_reference(one, world)
            index = Index(
                source(copies.tables, one.as_of, vocabulary),
                ask=lambda condition, kind, ids, ask=ask: copies.of(kind, ask(condition, kind)),
                members=lambda name: copies.of(vocabulary.audiences[name].kind, {*world.audiences[name]}),
                kernels=chosen,
            )  # fmt: skip
            expected = {*copies.of(one.kind, ask(one.condition, one.kind)).tolist()}
            assert disagreement(one, index, expected) is None
