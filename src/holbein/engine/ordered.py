"""The first and the last value of a stream's facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from holbein.conditions.tree import Aggregate, Field, Window
from holbein.engine.base import both, column, missing, table
from holbein.engine.facts import FactRows

RECENT = Window(90, "day")
"""The last value is looked for in these days, and before them for those who have none in them."""


@dataclass(frozen=True)
class _Facts:
    """Facts that have a value: ``rows`` selects from them what their subjects are known by, and
    expressions over the others.
    """

    rows: Callable[[Sequence[exp.Expr]], exp.Select]
    subject: Sequence[exp.Expr]
    at: exp.Expr
    value: exp.Expr
    key: exp.Expr


def ordered(rows: FactRows, name: str, node: Aggregate) -> exp.Select:
    """One row for each subject that has values: the scope's keys and the value by name."""
    value = rows.value(node.column) if node.column else column("day", "f")
    spec = rows.spec_of(Field(node.column)) if node.column else None
    absent = rows.dialect.unlabelled if spec and spec.type == "categories" else missing
    met = [*rows.kept(node), *rows.common([node]), exp.Not(this=absent(value.copy()))]
    last = node.name == "last"

    def facts(*more: exp.Expr) -> _Facts:
        def chosen(columns: Sequence[exp.Expr]) -> exp.Select:
            return rows.rows(list(columns)).where(*(one.copy() for one in (*met, *more)))

        at, key = column("at", "f"), column("key", "f")
        return _Facts(chosen, rows.grouping(), at, value, key)

    if not last or node.window is not None or rows.scope.moving:
        return _decided(rows, facts(), name, last=last)
    cut = rows.dialect.minus(rows.scope.moment.day.copy(), RECENT)
    day, share = column("day", "f"), rows.scope.compiler.share
    after = exp.GT(this=day, expression=cut)
    recent = share(_decided(rows, facts(after), name, last=last), "recent")
    others = exp.In(
        this=column(rows.scope.kind, "f"), query=exp.Subquery(this=_without(rows, recent))
    )
    before = exp.LTE(this=day.copy(), expression=cut.copy())
    rest = _decided(rows, _kept(rows, facts(before, others)), name, last=last)
    columns = [column(one, "r") for one in (*rows.scope.keys, name)]
    both_times = exp.union(exp.select(*columns).from_(table(recent, "r")), rest, distinct=False)
    found = exp.Subquery(this=both_times, alias=exp.to_identifier("r", quoted=True))
    return exp.select(*(one.copy() for one in columns)).from_(found)


def _without(rows: FactRows, found: str) -> exp.Select:
    """The scope's subjects that are not among those found."""
    scope = rows.scope
    same = exp.EQ(this=column("id", "r"), expression=column("id", "s"))
    return (
        exp.select(column("id", "s"))
        .from_(table(scope.chosen or scope.kind, "s"))
        .join(exp.Join(this=table(found, "r"), on=same, side="LEFT"))
        .where(missing(column("id", "r")))
    )


def _kept(rows: FactRows, facts: _Facts) -> _Facts:
    """The facts in a relation of their own: they are few, and asked for several times."""
    named = {"at": facts.at, "value": facts.value, "key": facts.key}
    columns = [exp.alias_(one, name, quoted=True) for name, one in named.items()]
    kept = table(rows.scope.compiler.share(facts.rows(columns), "rest"), "o")
    keys = [column(key, "o") for key in rows.scope.keys]

    def chosen(columns: Sequence[exp.Expr]) -> exp.Select:
        return exp.select(*(one.copy() for one in keys), *columns).from_(kept.copy())

    return _Facts(chosen, keys, *(column(name, "o") for name in named))


def _decided(rows: FactRows, facts: _Facts, name: str, *, last: bool) -> exp.Select:
    """The value in three steps: its time; the values at that time; and only where these are
    several, the one whose key decides. Keys are long, and seldom of use.
    """
    bound = (exp.Max if last else exp.Min)(this=facts.at.copy())
    times = facts.rows([exp.alias_(bound, "time", quoted=True)]).group_by(*_copies(facts.subject))
    ends = {
        "time": exp.Min(this=column("time", "m")),
        "least": exp.Min(this=facts.value.copy()),
        "most": exp.Max(this=facts.value.copy()),
    }
    share, keys = rows.scope.compiler.share, rows.scope.keys
    at_time = table(share(_at(rows, facts, times, ends), "ends"), "b")
    undecided = exp.NEQ(this=column("least", "b"), expression=column("most", "b"))
    ties = exp.select(*(column(key, "b") for key in keys), column("time", "b"))
    ties = ties.from_(at_time.copy()).where(undecided)
    chosen = rows.dialect.extreme(facts.value.copy(), [facts.key.copy()], last=last)
    decided = share(_at(rows, facts, ties, {"value": chosen}), "tied")
    same = [exp.EQ(this=column(key, "d"), expression=column(key, "b")) for key in keys]
    tied = exp.Join(this=table(decided, "d"), on=both(*same), side="LEFT")
    found = exp.case().when(undecided.copy(), column("value", "d")).else_(column("least", "b"))
    return (
        exp.select(*(column(key, "b") for key in keys), exp.alias_(found, name, quoted=True))
        .from_(at_time)
        .join(tied)
    )


def _at(
    rows: FactRows, facts: _Facts, times: exp.Query, columns: Mapping[str, exp.Expr]
) -> exp.Select:
    """Aggregates over the facts at the ``time`` of each subject."""
    same = [
        exp.EQ(this=one, expression=column(key, "m"))
        for one, key in zip(_copies(facts.subject), rows.scope.keys, strict=True)
    ]
    then = exp.EQ(this=facts.at.copy(), expression=column("time", "m"))
    at = exp.Subquery(this=times, alias=exp.to_identifier("m", quoted=True))
    named = [exp.alias_(one, name, quoted=True) for name, one in columns.items()]
    joined = facts.rows(named).join(exp.Join(this=at, on=both(*same, then)), copy=False)
    return joined.group_by(*_copies(facts.subject))


def _copies(expressions: Sequence[exp.Expr]) -> list[exp.Expr]:
    return [one.copy() for one in expressions]
