"""A glance at one unit: what a mapping's columns hold in it, as far as types are concerned."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from holbein.catalog.definitions import ColumnMapping, RoleMapping, StreamMapping
from holbein.catalog.inspection import Column, Habit
from holbein.catalog.standard import codes_for
from holbein.collect.convert import habit_of
from holbein.collect.guess import guess
from holbein.collect.made_of import FORMAT
from holbein.collect.raw import Looked, as_text, chunked, distinct, present_text
from holbein.collect.seen import Seen
from holbein.collect.units import Unit
from holbein.collect.wanted import AnyMapping, Wanted
from holbein.errors import SourceError
from holbein.refine.codes import code_list
from holbein.release import release


@dataclass(frozen=True)
class Found:
    """What a column looks like. ``empty``: no value was there to guess from."""

    column: Column
    empty: bool


@dataclass(frozen=True)
class Glance:
    """``values`` and ``person_values`` as in ``Wanted``; ``readings``: how columns that are times
    are read, where that is not plain; ``habits`` by column, of a table of several files."""

    notes: tuple[str, ...] = ()
    values: Mapping[str, Found] = field(default_factory=dict)
    person_values: Mapping[str, Found] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    habits: Mapping[str, Habit] = field(default_factory=dict)


def glance(wanted: Wanted, unit: Unit, seen: Seen) -> Glance:
    """Looks at a unit, unless it was seen. Raises SourceError."""
    columns = {name: one.column for name, one in wanted.values.items()}
    mapping = wanted.mapping.model_dump(mode="json")
    made_of = [
        FORMAT,
        release(),
        wanted.source,
        unit.state,
        columns,
        mapping,
        wanted.folder,
    ]
    return _loaded(seen.of(made_of, lambda: dataclasses.asdict(_look(wanted, unit))))


def _loaded(note: Mapping[str, Any]) -> Glance:
    found = {
        what: {
            name: Found(Column(**one["column"]), one["empty"]) for name, one in note[what].items()
        }
        for what in ("values", "person_values")
    }
    return Glance(
        tuple(note["notes"]),
        **found,
        readings=note["readings"],
        events=tuple(note["events"]),
        habits={name: Habit(**one) for name, one in note["habits"].items()},
    )


def _look(wanted: Wanted, unit: Unit) -> Glance:
    every = {**wanted.values, **{f"person {k}": v for k, v in wanted.person_values.items()}}
    names = dict.fromkeys(one.column for one in every.values() if one.type is None)
    if wanted.stream == "event":
        names[wanted.values["name"].column] = None
    times = _times(wanted.mapping)
    names |= dict.fromkeys(times)
    if wanted.folder:
        names |= dict.fromkeys(one.column for one in every.values())
    try:
        # One column at least: that the rows can be read at all is worth knowing now.
        looked = unit.origin.look(list(names) or list(wanted.names[:1]))
    except SourceError as error:
        raise error.at(wanted.mapping.place) if wanted.mapping.place else error from error
    events = wanted.values["name"].column if wanted.stream == "event" else None
    values = _all(wanted, wanted.values, looked)
    habits = {}
    if wanted.folder and wanted.stream is not None:
        typed = {wanted.values[name].column: one.column for name, one in values.items()}
        typed |= {name: Column(name, "date") for name in times}
        every_habit = {name: habit_of(looked.table[name], one) for name, one in typed.items()}
        habits = {name: one for name, one in every_habit.items() if one is not None}
    return Glance(
        looked.notes,
        values,
        _all(wanted, wanted.person_values, looked),
        _readings(times, looked),
        () if events is None else tuple(sorted(_names(looked, events))),
        habits,
    )


def _times(mapping: AnyMapping) -> list[str]:
    """The columns that are read as dates or times because of what they are for."""
    if isinstance(mapping, StreamMapping):
        times = [mapping.at, mapping.known_at, *mapping.known.values()]
    elif isinstance(mapping, RoleMapping):
        times = [mapping.valid_from, mapping.since, mapping.until]
    else:
        times = [mapping.valid_from]
    return list(dict.fromkeys(one for one in times if one is not None))


def _readings(times: list[str], looked: Looked) -> dict[str, str]:
    readings = {}
    for name in times:
        values = looked.table.column(name)
        if pa.types.is_string(values.type) and not looked.whole:
            values = chunked(looked.distinct(name))
        made = guess(name, values, None)
        if made.type == "date" and made.note.startswith("dates, taken as"):
            readings[name] = made.note
    return readings


def _all(wanted: Wanted, values: Mapping[str, ColumnMapping], looked: Looked) -> dict[str, Found]:
    stored = {one.name: one.declared for one in looked.columns}
    found = {}
    for name, mapping in values.items():
        event_name = wanted.stream == "event" and name == "name"
        one = _found(name, mapping, looked, stored, event_name=event_name)
        if wanted.stream is None:
            column = dataclasses.replace(one.column, money=False)
            one = dataclasses.replace(one, column=column)
        found[name] = one
    return found


def _found(
    name: str, mapping: ColumnMapping, looked: Looked, stored: Mapping[str, str | None],
    *, event_name: bool,
) -> Found:  # fmt: skip
    if mapping.type is not None:
        kind = "number" if mapping.type == "money" else mapping.type
        codes = codes_for(name, mapping.codes) if kind in ("category", "categories") else None
        return Found(Column(name, kind, mapping.type == "money", codes), False)
    codes = codes_for(name, mapping.codes)
    if event_name:
        return Found(Column(name, "category", note="names of events"), False)
    if mapping.codes not in (None, "none"):
        return Found(Column(name, "category", codes=codes), False)
    values = looked.table.column(mapping.column)
    declared = stored.get(mapping.column)
    made = guess(mapping.column, values, declared)
    texts = made.type != "category" and pa.types.is_string(values.type)
    if not looked.whole and (made.empty or texts):
        values = chunked(looked.distinct(mapping.column))
        made = guess(mapping.column, values, declared)
    if codes is not None and made.type in ("category", "number"):
        note = f"{made.note}; {_looked_up(values, codes)}"
        return Found(Column(name, "category", codes=codes, note=note), made.empty)
    return Found(Column(name, made.type, made.money, None, made.note), made.empty)


def _looked_up(values: pa.ChunkedArray, codes: str) -> str:
    """How many labels a code list knows, and some that it does not."""
    resolve = code_list(codes).resolve
    labels = distinct(present_text(as_text(values))).to_pylist()
    unknown = [one for one in labels if resolve(one) is None]
    told = f"looked up in {codes}, which knows {len(labels) - len(unknown)} of {len(labels)}"
    if not unknown:
        return told
    some = ", ".join(one[:40] for one in unknown[:3])
    return f"{told}; not {some}" + (", …" if len(unknown) > 3 else "")


def _names(looked: Looked, column: str) -> set[str]:
    values = looked.table.column(column) if looked.whole else chunked(looked.distinct(column))
    known = distinct(present_text(as_text(values))).to_pylist()
    return {one for one in known if printable(one)}


def printable(text: str) -> bool:
    """Whether a text holds no control characters, as an event's name must not."""
    return not any(unicodedata.category(one) == "Cc" for one in text)
