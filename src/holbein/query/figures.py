"""Counting columns that an engine has answered: distributions and quantiles, group beside base."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

IN_GROUP = "in group"
QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
EPOCH = dt.date(1970, 1, 1)


def distribution(values: pa.ChunkedArray, in_group: pa.ChunkedArray) -> pa.Table:
    """value, group, base: how many subjects have each value, the most frequent in base first.

    A null is a value of its own; a list counts once for each of its labels.
    """
    if pa.types.is_list(values.type):
        lists = values.combine_chunks()
        empty = pc.or_kleene(pc.is_null(lists), pc.equal(pc.list_value_length(lists), 0))
        missing = in_group.filter(pc.fill_null(empty, True))
        owners = pc.list_parent_indices(lists)
        values = pa.chunked_array(
            [pc.list_flatten(lists), pa.nulls(len(missing), lists.type.value_type)]
        )
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


def quantiles(values: pa.ChunkedArray, in_group: pa.ChunkedArray) -> dict[str, dict[str, Any]]:
    """Quantiles of the group and of the base, interpolated; those of dates rounded to days."""
    return {
        "group": _quantiles(values.filter(in_group)),
        "base": _quantiles(values),
    }


def _quantiles(values: pa.ChunkedArray) -> dict[str, Any]:
    is_date = pa.types.is_date32(values.type)
    known = values.drop_null()
    numbers = (known.cast(pa.int32()) if is_date else known).to_numpy().astype(np.float64)
    if not len(numbers):
        return {"n": 0, **dict.fromkeys(("min", *QUANTILES, "max", "mean"))}
    found = {
        "min": numbers.min(),
        **dict(zip(QUANTILES, np.quantile(numbers, list(QUANTILES.values())), strict=True)),
        "max": numbers.max(),
        "mean": numbers.mean(),
    }
    return {
        "n": len(numbers),
        **{
            name: EPOCH + dt.timedelta(days=round(one)) if is_date else float(one)
            for name, one in found.items()
        },
    }
