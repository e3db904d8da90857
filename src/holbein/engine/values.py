"""The values of a column, one row for each subject and value: what several figures start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from holbein.conditions.tree import Aggregate
from holbein.engine.base import both, column
from holbein.engine.facts import FactRows

if TYPE_CHECKING:
    from holbein.engine.compile import Scope

Made = Callable[[exp.Expr], exp.Expr]
"""An aggregate over an expression."""


@dataclass(frozen=True)
class _Part:
    node: Aggregate
    timed: bool
    value: exp.Expr
    made: Made


class Values:
    """The relation of a stream's facts by subject and value; more may be asked of it until
    ``select``. It has the scope's keys, ``value``, and what was asked for by name.
    """

    def __init__(self, scope: Scope, stream: str, name: str | None) -> None:
        self.rows = FactRows(scope, stream)
        self.name = f"{scope.kind}: values of {name or 'at'} of {self.rows.stream.name}"
        self._column = name
        self._parts: dict[str, _Part] = {}
        self._nodes: set[Aggregate] = set()

    def ask(
        self, name: str, node: Aggregate, value: exp.Expr, made: Made, *, timed: bool = True
    ) -> str:
        """The column of an aggregate over ``value`` of the facts that count for ``node``; with
        regard to its window if ``timed``. What has the same name must be the same.
        """
        self._nodes.add(node)
        self._parts.setdefault(name, _Part(node, timed, value, made))
        return name

    def select(self) -> exp.Select:
        """The relation, in its scope."""
        rows, nodes = self.rows, sorted(self._nodes, key=repr)
        value = rows.value(self._column) if self._column else column("day", "f")
        known = exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))
        alone = len(rows.events(nodes)) == 1
        columns = [exp.alias_(value, "value", quoted=True)]
        for name, part in self._parts.items():
            kept = rows.kept(part.node, timed=part.timed, named=not alone)
            counts = exp.case().when(both(*kept), part.value.copy()) if kept else part.value.copy()
            columns.append(exp.alias_(part.made(counts), name, quoted=True))
        return (
            rows.rows(columns)
            .group_by(*rows.grouping(), value.copy())
            .where(known, *rows.common(nodes))
        )
