"""Counting values: how many in some masks have each code of a column."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holbein.index import masks
from holbein.index.columns import Column
from holbein.index.masks import Mask, Places

_FEW = 24
"""Of so many times fewer subjects than there are, each is looked at, not all codes."""


def tallied(
    column: Column, asked: Sequence[Mask], size: int, kernels: ModuleType, live: Mask | None
) -> list[NDArray[np.int64]]:
    """For each mask, how many have each code from 0 to the last; code 0 is who has none."""
    return [_tallied(column, one, size, kernels) for one in asked]


def _tallied(column: Column, mask: Mask, size: int, kernels: ModuleType) -> NDArray[np.int64]:
    if column.layout == "lists":
        return _of_lists(column, mask, size, kernels)
    if column.layout != "labels":
        raise TypeError(f"no dictionary: {column.layout}")
    maps = [column.bitmap(one) for one in range(column.distinct + 1)]
    held = [one for one in maps if one is not None]
    slices = column.slices
    if len(held) == len(maps) and (not slices or len(maps) <= 2 * len(slices)):
        return np.asarray(kernels.overlaps(held, mask), np.int64)
    if slices:
        return np.asarray(kernels.sliced(slices, mask, column.distinct), np.int64)
    return np.asarray(kernels.histogram(column.codes, mask, size, column.distinct), np.int64)


def _of_lists(column: Column, mask: Mask, size: int, kernels: ModuleType) -> NDArray[np.int64]:
    some: Mask = column.sections["some"]
    none = masks.count(mask & ~some)
    maps = [column.bitmap(one) for one in range(1, column.distinct + 1)]
    held = [one for one in maps if one is not None]
    if len(held) == len(maps):
        found = kernels.overlaps(held, mask) if held else np.zeros(0, np.int64)
        return np.append(none, found).astype(np.int64)
    places = kernels.places_of(mask & some, size)
    codes = entries(column, places)
    out = np.bincount(codes, minlength=column.distinct + 1).astype(np.int64)
    out[0] = none
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
