"""Sequences: facts of several streams in strict order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from holbein.conditions.tree import Sequence, SubjectKind
from holbein.engine.base import both, column, table, whole
from holbein.engine.facts import FactRows
from holbein.engine.figures import Figures

if TYPE_CHECKING:
    from holbein.engine.compile import Scope


def figures(kind: SubjectKind, node: Sequence) -> Figures:
    """The subjects that went through all steps in time, as a relation of their keys."""
    title = "sequence of " + ", ".join(one.stream for one in node.steps)
    return Figures(
        kind,
        f"{node!r}",
        title,
        0,
        lambda scope: sequence(scope, node),
    )


def sequence(scope: Scope, node: Sequence) -> exp.Select:
    """The keys of the subjects that went through all steps in time.

    Taking, after each step, the earliest fact that fits the next one ends no later than any other
    choice. So from the last step back, every fact of a step is given the end of the earliest
    completion that starts with it: the smallest end among the facts after it that fit the next
    step. Facts of the same (at, key) are one row, so that none of them comes after another.
    """
    share = scope.compiler.share
    rows = share(_positions(scope, node), "steps")
    elapsed = node.within is not None and node.within.elapsed
    mark = "at" if elapsed else "day"
    last = len(node.steps)
    end: exp.Expr = _if_step(last, column(mark, "s"))
    for step in range(last - 1, 0, -1):
        keep = [column(f"s{one}", "s") for one in range(1, step + 1)]
        base = [column(key, "s") for key in (*scope.keys, "at", "key", "day")]
        ended = exp.select(*base, *keep, exp.alias_(end, "ended", quoted=True)).from_(
            table(rows, "s")
        )
        rows = share(ended, "ended")
        following = exp.Window(
            this=exp.Min(this=column("ended", "s")),
            partition_by=[column(key, "s") for key in scope.keys],
            order=exp.Order(
                expressions=[
                    exp.Ordered(this=column(key, "s"), nulls_first=False) for key in ("at", "key")
                ]
            ),
            spec=exp.WindowSpec(
                kind="ROWS",
                start=whole(1),
                start_side="FOLLOWING",
                end="UNBOUNDED",
                end_side="FOLLOWING",
            ),
        )
        end = _if_step(step, following)
    ends = exp.select(
        *(column(key, "s") for key in (*scope.keys, mark)), exp.alias_(end, "ended", quoted=True)
    ).from_(table(rows, "s"))
    finished: exp.Expr = exp.Not(this=exp.Is(this=column("ended", "e"), expression=exp.null()))
    if node.within is not None:
        forth = scope.dialect.later if elapsed else scope.dialect.plus
        limit = forth(column(mark, "e"), node.within)
        finished = both(finished, exp.LTE(this=column("ended", "e"), expression=limit))
    return (
        exp.select(*(column(key, "e") for key in scope.keys))
        .distinct()
        .from_(table(share(ends, "ends"), "e"))
        .where(finished)
    )


def _if_step(step: int, value: exp.Expr) -> exp.Expr:
    fits = exp.EQ(this=column(f"s{step}", "s"), expression=whole(1))
    return exp.case().when(fits, value)


def _positions(scope: Scope, node: Sequence) -> exp.Select:
    """One row for each (at, key) of a subject, with a flag (0 or 1) for each step it fits."""
    selects: list[exp.Select] = []
    for number, step in enumerate(node.steps, start=1):
        facts = FactRows(scope, step.stream)
        flags = [
            exp.alias_(whole(int(one == number)), f"s{one}", quoted=True)
            for one in range(1, len(node.steps) + 1)
        ]
        times = [column(name, "f") for name in ("at", "key", "day")]
        selects.append(
            facts.rows([*times, *flags]).where(*facts.keep(None, None, step.where, facts.event))
        )
    together: exp.Query = selects[0]
    for one in selects[1:]:
        together = exp.union(together, one, distinct=False)
    keys = [column(key, "p") for key in (*scope.keys, "at", "key")]
    flags = [
        exp.alias_(exp.Max(this=column(f"s{one}", "p")), f"s{one}", quoted=True)
        for one in range(1, len(node.steps) + 1)
    ]
    return (
        exp.select(*keys, exp.alias_(exp.Min(this=column("day", "p")), "day", quoted=True), *flags)
        .from_(table(scope.compiler.share(together, "facts"), "p"))
        .group_by(*(one.copy() for one in keys))
    )
