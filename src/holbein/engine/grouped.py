"""Counts, sums, extremes and days of activity: all of a stream's in one pass over each band.

What comes from several bands is put together: medians cannot be, and take one pass over all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import Aggregate
from holbein.engine import bands, exact
from holbein.engine.bands import Band
from holbein.engine.base import both, column, double, missing, whole
from holbein.engine.compare import or_zero
from holbein.engine.facts import FactRows

WORD = 62
"""So many days are held as the bits of one number."""

WORDS = 6
"""Windows of more than so many words are counted by their distinct days instead."""

BITS = tuple(f"days{word}" for word in range(WORDS))
ADDED = frozenset({"count", "number", "sum", "plain", *exact.UNITS, *exact.WHOLE, *BITS})
"""Parts that add up over bands. Each day lies in one band, so that bits add up as counts do."""

COMPARED = frozenset({"min", "max", "largest"})
MERGED = ADDED | COMPARED | {"day"}


@dataclass(frozen=True)
class Part:
    """One column of a relation: what is taken of the facts that an aggregate asks for.

    Of ``BITS`` the aggregate has a window of so many days as the bits must reach back.
    """

    name: str
    node: Aggregate


def ages(node: Aggregate, rows: FactRows) -> range | None:
    """How many days before as-of the days of a window lie, where all fit in the words."""
    window, before = node.window, node.before
    if window is None or any(one.elapsed for one in (window, before) if one is not None):
        return None
    as_of = rows.scope.moment.as_of
    fixed = all(one.unit in ("day", "week") for one in (window, before) if one is not None)
    if as_of is not None:
        span = bands.spanned(window, before, as_of)
        if span.older is None:
            return None
        newest = 0 if span.newer is None else (as_of.day - span.newer).days
        found = range(newest, (as_of.day - span.older).days)
    elif fixed:
        newest = 0 if before is None else _days(before.count, before.unit)
        found = range(newest, newest + _days(window.count, window.unit))
    else:
        return None
    return found if found.stop <= WORD * WORDS else None


def _days(count: int, unit: str) -> int:
    return count * (7 if unit == "week" else 1)


def grouped(rows: FactRows, parts: Mapping[str, Part]) -> exp.Select:
    """One row for each subject that has facts: the scope's keys and the parts by name."""
    as_of = rows.scope.moment.as_of
    if as_of is None or any(part.name not in MERGED for part in parts.values()):
        return _pass(rows, parts, {}, None)
    spans = {name: _span(part, as_of) for name, part in parts.items()}
    windows = [bands.spanned(one.node.window, one.node.before, as_of) for one in parts.values()]
    made: list[tuple[list[str], exp.Select]] = []
    for band in bands.cut(windows, as_of.day):
        mine = {name: part for name, part in parts.items() if spans[name].meets(band)}
        if mine:
            made.append((list(mine), _pass(rows, mine, spans, band)))
    return made[0][1] if len(made) == 1 else _together(rows, parts, made)


def _span(part: Part, as_of: AsOf) -> Band:
    """The days of which a part is made."""
    if part.name not in BITS:
        return bands.spanned(part.node.window, part.node.before, as_of)
    newest, reach = WORD * BITS.index(part.name), part.node.window
    oldest = newest + WORD if reach is None else min(newest + WORD, reach.count)
    first, last = (as_of.day - dt.timedelta(days=one) for one in (oldest, newest))
    return Band(first, None if newest == 0 else last)


def _pass(
    rows: FactRows, parts: Mapping[str, Part], spans: Mapping[str, Band], band: Band | None
) -> exp.Select:
    """One pass over the facts of a band; over all of them where no bands are known."""
    nodes = [part.node for part in parts.values()]
    alone = len(rows.events(nodes)) == 1
    columns = [
        exp.alias_(_aggregate(rows, part, _met(rows, part, spans.get(name), band, alone=alone)),
                   name, quoted=True)
        for name, part in parts.items()
    ]  # fmt: skip
    times = rows.since(nodes) if band is None else _days_of(rows, band)
    common = [*rows.of_events(nodes), *times]
    return rows.rows(columns).group_by(*rows.grouping()).where(*common)


def _days_of(rows: FactRows, band: Band) -> list[exp.Expr]:
    out: list[exp.Expr] = []
    day, dialect = column("day", "f"), rows.dialect
    if band.older is not None:
        out.append(exp.GT(this=day.copy(), expression=dialect.day(band.older)))
    if band.newer is not None:
        out.append(exp.LTE(this=day.copy(), expression=dialect.day(band.newer)))
    return out


def _met(
    rows: FactRows, part: Part, span: Band | None, band: Band | None, *, alone: bool
) -> list[exp.Expr]:
    """What a fact of the pass must meet to count for a part; ``alone``: the event is sure."""
    node = part.node
    if part.name not in BITS and (span is None or band is None or not span.exact):
        return rows.kept(node, named=not alone)
    asked = rows.kept(node, timed=False, named=not alone)
    if part.name in BITS:
        return asked
    assert span is not None
    assert band is not None
    older = span.older if span.begins_within(band) else None
    newer = span.newer if span.ends_within(band) else None
    return [*_days_of(rows, Band(older, newer)), *asked]


def _aggregate(rows: FactRows, part: Part, met: list[exp.Expr]) -> exp.Expr:
    """One aggregate. What does not count is made NULL: engines filter each aggregate's rows more
    slowly than that."""
    name = part.node.column
    value = rows.value(name) if name else column("day", "f")

    def of(value: exp.Expr) -> exp.Expr:
        return exp.case().when(both(*met), value) if met else value

    if part.name in BITS:
        return rows.dialect.bits(of(_place(rows, part)))
    if part.name == "count":
        return exp.Count(this=of(whole(1)) if met else exp.Star())
    if part.name in exact.PARTS:
        return rows.exact(name).aggregate(part.name, of(value), rows.dialect)
    made: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {
        "number": lambda one: exp.Count(this=one),
        "day": lambda one: exp.Max(this=one),
        "sum": lambda one: exp.Sum(this=one),
        "min": lambda one: exp.Min(this=one),
        "max": lambda one: exp.Max(this=one),
        "median": lambda one: rows.dialect.median(double(one)),
    }
    return made[part.name](of(column("day", "f") if part.name == "day" else value))


def _place(rows: FactRows, part: Part) -> exp.Expr:
    """Which bit of its number a fact's day is; NULL for days of other numbers."""
    first, reach = WORD * BITS.index(part.name), part.node.window
    age = rows.dialect.days_between(column("day", "f"), rows.scope.moment.day.copy())
    last = first + WORD if reach is None else min(first + WORD, reach.count)
    inside = exp.Between(this=age, low=whole(first), high=whole(last - 1))
    return exp.case().when(inside, exp.Sub(this=age.copy(), expression=whole(first)))


def _together(
    rows: FactRows, parts: Mapping[str, Part], made: Sequence[tuple[list[str], exp.Select]]
) -> exp.Select:
    """The passes over all bands, newest first, as one."""
    keys = rows.scope.keys
    aliases = [f"b{number}" for number in range(len(made))]

    def key_of(key: str, some: Sequence[str]) -> exp.Expr:
        found = [column(key, one) for one in some]
        return exp.func("COALESCE", *found) if len(found) > 1 else found[0]

    values = []
    for name, part in parts.items():
        each = [
            column(name, one) for one, (has, _) in zip(aliases, made, strict=True) if name in has
        ]
        values.append(exp.alias_(_merged(part, each), name, quoted=True))
    out = exp.select(*(exp.alias_(key_of(key, aliases), key, quoted=True) for key in keys), *values)
    for number, (alias, (_, select)) in enumerate(zip(aliases, made, strict=True)):
        relation = exp.Subquery(this=select, alias=exp.to_identifier(alias, quoted=True))
        if not number:
            out = out.from_(relation)
            continue
        same = [
            exp.EQ(this=key_of(key, aliases[:number]), expression=column(key, alias))
            for key in keys
        ]
        out = out.join(exp.Join(this=relation, on=both(*same), side="FULL"), copy=False)
    return out


def _merged(part: Part, each: Sequence[exp.Expr]) -> exp.Expr:
    """One part from its bands, the newest first."""
    out = each[0]
    for one in each[1:]:
        if part.name == "day":
            out = exp.func("COALESCE", out, one)
        elif part.name in COMPARED:
            better = exp.LT if part.name == "min" else exp.GT
            stands = better(this=out.copy(), expression=one.copy())
            out = exp.case().when(exp.or_(missing(one.copy()), stands), out).else_(one)
        else:
            out = exp.Add(this=or_zero(out), expression=or_zero(one))
    return out
