"""Holbein's own ids: given once per alias, never changed, never given again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SubjectKind

ALIASES: Final = pa.schema(
    [("kind", pa.string()), ("source", pa.string()), ("key", pa.string()), ("id", pa.int64())]
)
"""Which subject of ours a source means by a key."""

Keys = tuple[SubjectKind, str, "pa.Array | pa.ChunkedArray"]
"""A kind, a source, and keys of that kind as the source writes them; doubles and nulls allowed."""

_LETTERS: Mapping[SubjectKind, str] = {"enterprise": "E", "person": "P", "role": "R"}
_KINDS: Mapping[str, SubjectKind] = {letter: kind for kind, letter in _LETTERS.items()}
_TEXT = re.compile(r"([EPR])([1-9][0-9]{0,18})")
_LARGEST = 2**63 - 1


def format_id(kind: SubjectKind, id: int) -> str:
    """The text form of an id: ``E17``."""
    return f"{_LETTERS[kind]}{id}"


def parse_id(text: str) -> tuple[SubjectKind, int] | None:
    """``E17`` back to kind and id; None for any other text, which may then be a source's key."""
    match = _TEXT.fullmatch(text)
    if match is None or int(match[2]) > _LARGEST:
        return None
    return _KINDS[match[1]], int(match[2])


def assign(
    previous: pa.Table | None, keys: Sequence[Keys], above: Mapping[str, int] | None = None
) -> pa.Table:
    """The alias table with an id for every key: ``previous`` as it was, then the new aliases.

    New ids count on from the largest of their kind in ``previous`` (and in ``above``), sources in
    the order in which ``keys`` first names them, keys of a source in code point order: so the same
    input gives the same ids, however its rows are ordered. Aliases of subjects that have vanished
    stay in the table, so their ids are never given again.
    """
    known = ALIASES.empty_table() if previous is None else previous.select(ALIASES.names)
    parts = [known]
    given: dict[tuple[SubjectKind, str], list[pa.Array | pa.ChunkedArray]] = {}
    for kind, source, some in keys:
        given.setdefault((kind, source), []).append(some)
    last = {kind: (above or {}).get(kind, 0) for kind in _LETTERS}
    for kind in last:
        largest = pc.max(known.filter(pc.field("kind") == kind)["id"]).as_py()
        last[kind] = max(last[kind], largest or 0)
    for (kind, source), arrays in given.items():
        fresh = _fresh(known, kind, source, arrays)
        if not len(fresh):
            continue
        first = last[kind] + 1
        last[kind] += len(fresh)
        count = len(fresh)
        columns = [
            pa.repeat(pa.scalar(kind, pa.string()), count),
            pa.repeat(pa.scalar(source, pa.string()), count),
            fresh,
            pa.array(np.arange(first, first + count, dtype=np.int64)),
        ]
        parts.append(pa.table(columns, schema=ALIASES))
    return pa.concat_tables(parts).combine_chunks()


def _fresh(
    known: pa.Table, kind: str, source: str, arrays: list[pa.Array | pa.ChunkedArray]
) -> pa.Array:
    """The distinct keys that have no id yet, sorted."""
    chunks: list[pa.Array] = []
    for one in arrays:
        text = one.cast(pa.string())
        chunks += text.chunks if isinstance(text, pa.ChunkedArray) else [text]
    distinct = pc.unique(pa.chunked_array(chunks, pa.string())).drop_null()
    have = known.filter((pc.field("kind") == kind) & (pc.field("source") == source))["key"]
    fresh = distinct.filter(pc.invert(pc.is_in(distinct, value_set=have)))
    return fresh.take(pc.sort_indices(fresh))


def lookup(
    alias: pa.Table, kind: SubjectKind, source: str, keys: pa.Array | pa.ChunkedArray
) -> pa.ChunkedArray:
    """The id of each key, int64; null where the key is null or unknown."""
    mine = alias.filter((pc.field("kind") == kind) & (pc.field("source") == source))
    place = pc.index_in(keys.cast(pa.string()), value_set=mine["key"], skip_nulls=True)
    found = mine["id"].take(place)
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])
