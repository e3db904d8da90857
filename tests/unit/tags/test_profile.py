"""What a run keeps of a tag's column."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from holbein.catalog.profiles import Profile, psi
from holbein.tags.profile import LABELS, profile, profiles

TODAY = dt.date(2024, 5, 30)


def kept(values: Any, type_: pa.DataType, before: Profile | None = None) -> Profile:
    return profile(pa.chunked_array([pa.array(values, type_)]), TODAY, before)


def test_labels_are_counted_the_most_frequent_first() -> None:
    found = kept(["b", "a", "b", None, "c", "a"], pa.string())
    assert list(found.labels.items()) == [("a", 2), ("b", 2), ("c", 1)]
    assert (found.subjects, found.known, found.others, found.distinct) == (6, 5, 0, 3)
    assert found.coverage == pytest.approx(5 / 6)


def test_truth_is_a_label() -> None:
    assert kept([True, False, True, None], pa.bool_()).labels == {"true": 2, "false": 1}


def test_each_of_several_labels_counts() -> None:
    found = kept([["a", "b"], None, ["b"]], pa.list_(pa.string()))
    assert (found.labels, found.subjects, found.known) == ({"b": 2, "a": 1}, 3, 2)


def test_a_tag_of_nobody_and_one_without_values() -> None:
    assert kept([], pa.string()) == Profile(0, 0)
    assert kept([None, None], pa.float64()) == Profile(2, 0)
    assert kept([], pa.float64()).coverage == 0


def test_many_labels_stay_bounded() -> None:
    many = (
        [f"l{one:04}" for one in range(5000)] + [f"l{one:04}" for one in range(200)] + ["l4999"] * 3
    )
    found = kept(many, pa.string())
    assert len(found.labels) == LABELS
    assert next(iter(found.labels.items())) == ("l4999", 4)
    assert (found.distinct, found.others) == (5000, 5203 - 4 - 2 * (LABELS - 1))


def test_what_tells_subjects_apart_is_not_named() -> None:
    found = kept([f"n{one}@example.org" for one in range(500)], pa.string())
    assert (found.labels, found.others, found.distinct) == ({}, 500, 500)
    long = "x" * 201
    found = kept([long, long, "y"], pa.string())
    assert (found.labels, found.others) == ({"y": 1}, 2)


def test_labels_that_were_frequent_stay_counted_for_one_more_run() -> None:
    def turned(by: int) -> list[str]:  # the hundred most frequent are others each time
        return [f"l{one}" for one in range(400) for _ in range(5 if one // 100 == by else 1)]

    first = kept(turned(0), pa.string())
    second = kept(turned(1)[1:], pa.string(), first)
    assert second.labels["l0"] == 0  # was frequent, and nobody has it any more
    assert second.labels["l99"] == 1
    assert len(second.labels) == 2 * LABELS
    assert sum(second.labels.values()) + second.others == second.known
    assert psi(first, second) > 0.25
    assert len(kept(turned(2), pa.string(), second).labels) == 2 * LABELS


def test_numbers_are_cut_at_their_deciles() -> None:
    numbers = np.random.default_rng(3).normal(size=1001)
    found = kept(numbers, pa.float64()).spread
    assert found is not None
    assert found.deciles == pytest.approx(np.quantile(numbers, np.arange(1, 10) / 10))
    assert (found.minimum, found.maximum) == (numbers.min(), numbers.max())
    assert found.mean == pytest.approx(numbers.mean())
    assert len(found.edges) == 11
    assert (found.counts[0], found.counts[-1], sum(found.counts)) == (0, 0, 1001)
    expected, _ = np.histogram(numbers, np.array(found.edges))
    assert np.abs(np.array(found.counts[1:-1]) - expected).max() <= 1  # ends belong elsewhere


def test_the_bins_of_the_first_run_are_kept() -> None:
    first = kept(range(100), pa.float64())
    assert first.spread is not None
    second = kept([-5, *range(50), *range(200, 220)], pa.float64(), first)
    assert second.spread is not None
    assert second.spread.edges == first.spread.edges
    assert second.spread.counts == (1, 10, 10, 10, 10, 10, 0, 0, 0, 0, 0, 20)
    assert second.spread.maximum == 219


def test_ties_make_fewer_bins() -> None:
    first = kept([0.0] * 85 + [1.0] * 15, pa.float64())
    assert first.spread is not None
    assert first.spread.edges == (0, 0, 1)
    assert first.spread.counts == (0, 85, 15, 0)
    one = kept([0.1] * 7, pa.float64())
    assert one.spread is not None
    assert one.spread.counts == (0, 7, 0)
    assert psi(one, kept([0.2] * 7, pa.float64(), one)) > 0.25


def test_another_order_of_adding_up_moves_nobody() -> None:
    first = kept([0.1 + 0.2] * 50, pa.float64())
    assert psi(first, kept([0.3] * 50, pa.float64(), first)) == 0
    assert psi(kept([0.3] * 50, pa.float64()), first) == 0


def test_dates_count_from_as_of() -> None:
    days = [TODAY - dt.timedelta(days=one) for one in range(100)]
    first = kept(days, pa.date32())
    assert first.spread is not None
    assert first.spread.maximum == (TODAY - dt.date(1970, 1, 1)).days
    assert first.spread.edges[-1] == 0
    month = dt.timedelta(days=30)
    moved = pa.chunked_array([pa.array([one + month for one in days], pa.date32())])
    assert psi(first, profile(moved, TODAY + month, first)) == 0
    assert psi(first, profile(moved, TODAY, first)) > 0.25


def test_great_numbers_have_a_mean() -> None:
    found = kept([1.7e308, 1.7e308, -1.7e308, 1e308], pa.float64()).spread
    assert found is not None
    assert np.isfinite([found.mean, *found.deciles]).all()


def test_psi_is_against_what_meant_the_same() -> None:
    tables: Any = {"enterprise": pa.table({"id": [1, 2], "tier": ["a", "b"], "new": ["a", "a"]})}
    first = {(one.on, one.tag): one for one in profiles(tables, TODAY, {})}
    assert [one.psi for one in first.values()] == [None, None]
    del first["enterprise", "new"]
    assert [one.psi for one in profiles(tables, TODAY, first)] == [0, None]
