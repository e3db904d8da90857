"""Aggregates over a stream that share a relation: more may be asked for until it is written."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sqlglot import exp

from holbein.conditions.tree import Aggregate, Window
from holbein.engine.base import column, digest, double, whole
from holbein.engine.compare import or_zero
from holbein.engine.distinct import distinct
from holbein.engine.facts import FactRows
from holbein.engine.figures import Figures
from holbein.engine.grouped import BITS, WORD, Part, ages, grouped
from holbein.engine.ordered import ordered

if TYPE_CHECKING:
    from holbein.engine.compile import Scope

GROUPED = frozenset({"count", "sum", "avg", "min", "max", "days_since"})
DISTINCT = frozenset({"count_days", "count_distinct"})
ORDERED = frozenset({"first", "last"})


def family(node: Aggregate, scope: Scope) -> str:
    """Aggregates of the same family stand in one relation; the family is its alias."""
    rows = FactRows(scope, node.stream)
    if node.name in GROUPED or _ages(node, rows) is not None:
        return f"facts of {rows.stream.name}"
    about = f"{node.column or 'at'} of {rows.stream.name}"
    if node.name in ORDERED:
        return f"{node.name} {about}, {digest(node)}"
    return f"{'distinct' if node.name in DISTINCT else node.name} {about}"


def _ages(node: Aggregate, rows: FactRows) -> range | None:
    """The ages of a window's days, where distinct ones are counted by bits."""
    return ages(node, rows) if node.name == "count_days" else None


class FusedFacts:
    """The relation of a family; more may be asked of it until ``figures`` is called."""

    def __init__(self, scope: Scope, stream: str, family: str) -> None:
        self._scope = scope
        self._source = stream
        self._family = family
        self._rows = FactRows(scope, stream)
        self._parts: dict[str, Part] = {}

    def column(self, node: Aggregate) -> exp.Expr:
        """The value of an aggregate, in the scope that this relation is joined to."""
        rows = self._rows
        if node.name == "count":
            return double(or_zero(self._part("count", node)))
        days = _ages(node, rows)
        if days is not None:
            return self._days(node, days)
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
        return double(value) if rows.is_number(node.column) else value

    def _finite(self, value: exp.Expr) -> exp.Expr:
        return exp.case().when(self._rows.dialect.finite(value), value.copy())

    def _total(self, node: Aggregate) -> exp.Expr:
        """The sum: exact, whatever the order in which the engine adds up (see ``Exact``)."""
        if node.column in self._rows.decimals:
            return self._part("sum", node)
        exact = self._rows.exact(node.column)
        return exact.total({name: self._part(name, node) for name in exact.parts})

    def _days(self, node: Aggregate, days: range) -> exp.Expr:
        """How many of the days have facts: each is a bit, of numbers that all windows share."""
        out: exp.Expr | None = None
        for word, name in enumerate(BITS):
            first = word * WORD
            mine = range(max(days.start, first), min(days.stop, first + WORD))
            if not mine:
                continue
            bits = self._part(name, dataclasses.replace(node, window=None, before=None))
            self._reach(bits.name, days.stop)
            mask = sum(1 << (day - first) for day in mine)
            ones = double(or_zero(self._rows.dialect.ones(bits, mask)))
            out = ones if out is None else exp.Add(this=out, expression=ones)
        assert out is not None
        return exp.paren(out)

    def _reach(self, name: str, days: int) -> None:
        """Lets the bits of a part tell of so many days, at least."""
        part = self._parts[name]
        reach = max(days, part.node.window.count if part.node.window else 0)
        node = dataclasses.replace(part.node, window=Window(reach, "day"))
        self._parts[name] = dataclasses.replace(part, node=node)

    def _part(self, part: str, node: Aggregate) -> exp.Column:
        """One column of the relation."""
        # What several measures are made of (a sum and an average, say) is called alike.
        name = f"{part}_{digest(dataclasses.replace(node, name='count'))}"
        self._parts.setdefault(name, Part(part, node))
        return column(name, self._family)

    def figures(self) -> Figures:
        """One row for each subject that has facts, with every aggregate asked for."""
        wanted = dict(self._parts)

        def build(scope: Scope) -> exp.Select:
            fused = FusedFacts(scope, self._source, self._family)
            fused._parts = wanted
            return fused.select()

        return Figures(self._scope.kind, self._family, self._family, len(wanted), build)

    def select(self) -> exp.Select:
        """The relation, in the scope that this was made for."""
        kinds = {part.name for part in self._parts.values()}
        if kinds == {"distinct"}:
            return distinct(self._rows, {name: part.node for name, part in self._parts.items()})
        if kinds <= ORDERED:
            ((name, part),) = self._parts.items()
            return ordered(self._rows, name, part.node)
        return grouped(self._rows, self._parts)
