"""Preference: the labels of a column that a subject's facts weigh most."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from holbein.catalog.kinds import Preference
from holbein.conditions.tree import Aggregate, SubjectKind, Window
from holbein.engine.base import Dialect, both, column, digest, double, table, whole
from holbein.engine.compare import constant
from holbein.engine.compile import Scope
from holbein.engine.exact import Exact
from holbein.engine.figures import Figures
from holbein.engine.values import Values

DAYS = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}


def figures(kind: SubjectKind, wanted: Preference) -> Figures:
    """The preferred labels as a relation of the keys and ``value``."""
    return Figures(
        kind,
        f"{wanted!r}",
        f"preferred {wanted.by} of {wanted.stream}",
        1,
        lambda scope: preference(scope, wanted),
    )


def preference(scope: Scope, wanted: Preference) -> exp.Select:
    """The scope's keys and ``value``: one label, or a list with the best first.

    A label's weight is the sum of its facts' weights (1 where no column gives one), each halved
    for every half-life of its age in days. Labels without positive weight are no preference; ties
    go to the label that comes first by code point.
    """
    compiler = scope.compiler
    values = compiler.values(scope, wanted.stream, wanted.by)
    weight = _weight(values, wanted)
    label = exp.alias_(column("value", "w"), "label", quoted=True)
    positive = (
        exp.select(
            *(column(key, "w") for key in scope.keys),
            label,
            exp.alias_(weight, "weight", quoted=True),
        )
        .from_(table(compiler.values_relation(scope, values), "w"))
        .where(exp.GT(this=weight.copy(), expression=whole(0)))
    )
    known_weights = compiler.share(positive, "positive")
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


def _weight(values: Values, wanted: Preference) -> exp.Expr:
    """What the facts of a label weigh together, as the relation ``w`` of the values has it."""
    facts = values.rows
    node = Aggregate("count", wanted.stream, None, wanted.window, None, wanted.where)
    each = facts.value(wanted.weight) if wanted.weight else whole(1)
    said = digest((node, wanted.weight, wanted.half_life))
    if wanted.half_life is None and (wanted.weight is None or wanted.weight in facts.decimals):
        return column(values.ask(f"sum_{said}", node, each, lambda one: exp.Sum(this=one)), "w")
    each = double(each)
    exact = facts.exact(wanted.weight) if wanted.weight else Exact(small=True)
    if wanted.half_life is not None:
        age = double(facts.dialect.days_between(column("day", "f"), facts.today.copy()))
        halvings = exp.Div(this=age, expression=constant(_days(wanted.half_life)))
        each = exp.Mul(this=each, expression=exp.func("POWER", constant(0.5), halvings))
        exact = Exact(small=exact.small)  # halved, they have many decimals
    parts = {}
    for part in exact.parts:
        made = partial(_added, exact, part, facts.dialect)
        parts[part] = column(values.ask(f"{part}_{said}", node, each, made), "w")
    return exact.total(parts)


def _added(exact: Exact, part: str, dialect: Dialect, value: exp.Expr) -> exp.Expr:
    return exact.aggregate(part, value, dialect)


def _days(window: Window) -> float:
    return window.count * DAYS[window.unit]
