"""Ids: stable, never given twice, the same from the same input."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pyarrow as pa
import pytest

from holbein.store.ids import ALIASES, assign, format_id, lookup, parse_id


def test_text_forms():
    assert format_id("enterprise", 17) == "E17"
    assert format_id("role", 5) == "R5"
    assert parse_id("P23") == ("person", 23)
    assert parse_id(f"E{2**63 - 1}") == ("enterprise", 2**63 - 1)


@pytest.mark.parametrize(
    "text", ["", "E", "E0", "E01", "e1", "X1", "E1 ", "E-1", "E1.0", "E１", f"E{2**63}", "E1\n"]
)
def test_texts_that_are_no_ids(text):
    assert parse_id(text) is None


def rows(alias: pa.Table) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in alias.to_pylist()]


def test_numbering():
    first = assign(
        None,
        [
            ("enterprise", "crm", pa.array(["b", "a", None, "b"])),
            ("person", "crm", pa.array(["b"])),
            ("enterprise", "erp", pa.array(["A"])),
            ("enterprise", "crm", pa.chunked_array([["Z"], ["c"]])),
        ],
    )
    assert rows(first) == [
        ("enterprise", "crm", "Z", 1),
        ("enterprise", "crm", "a", 2),
        ("enterprise", "crm", "b", 3),
        ("enterprise", "crm", "c", 4),
        ("person", "crm", "b", 1),
        ("enterprise", "erp", "A", 5),
    ]
    second = assign(first, [("enterprise", "erp", pa.array(["B", "A"]))], {"enterprise": 9})
    assert rows(second) == [*rows(first), ("enterprise", "erp", "B", 10)]
    assert assign(second, []) == second
    assert rows(assign(None, [])) == []
    assert assign(None, []).schema == ALIASES


def test_two_aliases_of_one_subject_stay():
    merged = pa.table(
        [["role"] * 2, ["a", "b"], ["x", "y"], pa.array([7, 7], pa.int64())], schema=ALIASES
    )
    assert rows(assign(merged, [("role", "b", pa.array(["z", "y"]))]))[2:] == [
        ("role", "b", "z", 8)
    ]


def test_lookup():
    alias = assign(
        None, [("person", "crm", pa.array(["a", "b"])), ("person", "x", pa.array(["a"]))]
    )
    assert lookup(alias, "person", "crm", pa.array(["b", "q", None, "a", "b"])).to_pylist() == [
        2,
        None,
        None,
        1,
        2,
    ]
    assert lookup(alias, "role", "crm", pa.array(["b"])).to_pylist() == [None]
    chunked = pa.chunked_array([["a"], [], ["zz"]], pa.string())
    assert lookup(alias, "person", "x", chunked).to_pylist() == [3, None]


KEYS = st.lists(
    st.tuples(
        st.sampled_from(["enterprise", "person", "role"]),
        st.sampled_from(["crm", "erp"]),
        st.lists(st.none() | st.text(max_size=2), max_size=8),
    ),
    max_size=4,
)


@hypothesis.given(runs=st.lists(KEYS, max_size=4), chance=st.randoms(use_true_random=False))
def test_over_runs(runs, chance):
    alias, given = None, {}
    for keys in runs:
        arrays = [(kind, source, pa.array(some, pa.string())) for kind, source, some in keys]
        shuffled = [
            (k, s, a.take(pa.array(chance.sample(range(len(a)), len(a)), pa.int64())))
            for k, s, a in arrays
        ]
        after = assign(alias, arrays)
        assert assign(alias, shuffled) == after
        found = {(kind, source, key): id for kind, source, key, id in rows(after)}
        assert len(found) == after.num_rows
        assert given.items() <= found.items()
        assert found.keys() == given.keys() | {
            (kind, source, key) for kind, source, some in keys for key in some if key is not None
        }
        for kind in ("enterprise", "person", "role"):
            numbers = sorted(id for (of, _, _), id in found.items() if of == kind)
            assert numbers == list(range(1, len(numbers) + 1))
        alias, given = after, found
