"""The population stability index: worked by hand, and computed a second time with numpy."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from holbein.catalog.profiles import (
    Profile,
    Spread,
    TagProfile,
    as_dicts,
    psi,
    tag_profiles,
)


def labelled(missing: int = 0, others: int = 0, **labels: int) -> Profile:
    known = sum(labels.values()) + others
    return Profile(known + missing, known, labels, others, len(labels))


def spread(*counts: int, missing: int = 0, edges: tuple[float, ...] = (0, 1, 2)) -> Profile:
    found = Spread(0, 2, 1, (1.0,) * 9, edges, counts)
    return Profile(sum(counts) + missing, sum(counts), spread=found)


def test_worked_by_hand() -> None:
    # -0.1 · ln 0.8 + 0 + 0.1 · ln 1.5 = 0.022314 + 0.040547
    before, now = labelled(a=50, b=30, c=20), labelled(a=80, b=60, c=60)
    assert psi(before, now) == pytest.approx(0.062861, abs=1e-6)
    assert psi(now, before) == pytest.approx(psi(before, now))
    assert psi(before, before) == 0


def test_missing_is_a_bin() -> None:
    # Of 10, 1 had no value and now 5: 0.4 · ln 5 - 0.4 · ln (5/9)
    expected = 0.4 * math.log(5) - 0.4 * math.log(5 / 9)
    assert psi(labelled(missing=1, a=9), labelled(missing=5, a=5)) == pytest.approx(expected)
    assert psi(spread(0, 9, 0, 0, missing=1), spread(0, 5, 0, 0, missing=5)) == pytest.approx(
        expected
    )


def test_an_empty_bin_counts_as_half_a_subject_or_a_ten_thousandth() -> None:
    assert psi(labelled(a=10), labelled(a=9, b=1)) == pytest.approx(
        -0.1 * math.log(0.9) + 0.05 * math.log(0.1 / 0.05)
    )
    assert psi(labelled(a=10**6), labelled(a=9 * 10**5, b=10**5)) == pytest.approx(
        -0.1 * math.log(0.9) + (0.1 - 0.0001) * math.log(0.1 / 0.0001)
    )


def test_labels_that_one_side_has_not_counted_are_one_bin() -> None:
    # Of before's others nothing is known by name: c and they are a bin.
    before, now = labelled(a=50, others=50), labelled(a=50, c=40, others=10)
    assert psi(before, now) == 0
    # Where there were no others, c did not occur.
    assert psi(labelled(a=50, b=50), labelled(a=50, c=50)) > 0.25


def test_other_bins_cannot_be_compared_but_coverage_can() -> None:
    one, other = spread(0, 5, 5, 0), spread(5, 0, 0, 5, edges=(7, 8, 9))
    assert psi(one, other) == 0
    assert psi(one, Profile(10, 0)) > 0.25


def test_of_nobody_nothing_has_shifted() -> None:
    assert psi(Profile(0, 0), labelled(a=5)) == 0
    assert psi(labelled(a=5), Profile(0, 0)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_as_numpy_has_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    before, now = (random.integers(1, 1000, 12) for _ in range(2))
    a, b = before / before.sum(), now / now.sum()
    expected = float(((b - a) * np.log(b / a)).sum())
    told = psi(*(spread(*one[1:].tolist(), missing=int(one[0])) for one in (before, now)))
    assert told == pytest.approx(expected)


def test_a_manifest_keeps_them_whole() -> None:
    kept = [
        TagProfile("tier", "enterprise", labelled(missing=1, a=2), 0.5),
        TagProfile("size", "role", spread(0, 1, 2, 0)),
    ]
    written = json.loads(json.dumps(as_dicts(kept)))
    assert list(tag_profiles(written).values()) == kept
