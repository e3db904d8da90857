"""Figures over a stream: one grouped relation for as many aggregates as can share a scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from holbein.conditions.tree import Aggregate, Condition, Field, Measure, Window
from holbein.conditions.vocabulary import FieldSpec, StreamSpec, Vocabulary
from holbein.engine.base import Dialect, both, column, double, missing, table, text
from holbein.engine.compare import Comparisons, constant, or_zero

if TYPE_CHECKING:
    from holbein.engine.compile import Moment, Scope

FUSED = frozenset({"count", "sum", "avg", "min", "max", "days_since"})
"""These share one scan; the others (distinct, ordered) are faster apart."""


def family(node: Aggregate, vocabulary: Vocabulary) -> str:
    """Aggregates of the same family stand in one relation; the family is its alias."""
    stream, _ = _found(node.stream, vocabulary)
    if node.name in FUSED:
        return f"facts of {stream.name}"
    return f"{node.name} of {node.column or 'days'} of {stream.name}"


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
        out = exp.select(*self.keys(), *columns).from_(table(f"stream.{self.stream.name}", "f"))
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


class Exact:
    """Sums of doubles that come out the same whatever the order: engines add up in any.

    Each number is cut in two whole numbers, of units of 2^-20 and of 2^-60, and these are added up
    exactly. So every sum is exact down to 2^-60, and is rounded once. Only where some number is
    2^42 (4.4 × 10^12) or larger does the engine's own sum stand.
    """

    PARTS = ("plain", "largest", "coarse", "fine")
    LARGEST, COARSE, FINE = 2.0**42, 2.0**20, 2.0**40

    @classmethod
    def aggregate(cls, part: str, value: exp.Expr, dialect: Dialect) -> exp.Expr:
        """One of the four aggregates that a total is made of."""
        value = double(value)
        if part == "plain":
            return exp.Sum(this=value)
        size = exp.func("ABS", value.copy())
        if part == "largest":
            return exp.Max(this=size)
        fits = exp.LT(this=size, expression=constant(cls.LARGEST))
        scaled = exp.Mul(
            this=exp.paren(exp.case().when(fits, value.copy())), expression=constant(cls.COARSE)
        )
        units = exp.func("FLOOR", scaled)
        if part == "fine":
            rest = exp.paren(exp.Sub(this=scaled.copy(), expression=units))
            units = exp.func("FLOOR", exp.Mul(this=rest, expression=constant(cls.FINE)))
        return exp.Sum(this=dialect.wide(exp.cast(units, exp.DataType.Type.BIGINT)))

    @classmethod
    def total(cls, parts: Mapping[str, exp.Expr]) -> exp.Expr:
        """The sum, from its four parts; NULL of nothing."""
        coarse = exp.Div(this=double(parts["coarse"]), expression=constant(cls.COARSE))
        fine = exp.Div(this=double(parts["fine"]), expression=constant(cls.COARSE * cls.FINE))
        small = exp.LT(this=parts["largest"], expression=constant(cls.LARGEST))
        exact = exp.Add(this=exp.paren(coarse), expression=exp.paren(fine))
        return exp.paren(exp.case().when(small, exact).else_(parts["plain"]))


class FusedFacts:
    """Aggregates of one family; more may be asked for until ``select`` is called."""

    def __init__(self, scope: Scope, stream: str, alias: str) -> None:
        self._rows = FactRows(scope, stream)
        self._alias = alias
        self._columns: dict[tuple[str, Aggregate], str] = {}

    def column(self, node: Aggregate) -> exp.Expr:
        """The value of an aggregate, in the scope that this relation is joined to."""
        rows = self._rows
        if node.name == "count":
            return double(or_zero(self._part("count", node)))
        if node.name in ("count_days", "count_distinct"):
            return double(or_zero(self._part(node.name, node)))
        if node.name == "days_since":
            last = self._part("day", node)
            return double(rows.dialect.days_between(last, rows.scope.moment.day.copy()))
        if node.name == "sum":
            return self._finite(double(or_zero(self._total(node))))
        if node.name == "avg":
            total, number = self._total(node), self._part("number", node)
            return self._finite(exp.Div(this=double(total), expression=double(number)))
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
        parts = {name: self._part(name, node) for name in Exact.PARTS}
        return Exact.total(parts)

    def _part(self, part: str, node: Aggregate) -> exp.Expr:
        """One aggregate column of the relation."""
        name = self._columns.setdefault((part, node), f"c{len(self._columns)}")
        return column(name, self._alias)

    def select(self) -> exp.Select:
        """One row for each subject that has facts, with every aggregate asked for."""
        rows = self._rows
        parts = [
            exp.alias_(self._aggregate(part, node), name, quoted=True)
            for (part, node), name in self._columns.items()
        ]
        out = rows.rows(parts).group_by(*rows.grouping())
        return out.where(*self._common())

    def _common(self) -> list[exp.Expr]:
        """What every aggregate asks of a fact, said once where the engine can skip files by it."""
        rows = self._rows
        nodes = [node for _, node in self._columns]
        out: list[exp.Expr] = []
        events = {_found(node.stream, rows.scope.vocabulary)[1] for node in nodes}
        if None not in events:
            names = [text(one) for one in sorted(one for one in events if one is not None)]
            out.append(exp.In(this=column("name", "f"), expressions=names))
        starts = {
            _start(rows.dialect, rows.scope.moment, node.window, node.before)
            for node in nodes
            if node.window is not None and not node.window.elapsed
        }
        if all(node.window is not None and not node.window.elapsed for node in nodes):
            first = sorted(starts, key=lambda one: one.sql())
            earliest = exp.func("LEAST", *first) if len(first) > 1 else first[0]
            out.append(exp.GT(this=column("day", "f"), expression=earliest))
        return out

    def _aggregate(self, part: str, node: Aggregate) -> exp.Expr:
        rows = self._rows
        _, event = _found(node.stream, rows.scope.vocabulary)
        keep = rows.keep(node.window, node.before, node.where, event)
        value = rows.value(node.column) if node.column else column("day", "f")
        if part in ("first", "last"):
            spec = rows.spec_of(Field(node.column)) if node.column else None
            several = spec is not None and spec.type == "categories"
            absent = rows.dialect.unlabelled if several else missing
            keep.append(exp.Not(this=absent(value.copy())))
        parts: dict[str, Callable[[], exp.Expr]] = {
            "count": lambda: exp.Count(this=exp.Star()),
            "number": lambda: exp.Count(this=value),
            "count_days": lambda: exp.Count(this=exp.Distinct(expressions=[column("day", "f")])),
            "count_distinct": lambda: exp.Count(this=exp.Distinct(expressions=[value])),
            "day": lambda: exp.Max(this=column("day", "f")),
            "sum": lambda: exp.Sum(this=value),
            **{
                name: lambda name=name: Exact.aggregate(name, value, rows.dialect)  # type: ignore[misc]
                for name in Exact.PARTS
            },
            "min": lambda: exp.Min(this=value),
            "max": lambda: exp.Max(this=value),
            "median": lambda: rows.dialect.median(double(value)),
            "first": lambda: self._extreme(value, last=False),
            "last": lambda: self._extreme(value, last=True),
        }
        made = parts[part]()
        return exp.Filter(this=made, expression=exp.Where(this=both(*keep))) if keep else made

    def _extreme(self, value: exp.Expr, *, last: bool) -> exp.Expr:
        order = [column("at", "f"), column("key", "f")]
        return self._rows.dialect.extreme(value, order, last=last)


def windowed(
    dialect: Dialect, moment: Moment, window: Window | None, before: Window | None
) -> list[exp.Expr]:
    """What a fact's time must meet to lie in a window, beside being before as-of."""
    elapsed = _is_elapsed(window, before)
    when = column("at" if elapsed else "day", "f")
    out: list[exp.Expr] = []
    if before is not None:
        end = _end(dialect, moment, before)
        out.append((exp.LT if elapsed else exp.LTE)(this=when.copy(), expression=end))
    if window is not None:
        start = _start(dialect, moment, window, before)
        out.append((exp.GTE if elapsed else exp.GT)(this=when.copy(), expression=start))
    return out


def _is_elapsed(window: Window | None, before: Window | None) -> bool:
    given = window or before
    return given is not None and given.elapsed


def _end(dialect: Dialect, moment: Moment, before: Window) -> exp.Expr:
    back = dialect.earlier if before.elapsed else dialect.minus
    return back((moment.instant if before.elapsed else moment.day).copy(), before)


def _start(dialect: Dialect, moment: Moment, window: Window, before: Window | None) -> exp.Expr:
    back = dialect.earlier if window.elapsed else dialect.minus
    if before is not None:
        return back(_end(dialect, moment, before), window)
    return back((moment.instant if window.elapsed else moment.day).copy(), window)


def _found(name: str, vocabulary: Vocabulary) -> tuple[StreamSpec, str | None]:
    found = vocabulary.source(name)
    if found is None:
        raise LookupError(f"no stream or event {name!r}")
    return found
