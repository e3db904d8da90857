"""Keys: the same text however a source stores it, and never two for one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.collect.keys import joined, keys_of
from holbein.refine.values import MISSING

PLAIN = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\ufffd"))
PARTS = st.one_of(PLAIN, st.text("a|\\", max_size=6))


def keys(*columns: Any, kind: pa.DataType | None = None) -> list[str | None]:
    names = [f"c{place}" for place in range(len(columns))]
    table = pa.table({n: pa.array(v, kind) for n, v in zip(names, columns, strict=True)})
    return list(keys_of(table, names).values.to_pylist())


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        ([7, 8], pa.int8()), ([7, 8], pa.uint64()), ([7.0, 8.0], pa.float64()),
        ([Decimal("7.00"), Decimal("8.00")], pa.decimal128(9, 2)),
        ([Decimal(7), Decimal(8)], pa.decimal128(38, 10)), (["7", "8"], pa.string()),
        (["7.0", "8.0"], pa.string()), (["7", "8.00"], pa.string()),
        ([b"7", b"8"], pa.binary()), (["7", "8"], pa.dictionary(pa.int8(), pa.string())),
    ],
)  # fmt: skip
def test_whole_numbers_are_the_same_key_however_stored(
    stored: list[Any], kind: pa.DataType
) -> None:
    assert keys(stored, kind=kind) == ["7", "8"]


@pytest.mark.parametrize(
    "texts",
    [
        ["7", "007"], ["1.1"], ["1.0x"], ["07.0"], ["7."], ["1e5"], ["7.0.0"], ["-.0"],
    ],
)  # fmt: skip
def test_what_only_looks_like_a_number_stays_as_it_is(texts: list[str]) -> None:
    assert keys(texts) == texts


def test_a_key_does_not_depend_on_the_keys_beside_it() -> None:
    assert keys(["7.0", None, "N/A", "8.00"]) == ["7", None, None, "8"]
    assert keys(["7.0"] * 500 + ["A-1", "1.5"]) == ["7"] * 500 + ["A-1", "1.5"]
    assert keys([None, None]) == [None, None]


def test_large_numbers_keep_every_digit() -> None:
    assert keys([2**63 - 1], kind=pa.int64()) == ["9223372036854775807"]
    assert keys(["12345678901234567890.0", "1.0"]) == ["12345678901234567890", "1"]


def test_days_times_and_booleans() -> None:
    assert keys([dt.date(1896, 2, 29)]) == ["1896-02-29"]
    assert keys([True, False]) == ["true", "false"]
    moment = dt.datetime(2024, 2, 29, 8, 30)
    for unit in ("s", "ms", "us", "ns"):
        assert keys([moment], kind=pa.timestamp(unit)) == ["2024-02-29 08:30:00"]
    aware = pa.timestamp("us", "Asia/Shanghai")
    assert keys([moment], kind=aware) == ["2024-02-29 08:30:00Z"]


@pytest.mark.parametrize("nothing", sorted(MISSING))
def test_every_spelling_of_nothing_is_missing(nothing: str) -> None:
    assert keys([nothing, f"  {nothing}\t", None, "A"]) == [None, None, None, "A"]


def test_keys_keep_all_but_the_blanks_around_them() -> None:
    odd = ["Null", "Nan", "none", "a", "A", "-", "0", "🏢", "名|称", "a\\b", "a\nb", "a  b"]
    assert keys(odd) == odd
    assert keys([" A", "A ", "\t007\n", " 7.0 "]) == ["A", "A", "007", "7"]


def test_nul_and_bytes_that_are_no_text_are_refused() -> None:
    table = pa.table({"id": pa.array([b"ok", b"a\0b", b"\xff\xfe", b"\xc3\xa9", None])})
    found = keys_of(table, ["id"])
    assert found.values.to_pylist() == ["ok", None, None, "é", None]
    assert found.bad.tolist() == [False, True, True, False, False]


def test_one_bad_or_missing_part_spoils_a_composite_key() -> None:
    table = pa.table({"a": ["x", "x", "x\0", ""], "b": [1, None, 3, 4]})
    found = keys_of(table, ["a", "b"])
    assert found.values.to_pylist() == ["x|1", None, None, None]
    assert found.bad.tolist() == [False, False, True, False]


def test_bars_and_backslashes_inside_parts_are_escaped() -> None:
    assert keys(["a|b", "a", "a\\"], ["c", "b|c", "|c"]) == ["a\\|b|c", "a|b\\|c", "a\\\\|\\|c"]


@given(st.lists(st.lists(PARTS, min_size=3, max_size=3), min_size=2, max_size=12))
def test_joined_keys_are_equal_only_if_all_parts_are(rows: list[list[str]]) -> None:
    parts = [pa.chunked_array([pa.array(part)]) for part in zip(*rows, strict=True)]
    texts = joined(parts).to_pylist()
    assert len(set(texts)) == len({tuple(row) for row in rows})


@given(st.lists(st.one_of(st.none(), PLAIN), max_size=20))
def test_text_keys_are_trimmed_or_missing(texts: list[str | None]) -> None:
    some = [*texts, "no number"]
    expected = [None if one is None or one.strip() in MISSING else one.strip() for one in some]
    assert keys(some) == expected
