"""What a version says of its tags beside their types and titles, which the vocabulary holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pydantic

from holbein.conditions.tree import Measure, SubjectKind
from holbein.conditions.vocabulary import Titles


@dataclass(frozen=True)
class TagInfo:
    """A tag as a run published it.

    ``words`` is its definition in words, by language; ``figures`` are the bound measures that the
    definition speaks of.
    """

    tag: str
    on: SubjectKind
    category: tuple[str, ...] = ()
    description: str | None = None
    owner: str | None = None
    sensitivity: str = "internal"
    sentence: str | None = None
    words: Titles = field(default_factory=dict)
    figures: tuple[Measure, ...] = ()


_ADAPTER = pydantic.TypeAdapter(list[TagInfo])


def tag_infos(listed: Iterable[Mapping[str, Any]]) -> dict[tuple[SubjectKind, str], TagInfo]:
    """From a manifest's list, by kind and name."""
    return {(one.on, one.tag): one for one in _ADAPTER.validate_python(list(listed))}


def as_dicts(infos: Iterable[TagInfo]) -> list[dict[str, Any]]:
    """For a manifest."""
    made: list[dict[str, Any]] = _ADAPTER.dump_python(list(infos), mode="json")
    return made
