"""The change log: which tags of which subjects are not what they were a version ago."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SubjectKind

CHANGES: Final = pa.schema(
    [
        ("at", pa.timestamp("us")),
        ("day", pa.date32()),
        ("kind", pa.string()),
        ("tag", pa.string()),
        ("id", pa.int64()),
        ("old", pa.string()),
        ("new", pa.string()),
    ]
)
"""``at`` is the as-of of the run that found the change; ``old`` and ``new`` are JSON texts, null
where the tag was or is missing."""

SAME: Final = 1e-12
"""Engines add up doubles in any order: what differs by less, of its size, has not changed."""


def diff(
    kind: SubjectKind, old: pa.Table | None, new: pa.Table, tags: Sequence[str], as_of: AsOf
) -> pa.Table:
    """What changed from ``old`` to ``new`` (each: ``id`` int64, distinct, and a column per tag).

    A subject that is new, or gone, has missing values on the other side. A tag that either table
    lacks records nothing: a first run, or the first run of a tag, is no change. Numbers closer than
    ``SAME`` are equal, other values exactly so; NaN and the empty list are missing. Sorted as
    ``tags``, then by id.
    """
    if old is None:
        return CHANGES.empty_table()
    both = [tag for tag in tags if tag in old.column_names and tag in new.column_names]
    ids = new["id"].to_numpy()
    if not _is_same(old["id"].to_numpy(), ids):
        ids = _union(old["id"].to_numpy(), ids)
        old, new = (table.take(_places(ids, table["id"])) for table in (old, new))
    parts = [_of_tag(kind, tag, ids, old[tag], new[tag], as_of) for tag in both]
    return pa.concat_tables([CHANGES.empty_table(), *parts]).combine_chunks()


def _is_same(old: np.ndarray, new: np.ndarray) -> bool:
    """Whether both have the same ids, ascending."""
    return np.array_equal(old, new) and bool((new[:-1] < new[1:]).all())


def _union(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The ids of either, ascending. numpy's own finds distinct values much more slowly."""
    every = np.sort(np.concatenate([old, new]))
    return every[np.append(True, every[1:] != every[:-1])] if len(every) else every


def _places(ids: np.ndarray, mine: pa.ChunkedArray) -> pa.Array:
    """For each of ``ids`` (ascending) its row in ``mine``, or null."""
    theirs = mine.to_numpy()
    order = np.argsort(theirs, kind="stable")
    if not len(order):
        return pa.nulls(len(ids), pa.int64())
    place = np.searchsorted(theirs, ids, sorter=order)
    row = order[np.minimum(place, len(order) - 1)]
    return pa.array(row, pa.int64(), mask=theirs[row] != ids)


def _of_tag(
    kind: str,
    tag: str,
    ids: np.ndarray,
    old: pa.ChunkedArray,
    new: pa.ChunkedArray,
    as_of: AsOf,
) -> pa.Table:
    old, new = _missing(old), _missing(new)
    as_texts = old.type != new.type or pa.types.is_nested(new.type)  # these compare as such
    if as_texts:
        old, new = json_texts(old), json_texts(new)
    differs = pc.fill_null(_differ(old, new), False)
    differs = pc.or_(differs, pc.xor(pc.is_null(old), pc.is_null(new)))
    changed = pa.array(ids, pa.int64()).filter(differs.combine_chunks())
    count = len(changed)
    old, new = old.filter(differs), new.filter(differs)
    columns = [
        pa.repeat(pa.scalar(as_of.instant, pa.timestamp("us")), count),
        pa.repeat(pa.scalar(as_of.day, pa.date32()), count),
        pa.repeat(pa.scalar(kind, pa.string()), count),
        pa.repeat(pa.scalar(tag, pa.string()), count),
        changed,
        old if as_texts else json_texts(old),
        new if as_texts else json_texts(new),
    ]
    return pa.table(columns, schema=CHANGES)


def _differ(old: pa.ChunkedArray, new: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_floating(new.type):
        return pc.not_equal(old, new)
    size = pc.max_element_wise(pc.abs(old), pc.abs(new), skip_nulls=False)
    return pc.greater(pc.abs(pc.subtract(old, new)), pc.multiply(size, SAME))


def _missing(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Null for all that counts as missing."""
    nothing = pa.scalar(None, values.type)
    if pa.types.is_floating(values.type):
        return pc.if_else(pc.is_finite(values), values, nothing)
    if pa.types.is_list(values.type):
        return pc.if_else(pc.equal(pc.list_value_length(values), 0), nothing, values)
    return values


def json_texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Each value as JSON text, null for null: ``true``, ``0.5``, ``"high"``, ``["a","b"]``."""
    kind = values.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return values.cast(pa.string())
    if pa.types.is_decimal(kind):
        return values.cast(pa.string())
    if pa.types.is_list(kind):
        return pa.chunked_array([_list_texts(chunk) for chunk in values.chunks], pa.string())
    text = values.cast(pa.string()).combine_chunks().dictionary_encode()
    # Labels repeat: each distinct one is quoted once.
    quoted = [json.dumps(one, ensure_ascii=False) for one in text.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(quoted, pa.string()).take(text.indices)])


def _list_texts(lists: pa.ListArray) -> pa.Array:
    whole = pa.chunked_array([lists.flatten()])
    items = pc.fill_null(json_texts(whole).combine_chunks(), "null")
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), items), ",")
    text = pc.binary_join_element_wise("[", joined, "]", "")
    return pc.if_else(pc.is_valid(lists), text, pa.scalar(None, pa.string()))
