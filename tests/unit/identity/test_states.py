"""States of several mappings, against a plain loop over time."""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
from hypothesis import given

from holbein.identity.states import ALWAYS, Part, merged

Row = tuple[int, int | None, str | None, int | None]
"""Subject, beginning (None: always), and two attributes."""


@st.composite
def mappings(draw: st.DrawFn) -> list[tuple[tuple[str, ...], list[Row]]]:
    """Some mappings, each with the attributes that it fills and rows of distinct (id, beginning)."""
    out = []
    for _ in range(draw(st.integers(1, 3))):
        names = draw(st.sampled_from([("size",), ("name",), ("name", "size")]))
        begun = draw(st.sampled_from([st.none(), st.none() | st.integers(0, 4)]))
        rows = draw(
            st.lists(
                st.tuples(
                    st.integers(1, 4),
                    begun,
                    st.none() | st.sampled_from("abc"),
                    st.none() | st.integers(0, 3),
                ),
                unique_by=lambda row: row[:2],
                max_size=8,
            )
        )
        out.append((names, rows))
    return out


def part(names: tuple[str, ...], rows: list[Row]) -> Part:
    columns = {
        "name": pa.array([row[2] for row in rows], pa.string()),
        "size": pa.array([row[3] for row in rows], pa.int64()),
    }
    begun = pa.chunked_array([pa.array([row[1] for row in rows], pa.timestamp("us"))])
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    return Part.of(ids, begun, pa.table({name: columns[name] for name in names}))


def at(mappings: list[tuple[tuple[str, ...], list[Row]]], subject: int, time: int) -> list[object]:
    """What holds of a subject just after a time: in each mapping its newest row begun by then."""
    found: dict[str, object] = {"name": None, "size": None}
    for names, rows in mappings:
        mine = [row for row in rows if row[0] == subject and (row[1] is None or row[1] <= time)]
        if not mine:
            continue
        newest = max(mine, key=lambda row: -1 if row[1] is None else row[1])
        for name, value in zip(("name", "size"), newest[2:], strict=True):
            if name in names and found[name] is None:
                found[name] = value
    return [found["name"], found["size"]]


@given(mappings())
def test_states_hold_what_the_mappings_say(
    mappings: list[tuple[tuple[str, ...], list[Row]]],
) -> None:
    table = merged([part(names, rows) for names, rows in mappings])
    states = table.to_pylist()
    assert {one["id"] for one in states} == {row[0] for _, rows in mappings for row in rows}
    for subject in {one["id"] for one in states}:
        mine = [one for one in states if one["id"] == subject]
        for this, following in pairwise(mine):
            assert this["valid_to"] == following["valid_from"]
        assert mine[-1]["valid_to"] is None
        for time in range(-1, 6):
            moment = np.datetime64(time, "us").astype(object)
            valid = [
                one
                for one in mine
                if (one["valid_from"] is None or one["valid_from"] <= moment)
                and (one["valid_to"] is None or one["valid_to"] > moment)
            ]
            told = [valid[0].get("name"), valid[0].get("size")] if valid else [None, None]
            assert told == at(mappings, subject, time)


@given(mappings())
def test_states_do_not_depend_on_the_order_of_rows(
    mappings: list[tuple[tuple[str, ...], list[Row]]],
) -> None:
    turned = [part(names, rows[::-1]) for names, rows in mappings]
    assert merged(turned).equals(merged([part(names, rows) for names, rows in mappings]))


def test_lists_and_no_mapping_at_all() -> None:
    ids = np.array([2, 1], dtype=np.int64)
    nothing = pa.chunked_array([pa.nulls(2, pa.timestamp("us"))])
    first = pa.table({"tags": pa.array([None, ["x"]], pa.list_(pa.string()))})
    second = pa.table({"tags": pa.array([["y", "z"], ["w"]], pa.list_(pa.string()))})
    table = merged([Part.of(ids, nothing, first), Part.of(ids, nothing, second)])
    assert table["tags"].to_pylist() == [["x"], ["y", "z"]]
    assert merged([]).num_rows == 0
    assert merged([]).column_names == ["id", "valid_from", "valid_to"]


def test_the_newest_state() -> None:
    one = part(("name",), [(1, 3, "b", None), (1, None, "a", None), (2, 0, "c", None)])
    assert one.newest().tolist() == [0, 2]
    assert one.begun.tolist() == [3, ALWAYS, 0]
