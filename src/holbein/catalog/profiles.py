"""What a version keeps of each tag's values: how many there are, and how they are spread.

Two profiles of a tag are compared label by label and bin by bin, by the population stability index:
Lewis, *An Introduction to Credit Scoring* (1994); Siddiqi, *Credit Risk Scorecards* (2006). Their
rule of thumb is that below 0.1 nothing has happened, and above 0.25 the population has shifted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pydantic

from holbein.conditions.tree import SubjectKind

EMPTY = 0.0001
"""The share that an empty bin is taken to have, or that of half a subject where that is more."""


@dataclass(frozen=True)
class Spread:
    """How numbers or dates are spread. Dates are days since 1970-01-01.

    ``counts`` are those of the bins: below the first of ``edges``; from there up to and with the
    second; and so on; above the last. The edges are those of the tag's first run, so that runs can
    be compared; those of dates count from the as-of day, since most dates move with it.
    """

    minimum: float
    maximum: float
    mean: float
    deciles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Profile:
    """The values of one tag in one version: ``known`` of ``subjects`` have one.

    ``labels`` count the most frequent labels, those first, and some that were so a run ago;
    ``others`` is the count of all other labels, and ``distinct`` how many labels there are. A
    subject with several labels counts once for each.
    """

    subjects: int
    known: int
    labels: Mapping[str, int] = field(default_factory=dict)
    others: int = 0
    distinct: int = 0
    spread: Spread | None = None

    @property
    def coverage(self) -> float:
        """The share of the subjects that have a value."""
        return self.known / self.subjects if self.subjects else 0.0


@dataclass(frozen=True)
class TagProfile:
    """A profile, whose it is, and its PSI against the predecessor (None: nothing comparable)."""

    tag: str
    on: SubjectKind
    profile: Profile
    psi: float | None = None


def psi(before: Profile, now: Profile) -> float:
    """The population stability index of two profiles of a tag; missing values are a bin.

    The sum over the bins of (now - before) · ln(now / before), each a share of all. Labels that
    only one of the two has counted are one bin together. 0 where either speaks of nobody.
    """
    if not before.subjects or not now.subjects:
        return 0.0
    bins = [one for one in _bins(before, now) if any(one)]
    then, there = (sum(counts) for counts in zip(*bins, strict=True))
    return sum(
        (b - a) * math.log(b / a) for a, b in ((_share(m, then), _share(n, there)) for m, n in bins)
    )


def _share(count: int, total: int) -> float:
    return count / total if count else max(0.5 / total, EMPTY)


def _bins(before: Profile, now: Profile) -> Iterator[tuple[int, int]]:
    """How many each of the two has in each bin."""
    yield before.subjects - before.known, now.subjects - now.known
    if before.spread is not None and now.spread is not None:
        if before.spread.edges == now.spread.edges:
            yield from zip(before.spread.counts, now.spread.counts, strict=True)
            return
    elif before.spread is None and now.spread is None:
        both = [one for one in {**before.labels, **now.labels} if _counted(one, before, now)]
        pairs = [(before.labels.get(one, 0), now.labels.get(one, 0)) for one in both]
        yield from pairs
        yield (
            sum(before.labels.values()) + before.others - sum(one for one, _ in pairs),
            sum(now.labels.values()) + now.others - sum(one for _, one in pairs),
        )
        return
    yield before.known, now.known


def _counted(label: str, *profiles: Profile) -> bool:
    # Where there are no others, a label that is not named does not occur.
    return all(label in one.labels or not one.others for one in profiles)


_ADAPTER = pydantic.TypeAdapter(list[TagProfile])


def tag_profiles(listed: Iterable[Mapping[str, Any]]) -> dict[tuple[SubjectKind, str], TagProfile]:
    """From a manifest's list, by kind and name."""
    return {(one.on, one.tag): one for one in _ADAPTER.validate_python(list(listed))}


def as_dicts(profiles: Iterable[TagProfile]) -> list[dict[str, Any]]:
    """For a manifest."""
    made: list[dict[str, Any]] = _ADAPTER.dump_python(list(profiles), mode="json")
    return made
