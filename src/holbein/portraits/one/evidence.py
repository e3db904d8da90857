"""Why a tag says what it says: its definition in words, the figures, and what is behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holbein.catalog.behind import Around, Basis, bases
from holbein.catalog.taginfo import TagInfo
from holbein.conditions.tree import (
    TRUE,
    Aggregate,
    Field,
    Measure,
    Related,
    RelatedShare,
    Relation,
    SubjectKind,
)
from holbein.conditions.vocabulary import FieldSpec
from holbein.conditions.words import measure_words, words
from holbein.portraits.names import SubjectRef, named
from holbein.portraits.speech import Speech, clean
from holbein.query.around import asked, related

if TYPE_CHECKING:
    from holbein.query import Query
    from holbein.query.own import Own

_DEFINITION = 2_000
"""Characters of a definition in words, which may have many cases."""
_MOST = 12
"""Figures of one tag: a rule with more cases than that says enough with these."""
_NAMED = 10
"""Related subjects that are named behind one figure of a portrait; its proof names them all."""


@dataclass(frozen=True)
class Member:
    """A related subject: whether it met what is asked of it, and what it adds to a roll-up."""

    subject: SubjectRef
    met: bool
    value: object = None
    text: str = ""


@dataclass(frozen=True)
class Members:
    """The related subjects behind a figure, those that met it first."""

    met: int
    all: int
    listed: tuple[Member, ...]


@dataclass(frozen=True)
class Figure:
    """A measure that a tag's definition speaks of, and its value for the subject."""

    words: str
    value: object
    text: str
    facts: int | None = None
    """How many facts the measure looks at; None where it looks at none of a stream's."""
    first: dt.date | None = None
    last: dt.date | None = None
    field: str | None = None
    """The attribute or tag whose value it is."""
    members: Members | None = None
    """The roles or enterprises that it asks; None where it asks none."""


@dataclass(frozen=True)
class Evidence:
    """The definition in the reader's language, and the figures in it."""

    definition: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A tag whose evidence is asked for: its definition in words, and the subject's value."""

    definition: str
    value: object
    text: str


def definition(info: TagInfo, speech: Speech) -> str:
    """How a tag comes about, in the reader's language."""
    found = info.words.get(speech.language) or next(iter(info.words.values()), "")
    return speech.heading(clean(found, _DEFINITION))


def evidence(
    query: Query,
    speech: Speech,
    own: Own,
    wanted: Mapping[str, Wanted],
    *,
    whole: bool = False,
) -> dict[str, Evidence]:
    """The evidence of each tag in ``wanted``; ``whole``: with all figures and related subjects."""
    most = None if whole else _MOST
    asked_of = {
        name: bases(query.tags[own.kind, name], one.value, query.vocabulary)[:most]
        for name, one in wanted.items()
    }
    around = _Surroundings(query, speech, own)
    for listed in asked_of.values():
        for one in listed:
            if one.around is not None:
                around.want(one.around)
    figures = _Figures(query, speech, own, around, None if whole else _NAMED)
    return {
        name: Evidence(
            wanted[name].definition,
            tuple(figures.figure(one, wanted[name]) for one in listed),
        )
        for name, listed in asked_of.items()
    }


class _Figures:
    def __init__(
        self, query: Query, speech: Speech, own: Own, around: _Surroundings, named: int | None
    ) -> None:
        self.query = query
        self.speech = speech
        self.own = own
        self.around = around
        self.named = named

    def figure(self, basis: Basis, tag: Wanted) -> Figure:
        if basis.around is None:
            assert basis.asked is not None
            assert not isinstance(basis.asked, Related)
            return self._own(basis.asked)
        members = self.around.members(basis.around)
        met = sum(one.met for one in members)
        value, text = tag.value, tag.text
        if basis.asked is not None:
            value = _counted(basis.asked, met, len(members))
            text = self.speech.plain(value) or self.speech.t("missing")
        first = sorted(members, key=lambda one: not one.met)[: self.named]
        shown = Members(met, len(members), tuple(first))
        return Figure(self._words(basis), value, text, members=shown)

    def _words(self, basis: Basis) -> str:
        kind, vocabulary, language = self.own.kind, self.query.vocabulary, self.speech.language
        if isinstance(basis.asked, Related):
            return self.speech.heading(words(basis.asked, kind, vocabulary, language))
        if basis.asked is not None:
            return self.speech.heading(measure_words(basis.asked, kind, vocabulary, language))
        around = basis.around
        assert around is not None
        target = self.around.kind(around.relation)
        if around.of is not None:
            return self.speech.heading(measure_words(around.of, target, vocabulary, language))
        return self.speech.heading(words(around.where, target, vocabulary, language))

    def _own(self, measure: Measure) -> Figure:
        value = self.own.value(measure)
        spec = _spec(self.query, self.own.kind, measure)
        shown = list(value) if isinstance(value, tuple) else value
        text = self.speech.value(spec, shown) if spec else self.speech.plain(shown)
        text = text or self.speech.t("missing")
        if isinstance(measure, Field):
            said = self.speech.field_title(self.speech.field(self.own.kind, measure.name))
            return Figure(said, shown, text, field=measure.name)
        said = self._words(Basis(measure))
        if not isinstance(measure, Aggregate):
            return Figure(said, shown, text)
        days = [one.day for one in self.own.facts(measure)]
        return Figure(
            said, shown, text, len(days), min(days, default=None), max(days, default=None)
        )


class _Surroundings:
    """What is asked of related subjects: one question for all of a relation."""

    def __init__(self, query: Query, speech: Speech, own: Own) -> None:
        self.query = query
        self.speech = speech
        self.own = own
        self._wanted: dict[Relation, dict[Around, None]] = {}
        self._ids: dict[Relation, tuple[SubjectKind, list[int]]] = {}
        self._rows: dict[Relation, Mapping[int, Mapping[str, Any]]] = {}
        self._names: dict[Relation, Mapping[int, SubjectRef]] = {}

    def want(self, around: Around) -> None:
        self._wanted.setdefault(around.relation, {})[around] = None

    def kind(self, relation: Relation) -> SubjectKind:
        return self._related(relation)[0]

    def members(self, around: Around) -> list[Member]:
        """The related subjects by their ids, and the subject itself where it counts."""
        relation = around.relation
        kind, ids = self._related(relation)
        if relation not in self._rows:
            self._ask(relation)
        rows, names = self._rows[relation], self._names[relation]
        number = list(self._wanted[relation]).index(around)
        spec = _spec(self.query, kind, around.of) if around.of is not None else None
        out = []
        for one in sorted({*ids, self.own.id}) if around.own else ids:
            if one not in rows:
                continue
            value = rows[one].get(f"of{number}")
            text = self.speech.value(spec, value) if spec else self.speech.plain(value)
            met = around.where == TRUE or bool(rows[one][f"met{number}"])
            out.append(Member(names[one], met, value, text))
        return out

    def _related(self, relation: Relation) -> tuple[SubjectKind, list[int]]:
        if relation not in self._ids:
            self._ids[relation] = related(self.query, self.own.kind, self.own.id, relation)
        return self._ids[relation]

    def _ask(self, relation: Relation) -> None:
        kind, ids = self._related(relation)
        wanted = list(enumerate(self._wanted[relation]))
        met = {f"met{n}": one.where for n, one in wanted if one.where != TRUE}
        of = {f"of{n}": one.of for n, one in wanted if one.of is not None}
        if any(around.own for around in self._wanted[relation]):
            ids = sorted({*ids, self.own.id})
        self._rows[relation] = asked(self.query, kind, ids, of, met)
        self._names[relation] = named(self.query, kind, ids)


def _counted(asked: Measure | Related, met: int, all_: int) -> object:
    if isinstance(asked, RelatedShare):
        return met / all_ if all_ else None
    if isinstance(asked, Related):
        some = {"any": met > 0, "all": all_ > 0 and met == all_, "no": met == 0}
        return some[asked.quantifier]
    return float(met)


def _spec(query: Query, kind: SubjectKind, measure: Measure) -> FieldSpec | None:
    if isinstance(measure, Field):
        return query.vocabulary.fields[kind].get(measure.name)
    if isinstance(measure, Aggregate) and measure.name in ("first", "last", "min", "max"):
        found = query.vocabulary.source(measure.stream)
        return found[0].columns.get(measure.column or "") if found else None
    return None
