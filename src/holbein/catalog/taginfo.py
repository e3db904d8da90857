"""What a version says of its tags beside their types and titles, which the vocabulary holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pydantic

from holbein.catalog.kinds import Definition, Guard
from holbein.conditions.tree import Condition, Measure, SubjectKind
from holbein.conditions.vocabulary import Titles


@dataclass(frozen=True)
class Held:
    """Why a tag could not be computed, and of when its values are: of the run as of the end of
    ``day``; None where it never had any.
    """

    reason: str
    day: dt.date | None = None


@dataclass(frozen=True)
class TagInfo:
    """A tag as a run published it.

    ``definition`` is bound; it reads the tags ``uses`` and asks for ``audiences``. ``words`` is it
    in words, by language; ``figures`` are the measures that it speaks of. ``written`` is a hash of
    its definition in the files. ``behind`` are the held tags that it depends on.
    """

    tag: str
    on: SubjectKind
    definition: Definition
    uses: tuple[tuple[SubjectKind, str], ...] = ()
    audiences: Mapping[str, Condition] = field(default_factory=dict)
    category: tuple[str, ...] = ()
    description: str | None = None
    owner: str | None = None
    sensitivity: str = "internal"
    sentence: str | None = None
    guard: Guard | None = None
    words: Titles = field(default_factory=dict)
    figures: tuple[Measure, ...] = ()
    written: str = ""
    held: Held | None = None
    behind: tuple[tuple[SubjectKind, str], ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether its values are those of its run, and so are all that it depends on."""
        return self.held is None and not self.behind


_ADAPTER = pydantic.TypeAdapter(list[TagInfo])


def tag_infos(listed: Iterable[Mapping[str, Any]]) -> dict[tuple[SubjectKind, str], TagInfo]:
    """From a manifest's list, by kind and name."""
    return {(one.on, one.tag): one for one in _ADAPTER.validate_python(list(listed))}


def as_dicts(infos: Iterable[TagInfo]) -> list[dict[str, Any]]:
    """For a manifest."""
    made: list[dict[str, Any]] = _ADAPTER.dump_python(list(infos), mode="json")
    return made


def same_meaning(
    infos: Mapping[tuple[SubjectKind, str], TagInfo],
    others: Mapping[tuple[SubjectKind, str], TagInfo],
) -> set[tuple[SubjectKind, str]]:
    """The tags that mean the same in both: they, and all that they use, are defined alike."""
    known: dict[tuple[SubjectKind, str], bool] = {}

    def alike(tag: tuple[SubjectKind, str]) -> bool:
        if tag not in known:
            mine, other = infos.get(tag), others.get(tag)
            known[tag] = (
                mine is not None
                and other is not None
                and mine.definition == other.definition
                and mine.audiences == other.audiences
                and all(alike(one) for one in mine.uses)
            )
        return known[tag]

    return {tag for tag in infos if alike(tag)}
