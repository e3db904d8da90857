"""What must be put aside or must wait: facts and links whose subjects nobody has described yet."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SubjectKind
from holbein.records import QUARANTINE, PlaceOf

UNATTACHED = pa.schema(
    [
        ("what", pa.string()),
        ("fact", pa.string()),
        ("kind", pa.string()),
        ("source", pa.string()),
        ("key", pa.string()),
    ]
)
"""``what`` waits (``stream.orders``, ``role``, ``parent``, ``tag.score``), its own key ``fact``,
and the subject that it waits for."""


class Waiting:
    """Gathers the rows of the table ``unattached``."""

    def __init__(self) -> None:
        self._parts: list[pa.Table] = []

    def add(
        self,
        what: str,
        facts: pa.ChunkedArray,
        kind: SubjectKind,
        source: str,
        keys: pa.ChunkedArray,
        ids: pa.ChunkedArray,
    ) -> None:
        """Of the ``facts`` that name a subject by ``keys``, those for which ``ids`` has none."""
        waits = pc.and_(pc.is_valid(keys), pc.is_null(ids))
        found = facts.filter(waits)
        if not len(found):
            return
        same = {"what": what, "kind": kind, "source": source}
        columns = {
            **{name: pa.repeat(pa.scalar(text), len(found)) for name, text in same.items()},
            "fact": found,
            "key": keys.filter(waits),
        }
        self._parts.append(pa.table({name: columns[name] for name in UNATTACHED.names}))

    def table(self) -> pa.Table:
        """All of it, in order."""
        return pa.concat_tables([UNATTACHED.empty_table(), *self._parts]).combine_chunks()


class Contradictions:
    """Gathers rows that contradict others, for the quarantine."""

    def __init__(self, before: pa.Table) -> None:
        """``before`` is what collecting has put aside."""
        self._parts = [before]

    def add(
        self,
        source: str,
        keys: pa.Table,
        bad: np.ndarray,
        place_of: PlaceOf,
        reason: str,
    ) -> None:
        """The rows of ``keys`` (column ``row``, and what tells of them) where ``bad`` is true."""
        found = keys.filter(pa.array(bad))
        if not found.num_rows:
            return
        told = found.select([n for n in found.column_names if n not in ("row", "day", "known_at")])
        rows = [
            json.dumps({k: v for k, v in one.items() if v is not None}, default=str,
                       ensure_ascii=False)
            for one in told.to_pylist()
        ]  # fmt: skip
        count = len(rows)
        columns = [[source] * count, place_of(found["row"].to_pylist()), [reason] * count, rows]
        self._parts.append(
            pa.table([pa.array(one, pa.string()) for one in columns], schema=QUARANTINE)
        )

    def table(self) -> pa.Table:
        """All of it, in order."""
        return pa.concat_tables(self._parts).combine_chunks()
