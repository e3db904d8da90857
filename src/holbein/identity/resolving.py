"""``resolve``: what was collected as the tables of a version, with ids in place of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from holbein.conditions.tree import SubjectKind
from holbein.identity.facts import imported_tables, stream_table
from holbein.identity.groups import DEEPEST, ancestors, in_a_circle, too_deep
from holbein.identity.known import Known, integers, present
from holbein.identity.roles import ENDS, attached, linked, with_links
from holbein.identity.states import Part, merged
from holbein.identity.waiting import Contradictions, Waiting
from holbein.records import Collected, Subjects


def resolve(
    collected: Collected, previous: pa.Table | None, above: Mapping[str, int]
) -> dict[str, pa.Table]:
    """The tables ``enterprise``, ``person``, ``role``, ``ancestor``, ``alias``, ``stream.NAME``,
    ``imported.KIND``, ``unattached`` and ``quarantine``, as ``docs/internals.md`` describes them.

    ``previous`` are the aliases of earlier runs: what has an id keeps it. ``above`` are the largest
    ids ever given, by kind. Where the sources are the same, so are the tables.
    """
    of_kind: dict[SubjectKind, list[Subjects]] = {"enterprise": [], "person": [], "role": []}
    for one in collected.subjects:
        of_kind[one.kind].append(one)
    known = Known(previous, above)
    waiting = Waiting()
    contradictions = Contradictions(collected.quarantine)
    tables: dict[str, pa.Table] = {}

    known.describe([*of_kind["enterprise"], *of_kind["person"]])
    for kind in ENDS:
        tables[kind] = merged([_part(one, known) for one in of_kind[kind]])
    roles = attached(of_kind["role"], known, waiting)
    known.describe(roles)
    links, parts = linked(roles, known, contradictions)
    tables["role"] = with_links(merged(parts), links)
    tables["ancestor"] = _ancestors(of_kind["enterprise"], known, waiting, contradictions)
    for facts in collected.facts:
        tables[f"stream.{facts.stream}"] = stream_table(
            facts, known, links, waiting, contradictions
        )
    for kind, table in imported_tables(collected.lists, known, waiting).items():
        tables[f"imported.{kind}"] = table
    assert known.alias is not None
    tables["alias"] = known.alias
    tables["unattached"] = waiting.table()
    tables["quarantine"] = contradictions.table()
    return tables


def _part(subjects: Subjects, known: Known) -> Part:
    ids = integers(known.ids(subjects.kind, subjects.source, subjects.keys["key"]))
    return Part.of(ids, subjects.keys["valid_from"], subjects.attributes)


def _ancestors(
    enterprises: Sequence[Subjects],
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
