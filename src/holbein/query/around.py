"""The subjects that a subject is related to: roles, people, enterprises, the group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import Condition, Measure, Relation, SubjectKind
from holbein.engine.base import column, table, whole
from holbein.query.query import Query


def related(
    query: Query, kind: SubjectKind, id: int, relation: Relation
) -> tuple[SubjectKind, list[int]]:
    """Their kind, and their ids ascending, as quantifiers and roll-ups mean them."""
    target = TARGETS.get((kind, relation), "person")  # the people of an enterprise, of a roll-up
    if relation in ("parent", "root", "subsidiary", "descendant"):
        return target, _group(query, id, relation)
    ids = _roles(query, kind, id, ever=relation == "role_ever")
    if target == "role":
        return target, ids["id"]
    return target, sorted({one for one in ids[target] if one is not None})


def asked(
    query: Query,
    kind: SubjectKind,
    ids: list[int],
    measures: Mapping[str, Measure],
    conditions: Mapping[str, Condition],
) -> dict[int, Mapping[str, Any]]:
    """What measures and conditions say of each of some subjects."""
    if not ids:
        return {}
    rows = query.measures(kind, measures, ids, conditions).to_pylist()
    return {row["id"]: row for row in rows}


def _roles(query: Query, kind: SubjectKind, id: int, *, ever: bool) -> dict[str, list[Any]]:
    if kind == "enterprise":
        found = query.roles(enterprise=id, ever=ever)
    elif kind == "person":
        found = query.roles(person=id, ever=ever)
    else:
        names = ("id", "enterprise", "person")
        select = exp.select(*(column(one) for one in names)).distinct().from_(table("role"))
        found = query.reader.query(select.where(exp.EQ(this=column("id"), expression=whole(id))))
    listed: dict[str, list[Any]] = found.select(["id", "enterprise", "person"]).to_pydict()
    return listed


def _group(query: Query, id: int, relation: Relation) -> list[int]:
    above, below = query.family(id)
    match relation:
        case "parent":
            return above[:1]
        case "root":
            return [above[-1] if above else id]
        case "subsidiary":
            return below
    links = exp.select(column("enterprise")).from_(table("ancestor"))
    rows = query.reader.query(links.where(exp.EQ(this=column("ancestor"), expression=whole(id))))
    return sorted(rows["enterprise"].to_pylist())
