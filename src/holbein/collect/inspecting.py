"""``inspect``: what the sources hold, and of what type it is, before any of it is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from holbein.catalog.definitions import Definitions, StreamMapping
from holbein.catalog.inspection import Column, Habit, Inspection, StreamColumns
from holbein.collect.glance import Found, Glance, glance
from holbein.collect.imported import broken_lists
from holbein.collect.seen import Seen
from holbein.collect.units import Unit
from holbein.collect.wanted import Wanted, all_wanted
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.errors import SourceError
from holbein.progress import Progress, quiet


@dataclass(frozen=True)
class _Seen:
    """One mapping's word on an attribute or column; of a folder, that of one ``file``."""

    column: Column
    empty: bool
    place: str
    file: str | None

    @property
    def declared(self) -> bool:
        return self.column.note is None


def inspect(
    definitions: Definitions, seen: Seen | None = None, progress: Progress = quiet
) -> Inspection:
    """Looks at every source: which columns its mappings use, of what types they are, and why.

    What ``seen`` knows already is not read. Raises SourceError, with the place in the definitions,
    where a file, table or column is not there or can't be read.
    """
    seen = seen or Seen()
    attributes: dict[SubjectKind, dict[str, list[_Seen]]] = {kind: {} for kind in SUBJECT_KINDS}
    streams: dict[str, dict[str, list[_Seen]]] = {}
    bears: dict[str, frozenset[SubjectKind]] = {}
    habits: dict[str, dict[str, Habit]] = {}
    events: set[str] = set()
    notes: list[str] = []
    unused = _Unused()
    done = 0
    for wanted in all_wanted(definitions, seen):
        glances = []
        for unit in wanted.units:
            progress("look at the sources", done, None)
            glances.append(glance(wanted, unit, seen))
            done += 1
        unused.add(wanted)
        notes += [one for one in _told(wanted, glances) if one not in notes]
        for unit, one in zip(wanted.units, glances, strict=True):
            if wanted.stream is not None:
                _add(streams.setdefault(wanted.stream, {}), wanted, unit, one.values)
                events.update(one.events)
            else:
                assert wanted.kind is not None
                _add(attributes[wanted.kind], wanted, unit, one.values)
                _add(attributes["person"], wanted, unit, one.person_values)
        if wanted.stream is not None:
            assert isinstance(wanted.mapping, StreamMapping)
            bears[wanted.stream] = wanted.mapping.bears
            habits[wanted.stream] = _habits(glances)
    return Inspection(
        attributes=MappingProxyType(
            {kind: _united(found, f"attribute of {kind}") for kind, found in attributes.items()}
        ),
        streams=MappingProxyType(
            {
                name: StreamColumns(
                    bears[name], _united(found, f"column of stream {name}"), habits[name]
                )
                for name, found in streams.items()
            }
        ),
        events=frozenset(events),
        notes=(*notes, *unused.notes()),
        lists=MappingProxyType(broken_lists(definitions.tags, definitions.folder)),
    )


def _told(wanted: Wanted, glances: Sequence[Glance]) -> Iterator[str]:
    """What is worth knowing of how a table is read."""
    first: dict[str, str] = {}
    more: Counter[str] = Counter()
    for unit, one in zip(wanted.units, glances, strict=True):
        for text in one.notes:
            if first.setdefault(text, unit.label) != unit.label:
                more[text] += 1
    for text, label in first.items():
        behind = f" and {more[text]} more" if more[text] else ""
        yield f"{wanted.source}: {label}{behind}: {text}"
    readings: dict[str, str] = {}
    for one in glances:
        for column, text in one.readings.items():
            if column not in readings or _UNSURE in readings[column]:
                readings[column] = text
    for column, text in readings.items():
        yield f"{wanted.source}: {wanted.table.label}.{column}: {text}"


_UNSURE: Final = "though another order fits"


def _habits(glances: Sequence[Glance]) -> dict[str, Habit]:
    """How the files of a table write a column, told by the first that leaves nothing open."""
    habits: dict[str, Habit] = {}
    for one in glances:
        for column, habit in one.habits.items():
            known = habits.get(column)
            habits[column] = habit if known is None else known.united(habit)
    return habits


def _add(
    found: dict[str, list[_Seen]], wanted: Wanted, unit: Unit, values: Mapping[str, Found]
) -> None:
    file = unit.label if wanted.folder else None
    for name, one in values.items():
        seen = _Seen(one.column, one.empty, wanted.place_of(name), file)
        found.setdefault(name, []).append(seen)


# --- several mappings that speak of the same thing ------------------------------------------------


def _united(found: Mapping[str, list[_Seen]], what: str) -> Mapping[str, Column]:
    lower: dict[str, str] = {}
    for name, seen in found.items():
        other = lower.setdefault(name.lower(), name)
        if other != name:
            raise SourceError(
                f"{other!r} and {name!r}, each {_a(what)}, differ only in case",
                place=seen[0].place or None,
                hint="write them alike",
            )
    return MappingProxyType({name: _one(name, seen, what) for name, seen in found.items()})


def _one(name: str, seen: Iterable[_Seen], what: str) -> Column:
    every = list(seen)
    declared = [one for one in every if one.declared]
    if declared:
        first = declared[0]
        for other in declared[1:]:
            if _form(other) != _form(first):
                raise SourceError(
                    f"{name!r}, {_a(what)}, is declared {other.column.type} here and "
                    f"{first.column.type} elsewhere",
                    place=other.place or None,
                    hint=f"the other place is {first.place}" if first.place else None,
                )
        return first.column
    full = [one for one in every if not one.empty] or every[:1]
    types = {one.column.type for one in full}
    first = full[0]
    if len(types) == 1:
        money = all(one.column.money for one in full)
        codes = next((one.column.codes for one in full if one.column.codes), None)
        return replace(first.column, money=money, codes=codes)
    note = "mappings differ: " + ", ".join(sorted(types)) + "; taken as text"
    other = next(one for one in full if one.column.type != first.column.type)
    if first.file is not None and other.file is not None:
        note = (
            f"{first.file} holds {first.column.type}, and {other.file} {other.column.type}; "
            "taken as text"
        )
    return Column(name, "category", codes=first.column.codes, note=note)


def _form(one: _Seen) -> tuple[str, bool, str | None]:
    return one.column.type, one.column.money, one.column.codes


def _a(what: str) -> str:
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"


class _Unused:
    """Columns that no mapping of their table uses. Several mappings may share one table."""

    def __init__(self) -> None:
        self._skipped: dict[tuple[str, str], dict[str, str]] = {}
        self._used: dict[tuple[str, str], set[str]] = {}

    def add(self, wanted: Wanted) -> None:
        table = (wanted.source, wanted.table.label)
        if wanted.mapping.sql is not None:
            table = (wanted.source, wanted.mapping.place or wanted.mapping.sql)
        self._skipped.setdefault(table, {}).update(wanted.skipped)
        self._used.setdefault(table, set()).update(wanted.names)

    def notes(self) -> list[str]:
        found = []
        for (source, table), skipped in self._skipped.items():
            for column, why in skipped.items():
                if column not in self._used[source, table]:
                    because = f" ({why})" if why else ""
                    found.append(f"{source}: {table}.{column} is not used{because}")
        return found
