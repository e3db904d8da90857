"""What one subject's own facts say, without a question to the engine for each measure.

The facts that as-of sees are read once. Measures over them are then worked out here, after the
reference evaluator: of one subject there are few, and to ask an engine for a hundred figures takes
longer to write down than to answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlglot import exp

from holbein.conditions import reference
from holbein.conditions.spans import in_window
from holbein.conditions.tree import Aggregate, Measure, SubjectKind, Window
from holbein.conditions.world import Fact, RoleLink, State, Value, World
from holbein.engine.base import column, whole
from holbein.engine.facts import FactRows
from holbein.query.query import Query

_BORNE = ("enterprise", "person", "role")


@dataclass(frozen=True)
class OwnFact:
    """A fact of a stream, with the local day on which it happened."""

    stream: str
    day: dt.date
    fact: Fact


class Own:
    """One subject: its facts, and the values of bound measures."""

    def __init__(
        self, query: Query, kind: SubjectKind, id: int, values: Mapping[str, object]
    ) -> None:
        """``values`` are its attributes and tags, as ``query.values`` tells them."""
        self.query = query
        self.kind: SubjectKind = kind
        self.id = id
        self.values: Mapping[str, Value] = {
            name: _plain(values.get(name)) for name in query.vocabulary.fields[kind]
        }
        self._streams: dict[str, list[OwnFact]] = {}
        self._named: dict[tuple[str, str | None], list[OwnFact]] = {}
        self._within: dict[tuple[Window | None, Window | None, dt.date], bool] = {}

    # --- facts ----------------------------------------------------------------------------------

    def newest(self, limit: int | None = None) -> list[OwnFact]:
        """The newest facts of all streams, newest first."""
        return self._all[:limit]

    @cached_property
    def _all(self) -> list[OwnFact]:
        streams = self.query.vocabulary.streams
        named = (name for name, stream in streams.items() if self.kind in stream.bears)
        found = [one for name in named for one in self._of_stream(name)]
        return sorted(found, key=lambda one: one.fact.order, reverse=True)

    def facts(self, measure: Aggregate) -> list[OwnFact]:
        """The facts that an aggregate looks at, oldest first."""
        source = self.query.vocabulary.source(measure.stream)
        if source is None or self.kind not in source[0].bears:
            return []
        stream, event = source[0].name, source[1]
        window, before, where = measure.window, measure.before, measure.where
        found = self._of_event(stream, event)
        if window is not None or before is not None:
            found = [one for one in found if self._is_within(one, window, before)]
        if where is None:
            return found
        as_of, vocabulary = self.query.as_of, self.query.vocabulary
        return [
            one
            for one in found
            if reference.fact_meets(where, stream, one.fact, self._bare, as_of, vocabulary)
        ]

    def _is_within(self, one: OwnFact, window: Window | None, before: Window | None) -> bool:
        as_of = self.query.as_of
        if (window or before) is None or (window and window.elapsed) or (before and before.elapsed):
            return in_window(one.fact.at, one.day, window, before, as_of)
        key = window, before, one.day
        if key not in self._within:  # by whole days, so that all facts of a day are alike
            self._within[key] = in_window(one.fact.at, one.day, window, before, as_of)
        return self._within[key]

    def _of_event(self, stream: str, event: str | None) -> list[OwnFact]:
        if event is None:
            return self._of_stream(stream)
        if (stream, event) not in self._named:
            found = [o for o in self._of_stream(stream) if o.fact.values.get("name") == event]
            self._named[stream, event] = found
        return self._named[stream, event]

    def _of_stream(self, name: str) -> list[OwnFact]:
        if name not in self._streams:
            self._streams[name] = sorted(self._read(name), key=lambda one: one.fact.order)
        return self._streams[name]

    def _read(self, name: str) -> Iterable[OwnFact]:
        stream = self.query.vocabulary.streams[name]
        columns = [one for one in stream.columns if one != "at"]
        compiler = self.query.reader.compiler()
        me = exp.select(exp.alias_(whole(self.id), "id", quoted=True))
        facts = FactRows(compiler.some(self.kind, self.query.as_of, me), name)
        borne = [one for one in _BORNE if one in stream.bears]
        fixed = ("key", "at", "known_at", "day", *borne)
        asked: list[exp.Expr] = [
            exp.alias_(column(one, "f"), f"fact.{one}", quoted=True) for one in fixed
        ]
        asked += [exp.alias_(facts.value(one), one, quoted=True) for one in columns]
        # Said once more of the fact itself, so that the engine can skip what is of others.
        mine = exp.EQ(this=column(self.kind, "f"), expression=whole(self.id))
        rows = self.query.reader.query(compiler.finish(facts.rows(asked).where(mine))).to_pylist()
        for row in rows:
            fact = Fact(
                str(row["fact.key"]),
                row["fact.at"],
                row["fact.known_at"],
                row.get("fact.enterprise"),
                row.get("fact.person"),
                row.get("fact.role"),
                {one: _plain(row[one]) for one in columns if row[one] is not None},
                {},  # what could not be known yet is missing already
            )
            yield OwnFact(name, row["fact.day"], fact)

    # --- measures -------------------------------------------------------------------------------

    def value(self, measure: Measure) -> Value:
        """The value of a measure that asks nothing of related subjects; None where missing."""
        if isinstance(measure, Aggregate):
            kept = self.facts(measure)
            source = self.query.vocabulary.source(measure.stream)
            assert source is not None
            name = source[0].name
            bare = Aggregate(measure.name, name, measure.column)
            return self._ask(
                bare, replace(self._bare, streams={name: tuple(one.fact for one in kept)})
            )
        return self._ask(measure, self._bare)

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


def _plain(value: object) -> Value:
    """A value of a table as the reference evaluator has it."""
    if isinstance(value, list):
        return tuple(value)
    assert value is None or isinstance(value, bool | str | int | float | Decimal | dt.date)
    return value
