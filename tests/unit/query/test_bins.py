"""Numbers and dates cut for a drawing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from holbein.query.numbers import Bin, numbers


def cut(values: Any, type_: pa.DataType) -> list[Bin]:
    return numbers(pa.chunked_array([pa.array(values, type_)]), np.ones(len(values), bool)).bins()


def test_round_bounds_of_one_width_and_open_ends() -> None:
    found = cut([*range(100), None, 10_000], pa.float64())
    assert found[0] == Bin(None, 20, 20)
    assert found[1] == Bin(20, 40, 20)
    assert found[-1] == Bin(160, None, 1)
    assert sum(one.count for one in found) == 101


def test_dates_are_cut_between_days() -> None:
    first = dt.date(2024, 1, 1)
    found = cut([first + dt.timedelta(days=one) for one in range(4)], pa.date32())
    assert [one.count for one in found] == [1, 1, 1, 1]
    assert found[1].as_json() == {"low": "2024-01-02", "high": "2024-01-03", "count": 1}


@pytest.mark.parametrize("values", [[], [None]])
def test_of_nothing_nothing_is_cut(values: list[None]) -> None:
    assert cut(values, pa.float64()) == []


def test_one_value_is_one_bin() -> None:
    assert cut([5, 5, 5], pa.float64()) == [Bin(None, None, 3)]


def test_huge_and_tiny_numbers() -> None:
    for values in ([1e308, -1e308, 0], [1e-300, 2e-300, 3e-300], [1e17, 1e17 + 16, 1e17 + 32]):
        assert sum(one.count for one in cut(values, pa.float64())) == 3
