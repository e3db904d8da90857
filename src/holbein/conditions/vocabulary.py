"""What a condition may speak of: the names, types and code lists that it is checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol

from holbein.conditions.tree import Condition, SubjectKind

Type = Literal["boolean", "category", "categories", "number", "date"]
Language = Literal["en", "zh"]
Titles = Mapping[str, str]
"""A title by language. Languages may be absent: the reader falls back to another, then the name."""


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class CodeList(Protocol):
    """A tree of codes with labels in both languages: regions, industries."""

    name: str

    def resolve(self, text: str) -> str | None:
        """The code that ``text`` names, as a code or as a label in either language, or None."""

    def parent(self, code: str) -> str | None:
        """The code directly above, or None at the top and for what the list does not hold."""

    def within(self, code: str) -> frozenset[str]:
        """``code`` itself and every code below it."""

    def label(self, code: str, language: Language) -> str:
        """The label of ``code``; what the list does not hold is its own label."""


@dataclass(frozen=True)
class FieldSpec:
    """An attribute, a tag, or a column of a stream."""

    name: str
    type: Type
    titles: Titles = field(default_factory=_nothing)
    values: Mapping[str, Titles] = field(default_factory=_nothing)
    """The titles of declared values; empty where any value may occur."""
    codes: CodeList | None = None
    is_tag: bool = False


@dataclass(frozen=True)
class StreamSpec:
    """A stream, whom its facts bear, and its columns. Every stream also has the date ``at``."""

    name: str
    bears: frozenset[SubjectKind]
    columns: Mapping[str, FieldSpec]
    titles: Titles = field(default_factory=_nothing)


@dataclass(frozen=True)
class AudienceSpec:
    """A saved condition over one subject kind, or (``where`` None) a frozen list."""

    name: str
    kind: SubjectKind
    where: Condition | None
    titles: Titles = field(default_factory=_nothing)


@dataclass(frozen=True)
class Vocabulary:
    """All of it. ``events`` are the names that the stream ``event`` has in its column ``name``."""

    fields: Mapping[SubjectKind, Mapping[str, FieldSpec]]
    streams: Mapping[str, StreamSpec]
    events: Mapping[str, Titles] = field(default_factory=_nothing)
    audiences: Mapping[str, AudienceSpec] = field(default_factory=_nothing)

    def source(self, name: str) -> tuple[StreamSpec, str | None] | None:
        """The stream that ``name`` means, and the event's name where it is an event."""
        if name in self.streams:
            return self.streams[name], None
        if name in self.events and "event" in self.streams:
            return self.streams["event"], name
        return None
