"""Enterprises, people and roles: rows of a source as typed tables, keyed by the source's keys."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.definitions import ColumnMapping, PersonOfRole, RoleMapping, SubjectMapping
from holbein.catalog.inspection import Column, Inspection
from holbein.collect.keys import joined
from holbein.collect.raw import Raw, chunked, valid_mask
from holbein.collect.rejects import Rejects
from holbein.collect.taking import Taking, table_of
from holbein.collect.wanted import Wanted
from holbein.conditions.tree import SubjectKind
from holbein.records import Subjects


def take_subjects(
    wanted: Wanted, raw: Raw, inspection: Inspection, zone: ZoneInfo, rejects: Rejects
) -> list[Subjects]:
    """The subjects of one mapping; of a mapping of roles also the people that it brings along."""
    taking = Taking(wanted.source, raw, zone, rejects)
    mapping = wanted.mapping
    if isinstance(mapping, RoleMapping):
        return _roles(taking, wanted, mapping, inspection)
    assert isinstance(mapping, SubjectMapping)
    assert wanted.kind is not None
    keys = {"key": taking.key(mapping.id), "valid_from": taking.time(mapping.valid_from)}
    _once(taking, keys, mapping)
    if wanted.kind == "enterprise":
        if mapping.parent is not None:
            keys["parent"] = taking.parent(mapping.parent)
        else:
            keys["parent"] = chunked(pa.nulls(raw.table.num_rows, pa.string()))
    values = _attributes(taking, wanted.values, inspection.attributes[wanted.kind])
    return [_subjects(taking, wanted.kind, keys, values, history=mapping.valid_from is not None)]


def _once(
    taking: Taking, keys: Mapping[str, pa.ChunkedArray], mapping: SubjectMapping | RoleMapping
) -> None:
    """One row for each key, or with ``valid_from`` for each key and beginning."""
    id_columns = mapping.key if isinstance(mapping, RoleMapping) else mapping.id
    names = ", ".join(id_columns)
    if mapping.valid_from is None:
        taking.doubles(keys["key"], names)
        return
    begun = pc.fill_null(keys["valid_from"].cast(pa.int64()).cast(pa.string()), "always")
    taking.doubles(joined([keys["key"], begun]), f"{names} and {mapping.valid_from}")


def _roles(
    taking: Taking, wanted: Wanted, mapping: RoleMapping, inspection: Inspection
) -> list[Subjects]:
    enterprise = taking.key(mapping.enterprise)
    person = taking.key(mapping.person_id)
    keys = {
        "key": taking.key(mapping.key),
        "valid_from": taking.time(mapping.valid_from),
        "enterprise": enterprise,
        "person": person,
    }
    history = mapping.valid_from is not None
    _once(taking, keys, mapping)
    for name, column in (("since", mapping.since), ("until", mapping.until)):
        keys[name] = taking.day(column)
    values = _attributes(taking, wanted.values, inspection.attributes["role"])
    found = []
    if isinstance(mapping.person, PersonOfRole):
        described = _attributes(taking, wanted.person_values, inspection.attributes["person"])
        people = {"key": person, "valid_from": keys["valid_from"]}
        found.append(_people(taking, people, described, history=history))
    found.append(_subjects(taking, "role", keys, values, history=history))
    return found


def _attributes(
    taking: Taking, wanted: Mapping[str, ColumnMapping], columns: Mapping[str, Column]
) -> dict[str, pa.ChunkedArray]:
    return {name: taking.value(one.column, columns[name]) for name, one in wanted.items()}


def _subjects(
    taking: Taking,
    kind: SubjectKind,
    keys: Mapping[str, pa.ChunkedArray],
    values: Mapping[str, pa.ChunkedArray],
    *,
    history: bool,
) -> Subjects:
    return Subjects(
        kind,
        taking.source,
        taking.kept(keys).add_column(1, "row", taking.rows()),
        taking.kept(values),
        history,
        taking.raw.place_of,
    )


def _people(
    taking: Taking,
    keys: Mapping[str, pa.ChunkedArray],
    values: Mapping[str, pa.ChunkedArray],
    *,
    history: bool,
) -> Subjects:
    """People of several roles come in several rows: of each attribute the first value stays."""
    people = _subjects(taking, "person", keys, values, history=history)
    texts = people.keys["key"]
    if history:
        begun = pc.fill_null(people.keys["valid_from"].cast(pa.int64()).cast(pa.string()), "")
        texts = joined([texts, begun])
    codes = pa.chunked_array(texts.chunks, pa.string()).combine_chunks().dictionary_encode()
    places = codes.indices.to_numpy()
    count = len(codes.dictionary)
    if count == len(places):
        return people
    firsts = np.unique(places, return_index=True)[1]
    rows = people.keys["row"].to_numpy()
    first_values = {}
    for name in people.attributes.column_names:
        column = people.attributes[name]
        full = np.flatnonzero(valid_mask(column))
        found, index = np.unique(places[full], return_index=True)
        chosen = np.full(count, -1, dtype=np.int64)
        chosen[found] = full[index]
        first_values[name] = chunked(column.take(pa.array(chosen, mask=chosen < 0)))
        if not pa.types.is_list(column.type):
            differs = pc.not_equal(column, first_values[name].take(pa.array(places)))
            bad = rows[np.flatnonzero(pc.fill_null(differs, False).to_numpy())]
            reason = f"an earlier row gives the same person another {name}, which stays"
            taking.rejects.add(taking.source, taking.raw, bad.tolist(), reason)
    return Subjects(
        "person",
        people.source,
        people.keys.take(pa.array(firsts)),
        table_of(first_values, count),
        history,
        people.place_of,
    )
