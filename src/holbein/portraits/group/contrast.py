"""Two sides held against each other, tag by tag: a group and its base, or two groups.

How telling a value is: the two-proportion z score (``query.comparing.z_score``) of the group
against the rest, which are two separate samples, as a group and its base are not. Of numbers and
dates it is the score of Mann and Whitney (``query.numbers``). Where fewer than five subjects
are to be expected in a cell, it is tested exactly (``query.comparing.difference_p``); what is
tested must not depend on what is found. Missing values are not tested, nor numbers that fewer than
five on either side have, nor the rare ones of very many values. Nothing is told of fewer than five
subjects. Of each tag the one value that stands out most is told, over-represented before
under-represented where they are equal, since the two values of a tag with two values say the same.

Many tags are looked at, and some of them differ by chance. So all tests are corrected together
(``query.comparing.adjusted``): of what is told, one in twenty at most is expected to be chance.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec
from holbein.portraits.figures import share, tgi
from holbein.portraits.group.histograms import Band, bands
from holbein.portraits.speech import Speech, category_order
from holbein.query.comparing import (
    FALSE,
    SMALL,
    TOO_MANY,
    adjusted,
    difference_p,
    expected,
    p_value,
    z_score,
)

if TYPE_CHECKING:
    from holbein.query import Query
    from holbein.query.numbers import Numbers
    from holbein.query.sides import Sides

MOST_VALUES = 12
"""Values shown of one distribution, the most frequent; all of them are ranked."""


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
    bands: tuple[Band, ...] = ()
    """The histogram of both, in the same bands."""


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
class Contrast:
    """All tags of two sides, and what sets them apart, the clearest first."""

    size: int
    base_size: int
    distributions: tuple[Distribution, ...]
    numbers: tuple[NumberSummary, ...]
    telling: tuple[Telling, ...]
    tested: int
    """How many differences were tested, and corrected for."""

    def shown(self) -> list[str]:
        """The names of all tags and attributes that are shown."""
        return [one.name for one in self.distributions] + [one.name for one in self.numbers]


def contrast(
    query: Query,
    speech: Speech,
    kind: SubjectKind,
    names: Sequence[str],
    sides: Sides,
    *,
    apart: bool = False,
) -> Contrast:
    """The group against its base; or, ``apart``, against the others of the base, so that what is
    called base in the answer is these others.
    """
    asked = {name: query.spec(kind, name) for name in names}
    specs = {name: spec for name, spec in asked.items() if not _is_too_various(spec, sides)}
    numeric = [name for name, spec in specs.items() if spec.type in ("number", "date")]
    every, size = sides.every, sides.size
    base_size = every - size if apart else every
    found = {name: sides.labels(name) for name in specs if name not in numeric}
    spreads = {name: _spreads(sides.numbers(name), apart=apart) for name in numeric}
    repeated = repeated_of(specs, {**found, **spreads})

    cells_of: dict[str, list[Cell]] = {}
    for name in ordered(query, kind, list(found)):
        spec = specs[name]
        if name in repeated or (not spec.is_tag and found[name].num_rows > TOO_MANY):
            continue
        rows = found[name]
        looked_at = _worth_a_look(rows, SMALL * every / size if size else math.inf)
        many = rows.num_rows > TOO_MANY
        cells = _cells(speech, spec, looked_at.to_pylist(), size, every, many=many, apart=apart)
        if all(cell.value is None for cell in cells):
            continue
        cells_of[name] = cells
    numbers = [
        _number(query, speech, specs[name], kind, spreads[name], apart=apart)
        for name in ordered(query, kind, numeric)
        if (spreads[name]["group"]["n"] or spreads[name]["base"]["n"]) and name not in repeated
    ]
    tested, cells_of, numbers = _corrected(cells_of, numbers)
    distributions = []
    for name, cells in cells_of.items():
        head, path = speech.field_title(specs[name]), category_of(query, speech, kind, name)
        known = found[name].num_rows - found[name]["value"].null_count
        more = max(0, known - MOST_VALUES)
        distributions.append(Distribution(name, head, path, specs[name].type, _shown(cells), more))
    telling = _telling(speech, specs, cells_of, numbers)
    return Contrast(size, base_size, tuple(distributions), tuple(numbers), tuple(telling), tested)


def _is_too_various(spec: FieldSpec, sides: Sides) -> bool:
    """Whether it tells subjects apart, so that its values need not be counted to leave it out."""
    return spec.type == "category" and not spec.is_tag and sides.various(spec.name, TOO_MANY)


def _spreads(of: Numbers, *, apart: bool) -> dict[str, Any]:
    others = of.rest if apart else of.base
    return {
        "group": of.spread(of.group),
        "base": of.spread(others),
        "bands": bands(of, others),
        "ranks": of.ranks(),
    }


def _number(
    query: Query,
    speech: Speech,
    spec: FieldSpec,
    kind: SubjectKind,
    found: Mapping[str, Any],
    *,
    apart: bool,
) -> NumberSummary:
    group, base, ranks = found["group"], found["base"], found["ranks"]
    rest = base["n"] if apart else base["n"] - group["n"]
    return NumberSummary(
        spec.name,
        speech.field_title(spec),
        category_of(query, speech, kind, spec.name),
        spec.type,
        Spread(**group),
        Spread(**base),
        **ranks,
        bands=found["bands"],
        p=_number_p(ranks, group["n"], rest),
    )


def ordered(query: Query, kind: SubjectKind, names: Sequence[str]) -> list[str]:
    """By category, as the portraits of single subjects are; in each as they are declared."""

    def rank(name: str) -> tuple[object, ...]:
        info = query.tags.get((kind, name))
        return category_order(info.category if info else ())

    return sorted(names, key=rank)


def repeated_of(specs: Mapping[str, FieldSpec], found: Mapping[str, object]) -> frozenset[str]:
    """Attributes that a tag says over again, value by value: the tag has the better title."""
    of_tags = [name for name, spec in specs.items() if spec.is_tag]
    return frozenset(
        name
        for name, spec in specs.items()
        if not spec.is_tag
        and any(specs[tag].type == spec.type and found[tag] == found[name] for tag in of_tags)
    )


def category_of(query: Query, speech: Speech, kind: SubjectKind, name: str) -> tuple[str, ...]:
    info = query.tags.get((kind, name))
    return speech.category(info.category) if info else ()


def _cells(
    speech: Speech,
    spec: FieldSpec,
    rows: Sequence[Mapping[str, Any]],
    size: int,
    every: int,
    *,
    many: bool,
    apart: bool,
) -> list[Cell]:
    """All cells of a tag; where its values are very ``many``, the rare ones are not tested."""
    out = []
    for row in rows:
        value, group, both = row["value"], row["group"], row["base"]
        samples = group, size, both - group, every - size
        base, base_size = samples[2:] if apart else (both, every)
        # Of two groups the smaller one decides whether a value is rare, whichever is named first.
        judged = samples[2:] + samples[:2] if apart and 2 * size > every else samples
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
                difference_p(*judged) if tested else None,
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
        (one for one in cells if _is_found(one) and max(one.group, one.base) >= SMALL),
        key=lambda one: (
            round(abs(one.z or 0), 9),
            one.group > 0,
            one.value is True,
            (one.z or 0) > 0,
        ),
        default=None,
    )
