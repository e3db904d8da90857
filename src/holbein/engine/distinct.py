"""Distinct values, and days of activity in windows of a year and more."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from holbein.conditions.tree import Aggregate
from holbein.engine.base import both, column, whole
from holbein.engine.facts import FactRows, start_of


def distinct(rows: FactRows, counted: Mapping[str, Aggregate]) -> exp.Select:
    """One row for each subject that has values: the scope's keys and the counts by name.

    Values are counted in two steps: engines hold a set for each subject, for each aggregate, where
    there are several; and the first step serves them all. It tells each value's last day, which
    answers for every window that ends at as-of.
    """
    first = next(iter(counted.values()))
    value = rows.value(first.column) if first.column else column("day", "f")
    steps = {name: _steps(rows, node) for name, node in counted.items()}
    inner = {one.sql(): one for one, _ in steps.values()}
    places = {written: f"v{number}" for number, written in enumerate(inner)}
    met = [exp.alias_(one, places[written], quoted=True) for written, one in inner.items()]
    known = exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))
    by_value = (
        rows.rows([exp.alias_(value, "value", quoted=True), *met])
        .group_by(*rows.grouping(), value.copy())
        .where(known, *rows.common(counted.values()))
    )
    keys = [column(key, "v") for key in rows.scope.keys]
    counts = []
    for name, (one, start) in steps.items():
        last: exp.Expr = column(places[one.sql()], "v")
        if start is not None:
            last = exp.case().when(exp.GT(this=last, expression=start), whole(1))
        counts.append(exp.alias_(exp.Count(this=last), name, quoted=True))
    values = exp.Subquery(this=by_value, alias=exp.to_identifier("v", quoted=True))
    return exp.select(*keys, *counts).from_(values).group_by(*(one.copy() for one in keys))


def _steps(rows: FactRows, node: Aggregate) -> tuple[exp.Expr, exp.Expr | None]:
    """What the first step takes of each value, and after what day it must lie to be counted."""
    plain = node.before is None and (node.window is None or not node.window.elapsed)
    if rows.scope.moving or not plain:
        kept = both(*rows.kept(node))
        return exp.Max(this=exp.case().when(kept, column("day", "f"))), None
    asked = rows.kept(node, timed=False)
    day = column("day", "f")
    last = exp.Max(this=exp.case().when(both(*asked), day) if asked else day)
    if node.window is None:
        return last, None
    return last, start_of(rows.dialect, rows.scope.moment, node.window, None)
