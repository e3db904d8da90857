"""Encoding: from Arrow values, one for each place, to the sections of a column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.conditions.vocabulary import Type
from holbein.index import masks
from holbein.index.columns import ARROW, NULL, Column
from holbein.index.masks import padded

MOST_LABELS = 65_535
"""Of so many different values there is always a dictionary."""
BITMAPS = 40
"""Of up to so many values each has a bitmap."""
SLICES = 63
"""Of up to so many values the codes are also kept as bit slices."""
LIST_BITMAPS = 64
_SAMPLE = 1 << 17
_PARTS = 255
_AT_A_TIME = 1 << 24

_Sections = dict[str, NDArray[Any]]


def encode(values: pa.Array | pa.ChunkedArray, type_: Type) -> Column:
    """The column of one value for each place. Numbers of whatever type become doubles."""
    whole = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    if type_ == "categories":
        return _lists(whole)
    if type_ == "category":
        return _texts(whole) if _is_various(whole) else _labels(whole)
    if type_ == "boolean":
        flags = np.asarray(pc.fill_null(whole.cast(pa.int8()), -1).to_numpy())
        return _coded((flags + 1).astype(np.uint8), type_, {}, 2)
    numbers = _doubles(whole, type_)
    return _numbers(numbers, type_)


def _coded(
    codes: NDArray[Any], type_: Type, sections: _Sections, distinct: int, **about: Any
) -> Column:
    """Labels, with all that helps to ask for them."""
    size = len(codes)
    width = np.uint8 if distinct < 1 << 8 else np.uint16
    held = np.zeros(padded(size), width)
    held[:size] = codes
    sections = {**sections, "codes": held}
    sections["counts"] = _counts(held[:size], distinct)
    if width is np.uint16:
        sections["bins"] = bins_of(sections["counts"])
        sections["sketch"] = sections["bins"][held]
    if distinct <= BITMAPS:
        for code in range(distinct + 1):
            sections[f"bitmap.{code}"] = masks.pack(codes == code)
    slices = distinct.bit_length() if 3 <= distinct <= SLICES else 0
    for one in range(slices):
        sections[f"slice.{one}"] = masks.pack(np.bitwise_and(held[:size], 1 << one))
    told = {"layout": "labels", "type": type_, "size": size, "distinct": distinct}
    return Column(sections, {**told, "slices": slices, **about})


def _counts(codes: NDArray[Any], distinct: int) -> NDArray[np.int64]:
    """How many places have each code; numpy counts eight bytes each, so some at a time."""
    out = np.zeros(distinct + 1, np.int64)
    for first in range(0, len(codes), _AT_A_TIME):
        out += np.bincount(codes[first : first + _AT_A_TIME], minlength=distinct + 1)
    return out


def bins_of(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """In which part each code lies, parts having about as many subjects each; 0 is missing."""
    before = np.cumsum(counts[1:]) - counts[1:]
    part = 1 + before * (_PARTS - 2) // max(1, int(counts[1:].sum()))
    return np.append(0, part).astype(np.uint8)


# --- texts ----------------------------------------------------------------------------------------


def _is_various(values: pa.ChunkedArray) -> bool:
    """Whether nearly every subject has a text of its own: then a dictionary helps nobody."""
    if len(values) <= MOST_LABELS:
        return False
    step = max(1, len(values) // _SAMPLE)
    sample = values.take(pa.array(np.arange(0, len(values), step)))
    return int(pc.count_distinct(sample).as_py()) > MOST_LABELS


def _labels(values: pa.ChunkedArray) -> Column:
    codes, dictionary = _dictionary(values)
    if len(dictionary) > MOST_LABELS:
        return _texts(values)
    return _coded(codes, "category", _texts_of("value.", dictionary), len(dictionary))


def _dictionary(values: pa.ChunkedArray) -> tuple[NDArray[np.int32], pa.Array]:
    """The code of each text (0 where there is none), and the texts ascending."""
    coded = values.dictionary_encode().unify_dictionaries()
    if not coded.num_chunks:
        return np.zeros(0, np.int32), pa.array([], pa.string())
    dictionary = coded.chunk(0).dictionary.cast(pa.string())
    order = pc.sort_indices(dictionary).to_numpy()
    rank = np.empty(len(order) + 1, np.int32)
    rank[order] = np.arange(1, len(order) + 1)
    rank[-1] = 0
    codes = [rank[pc.fill_null(one.indices, -1).to_numpy()] for one in coded.chunks]
    return np.concatenate(codes), dictionary.take(pa.array(order))


def _texts_of(name: str, texts: pa.Array) -> _Sections:
    """Texts as sections: where each ends, and their bytes."""
    plain = pa.concat_arrays([texts])  # without an offset of its own
    if len(plain) == 0:
        return {f"{name}offsets": np.zeros(1, np.int32), f"{name}bytes": np.zeros(0, np.uint8)}
    kind = np.int64 if plain.type == pa.large_string() else np.int32
    _, offsets, content = plain.buffers()
    ends = np.frombuffer(offsets, kind)[plain.offset : plain.offset + len(plain) + 1]
    held = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
    return {f"{name}offsets": ends - ends[0], f"{name}bytes": held[ends[0] : ends[-1]]}


def _texts(values: pa.ChunkedArray) -> Column:
    large = values.nbytes > 1 << 30
    plain = values.cast(pa.large_string() if large else pa.string()).combine_chunks()
    known = pc.is_valid(plain).to_numpy(zero_copy_only=False)
    sections = _texts_of("", pc.fill_null(plain, ""))
    sections["known"] = masks.pack(known)
    return Column(sections, {"layout": "texts", "type": "category", "size": len(plain)})


def _lists(values: pa.ChunkedArray) -> Column:
    lists = values.cast(ARROW["categories"]).combine_chunks()
    size = len(lists)
    known = pc.is_valid(lists).to_numpy(zero_copy_only=False)
    owners = pc.list_parent_indices(lists).to_numpy()
    codes, dictionary = _dictionary(pa.chunked_array([pc.list_flatten(lists)]))
    owners, codes = owners[codes > 0], codes[codes > 0]
    lengths = np.bincount(owners, minlength=size)
    distinct = len(dictionary)
    width = np.uint8 if distinct < 1 << 8 else np.uint16 if distinct < 1 << 16 else np.uint32
    ends = np.append(0, np.cumsum(lengths))
    sections: _Sections = {
        **_texts_of("value.", dictionary),
        "offsets": ends.astype(np.uint32 if ends[-1] < 1 << 32 else np.uint64),
        "codes": codes.astype(width),
        "known": masks.pack(known),
        "some": masks.pack(lengths > 0),
    }
    # Whoever has a label twice counts once.
    if distinct <= LIST_BITMAPS:
        maps = [masks.from_places(owners[codes == code], size) for code in range(1, distinct + 1)]
        sections |= {f"bitmap.{code}": one for code, one in enumerate(maps, 1)}
        counts = np.array([0, *map(masks.count, maps)], np.int64)
    else:
        once = np.unique(owners.astype(np.int64) * (distinct + 1) + codes)
        counts = np.bincount(once % (distinct + 1), minlength=distinct + 1).astype(np.int64)
    counts[0] = size - int((lengths > 0).sum())
    sections["counts"] = counts
    return Column(
        sections, {"layout": "lists", "type": "categories", "size": size, "distinct": distinct}
    )


# --- numbers --------------------------------------------------------------------------------------


def _doubles(values: pa.ChunkedArray, type_: Type) -> NDArray[np.float64]:
    """Numbers, or dates as days; what is missing is ``NULL``. Minus zero is zero."""
    if type_ == "date":
        values = values.cast(pa.int32())
    elif pa.types.is_decimal(values.type):
        values = values.cast(pa.string())  # whose nearest double is that of the decimal
    if not pa.types.is_float64(values.type):
        values = values.cast(pa.float64(), safe=False)
    found: NDArray[np.float64] = pc.fill_null(values, 0.0).to_numpy() + 0.0
    found[np.isnan(found)] = np.nan
    missing = pc.is_null(values).to_numpy()
    found.view(np.uint64)[missing] = NULL
    return found


def _numbers(found: NDArray[np.float64], type_: Type) -> Column:
    missing = found.view(np.uint64) == NULL
    step = max(1, len(found) // _SAMPLE)
    if pc.count_distinct(pa.array(found[::step], mask=missing[::step])).as_py() <= MOST_LABELS:
        coded = pa.array(found, mask=missing).dictionary_encode()
        if len(coded.dictionary) <= MOST_LABELS:
            return _number_labels(coded, type_)
    return _raw(found, type_)


def _number_labels(coded: pa.DictionaryArray, type_: Type) -> Column:
    dictionary = coded.dictionary.to_numpy()
    finite = np.isfinite(dictionary)
    values, place = np.unique(dictionary[finite], return_inverse=True)
    odd, odd_place = np.unique(dictionary[~finite], return_inverse=True)
    rank = np.zeros(len(dictionary) + 1, np.int32)
    rank[:-1][finite] = 1 + place
    rank[:-1][~finite] = 1 + len(values) + odd_place
    codes = rank[pc.fill_null(coded.indices, -1).to_numpy()]
    held = np.append(values, odd)
    if type_ == "date":
        held = held.astype(np.int32)
    return _coded(codes, type_, {"values": held}, len(held), finite=len(values))


def _raw(found: NDArray[np.float64], type_: Type) -> Column:
    size = len(found)
    raw = np.full(padded(size), np.nan)
    raw[:size] = found
    known = np.isfinite(found)
    numbers = found[known]
    sample = np.sort(numbers[:: max(1, len(numbers) // _SAMPLE)])
    # Those that are there, none between two of them: the greatest are too far apart for that.
    ends = np.unique(sample[np.arange(1, _PARTS - 1) * len(sample) // (_PARTS - 1)])
    sketch = np.zeros(padded(size), np.uint8)
    sketch[:size][known] = 1 + np.searchsorted(ends, numbers, side="right")
    sections = {"raw": raw, "sketch": sketch, "ends": ends}
    return Column(sections, {"layout": "numbers", "type": type_, "size": size})
