"""Counting a column of labels that an engine has answered: group beside base."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

IN_GROUP = "in group"
EPOCH = dt.date(1970, 1, 1)


def distribution(values: pa.ChunkedArray, in_group: pa.ChunkedArray) -> pa.Table:
    """value, group, base: how many subjects have each value, the most frequent in base first.

    A null is a value of its own; a list counts once for each of its labels.
    """
    if pa.types.is_list(values.type):
        lists = values.combine_chunks()
        empty = pc.or_kleene(pc.is_null(lists), pc.equal(pc.list_value_length(lists), 0))
        missing = in_group.filter(pc.fill_null(empty, True))
        owners, labels = each_once(lists)
        values = pa.chunked_array([labels, pa.nulls(len(missing), lists.type.value_type)])
        in_group = pa.chunked_array(
            [*pc.take(in_group, owners).chunks, *missing.chunks], pa.bool_()
        )
    counted = (
        pa.table({"value": values, "group": pc.cast(in_group, pa.int64())})
        .group_by("value")
        .aggregate([("group", "sum"), ("group", "count")])
    )
    return by_frequency(counted["value"], counted["group_sum"], counted["group_count"])


def each_once(lists: pa.ListArray) -> tuple[pa.Array, pa.Array]:
    """Each list's labels, once each, and which list's they are."""
    labels = pc.list_flatten(lists).dictionary_encode()
    owners = pc.list_parent_indices(lists).to_numpy()
    codes = labels.indices.to_numpy()
    _, first = np.unique(owners * max(1, len(labels.dictionary)) + codes, return_index=True)
    return pa.array(owners[first]), labels.dictionary.take(pa.array(codes[first]))


def by_frequency(
    values: pa.ChunkedArray, group: pa.ChunkedArray, base: pa.ChunkedArray
) -> pa.Table:
    """value, group, base: the most frequent in base first."""
    found = pa.table(
        {"value": values, "group": group.cast(pa.int64()), "base": base.cast(pa.int64())}
    )
    return found.sort_by([("base", "descending"), ("value", "ascending")])
