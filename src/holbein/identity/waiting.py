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

    def __init__(self) -> None:
        self._parts = [QUARANTINE.empty_table()]

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


_WHOM = {
    "enterprise": ("an enterprise", "enterprises"),
    "person": ("a person", "people"),
    "role": ("a role", "roles"),
}
_EXAMPLES = 3


def told(unattached: pa.Table) -> list[str]:
    """What waits for whom, a line each: "orders: 275 facts name enterprises that …"."""
    out = []
    groups = unattached.group_by(["what", "kind"], use_threads=False).aggregate(
        [("key", "count"), ("key", "distinct")]
    )
    for row in groups.to_pylist():
        whom = f"{_WHOM[row['kind']][row['key_count'] > 1]} that no source describes"
        # Keys of companies may be shown; those of people are nobody's business.
        some = sorted(row["key_distinct"])[:_EXAMPLES] if row["kind"] == "enterprise" else []
        shown = f" (such as {', '.join(one[:40] for one in some)})" if some else ""
        out.append(f"{_who(row['what'], row['key_count'])} {whom}{shown}")
    return out


def _who(what: str, count: int) -> str:
    kind, _, name = what.partition(".")
    single, several = {
        "stream": (f"{name}: 1 fact names", f"{name}: {count:,} facts name"),
        "tag": (f"tag {name}: 1 row of its list names", f"tag {name}: {count:,} rows name"),
        "role": ("1 role names", f"{count:,} roles name"),
        "parent": ("1 enterprise has as parent", f"{count:,} enterprises have as parents"),
    }[kind]
    return single if count == 1 else several
