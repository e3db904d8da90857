"""Distinct values, and days of activity in windows of more than a year."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from sqlglot import exp

from holbein.conditions.tree import Aggregate
from holbein.engine.base import column, digest, table, whole
from holbein.engine.facts import FactRows, start_of


def distinct(rows: FactRows, counted: Mapping[str, Aggregate]) -> exp.Select:
    """One row for each subject that has values: the scope's keys and the counts by name.

    Values are counted in two steps: engines hold a set for each subject, for each aggregate, where
    there are several; and the first step serves them all. It tells each value's last day, which
    answers for every window that ends at as-of.
    """
    compiler, scope = rows.scope.compiler, rows.scope
    first = next(iter(counted.values()))
    values = compiler.values(scope, first.stream, first.column)
    counts = []
    for name, node in counted.items():
        timed = scope.moving or node.before is not None or _is_elapsed(node)
        alike = node if timed else dataclasses.replace(node, window=None)
        day = column("day", "f")
        asked = values.ask(
            f"last_{digest(alike)}", node, day, lambda one: exp.Max(this=one), timed=timed
        )
        last: exp.Expr = column(asked, "v")
        if not timed and node.window is not None:
            start = start_of(rows.dialect, scope.moment, node.window, None)
            last = exp.case().when(exp.GT(this=last, expression=start), whole(1))
        counts.append(exp.alias_(exp.Count(this=last), name, quoted=True))
    keys = [column(key, "v") for key in scope.keys]
    by_value = table(compiler.values_relation(scope, values), "v")
    return exp.select(*keys, *counts).from_(by_value).group_by(*(one.copy() for one in keys))


def _is_elapsed(node: Aggregate) -> bool:
    return node.window is not None and node.window.elapsed
