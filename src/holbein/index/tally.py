"""Counting values: how many in some masks have each code of some columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holbein.index import masks
from holbein.index.columns import Column
from holbein.index.masks import Mask, Places
from holbein.index.program import Counting

_FEW = 200
"""Where fewer than one in so many are asked, their codes are read sooner than slices of all."""
_AT_ONCE = 16
"""So many codes are counted at once from bit slices."""


def tallied(
    columns: Mapping[str, Column], asked: Sequence[Mask], size: int, kernels: ModuleType
) -> dict[str, NDArray[np.int64]]:
    """By column, a row for each mask: how many have each code from 0 to the last; code 0 is who has
    none. Raises TypeError for columns without a dictionary."""
    rows: dict[str, list[NDArray[np.int64]]] = {name: [] for name in columns}
    for mask in asked:
        total = masks.count(mask)
        ways = ((name, _counting(one, total / max(1, size))) for name, one in columns.items())
        counting = {name: how for name, how in ways if how is not None}
        found = kernels.counted([*counting.values()], mask, size) if counting else []
        for (name, how), counts in zip(counting.items(), found, strict=True):
            rows[name].append(_whole(columns[name], how, counts, mask, total))
        for name in columns.keys() - counting.keys():
            rows[name].append(_of_lists(columns[name], mask, size, kernels))
    return {name: np.stack(found) for name, found in rows.items()}


def _counting(column: Column, share: float) -> Counting | None:
    """How it is counted for a share of all; None of lists of many labels."""
    if column.layout not in ("labels", "lists"):
        raise TypeError(f"no dictionary: {column.layout}")
    if column.layout == "labels":
        few = share * _FEW < 1 + column.distinct // _AT_ONCE
        if few or not (column.slices or column.bitmap(1) is not None):
            return Counting(column.distinct, codes=column.codes)
        if column.slices:
            return Counting(column.distinct, slices=tuple(column.slices))
    if column.bitmap(1) is not None:
        maps = (column.bitmap(code) for code in _asked(column))
        return Counting(column.distinct, bits=tuple(one for one in maps if one is not None))
    return None


def _whole(
    column: Column, how: Counting, counts: NDArray[np.int64], mask: Mask, total: int
) -> NDArray[np.int64]:
    if not how.bits:
        return counts
    out = np.zeros(column.distinct + 1, np.int64)
    out[_asked(column)] = counts
    if column.layout == "lists":
        out[0] = total - masks.count(mask & column.sections["some"])
    else:
        out[_rest(column)] = total - int(counts.sum())
    return out


def _asked(column: Column) -> list[int]:
    """The codes whose bitmaps are counted: of labels those that somebody has, but for one, which
    the rest have."""
    if column.layout == "lists":
        return [*range(1, column.distinct + 1)]
    rest = _rest(column)
    held = [code for code in np.flatnonzero(column.counts).tolist() if code != rest]
    return held or [int(rest == 0)]  # of nobody, for a pass over no column gives no count


def _rest(column: Column) -> int:
    return int(np.argmax(column.counts))


def _of_lists(column: Column, mask: Mask, size: int, kernels: ModuleType) -> NDArray[np.int64]:
    some: Mask = column.sections["some"]
    codes = entries(column, kernels.places_of(mask & some, size))
    out = np.bincount(codes, minlength=column.distinct + 1).astype(np.int64)
    out[0] = masks.count(mask & ~some)
    return out


def entries(column: Column, places: Places) -> NDArray[Any]:
    """The codes of all labels of those at some places, each label once for each of them."""
    offsets = column.sections["offsets"].astype(np.int64)
    starts, lengths = offsets[places], offsets[places + 1] - offsets[places]
    ends = np.cumsum(lengths)
    at = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
    owner = np.repeat(np.arange(len(places)), lengths)
    once = np.unique(owner * (column.distinct + 1) + column.codes[at])
    return once % (column.distinct + 1)
