"""The change log against a plain loop."""

from __future__ import annotations

import datetime as dt
import json
import math

import hypothesis
import hypothesis.strategies as st
import pyarrow as pa

from holbein.conditions.instants import AsOf
from holbein.store.changes import CHANGES, diff

AS_OF = AsOf(dt.datetime(2024, 1, 31, 16), dt.date(2024, 1, 31))
TYPES = {
    "flag": (pa.bool_(), st.booleans()),
    "label": (pa.string(), st.sampled_from(["a", 'q"', "上海", "\n", ""])),
    "labels": (pa.list_(pa.string()), st.lists(st.sampled_from(["a", "b,", '"', "上"]), max_size=2)),
    "number": (pa.float64(), st.sampled_from([0.0, 0.1, 0.1 + 1e-9, 5.0, 1e300, math.nan, math.inf])),
    "date": (pa.date32(), st.sampled_from([dt.date(1896, 2, 29), dt.date(2024, 1, 1), dt.date(9999, 12, 31)])),
}  # fmt: skip


@st.composite
def tables(draw) -> pa.Table:
    ids = draw(st.lists(st.integers(1, 6), unique=True))
    columns = {"id": pa.array(ids, pa.int64())}
    for name, (kind, values) in TYPES.items():
        if draw(st.integers(0, 5)):
            drawn = draw(st.lists(st.none() | values, min_size=len(ids), max_size=len(ids)))
            columns[name] = pa.array(drawn, kind, from_pandas=False)
    return pa.table(columns)


def plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value == [] else value


def expected(old: pa.Table, new: pa.Table, tags: list[str]) -> list[tuple[object, ...]]:
    before, after = ({row["id"]: row for row in one.to_pylist()} for one in (old, new))
    found = []
    for tag in tags:
        if tag in old.column_names and tag in new.column_names:
            for id in sorted(before.keys() | after.keys()):
                was, now = (plain(side.get(id, {}).get(tag)) for side in (before, after))
                if was != now:
                    found.append((tag, id, was, now))
    return found


@hypothesis.given(old=tables(), new=tables(), tags=st.permutations([*TYPES, "other"]))
@hypothesis.settings(max_examples=300)
def test_as_a_plain_loop(old, new, tags):
    log = diff("person", old, new, tags, AS_OF)
    assert log.schema == CHANGES
    read = [
        (row["tag"], row["id"], *(row[c] and json.loads(row[c]) for c in ("old", "new")))
        for row in log.to_pylist()
    ]
    assert read == expected(old, new, tags)
    for row in log.to_pylist():
        assert (row["at"], row["day"], row["kind"]) == (AS_OF.instant, AS_OF.day, "person")
    assert diff("person", new, new, tags, AS_OF).num_rows == 0
    assert diff("person", None, new, tags, AS_OF) == CHANGES.empty_table()


def test_texts():
    old = pa.table({"id": [1, 2], "n": [5.0, 0.5], "s": [["b", "a"], None], "l": ["上海", None]})
    new = pa.table({"id": [2, 3], "n": [0.25, 1e21], "s": [["x"], ['"']], "l": ["a", None]})
    log = diff("role", old, new, ["n", "s", "l"], AS_OF)
    assert [(r["tag"], r["id"], r["old"], r["new"]) for r in log.to_pylist()] == [
        ("n", 1, "5", None),
        ("n", 2, "0.5", "0.25"),
        ("n", 3, None, "1e+21"),
        ("s", 1, '["b","a"]', None),
        ("s", 2, None, '["x"]'),
        ("s", 3, None, '["\\""]'),
        ("l", 1, '"上海"', None),
        ("l", 2, None, '"a"'),
    ]


def test_a_tag_of_another_type_is_compared_as_text():
    old = pa.table({"id": [1, 2], "t": [1.0, None]})
    new = pa.table({"id": [1, 2], "t": pa.array(["1", None], pa.string())})
    log = diff("role", old, new, ["t"], AS_OF)
    assert [(r["old"], r["new"]) for r in log.to_pylist()] == [("1", '"1"')]


def test_many_chunks():
    ids = pa.chunked_array([[3, 1], [], [2]], pa.int64())
    old = pa.table({"id": ids, "t": pa.chunked_array([["a", "b"], [], ["c"]], pa.string())})
    new = pa.table({"id": ids, "t": pa.chunked_array([["a"], ["x", "c"]], pa.string())})
    assert diff("role", old, new, ["t"], AS_OF)["id"].to_pylist() == [1]


def test_numbers_that_only_rounding_tells_apart_have_not_changed() -> None:
    old = pa.table({"id": pa.array([1, 2, 3, 4], pa.int64()), "x": [0.1 + 0.2, 1e9, 0.0, -1.0]})
    new = pa.table({"id": pa.array([1, 2, 3, 4], pa.int64()), "x": [0.3, 1e9 + 1, 1e-300, 1.0]})
    assert diff("role", old, new, ["x"], AS_OF)["id"].to_pylist() == [2, 3, 4]
