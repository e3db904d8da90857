"""Preference: the labels of a column that a subject's facts weigh most."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from holbein.catalog.kinds import Preference
from holbein.conditions.tree import SubjectKind, Window
from holbein.conditions.vocabulary import Vocabulary
from holbein.engine.base import both, column, double, table, whole
from holbein.engine.compare import constant
from holbein.engine.compile import Scope
from holbein.engine.exact import Exact
from holbein.engine.facts import FactRows
from holbein.engine.figures import Figures

DAYS = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}


def figures(kind: SubjectKind, wanted: Preference, vocabulary: Vocabulary) -> Figures:
    """The preferred labels as a relation of the keys and ``value``."""
    found = vocabulary.source(wanted.stream)
    assert found is not None
    return Figures(
        kind,
        f"{wanted!r}",
        f"preferred {wanted.by} of {wanted.stream}",
        (found[0].name,),
        1,
        lambda scope: preference(scope, wanted),
    )


def preference(scope: Scope, wanted: Preference) -> exp.Select:
    """The scope's keys and ``value``: one label, or a list with the best first.

    A label's weight is the sum of its facts' weights (1 where no column gives one), each halved
    for every half-life of its age in days. Labels without positive weight are no preference; ties
    go to the label that comes first by code point.
    """
    facts = FactRows(scope, wanted.stream)
    share = scope.compiler.share
    label = facts.value(wanted.by)
    sums, weight = _weights(facts, wanted)
    weighed = facts.rows(
        [
            exp.alias_(label, "label", quoted=True),
            *(exp.alias_(one, name, quoted=True) for name, one in sums.items()),
        ]
    )
    known = exp.Not(this=exp.Is(this=label.copy(), expression=exp.null()))
    weighed = weighed.where(
        known, *facts.keep(wanted.window, None, wanted.where, facts.event)
    ).group_by(*facts.grouping(), label.copy())
    by_label = share(weighed, "weights")
    keys = [column(key, "w") for key in scope.keys]
    positive = (
        exp.select(*keys, column("label", "w"), exp.alias_(weight, "weight", quoted=True))
        .from_(table(by_label, "w"))
        .where(exp.GT(this=weight.copy(), expression=whole(0)))
    )
    known_weights = share(positive, "positive")
    return _first(scope, known_weights) if wanted.top == 1 else _best(scope, known_weights, wanted)


def _first(scope: Scope, weights: str) -> exp.Select:
    """The label of the greatest weight: found by that weight, which costs less than to rank."""
    keys = [column(key, "w") for key in scope.keys]
    greatest = exp.alias_(exp.Max(this=column("weight", "w")), "weight", quoted=True)
    most = exp.select(*keys, greatest).from_(table(weights, "w")).group_by(*keys)
    names = (*scope.keys, "weight")
    same = [exp.EQ(this=column(name, "w"), expression=column(name, "m")) for name in names]
    top = exp.Subquery(this=most, alias=exp.to_identifier("m", quoted=True))
    label = exp.alias_(exp.Min(this=column("label", "w")), "value", quoted=True)
    return (
        exp.select(*(one.copy() for one in keys), label)
        .from_(table(weights, "w"))
        .join(exp.Join(this=top, on=both(*same)))
        .group_by(*(one.copy() for one in keys))
    )


def _best(scope: Scope, weights: str, wanted: Preference) -> exp.Select:
    """The labels of the greatest weights, in a list."""
    keys = [column(key, "w") for key in scope.keys]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[one.copy() for one in keys],
        order=exp.Order(
            expressions=[
                exp.Ordered(this=column("weight", "w"), desc=True, nulls_first=False),
                exp.Ordered(this=column("label", "w"), nulls_first=False),
            ]
        ),
    )
    ranked = exp.select(*keys, column("label", "w"), exp.alias_(place, "place", quoted=True)).from_(
        table(weights, "w")
    )
    best = table(scope.compiler.share(ranked, "ranked"), "r")
    within = exp.LTE(this=column("place", "r"), expression=whole(wanted.top))
    keys = [column(key, "r") for key in scope.keys]
    value = scope.dialect.listed(column("label", "r"), column("place", "r"))
    listed = exp.select(*keys, exp.alias_(value, "value", quoted=True)).from_(best).where(within)
    return listed.group_by(*(one.copy() for one in keys))


def _weights(facts: FactRows, wanted: Preference) -> tuple[Mapping[str, exp.Expr], exp.Expr]:
    """What to add up for each label, and its weight as the relation ``w`` then has it."""
    if wanted.half_life is None and (wanted.weight is None or wanted.weight in facts.decimals):
        each = facts.value(wanted.weight) if wanted.weight else whole(1)
        return {"weight": exp.Sum(this=each)}, column("weight", "w")
    each = double(facts.value(wanted.weight)) if wanted.weight else double(whole(1))
    if wanted.half_life is not None:
        age = double(facts.dialect.days_between(column("day", "f"), facts.today.copy()))
        halvings = exp.Div(this=age, expression=constant(_days(wanted.half_life)))
        each = exp.Mul(this=each, expression=exp.func("POWER", constant(0.5), halvings))
    exact = facts.exact(wanted.weight) if wanted.weight else Exact(small=True)
    if wanted.half_life is not None:
        exact = Exact(small=exact.small)  # halved, they have many decimals
    sums = {part: exact.aggregate(part, each, facts.dialect) for part in exact.parts}
    return sums, exact.total({part: column(part, "w") for part in exact.parts})


def _days(window: Window) -> float:
    return window.count * DAYS[window.unit]
