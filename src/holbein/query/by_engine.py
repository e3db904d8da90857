"""What an engine answers: by SQL over the tables of a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from holbein.conditions.instants import AsOf
from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import (
    And,
    Condition,
    Measure,
    Not,
    Or,
    Related,
    SubjectKind,
)
from holbein.engine.base import column, table, whole
from holbein.engine.compile import Compiler, Scope
from holbein.engine.reader import Reader

INLINE = 2_000
"""Up to so many ids are written into a query; more are loaded as a table."""


def _nodes(condition: Condition, kind: SubjectKind) -> Iterator[tuple[Condition, SubjectKind]]:
    """The condition and all within it, each with whom it speaks of."""
    yield condition, kind
    match condition:
        case And(items=items) | Or(items=items):
            for one in items:
                yield from _nodes(one, kind)
        case Not(item=item):
            yield from _nodes(item, kind)
        case Related(relation=relation, where=where):
            yield from _nodes(where, TARGETS[kind, relation])


class ByEngine:
    """The questions that columns cannot answer, or not now."""

    def __init__(self, reader: Reader, as_of: AsOf) -> None:
        self.reader = reader
        self.as_of = as_of

    def count(self, condition: Condition, kind: SubjectKind) -> int:
        """How many subjects of ``kind`` meet a bound condition."""
        scope = self._everyone(kind)
        met = scope.select({}, scope.condition(condition))
        counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n", quoted=True)).from_(
            table(scope.compiler.share(met, "met"))
        )
        return int(self.reader.query(scope.compiler.finish(counted))["n"][0].as_py())

    def node_counts(
        self, condition: Condition, kind: SubjectKind
    ) -> dict[tuple[SubjectKind, Condition], int]:
        """How many meet the condition, and each within it: see ``Query.node_counts``."""
        return {(of, one): self.count(one, of) for one, of in _nodes(condition, kind)}

    def ids(
        self, condition: Condition, kind: SubjectKind, among: Sequence[int] | None = None
    ) -> pa.Array:
        """The ids (int64, ascending) of those who meet a bound condition, among some (or all)."""
        if among is None:
            scope = self._everyone(kind)
            found = self._select(scope, {}, scope.condition(condition))
        else:
            with self._chosen(kind, pa.array(among, pa.int64())) as scope:
                found = self._select(scope, {}, scope.condition(condition))
        return found["id"].combine_chunks()

    def values(self, kind: SubjectKind, names: Sequence[str], where: Condition | None) -> pa.Table:
        """``id`` and the named attributes and tags of all who meet a bound condition."""
        scope = self._everyone(kind)
        met = None if where is None else scope.condition(where)
        return self._select(scope, {name: scope.field(name) for name in names}, met)

    def values_of(
        self, kind: SubjectKind, names: Sequence[str], ids: pa.Array | pa.ChunkedArray
    ) -> pa.Table:
        """``id`` and the named attributes and tags of some subjects."""
        with self._chosen(kind, ids) as scope:
            return self._select(scope, {name: scope.field(name) for name in names})

    def measures(
        self,
        kind: SubjectKind,
        measures: Mapping[str, Measure],
        ids: pa.Array | pa.ChunkedArray,
        conditions: Mapping[str, Condition],
    ) -> pa.Table:
        """``id``, some bound measures of some subjects, and whether they meet some conditions."""
        with self._chosen(kind, ids) as scope:
            columns = {name: scope.measure(one) for name, one in measures.items()}
            columns |= {name: scope.condition(one) for name, one in conditions.items()}
            return self._select(scope, columns)

    def crossed(self, kind: SubjectKind, conditions: Sequence[Condition]) -> pa.Table:
        """How many meet which of some conditions: see ``Query.crossed``."""
        scope = self._everyone(kind)
        names = [f"c{number}" for number in range(len(conditions))]
        flags = dict(zip(names, map(scope.condition, conditions), strict=True))
        rows = exp.Subquery(this=scope.select(flags), alias=exp.to_identifier("x", quoted=True))
        columns = [column(name, "x") for name in names]
        count = exp.alias_(exp.Count(this=exp.Star()), "count", quoted=True)
        grouped = exp.select(*columns, count).from_(rows)
        return self.reader.query(
            scope.compiler.finish(grouped.group_by(*(one.copy() for one in columns)))
        )

    def flagged(
        self,
        kind: SubjectKind,
        names: Sequence[str],
        flags: Mapping[str, Condition],
        where: Condition,
    ) -> pa.Table:
        """``id``, the named attributes and tags, and whether they meet ``flags``, of all who meet
        a condition."""
        scope = self._everyone(kind)
        columns = {name: scope.field(name) for name in names}
        columns |= {name: scope.condition(one) for name, one in flags.items()}
        return self._select(scope, columns, scope.condition(where))

    def _everyone(self, kind: SubjectKind) -> Scope:
        return self.reader.compiler().everyone(kind, self.as_of)

    def _select(
        self,
        scope: Scope,
        columns: Mapping[str, exp.Expr],
        where: exp.Expr | None = None,
    ) -> pa.Table:
        found = self.reader.query(scope.compiler.finish(scope.select(columns, where)))
        return found.sort_by("id")

    @contextmanager
    def _chosen(self, kind: SubjectKind, ids: pa.Array | pa.ChunkedArray) -> Iterator[Scope]:
        compiler: Compiler = self.reader.compiler()
        listed = pc.unique(ids)
        chosen = exp.select(column("id")).distinct().from_(table(kind))
        if len(listed) <= INLINE:
            numbers = [whole(one) for one in listed.to_pylist()]
            among = exp.In(this=column("id"), expressions=numbers) if numbers else exp.false()
            yield compiler.some(kind, self.as_of, chosen.where(among))
            return
        name = f"chosen_{id(compiler)}"
        self.reader.load(name, pa.table({"id": listed}))
        try:
            known = exp.select(column("id")).from_(table(name))
            among = exp.In(this=column("id"), query=exp.Subquery(this=known))
            yield compiler.some(kind, self.as_of, chosen.where(among))
        finally:
            self.reader.drop(name)
