"""``resolve``: the subjects that were collected, with ids in place of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from holbein import records
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.identity.groups import DEEPEST, ancestors, in_a_circle, too_deep
from holbein.identity.known import Known, integers, present
from holbein.identity.roles import ENDS, Links, attached, linked, links_of, with_links
from holbein.identity.states import Part, firsts, merged
from holbein.identity.waiting import Contradictions, Waiting


@dataclass(frozen=True)
class Subjects:
    """Who is known, and how roles link people to enterprises."""

    tables: Mapping[str, pa.Table]
    """``enterprise``, ``person``, ``role``, ``ancestor`` and ``alias``, as ``docs/internals.md``
    describes them."""
    known: Known
    links: Links

    def ids(self, kind: SubjectKind) -> np.ndarray:
        """The ids of all subjects of a kind, ascending."""
        ids = self.tables[kind]["id"].to_numpy()
        return np.asarray(ids[firsts(ids)])


def resolve(
    subjects: Sequence[records.Subjects], previous: pa.Table | None, above: Mapping[str, int]
) -> tuple[Subjects, pa.Table, pa.Table]:
    """From all that the mappings say of subjects: these, the rows of ``unattached``, and those of
    ``quarantine``.

    ``previous`` are the aliases of earlier runs: what has an id keeps it. ``above`` are the largest
    ids ever given, by kind. Where the sources are the same, so are the tables.
    """
    of_kind: dict[SubjectKind, list[records.Subjects]] = {
        "enterprise": [], "person": [], "role": [],
    }  # fmt: skip
    for one in subjects:
        of_kind[one.kind].append(one)
    known = Known(previous, above)
    waiting = Waiting()
    contradictions = Contradictions()
    tables: dict[str, pa.Table] = {}
    known.describe([*of_kind["enterprise"], *of_kind["person"]])
    for kind in ENDS:
        tables[kind] = merged([_part(one, known) for one in of_kind[kind]])
    roles = attached(of_kind["role"], known, waiting)
    known.describe(roles)
    links, parts = linked(roles, known, contradictions)
    tables["role"] = with_links(merged(parts), links)
    tables["ancestor"] = _ancestors(of_kind["enterprise"], known, waiting, contradictions)
    assert known.alias is not None
    tables["alias"] = known.alias
    return Subjects(tables, known, links), waiting.table(), contradictions.table()


def taken_over(tables: Mapping[str, pa.Table]) -> Subjects:
    """The same from the tables of a version."""
    now = {kind: tables[kind]["id"].to_numpy() for kind in SUBJECT_KINDS}
    known = Known(tables["alias"], {}, {kind: ids[firsts(ids)] for kind, ids in now.items()})
    return Subjects(tables, known, links_of(tables["role"]))


def _part(subjects: records.Subjects, known: Known) -> Part:
    ids = integers(known.ids(subjects.kind, subjects.source, subjects.keys["key"]))
    return Part.of(ids, subjects.keys["valid_from"], subjects.attributes)


def _ancestors(
    enterprises: Sequence[records.Subjects],
    known: Known,
    waiting: Waiting,
    contradictions: Contradictions,
) -> pa.Table:
    """The tree of groups. An enterprise's parent is the newest that the first mapping gives."""
    parent_of: dict[int, int] = {}
    for one in enterprises:
        parents = known.ids("enterprise", one.source, one.keys["parent"])
        waiting.add(
            "parent", one.keys["key"], "enterprise", one.source, one.keys["parent"], parents
        )
        newest = _part(one, known)
        rows = newest.newest()
        above = integers(parents)[rows]
        for child, parent in zip(newest.ids[rows].tolist(), above.tolist(), strict=True):
            if parent:
                parent_of.setdefault(child, parent)
    children = np.fromiter(parent_of, np.int64, len(parent_of))
    parents = np.fromiter(parent_of.values(), np.int64, len(parent_of))
    circle = in_a_circle(children, parents)
    deep = np.zeros(len(children), dtype=bool)
    deep[~circle] = too_deep(children[~circle], parents[~circle])
    for wrong, reason in (
        (circle, "the companies above it lead back to it: it is left without a parent"),
        (deep, f"more than {DEEPEST} companies stand above it: it is left without a parent"),
    ):
        for one in enterprises if wrong.any() else ():
            mine = integers(known.ids("enterprise", one.source, one.keys["key"]))
            bad = np.isin(mine, children[wrong]) & present(one.keys["parent"])
            contradictions.add(one.source, one.keys, bad, one.place_of, reason)
    sound = ~circle & ~deep
    return ancestors(children[sound], parents[sound])
