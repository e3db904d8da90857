"""The random trees that evaluators are compared on: they reach everything, and they tell apart."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from holbein.conditions import reference, tree
from holbein.conditions.bind import bind
from holbein.conditions.functions import COUNT_NAMES, RELATED_NAMES
from holbein.conditions.text import parse, write
from tests.support.trees import EACH, WORLDS, Drawn, drawn, ingredients

TREES = WORLDS * EACH
AT_LEAST = 20

WANTED = {
    *(f"Aggregate {name}" for name in get_args(tree.AggregateName)),
    *(f"Related {quantifier} {relation}" for quantifier, relation in RELATED_NAMES),
    *(f"RelatedCount {relation}" for relation in COUNT_NAMES),
    *(f"Elapsed {u} {d}" for u in ("day", "month", "year") for d in ("since", "until")),
    *(f"Compare {sign}" for sign in get_args(tree.CompareSign)),
    *(f"Arithmetic {sign}" for sign in get_args(tree.ArithmeticSign)),
    *(f"Window {unit}" for unit in get_args(tree.Unit)),
    "Aggregate filter", "Aggregate before",
    "And", "Or", "Not", "Compare", "In", "Between", "Like", "Contains", "Within", "Missing",
    "Related", "Sequence", "Step", "InAudience", "Became", "Field", "Aggregate", "Elapsed",
    "Bucket", "Arithmetic", "RelatedCount", "RelatedShare", "Text", "Number", "Truth", "Day",
    "Window",
}  # fmt: skip


@pytest.fixture(scope="module")
def trees() -> list[Drawn]:
    return list(drawn())


def test_the_wanted_names_every_node() -> None:
    nodes = {
        one.__name__
        for one in vars(tree).values()
        if isinstance(one, type) and issubclass(one, tree.Node) and one is not tree.Node
    }
    assert nodes <= WANTED


def test_there_are_five_hundred(trees: list[Drawn]) -> None:
    assert len(trees) == TREES >= 500


def test_everything_occurs_often(trees: list[Drawn]) -> None:
    seen = Counter(name for one in trees for name in ingredients(one.condition))
    rare = {name: seen[name] for name in sorted(WANTED) if seen[name] < AT_LEAST}
    assert not rare


def test_most_trees_select_some_but_not_all(trees: list[Drawn]) -> None:
    telling = 0
    for one in trees:
        found = reference.select(one.condition, one.kind, one.world, one.as_of, one.vocabulary)
        telling += 0 < len(found) < len(one.world.states[one.kind])
    assert telling >= 0.6 * TREES


def test_a_seed_says_it_all(trees: list[Drawn]) -> None:
    again = list(drawn(worlds=2))
    assert [one.condition for one in again] == [one.condition for one in trees[: 2 * EACH]]
    # Not-a-number does not equal itself, so worlds are compared as they are shown.
    assert repr(again[0].world) == repr(trees[0].world)


def test_text_brings_every_tree_back(trees: list[Drawn]) -> None:
    for one in trees:
        assert parse(write(one.written)) == one.written
        again = bind(parse(write(one.condition)), one.kind, one.vocabulary)
        assert again == one.condition
