"""The random worlds hold what evaluators tend to get wrong."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest

from holbein.conditions.reference import World
from holbein.conditions.tree import SUBJECT_KINDS
from tests.support.worlds import SIZES, random_pair, random_world


@pytest.fixture(scope="module", params=range(6))
def world(request: pytest.FixtureRequest) -> World:
    return random_world(random.Random(request.param))[0]


def test_sizes_and_subjects(world: World) -> None:
    assert {kind: len(world.states[kind]) for kind in SUBJECT_KINDS} == dict(SIZES)
    assert world.roles.keys() == world.states["role"].keys()


def test_at_most_one_state_is_valid(world: World) -> None:
    for kind in SUBJECT_KINDS:
        for states in world.states[kind].values():
            for one, later in pairwise(states):
                assert one.valid_to is not None
                assert later.valid_from is not None
                assert one.valid_to <= later.valid_from


def test_groups_are_trees_of_depth_three(world: World) -> None:
    deepest = 0
    for one in world.parents:
        above, depth = one, 0
        while above in world.parents:
            above, depth = world.parents[above], depth + 1
            assert depth <= 3
        deepest = max(deepest, depth)
    assert deepest == 3


def test_facts_are_keyed_known_after_they_happened_and_tied(world: World) -> None:
    for facts in world.streams.values():
        assert len({one.key for one in facts}) == len(facts)
        assert all(one.known_at >= one.at for one in facts)
        ties = Counter((one.at, one.enterprise, one.person) for one in facts)
        assert max(ties.values()) > 1
        for one in facts:
            if one.role is not None:
                link = world.roles[one.role]
                assert (one.enterprise, one.person) == (link.enterprise, link.person)


def test_some_moved_and_some_work_for_two(world: World) -> None:
    assert world.roles[1].person == world.roles[2].person
    assert world.roles[1].until == world.roles[2].since
    assert world.roles[3].person == world.roles[4].person
    assert world.roles[3].enterprise != world.roles[4].enterprise


def test_changes_are_changes(world: World) -> None:
    assert len(world.changes) > 100
    assert all(one.old != one.new for one in world.changes)


def test_pairs_of_subject_and_instant(world: World) -> None:
    rng = random.Random(0)
    pairs = [random_pair(rng, world) for _ in range(100)]
    assert {kind for kind, _, _ in pairs} == set(SUBJECT_KINDS)
    assert all(subject in world.states[kind] for kind, subject, _ in pairs)
    assert len({as_of for _, _, as_of in pairs}) > 20
