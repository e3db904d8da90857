"""Facts and imported values: from the keys that they bear to the subjects that are meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.identity.known import Known, integers, nullable
from holbein.identity.roles import ENDS, Links
from holbein.identity.waiting import Contradictions, Waiting
from holbein.records import Facts, Listed

CONTRADICTS: Final = "it bears a role, and another enterprise or person than the role's"


@dataclass(frozen=True)
class Resolved:
    """The facts of one unit: their rows of the stream's table, by (at, key), those that wait, and
    those that are put aside."""

    table: pa.Table
    unattached: pa.Table
    quarantine: pa.Table


def stream_tables(several: Sequence[Facts], known: Known, links: Links) -> list[Resolved]:
    """The facts of several units of one stream, a table each.

    A role's key implies its enterprise and its person. A fact that bears a role and another
    enterprise or person than the role's is put aside. A key that is nobody's is missing in the
    table, and waits.
    """
    if not several:
        return []
    first = several[0]
    ids = {}
    for kind in SUBJECT_KINDS:
        if kind in first.keys.column_names:  # all at once: looking keys up has its price
            chunks = [chunk for one in several for chunk in one.keys[kind].chunks]
            ids[kind] = known.ids(kind, first.source, pa.chunked_array(chunks, pa.string()))
    resolved, done = [], 0
    for facts in several:
        count = facts.keys.num_rows
        mine = {kind: one.slice(done, count) for kind, one in ids.items()}
        resolved.append(_resolved(facts, mine, links))
        done += count
    return resolved


def _resolved(facts: Facts, ids: Mapping[SubjectKind, pa.ChunkedArray], links: Links) -> Resolved:
    count = facts.keys.num_rows
    waiting = Waiting()
    borne: dict[SubjectKind, np.ndarray] = {}
    for kind in SUBJECT_KINDS:
        if kind in ids:
            keys = facts.keys[kind]
            waiting.add(
                f"stream.{facts.stream}", facts.keys["key"], kind, facts.source, keys, ids[kind]
            )
            borne[kind] = integers(ids[kind])
        else:
            borne[kind] = np.zeros(count, np.int64)
    place, has_role = links.places(borne["role"])
    contradicts = np.zeros(count, dtype=bool)
    for kind in ENDS:
        implied = np.zeros(len(place), np.int64)
        implied[has_role] = getattr(links, kind)[place[has_role]]
        contradicts |= has_role & (borne[kind] != 0) & (borne[kind] != implied)
        borne[kind] = np.where(has_role, implied, borne[kind])
    contradictions = Contradictions()
    contradictions.add(facts.source, facts.keys, contradicts, facts.place_of, CONTRADICTS)
    table = pa.table(
        {
            **{name: facts.keys[name] for name in ("key", "at", "known_at", "day")},
            **{kind: nullable(borne[kind]) for kind in SUBJECT_KINDS},
            **{name: facts.columns[name] for name in facts.columns.column_names},
        }
    )
    if contradicts.any():
        table = table.filter(pa.array(~contradicts))
    table = table.sort_by([("at", "ascending"), ("key", "ascending")])
    return Resolved(table, waiting.table(), contradictions.table())


def imported_tables(
    lists: Sequence[Listed], known: Known
) -> tuple[dict[SubjectKind, pa.Table], pa.Table]:
    """The imported tags of each kind that has any: id, ascending, and a column per tag; and the
    rows that wait."""
    waiting = Waiting()
    by_kind: dict[SubjectKind, dict[str, list[tuple[np.ndarray, pa.ChunkedArray]]]] = {}
    for one in lists:
        keys = one.values["key"]
        ids = known.ids(one.kind, one.source, keys)
        waiting.add(f"tag.{one.tag}", keys, one.kind, one.source, keys, ids)
        known_here = pc.is_valid(ids)
        mine = by_kind.setdefault(one.kind, {})
        mine.setdefault(one.tag, []).append(
            (integers(ids.filter(known_here)), one.values["value"].filter(known_here))
        )
    out: dict[SubjectKind, pa.Table] = {}
    for kind, tags in by_kind.items():
        every = np.unique(np.concatenate([ids for some in tags.values() for ids, _ in some]))
        columns = {"id": pa.array(every, pa.int64())}
        for tag, some in tags.items():
            ids = np.concatenate([one for one, _ in some])
            chunks = [chunk for _, one in some for chunk in one.chunks]
            values = pa.chunked_array(chunks, some[0][1].type)
            # Several keys may mean one subject: the first of them counts.
            named, first = np.unique(ids, return_index=True)
            rows = np.full(len(every), -1, dtype=np.int64)
            rows[np.searchsorted(every, named)] = first
            columns[tag] = values.take(pa.array(rows, mask=rows < 0))
        out[kind] = pa.table(columns)
    return out, waiting.table()
