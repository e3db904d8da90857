"""``inspect``: what the sources hold, and of what type it is, before any of it is taken."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pyarrow as pa

from holbein.catalog.definitions import ColumnMapping, Definitions, RoleMapping, StreamMapping
from holbein.catalog.inspection import Column, Inspection, StreamColumns
from holbein.catalog.standard import codes_for
from holbein.collect.guess import guess
from holbein.collect.imported import broken_lists
from holbein.collect.raw import Looked, as_text, chunked, distinct, present_text
from holbein.collect.wanted import AnyMapping, Wanted, all_wanted
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.errors import SourceError
from holbein.progress import Progress, quiet
from holbein.refine.codes import code_list


@dataclass(frozen=True)
class _Seen:
    """One mapping's word on an attribute or column."""

    column: Column
    empty: bool
    place: str

    @property
    def declared(self) -> bool:
        return self.column.note is None


def inspect(definitions: Definitions, progress: Progress = quiet) -> Inspection:
    """Looks at every source: which columns its mappings use, of what types they are, and why.

    Raises SourceError, with the place in the definitions, where a file, table or column is not
    there or can't be read.
    """
    attributes: dict[SubjectKind, dict[str, list[_Seen]]] = {kind: {} for kind in SUBJECT_KINDS}
    streams: dict[str, dict[str, list[_Seen]]] = {}
    bears: dict[str, frozenset[SubjectKind]] = {}
    events: set[str] = set()
    notes: list[str] = []
    unused = _Unused()
    for done, wanted in enumerate(all_wanted(definitions)):
        progress("look at the sources", done, None)
        looked = _look(wanted)
        unused.add(wanted)
        notes += [
            one for text in looked.notes
            if (one := f"{wanted.source}: {wanted.origin.label}: {text}") not in notes
        ]  # fmt: skip
        notes += [f"{wanted.source}: {one}" for one in _readings(wanted, looked)]
        if wanted.stream is not None:
            assert isinstance(wanted.mapping, StreamMapping)
            found = streams.setdefault(wanted.stream, {})
            bears[wanted.stream] = bears.get(wanted.stream, frozenset()) | wanted.mapping.bears
            _add(found, wanted, wanted.values, looked, money=True)
            if wanted.stream == "event":
                events |= _names(looked, wanted.values["name"].column)
        else:
            assert wanted.kind is not None
            _add(attributes[wanted.kind], wanted, wanted.values, looked)
            _add(attributes["person"], wanted, wanted.person_values, looked)
    return Inspection(
        attributes=MappingProxyType(
            {kind: _united(found, f"attribute of {kind}") for kind, found in attributes.items()}
        ),
        streams=MappingProxyType(
            {
                name: StreamColumns(bears[name], _united(found, f"column of stream {name}"))
                for name, found in streams.items()
            }
        ),
        events=frozenset(events),
        notes=(*notes, *unused.notes()),
        lists=MappingProxyType(broken_lists(definitions.tags, definitions.folder)),
    )


def _look(wanted: Wanted) -> Looked:
    every = {**wanted.values, **{f"person {k}": v for k, v in wanted.person_values.items()}}
    names = dict.fromkeys(one.column for one in every.values() if one.type is None)
    if wanted.stream == "event":
        names[wanted.values["name"].column] = None
    names |= dict.fromkeys(_times(wanted.mapping))
    try:
        # One column at least: that the rows can be read at all is worth knowing now.
        return wanted.origin.look(list(names) or list(wanted.names[:1]))
    except SourceError as error:
        raise error.at(wanted.mapping.place) if wanted.mapping.place else error from error


def _times(mapping: AnyMapping) -> list[str]:
    """The columns that are read as dates or times because of what they are for."""
    if isinstance(mapping, StreamMapping):
        times = [mapping.at, mapping.known_at, *mapping.known.values()]
    elif isinstance(mapping, RoleMapping):
        times = [mapping.valid_from, mapping.since, mapping.until]
    else:
        times = [mapping.valid_from]
    return list(dict.fromkeys(one for one in times if one is not None))


def _readings(wanted: Wanted, looked: Looked) -> Iterator[str]:
    """How such columns are read, where that is not plain."""
    for name in _times(wanted.mapping):
        values = looked.table.column(name)
        if pa.types.is_string(values.type) and not looked.whole:
            values = chunked(looked.distinct(name))
        made = guess(name, values, None)
        if made.type == "date" and made.note.startswith("dates, taken as"):
            yield f"{wanted.origin.label}.{name}: {made.note}"


def _add(
    found: dict[str, list[_Seen]], wanted: Wanted, values: Mapping[str, ColumnMapping],
    looked: Looked, *, money: bool = False,
) -> None:  # fmt: skip
    stored = {one.name: one.declared for one in looked.columns}
    for name, mapping in values.items():
        event_name = wanted.stream == "event" and name == "name"
        seen = _seen(name, mapping, looked, stored, event_name=event_name)
        if not money:
            seen = replace(seen, column=replace(seen.column, money=False))
        found.setdefault(name, []).append(replace(seen, place=wanted.place_of(name)))


def _seen(
    name: str, mapping: ColumnMapping, looked: Looked, stored: Mapping[str, str | None],
    *, event_name: bool,
) -> _Seen:  # fmt: skip
    if mapping.type is not None:
        kind = "number" if mapping.type == "money" else mapping.type
        codes = codes_for(name, mapping.codes) if kind in ("category", "categories") else None
        return _Seen(Column(name, kind, mapping.type == "money", codes), False, "")
    codes = codes_for(name, mapping.codes)
    if event_name:
        return _Seen(Column(name, "category", note="names of events"), False, "")
    if mapping.codes not in (None, "none"):
        return _Seen(Column(name, "category", codes=codes), False, "")
    values = looked.table.column(mapping.column)
    declared = stored.get(mapping.column)
    made = guess(mapping.column, values, declared)
    texts = made.type != "category" and pa.types.is_string(values.type)
    if not looked.whole and (made.empty or texts):
        values = chunked(looked.distinct(mapping.column))
        made = guess(mapping.column, values, declared)
    if codes is not None and made.type in ("category", "number"):
        note = f"{made.note}; {_looked_up(values, codes)}"
        return _Seen(Column(name, "category", codes=codes, note=note), made.empty, "")
    return _Seen(Column(name, made.type, made.money, None, made.note), made.empty, "")


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
        table = (wanted.source, wanted.origin.label)
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
