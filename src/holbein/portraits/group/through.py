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
import pyarrow.compute as pc
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
from holbein.query import figures
from holbein.query.clustering import clustered_z
from holbein.query.comparing import FALSE, SMALL, TOO_MANY, adjusted, comparable, p_value
from holbein.query.crossing import Flagged, flagged, missing

if TYPE_CHECKING:
    from holbein.query import Query


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
    subjects = query.grouped(kind, [], bound, against)
    links = query.current_roles()
    place = pc.index_in(links[kind], value_set=subjects["id"].combine_chunks())
    links = links.filter(pc.is_valid(place))
    chosen = subjects[figures.IN_GROUP].take(place.drop_null()).to_numpy()
    names = comparable(query.vocabulary, other)
    values = query.values(other, names, pc.unique(links[other]))
    at = pc.index_in(links[other], value_set=values["id"].combine_chunks())
    rows = _Rows(links["person"].to_numpy(), links["enterprise"].to_numpy(), chosen, len(links))
    specs = {name: query.spec(other, name) for name in names}
    repeated = repeated_of(specs, {name: values[name] for name in names})
    tags = []
    for name in ordered(query, other, [one for one in names if one not in repeated]):
        spec = specs[name]
        column = values[name].take(at)
        known, unknown = flagged(column, MOST_VALUES), missing(column)
        if not known.values or (not spec.is_tag and len(known.values) + known.more > TOO_MANY):
            continue
        cells = [
            rows.cell(of, code, value_text(speech, spec, value), tested=value is not None)
            for of in (known, unknown)
            for code, value in enumerate(of.values)
        ]
        shown = tuple(one for one in cells if one.base.roles)
        path = category_of(query, speech, other, name)
        head = speech.field_title(spec)
        tags.append(ThroughTag(name, head, path, spec.type, shown, known.more))
    tested, tags = _corrected(tags)
    size = pc.sum(subjects[figures.IN_GROUP], min_count=0).as_py()
    group = rows.count(chosen)
    made = Through(
        kind=kind,
        other=other,
        title=title,
        condition=in_words(query, speech, kind, bound),
        base_condition=None if against == TRUE else in_words(query, speech, kind, against),
        size=size,
        base_size=subjects.num_rows,
        without=size - (group.people if kind == "person" else group.enterprises),
        group=group,
        base=rows.count(np.ones(len(links), bool)),
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


class _Rows:
    """The current roles of the base's subjects, and which are of the group's."""

    def __init__(
        self,
        people: NDArray[np.int64],
        enterprises: NDArray[np.int64],
        chosen: NDArray[np.bool_],
        size: int,
    ) -> None:
        self._chosen, self._size = chosen, size
        self._people, self._cluster = (
            np.unique(of, return_inverse=True)[1] for of in (people, enterprises)
        )

    def count(self, rows: NDArray[np.bool_]) -> Count:
        """Whom some rows concern."""
        people, enterprises = (
            int((np.bincount(of[rows]) > 0).sum()) for of in (self._people, self._cluster)
        )
        return Count(int(rows.sum()), people, enterprises)

    def cell(self, of: Flagged, code: int, text: str, *, tested: bool) -> ThroughCell:
        """One value; tested where at least five enterprises have it, and five have not."""
        has = np.zeros(self._size, bool)
        has[of.rows[of.codes == code]] = True
        group, base = self.count(has & self._chosen), self.count(has)
        mine, every = int(self._chosen.sum()), self._size
        lacking = self.count(~has).enterprises
        z = None
        if tested and min(base.enterprises, lacking) >= SMALL:
            z = clustered_z(has.astype(np.float64), self._chosen, self._cluster)
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
