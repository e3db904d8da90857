"""Roles: who holds them, where, and from when until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SubjectKind
from holbein.identity.known import Known, integers, present
from holbein.identity.states import Part, firsts
from holbein.identity.waiting import Contradictions, Waiting
from holbein.records import Subjects

ENDS: tuple[SubjectKind, SubjectKind] = ("enterprise", "person")
BOUNDS = ("since", "until")


@dataclass(frozen=True)
class Links:
    """What is alike in all states of a role. ``ids`` ascend; the others stand beside them."""

    ids: np.ndarray
    enterprise: np.ndarray
    person: np.ndarray
    since: pa.ChunkedArray
    until: pa.ChunkedArray

    def places(self, roles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where each role stands here, and whether it does (0 is no role)."""
        if not len(self.ids):
            return np.zeros(len(roles), np.int64), np.zeros(len(roles), dtype=bool)
        place = np.minimum(np.searchsorted(self.ids, roles), len(self.ids) - 1)
        return place, self.ids[place] == roles


def links_of(states: pa.Table) -> Links:
    """The links in the table ``role``."""
    found = states.take(pa.array(firsts(states["id"].to_numpy())))
    ends = (found[kind].to_numpy() for kind in ENDS)
    return Links(found["id"].to_numpy(), *ends, *(found[name] for name in BOUNDS))


def attached(roles: Sequence[Subjects], known: Known, waiting: Waiting) -> list[Subjects]:
    """The rows whose enterprise and person are known; the others wait."""
    out = []
    for one in roles:
        ready = np.ones(one.keys.num_rows, dtype=bool)
        for kind in ENDS:
            ids = known.ids(kind, one.source, one.keys[kind])
            waiting.add("role", one.keys["key"], kind, one.source, one.keys[kind], ids)
            ready &= present(ids)
        out.append(_rows(one, ready))
    return out


def _rows(subjects: Subjects, keep: np.ndarray) -> Subjects:
    if keep.all():
        return subjects
    mask = pa.array(keep)
    return Subjects(
        subjects.kind,
        subjects.source,
        subjects.keys.filter(mask),
        subjects.attributes.filter(mask),
        subjects.history,
        subjects.place_of,
    )


def linked(
    roles: Sequence[Subjects], known: Known, contradictions: Contradictions
) -> tuple[Links, list[Part]]:
    """The links of all roles, and what each mapping says of them.

    The first row of a role says at which enterprise it is and whose; rows that say otherwise are
    put aside. Its bounds are those of the newest state in the first mapping that gives any.
    """
    ids = [integers(known.ids("role", one.source, one.keys["key"])) for one in roles]
    ends = {
        kind: [integers(known.ids(kind, one.source, one.keys[kind])) for one in roles]
        for kind in ENDS
    }
    every = np.concatenate([np.zeros(0, np.int64), *ids])
    unique, first = np.unique(every, return_index=True)
    columns = {kind: np.concatenate([np.zeros(0, np.int64), *ends[kind]])[first] for kind in ENDS}
    bounds = {name: pa.chunked_array([pa.nulls(len(unique), pa.date32())]) for name in BOUNDS}
    links = Links(
        unique, columns["enterprise"], columns["person"], bounds["since"], bounds["until"]
    )
    parts = []
    for number, one in enumerate(roles):
        place, _ = links.places(ids[number])
        other = np.zeros(len(place), dtype=bool)
        for kind in ENDS:
            other |= ends[kind][number] != columns[kind][place]
        reason = "an earlier row gives the same role another enterprise or person"
        contradictions.add(one.source, one.keys, other, one.place_of, reason)
        kept = _rows(one, ~other)
        part = Part.of(ids[number][~other], kept.keys["valid_from"], kept.attributes)
        newest = part.newest()
        rows = np.full(len(unique), -1, dtype=np.int64)
        rows[np.searchsorted(unique, part.ids[newest])] = newest
        for name in BOUNDS:
            said = kept.keys[name].take(pa.array(rows, mask=rows < 0))
            bounds[name] = pc.coalesce(bounds[name], said)
        parts.append(part)
    return (
        Links(unique, links.enterprise, links.person, bounds["since"], bounds["until"]),
        parts,
    )


def with_links(states: pa.Table, links: Links) -> pa.Table:
    """The states of roles, each with its role's enterprise, person and bounds."""
    place, _ = links.places(states["id"].to_numpy())
    rows = pa.array(place)
    columns = {
        "enterprise": pa.array(links.enterprise, pa.int64()).take(rows),
        "person": pa.array(links.person, pa.int64()).take(rows),
        "since": links.since.take(rows),
        "until": links.until.take(rows),
    }
    for number, (name, values) in enumerate(columns.items()):
        states = states.add_column(3 + number, name, values)
    return states
