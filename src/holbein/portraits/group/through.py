"""A group seen through its roles: the enterprises of people by their tags, or the people of
enterprises.

What is counted are current roles; beside each count stands how many people and how many
enterprises these are, for one person may have several, and an enterprise many. Shares are of all
current roles of the group, and of the base. Roles at one enterprise are alike, so they are tested
as clusters (``query.clustering``), and all tests are corrected together. Numbers and dates are told
in quarters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from holbein.conditions.tree import TRUE, Condition, SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.errors import HolbeinError
from holbein.portraits.figures import share, tgi
from holbein.portraits.group.contrast import MOST_VALUES, category_of, ordered, repeated_of
from holbein.portraits.group.crosses import value_text
from holbein.portraits.group.opening_through import seen_through
from holbein.portraits.group.portrait import TELLING, in_words
from holbein.portraits.plain import plain_json
from holbein.portraits.speech import Speech, language_of
from holbein.query.clustering import clustered_z
from holbein.query.comparing import FALSE, SMALL, TOO_MANY, adjusted, comparable, p_value
from holbein.query.crossing import Flagged, Value

if TYPE_CHECKING:
    from holbein.conditions.vocabulary import FieldSpec
    from holbein.query import Query
    from holbein.query.linked import Roles


@dataclass(frozen=True)
class Count:
    """So many current roles, of so many people, at so many enterprises."""

    roles: int
    people: int
    enterprises: int


@dataclass(frozen=True)
class ThroughCell:
    """One value of the related: whom in the group and base it concerns. Shares are of roles."""

    value: str
    group: Count
    base: Count
    share: float | None
    base_share: float | None
    tgi: float | None
    z: float | None
    p: float | None = None
    q: float | None = None


@dataclass(frozen=True)
class ThroughTag:
    """A tag of the related, the most frequent values first, the missing ones last."""

    name: str
    title: str
    category: tuple[str, ...]
    type: str
    cells: tuple[ThroughCell, ...]
    more: int


@dataclass(frozen=True)
class Told:
    """What sets the related of the group apart."""

    name: str
    title: str
    cell: ThroughCell


@dataclass(frozen=True)
class Through:
    """The related of a group, by their tags, against those of a base."""

    kind: SubjectKind
    other: SubjectKind
    """Whose tags these are."""
    title: str | None
    condition: str
    base_condition: str | None
    size: int
    base_size: int
    without: int
    """So many of the group have no current role, and are in none of the counts below."""
    group: Count
    base: Count
    sentence: str
    language: Language
    telling: tuple[Told, ...]
    tested: int
    tags: tuple[ThroughTag, ...]
    as_of: dt.date
    version: str

    def as_json(self) -> dict[str, Any]:
        """As JSON values: dates as ISO text, what is missing as null."""
        out = plain_json(self)
        assert isinstance(out, dict)
        return out


def through_roles(
    query: Query,
    condition: str | Condition,
    kind: SubjectKind,
    base: str | Condition = TRUE,
    language: str = "en",
    title: str | None = None,
) -> Through:
    """The enterprises of the people who meet ``condition``, or the people of the enterprises.

    Raises ConditionError for conditions that do not fit the catalogue, HolbeinError for roles,
    which have one of each: conditions and columns name those directly.
    """
    if kind == "role":
        raise HolbeinError(
            "a role has one person and one enterprise", hint="take a group of people or enterprises"
        )
    other: SubjectKind = "enterprise" if kind == "person" else "person"
    speech = Speech(language_of(language), query.vocabulary)
    bound, against = query.bind(condition, kind), query.bind(base, kind)
    roles = query.roles_of(kind, bound, against)
    counting = _Counting(roles)
    names = comparable(query.vocabulary, other)
    specs = {name: query.spec(other, name) for name in names}
    found = {
        name: one
        for name, spec in specs.items()
        if (one := _told(query, speech, spec, other, counting)) is not None
    }
    counts = {name: (one.values, *((o.group, o.base) for o in one.cells))
              for name, one in found.items()}  # fmt: skip
    repeated = repeated_of({name: specs[name] for name in found}, counts)
    tags = []
    for name in ordered(query, other, [one for one in found if one not in repeated]):
        spec, one = specs[name], found[name]
        path, head = category_of(query, speech, other, name), speech.field_title(spec)
        tags.append(ThroughTag(name, head, path, spec.type, one.cells, one.more))
    tested, tags = _corrected(tags)
    size = roles.size
    group = counting.count(roles.chosen)
    made = Through(
        kind=kind,
        other=other,
        title=title,
        condition=in_words(query, speech, kind, bound),
        base_condition=None if against == TRUE else in_words(query, speech, kind, against),
        size=size,
        base_size=roles.every,
        without=size - (group.people if kind == "person" else group.enterprises),
        group=group,
        base=counting.count(np.ones(len(roles.chosen), bool)),
        sentence="",
        language=speech.language,
        telling=_telling(tags),
        tested=tested,
        tags=tuple(tags),
        as_of=query.as_of.day,
        version=query.version,
    )
    object.__setattr__(made, "sentence", seen_through(made, speech))
    return made


@dataclass(frozen=True)
class _Tag:
    """The values of a tag that are shown, how many more there are, and what is told of them."""

    values: tuple[Value | None, ...]
    more: int
    cells: tuple[ThroughCell, ...]


def _told(
    query: Query, speech: Speech, spec: FieldSpec, other: SubjectKind, counting: _Counting
) -> _Tag | None:
    """None of what tells nothing of groups."""
    known, unknown = query.values_of_roles(other, spec.name, counting.roles, MOST_VALUES)
    if not known.values or (not spec.is_tag and len(known.values) + known.more > TOO_MANY):
        return None
    texts = [value_text(speech, spec, value) for value in (*known.values, None)]
    cells = counting.cells(known, unknown, texts)
    return _Tag(known.values, known.more, tuple(one for one in cells if one.base.roles))


class _Counting:
    """Counts roles, people and enterprises."""

    def __init__(self, roles: Roles) -> None:
        self.roles = roles
        self._size = int(roles.chosen.sum())
        there = np.zeros(int(roles.enterprises.max(initial=-1)) + 1, np.bool_)
        there[roles.enterprises] = True
        self._clusters = int(there.sum())
        self._cluster = (np.cumsum(there) - 1)[roles.enterprises]
        self._mine, self._rest = (
            np.bincount(self._cluster[side], minlength=self._clusters)
            for side in (roles.chosen, ~roles.chosen)
        )

    def count(self, rows: NDArray[np.bool_]) -> Count:
        """Whom some rows concern."""
        people, places = self.roles.people[rows], self._cluster[rows]
        return Count(len(people), _different(people), _different(places))

    def cells(self, known: Flagged, unknown: Flagged, texts: Sequence[str]) -> list[ThroughCell]:
        """One for each value, the missing one last. Values are tested where at least five
        enterprises have them, and five have not."""
        kinds = len(known.values)
        rows = np.concatenate([known.rows, unknown.rows])
        codes = np.concatenate([known.codes, np.full(len(unknown.rows), kinds)])
        order = np.argsort(codes.astype(np.uint8), kind="stable")
        rows, codes = rows[order], codes[order]
        chosen, shape = self.roles.chosen[rows], (kinds + 1, self._clusters)
        place = codes * self._clusters + self._cluster[rows]
        mine, every = (
            np.bincount(of, minlength=shape[0] * shape[1]).reshape(shape)
            for of in (place[chosen], place)
        )
        scores = clustered_z(mine, every - mine, self._mine, self._rest)
        lacking = (every < self._mine + self._rest).sum(axis=1)
        groups, bases = (
            zip(
                np.bincount(codes[of], minlength=kinds + 1).tolist(),
                self._people(rows[of], codes[of], kinds + 1),
                np.count_nonzero(counts, axis=1).tolist(),
                strict=True,
            )
            for of, counts in ((chosen, mine), (np.ones_like(chosen), every))
        )
        out = []
        for code, (text, group, base) in enumerate(zip(texts, groups, bases, strict=True)):
            tested = code < kinds and min(base[2], lacking[code]) >= SMALL
            z = scores[code] if tested else None
            out.append(self._cell(text, Count(*group), Count(*base), z))
        return out

    def _people(self, rows: NDArray[np.int64], codes: NDArray[np.int64], kinds: int) -> list[int]:
        """How many people have each code; the codes ascend."""
        ends = np.searchsorted(codes, np.arange(kinds + 1))
        people = self.roles.people[rows]
        return [_different(people[ends[one] : ends[one + 1]]) for one in range(kinds)]

    def _cell(self, text: str, group: Count, base: Count, z: float | None) -> ThroughCell:
        mine, every = self._size, len(self.roles.chosen)
        return ThroughCell(
            text,
            group,
            base,
            share(group.roles, mine),
            share(base.roles, every),
            tgi(group.roles, mine, base.roles, every),
            z,
            None if z is None else p_value(z),
        )


def _different(places: NDArray[np.int64]) -> int:
    """How many numbers there are among some, each once."""
    there = np.zeros(int(places.max(initial=-1)) + 1, np.bool_)
    there[places] = True
    return int(there.sum())


def _corrected(tags: Sequence[ThroughTag]) -> tuple[int, list[ThroughTag]]:
    p_values = [one.p for tag in tags for one in tag.cells if one.p is not None]
    q_values = iter(adjusted(p_values))

    def with_q(one: ThroughCell) -> ThroughCell:
        return replace(one, q=next(q_values)) if one.p is not None else one

    return len(p_values), [
        replace(tag, cells=tuple(with_q(one) for one in tag.cells)) for tag in tags
    ]


def _telling(tags: Sequence[ThroughTag]) -> tuple[Told, ...]:
    """Of each tag the value that stands out most, the clearest first."""
    out = []
    for tag in tags:
        found = [one for one in tag.cells if one.q is not None and one.q < FALSE]
        if found:
            best = max(found, key=lambda one: (round(abs(one.z or 0), 9), (one.z or 0) > 0))
            out.append(Told(tag.name, tag.title, best))
    out.sort(key=lambda one: (-abs(one.cell.z or 0), one.name))
    return tuple(out[:TELLING])
