"""Rankings: where a subject stands among its peers, as a percentile or as a place."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from holbein.catalog.kinds import Ranking
from holbein.engine.base import both, column, double, table, whole
from holbein.engine.compare import constant
from holbein.engine.compile import Scope
from holbein.tags.population import everyone, per_instant


def ranking(scope: Scope, wanted: Ranking) -> str:
    """A relation of the scope's keys and ``value``, for those who have both value and peers."""
    population = everyone(scope)
    asked = {"of": population.measure(wanted.of)}
    asked |= {f"peer{n}": population.field(name) for n, name in enumerate(wanted.among)}
    known = both(*(exp.Not(this=exp.Is(this=one, expression=exp.null())) for one in asked.values()))
    share = scope.compiler.share
    ranked = table(share(population.select(asked, known), "ranked"), "r")
    peers = [
        *per_instant(population, "r"), *(column(name, "r") for name in asked if name != "of")
    ]  # fmt: skip
    value = _percentile(peers) if wanted.gives == "percentile" else _place(peers, wanted)
    keys = [column(key, "r") for key in population.keys]
    placed = exp.select(*keys, exp.alias_(double(value), "value", quoted=True)).from_(ranked)
    return share(placed, "ranking")


def _percentile(peers: Sequence[exp.Expr]) -> exp.Expr:
    """100 × (those below + half of those equal) / all."""
    order = exp.Order(expressions=[exp.Ordered(this=column("of", "r"), nulls_first=False)])
    below = _over(exp.func("RANK"), peers, order)  # and 1
    equal = _over(exp.Count(this=exp.Star()), [*peers, column("of", "r")])
    all_ = _over(exp.Count(this=exp.Star()), peers)
    twice = exp.Mul(this=whole(2), expression=exp.paren(exp.Sub(this=below, expression=whole(1))))
    sum_ = double(exp.Add(this=twice, expression=equal))
    return exp.Div(this=exp.Mul(this=constant(50), expression=sum_), expression=double(all_))


def _place(peers: Sequence[exp.Expr], wanted: Ranking) -> exp.Expr:
    """1 for the first; of equal ones, the one with the smaller id comes before."""
    order = exp.Order(
        expressions=[
            exp.Ordered(this=column("of", "r"), desc=wanted.order == "highest", nulls_first=False),
            exp.Ordered(this=column("id", "r"), nulls_first=False),
        ]
    )
    return _over(exp.RowNumber(), peers, order)


def _over(figure: exp.Expr, peers: Sequence[exp.Expr], order: exp.Order | None = None) -> exp.Expr:
    return exp.Window(this=figure, partition_by=[one.copy() for one in peers], order=order)
