"""Columns that a subject has through its roles: whom a person works for, who a role is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from holbein.audiences.labels import label
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Language
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.query import Query


def related_names(query: Query, kind: SubjectKind) -> Iterator[str]:
    """All such columns of a kind: ``enterprise``, ``enterprise.name`` …"""
    for other in SUBJECT_KINDS:
        if other != kind:
            yield other
            for name in query.vocabulary.fields[other]:
                yield f"{other}.{name}"


def related_column(
    query: Query, kind: SubjectKind, ids: pa.Array, column: str, language: Language | None = None
) -> pa.Array:
    """One such column for ``ids``, in their order.

    Of a role, the value as text (a role has one enterprise and one person). Of the other kinds a
    list of texts, of current roles only, each once, in the order of the roles' ids.
    """
    other, _, name = column.partition(".")
    target = next(one for one in SUBJECT_KINDS if one == other)
    links = query.snapshot.read("role", ["id", "enterprise", "person", "since", "until"])
    if kind != "role":
        links = links.filter(_current(query, links))
    links = links.rename_columns(["role", "enterprise", "person", "since", "until"])
    # A role has a row for each of its states; links are the same in all of them.
    links = links.select(["role", "enterprise", "person"]).filter(
        pc.is_in(links[kind], value_set=ids)
    )
    links = links.group_by(["role", "enterprise", "person"]).aggregate([]).sort_by("role")
    texts = _texts(query, target, links[target], name, language)
    found: dict[int, dict[str, None]] = {}
    for subject, related in zip(links[kind].to_pylist(), links[target].to_pylist(), strict=True):
        for text in texts.get(related, ()):
            found.setdefault(subject, {})[text] = None
    if kind == "role":
        single = [next(iter(found.get(one, ())), None) for one in ids.to_pylist()]
        return pa.array(single, pa.string())
    lists = [list(found[one]) if one in found else None for one in ids.to_pylist()]
    return pa.array(lists, pa.list_(pa.string()))


def _current(query: Query, links: pa.Table) -> pa.ChunkedArray:
    day = pa.scalar(query.as_of.day, pa.date32())
    begun = pc.fill_null(pc.less_equal(links["since"], day), True)
    return pc.and_(begun, pc.fill_null(pc.greater(links["until"], day), True))


def _texts(
    query: Query,
    kind: SubjectKind,
    ids: pa.ChunkedArray,
    name: str,
    language: Language | None,
) -> dict[int, list[str]]:
    known = pc.unique(ids).drop_null()
    if not name:
        return {one: [format_id(kind, one)] for one in known.to_pylist()}
    spec = query.spec(kind, name)
    values = query.values(kind, [name], known)
    return {
        one: _text(spec, value, language)
        for one, value in zip(values["id"].to_pylist(), values[name].to_pylist(), strict=True)
        if value is not None
    }


def _text(spec: FieldSpec, value: object, language: Language | None) -> list[str]:
    several = value if isinstance(value, list) else [value]
    out = []
    for one in several:
        if isinstance(one, bool):
            out.append("true" if one else "false")
        elif isinstance(one, float) and one == int(one) and abs(one) < 1e15:
            out.append(str(int(one)))
        elif isinstance(one, str) and language is not None:
            out.append(label(spec, one, language))
        else:
            out.append(str(one))
    return out
