"""What the portrait of one subject holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from holbein.catalog.taginfo import Held
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.portraits.names import SubjectRef
from holbein.portraits.one.committee import Committee
from holbein.portraits.one.evidence import Evidence
from holbein.portraits.one.peers import Peers
from holbein.portraits.one.rhythm import Rhythm
from holbein.portraits.one.standing import Standing
from holbein.portraits.plain import plain_json


@dataclass(frozen=True)
class Line:
    """An attribute and its value, readable."""

    name: str
    title: str
    value: object
    text: str


@dataclass(frozen=True)
class TagLine:
    """A tag that the subject has, and why."""

    name: str
    title: str
    type: str
    value: object
    text: str
    sensitivity: str
    description: str
    evidence: Evidence
    changed: dt.date | None = None
    """When a run last found a new value; None where it never changed."""
    before: str | None = None
    """What it was before that, readable; None where it was missing or never changed."""
    held: Held | None = None
    """Why the run could not compute it, and of when its value is."""
    behind: tuple[str, ...] = ()
    """The held tags that it depends on."""
    note: str = ""
    """What a reader is told of either; empty where all is well."""


@dataclass(frozen=True)
class TagGroup:
    """The tags of one category. ``path`` is readable, outermost first."""

    path: tuple[str, ...]
    tags: tuple[TagLine, ...]


@dataclass(frozen=True)
class RoleLine:
    """A role: the person, the enterprise, and what the person is there. Texts are readable."""

    id: str
    person: SubjectRef | None
    enterprise: SubjectRef | None
    title: str
    department: str
    seniority: str
    buying_role: str
    since: dt.date | None
    until: dt.date | None
    current: bool
    part: str = ""
    """The buying role as the data has it: ``decides``."""


@dataclass(frozen=True)
class Happening:
    """A fact of the timeline, readable."""

    day: dt.date
    stream: str
    key: str
    title: str
    text: str


@dataclass(frozen=True)
class Alias:
    """The key by which a source knows the subject."""

    source: str
    key: str


@dataclass(frozen=True)
class SubjectPortrait:
    """What a version says of one subject, in one language."""

    kind: SubjectKind
    id: str
    name: str
    sentence: str
    """Empty where no attribute or tag has a place in it."""
    language: Language
    attributes: tuple[Line, ...]
    categories: tuple[TagGroup, ...]
    roles: tuple[RoleLine, ...]
    ancestors: tuple[SubjectRef, ...]
    """Nearest first."""
    subsidiaries: tuple[SubjectRef, ...]
    subsidiary_count: int
    timeline: tuple[Happening, ...]
    """Newest first."""
    aliases: tuple[Alias, ...]
    as_of: dt.date
    version: str
    committee: Committee | None = None
    """Who acts for an enterprise; None for others, and where nobody is known."""
    rhythm: Rhythm | None = None
    standings: tuple[Standing, ...] = ()
    siblings: tuple[SubjectRef, ...] = ()
    """The other subsidiaries of the same parent."""
    sibling_count: int = 0
    peers: Peers | None = None
    """None where nothing says who its peers are."""

    def as_json(self) -> dict[str, Any]:
        """The portrait as JSON values: dates as ISO text, missing as null."""
        out = plain_json(self)
        assert isinstance(out, dict)
        return out
