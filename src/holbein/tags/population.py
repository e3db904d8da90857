"""Everyone whom a subject is held against, as of the instants at which it is asked for."""

from __future__ import annotations

from sqlglot import exp

from holbein.engine.base import column, table
from holbein.engine.compile import Scope


def everyone(scope: Scope) -> Scope:
    """All subjects of the scope's kind, at each as-of that occurs in it.

    Where every row has an as-of of its own, these are as many rows as there are subjects, times the
    different instants.
    """
    if not scope.moving:
        return scope.of(scope.kind, None)
    assert scope.chosen is not None
    share = scope.compiler.share
    instants = (
        exp.select(column("instant", "u"), column("day", "u"))
        .distinct()
        .from_(table(scope.chosen, "u"))
    )
    ids = exp.select(column("id")).distinct().from_(table(scope.kind))
    pairs = (
        exp.select(column("id", "e"), column("instant", "i"), column("day", "i"))
        .from_(table(share(ids, "everyone"), "e"))
        .join(exp.Join(this=table(share(instants, "instants"), "i"), kind="CROSS"), copy=False)
    )
    return scope.of(scope.kind, share(pairs, "population"))


def per_instant(scope: Scope, alias: str) -> list[exp.Expr]:
    """What to partition by, so that only those of one as-of are held against each other."""
    return [column("instant", alias)] if scope.moving else []
