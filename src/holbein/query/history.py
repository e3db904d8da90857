"""What was: the runs whose versions are kept, and one tag over all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from holbein.catalog.kinds import Guard
from holbein.catalog.lineage import Link
from holbein.catalog.profiles import TagProfile, tag_profiles
from holbein.conditions.tree import TRUE, SubjectKind
from holbein.query.catalogue import TagSummary, summaries
from holbein.query.numbers import Bin
from holbein.query.query import Query
from holbein.store.manifest import Manifest


@dataclass(frozen=True)
class RunSummary:
    """A run whose version is kept. ``created`` is local time; ``seconds`` is what it took."""

    number: int
    as_of: dt.date
    created: dt.datetime
    subjects: Mapping[str, int]
    marks: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Plain data; dates as text."""
        created = self.created.isoformat(timespec="seconds")
        return {**asdict(self), "as_of": str(self.as_of), "created": created}


def runs(manifests: Iterable[Manifest]) -> list[RunSummary]:
    """The runs that made versions, in their order."""
    return [
        RunSummary(
            number=one.number,
            as_of=one.as_of.day,
            created=one.created_at.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(one.zone)),
            subjects=one.subjects,
            marks=tuple(one.marks),
            seconds=sum(cost for cost in one.costs.values() if isinstance(cost, int | float)),
        )
        for one in manifests
    ]


@dataclass(frozen=True)
class Point:
    """A tag in one run: its coverage, its PSI against the run before, how many it changed for."""

    run: int
    as_of: dt.date
    coverage: float
    psi: float | None
    changed: int

    def as_json(self) -> dict[str, Any]:
        """Plain data; dates as text."""
        return {**asdict(self), "as_of": str(self.as_of)}


@dataclass(frozen=True)
class TagPage:
    """Everything of one tag in one version; ``history`` goes up to that, oldest first.

    ``bins`` cut numbers and dates for a drawing. ``reads`` is what the tag is made from,
    ``read_by`` what is made from it. ``changed``: for how many subjects the run found it changed.
    """

    summary: TagSummary
    run: int
    as_of: dt.date
    total: int
    guard: Guard | None
    bins: tuple[Bin, ...]
    history: tuple[Point, ...]
    last_change: dt.date | None
    changed: int
    reads: tuple[Link, ...]
    read_by: tuple[Link, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data; dates as text."""
        return {
            **self.summary.as_json(),
            "run": self.run,
            "as_of": str(self.as_of),
            "guard": asdict(self.guard) if self.guard is not None else None,
            "bins": [one.as_json() for one in self.bins],
            "history": [one.as_json() for one in self.history],
            "last_change": str(self.last_change) if self.last_change is not None else None,
            "changed": self.changed,
            "reads": [one.as_json() for one in self.reads],
            "read_by": [one.as_json() for one in self.read_by],
        }


def tag_page(query: Query, manifests: Iterable[Manifest], kind: SubjectKind, name: str) -> TagPage:
    """One tag of the version asked, and what ``manifests`` (ascending) know of it until then.

    Raises NotFoundError with the near names.
    """
    info = query.tag(kind, name)
    summary = summaries(query, (kind, name))[0]
    changed = query.changed(kind, name)
    sides = query.sides(kind, [name], TRUE)
    measured = summary.type in ("number", "date")
    return TagPage(
        summary=summary,
        run=query.snapshot.number,
        as_of=query.as_of.day,
        total=sides.every,
        guard=info.guard,
        bins=tuple(sides.numbers(name).bins()) if measured else (),
        history=tuple(_history(query, manifests, (kind, name), changed)),
        last_change=max((day for day, _ in changed.values()), default=None),
        changed=changed.get(query.as_of.instant, (None, 0))[1],
        reads=query.lineage.below(kind, name),
        read_by=query.lineage.above(kind, name),
    )


def _history(
    query: Query,
    manifests: Iterable[Manifest],
    tag: tuple[SubjectKind, str],
    changed: Mapping[dt.datetime, tuple[dt.date, int]],
) -> Iterable[Point]:
    for one in manifests:
        if one.number <= query.snapshot.number:
            found: TagProfile | None = tag_profiles(one.profiles).get(tag)
            if found is not None:
                day, count = one.as_of.day, changed.get(one.as_of.instant, (None, 0))[1]
                yield Point(one.number, day, found.profile.coverage, found.psi, count)
