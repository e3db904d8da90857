"""The portrait of a group against a base: what sets these subjects apart from those.

The group is always a part of the base. Shares are of all its subjects, those without a value
included, so the shares of a category and of "missing" add up to 1. What is tested, and what is
told of it, stands in ``contrast``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holbein.conditions.reading import fields_of
from holbein.conditions.tree import TRUE, Condition, InAudience, SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.conditions.words import words
from holbein.portraits.figures import share
from holbein.portraits.group.areas import Areas, areas
from holbein.portraits.group.contrast import Distribution, NumberSummary, Telling, contrast
from holbein.portraits.group.crosses import Cross, CrossTable, cross_table, telling_crosses
from holbein.portraits.group.opening import opening
from holbein.portraits.held import note_of
from holbein.portraits.plain import plain_json
from holbein.portraits.speech import Speech, language_of
from holbein.query.comparing import comparable

if TYPE_CHECKING:
    from holbein.query import Query

TELLING = 10
"""So many of the differences that were found are told, the clearest first."""


@dataclass(frozen=True)
class GroupPortrait:
    """What the tags and attributes say of a group against a base, in one language."""

    kind: SubjectKind
    condition: str
    """The group in words."""
    base_condition: str | None
    """The base in words; None where it is everyone."""
    title: str | None
    size: int
    base_size: int
    share: float | None
    sentence: str
    language: Language
    telling: tuple[Telling, ...]
    tested: int
    """How many differences were tested, and corrected for."""
    distributions: tuple[Distribution, ...]
    numbers: tuple[NumberSummary, ...]
    as_of: dt.date
    version: str
    held: tuple[str, ...] = ()
    """What a reader is told of tags that could not be computed, or that depend on one."""
    areas: tuple[Areas, ...] = ()
    """Regions and industries, rolled up."""
    crosses: tuple[Cross, ...] = ()
    """The combinations of two tags that tell more than these do alone."""
    cross: CrossTable | None = None
    """All combinations of two tags, where they were asked for."""

    def as_json(self) -> dict[str, Any]:
        """The portrait as JSON values: dates as ISO text, what is missing as null."""
        out = plain_json(self)
        assert isinstance(out, dict)
        return out


def group_portrait(
    query: Query,
    condition: str | Condition,
    kind: SubjectKind,
    base: str | Condition = TRUE,
    language: str = "en",
    *,
    names: Sequence[str] | None = None,
    title: str | None = None,
    cross: tuple[str, str] | None = None,
) -> GroupPortrait:
    """The portrait of those who meet ``condition`` among those who meet ``base``.

    ``names`` limits the attributes and tags looked at; by default all but names and addresses,
    attributes with more than 200 values, which tell subjects apart and not groups, and attributes
    that a tag repeats. ``title`` is what to call the group, such as an audience's title. Of the
    two tags ``cross`` all combinations are given. Raises ConditionError for conditions that do not
    fit the catalogue, NotFoundError for unknown names, and HolbeinError for a tag crossed with
    itself.
    """
    speech = Speech(language_of(language), query.vocabulary)
    bound = query.bind(condition, kind)
    against = query.bind(base, kind)
    if names is None:
        names = comparable(query.vocabulary, kind)
    sides = query.sides(kind, dict.fromkeys([*names, *(cross or ())]), bound, against)
    found = contrast(query, speech, kind, names, sides)
    measured = [one for one in names if query.spec(kind, one).type in ("number", "date")]
    portrait = GroupPortrait(
        kind=kind,
        condition=in_words(query, speech, kind, bound),
        base_condition=None if against == TRUE else in_words(query, speech, kind, against),
        title=title,
        size=found.size,
        base_size=found.base_size,
        share=share(found.size, found.base_size),
        sentence="",
        language=speech.language,
        telling=found.telling[:TELLING],
        tested=found.tested,
        distributions=found.distributions,
        numbers=found.numbers,
        as_of=query.as_of.day,
        version=query.version,
        crosses=telling_crosses(
            query, speech, kind, [one.name for one in found.distributions], sides
        ),
        areas=areas(query, speech, kind, names, sides),
        cross=cross_table(query, speech, kind, cross, sides) if cross is not None else None,
        held=held_of(query, speech, kind, [*found.shown(), *measured], (bound, against)),
    )
    object.__setattr__(portrait, "sentence", opening(portrait, speech))
    return portrait


def held_of(
    query: Query,
    speech: Speech,
    kind: SubjectKind,
    names: Iterable[str],
    conditions: Sequence[Condition],
) -> tuple[str, ...]:
    """What is told of the tags that are shown, and of those that the group is made by."""
    fields = {(kind, one) for one in names}
    fields.update(one for tree in conditions for one in fields_of(tree, kind, query.vocabulary))
    colon = "：" if speech.language == "zh" else ": "
    return tuple(
        speech.field_title(speech.field(info.on, info.tag)) + colon + said
        for key, info in query.tags.items()
        if key in fields and (said := note_of(info, query.tags, speech))
    )


def in_words(query: Query, speech: Speech, kind: SubjectKind, condition: Condition) -> str:
    """A condition as a reader checks it; of an audience alone, what it stands for."""
    if isinstance(condition, InAudience):
        condition = query.vocabulary.audiences[condition.audience].where or condition
    return speech.heading(words(condition, kind, query.vocabulary, speech.language))
