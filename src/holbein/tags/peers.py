"""The keys under which the tags of peers are kept together (``catalog.peers``)."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SubjectKind
from holbein.store import Tables
from holbein.store.states import valid


def peer_keys(
    tables: Tables, kind: SubjectKind, tags: pa.Table, among: Sequence[str], as_of: AsOf
) -> pa.ChunkedArray:
    """The peer key of each row of ``tags``, a text; null where a value is missing."""
    own = [one for one in among if one not in tags.column_names]
    states = valid(tables.read(kind, ["id", "valid_from", "valid_to", *own]), as_of)
    place = pc.index_in(tags["id"], value_set=states["id"])
    written: list[pa.ChunkedArray | str] = []
    for name in among:
        column = tags[name] if name in tags.column_names else states[name].take(place)
        written += [pc.utf8_length(column).cast(pa.string()), ":", column]
    return pc.binary_join_element_wise(*written, "")
