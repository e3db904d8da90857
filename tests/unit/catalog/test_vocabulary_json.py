"""A vocabulary through JSON and back is the same vocabulary."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from holbein.catalog import Catalogue
from holbein.catalog.vocabulary_json import dump, load
from holbein.conditions.vocabulary import Vocabulary
from holbein.errors import StoreError


@pytest.fixture
def vocabulary(catalogue: Callable[..., Catalogue]) -> Vocabulary:
    return catalogue(
        "- {tag: tier, cases: [{high: listed}, {else: low}], values: {high: {zh: 高}}}\n"
        "- {tag: homes, prefers: {stream: orders, by: city, top: 3}}",
        "- {audience: good, where: \"tier = 'high' AND city WITHIN '310000'\"}",
        lists={"named": "person"},
    ).vocabulary


def test_round_trip(vocabulary: Vocabulary) -> None:
    text = json.dumps(dump(vocabulary), sort_keys=True)
    again = load(json.loads(text))
    assert again == vocabulary
    for kind, fields in vocabulary.fields.items():
        assert list(again.fields[kind]) == list(fields)
    assert list(again.fields["enterprise"]["tier"].values) == ["high", "low"]
    assert (
        again.fields["enterprise"]["homes"].codes is vocabulary.fields["enterprise"]["city"].codes
    )
    assert json.dumps(dump(again), sort_keys=True) == text


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2}, {"format": None}, {"streams": None}, {"fields": []}, {"events": 5},
        {"audiences": [{"name": "x", "kind": "role", "where": {"node": "drop"}, "titles": {}}]},
        {"fields": {"enterprise": [{"name": "x", "type": "category", "titles": {}, "codes": "no"}]}},
    ],
)  # fmt: skip
def test_other_data_is_refused(vocabulary: Vocabulary, change: dict[str, object]) -> None:
    with pytest.raises(StoreError, match="holbein run"):
        list(load({**dump(vocabulary), **change}).audiences)  # read when they are asked for
