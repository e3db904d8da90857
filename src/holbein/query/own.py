"""What a subject's own facts say, without a question to an engine for each measure.

The facts that as-of sees are looked up once. Measures and conditions over them are then worked out
here, by the reference evaluator: of one subject there are few, and to ask an engine for a hundred
figures takes longer to write down than to answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from zoneinfo import ZoneInfo

from holbein.conditions import reference
from holbein.conditions.spans import in_window
from holbein.conditions.tree import (
    Aggregate,
    Became,
    Condition,
    InAudience,
    Measure,
    Node,
    Related,
    RelatedCount,
    RelatedShare,
    SubjectKind,
    Window,
    walk,
)
from holbein.conditions.tree import Sequence as InOrder
from holbein.conditions.world import RoleLink, State, Value, World
from holbein.query.facts_of import FactsOf, OwnFact, plain
from holbein.query.query import Query

_OF_OTHERS = (Related, RelatedCount, RelatedShare, InAudience, Became, InOrder)


def owns(query: Query, kind: SubjectKind, ids: Sequence[int]) -> dict[int, Own]:
    """Those of some subjects that there are, by id. Their facts are looked up together."""
    facts = FactsOf(query.snapshot, query.vocabulary, kind, ids)
    rows = query.values(kind, list(query.vocabulary.fields[kind]), ids).to_pylist()
    return {row["id"]: Own(query, kind, row["id"], row, facts) for row in rows}


def is_own(node: Node) -> bool:
    """Whether ``Own`` can answer a measure or condition: whether it asks nothing of other subjects,
    nor of what earlier runs found, nor for an order of steps."""
    return not any(isinstance(one, _OF_OTHERS) for one in walk(node))


class Own:
    """One subject: its facts, and the values of bound measures."""

    def __init__(
        self,
        query: Query,
        kind: SubjectKind,
        id: int,
        values: Mapping[str, object],
        facts: FactsOf | None = None,
    ) -> None:
        """``values`` are its attributes and tags, as ``query.values`` tells them; ``facts`` those
        of several subjects that are looked up together."""
        self.query = query
        self.kind: SubjectKind = kind
        self.id = id
        self.values: Mapping[str, Value] = {
            name: plain(values.get(name)) for name in query.vocabulary.fields[kind]
        }
        self._facts = facts or FactsOf(query.snapshot, query.vocabulary, kind, [id])
        self._named: dict[tuple[str, str], list[OwnFact]] = {}
        self._days: dict[tuple[Window | None, Window | None], dict[dt.date, bool]] = {}

    # --- facts ----------------------------------------------------------------------------------

    def newest(self, limit: int | None = None) -> list[OwnFact]:
        """The newest facts of all streams, newest first."""
        return self._all[:limit]

    @cached_property
    def _all(self) -> list[OwnFact]:
        streams = self.query.vocabulary.streams
        named = (name for name, stream in streams.items() if self.kind in stream.bears)
        found = [one for name in named for one in self._facts.of(self.id, name)]
        return sorted(found, key=lambda one: one.fact.order, reverse=True)

    def facts(self, measure: Aggregate) -> Sequence[OwnFact]:
        """The facts that an aggregate looks at, oldest first."""
        source = self.query.vocabulary.source(measure.stream)
        if source is None or self.kind not in source[0].bears:
            return []
        stream, event = source[0].name, source[1]
        window, before, where = measure.window, measure.before, measure.where
        found = self._within(self._of_event(stream, event), window, before)
        if where is None:
            return found
        as_of, vocabulary = self.query.as_of, self.query.vocabulary
        return [
            one
            for one in found
            if reference.fact_meets(where, stream, one.fact, self._bare, as_of, vocabulary)
        ]

    def _within(
        self, facts: Sequence[OwnFact], window: Window | None, before: Window | None
    ) -> Sequence[OwnFact]:
        """Those in a window; by whole days, as most are, all facts of a day are alike."""
        given, as_of = window or before, self.query.as_of
        if given is None:
            return facts
        if given.elapsed or (before is not None and before.elapsed):
            return [o for o in facts if in_window(o.fact.at, o.day, window, before, as_of)]
        inside = self._days.setdefault((window, before), {})
        for one in facts:
            if one.day not in inside:
                inside[one.day] = in_window(one.fact.at, one.day, window, before, as_of)
        return [one for one in facts if inside[one.day]]

    def _of_event(self, stream: str, event: str | None) -> Sequence[OwnFact]:
        facts = self._facts.of(self.id, stream)
        if event is None:
            return facts
        if (stream, event) not in self._named:
            self._named[stream, event] = [o for o in facts if o.fact.values.get("name") == event]
        return self._named[stream, event]

    # --- measures -------------------------------------------------------------------------------

    def value(self, measure: Measure) -> Value:
        """The value of a measure that ``is_own``; None where it is missing."""
        if isinstance(measure, Aggregate):
            kept = self.facts(measure)
            source = self.query.vocabulary.source(measure.stream)
            assert source is not None
            name = source[0].name
            bare = Aggregate(measure.name, name, measure.column)
            return self._ask(
                bare, replace(self._bare, streams={name: tuple(one.fact for one in kept)})
            )
        return self._ask(measure, self._with_facts(measure))

    def meets(self, condition: Condition) -> bool:
        """Whether a condition that ``is_own`` is true of it."""
        world = self._with_facts(condition)
        as_of, vocabulary = self.query.as_of, self.query.vocabulary
        return reference.matches(condition, self.kind, self.id, world, as_of, vocabulary)

    def _with_facts(self, node: Node) -> World:
        """What a measure or condition can ask: the subject, and its facts of the streams in it."""
        asked = {one.stream for one in walk(node) if isinstance(one, Aggregate)}
        found = (self.query.vocabulary.source(one) for one in asked)
        streams = {one[0].name for one in found if one is not None}
        if not streams:
            return self._bare
        facts = {name: tuple(o.fact for o in self._facts.of(self.id, name)) for name in streams}
        return replace(self._bare, streams=facts)

    def _ask(self, measure: Measure, world: World) -> Value:
        as_of, vocabulary = self.query.as_of, self.query.vocabulary
        return reference.value(measure, self.kind, self.id, world, as_of, vocabulary)

    @cached_property
    def _bare(self) -> World:
        fields = self.query.vocabulary.fields[self.kind]
        tags = {one: value for one, value in self.values.items() if fields[one].is_tag}
        attributes = {one: value for one, value in self.values.items() if one not in tags}
        since, until = (self.values.get(one) for one in ("since", "until"))
        link = RoleLink(
            enterprise=0,  # nothing is asked of related subjects here
            person=0,
            since=since if isinstance(since, dt.date) else None,
            until=until if isinstance(until, dt.date) else None,
        )
        return World(
            zone=ZoneInfo(self.query.snapshot.manifest.zone),
            states={self.kind: {self.id: (State(None, None, attributes),)}},
            roles={self.id: link} if self.kind == "role" else {},
            parents={},
            streams={},
            tags={self.kind: {self.id: tags}},
            audiences={},
            changes=(),
        )
