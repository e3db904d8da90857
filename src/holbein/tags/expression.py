"""What each kind of tag is, as an expression in a scope of its subjects."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from holbein.catalog.kinds import (
    AttributeOf,
    Band,
    Definition,
    Flag,
    Imported,
    Preference,
    PythonFunction,
    Ranking,
    Rfm,
    RollUp,
    Rule,
    SqlQuery,
    Statistic,
)
from holbein.conditions.tree import SubjectKind
from holbein.engine.base import column, text
from holbein.engine.compare import constant
from holbein.engine.compile import Scope, TagExpression
from holbein.errors import HolbeinError
from holbein.tags.preference import figures
from holbein.tags.ranking import ranking
from holbein.tags.rfm import rfm
from holbein.tags.rollup import rolled_up


def expression(name: str, definition: Definition, scope: Scope) -> exp.Expr:
    """The value of the tag ``name`` for each subject of ``scope``, which is of the tag's kind."""
    match definition:
        case AttributeOf(field=named):
            return scope.measure(named)
        case Statistic(measure=measure):
            return scope.measure(measure)
        case Flag(where=where):
            return scope.condition(where)
        case Rule(cases=cases, otherwise=otherwise):
            chosen = exp.case()
            for label, condition in cases:
                chosen = chosen.when(scope.condition(condition), text(label))
            return chosen.else_(text(otherwise)) if otherwise is not None else chosen
        case Band(of=of, below=below, otherwise=otherwise):
            value = scope.measure(of)
            chosen = exp.case().when(exp.Is(this=value, expression=exp.null()), exp.null())
            for label, bound in below:
                under = exp.LT(this=value.copy(), expression=constant(bound))
                chosen = chosen.when(under, text(label))
            return chosen.else_(text(otherwise)) if otherwise is not None else chosen
        case Preference() as wanted:
            found = figures(scope.kind, wanted)
            return column("value", scope.join(scope.compiler.figures(scope, found)))
        case RollUp() as wanted:
            return rolled_up(scope, wanted)
        case Ranking() as wanted:
            return column("value", scope.join(ranking(scope, wanted)))
        case Rfm() as wanted:
            return column("value", scope.join(rfm(scope, wanted)))
        case Imported():
            return column(name, scope.join(f"imported.{scope.kind}", "imported", ("id",)))
        case SqlQuery() | PythonFunction():
            raise HolbeinError(
                f"tag {name!r} is computed once a run, by {definition.form} of the workspace's "
                "own: its values of the past are not known",
                hint="leave it out, or ask an earlier version for it with --run N",
            )
    raise TypeError(f"no kind of tag: {definition!r}")


def computing(definitions: Mapping[tuple[SubjectKind, str], Definition]) -> TagExpression:
    """For a compiler that computes tags where it meets them, instead of reading them."""

    def compute(scope: Scope, name: str) -> exp.Expr:
        return expression(name, definitions[scope.kind, name], scope)

    return compute
