"""The statistics of group portraits, against scipy and statsmodels."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import hypergeom, mannwhitneyu
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

import holbein
from holbein.portraits import group_portrait
from holbein.portraits.figures import tgi
from holbein.query import Query
from holbein.query.comparing import (
    FALSE,
    SMALL,
    adjusted,
    difference_p,
    expected,
    p_value,
    z_score,
)
from holbein.query.numbers import numbers
from tests.support.workspaces import write_workspace

NUMBERS = st.one_of(
    st.integers(-5, 5).map(float), st.floats(-1e6, 1e6, allow_nan=False, allow_subnormal=False)
)


PART = st.integers(1, 900).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size)))
"""How many, of how many."""


@given(PART, PART)
def test_the_two_proportion_test(one: tuple[int, int], other: tuple[int, int]) -> None:
    (a, n), (b, m) = one, other
    assume(0 < a + b < n + m)
    z, p = proportions_ztest([a, b], [n, m])
    found = z_score(a, n, b, m)
    assert found is not None
    assert found == pytest.approx(z, abs=1e-12)
    assert p_value(found) == pytest.approx(p, abs=1e-12)


@given(st.integers(0, 50), st.integers(1, 50), st.integers(1, 500), st.integers(1, 500))
def test_the_target_group_index(a: int, n: int, b: int, m: int) -> None:
    assert tgi(a, n, b, m) == pytest.approx(100 * np.divide(a / n, b / m))


@given(st.lists(st.floats(0, 1), max_size=60))
def test_the_correction_for_many_tests(p_values: list[float]) -> None:
    right = multipletests(p_values, method="fdr_bh")[1] if p_values else []
    assert adjusted(p_values) == pytest.approx(list(right), abs=1e-12)


@given(PART, PART)
def test_rare_values_are_tested_exactly(one: tuple[int, int], other: tuple[int, int]) -> None:
    (a, n), (b, m) = one, other
    assume(0 < a + b < n + m)
    found = difference_p(a, n, b, m)
    if expected(a, n, b, m) >= SMALL:
        assert found == p_value(z_score(a, n, b, m) or 0)
        return
    tail = hypergeom(n + m, a + b, n)
    further = tail.sf(a - 1) if a / n > b / m else tail.cdf(a)
    assert found == pytest.approx(min(1.0, 2 * further), abs=1e-9)


def test_there_is_no_difference_to_judge() -> None:
    assert difference_p(0, 5, 0, 7) is None
    assert difference_p(5, 5, 7, 7) is None
    assert difference_p(1, 0, 3, 7) is None


def test_rare_labels_of_a_random_group_are_seldom_told(tmp_path: Path) -> None:
    """Three attributes of a hundred values each: chance makes some of them look special."""
    lines = ["id,name,a,b,c"]
    for number in range(2000):
        values = (str(hash_of(f"{number} {one}") % 110) for one in "abc")
        lines.append(f"c{number},Company {number},v" + ",v".join(values))
    files = {
        "holbein.yaml": "name: rare\n",
        "sources/crm.yaml": "sources:\n  - source: crm\n    from: raw/\n    enterprises: "
        "{table: companies, id: id, name: name, a: a, b: b, c: c}\n",
        "raw/companies.csv": "\n".join(lines) + "\n",
    }
    workspace = holbein.open(write_workspace(tmp_path / "w", files))
    workspace.run()
    draws = [f"bucket('draw {number}') < 0.05" for number in range(40)]
    told = sum(bool(workspace.group_portrait(one).telling) for one in draws)
    assert told / len(draws) <= 2 * FALSE


def hash_of(text: str) -> int:
    return int(hashlib.md5(text.encode()).hexdigest()[:8], 16)


def test_the_correction_worked_by_hand() -> None:
    # 4 tests: 0.01·4/1, 0.02·4/2, 0.03·4/3 and 0.5·4/4; each is at most what comes after it.
    assert adjusted([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.04, 0.04])
    assert adjusted([]) == []


@given(st.lists(NUMBERS, min_size=1, max_size=60), st.lists(NUMBERS, min_size=1, max_size=60))
def test_numbers_are_compared_as_mann_and_whitney_do(mine: list[float], rest: list[float]) -> None:
    values = pa.chunked_array([pa.array([*mine, None, *rest, None])])
    found = numbers(values, np.arange(len(values)) <= len(mine)).ranks()
    right = mannwhitneyu(mine, rest, use_continuity=False, method="asymptotic")
    assert found["above"] == pytest.approx(right.statistic / (len(mine) * len(rest)))
    if len(set(mine + rest)) == 1:
        assert found["z"] is None
        return
    assert found["z"] is not None
    assert p_value(found["z"]) == pytest.approx(right.pvalue, abs=1e-12)
    assert (found["z"] > 0) == (found["above"] > 0.5) or math.isclose(found["above"], 0.5)


def test_dates_are_compared_as_days() -> None:
    days = [
        dt.date(2024, 1, 1),
        dt.date(2024, 6, 1),
        dt.date(2023, 1, 1),
        None,
        dt.date(2024, 1, 1),
    ]
    found = numbers(pa.chunked_array([pa.array(days)]), np.arange(5) < 2).ranks()
    assert found["above"] == (1 + 0.5 + 1 + 1) / 4


@pytest.mark.parametrize("in_group", [[True, True], [False, False]])
def test_nothing_is_compared_with_nothing(in_group: list[bool]) -> None:
    values = pa.chunked_array([pa.array([1.0, 2.0])])
    assert numbers(values, np.array(in_group)).ranks() == {"above": None, "z": None}


def test_what_is_told_and_what_is_shown_agree(query: Query) -> None:
    p = group_portrait(query, "sector = 'software'", "enterprise")
    cells = [one for each in p.distributions for one in each.cells]
    tested = [one for one in (*cells, *p.numbers) if one.q is not None]
    assert len(tested) == p.tested  # no tag has more values than are shown
    assert [one.q for one in tested] == pytest.approx(adjusted([one.p or 0.0 for one in tested]))
    assert all(one.value is None or one.z is None for one in cells if one.q is None)
    assert {one.q for one in p.telling} <= {one.q for one in tested}


def test_groups_drawn_at_random_are_seldom_told_apart(query: Query) -> None:
    """By chance alone one portrait in twenty, or fewer, has anything to tell."""
    draws = [f"bucket('draw {number}') < 0.4" for number in range(60)]
    told = sum(bool(group_portrait(query, one, "enterprise").telling) for one in draws)
    assert told / len(draws) <= 2 * FALSE
