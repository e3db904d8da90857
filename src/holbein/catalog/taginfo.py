"""What a version says of its tags beside their types and titles, which the vocabulary holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pydantic

from holbein.catalog.kinds import Definition, Guard
from holbein.conditions.tree import Condition, SubjectKind
from holbein.conditions.vocabulary import Titles


@dataclass(frozen=True)
class Held:
    """Why a tag could not be computed, and of when its values are: of the run as of the end of
    ``day``; None where it has none. ``fits``: whether its definition does, so that the reason lies
    in the values alone.
    """

    reason: str
    day: dt.date | None = None
    fits: bool = True

    def as_json(self) -> dict[str, str | None]:
        """Plain data for those who ask; the day as text."""
        return {"reason": self.reason, "day": str(self.day) if self.day is not None else None}


@dataclass(frozen=True)
class TagInfo:
    """A tag as a run published it.

    ``definition`` is bound; it reads the tags ``uses`` and asks for ``audiences``. ``words`` is it
    in words, by language. ``written`` is a hash of
    its definition in the files. ``meaning`` is a hash of what its values mean, which in a held tag
    are those of an earlier run. ``behind`` are the held tags that it depends on.
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
    written: str = ""
    meaning: str = ""
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


def with_meanings(infos: Iterable[TagInfo]) -> list[TagInfo]:
    """Tags in dependency order, each with the meaning that values computed now have.

    Those of held tags are not computed now: they keep the meaning that they have.
    """
    known: dict[tuple[SubjectKind, str], str] = {}
    out = []
    for info in infos:
        key = info.on, info.tag
        known[key] = info.meaning if info.held is not None else meaning(info, known)
        out.append(replace(info, meaning=known[key]))
    return out


_DEFINITION: pydantic.TypeAdapter[Definition] = pydantic.TypeAdapter(Definition)
_CONDITION: pydantic.TypeAdapter[Condition] = pydantic.TypeAdapter(Condition)


def meaning(info: TagInfo, known: Mapping[tuple[SubjectKind, str], str]) -> str:
    """A hash of what a tag means: of how it, and all that it uses, is defined. ``known`` are the
    meanings of what it uses.
    """
    parts = [
        _DEFINITION.dump_python(
            info.definition, mode="json", exclude={"limits", "came_from", "came_at"}
        ),
        {name: _CONDITION.dump_python(one, mode="json") for name, one in info.audiences.items()},
        [[*one, known.get(one, "")] for one in sorted(info.uses)],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def same_meaning(
    infos: Mapping[tuple[SubjectKind, str], TagInfo],
    others: Mapping[tuple[SubjectKind, str], TagInfo],
) -> set[tuple[SubjectKind, str]]:
    """The tags whose values mean the same in both: they and all that they use are defined alike."""
    return {
        tag
        for tag, info in infos.items()
        if info.meaning and tag in others and others[tag].meaning == info.meaning
    }
