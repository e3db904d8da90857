"""The data that the reference evaluator reads: subjects, roles, facts, tags and what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind

Value = None | bool | str | tuple[str, ...] | float | Decimal | dt.date
"""None is missing. Evaluation gives numbers as float, whatever they were in the data."""


@dataclass(frozen=True)
class State:
    """The attributes that a subject had between two instants (UTC); None is open."""

    valid_from: dt.datetime | None
    valid_to: dt.datetime | None
    values: Mapping[str, Value]


@dataclass(frozen=True)
class RoleLink:
    """Who holds a role, where, and from which day until before which day; None is open."""

    enterprise: int
    person: int
    since: dt.date | None
    until: dt.date | None


@dataclass(frozen=True)
class Fact:
    """One row of a stream. Instants are UTC; a role's person and enterprise are filled in.

    ``known`` says for each delayed column when its value could be known (None: never).
    """

    key: str
    at: dt.datetime
    known_at: dt.datetime
    enterprise: int | None
    person: int | None
    role: int | None
    values: Mapping[str, Value]
    known: Mapping[str, dt.datetime | None]

    @property
    def order(self) -> tuple[dt.datetime, str]:
        """The order of facts: by instant, then by key, by Unicode code points."""
        return self.at, self.key

    def bears(self, kind: SubjectKind) -> int | None:
        """The subject of that kind whose key the fact bears."""
        return {"enterprise": self.enterprise, "person": self.person, "role": self.role}[kind]


@dataclass(frozen=True)
class Change:
    """A run as of ``at`` found that a tag of a subject had changed."""

    at: dt.datetime
    kind: SubjectKind
    tag: str
    id: int
    old: Value
    new: Value


@dataclass(frozen=True)
class World:
    """Everything that conditions can ask about. Every subject has at least one state."""

    zone: ZoneInfo
    states: Mapping[SubjectKind, Mapping[int, tuple[State, ...]]]
    roles: Mapping[int, RoleLink]
    parents: Mapping[int, int]
    streams: Mapping[str, tuple[Fact, ...]]
    tags: Mapping[SubjectKind, Mapping[int, Mapping[str, Value]]]
    audiences: Mapping[str, frozenset[int]]
    changes: tuple[Change, ...]

    @cached_property
    def _decimal(self) -> dict[tuple[str, str], bool]:
        return {}

    def is_decimal(self, stream: str, name: str) -> bool:
        """Whether the doubles of a column add up as they are written: none has more than four
        decimals or 2^50 of the smallest unit that any has, nor could all together have 2^53.
        """
        if (stream, name) not in self._decimal:
            facts = self.streams[stream]
            values = [fact.values.get(name) for fact in facts]
            written = [Decimal(repr(one)) for one in values if isinstance(one, float)]
            finite = [one for one in written if one.is_finite()]
            places = max(
                (max(0, -int(one.normalize().as_tuple().exponent)) for one in finite), default=0
            )
            most = max(map(abs, finite), default=Decimal()) * 10**places
            fits = most < 2**50 and most * len(facts) < 2**53
            self._decimal[stream, name] = places <= 4 and fits
        return self._decimal[stream, name]

    @cached_property
    def borne(self) -> Mapping[tuple[str, SubjectKind, int], tuple[Fact, ...]]:
        """The facts of each stream that bear each subject, by (at, key)."""
        found: dict[tuple[str, SubjectKind, int], list[Fact]] = {}
        for stream, facts in self.streams.items():
            for fact in sorted(facts, key=lambda one: one.order):
                for kind in SUBJECT_KINDS:
                    subject = fact.bears(kind)
                    if subject is not None:
                        found.setdefault((stream, kind, subject), []).append(fact)
        return {key: tuple(facts) for key, facts in found.items()}
