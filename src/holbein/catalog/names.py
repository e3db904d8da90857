"""Who is called what: names that clash, and what conditions may speak of before there are tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias, cast, get_args

from holbein.catalog.definitions import Definitions
from holbein.catalog.inspection import Column, Inspection
from holbein.catalog.mappings import (
    RESERVED_ATTRIBUTES,
    RESERVED_OF_ROLES,
    ColumnMapping,
    PersonOfRole,
    RoleMapping,
    SubjectMapping,
    not_titled,
)
from holbein.catalog.problems import Problems
from holbein.catalog.standard import STANDARD_VALUES, titles_of
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import (
    AudienceSpec,
    CodeList,
    FieldSpec,
    Language,
    StreamSpec,
    Titles,
    Vocabulary,
)
from holbein.errors import near
from holbein.refine.codes import code_list

_ROLE_DATES = ("since", "until")


def check_names(
    definitions: Definitions,
    inspection: Inspection,
    lists: Mapping[str, SubjectKind],
    problems: Problems,
) -> None:
    """Notes every name that another one already has, sources that nobody declares, and titles of
    values of columns that turn out to have none."""
    _attributes(definitions, problems)
    _titled_values(definitions, inspection, problems)
    _tags(definitions, inspection, problems)
    _streams(definitions, inspection, problems)
    taken = {name.lower(): name for name in lists}
    for audience in definitions.audiences:
        if found := taken.get(audience.audience.lower()):
            problems.add(
                f"audience {audience.audience!r} is named like the list {found!r}",
                audience.place,
                "rename one of them",
            )
    sources = {source.source for source in definitions.sources}
    for tag in definitions.tags:
        named = tag.imported.source if tag.imported is not None else None
        if named is not None and named not in sources:
            problems.add(
                f"tag {tag.tag!r}: there is no source {named!r}",
                tag.place_of("imported", "source"),
                near(named, sources) or "the sources are " + (", ".join(sorted(sources)) or "none"),
            )


def _attributes(definitions: Definitions, problems: Problems) -> None:
    """Several mappings may give one attribute, but not under names that differ only in case."""
    seen: dict[tuple[SubjectKind, str], tuple[str, str]] = {}
    for kind, mapping in _mappings(definitions):
        for name, one in mapping.attributes.items():
            place = one.place or mapping.place_of(name)
            first, where = seen.setdefault((kind, name.lower()), (name, place))
            if first != name:
                problems.add(
                    f"the attribute {name!r} of kind {kind} differs only in case from {first!r} "
                    f"at {where}",
                    place,
                    "write both alike",
                )


def _titled_values(definitions: Definitions, inspection: Inspection, problems: Problems) -> None:
    for owner, name, one in _columns(definitions):
        _, of_stream, stream = owner.partition("stream.")
        if of_stream:
            found = inspection.streams[stream].columns.get(name)
        else:
            found = inspection.attributes.get(cast(SubjectKind, owner), {}).get(name)
        if not one.values or found is None:
            continue
        wrong = not_titled(one.values, found.type)
        if found.codes is not None:
            wrong = f"the {found.codes} have their titles already", "leave values out"
        if wrong is not None:
            problems.add(f"{owner}.{name}: {wrong[0]}", one.place, wrong[1])


def _mappings(
    definitions: Definitions,
) -> Iterator[tuple[SubjectKind, SubjectMapping | RoleMapping | PersonOfRole]]:
    for source in definitions.sources:
        for enterprises in source.enterprises:
            yield "enterprise", enterprises
        for people in source.people:
            yield "person", people
        for role in source.roles:
            yield "role", role
            if isinstance(role.person, PersonOfRole):
                yield "person", role.person


def _tags(definitions: Definitions, inspection: Inspection, problems: Problems) -> None:
    attributes = {
        kind: {name.lower(): name for name in inspection.attributes.get(kind, {})}
        for kind in SUBJECT_KINDS
    }
    attributes["role"].update({name: name for name in _ROLE_DATES})
    for tag in definitions.tags:
        reserved = RESERVED_OF_ROLES if tag.on == "role" else RESERVED_ATTRIBUTES
        if tag.tag.lower() in reserved:
            problems.add(
                f"no tag can be named {tag.tag!r}: Holbein uses the name itself",
                tag.place,
                "rename it",
            )
        elif found := attributes[tag.on].get(tag.tag.lower()):
            how = "is named like" if found == tag.tag else "differs only in case from"
            problems.add(
                f"tag {tag.tag!r} {how} the attribute {found!r} of kind {tag.on}",
                tag.place,
                "rename the tag; an attribute can be used in conditions and portraits as it is",
            )


def _streams(definitions: Definitions, inspection: Inspection, problems: Problems) -> None:
    places = {
        name: stream.place
        for source in definitions.sources
        for name, stream in source.streams.items()
    }
    for name in inspection.streams:
        if name in inspection.events:
            problems.add(
                f"the stream {name!r} is named like an event, so count({name}) could mean both",
                places.get(name, "sources"),
                "rename the stream",
            )


def value_titles(spec: FieldSpec, value: str) -> Titles | None:
    """What a value is called: as declared, by its code, or as such values usually are; or None.

    A standard title is given only where none is declared: it says what a value means, and not which
    values there are.
    """
    declared = {language: one for language, one in spec.values.get(value, {}).items() if one}
    if declared:
        return declared
    if spec.codes is not None:
        codes = spec.codes
        return {language: codes.label(value, language) for language in get_args(Language)}
    if not any(spec.values.values()):
        return STANDARD_VALUES.get(spec.name.lower(), {}).get(value)
    return None


def base_vocabulary(
    definitions: Definitions,
    inspection: Inspection,
    lists: Mapping[str, SubjectKind],
    known: frozenset[str] = frozenset(),
) -> Vocabulary:
    """Attributes, streams, events and static lists: all but tags and dynamic audiences.

    Events that were ``known`` and do not occur any more have no facts, which is no mistake.
    """
    titles, values = _declared(definitions)
    fields: dict[SubjectKind, Mapping[str, FieldSpec]] = {}
    for kind in SUBJECT_KINDS:
        columns = dict(inspection.attributes.get(kind, {}))
        if kind == "role":
            for name in _ROLE_DATES:
                columns.setdefault(name, Column(name, "date"))
        fields[kind] = {
            name: _field(
                one, titles_of(name, titles.get((kind, name), {}), kind), values.get((kind, name))
            )
            for name, one in columns.items()
        }
    streams = {
        name: StreamSpec(
            name,
            found.bears,
            MappingProxyType(
                {
                    column: _field(
                        one,
                        titles_of(column, titles.get((f"stream.{name}", column), {})),
                        values.get((f"stream.{name}", column)),
                    )
                    for column, one in found.columns.items()
                }
            ),
            titles_of(name, titles.get((f"stream.{name}", ""), {})),
        )
        for name, found in inspection.streams.items()
    }
    named = values.get(("stream.event", "name"), {})
    occurred = known.difference(streams) if "event" in streams else frozenset()
    events = {
        name: titles_of(name, named.get(name, {})) for name in sorted(inspection.events | occurred)
    }
    audiences = {
        name: AudienceSpec(name, kind, None, titles_of(name, {})) for name, kind in lists.items()
    }
    return Vocabulary(
        fields, MappingProxyType(streams), MappingProxyType(events), MappingProxyType(audiences)
    )


def _field(column: Column, titles: Titles, values: Mapping[str, Titles] | None) -> FieldSpec:
    codes: CodeList | None = code_list(column.codes) if column.codes is not None else None
    return FieldSpec(column.name, column.type, titles, MappingProxyType(dict(values or {})), codes)


_Where: TypeAlias = tuple[str, str]
"""The kind or ``stream.NAME``, and the column."""


def _declared(
    definitions: Definitions,
) -> tuple[Mapping[_Where, Titles], Mapping[_Where, Mapping[str, Titles]]]:
    """The titles that mappings give to columns and to their values; the first that does counts.

    A stream's own title has the column "".
    """
    titles: dict[_Where, Titles] = {}
    values: dict[_Where, Mapping[str, Titles]] = {}
    for source in definitions.sources:
        for name, stream in source.streams.items():
            titles[f"stream.{name}", ""] = stream.title
    for owner, name, one in _columns(definitions):
        if one.title:
            titles.setdefault((owner, name), one.title)
        if one.values:
            values.setdefault((owner, name), one.values)
    return {where: one for where, one in titles.items() if one}, values


def _columns(definitions: Definitions) -> Iterator[tuple[str, str, ColumnMapping]]:
    """Every column of every mapping, with its kind or ``stream.NAME`` and its name."""
    for kind, mapping in _mappings(definitions):
        for name, one in mapping.attributes.items():
            yield kind, name, one
    for source in definitions.sources:
        for stream_name, stream in source.streams.items():
            for name, one in (stream.columns or {}).items():
                yield f"stream.{stream_name}", name, one
