"""Other subjects, by id and name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from holbein.conditions.tree import SubjectKind
from holbein.portraits.speech import clean
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.query import Query


@dataclass(frozen=True)
class SubjectRef:
    """Another subject, by id and name."""

    kind: SubjectKind
    id: str
    name: str


def named(query: Query, kind: SubjectKind, ids: Iterable[int | None]) -> dict[int, SubjectRef]:
    """Subjects by their numbers; one without a name is called by its id, a role by its person."""
    known = sorted({one for one in ids if one is not None})
    names: dict[int, Any] = {}
    if known and kind == "role":
        names = _people(query, known)
    elif known and "name" in query.vocabulary.fields[kind]:
        table = query.values(kind, ["name"], pa.array(known, pa.int64()))
        names = dict(zip(table["id"].to_pylist(), table["name"].to_pylist(), strict=True))
    return {
        one: SubjectRef(
            kind, format_id(kind, one), clean(names.get(one) or "") or format_id(kind, one)
        )
        for one in known
    }


def _people(query: Query, roles: list[int]) -> dict[int, Any]:
    holders = query.holders(roles)
    people = named(query, "person", holders.values())
    return {role: people[person].name for role, person in holders.items() if person is not None}
