"""RFM: scores of recency, frequency and monetary value among all who have facts, and segments."""

from __future__ import annotations

from sqlglot import exp

from holbein.catalog.kinds import Rfm
from holbein.catalog.rfm import CELLS
from holbein.engine.base import column, double, table, text, whole
from holbein.engine.compare import constant
from holbein.engine.compile import Scope
from holbein.tags.population import everyone, per_instant

SCORES = ("recency", "frequency", "monetary")


def rfm(scope: Scope, wanted: Rfm) -> str:
    """A relation of the scope's keys and ``value``, for those who have a fact in the window."""
    population = everyone(scope)
    figures = {name: population.measure(one) for name, one in wanted.figures.items()}
    some = exp.GT(this=figures["frequency"].copy(), expression=constant(0))
    share = scope.compiler.share
    measured = table(share(population.select(figures, some), "figures"), "f")
    scored = {name: _score(name, population, wanted.bins) for name in figures}
    scored.setdefault("monetary", scored["frequency"].copy())
    keys = [column(key, "f") for key in population.keys]
    scores = exp.select(
        *keys, *(exp.alias_(one, name, quoted=True) for name, one in scored.items())
    ).from_(measured)
    value = _value(wanted)
    keys = [column(key, "s") for key in population.keys]
    given = exp.select(*keys, exp.alias_(value, "value", quoted=True))
    return share(given.from_(table(share(scores, "scores"), "s")), "rfm")


def _score(name: str, population: Scope, bins: int) -> exp.Expr:
    """1 + floor(bins × those strictly worse / all): equal ones have the same score."""
    per = per_instant(population, "f")
    worst_first = exp.Ordered(
        this=column(name, "f"), desc=name == "recency", nulls_first=name != "recency"
    )
    rank = exp.Window(
        this=exp.func("RANK"),
        partition_by=[one.copy() for one in per],
        order=exp.Order(expressions=[worst_first]),
    )
    all_ = exp.Window(this=exp.Count(this=exp.Star()), partition_by=per)
    worse = double(exp.paren(exp.Sub(this=rank, expression=whole(1))))
    share = exp.Div(this=exp.Mul(this=constant(bins), expression=worse), expression=double(all_))
    score = exp.Add(this=whole(1), expression=exp.func("FLOOR", share))
    return exp.cast(score, exp.DataType.Type.BIGINT)


def _value(wanted: Rfm) -> exp.Expr:
    """What is given, from the three scores."""
    r, f, m = (column(name, "s") for name in SCORES)
    if wanted.gives == "score":
        digits = [exp.cast(one, exp.DataType.Type.TEXT) for one in (r, f, m)]
        return exp.DPipe(this=exp.DPipe(this=digits[0], expression=digits[1]), expression=digits[2])
    if wanted.gives != "segment":
        return double(column(wanted.gives, "s"))
    # The mean, a half rounded up: f + m is one of 2·cell − 1 and 2·cell.
    sum_ = exp.paren(exp.Add(this=f, expression=m))
    chosen = exp.case()
    for recency, cells in enumerate(CELLS, start=1):
        for mean, segment in enumerate(cells, start=1):
            here = exp.and_(
                exp.EQ(this=r.copy(), expression=whole(recency)),
                exp.In(this=sum_.copy(), expressions=[whole(2 * mean - 1), whole(2 * mean)]),
            )
            chosen = chosen.when(here, text(segment))
    return chosen
