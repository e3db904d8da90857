"""Selecting: the subjects that meet a condition, as a table or a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from holbein.audiences.labels import label
from holbein.audiences.pick import Pick, picked
from holbein.audiences.related import related_column, related_names
from holbein.audiences.writer import check, write
from holbein.conditions.tree import Condition, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Language
from holbein.errors import NotFoundError, near
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.query import Query

_OWN = ("id", "key", "keys")
_KEY_OF = "key."


def select(
    query: Query,
    condition: str | Condition,
    kind: SubjectKind,
    columns: Sequence[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    labels: Language | None = None,
    pick: Pick | None = None,
) -> pa.Table | Path:
    """The subjects of ``kind`` that meet a condition, ascending by id; with ``out``, as a file.
    With ``pick`` some of them, in its order.

    ``columns`` are attributes and tags of the kind, and
    ``id``: Holbein's id as text, ``E17``;
    ``key``: the subject's first alias as ``source:key``, sources in the order of their names;
    ``keys``: all its aliases;
    ``key.SOURCE``: its key in one source, as that writes it; the first where it has several;
    of a role, ``enterprise`` and ``person`` (ids) and ``enterprise.NAME``, ``person.NAME``;
    of a person or enterprise, ``role.NAME``, ``enterprise.NAME``, ``person.NAME``: the values
    that its current roles give, each once.
    By default: id, key, and the name; of a role its person's, title, and its enterprise's, as far
    as there are such. Codes and declared values are written as
    they are stored, or with ``labels`` as their titles in a language.
    Raises NotFoundError for an unknown column, HolbeinError for a file that cannot be written.
    """
    if out is not None:
        check(out)
    wanted = list(columns) if columns else _default(query, kind)
    _check_columns(query, kind, wanted)
    bound = query.bind(condition, kind)
    fields = query.vocabulary.fields[kind]
    own = [name for name in wanted if name in fields]
    if pick is None:
        values = query.values(kind, own, bound)
        ids = values["id"].combine_chunks()
    else:
        ids = picked(query, kind, bound, pick)
        values = query.values(kind, own, ids)
        values = values.take(pc.index_in(ids, value_set=values["id"].combine_chunks()))
    aliases = _aliases(query, kind, ids) if _asks_keys(wanted, own) else {}
    arrays: list[pa.Array | pa.ChunkedArray] = []
    for name in wanted:
        if name in fields:
            arrays.append(_labelled(values[name], fields[name], labels))
        elif name == "id":
            arrays.append(pa.array([format_id(kind, one) for one in ids.to_pylist()], pa.string()))
        elif name == "key" or name.startswith(_KEY_OF):
            begins = "" if name == "key" else name.removeprefix(_KEY_OF) + ":"
            first = [_first(aliases.get(one, ()), begins) for one in ids.to_pylist()]
            arrays.append(pa.array(first, pa.string()))
        elif name == "keys":
            every = [aliases.get(one) for one in ids.to_pylist()]
            arrays.append(pa.array(every, pa.list_(pa.string())))
        else:
            arrays.append(related_column(query, kind, ids, name, labels))
    table = pa.table(arrays, names=wanted)
    return table if out is None else write(table, out)


def _default(query: Query, kind: SubjectKind) -> list[str]:
    telling = ["name"] if kind != "role" else ["person.name", "title", "enterprise.name"]
    known = {*query.vocabulary.fields[kind], *related_names(query, kind)}
    return ["id", "key", *(one for one in telling if one in known)]


def _check_columns(query: Query, kind: SubjectKind, wanted: Sequence[str]) -> None:
    known = [*query.vocabulary.fields[kind], *_OWN, *related_names(query, kind)]
    if any(name.startswith(_KEY_OF) for name in wanted):
        sources = pc.unique(query.aliases(kind)["source"]).to_pylist()
        known += [f"{_KEY_OF}{one}" for one in sorted(sources)]
    for place, name in enumerate(wanted):
        if name not in known:
            raise NotFoundError(
                f"there is no column {name[:80]!r} on {kind}",
                hint=near(name, known)
                or "holbein tags lists the tags; id, key and keys are columns too",
            )
        if name in wanted[:place]:
            raise NotFoundError(f"the column {name!r} is named twice", hint="name it once")


def _asks_keys(wanted: Sequence[str], own: Sequence[str]) -> bool:
    named = {*wanted} - {*own}
    return bool({"key", "keys"} & named) or any(one.startswith(_KEY_OF) for one in named)


def _first(keys: Sequence[str], begins: str) -> str | None:
    """The first of the ``source:key`` that begin so, without that beginning."""
    return next((one.removeprefix(begins) for one in keys if one.startswith(begins)), None)


def _aliases(query: Query, kind: SubjectKind, ids: pa.Array) -> Mapping[int, list[str]]:
    out: dict[int, list[str]] = {}
    for row in _rows(query.aliases(kind, ids)):
        out.setdefault(row["id"], []).append(f"{row['source']}:{row['key']}")
    return out


def _rows(table: pa.Table) -> Iterable[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=50_000):
        yield from batch.to_pylist()


def _labelled(
    values: pa.ChunkedArray, spec: FieldSpec, language: Language | None
) -> pa.Array | pa.ChunkedArray:
    if language is None or spec.type not in ("category", "categories"):
        return values
    if spec.type == "category":
        titles = {
            one: label(spec, one, language)
            for one in values.unique().to_pylist()
            if one is not None
        }
        return pa.array([titles.get(one) for one in values.to_pylist()], pa.string())
    lists = [
        None if one is None else [label(spec, each, language) for each in one]
        for one in values.to_pylist()
    ]
    return pa.array(lists, pa.list_(pa.string()))
