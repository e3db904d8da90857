"""What each mapping wants of its table: one list of columns, for looking and for reading alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from holbein.catalog.definitions import (
    ColumnMapping,
    Definitions,
    PersonOfRole,
    RoleMapping,
    SourceDefinition,
    StreamMapping,
    SubjectMapping,
)
from holbein.catalog.mappings import RESERVED_COLUMNS
from holbein.collect.folders import check_all
from holbein.collect.origins import Opened, no_column
from holbein.collect.raw import snake_case
from holbein.collect.seen import Seen
from holbein.collect.units import Table, Unit
from holbein.conditions.tree import SubjectKind
from holbein.errors import HolbeinError, SourceError

AnyMapping = SubjectMapping | RoleMapping | StreamMapping
WHERE: Mapping[SubjectKind, str] = {
    "enterprise": "enterprises", "person": "people", "role": "roles",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """A mapping with its table at hand, of one unit or of several (of a stream only).

    ``values``: the attributes or stream columns it fills, by name; ``person_values``: those of
    the people that a mapping of roles brings along. ``names``: all columns to read. ``skipped``:
    columns of the table that the mapping does not use, and why, where that is not plain.
    """

    source: str
    kind: SubjectKind | None
    """None: a stream."""
    stream: str | None
    mapping: AnyMapping
    table: Table
    values: Mapping[str, ColumnMapping]
    person_values: Mapping[str, ColumnMapping]
    names: tuple[str, ...]
    skipped: Mapping[str, str]

    @property
    def units(self) -> tuple[Unit, ...]:
        return self.table.units

    @property
    def folder(self) -> bool:
        """Whether the table is a folder of files."""
        return self.table.folder

    def place_of(self, name: str) -> str:
        """Where the definition speaks of an attribute or column."""
        if self.stream is not None:
            return self.mapping.place_of("columns", name)
        return self.mapping.place_of(name)


def all_wanted(definitions: Definitions, seen: Seen) -> Iterator[Wanted]:
    """Every mapping in the order of declaration, its columns checked. Raises SourceError."""
    for source in definitions.sources:
        opened = Opened(source, definitions.folder)
        for kind, mappings in _subjects(source):
            for mapping in mappings:
                yield _of_subject(source.source, kind, mapping, _Table(opened, mapping, seen))
        for name, stream in source.streams.items():
            yield _of_stream(source.source, name, stream, _Table(opened, stream, seen))


class _Table:
    """A mapping's table, and which columns its units have."""

    def __init__(self, opened: Opened, mapping: AnyMapping, seen: Seen) -> None:
        self.table = opened.table(mapping, apart=isinstance(mapping, StreamMapping))
        self.first = self.table.units[0]
        self._mapping = mapping
        self._seen = seen
        self.known = self.known_of(self.first)
        """The columns of the first file, which the others must have as well."""

    def known_of(self, unit: Unit) -> list[str]:
        """The names of all columns. What is wrong with a query shows here, and gets its place."""

        def look() -> list[str]:
            return [one.name for one in unit.origin.columns()]

        try:
            found: list[str] = self._seen.of(["columns", unit.state], look)
        except SourceError as error:
            raise self._placed(error) from error
        return found

    def check(self, column: str, place: str) -> None:
        """Raises SourceError where the table has no such column."""
        if column not in self.known:
            raise no_column(self.first.origin, self.known, column, place)

    def check_others(self, names: Sequence[str]) -> None:
        """Raises SourceError where a file behind the first lacks a column."""
        for unit in self.table.units[1:]:
            try:
                check_all(unit.label, self.known_of(unit), names)
            except SourceError as error:
                raise self._placed(error) from error

    def _placed(self, error: SourceError) -> HolbeinError:
        place = self._mapping.place_of("sql" if self._mapping.sql is not None else "table")
        return error.at(place) if place and error.place is None else error


def _subjects(
    source: SourceDefinition,
) -> Iterator[tuple[SubjectKind, Sequence[SubjectMapping | RoleMapping]]]:
    yield "enterprise", source.enterprises
    yield "person", source.people
    yield "role", source.roles


def _of_subject(
    source: str, kind: SubjectKind, mapping: SubjectMapping | RoleMapping, table: _Table
) -> Wanted:
    used: dict[str, str] = {}
    values = dict(mapping.attributes)
    person_values: dict[str, ColumnMapping] = {}
    keys: dict[str, Sequence[str] | str | None] = {"valid_from": mapping.valid_from}
    if isinstance(mapping, RoleMapping):
        keys |= {
            "id": mapping.id, "enterprise": mapping.enterprise, "person": mapping.person_id,
            "since": mapping.since, "until": mapping.until,
        }  # fmt: skip
        if isinstance(mapping.person, PersonOfRole):
            person_values = dict(mapping.person.attributes)
            for name, one in person_values.items():
                used.setdefault(one.column, mapping.person.place_of(name))
    else:
        keys |= {"id": mapping.id, "parent": mapping.parent}
    _note_keys(used, keys, mapping)
    for name, one in values.items():
        used.setdefault(one.column, mapping.place_of(name))
    return _checked(
        Wanted(source, kind, None, mapping, table.table, values, person_values, tuple(used), {}),
        used, table, {},
    )  # fmt: skip


def _note_keys(
    used: dict[str, str], keys: Mapping[str, Sequence[str] | str | None], mapping: AnyMapping
) -> None:
    for key, columns in keys.items():
        for column in (columns,) if isinstance(columns, str) else columns or ():
            used.setdefault(column, mapping.place_of(key))


def _of_stream(source: str, name: str, mapping: StreamMapping, table: _Table) -> Wanted:
    used: dict[str, str] = {}
    _note_keys(
        used,
        {
            "key": mapping.key, "at": mapping.at, "known_at": mapping.known_at,
            "enterprise": mapping.enterprise, "person": mapping.person, "role": mapping.role,
        },
        mapping,
    )  # fmt: skip
    for column, when in mapping.known.items():
        used.setdefault(when, mapping.place_of("known", column))
    why: dict[str, str] = {}
    if mapping.columns is not None:
        values = dict(mapping.columns)
        for column, one in values.items():
            used.setdefault(one.column, mapping.place_of("columns", column))
    else:
        values = _every_other(table.known, used, why)
        for column in mapping.known:
            if column not in values:
                place = mapping.place_of("known")
                raise no_column(table.first.origin, values, column, place)
        used |= {one.column: "" for one in values.values()}
    if name == "event" and "name" not in values:
        raise SourceError(
            "the stream event needs a column `name`: what happened",
            place=mapping.place or None,
            hint="add columns: {name: COLUMN}",
        )
    return _checked(
        Wanted(source, None, name, mapping, table.table, values, {}, tuple(used), {}),
        used, table, why,
    )  # fmt: skip


def _every_other(
    known: Sequence[str], used: Mapping[str, str], why: dict[str, str]
) -> dict[str, ColumnMapping]:
    """The columns that no key uses, named in snake_case."""
    values: dict[str, ColumnMapping] = {}
    for column in known:
        if column in used:
            continue
        name = snake_case(column)
        if not name or name in RESERVED_COLUMNS or name in values:
            said = "taken by another column" if name in values else "no name for a column"
            why[column] = f"{name or column!r} is {said}: list it under columns"
        else:
            values[name] = ColumnMapping(column=column)
    return values


def _checked(
    wanted: Wanted, used: Mapping[str, str], table: _Table, why: Mapping[str, str]
) -> Wanted:
    for column, place in used.items():
        table.check(column, place)
    table.check_others(wanted.names)
    skipped = {one: why.get(one, "") for one in table.known if one not in used}
    return replace(wanted, skipped=skipped)
