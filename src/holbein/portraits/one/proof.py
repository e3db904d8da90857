"""The proof of a tag: its figures through the tags that it uses, down to the very facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from holbein.catalog.behind import Basis, bases
from holbein.catalog.taginfo import TagInfo
from holbein.conditions.tree import Aggregate, Field, SubjectKind, walk
from holbein.conditions.vocabulary import Language
from holbein.errors import NotFoundError
from holbein.portraits.held import note_of
from holbein.portraits.names import named
from holbein.portraits.one.evidence import Evidence, Figure, Wanted, definition, evidence
from holbein.portraits.one.timeline import happening
from holbein.portraits.plain import plain_json
from holbein.portraits.speech import Speech, language_of
from holbein.query.facts_of import OwnFact
from holbein.query.own import Own
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.query import Query


@dataclass(frozen=True)
class FactLine:
    """A fact: its stream and key, the local moment, its columns as they are, and it in words."""

    stream: str
    key: str
    at: dt.datetime
    columns: Mapping[str, object]
    title: str
    text: str


@dataclass(frozen=True)
class ProvenFigure:
    """A figure, and all the facts that it looks at, newest first."""

    figure: Figure
    facts: tuple[FactLine, ...] = ()


@dataclass(frozen=True)
class Step:
    """A tag, its value for the subject, and the figures that its definition speaks of."""

    tag: str
    title: str
    value: object
    text: str
    definition: str
    note: str
    """What a reader is told of a held tag, whose figures of now prove nothing; else empty."""
    figures: tuple[ProvenFigure, ...]


@dataclass(frozen=True)
class Proof:
    """A tag of a subject and, after it, each tag that it uses of the same subject."""

    kind: SubjectKind
    id: str
    name: str
    steps: tuple[Step, ...]
    language: Language
    as_of: dt.date
    version: str

    def as_json(self) -> dict[str, Any]:
        """The proof as JSON values: dates as ISO text, missing as null."""
        out = plain_json(self)
        assert isinstance(out, dict)
        return out


def proof(query: Query, kind: SubjectKind, id: int, tag: str, language: str = "en") -> Proof:
    """Why a subject has its value of a tag. Raises NotFoundError where there is no such tag or
    subject."""
    query.tag(kind, tag)
    speech = Speech(language_of(language), query.vocabulary)
    rows = query.values(kind, list(query.vocabulary.fields[kind]), [id]).to_pylist()
    if not rows:
        raise NotFoundError(f"there is no {kind} {format_id(kind, id)}")
    own = Own(query, kind, id, rows[0])
    tags = list(_used(query, own, tag, rows[0]))
    found = evidence(
        query,
        speech,
        own,
        {
            name: Wanted(
                definition(query.tags[kind, name], speech),
                rows[0][name],
                speech.value(query.spec(kind, name), rows[0][name]),
            )
            for name in tags
        },
        whole=True,
    )
    return Proof(
        kind,
        format_id(kind, id),
        named(query, kind, [id])[id].name,
        tuple(_step(own, speech, query.tags[kind, n], rows[0][n], found[n]) for n in tags),
        speech.language,
        query.as_of.day,
        query.version,
    )


def _used(query: Query, own: Own, tag: str, values: Mapping[str, object]) -> Iterator[str]:
    """The tag and all of the same subject that it rests on, each once, those nearest first."""
    waiting, seen = [tag], {tag}
    while waiting:
        name = waiting.pop(0)
        yield name
        own_fields = _own_fields(bases(query.tags[own.kind, name], values[name], query.vocabulary))
        for kind, used in query.tags[own.kind, name].uses:
            if kind == own.kind and used in own_fields and used not in seen:
                seen.add(used)
                waiting.append(used)


def _own_fields(listed: Iterable[Basis]) -> set[str]:
    """The attributes and tags that are asked of the subject itself."""
    asked = [one.asked for one in listed]
    asked += [one.around.of for one in listed if one.around is not None and one.around.own]
    return {
        node.name
        for one in asked
        if one is not None
        for node in walk(one)
        if isinstance(node, Field)
    }


def _step(own: Own, speech: Speech, info: TagInfo, value: object, why: Evidence) -> Step:
    spec = own.query.spec(own.kind, info.tag)
    figures: tuple[ProvenFigure, ...] = ()
    if info.held is None:
        asked = bases(info, value, own.query.vocabulary)
        figures = tuple(
            ProvenFigure(
                figure,
                tuple(_line(own, speech, one) for one in reversed(own.facts(basis.asked)))
                if isinstance(basis.asked, Aggregate)
                else (),
            )
            for basis, figure in zip(asked, why.figures, strict=True)
        )
    return Step(
        info.tag,
        speech.field_title(spec),
        value,
        speech.value(spec, value) or speech.t("missing"),
        why.definition,
        note_of(info, own.query.tags, speech),
        figures,
    )


def _line(own: Own, speech: Speech, one: OwnFact) -> FactLine:
    zone = ZoneInfo(own.query.snapshot.manifest.zone)
    told = happening(one, speech)
    return FactLine(
        one.stream,
        one.fact.key,
        one.fact.at.replace(tzinfo=dt.UTC).astimezone(zone),
        one.fact.values,
        told.title,
        told.text,
    )
