"""Two groups held against each other, neither of which is the base of the other.

Those who are in both are left out on either side: they are the same on both, so they could not
tell one from the other, and with them the two would not be separate samples. So every figure of the
first is of those only in it, and every figure of the second of those only in that; how many are in
both is told. What is tested, and what is told of it, stands in ``contrast``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holbein.conditions.tree import And, Condition, InAudience, Not, Or, SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.portraits.group.contrast import Distribution, NumberSummary, Telling, contrast
from holbein.portraits.group.opening_comparison import compared
from holbein.portraits.group.portrait import TELLING, held_of, in_words
from holbein.portraits.plain import plain_json
from holbein.portraits.speech import Speech, language_of
from holbein.query.comparing import comparable

if TYPE_CHECKING:
    from holbein.query import Query


@dataclass(frozen=True)
class Side:
    """One of two groups: ``only`` so many of its ``size`` are in it alone."""

    title: str | None
    condition: str
    size: int
    only: int


@dataclass(frozen=True)
class Comparison:
    """What tells two groups apart. In ``telling``, ``distributions`` and ``numbers`` the group is
    those only in the first, and the base those only in the second.
    """

    kind: SubjectKind
    first: Side
    second: Side
    both: int
    sentence: str
    language: Language
    telling: tuple[Telling, ...]
    tested: int
    """How many differences were tested, and corrected for."""
    distributions: tuple[Distribution, ...]
    numbers: tuple[NumberSummary, ...]
    as_of: dt.date
    version: str
    held: tuple[str, ...]
    """What a reader is told of tags that could not be computed, or that depend on one."""

    def as_json(self) -> dict[str, Any]:
        """The comparison as JSON values: dates as ISO text, what is missing as null."""
        out = plain_json(self)
        assert isinstance(out, dict)
        return out


def compare(
    query: Query,
    first: str | Condition,
    second: str | Condition,
    kind: SubjectKind,
    language: str = "en",
) -> Comparison:
    """What tells those who meet ``first`` from those who meet ``second``.

    Raises ConditionError for conditions that do not fit the catalogue.
    """
    speech = Speech(language_of(language), query.vocabulary)
    trees = query.bind(first, kind), query.bind(second, kind)
    counted = {
        (row["c0"], row["c1"]): row["count"] for row in query.crossed(kind, trees).to_pylist()
    }
    both = counted.get((True, True), 0)
    only = counted.get((True, False), 0), counted.get((False, True), 0)
    sides = tuple(
        Side(_title(query, speech, tree), in_words(query, speech, kind, tree), one + both, one)
        for tree, one in zip(trees, only, strict=True)
    )
    names = comparable(query.vocabulary, kind)
    apart = And((Or(trees), Not(And(trees))))
    samples = query.sides(kind, names, trees[0], apart)
    found = contrast(query, speech, kind, names, samples, apart=True)
    telling = found.telling[:TELLING]
    return Comparison(
        kind=kind,
        first=sides[0],
        second=sides[1],
        both=both,
        sentence=compared(kind, sides[0], sides[1], both, telling, speech),
        language=speech.language,
        telling=telling,
        tested=found.tested,
        distributions=found.distributions,
        numbers=found.numbers,
        as_of=query.as_of.day,
        version=query.version,
        held=held_of(query, speech, kind, found.shown(), trees),
    )


def _title(query: Query, speech: Speech, tree: Condition) -> str | None:
    """What an audience is called; nothing else has a name."""
    if not isinstance(tree, InAudience):
        return None
    spec = query.vocabulary.audiences[tree.audience]
    titles = spec.titles
    return titles.get(speech.language) or next(iter(titles.values()), None) or spec.name
