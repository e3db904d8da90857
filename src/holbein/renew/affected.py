"""Which facts mean other subjects than before, though their files are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.identity import Known, Subjects
from holbein.records import UNIT
from holbein.renew.slots import Group
from holbein.store import Build


@dataclass(frozen=True)
class Changed:
    """The ids that facts must not go on bearing: of subjects that are gone, and of roles that are
    at another enterprise or another person's now."""

    ids: Mapping[SubjectKind, np.ndarray]

    def __bool__(self) -> bool:
        return any(len(one) for one in self.ids.values())


def changed(old: Subjects, new: Subjects) -> Changed:
    """What has changed from one version's subjects to the next one's."""
    ids = {kind: np.setdiff1d(old.ids(kind), new.ids(kind)) for kind in SUBJECT_KINDS}
    place, still = new.links.places(old.links.ids)
    other = np.zeros(len(still), dtype=bool)
    for kind in ("enterprise", "person"):
        now = getattr(new.links, kind)[place] if len(new.links.ids) else 0
        other |= still & (getattr(old.links, kind) != now)
    ids["role"] = np.union1d(ids["role"], old.links.ids[other])
    return Changed(ids)


def bearing(build: Build, groups: Sequence[Group], gone: Changed) -> set[int]:
    """The numbers of the units that hold facts of such subjects."""
    found: set[int] = set()
    for group in groups if gone else ():
        part = group[0].part
        assert part is not None
        table = pq.read_table(build.file(part), columns=list(SUBJECT_KINDS))
        bad = np.zeros(table.num_rows, dtype=bool)
        for kind, ids in gone.ids.items():
            if len(ids):
                bad |= np.isin(pc.fill_null(table[kind], 0).to_numpy(), ids)
        found |= units_at(group, np.flatnonzero(bad))
    return found


def units_at(group: Group, rows: np.ndarray) -> set[int]:
    """The units in which the rows of a group's part lie; those behind its last slot are none's."""
    starts = np.array([slot.start for slot in group])
    end = group[-1].start + group[-1].rows
    places = np.searchsorted(starts, rows[rows < end], side="right") - 1
    return {group[place].number for place in np.unique(places).tolist()}


def no_longer_waiting(unattached: pa.Table, known: Known) -> set[str]:
    """The units of the rows that wait for a subject which is described now."""
    found: set[str] = set()
    for kind in SUBJECT_KINDS:
        rows = unattached.filter(pc.field("kind") == kind)
        for source in pc.unique(rows["source"]).to_pylist():
            mine = rows.filter(pc.field("source") == source)
            ready = pc.is_valid(known.ids(kind, source, mine["key"]))
            found.update(pc.unique(mine[UNIT].filter(ready)).to_pylist())
    return found
