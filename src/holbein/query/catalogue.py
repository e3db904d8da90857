"""The catalogue of a version's tags: how many subjects each one speaks of, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from holbein.catalog.lineage import Thing
from holbein.catalog.names import value_titles
from holbein.catalog.taginfo import Held
from holbein.conditions.tree import SUBJECT_KINDS, TRUE, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Type
from holbein.query.query import Query

COMMONEST = 10
"""How many of a tag's values its distribution names."""


@dataclass(frozen=True)
class TagSummary:
    """A tag as the catalogue shows it.

    ``coverage`` is the share of subjects for which it is not missing, 0 to 1. ``distribution`` is,
    for numbers and dates, n, min, p10 … max and mean; for labels, the commonest with their counts.
    ``labels`` are the titles of those that have some, by language.
    """

    tag: str
    on: SubjectKind
    type: Type
    title: Mapping[str, str]
    category: tuple[str, ...]
    coverage: float
    subjects: int
    distribution: Mapping[str, Any]
    description: str | None
    owner: str | None
    sensitivity: str
    words: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    psi: float | None = None
    """How far the distribution shifted since the run before; None: nothing to compare with."""
    uses: tuple[tuple[SubjectKind, str], ...] = ()
    used_by: tuple[Thing, ...] = ()
    held: Held | None = None
    """Why it could not be computed, and of when its values are."""
    behind: tuple[tuple[SubjectKind, str], ...] = ()
    """The held tags that it depends on."""

    def as_json(self) -> dict[str, Any]:
        """Plain data; dates as text."""
        return {
            "tag": self.tag,
            "on": self.on,
            "type": self.type,
            "title": dict(self.title),
            "category": "/".join(self.category),
            "coverage": self.coverage,
            "subjects": self.subjects,
            "distribution": {
                name: str(one) if hasattr(one, "isoformat") else one
                for name, one in self.distribution.items()
            },
            "description": self.description,
            "owner": self.owner,
            "sensitivity": self.sensitivity,
            "words": dict(self.words),
            "labels": {value: dict(titles) for value, titles in self.labels.items()},
            "psi": self.psi,
            "uses": [{"on": on, "tag": name} for on, name in self.uses],
            "used_by": [{"on": one.on, one.what: one.name} for one in self.used_by],
            "held": self.held.as_json() if self.held is not None else None,
            "behind": [{"on": on, "tag": name} for on, name in self.behind],
        }


def summaries(query: Query, only: tuple[SubjectKind, str] | None = None) -> list[TagSummary]:
    """All tags, by kind and category; or ``only`` that one."""
    out: list[TagSummary] = []
    for kind in SUBJECT_KINDS:
        names = [name for on, name in query.tags if on == kind and only in (None, (on, name))]
        if not names:
            continue
        sides = query.sides(kind, names, TRUE)
        for name in names:
            if query.spec(kind, name).type in ("number", "date"):
                numbers = sides.numbers(name)
                spread: dict[str, Any] = numbers.spread(numbers.base)
                known = int(spread["n"])
            else:
                rows = sides.labels(name)
                is_missing = pc.is_null(rows["value"])
                known = sides.every - (pc.sum(rows["base"].filter(is_missing)).as_py() or 0)
                # Of labels there may be as many as subjects.
                labels = rows.filter(pc.invert(is_missing)).slice(0, COMMONEST).to_pylist()
                spread = {_label(row["value"]): row["base"] for row in labels}
            out.append(_summary(query, kind, name, known, sides.every, spread))
    return sorted(out, key=lambda one: (SUBJECT_KINDS.index(one.on), one.category))


def _summary(
    query: Query, kind: SubjectKind, name: str, known: int, total: int, spread: Mapping[str, Any]
) -> TagSummary:
    info, spec = query.tags[kind, name], query.spec(kind, name)
    profile = query.profiles.get((kind, name))
    return TagSummary(
        tag=name,
        on=kind,
        type=spec.type,
        title=dict(spec.titles),
        category=info.category,
        coverage=known / total if total else 0.0,
        subjects=known,
        distribution=spread,
        description=info.description,
        owner=info.owner,
        sensitivity=info.sensitivity,
        words=info.words,
        labels=_labels(spec, spread) if spec.type not in ("number", "date") else {},
        psi=profile.psi if profile is not None else None,
        uses=info.uses,
        used_by=query.lineage.users(kind, name),
        held=info.held,
        behind=info.behind,
    )


def _labels(spec: FieldSpec, values: Iterable[str]) -> dict[str, Mapping[str, str]]:
    found = {value: value_titles(spec, value) for value in values}
    return {value: dict(titles) for value, titles in found.items() if titles}


def _label(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
