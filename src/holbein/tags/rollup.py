"""Roll-ups: what related subjects say, as one value of the subject."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from holbein.catalog.kinds import RollUp
from holbein.engine.base import column, double, table, text, whole
from holbein.engine.compare import or_zero
from holbein.engine.compile import Scope
from holbein.engine.exact import Exact
from holbein.engine.related import linked


def rolled_up(scope: Scope, wanted: RollUp) -> exp.Expr:
    """The value for each subject of ``scope``."""
    related = _related(scope, wanted)
    if wanted.by is None:
        return column("value", scope.join(related))
    if wanted.by in ("count", "share", "any", "all"):
        return _of_condition(scope, related, wanted)
    if wanted.by == "most":
        return column("value", scope.join(_most(scope, related)))
    value = column("value", "r")
    if wanted.by in ("sum", "avg"):
        exact = Exact()
        sums = {part: exact.aggregate(part, value, scope.dialect) for part in exact.parts}
        of = scope.join(_grouped(scope, related, {**sums, "n": exp.Count(this=value.copy())}))
        total = exact.total({part: column(part, of) for part in exact.parts})
        if wanted.by == "sum":
            return _finite(scope, double(or_zero(total)))
        return _finite(scope, exp.Div(this=double(total), expression=double(column("n", of))))
    if wanted.by == "best":
        place = exp.case()
        for number, label in enumerate(wanted.order):
            place = place.when(exp.EQ(this=value.copy(), expression=text(label)), whole(number))
        best = column("place", scope.join(_grouped(scope, related, {"place": exp.Min(this=place)})))
        chosen = exp.case()
        for number, label in enumerate(wanted.order):
            chosen = chosen.when(exp.EQ(this=best.copy(), expression=whole(number)), text(label))
        return chosen
    extreme = exp.Min(this=value) if wanted.by == "min" else exp.Max(this=value)
    return column("value", scope.join(_grouped(scope, related, {"value": extreme})))


def _related(scope: Scope, wanted: RollUp) -> str:
    """A relation of the scope's keys, one row for each related subject: ``value`` and ``hit``."""
    asks_condition = wanted.by in ("count", "share", "any", "all")

    def ask(inner: Scope) -> Mapping[str, exp.Expr]:
        hit = inner.condition(wanted.where) if wanted.where is not None else exp.true()
        return {"hit": hit} | ({"value": inner.measure(wanted.of)} if wanted.of is not None else {})

    rows, _ = linked(scope, wanted.relation, ask, own=wanted.own)
    rows = rows.select(exp.alias_(column("id", "h"), "related", quoted=True), column("hit", "h"))
    if wanted.of is not None:
        rows = rows.select(column("value", "h"))
    if not asks_condition and wanted.where is not None:
        rows = rows.where(column("hit", "h"))
    if wanted.by is not None and wanted.relation in ("person", "enterprise"):
        rows = rows.distinct()  # several roles may lead to one
    return scope.compiler.share(rows, "related")


def _grouped(scope: Scope, related: str, columns: Mapping[str, exp.Expr]) -> str:
    """Aggregates over the related subjects of each subject."""
    keys = [column(key, "r") for key in scope.keys]
    made = [exp.alias_(one, name, quoted=True) for name, one in columns.items()]
    grouped = exp.select(*keys, *made).from_(table(related, "r"))
    return scope.compiler.share(grouped.group_by(*(one.copy() for one in keys)), "rolled")


def _of_condition(scope: Scope, related: str, wanted: RollUp) -> exp.Expr:
    hit = exp.case().when(column("hit", "r"), whole(1)).else_(whole(0))
    counts = {"n": exp.Count(this=exp.Star()), "k": exp.Sum(this=hit)}
    of = scope.join(_grouped(scope, related, counts))
    met, all_ = column("k", of), column("n", of)
    if wanted.by == "count":
        return double(or_zero(met))
    if wanted.by == "share":
        return exp.Div(this=double(met), expression=double(all_))
    some = exp.GT(this=or_zero(met), expression=whole(0))
    if wanted.by == "any":
        return some
    return exp.and_(some, exp.EQ(this=or_zero(met.copy()), expression=or_zero(all_)))


def _most(scope: Scope, related: str) -> str:
    """The most frequent label; of equally frequent ones, the first by code point."""
    keys = [column(key, "r") for key in scope.keys]
    label = column("value", "r")
    known = exp.Not(this=exp.Is(this=label.copy(), expression=exp.null()))
    counted = (
        exp.select(*keys, label, exp.alias_(exp.Count(this=exp.Star()), "n", quoted=True))
        .from_(table(related, "r"))
        .where(known)
        .group_by(*(one.copy() for one in keys), label.copy())
    )
    labels = scope.compiler.share(counted, "labels")
    keys = [column(key, "c") for key in scope.keys]
    order = [
        exp.Ordered(this=column("n", "c"), desc=True, nulls_first=False),
        exp.Ordered(this=column("value", "c"), nulls_first=False),
    ]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[one.copy() for one in keys],
        order=exp.Order(expressions=order),
    )
    ranked = exp.select(*keys, column("value", "c"), exp.alias_(place, "place", quoted=True))
    ranked = ranked.from_(table(labels, "c"))
    first = exp.EQ(this=column("place", "p"), expression=whole(1))
    keys = [column(key, "p") for key in scope.keys]
    found = exp.select(*keys, column("value", "p")).where(first)
    return scope.compiler.share(
        found.from_(table(scope.compiler.share(ranked, "ranked"), "p")), "most"
    )


def _finite(scope: Scope, value: exp.Expr) -> exp.Expr:
    return exp.case().when(scope.dialect.finite(value), value.copy())
