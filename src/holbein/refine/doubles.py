"""Rows that bear the same key as another: found for a whole column, compared where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa


def doubled_rows(keys: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The rows whose key another row has too, in order; those without a key left out."""
    codes = keys.dictionary_encode().combine_chunks()
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.unify_dictionaries().combine_chunks()
    places = codes.indices.fill_null(len(codes.dictionary)).to_numpy()
    counts = np.bincount(places, minlength=len(codes.dictionary) + 1)
    counts[len(codes.dictionary)] = 0
    if not (counts > 1).any():
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(counts[places] > 1)


def later_doubles(keys: pa.ChunkedArray, table: pa.Table) -> tuple[list[int], list[int]]:
    """Of rows with the same key, those behind the first: the equal ones, and the differing ones.

    Equal means equal in all columns of ``table``. Both lists hold row numbers, ascending.
    """
    rows = doubled_rows(keys)
    same: list[int] = []
    other: list[int] = []
    if not len(rows):
        return same, other
    some = table.take(pa.array(rows))
    columns = [_comparable(column) for column in some.columns]
    firsts: dict[str, tuple[object, ...]] = {}
    texts = keys.take(pa.array(rows)).to_pylist()
    for row, key, values in zip(rows.tolist(), texts, zip(*columns, strict=True), strict=True):
        if key not in firsts:
            firsts[key] = values
        elif firsts[key] == values:
            same.append(row)
        else:
            other.append(row)
    return same, other


def _comparable(column: pa.ChunkedArray) -> list[object]:
    kind = column.type
    if pa.types.is_temporal(kind):  # Python has no times outside the years 1 to 9999
        column = column.cast(pa.int32() if kind.bit_width == 32 else pa.int64())
    return [None if one != one else one for one in column.to_pylist()]
