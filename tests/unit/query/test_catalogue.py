"""What the catalogue of tags says."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from holbein.query import Query
from holbein.query.catalogue import summaries
from tests.unit.query.little import COMPANY_LIST, OTHERS, orders_of, tier


def test_every_tag_is_summed_up_by_kind_and_category(query: Query) -> None:
    found = summaries(query)
    assert {(one.on, one.tag) for one in found} == set(query.tags)
    kinds = [one.on for one in found]
    assert kinds == sorted(kinds, key=("enterprise", "person", "role").index)
    assert json.loads(json.dumps([one.as_json() for one in found]))


def test_labels_are_counted_and_called_by_their_titles(query: Query) -> None:
    found = {one.tag: one for one in summaries(query)}
    everyone = len(COMPANY_LIST) + len(OTHERS)
    tiers = Counter(tier(one.key) for one in COMPANY_LIST)
    tiers["none"] += len(OTHERS)
    assert found["tier"].distribution == dict(tiers)
    assert (found["tier"].coverage, found["tier"].subjects) == (1.0, everyone)
    assert found["tier"].labels["high"] == {"en": "high value", "zh": "高价值"}
    known = sum(one.sector is not None for one in COMPANY_LIST)
    assert found["trade"].subjects == known
    assert found["trade"].coverage == pytest.approx(known / everyone)
    # Titles of values that a mapping declares reach the tags that take the values over.
    assert found["trade"].labels["software"] == {"en": "software", "zh": "软件"}
    assert found["place"].labels["310115"] == {"en": "Pudong", "zh": "浦东新区"}
    assert found["likes"].labels == {}


def test_numbers_and_dates_are_told_by_quantiles(query: Query) -> None:
    found = {one.tag: one for one in summaries(query)}
    last = [orders_of(one.key)[-1].day for one in COMPANY_LIST if orders_of(one.key)]
    assert found["last_order"].distribution["max"] == max(last)
    assert found["last_order"].as_json()["distribution"]["max"] == max(last).isoformat()
    assert found["last_order"].subjects == len(last)
    assert found["revenue"].distribution["n"] == found["revenue"].subjects
    assert found["revenue"].labels == {}
