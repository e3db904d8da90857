"""Enterprises, people and roles: rows of a source as typed tables, keyed by the source's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.definitions import ColumnMapping, PersonOfRole, RoleMapping, SubjectMapping
from holbein.catalog.inspection import Column, Inspection
from holbein.collect.collected import Subjects
from holbein.collect.convert import Typed, convert, days, instants
from holbein.collect.keys import keys_of
from holbein.collect.raw import Mask, Raw, chunked, valid_mask
from holbein.collect.rejects import Rejects
from holbein.collect.wanted import Wanted
from holbein.refine.doubles import later_doubles

_KINDS = {"boolean": "yes or no", "number": "a number", "date": "a date"}


def reading_fails(column: str, wanted: Column) -> str:
    """The reason of a value that is no such thing."""
    if wanted.money:
        return f"{column} is not an amount of money"
    return f"{column} is not {_KINDS.get(wanted.type, 'text')}"


class Taking:
    """One mapping's rows, while those that can't be used are put aside one reason after another."""

    def __init__(self, wanted: Wanted, raw: Raw, zone: ZoneInfo, rejects: Rejects) -> None:
        self.wanted = wanted
        self.raw = raw
        self.zone = zone
        self.rejects = rejects
        self.keep: Mask = np.ones(raw.table.num_rows, dtype=bool)
        rejects.add_unread(wanted.source, raw)

    def reject(self, bad: Mask, reason: str) -> None:
        """Puts whole rows aside."""
        rows = np.flatnonzero(bad & self.keep)
        if len(rows):
            self.rejects.add(self.wanted.source, self.raw, rows.tolist(), reason)
            self.keep[rows] = False

    def note(self, bad: Mask, reason: str) -> None:
        """Notes that a value of a row is missing because it can't be read."""
        rows = np.flatnonzero(bad & self.keep)
        self.rejects.add(self.wanted.source, self.raw, rows.tolist(), reason)

    def key(self, columns: Sequence[str], *, needed: bool = True) -> pa.ChunkedArray:
        """The keys in ``columns``; rows whose key can't be used, or is needed and missing, go."""
        found = keys_of(self.raw.table, columns)
        names = ", ".join(columns)
        self.reject(found.bad, f"{names} holds NUL or bytes that are no text")
        if needed:
            self.reject(~valid_mask(found.values), f"{names} is missing")
        return found.values

    def time(self, column: str | None) -> pa.ChunkedArray:
        """A column of instants, or nothing but missing; rows that can't be read go."""
        if column is None:
            return chunked(pa.nulls(self.raw.table.num_rows, pa.timestamp("us")))
        found = instants(self.raw.table.column(column), self.zone)
        self.reject(found.bad, f"{column} is not a date from year 1 to 9999")
        return found.values

    def doubles(self, keys: pa.ChunkedArray, what: str) -> None:
        """Of the rows with one key the first stays; equal ones go silently."""
        places = np.flatnonzero(self.keep)
        table = self.raw.table
        if len(places) < len(self.keep):
            keys, table = keys.filter(pa.array(self.keep)), table.filter(pa.array(self.keep))
        same, other = later_doubles(keys, table)
        if other:
            gone = np.zeros(len(self.keep), dtype=bool)
            gone[places[other]] = True
            self.reject(gone, f"an earlier row with other values has the same {what}")
        if same:
            self.keep[places[same]] = False

    def rows(self) -> pa.Array:
        """The numbers of the rows that are left."""
        return pa.array(np.flatnonzero(self.keep).astype(np.int64))

    def kept(self, columns: Mapping[str, pa.ChunkedArray]) -> pa.Table:
        """The rows that are left."""
        table = _table(columns, len(self.keep))
        return table if self.keep.all() else table.filter(pa.array(self.keep))


def _table(columns: Mapping[str, pa.ChunkedArray], count: int) -> pa.Table:
    if columns:
        return pa.table(dict(columns))
    return pa.table({"_": pa.nulls(count)}).select([])


def take_subjects(
    wanted: Wanted, raw: Raw, inspection: Inspection, zone: ZoneInfo, rejects: Rejects
) -> list[Subjects]:
    """The subjects of one mapping; of a mapping of roles also the people that it brings along."""
    taking = Taking(wanted, raw, zone, rejects)
    mapping = wanted.mapping
    if isinstance(mapping, RoleMapping):
        return _roles(taking, mapping, inspection)
    assert isinstance(mapping, SubjectMapping)
    assert wanted.kind is not None
    keys = {"key": taking.key(mapping.id), "valid_from": taking.time(mapping.valid_from)}
    if mapping.valid_from is None:
        taking.doubles(keys["key"], ", ".join(mapping.id))
    if wanted.kind == "enterprise":
        if mapping.parent is not None:
            keys["parent"] = keys_of(raw.table, mapping.parent).values
        else:
            keys["parent"] = chunked(pa.nulls(raw.table.num_rows, pa.string()))
    values = _attributes(taking, wanted.values, inspection.attributes[wanted.kind])
    return [_subjects(taking, wanted.kind, keys, values, mapping.valid_from is not None)]


def _roles(taking: Taking, mapping: RoleMapping, inspection: Inspection) -> list[Subjects]:
    wanted = taking.wanted
    enterprise = taking.key(mapping.enterprise)
    person = taking.key(mapping.person_id)
    keys = {
        "key": taking.key(mapping.key),
        "valid_from": taking.time(mapping.valid_from),
        "enterprise": enterprise,
        "person": person,
    }
    history = mapping.valid_from is not None
    if not history:
        taking.doubles(keys["key"], ", ".join(mapping.key))
    for name, column in (("since", mapping.since), ("until", mapping.until)):
        keys[name] = _day(taking, name, column)
    values = _attributes(taking, wanted.values, inspection.attributes["role"])
    found = []
    if isinstance(mapping.person, PersonOfRole):
        described = _attributes(taking, wanted.person_values, inspection.attributes["person"])
        people = {"key": person, "valid_from": keys["valid_from"]}
        made = _subjects(taking, "person", people, described, history)
        found.append(made if history else _one_row_each(made, taking))
    found.append(_subjects(taking, "role", keys, values, history))
    return found


def _day(taking: Taking, name: str, column: str | None) -> pa.ChunkedArray:
    if column is None:
        return chunked(pa.nulls(taking.raw.table.num_rows, pa.date32()))
    found = days(taking.raw.table.column(column), taking.zone)
    taking.note(found.bad, reading_fails(column, Column(name, "date")))
    return found.values


def _attributes(
    taking: Taking, wanted: Mapping[str, ColumnMapping], columns: Mapping[str, Column]
) -> dict[str, pa.ChunkedArray]:
    values: dict[str, pa.ChunkedArray] = {}
    for name, mapping in wanted.items():
        found: Typed = convert(taking.raw.table.column(mapping.column), columns[name], taking.zone)
        if not found.sound:
            taking.note(found.bad, reading_fails(mapping.column, columns[name]))
        values[name] = found.values
    return values


def _subjects(
    taking: Taking, kind: Any, keys: Mapping[str, pa.ChunkedArray],
    values: Mapping[str, pa.ChunkedArray], history: bool,
) -> Subjects:  # fmt: skip
    kept = taking.kept(keys)
    return Subjects(
        kind, taking.wanted.source, kept.add_column(1, "row", taking.rows()),
        taking.kept(values), history, taking.raw.place_of,
    )  # fmt: skip


def _one_row_each(people: Subjects, taking: Taking) -> Subjects:
    """People of several roles come in several rows: of each attribute the first value stays."""
    codes = people.keys.column("key").combine_chunks().dictionary_encode()
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.unify_dictionaries().combine_chunks()
    places = codes.indices.to_numpy()
    count = len(codes.dictionary)
    if count == len(places):
        return people
    firsts = np.unique(places, return_index=True)[1]
    rows = people.keys.column("row").to_numpy()
    values = {}
    for name in people.attributes.column_names:
        column = people.attributes.column(name)
        full = np.flatnonzero(valid_mask(column))
        found, index = np.unique(places[full], return_index=True)
        chosen = np.full(count, -1, dtype=np.int64)
        chosen[found] = full[index]
        values[name] = chunked(column.take(pa.array(chosen, mask=chosen < 0)))
        if not pa.types.is_list(column.type):
            differs = pc.not_equal(column, values[name].take(pa.array(places)))
            bad = rows[np.flatnonzero(pc.fill_null(differs, False).to_numpy())]
            reason = f"an earlier row gives the same person another {name}, which stays"
            taking.rejects.add(taking.wanted.source, taking.raw, bad.tolist(), reason)
    return Subjects(
        people.kind, people.source, people.keys.take(pa.array(firsts)),
        _table(values, count), people.history, people.place_of,
    )  # fmt: skip
