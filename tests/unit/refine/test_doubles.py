"""Rows with the same key: the equal ones, and the differing ones."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.refine.doubles import doubled_rows, later_doubles

KEYS = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12)


def column(values: Any, size: int = 3) -> pa.ChunkedArray:
    chunks = [values[at : at + size] for at in range(0, len(values), size)]
    return pa.chunked_array([pa.array(one, pa.string()) for one in chunks], pa.string())


@given(KEYS, st.integers(1, 12))
def test_doubled_rows_are_those_whose_key_stands_elsewhere(keys: list[Any], size: int) -> None:
    expected = [n for n, one in enumerate(keys) if one is not None and keys.count(one) > 1]
    assert doubled_rows(column(keys, size)).tolist() == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(["x", None]),
            st.sampled_from([1.0, float("nan"), None]),
        )
    )
)
def test_later_rows_are_equal_or_differ_from_the_first(rows: list[Any]) -> None:
    keys = [key for key, _, _ in rows]
    table = pa.table(
        {
            "t": pa.array([t for _, t, _ in rows], pa.string()),
            "f": pa.array([f for _, _, f in rows], pa.float64()),
        }
    )
    same, other = [], []
    for n, (key, text, size) in enumerate(rows):
        first = keys.index(key)
        if first < n:
            known = None if size != size else size
            before = None if rows[first][2] != rows[first][2] else rows[first][2]
            (same if (text, known) == (rows[first][1], before) else other).append(n)
    assert later_doubles(column(keys), table) == (same, other)


@pytest.mark.parametrize(
    "kind",
    [
        pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("ms", "UTC"), pa.date32(), pa.date64(),
        pa.time32("s"), pa.time64("ns"), pa.duration("s"), pa.int64(), pa.list_(pa.int64()),
        pa.null(),
    ],
)  # fmt: skip
def test_values_of_any_type(kind: pa.DataType) -> None:
    one: Any = [1] if pa.types.is_list(kind) else None if pa.types.is_null(kind) else 1
    values = pa.array([one, one, None], kind)
    same = [1, 2] if pa.types.is_null(kind) else [1]
    other = [] if pa.types.is_null(kind) else [2]
    assert later_doubles(column(["a", "a", "a"]), pa.table({"x": values})) == (same, other)


def test_times_that_python_does_not_have() -> None:
    far = pa.table({"x": pa.array([2**55, 2**55, 2**54], pa.timestamp("s"))})
    assert later_doubles(column(["a", "a", "a"]), far) == ([1], [2])


def test_no_rows() -> None:
    assert later_doubles(column([]), pa.table({"x": pa.array([], pa.string())})) == ([], [])
    assert doubled_rows(column([None, None])).tolist() == []
