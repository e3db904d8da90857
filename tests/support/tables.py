"""A reference world as the tables of a version, so that every engine can be asked about it."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from holbein.conditions.instants import local_day
from holbein.conditions.reference import World
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Vocabulary
from holbein.engine.base import Engine, list_table
from holbein.engine.compile import Layout
from holbein.engine.exact import Exact
from holbein.store.changes import json_texts
from holbein.store.numbers import Decimals, numbers

ARROW: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "category": pa.string(),
    "categories": pa.list_(pa.string()),
    "number": pa.float64(),
    "date": pa.date32(),
}
TIME = pa.timestamp("us")


def tables(world: World, vocabulary: Vocabulary) -> dict[str, pa.Table]:
    """Every table of a version, from a world; static lists as ``list_table`` names them."""
    out = {kind: _states(world, vocabulary, kind) for kind in SUBJECT_KINDS}
    for kind in SUBJECT_KINDS:
        tags = {n: s for n, s in vocabulary.fields.get(kind, {}).items() if s.is_tag}
        values = world.tags.get(kind, {})
        ids = sorted(world.states.get(kind, {}))
        columns: dict[str, Any] = {"id": pa.array(ids, pa.int64())}
        for name, spec in tags.items():
            columns[name] = _array([values.get(one, {}).get(name) for one in ids], spec)
        out[f"tags.{kind}"] = pa.table(columns)
    out["ancestor"] = _ancestors(world)
    for name, spec in vocabulary.streams.items():
        out[f"stream.{name}"] = _stream(world, name, spec.columns)
    for name, ids in world.audiences.items():
        out[list_table(name)] = pa.table({"id": pa.array(sorted(ids), pa.int64())})
    out["changes"] = _changes(world)
    return out


def load(engine: Engine, world: World, vocabulary: Vocabulary) -> Layout:
    """Put a world into an engine; the layout that its compiler needs."""
    made = tables(world, vocabulary)
    for name, table in made.items():
        engine.load(name, table)
    flat = frozenset(
        kind
        for kind in SUBJECT_KINDS
        if all(
            len(states) == 1 and states[0].valid_from is None and states[0].valid_to is None
            for states in world.states.get(kind, {}).values()
        )
    )
    delayed = {name: frozenset(_delayed(world, name)) for name in vocabulary.streams}
    decimals = {
        name: frozenset(
            one.name for one in made[f"stream.{name}"].schema if pa.types.is_decimal(one.type)
        )
        for name in vocabulary.streams
    }
    exact = {name: _exact(made[f"stream.{name}"]) for name in vocabulary.streams}
    return Layout(vocabulary, engine.dialect, flat, delayed, decimals, exact)


def _exact(table: pa.Table) -> Mapping[str, Exact]:
    """What a file of the table would tell of its doubles."""
    file, counted = io.BytesIO(), Decimals(table.schema)
    counted.see(table)
    with pq.ParquetWriter(file, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(counted.told())
    file.seek(0)
    return {name: Exact.of(one) for name, one in numbers([pq.read_metadata(file)]).items()}


def _delayed(world: World, stream: str) -> set[str]:
    return {name for fact in world.streams.get(stream, ()) for name in fact.known}


def _array(values: Iterable[Any], spec: FieldSpec) -> pa.Array:
    listed = [None if one == () or _is_odd(one) else one for one in values]
    if any(isinstance(one, Decimal) for one in listed):
        return pa.array(
            [None if one is None else Decimal(one) for one in listed], pa.decimal128(18, 4)
        )
    return pa.array(listed, ARROW[spec.type])


def _is_odd(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _states(world: World, vocabulary: Vocabulary, kind: SubjectKind) -> pa.Table:
    rows = [(id_, one) for id_, many in sorted(world.states.get(kind, {}).items()) for one in many]
    columns: dict[str, Any] = {
        "id": pa.array([id_ for id_, _ in rows], pa.int64()),
        "valid_from": pa.array([one.valid_from for _, one in rows], TIME),
        "valid_to": pa.array([one.valid_to for _, one in rows], TIME),
    }
    for name, spec in vocabulary.fields.get(kind, {}).items():
        if not spec.is_tag:
            columns[name] = _array([one.values.get(name) for _, one in rows], spec)
    if kind == "role":
        links = [world.roles[id_] for id_, _ in rows]
        columns["enterprise"] = pa.array([one.enterprise for one in links], pa.int64())
        columns["person"] = pa.array([one.person for one in links], pa.int64())
        columns["since"] = pa.array([one.since for one in links], pa.date32())
        columns["until"] = pa.array([one.until for one in links], pa.date32())
    return pa.table(columns)


def _ancestors(world: World) -> pa.Table:
    rows: list[tuple[int, int, int]] = []
    for one in world.parents:
        above, distance = world.parents.get(one), 1
        while above is not None:
            rows.append((one, above, distance))
            above, distance = world.parents.get(above), distance + 1
    names = ("enterprise", "ancestor", "distance")
    types = (pa.int64(), pa.int64(), pa.int32())
    return pa.table(
        {
            n: pa.array([r[i] for r in rows], t)
            for i, (n, t) in enumerate(zip(names, types, strict=True))
        }
    )


def _stream(world: World, name: str, columns: Mapping[str, FieldSpec]) -> pa.Table:
    facts = sorted(world.streams.get(name, ()), key=lambda one: (one.at, one.key))
    out: dict[str, Any] = {
        "key": pa.array([one.key for one in facts], pa.string()),
        "at": pa.array([one.at for one in facts], TIME),
        "known_at": pa.array([one.known_at for one in facts], TIME),
        "day": pa.array([local_day(one.at, world.zone) for one in facts], pa.date32()),
    }
    for kind in SUBJECT_KINDS:
        out[kind] = pa.array([one.bears(kind) for one in facts], pa.int64())
    for column, spec in columns.items():
        if column != "at":
            out[column] = _array([one.values.get(column) for one in facts], spec)
    for column in sorted(_delayed(world, name)):
        known: list[dt.datetime | None] = [one.known.get(column, one.known_at) for one in facts]
        out[f"known.{column}"] = pa.array(known, TIME)
    return pa.table(out)


def _changes(world: World) -> pa.Table:
    def written(value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, Decimal):
            value = float(value)
        array = pa.array([list(value) if isinstance(value, tuple) else value])
        return str(json_texts(pa.chunked_array([array]))[0].as_py())

    changes = world.changes
    return pa.table(
        {
            "at": pa.array([one.at for one in changes], TIME),
            "day": pa.array(
                [local_day(one.at - dt.timedelta(microseconds=1), world.zone) for one in changes],
                pa.date32(),
            ),
            "kind": pa.array([one.kind for one in changes], pa.string()),
            "tag": pa.array([one.tag for one in changes], pa.string()),
            "id": pa.array([one.id for one in changes], pa.int64()),
            "old": pa.array([written(one.old) for one in changes], pa.string()),
            "new": pa.array([written(one.new) for one in changes], pa.string()),
        }
    )
