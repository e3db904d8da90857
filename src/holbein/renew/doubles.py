"""Facts of one stream whose key stands in an earlier file as well."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlglot import exp

from holbein.collect import Apart, Collector, Stream
from holbein.engine import open_engine
from holbein.engine.base import column, table
from holbein.refine.doubles import later_doubles

_KEY = "key"


def keys_of(quarantine: pa.Table) -> pa.Array:
    """The keys of facts that were put aside for what they bear: no other fact may have them."""
    keys = [json.loads(row)[_KEY] for row in quarantine["row"].to_pylist()]
    return pa.array(keys, pa.string())


def doubled(
    fresh: Sequence[Path], fresh_keys: pa.Array, old: Sequence[Path], old_keys: pa.Array
) -> pa.Array:
    """The keys that two facts have, of which one at least stands in the ``fresh`` files.

    Each is a list of Parquet files, and keys that are not in them.
    """
    engine = open_engine("duckdb")  # whatever computes the tags
    try:
        for name, files, keys in (("fresh", fresh, fresh_keys), ("old", old, old_keys)):
            if files:
                engine.attach(f"{name}.files", files)
            engine.load(f"{name}.keys", pa.table({_KEY: keys}))
        within = (
            exp.select(column(_KEY))
            .from_(_all("fresh", bool(fresh)))
            .group_by(column(_KEY))
            .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
        )
        # The few keys are looked for among the many, not the other way round.
        some = exp.select(column(_KEY)).from_(_all("fresh", bool(fresh)))
        between = (
            exp.select(column(_KEY))
            .distinct()
            .from_(_all("old", bool(old)))
            .where(exp.In(this=column(_KEY), query=exp.Subquery(this=some)))
        )
        found = [engine.query(one)[_KEY] for one in (within, between)]
    finally:
        engine.close()
    chunks = [chunk for one in found for chunk in one.chunks]
    return pc.unique(pa.chunked_array(chunks, pa.string()))


def _all(name: str, files: bool) -> exp.Subquery:
    rows: exp.Query = exp.select(column(_KEY)).from_(table(f"{name}.keys"))
    if files:
        more = exp.select(column(_KEY)).from_(table(f"{name}.files"))
        rows = exp.union(rows, more, distinct=False)
    return rows.subquery(name)


def rows_with(path: Path, keys: pa.Array) -> np.ndarray:
    """The rows of a part that have one of ``keys``."""
    column_ = pq.read_table(path, columns=[_KEY])[_KEY]
    return np.flatnonzero(pc.is_in(column_, value_set=keys).to_numpy())


def apart(
    collector: Collector, stream: Stream, units: Sequence[int], keys: pa.Array
) -> Mapping[int, Apart]:
    """Of the facts with these keys in ``units`` (ascending), those behind the first of each key,
    by unit. Equal is what is the same text in all columns read, as within one file."""
    tables = [collector.rows(stream, number, keys) for number in units]
    every = pa.concat_tables(tables)
    ends = np.cumsum([one.num_rows for one in tables])
    unit_of = np.searchsorted(ends, np.arange(every.num_rows), side="right").tolist()
    keys_, rows = every[_KEY].to_pylist(), every["row"].to_pylist()
    first: dict[str, int] = {}
    for key, unit in zip(keys_, unit_of, strict=True):
        first.setdefault(key, unit)
    found: dict[int, dict[str, list[int]]] = {}
    same, other = later_doubles(every[_KEY], every.drop([_KEY, "row"]))
    for kind, places in (("same", same), ("other", other)):
        for place in places:
            unit = unit_of[place]
            if unit != first[keys_[place]]:  # else it is found in its file alone
                mine = found.setdefault(units[unit], {"same": [], "other": []})
                mine[kind].append(rows[place])
    return {number: Apart(**mine) for number, mine in found.items()}
