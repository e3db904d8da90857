"""Where a subject's numbers stand among all of its kind, from what the version keeps of each tag.

A version keeps the deciles of every number, so that it takes no look at the others: a standing is
told by the tenth. Where many have the same value, that is the middle of the tenths that it fills.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holbein.conditions.tree import SubjectKind

if TYPE_CHECKING:
    from holbein.portraits.one.subject import TagLine
    from holbein.query import Query

MOST = 8
_FEWEST_KNOWN = 20
"""Among fewer, a tenth is a couple of subjects."""


@dataclass(frozen=True)
class Standing:
    """One number, and in which share of those who have it the value is smaller."""

    name: str
    title: str
    text: str
    below: float
    known: int


def standings(query: Query, kind: SubjectKind, tags: Iterable[TagLine]) -> tuple[Standing, ...]:
    """The numbers that stand out most, in their own order; of a sound tag only."""
    return most_telling([one for tag in tags if (one := _of(query, kind, tag)) is not None])


def most_telling(found: Sequence[Standing]) -> tuple[Standing, ...]:
    """Those furthest from the middle, in the order in which they were."""
    kept = sorted(found, key=lambda one: -abs(one.below - 0.5))[:MOST]
    return tuple(one for one in found if one in kept)


def _of(query: Query, kind: SubjectKind, tag: TagLine) -> Standing | None:
    known = query.profiles.get((kind, tag.name))
    value = tag.value
    if known is None or known.profile.spread is None or tag.type != "number":
        return None
    if not isinstance(value, int | float) or not query.tags[kind, tag.name].is_sound:
        return None
    spread = known.profile.spread
    if known.profile.known < _FEWEST_KNOWN or spread.minimum == spread.maximum:
        return None
    deciles = spread.deciles
    lower, upper = bisect_left(deciles, value), bisect_right(deciles, value)
    return Standing(
        tag.name,
        tag.title,
        tag.text,
        (lower + upper + 1) / 2 / (len(deciles) + 1),
        known.profile.known,
    )
