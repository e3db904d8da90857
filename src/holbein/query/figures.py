"""Counting a column of labels that an engine has answered: group beside base."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

IN_GROUP = "in group"
EPOCH = dt.date(1970, 1, 1)


def distribution(values: pa.ChunkedArray, in_group: pa.ChunkedArray) -> pa.Table:
    """value, group, base: how many subjects have each value, the most frequent in base first.

    A null is a value of its own; a list counts once for each of its labels.
    """
    if pa.types.is_list(values.type):
        lists = values.combine_chunks()
        owners, labels = each_once(lists)
        missing = in_group.filter(pa.array(without_labels(lists)))
        values = pa.chunked_array([labels, pa.nulls(len(missing), lists.type.value_type)])
        in_group = pa.chunked_array(
            [*pc.take(in_group, owners).chunks, *missing.chunks], pa.bool_()
        )
    counted = (
        pa.table({"value": values, "group": pc.cast(in_group, pa.int64())})
        .group_by("value")
        .aggregate([("group", "sum"), ("group", "count")])
    )
    found = pa.table(
        {
            "value": counted["value"],
            "group": counted["group_sum"].cast(pa.int64()),
            "base": counted["group_count"].cast(pa.int64()),
        }
    )
    return found.sort_by([("base", "descending"), ("value", "ascending")])


def each_once(lists: pa.ListArray) -> tuple[pa.Array, pa.Array]:
    """Each list's labels, once each, and which list's they are."""
    owners, labels = pc.list_parent_indices(lists), pc.list_flatten(lists)
    there = pc.is_valid(labels)
    coded = labels.filter(there).dictionary_encode()
    whose, codes = owners.filter(there).to_numpy(), coded.indices.to_numpy()
    _, first = np.unique(whose * max(1, len(coded.dictionary)) + codes, return_index=True)
    return pa.array(whose[first]), coded.dictionary.take(pa.array(codes[first]))


def without_labels(lists: pa.ListArray) -> NDArray[np.bool_]:
    """Which lists have no label, or are missing."""
    known = pc.list_parent_indices(lists).filter(pc.is_valid(pc.list_flatten(lists)))
    none: NDArray[np.bool_] = np.bincount(known.to_numpy(), minlength=len(lists)) == 0
    return none
