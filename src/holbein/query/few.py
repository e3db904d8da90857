"""The attributes and tags of few subjects, read from the lookups of a version's tables."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.store.snapshot import Snapshot
from holbein.store.states import valid

_OF_THE_ROLE = ("since", "until")
"""These belong to a role as such, whatever state it is in."""


def values(
    snapshot: Snapshot,
    vocabulary: Vocabulary,
    kind: SubjectKind,
    names: Sequence[str],
    ids: Sequence[int],
) -> pa.Table:
    """``id`` and the named attributes and tags of those subjects that there are, ascending by id;
    the same as an engine answers."""
    fields = vocabulary.fields[kind]
    states = snapshot.find(kind, "id", ids)
    known = pc.unique(states["id"])
    known = known.take(pc.sort_indices(known))
    now = valid(states, snapshot.as_of)
    if any(fields[one].is_tag for one in names):
        tags = snapshot.find(f"tags.{kind}", "id", ids)
        of_tags = tags.take(pc.index_in(known, value_set=tags["id"]))
    of_now = now.take(pc.index_in(known, value_set=now["id"]))
    of_role = states.take(pc.index_in(known, value_set=states["id"]))
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"id": known}
    for name in names:
        if fields[name].is_tag:
            column = of_tags[name]
        elif kind == "role" and name in _OF_THE_ROLE:
            column = of_role[name]
        else:
            column = of_now[name]
        columns[name] = _doubles(column) if fields[name].type == "number" else column
    return pa.table(columns)


def _doubles(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_float64(column.type):
        return column
    numbers = [None if one is None else float(one) for one in column.to_pylist()]
    return pa.chunked_array([pa.array(numbers, pa.float64())])
