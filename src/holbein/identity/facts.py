"""Facts and imported values: from the keys that they bear to the subjects that are meant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.identity.known import Known, integers, nullable
from holbein.identity.roles import ENDS, Links
from holbein.identity.waiting import Contradictions, Waiting
from holbein.records import Facts, Listed


def stream_table(
    facts: Facts, known: Known, links: Links, waiting: Waiting, contradictions: Contradictions
) -> pa.Table:
    """The table of a stream, by (at, key). A role's key implies its enterprise and its person.

    A fact that bears a role and another enterprise or person than the role's is put aside. A key
    that is nobody's is missing here, and waits.
    """
    borne: dict[SubjectKind, np.ndarray] = {}
    for kind in SUBJECT_KINDS:
        if kind in facts.keys.column_names:
            keys = facts.keys[kind]
            ids = known.ids(kind, facts.source, keys)
            waiting.add(f"stream.{facts.stream}", facts.keys["key"], kind, facts.source, keys, ids)
            borne[kind] = integers(ids)
        else:
            borne[kind] = np.zeros(facts.keys.num_rows, np.int64)
    place, has_role = links.places(borne["role"])
    contradicts = np.zeros(facts.keys.num_rows, dtype=bool)
    for kind in ENDS:
        implied = np.zeros(len(place), np.int64)
        implied[has_role] = getattr(links, kind)[place[has_role]]
        contradicts |= has_role & (borne[kind] != 0) & (borne[kind] != implied)
        borne[kind] = np.where(has_role, implied, borne[kind])
    reason = "it bears a role, and another enterprise or person than the role's"
    contradictions.add(facts.source, facts.keys, contradicts, facts.place_of, reason)
    table = pa.table(
        {
            **{name: facts.keys[name] for name in ("key", "at", "known_at", "day")},
            **{kind: nullable(borne[kind]) for kind in SUBJECT_KINDS},
            **{name: facts.columns[name] for name in facts.columns.column_names},
        }
    )
    if contradicts.any():
        table = table.filter(pa.array(~contradicts))
    return table.sort_by([("at", "ascending"), ("key", "ascending")])


def imported_tables(
    lists: Sequence[Listed], known: Known, waiting: Waiting
) -> dict[SubjectKind, pa.Table]:
    """The imported tags of each kind that has any: id, ascending, and a column per tag."""
    by_kind: dict[SubjectKind, dict[str, tuple[np.ndarray, pa.ChunkedArray]]] = {}
    for one in lists:
        keys = one.values["key"]
        ids = known.ids(one.kind, one.source, keys)
        waiting.add(f"tag.{one.tag}", keys, one.kind, one.source, keys, ids)
        known_here = pc.is_valid(ids)
        mine = by_kind.setdefault(one.kind, {})
        mine[one.tag] = integers(ids.filter(known_here)), one.values["value"].filter(known_here)
    out: dict[SubjectKind, pa.Table] = {}
    for kind, tags in by_kind.items():
        every = np.unique(np.concatenate([ids for ids, _ in tags.values()]))
        columns = {"id": pa.array(every, pa.int64())}
        for tag, (ids, values) in tags.items():
            rows = np.full(len(every), -1, dtype=np.int64)
            rows[np.searchsorted(every, ids)] = np.arange(len(ids))
            columns[tag] = values.take(pa.array(rows, mask=rows < 0))
        out[kind] = pa.table(columns)
    return out
