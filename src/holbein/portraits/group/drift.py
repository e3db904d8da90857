"""How the make-up of an audience changed between two runs, and by what.

Two questions are told apart: whether it has other members, and whether the same members have other
values (``query.drifting``). Each run is asked with the audience's condition of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import InAudience, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Language
from holbein.errors import HolbeinError
from holbein.portraits.group.contrast import Distribution, NumberSummary, contrast
from holbein.portraits.group.opening_drift import drifted_sentence
from holbein.portraits.group.portrait import held_of, in_words
from holbein.portraits.plain import plain_json
from holbein.portraits.speech import Speech, language_of
from holbein.query import figures
from holbein.query.comparing import comparable
from holbein.query.drifting import Column, Drifted, drifted
from holbein.query.sides import TableSides

if TYPE_CHECKING:
    from holbein.query import Query


@dataclass(frozen=True)
class Stand:
    """The audience as a run found it."""

    run: str
    as_of: dt.date
    size: int


@dataclass(frozen=True)
class TagDrift:
    """One tag: in ``distribution`` and ``number`` the group is now, and the base is then."""

    name: str
    title: str
    type: str
    psi: float
    level: str
    """``steady``, ``moved`` (a PSI above 0.1) or ``shifted`` (above 0.25), beyond chance."""
    members: float
    """The PSI of exchanging those who left for those who entered."""
    values: float
    """The PSI of what changed in those who stayed."""
    changed: int
    """For how many of those who stayed the value is another one."""
    distribution: Distribution | None = None
    number: NumberSummary | None = None


@dataclass(frozen=True)
class Drift:
    """An audience then and now. ``gone``: so many of those who left are no longer in the sources;
    ``redefined``: its own condition was another one then.
    """

    kind: SubjectKind
    title: str
    condition: str
    then: Stand
    now: Stand
    entered: int
    left: int
    stayed: int
    gone: int
    redefined: bool
    sentence: str
    language: Language
    tags: tuple[TagDrift, ...]
    """The most changed first."""
    uncompared: tuple[str, ...]
    """Titles of what only one of the two runs has, or has as another type."""
    held: tuple[str, ...]
    """What a reader is told of tags that could not be computed, or that depend on one."""

    def as_json(self) -> dict[str, Any]:
        """The drift as JSON values: dates as ISO text, what is missing as null."""
        out = plain_json(self)
        assert isinstance(out, dict)
        return out


def drift(then: Query, now: Query, name: str, language: str = "en") -> Drift:
    """How the audience ``name`` changed from the run that ``then`` asks to the one of ``now``.

    Raises NotFoundError for an audience that there is not, HolbeinError where then there was none,
    or it was one of another kind, or both runs are the same.
    """
    spec = now.audience(name)
    if then.version == now.version:
        raise HolbeinError(
            f"run {now.version} is compared with itself", hint="name an earlier run, or its day"
        )
    earlier = then.vocabulary.audiences.get(name)
    if earlier is None or earlier.kind != spec.kind:
        raise HolbeinError(
            f"run {then.version} had no audience {name!r} of the kind {spec.kind}",
            hint="`holbein audience history` lists the runs that had it",
        )
    kind, speech = spec.kind, Speech(language_of(language), now.vocabulary)
    trees = [query.bind(InAudience(name), kind) for query in (then, now)]
    wanted = comparable(now.vocabulary, kind)
    other = [one for one in comparable(then.vocabulary, kind) if one not in wanted]
    names = [one for one in wanted if _same(then.vocabulary.fields[kind].get(one), now, kind)]
    tables = [
        query.values(kind, names, tree) for query, tree in zip((then, now), trees, strict=True)
    ]
    stayed = [
        pc.is_in(one["id"], value_set=two["id"].combine_chunks()).to_numpy()
        for one, two in (tables, tables[::-1])
    ]
    left = tables[0]["id"].filter(pa.array(~stayed[0]))
    title = speech.title(spec.titles, spec.name)
    sides = _sides(now, speech, kind, names, tables)
    found = []
    for one in sides:
        was, is_ = (
            Column(table[one.name], mask, query.as_of.day)
            for table, mask, query in zip(tables, stayed, (then, now), strict=True)
        )
        found.append(_tag(one, drifted(was, is_)))
    found.sort(key=lambda one: (one.level == "steady", -one.psi, one.name))
    stands = [
        Stand(query.version, query.as_of.day, table.num_rows)
        for query, table in zip((then, now), tables, strict=True)
    ]
    made = Drift(
        kind=kind,
        title=title,
        condition=in_words(now, speech, kind, trees[1]),
        then=stands[0],
        now=stands[1],
        entered=int((~stayed[1]).sum()),
        left=len(left),
        stayed=int(stayed[0].sum()),
        gone=len(left) - now.values(kind, [], left).num_rows,
        redefined=earlier.where != spec.where,
        sentence="",
        language=speech.language,
        tags=tuple(found),
        uncompared=tuple(
            speech.field_title(query.spec(kind, one))
            for query, listed in ((now, [o for o in wanted if o not in names]), (then, other))
            for one in listed
        ),
        held=held_of(now, speech, kind, names, trees[1:]),
    )
    object.__setattr__(made, "sentence", drifted_sentence(made, speech))
    return made


def _same(before: FieldSpec | None, now: Query, kind: SubjectKind) -> bool:
    return before is not None and now.spec(kind, before.name).type == before.type


def _sides(
    query: Query, speech: Speech, kind: SubjectKind, names: list[str], tables: list[pa.Table]
) -> list[Distribution | NumberSummary]:
    """All tags with their values now and then next to each other."""
    flags = [
        np.full(one.num_rows, is_now) for one, is_now in zip(tables, (False, True), strict=True)
    ]
    both = pa.concat_tables(
        [
            one.append_column(figures.IN_GROUP, pa.array(flag))
            for one, flag in zip(tables, flags, strict=True)
        ]
    )
    found = contrast(query, speech, kind, names, TableSides(both), apart=True)
    return [*found.distributions, *found.numbers]


def _tag(side: Distribution | NumberSummary, found: Drifted) -> TagDrift:
    """What a tag did. The two sides are no separate samples, so that no test says anything."""
    made = TagDrift(
        side.name,
        side.title,
        side.type,
        found.psi,
        found.level,
        found.members,
        found.values,
        found.changed,
    )
    if isinstance(side, Distribution):
        cells = tuple(replace(one, tgi=None, z=None, p=None, q=None) for one in side.cells)
        return replace(made, distribution=replace(side, cells=cells))
    return replace(made, number=replace(side, above=None, z=None, p=None, q=None))
