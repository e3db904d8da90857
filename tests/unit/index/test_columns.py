"""Columns: what goes in is what is taken out, whatever the layout."""

from __future__ import annotations

import datetime as dt
import math
import struct
import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.index import encode, masks
from holbein.index.columns import ARROW, Column
from holbein.index.encode import encode as encoded
from holbein.index.overlay import patched
from tests.support.indexes import known_mask

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3) | st.sampled_from(
    ["", "a", "a\0", "a\0b", "ab", "🏭", "🏭🏭", "é", "e\u0301"]
)
NUMBERS = st.floats(width=64) | st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1.7e308, -1.7e308])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "category": TEXTS,
    "categories": st.lists(TEXTS, max_size=3),
    "number": NUMBERS,
    "date": st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
}
LIMITS = {"MOST_LABELS": 4, "BITMAPS": 2, "SLICES": 3, "LIST_BITMAPS": 2}
LAYOUTS = pytest.mark.parametrize("limits", [{}, LIMITS], ids=["as it is", "few labels"])


def bits(value: Any) -> Any:
    """A number by its bits, as there are several zeros and NaNs."""
    return struct.pack("d", value) if isinstance(value, float) else value


def told(value: Any) -> Any:
    """A number as it is held: minus zero is zero, and there is one NaN."""
    if isinstance(value, float):
        return bits(math.nan if math.isnan(value) else value + 0.0)
    return value


@LAYOUTS
@pytest.mark.parametrize("type_", VALUES)
@given(data=st.data())
def test_there_and_back(type_: str, limits: dict[str, int], data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | VALUES[type_], max_size=70))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            patch.setattr(encode, name, value)
        column = encoded(pa.array(values, ARROW[type_]), type_)
    assert column.size == len(values)
    taken = column.take(np.arange(len(values)))
    assert taken.type == ARROW[type_]
    assert [bits(one) for one in taken.to_pylist()] == [told(one) for one in values]
    if values:
        places = np.array(data.draw(st.lists(st.integers(0, len(values) - 1))), np.int64)
        some = column.take(places).to_pylist()
        assert [bits(one) for one in some] == [told(values[place]) for place in places]
    known = [
        one is not None and one != [] and not (isinstance(one, float) and not math.isfinite(one))
        for one in values
    ]
    assert masks.unpack(known_mask(column), len(values)).tolist() == known


@LAYOUTS
@pytest.mark.parametrize("type_", VALUES)
@given(data=st.data())
def test_a_patched_column_is_one_that_was_made_so(
    type_: str, limits: dict[str, int], data: st.DataObject
) -> None:
    drawn = st.none() | VALUES[type_]
    values = data.draw(st.lists(drawn, max_size=70))
    new = data.draw(st.lists(drawn, max_size=9))
    places = [*range(len(values), len(values) + len(new))]
    changed = {}
    if values:
        changed = data.draw(st.dictionaries(st.integers(0, len(values) - 1), drawn, max_size=9))
    whole = [changed.get(place, one) for place, one in enumerate(values)] + new
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            if name != "MOST_LABELS":  # of a dictionary that there is another is made
                patch.setattr(encode, name, value)
        base = encoded(pa.array(values, ARROW[type_]), type_)
        column = patched(
            base,
            len(whole),
            np.array([*changed, *places], np.int64),
            pa.array([*changed.values(), *new], ARROW[type_]),
        )
        fresh = encoded(pa.array(whole, ARROW[type_]), type_)
    taken = column.take(np.arange(len(whole))).to_pylist()
    assert [bits(one) for one in taken] == [told(one) for one in whole]
    assert (known_mask(column) == known_mask(fresh)).all()
    if column.layout == "labels":
        check_labels(column)


@pytest.mark.parametrize("type_", ["category", "number", "date"])
@pytest.mark.parametrize("distinct", [2, 3, 40, 63, 255, 256, 65_535])
def test_a_patch_takes_a_column_past_a_limit(type_: str, distinct: int) -> None:
    """One more value than there may be, between all others, or as many and others."""
    values = np.arange(distinct)
    before = [2.0 * one for one in values.tolist()]
    for new, places in (([1.0, None], [0, distinct]), ([None, 1.0], [0, distinct])):
        whole = [*before, None]
        for place, one in zip(places, new, strict=True):
            whole[place] = one

        def as_type(numbers: list[float | None]) -> pa.Array:
            held = pa.array(numbers, pa.float64())
            if type_ == "date":
                return held.cast(pa.int32()).cast(pa.date32())
            return held.cast(pa.string()) if type_ == "category" else held

        column = patched(
            encoded(as_type(before), type_), distinct + 1, np.array(places), as_type(new)
        )
        assert column.take(np.arange(distinct + 1)).equals(as_type(whole))
        if column.layout == "labels":
            check_labels(column)


def check_labels(column: Column) -> None:
    """Bitmaps, slices and counts say what the codes say; beyond the last place all is zero."""
    codes = column.codes[: column.size]
    assert len(column.codes) == masks.padded(column.size)
    assert not column.codes[column.size :].any()
    assert column.counts.tolist() == np.bincount(codes, minlength=column.distinct + 1).tolist()
    for code in range(column.distinct + 1):
        held = column.bitmap(code)
        assert held is None or (held == masks.pack(codes == code)).all()
    if column.codes.itemsize > 1:
        bins, sketch = column.sections["bins"], column.sections["sketch"]
        assert (np.diff(bins.astype(np.int64)) >= 0).all()
        assert (bins[0], len(bins)) == (0, column.distinct + 1)
        assert not (bins[1:] == 0).any()
        assert (sketch == bins[column.codes]).all()
    for place, one in enumerate(column.slices):
        assert (one == masks.pack(codes >> place & 1)).all()


@pytest.mark.parametrize("distinct", [0, 1, 2, 3, 40, 41, 63, 64, 255, 256, 65_535, 65_536])
@pytest.mark.parametrize("type_", ["category", "number", "date"])
def test_as_many_values_as_a_limit_allows(type_: str, distinct: int) -> None:
    values = np.resize(np.arange(max(1, distinct)), distinct + 65)
    plain = pa.array(values, mask=np.arange(len(values)) > distinct + 32)
    whole = {
        "category": lambda: plain.cast(pa.string()),
        "number": lambda: plain.cast(pa.float64()),
        "date": lambda: plain.cast(pa.int32()).cast(pa.date32()),
    }[type_]()
    if not distinct:
        whole = pa.nulls(len(values), whole.type)
    column = encoded(whole, type_)
    assert column.take(np.arange(len(values))).equals(whole)
    if distinct > 65_535:
        assert column.layout == ("texts" if type_ == "category" else "numbers")
        return
    assert (column.layout, column.distinct) == ("labels", distinct)
    assert column.codes.dtype == (np.uint8 if distinct < 256 else np.uint16)
    assert bool(column.slices) == (3 <= distinct <= 63)
    assert (column.bitmap(0) is not None) == (distinct <= 40)
    check_labels(column)


def test_numbers_that_stand_in_every_second_place_only() -> None:
    """A sample of all places would find nobody who has one."""
    values = np.arange(4 * 131_072.0)
    column = encoded(pa.array(values, mask=np.arange(len(values)) % 2 == 0), "number")
    assert column.layout == "numbers"
    assert len(np.unique(column.sections["sketch"])) == 255


def test_the_greatest_numbers_are_parted_without_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encode, "MOST_LABELS", 4)
    values = np.append(np.arange(-150, 150) * 1e306, [math.inf, -math.inf, math.nan])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        column = encoded(pa.array(values), "number")
    assert np.isfinite(column.sections["ends"]).all()
    assert masks.count(known_mask(column)) == 300


@pytest.mark.parametrize("values", [[], [None], [None] * 65, [[]], [[], None]])
def test_lists_of_nothing(values: list[list[str] | None]) -> None:
    column = encoded(pa.array(values, ARROW["categories"]), "categories")
    assert column.take(np.arange(len(values))).to_pylist() == values
    assert column.counts.tolist() == [len(values)]


def test_whoever_has_a_label_twice_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = pa.array([["b", "a", "b"], ["b"], None, []])
    for most in (64, 1):
        monkeypatch.setattr(encode, "LIST_BITMAPS", most)
        column = encoded(values, "categories")
        assert column.counts.tolist() == [2, 1, 2]
        assert column.take(np.arange(4)).equals(values)
