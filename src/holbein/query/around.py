"""The subjects that a subject is related to: roles, people, enterprises, the group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import Condition, Measure, Relation, SubjectKind
from holbein.conditions.world import Value
from holbein.query.own import is_own, owns
from holbein.query.query import Query
from holbein.query.subjects import FEW


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
    if len(ids) <= FEW and all(map(is_own, (*measures.values(), *conditions.values()))):
        return {
            id: {
                **{name: _listed(own.value(one)) for name, one in measures.items()},
                **{name: own.meets(one) for name, one in conditions.items()},
            }
            for id, own in owns(query, kind, ids).items()
        }
    rows = query.measures(kind, measures, ids, conditions).to_pylist()
    return {row["id"]: row for row in rows}


def _listed(value: Value) -> object:
    """A value as a table has it."""
    return list(value) if isinstance(value, tuple) else value


def _roles(query: Query, kind: SubjectKind, id: int, *, ever: bool) -> dict[str, list[Any]]:
    if kind == "enterprise":
        found = query.roles(enterprise=id, ever=ever)
    elif kind == "person":
        found = query.roles(person=id, ever=ever)
    else:
        found = query.role(id)
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
    return query.descendants(id)
