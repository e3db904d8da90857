"""The portrait of a group against a base: what sets these subjects apart from those.

The group is always a part of the base. Shares are of all its subjects, those without a value
included, so the shares of a category and of "missing" add up to 1.

How telling a value is: the two-proportion z score (``query.comparing.z_score``) of the group
against the rest of the base, which are two separate samples, as the group and the base are not. Of
numbers and dates it is the score of Mann and Whitney (``query.figures.ranks``). Where fewer than
five subjects are to be expected in a cell, it is tested exactly (``query.comparing.difference_p``);
what is tested must not depend on what is found. Missing values are not tested, nor numbers that
fewer than five on either side have, nor the rare ones of very many values. Nothing is told of fewer
than five subjects. Of each tag the one value that stands out most is told, over-represented
before under-represented where they are equal, since the two values of a tag with two values say the
same.

Many tags are looked at, and some of them differ by chance. So all tests of a portrait are corrected
together (``query.comparing.adjusted``): of what is told, one in twenty at most is expected to be
chance.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.reading import fields_of
from holbein.conditions.tree import TRUE, And, Condition, InAudience, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Language
from holbein.conditions.words import words
from holbein.portraits.areas import Areas, areas
from holbein.portraits.figures import share, tgi
from holbein.portraits.held import note_of
from holbein.portraits.one import plain_json
from holbein.portraits.opening import opening
from holbein.portraits.speech import Speech, category_order, language_of
from holbein.query.comparing import (
    FALSE,
    SMALL,
    TOO_MANY,
    adjusted,
    comparable,
    difference_p,
    expected,
    p_value,
    z_score,
)

if TYPE_CHECKING:
    from holbein.query import Query

MOST_VALUES = 12
"""Values shown of one distribution, the most frequent; all of them are ranked."""
_TELLING = 10


@dataclass(frozen=True)
class Cell:
    """One value of a distribution. ``value`` None is the missing value."""

    value: str | bool | None
    text: str
    group: int
    base: int
    share: float | None
    base_share: float | None
    tgi: float | None
    z: float | None
    p: float | None = None
    """How often chance alone would show such a difference; None where that was not tested."""
    q: float | None = None
    """``p``, corrected for all that was tested."""


@dataclass(frozen=True)
class Distribution:
    """How the values of a category, several categories or a boolean spread, frequent ones first."""

    name: str
    title: str
    category: tuple[str, ...]
    type: str
    cells: tuple[Cell, ...]
    more: int
    """How many values are not shown."""


@dataclass(frozen=True)
class Spread:
    """Quantiles of a number or a date; None throughout where no subject has a value."""

    n: int
    min: float | dt.date | None
    p10: float | dt.date | None
    p25: float | dt.date | None
    p50: float | dt.date | None
    p75: float | dt.date | None
    p90: float | dt.date | None
    max: float | dt.date | None
    mean: float | dt.date | None


@dataclass(frozen=True)
class NumberSummary:
    """A number or date in the group and in the base."""

    name: str
    title: str
    category: tuple[str, ...]
    type: str
    group: Spread
    base: Spread
    above: float | None = None
    """In which share of pairs the group's value is larger than that of one of the rest."""
    z: float | None = None
    p: float | None = None
    """How often chance alone would show such a difference; None where that was not tested."""
    q: float | None = None
    """``p``, corrected for all that was tested."""


@dataclass(frozen=True)
class Telling:
    """What sets the group apart, and by how much: a value (``cell``), or ``number``."""

    name: str
    title: str
    type: str
    z: float
    q: float
    cell: Cell | None = None
    number: NumberSummary | None = None


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
) -> GroupPortrait:
    """The portrait of those who meet ``condition`` among those who meet ``base``.

    ``names`` limits the attributes and tags looked at; by default all but names and addresses,
    attributes with more than 200 values, which tell subjects apart and not groups, and attributes
    that a tag repeats. ``title`` is what to call the group, such as an audience's title. Raises
    ConditionError for conditions that do not fit the catalogue, and NotFoundError for unknown
    names.
    """
    speech = Speech(language_of(language), query.vocabulary)
    bound = query.bind(condition, kind)
    against = query.bind(base, kind)
    if names is None:
        names = comparable(query.vocabulary, kind)
    specs = {name: query.spec(kind, name) for name in names}
    numeric = [name for name, spec in specs.items() if spec.type in ("number", "date")]
    counted = [name for name in specs if name not in numeric]

    found = query.distribution(kind, counted, bound, against) if counted else {}
    spreads = query.quantiles(kind, numeric, bound, against) if numeric else {}
    base_size = query.count(against, kind)
    size = query.count(And((against, bound)), kind)

    distributions: list[Distribution] = []
    cells_of: dict[str, list[Cell]] = {}
    repeated = _repeated(specs, {**found, **spreads})
    for name in _ordered(query, kind, counted):
        spec = specs[name]
        if name in repeated or (not spec.is_tag and found[name].num_rows > TOO_MANY):
            continue
        rows = found[name]
        looked_at = _worth_a_look(rows, SMALL * base_size / size if size else math.inf)
        many = rows.num_rows > TOO_MANY
        cells = _cells(speech, spec, looked_at.to_pylist(), size, base_size, many=many)
        if all(cell.value is None for cell in cells):
            continue
        cells_of[name] = cells
    numbers = [
        NumberSummary(
            name,
            speech.field_title(specs[name]),
            _category(query, speech, kind, name),
            specs[name].type,
            Spread(**spreads[name]["group"]),
            Spread(**spreads[name]["base"]),
            **spreads[name]["ranks"],
            p=_number_p(
                spreads[name]["ranks"],
                spreads[name]["group"]["n"],
                spreads[name]["base"]["n"] - spreads[name]["group"]["n"],
            ),
        )
        for name in _ordered(query, kind, numeric)
        if spreads[name]["base"]["n"] and name not in repeated
    ]
    tested, cells_of, numbers = _corrected(cells_of, numbers)
    for name, cells in cells_of.items():
        head, path = speech.field_title(specs[name]), _category(query, speech, kind, name)
        known = found[name].num_rows - found[name]["value"].null_count
        more = max(0, known - MOST_VALUES)
        distributions.append(Distribution(name, head, path, specs[name].type, _shown(cells), more))
    telling = _telling(speech, specs, cells_of, numbers)
    portrait = GroupPortrait(
        kind=kind,
        condition=_in_words(query, speech, kind, bound),
        base_condition=None if against == TRUE else _in_words(query, speech, kind, against),
        title=title,
        size=size,
        base_size=base_size,
        share=share(size, base_size),
        sentence="",
        language=speech.language,
        telling=tuple(telling[:_TELLING]),
        tested=tested,
        distributions=tuple(distributions),
        numbers=tuple(numbers),
        as_of=query.as_of.day,
        version=query.version,
        held=_held(
            query, speech, kind, [*(one.name for one in distributions), *numeric], (bound, against)
        ),
        areas=areas(query, speech, kind, names, bound, against, (size, base_size)),
    )
    object.__setattr__(portrait, "sentence", opening(portrait, speech))
    return portrait


def _held(
    query: Query,
    speech: Speech,
    kind: SubjectKind,
    names: Sequence[str],
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


def _ordered(query: Query, kind: SubjectKind, names: Sequence[str]) -> list[str]:
    """By category, as the portraits of single subjects are; in each as they are declared."""

    def rank(name: str) -> tuple[object, ...]:
        info = query.tags.get((kind, name))
        return category_order(info.category if info else ())

    return sorted(names, key=rank)


def _repeated(specs: Mapping[str, FieldSpec], found: Mapping[str, object]) -> frozenset[str]:
    """Attributes that a tag says over again, value by value: the tag has the better title."""
    of_tags = [name for name, spec in specs.items() if spec.is_tag]
    return frozenset(
        name
        for name, spec in specs.items()
        if not spec.is_tag
        and any(specs[tag].type == spec.type and found[tag] == found[name] for tag in of_tags)
    )


def _in_words(query: Query, speech: Speech, kind: SubjectKind, condition: Condition) -> str:
    """A condition as a reader checks it; of an audience alone, what it stands for."""
    if isinstance(condition, InAudience):
        condition = query.vocabulary.audiences[condition.audience].where or condition
    return speech.heading(words(condition, kind, query.vocabulary, speech.language))


def _category(query: Query, speech: Speech, kind: SubjectKind, name: str) -> tuple[str, ...]:
    info = query.tags.get((kind, name))
    return speech.category(info.category) if info else ()


def _cells(
    speech: Speech,
    spec: FieldSpec,
    rows: Sequence[Mapping[str, Any]],
    size: int,
    base_size: int,
    *,
    many: bool,
) -> list[Cell]:
    """All cells of a tag; where its values are very ``many``, the rare ones are not tested."""
    out = []
    for row in rows:
        value, group, base = row["value"], row["group"], row["base"]
        samples = group, size, base - group, base_size - size
        tested = value is not None and (not many or expected(*samples) >= SMALL)
        out.append(
            Cell(
                value,
                speech.t("missing") if value is None else speech.value(spec, value),
                group,
                base,
                share(group, size),
                share(base, base_size),
                tgi(group, size, base, base_size),
                z_score(*samples),
                difference_p(*samples) if tested else None,
            )
        )
    return out


def _worth_a_look(rows: pa.Table, often: float) -> pa.Table:
    """The values that may be shown or tested, which so many of the base have: there may be as many
    as subjects."""
    if rows.num_rows <= TOO_MANY:
        return rows
    known = rows.filter(pc.is_valid(rows["value"]))
    order = [("group", "descending"), ("base", "descending"), ("value", "ascending")]
    first = known.take(pc.select_k_unstable(known, k=MOST_VALUES, sort_keys=order))
    frequent = known.filter(pc.greater_equal(known["base"], often))
    missing = rows.filter(pc.is_null(rows["value"]))
    others = frequent.filter(pc.invert(pc.is_in(frequent["value"], value_set=first["value"])))
    return pa.concat_tables([first, others, missing])


def _shown(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The most frequent values, in the group before in the base; the missing ones last."""
    known = [one for one in cells if one.value is not None]
    known.sort(key=lambda one: (-one.group, -one.base, str(one.value)))
    missing = tuple(one for one in cells if one.value is None and (one.group or one.base))
    return (*known[:MOST_VALUES], *missing)


_Tested = TypeVar("_Tested", Cell, NumberSummary)


def _corrected(
    cells_of: Mapping[str, Sequence[Cell]], numbers: Sequence[NumberSummary]
) -> tuple[int, dict[str, list[Cell]], list[NumberSummary]]:
    """How many differences were tested, and all cells and numbers with their q values."""
    tested = [one.p for cells in cells_of.values() for one in cells] + [one.p for one in numbers]
    p_values = [one for one in tested if one is not None]
    q_values = iter(adjusted(p_values))

    def with_q(one: _Tested) -> _Tested:
        return replace(one, q=next(q_values)) if one.p is not None else one

    cells = {name: [with_q(one) for one in cells] for name, cells in cells_of.items()}
    return len(p_values), cells, [with_q(one) for one in numbers]


def _number_p(above: Mapping[str, float | None], group: int, rest: int) -> float | None:
    z = above["z"]
    return None if z is None or min(group, rest) < SMALL else p_value(z)


def _is_found(one: Cell | NumberSummary) -> bool:
    """Whether the difference is told: chance is hardly the cause of it."""
    return one.q is not None and one.q < FALSE


def _telling(
    speech: Speech,
    specs: Mapping[str, FieldSpec],
    cells_of: Mapping[str, Sequence[Cell]],
    numbers: Sequence[NumberSummary],
) -> list[Telling]:
    """What sets the group apart, the clearest first."""
    out = []
    for name, cells in cells_of.items():
        if (cell := _strongest(cells)) is not None:
            title = speech.field_title(specs[name])
            out.append(Telling(name, title, specs[name].type, cell.z or 0, cell.q or 0, cell=cell))
    for one in numbers:
        if _is_found(one):
            out.append(Telling(one.name, one.title, one.type, one.z or 0, one.q or 0, number=one))
    return sorted(out, key=lambda one: (-abs(one.z), one.z < 0, one.name))


def _strongest(cells: Sequence[Cell]) -> Cell | None:
    # A value that is there says it better than one that is not, and Yes better than No.
    return max(
        (one for one in cells if _is_found(one) and one.base >= SMALL),
        key=lambda one: (
            round(abs(one.z or 0), 9),
            one.group > 0,
            one.value is True,
            (one.z or 0) > 0,
        ),
        default=None,
    )
