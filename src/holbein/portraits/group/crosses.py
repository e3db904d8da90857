"""Crosses of two tags: which combinations tell more of a group than their two tags do alone.

How that is judged stands in ``query.crossing``. All pairs of frequent values are tested, and
corrected together; of each pair of tags the one that stands out most is told. Of more than 40,000
subjects they are looked for in a draw, and those that are told are counted in all. Numbers and
dates are crossed where they are asked for, in quarters of the base. Missing values are shown, not
tested.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec
from holbein.errors import HolbeinError
from holbein.portraits.figures import share, tgi
from holbein.portraits.group.contrast import MOST_VALUES
from holbein.portraits.speech import Speech
from holbein.query.comparing import FALSE, SMALL, adjusted
from holbein.query.crossing import Flagged, Floats, Value, departures, joint
from holbein.query.numbers import edges_of

if TYPE_CHECKING:
    from holbein.query import Query
    from holbein.query.sides import Sides

_TELLING = 10
Places = NDArray[np.int64]


@dataclass(frozen=True)
class CrossCell:
    """Two values at once, and how many have both.

    ``expected`` is the share of the group that the two tags alone lead to expect, ``score`` tells
    how clearly the true one is more than that and than the rest's, and ``q`` is its p value,
    corrected; None where there are too few to judge.
    """

    values: tuple[str, str]
    group: int
    base: int
    share: float | None
    base_share: float | None
    tgi: float | None
    expected: float | None
    score: float | None
    p: float | None
    q: float | None


@dataclass(frozen=True)
class Cross:
    """A combination that tells more than its two tags do alone."""

    names: tuple[str, str]
    titles: tuple[str, str]
    cell: CrossCell


@dataclass(frozen=True)
class CrossTable:
    """All combinations of two tags: a row of ``cells`` for each value of the first, and in it a
    cell for each value of the second.
    """

    names: tuple[str, str]
    titles: tuple[str, str]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[CrossCell, ...], ...]
    more: tuple[int, int]
    """How many values of each are not shown, the rarest."""


def telling_crosses(
    query: Query, speech: Speech, kind: SubjectKind, names: Sequence[str], sides: Sides
) -> tuple[Cross, ...]:
    """The telling combinations among some categories and booleans, the clearest first."""
    specs = [query.spec(kind, name) for name in names]
    few = sides.drawn(names, MOST_VALUES)
    # Of yes and no, each says what the other does.
    tags = [_only_yes(tag) if spec.type == "boolean" else tag
            for spec, tag in zip(specs, few.tags, strict=True)]  # fmt: skip
    size = len(few.chosen)
    counts = joint(tags, size, few.chosen)
    owner = np.repeat(np.arange(len(tags)), [len(one.values) for one in tags])
    first, second = np.nonzero(owner[:, None] < owner[None, :])
    values = [one for tag in tags for one in tag.values]
    crossed = _Crossed(
        speech,
        specs,
        owner,
        values,
        (first, second),
        [np.stack([of[first, second], of[first, first], of[second, second]]) for of in counts],
        (int(few.chosen.sum()), int((~few.chosen).sum())),
    )
    told: dict[tuple[int, int], Cross] = {}
    for place in crossed.found():
        pair = int(owner[first[place]]), int(owner[second[place]])
        cell = crossed.cell(place)
        if pair in told or cell.base < SMALL:
            continue
        a, b = (specs[one] for one in pair)
        titles = speech.field_title(a), speech.field_title(b)
        if size < sides.every:
            both = values[first[place]], values[second[place]]
            cell = _recounted(cell, sides, (a.name, b.name), both)
        told[pair] = Cross((a.name, b.name), titles, cell)
        if len(told) == _TELLING:
            break
    return tuple(told.values())


def _recounted(
    cell: CrossCell, sides: Sides, names: tuple[str, str], values: tuple[Value | None, ...]
) -> CrossCell:
    """A combination that was found in a draw, counted in all."""
    first, second = ((name, [value]) for name, value in zip(names, values, strict=True))
    group, base = (int(one.both[0, 0]) for one in sides.joint(first, second))
    return replace(
        cell,
        group=group,
        base=base,
        share=share(group, sides.size),
        base_share=share(base, sides.every),
        tgi=tgi(group, sides.size, base, sides.every),
    )


def cross_table(
    query: Query, speech: Speech, kind: SubjectKind, names: tuple[str, str], sides: Sides
) -> CrossTable:
    """Every combination of two tags. Raises HolbeinError where they are one and the same."""
    specs = [query.spec(kind, name) for name in names]
    if names[0] == names[1]:
        raise HolbeinError(
            f"{names[0]} cannot be crossed with itself", hint="name two different tags"
        )
    rows, columns = (_shown(sides, spec) for spec in specs)
    high, wide = len(rows.values), len(columns.values)
    first, second = np.repeat(np.arange(high), wide), np.tile(np.arange(wide), high)
    mine, every = (
        np.stack([one.both.ravel(), one.first[first], one.second[second]]).astype(np.float64)
        for one in sides.joint((names[0], rows.values), (names[1], columns.values))
    )
    crossed = _Crossed(
        speech,
        specs,
        np.repeat([0, 1], [high, wide]),
        [*rows.values, *columns.values],
        (first, high + second),
        (mine, every - mine),
        (sides.size, sides.every - sides.size),
    )
    cells = [crossed.cell(place) for place in range(len(first))]
    return CrossTable(
        names,
        (speech.field_title(specs[0]), speech.field_title(specs[1])),
        tuple(crossed.texts[:high]),
        tuple(crossed.texts[high:]),
        tuple(tuple(cells[at * wide : (at + 1) * wide]) for at in range(high)),
        (rows.more, columns.more),
    )


@dataclass(frozen=True)
class _Shown:
    """The values of a tag that a cross table shows, the missing one last, and how many more."""

    values: tuple[Value | None, ...]
    more: int


def _shown(sides: Sides, spec: FieldSpec) -> _Shown:
    if spec.type in ("number", "date"):
        numbers = sides.numbers(spec.name)
        cut = numbers.quarters()
        counts = numbers.base.between(edges_of([high for _, high in cut[:-1]]))
        bands = [band for band, count in zip(cut, counts, strict=False) if count]
        lacking = (None,) if numbers.base.n < sides.every else ()
        return _Shown((*bands, *lacking), 0)
    rows = sides.labels(spec.name)["value"]
    known = rows.drop_null()
    first = known[:MOST_VALUES].to_pylist()
    lacking = (None,) if rows.null_count else ()
    return _Shown((*first, *lacking), len(known) - len(first))


class _Crossed:
    """Pairs of values of tags, judged: ``pairs`` are their places in ``values``, ``owner`` tells
    whose each of these is, and ``counts``, of the group and of the others, how many have both
    values of a pair, the first and the second.
    """

    def __init__(
        self,
        speech: Speech,
        specs: Sequence[FieldSpec],
        owner: Places,
        values: Sequence[Value | None],
        pairs: tuple[Places, Places],
        counts: Sequence[Floats],
        sizes: tuple[int, int],
    ) -> None:
        self.texts = [
            value_text(speech, specs[of], one) for of, one in zip(owner, values, strict=True)
        ]
        first, second = self._pairs = pairs
        self._size, self._others = sizes
        mine, rest = ((of[0], of[1], of[2]) for of in counts)
        self._mine, self._rest = mine[0], rest[0]
        self._judged = departures(mine, self._size, rest, self._others)
        known = np.array([one is not None for one in values], bool)
        self._p = np.where(known[first] & known[second], self._judged.p, np.nan)
        tested = np.flatnonzero(~np.isnan(self._p))
        self._q = np.full(len(first), np.nan)
        self._q[tested] = adjusted(self._p[tested].tolist())

    def found(self) -> list[int]:
        """The places of those that are more than chance, the clearest first."""
        places = np.flatnonzero(np.nan_to_num(self._q, nan=1.0) < FALSE)
        order = np.argsort(-abs(self._judged.score[places]), kind="stable")
        return [int(one) for one in places[order]]

    def cell(self, at: int) -> CrossCell:
        group, size = int(self._mine[at]), self._size
        base, base_size = group + int(self._rest[at]), self._size + self._others
        tested = not np.isnan(self._p[at])
        return CrossCell(
            (self.texts[self._pairs[0][at]], self.texts[self._pairs[1][at]]),
            group,
            base,
            share(group, size),
            share(base, base_size),
            tgi(group, size, base, base_size) if base >= SMALL else None,
            float(self._judged.expected[at]) / size if tested else None,
            float(self._judged.score[at]) if tested else None,
            float(self._p[at]) if tested else None,
            float(self._q[at]) if tested else None,
        )


def _only_yes(tag: Flagged) -> Flagged:
    yes = tag.codes == (tag.values.index(True) if True in tag.values else -1)
    return Flagged((True,), tag.rows[yes], np.zeros(int(yes.sum()), np.int64))


def value_text(speech: Speech, spec: FieldSpec, value: Value | None) -> str:
    if value is None:
        return speech.t("missing")
    if not isinstance(value, tuple):
        return speech.value(spec, value)
    low, high = (None if one is None else _end(speech, spec, one) for one in value)
    if low is None and high is None:
        return speech.t("any value")
    if low is None:
        return speech.t("below {high}").format(high=high)
    if high is None:
        return speech.t("{low} or more").format(low=low)
    return speech.t("{low} to below {high}").format(low=low, high=high)


def _end(speech: Speech, spec: FieldSpec, value: float | dt.date) -> str:
    return value.isoformat() if isinstance(value, dt.date) else speech.value(spec, value)
