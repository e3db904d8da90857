"""Figures over a stream: one grouped relation for as many aggregates as can share a scan."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from holbein.conditions.tree import Aggregate, Condition, Field, Measure, Unit, Window
from holbein.conditions.vocabulary import FieldSpec, StreamSpec, Vocabulary
from holbein.engine.base import Dialect, both, column, double, missing, table, text, whole
from holbein.engine.compare import Comparisons, or_zero
from holbein.engine.exact import Exact
from holbein.engine.figures import Figures

if TYPE_CHECKING:
    from holbein.engine.compile import Moment, Scope

FUSED = frozenset({"count", "sum", "avg", "min", "max", "days_since"})
"""These share one scan; the others (distinct, ordered) are faster apart."""

DISTINCT = frozenset({"count_days", "count_distinct"})

ORDERED = frozenset({"first", "last"})

ADDITIVE = frozenset({"count", "number", "sum", *Exact.WHOLE})
"""Parts that are whole numbers or decimals and add up: what left a window can be taken back."""

TIERS = (95, 190, 380)
"""Windows of up to so many days share a scan: a longer one would make all of it longer."""

MOST_DAYS: Mapping[Unit, int] = {"day": 1, "week": 7, "month": 31, "year": 366}
"""How many days a unit of a window can have."""


def family(node: Aggregate, scope: Scope) -> str:
    """Aggregates of the same family stand in one relation; the family is its alias."""
    stream, _ = _found(node.stream, scope.vocabulary)
    if node.name in FUSED or _is_masked(node, scope.dialect):
        reach = _days(node.window, node.before)
        tier = next((one for one in TIERS if reach is not None and reach <= one), None)
        return f"facts of {stream.name}" + (f" in {tier} days" if tier is not None else "")
    about = f"{node.column or 'at'} of {stream.name}"
    if node.name in ORDERED:
        return f"{node.name} {about}, {_digest(node)}"
    return f"{'distinct' if node.name in DISTINCT else node.name} {about}"


def _days(window: Window | None, before: Window | None) -> int | None:
    """So many days back a window may reach, at most; None where it has no beginning."""
    if window is None:
        return None
    return sum(
        one.count // 24 + 2 if one.elapsed else one.count * MOST_DAYS[one.unit]
        for one in (window, before)
        if one is not None
    )


def _is_masked(node: Aggregate, dialect: Dialect) -> bool:
    """Whether the days of a window are few enough to be held as the bits of a number."""
    given = node.window, node.before
    whole_days = node.window is not None and not any(one.elapsed for one in given if one)
    if node.name != "count_days" or not whole_days:
        return False
    return (_days(node.window, None) or 0) <= dialect.most_bits


def _digest(node: Aggregate) -> str:
    return hashlib.sha256(repr(node).encode()).hexdigest()[:16]


class FactRows(Comparisons):
    """The facts of a stream, under the alias ``f``, as a scope's subjects see them at as-of."""

    def __init__(self, scope: Scope, name: str) -> None:
        self.scope = scope
        self.dialect = scope.dialect
        self.today = scope.moment.day
        self.stream, self.event = _found(name, scope.vocabulary)
        layout = scope.compiler.layout
        self._delayed = layout.delayed.get(self.stream.name, frozenset())
        self.decimals = layout.decimals.get(self.stream.name, frozenset())
        self.small = layout.small.get(self.stream.name, frozenset())

    def value(self, name: str) -> exp.Expr:
        """A column as it is stored; missing until it could be known."""
        if name == "at":
            return column("day", "f")
        value = column(name, "f")
        if name not in self._delayed:
            return value
        known = exp.LT(
            this=column(f"known.{name}", "f"), expression=self.scope.moment.instant.copy()
        )
        shown = exp.case().when(known, value)
        several = self._spec(name).type == "categories"
        return shown.else_(self.dialect.no_labels()) if several else shown

    def field(self, name: str) -> exp.Expr:
        value = self.value(name)
        return double(value) if name != "at" and self._spec(name).type == "number" else value

    def spec_of(self, node: Measure) -> FieldSpec | None:
        return self._spec(node.name) if isinstance(node, Field) and node.name != "at" else None

    def _spec(self, name: str) -> FieldSpec:
        return self.stream.columns[name]

    def keep(
        self,
        window: Window | None,
        before: Window | None,
        where: Condition | None,
        event: str | None,
    ) -> list[exp.Expr]:
        """What a fact must meet, beside being seen, for one aggregate."""
        out = windowed(self.dialect, self.scope.moment, window, before)
        if event is not None:
            out.append(exp.EQ(this=column("name", "f"), expression=text(event)))
        if where is not None:
            out.append(self.condition(where))
        return out

    def keys(self) -> list[exp.Expr]:
        """The scope's keys, as each fact bears them."""
        if self.scope.moving:
            return self.grouping()
        return [exp.alias_(column(self.scope.kind, "f"), "id", quoted=True)]

    def rows(self, columns: list[exp.Expr]) -> exp.Select:
        """The facts that the scope's subjects bear and see."""
        moment = self.scope.moment
        seen = [
            exp.LT(this=column(name, "f"), expression=moment.instant.copy())
            for name in ("at", "known_at")
        ]
        stream = f"stream.{self.stream.name}"
        source = self.scope.compiler.layout.instead.get(stream, stream)
        out = exp.select(*self.keys(), *columns).from_(table(source, "f"))
        if self.scope.chosen is not None:
            same = exp.EQ(this=column(self.scope.kind, "f"), expression=column("id", "u"))
            out = out.join(exp.Join(this=table(self.scope.chosen, "u"), on=same), copy=False)
        borne = exp.Not(this=exp.Is(this=column(self.scope.kind, "f"), expression=exp.null()))
        return out.where(*seen, borne)

    def grouping(self) -> list[exp.Expr]:
        """What to group by for one row for each subject (and as-of)."""
        if self.scope.moving:
            return [column("id", "u"), column("instant", "u")]
        return [column(self.scope.kind, "f")]


class FusedFacts:
    """Aggregates of one family; more may be asked for until ``figures`` is called.

    A column is called after what it holds, so that a later run knows it again.
    """

    def __init__(self, scope: Scope, stream: str, family: str) -> None:
        self._scope = scope
        self._source = stream
        self._family = family
        self._rows = FactRows(scope, stream)
        self._columns: dict[str, tuple[str, Aggregate]] = {}

    def column(self, node: Aggregate) -> exp.Expr:
        """The value of an aggregate, in the scope that this relation is joined to."""
        rows = self._rows
        if node.name == "count":
            return double(or_zero(self._part("count", node)))
        if _is_masked(node, rows.dialect):
            return double(or_zero(self._part("days", node)))
        if node.name in DISTINCT:
            return double(or_zero(self._part("distinct", node)))
        if node.name == "days_since":
            last = self._part("day", node)
            return double(rows.dialect.days_between(last, rows.scope.moment.day.copy()))
        if node.name == "sum":
            return self._finite(double(or_zero(self._total(node))))
        if node.name == "avg":
            some = exp.Nullif(this=self._part("number", node), expression=whole(0))
            return self._finite(exp.Div(this=double(self._total(node)), expression=double(some)))
        value = self._part(node.name, node)
        return double(value) if self._is_number(node) else value

    def _is_number(self, node: Aggregate) -> bool:
        name = node.column
        return (
            name is not None and name != "at" and self._rows.stream.columns[name].type == "number"
        )

    def _finite(self, value: exp.Expr) -> exp.Expr:
        return exp.case().when(self._rows.dialect.finite(value), value.copy())

    def _total(self, node: Aggregate) -> exp.Expr:
        """The sum: exact, whatever the order in which the engine adds up (see ``Exact``)."""
        if node.column in self._rows.decimals:
            return self._part("sum", node)
        names = Exact.WHOLE if node.column in self._rows.small else Exact.PARTS
        return Exact.total({name: self._part(name, node) for name in names})

    def _part(self, part: str, node: Aggregate) -> exp.Expr:
        """One aggregate column of the relation."""
        # What several measures are made of (a sum and an average, say) is called alike.
        name = f"{part}_{_digest(dataclasses.replace(node, name='count'))}"
        self._columns.setdefault(name, (part, node))
        return column(name, self._family)

    def figures(self) -> Figures:
        """One row for each subject that has facts, with every aggregate asked for."""
        wanted = dict(self._columns)

        def build(scope: Scope, names: Sequence[str]) -> exp.Select:
            fused = FusedFacts(scope, self._source, self._family)
            fused._columns = {name: wanted[name] for name in names}
            return fused.select()

        return Figures(
            self._scope.kind,
            self._family,
            self._family,
            (self._rows.stream.name,),
            frozenset((node.window, node.before) for _, node in wanted.values()),
            {name: part in ADDITIVE for name, (part, _) in wanted.items()},
            build,
        )

    def select(self) -> exp.Select:
        """The relation, in the scope that this was made for."""
        parts = {part for part, _ in self._columns.values()}
        if parts == {"distinct"}:
            return self._distinct()
        if parts <= ORDERED:
            return self._ordered()
        rows = self._rows
        columns = [
            exp.alias_(self._aggregate(part, node), name, quoted=True)
            for name, (part, node) in self._columns.items()
        ]
        return rows.rows(columns).group_by(*rows.grouping()).where(*self._common())

    def _ordered(self) -> exp.Select:
        """The first or last value in three steps: its time; the values at that time; and only where
        these are several, the one whose key decides. Keys are long, and seldom of use.
        """
        rows = self._rows
        ((name, (part, node)),) = self._columns.items()
        value = rows.value(node.column) if node.column else column("day", "f")
        spec = rows.spec_of(Field(node.column)) if node.column else None
        several = spec is not None and spec.type == "categories"
        absent = rows.dialect.unlabelled if several else missing
        known = exp.Not(this=absent(value.copy()))
        met = [*self._keep(node), known, *self._common()]
        bound = (exp.Max if part == "last" else exp.Min)(this=column("at", "f"))
        times = rows.rows([exp.alias_(bound, "time", quoted=True)])
        times = times.where(*met).group_by(*rows.grouping())
        ends = {"least": exp.Min(this=value), "most": exp.Max(this=value.copy())}
        time = exp.alias_(exp.Min(this=column("time", "m")), "time", quoted=True)
        ends_of = [time, *(exp.alias_(one, end, quoted=True) for end, one in ends.items())]
        share, keys = rows.scope.compiler.share, rows.scope.keys
        at_time = table(share(self._at(times, ends_of, met), "ends"), "b")
        undecided = exp.NEQ(this=column("least", "b"), expression=column("most", "b"))
        ties = exp.select(*(column(key, "b") for key in keys), column("time", "b"))
        ties = ties.from_(at_time.copy()).where(undecided)
        chosen = rows.dialect.extreme(value.copy(), [column("key", "f")], last=part == "last")
        decided = self._at(ties, [exp.alias_(chosen, "value", quoted=True)], met)
        same = [exp.EQ(this=column(key, "d"), expression=column(key, "b")) for key in keys]
        tied = exp.Join(this=table(share(decided, "tied"), "d"), on=both(*same), side="LEFT")
        found = exp.case().when(undecided.copy(), column("value", "d")).else_(column("least", "b"))
        return (
            exp.select(*(column(key, "b") for key in keys), exp.alias_(found, name, quoted=True))
            .from_(at_time)
            .join(tied)
        )

    def _at(
        self, times: exp.Query, columns: Sequence[exp.Expr], met: Sequence[exp.Expr]
    ) -> exp.Select:
        """Aggregates over the facts at the ``time`` of each subject."""
        rows = self._rows
        mine = rows.grouping()
        same = [
            exp.EQ(this=one.copy(), expression=column(key, "m"))
            for one, key in zip(mine, rows.scope.keys, strict=True)
        ]
        then = exp.EQ(this=column("at", "f"), expression=column("time", "m"))
        at = exp.Subquery(this=times, alias=exp.to_identifier("m", quoted=True))
        joined = rows.rows(list(columns)).join(exp.Join(this=at, on=both(*same, then)), copy=False)
        return joined.where(*(one.copy() for one in met)).group_by(*mine)

    def _distinct(self) -> exp.Select:
        """Distinct values are counted in two steps: engines hold a set for each subject, for each
        aggregate, where there are several; and the first step serves them all."""
        rows = self._rows
        _, first = next(iter(self._columns.values()))
        value = rows.value(first.column) if first.column else column("day", "f")
        met: list[exp.Expr] = [exp.alias_(value, "value", quoted=True)]
        for name, (_, node) in self._columns.items():
            keep = both(*self._keep(node))
            one = exp.case().when(keep, whole(1))
            met.append(exp.alias_(exp.Max(this=one), name, quoted=True))
        known = exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))
        by_value = (
            rows.rows(met).group_by(*rows.grouping(), value.copy()).where(known, *self._common())
        )
        keys = [column(key, "v") for key in rows.scope.keys]
        counts = [
            exp.alias_(exp.Count(this=column(name, "v")), name, quoted=True)
            for name in self._columns
        ]
        values = exp.Subquery(this=by_value, alias=exp.to_identifier("v", quoted=True))
        return exp.select(*keys, *counts).from_(values).group_by(*(one.copy() for one in keys))

    def _common(self) -> list[exp.Expr]:
        """What every aggregate asks of a fact, said once where the engine can skip files by it."""
        rows = self._rows
        nodes = [node for _, node in self._columns.values()]
        out: list[exp.Expr] = []
        events = {_found(node.stream, rows.scope.vocabulary)[1] for node in nodes}
        if None not in events:
            names = [text(one) for one in sorted(one for one in events if one is not None)]
            out.append(exp.In(this=column("name", "f"), expressions=names))
        starts = {
            self._first_day(node.window, node.before) for node in nodes if node.window is not None
        }
        if all(node.window is not None for node in nodes):
            first = sorted(starts, key=lambda one: one.sql())
            earliest = exp.func("LEAST", *first) if len(first) > 1 else first[0]
            out.append(exp.GT(this=column("day", "f"), expression=earliest))
        return out

    def _first_day(self, window: Window, before: Window | None) -> exp.Expr:
        """A day before which no fact lies in the window."""
        if window.elapsed or (before is not None and before.elapsed):
            back = Window(_days(window, before) or 0, "day")
            return self._rows.dialect.minus(self._rows.scope.moment.day.copy(), back)
        return start_of(self._rows.dialect, self._rows.scope.moment, window, before)

    def _keep(self, node: Aggregate) -> list[exp.Expr]:
        _, event = _found(node.stream, self._rows.scope.vocabulary)
        return self._rows.keep(node.window, node.before, node.where, event)

    def _aggregate(self, part: str, node: Aggregate) -> exp.Expr:
        rows = self._rows
        keep = self._keep(node)
        if part == "days":
            return rows.dialect.bits(exp.case().when(both(*keep), self._age(node)))
        value = rows.value(node.column) if node.column else column("day", "f")
        parts: dict[str, Callable[[], exp.Expr]] = {
            "count": lambda: exp.Count(this=exp.Star()),
            "number": lambda: exp.Count(this=value),
            "day": lambda: exp.Max(this=column("day", "f")),
            "sum": lambda: exp.Sum(this=value),
            **{
                name: lambda name=name: Exact.aggregate(  # type: ignore[misc]
                    name, value, rows.dialect, small=node.column in rows.small
                )
                for name in Exact.PARTS
            },
            "min": lambda: exp.Min(this=value),
            "max": lambda: exp.Max(this=value),
            "median": lambda: rows.dialect.median(double(value)),
        }
        made = parts[part]()
        return exp.Filter(this=made, expression=exp.Where(this=both(*keep))) if keep else made

    def _age(self, node: Aggregate) -> exp.Expr:
        """How many days a fact lies before the end of a window; NULL outside of it."""
        moment, dialect = self._rows.scope.moment, self._rows.dialect
        end = moment.day if node.before is None else end_of(dialect, moment, node.before)
        age = dialect.days_between(column("day", "f"), end.copy())
        most = (_days(node.window, None) or 0) - 1
        inside = exp.Between(this=age.copy(), low=whole(0), high=whole(most))
        return exp.case().when(inside, age)


def windowed(
    dialect: Dialect, moment: Moment, window: Window | None, before: Window | None
) -> list[exp.Expr]:
    """What a fact's time must meet to lie in a window, beside being before as-of."""
    elapsed = _is_elapsed(window, before)
    when = column("at" if elapsed else "day", "f")
    out: list[exp.Expr] = []
    if before is not None:
        end = end_of(dialect, moment, before)
        out.append((exp.LT if elapsed else exp.LTE)(this=when.copy(), expression=end))
    if window is not None:
        start = start_of(dialect, moment, window, before)
        out.append((exp.GTE if elapsed else exp.GT)(this=when.copy(), expression=start))
    return out


def _is_elapsed(window: Window | None, before: Window | None) -> bool:
    given = window or before
    return given is not None and given.elapsed


def end_of(dialect: Dialect, moment: Moment, before: Window) -> exp.Expr:
    """Where a window that lies ``before`` ends: its last day, or the instant after it."""
    back = dialect.earlier if before.elapsed else dialect.minus
    return back((moment.instant if before.elapsed else moment.day).copy(), before)


def start_of(dialect: Dialect, moment: Moment, window: Window, before: Window | None) -> exp.Expr:
    """Where a window begins: the day before its first, or its first instant."""
    back = dialect.earlier if window.elapsed else dialect.minus
    if before is not None:
        return back(end_of(dialect, moment, before), window)
    return back((moment.instant if window.elapsed else moment.day).copy(), window)


def _found(name: str, vocabulary: Vocabulary) -> tuple[StreamSpec, str | None]:
    found = vocabulary.source(name)
    if found is None:
        raise LookupError(f"no stream or event {name!r}")
    return found
