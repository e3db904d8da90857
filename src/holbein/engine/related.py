"""Relations between subjects: which related subjects there are, and how many meet a condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from holbein.conditions.tree import Became, Condition, Relation, SubjectKind
from holbein.engine.base import Dialect, both, column, table, text, whole
from holbein.store.changes import json_texts

if TYPE_CHECKING:
    from holbein.engine.compile import Moment, Scope


def valid_at(states: str, moment: Moment) -> exp.Expr:
    """True of the state of a subject that is valid at as-of."""
    begun = exp.LT(this=column("valid_from", states), expression=moment.instant.copy())
    lasts = exp.GTE(this=column("valid_to", states), expression=moment.instant.copy())
    return exp.and_(
        exp.or_(_absent("valid_from", states), begun), exp.or_(_absent("valid_to", states), lasts)
    )


def hits(scope: Scope, relation: Relation, where: Condition) -> str:
    """A relation of the scope's keys, ``n`` related subjects and ``k`` that meet ``where``.

    Subjects without any related one have no row.
    """
    rows, groups = linked(scope, relation, lambda inner: {"hit": inner.condition(where)})
    hit = exp.case().when(column("hit", "h"), whole(1)).else_(whole(0))
    counted = rows.select(
        exp.alias_(exp.Count(this=exp.Star()), "n", quoted=True),
        exp.alias_(exp.Sum(this=hit), "k", quoted=True),
    ).group_by(*groups)
    return scope.compiler.share(counted, "related")


def linked(
    scope: Scope,
    relation: Relation,
    ask: Callable[[Scope], Mapping[str, exp.Expr]],
    *,
    own: bool = False,
) -> tuple[exp.Select, list[exp.Expr]]:
    """The scope's keys, once for each link to a related subject; and what to group them by.

    The related subject stands beside under the alias ``h``: ``id`` and what ``ask`` asks of it.
    With ``own`` a subject is also linked to itself. Several roles may lead to the same person or
    enterprise, and then there are several links.
    """
    inner = _inner_scope(scope, relation, _inner_kind(scope.kind, relation), own)
    found = scope.compiler.share(inner.select(ask(inner)), "hits")
    keys = [exp.alias_(column("outer", "l"), "id", quoted=True)]
    groups: list[exp.Expr] = [column("outer", "l")]
    if scope.moving:
        keys.append(exp.alias_(column("instant", "h"), "instant", quoted=True))
        groups.append(column("instant", "h"))
    same = exp.EQ(this=column("inner", "l"), expression=column("id", "h"))
    day = column("day", "h") if scope.moving else scope.moment.day
    rows = (
        exp.select(*keys)
        .from_(table(_links(scope, relation, own), "l"))
        .join(exp.Join(this=table(found, "h"), on=same), copy=False)
        .where(_counts(relation, day))
    )
    return rows, groups


def _inner_kind(kind: SubjectKind, relation: Relation) -> SubjectKind:
    if relation in ("role", "role_ever"):
        return "role"
    return "person" if relation == "person" else "enterprise"


def _inner_scope(scope: Scope, relation: Relation, kind: SubjectKind, own: bool) -> Scope:
    """The related subjects, at the as-of of those that they are related to."""
    if scope.chosen is None:
        return scope.of(kind, None)
    columns = [exp.alias_(column("inner", "l"), "id", quoted=True)]
    if scope.moving:
        columns += [column("instant", "u"), column("day", "u")]
    same = exp.EQ(this=column("outer", "l"), expression=column("id", "u"))
    chosen = (
        exp.select(*columns)
        .distinct()
        .from_(table(scope.chosen, "u"))
        .join(exp.Join(this=table(_links(scope, relation, own), "l"), on=same), copy=False)
        .where(_counts(relation, column("day", "u") if scope.moving else scope.moment.day))
    )
    return scope.of(kind, scope.compiler.share(chosen, "inner"))


def _counts(relation: Relation, day: exp.Expr) -> exp.Expr:
    """True of the links that hold on a day; those of groups always do."""
    begun = exp.or_(
        _absent("since", "l"), exp.LTE(this=column("since", "l"), expression=day.copy())
    )
    if relation == "role_ever":
        return begun
    lasts = exp.or_(_absent("until", "l"), exp.GT(this=column("until", "l"), expression=day.copy()))
    return both(begun, lasts)


def _links(scope: Scope, relation: Relation, own: bool) -> str:
    """A shared relation of (outer, inner, since, until)."""
    build = _group_links if relation in _GROUP else _role_links
    links: exp.Query = build(scope, relation)
    if own:
        links = exp.union(links, _themselves(scope.kind), distinct=False)
    return scope.compiler.share(links, "links")


def _themselves(kind: SubjectKind) -> exp.Select:
    """Each subject linked to itself."""
    return (
        exp.select(
            exp.alias_(column("id"), "outer", quoted=True),
            exp.alias_(column("id"), "inner", quoted=True),
            *_unbounded(),
        )
        .distinct()
        .from_(table(kind))
    )


_GROUP = frozenset({"parent", "root", "subsidiary", "descendant"})


def _role_links(scope: Scope, relation: Relation) -> exp.Select:
    outer = "id" if scope.kind == "role" else scope.kind
    inner = "id" if relation in ("role", "role_ever") else relation
    # A role has the same link in all its states. From a role, its own enterprise and person
    # stay what they are when the role has ended.
    bounds: list[exp.Expr] = (
        [column("since"), column("until")] if scope.kind != "role" else _unbounded()
    )
    return (
        exp.select(
            exp.alias_(column(outer), "outer", quoted=True),
            exp.alias_(column(inner), "inner", quoted=True),
            *bounds,
        )
        .distinct()
        .from_(table("role"))
    )


def _group_links(scope: Scope, relation: Relation) -> exp.Select:
    up = relation in ("parent", "root")
    outer, inner = ("enterprise", "ancestor") if up else ("ancestor", "enterprise")
    links = exp.select(
        exp.alias_(column(outer), "outer", quoted=True),
        exp.alias_(column(inner), "inner", quoted=True),
        *_unbounded(),
    ).from_(table("ancestor"))
    if relation == "descendant":
        return links
    if relation != "root":
        return links.where(exp.EQ(this=column("distance"), expression=whole(1)))
    below = exp.select(column("enterprise")).from_(table("ancestor"))
    top = exp.Not(this=exp.In(this=column("ancestor"), query=exp.Subquery(this=below)))
    own = _themselves("enterprise").where(
        exp.Not(this=exp.In(this=column("id"), query=exp.Subquery(this=below.copy())))
    )
    both_kinds = exp.union(links.where(top), own, distinct=False)
    return exp.select(exp.Star()).from_(exp.Subquery(this=both_kinds, alias=exp.to_identifier("r")))


def _unbounded() -> list[exp.Expr]:
    nothing = exp.cast(exp.null(), exp.DataType.Type.DATE)
    return [
        exp.alias_(nothing, "since", quoted=True),
        exp.alias_(nothing.copy(), "until", quoted=True),
    ]


def became(scope: Scope, node: Became, *, several: bool) -> str:
    """A relation of the keys whose change log says that the tag took the value in the window."""
    moment = scope.moment
    value = json_texts(pa.chunked_array([pa.array([node.value.value])]))[0].as_py()
    if several:
        dialect, part = scope.dialect, text(f",{value},")
        new, old = (dialect.holds(_items(dialect, one), part.copy()) for one in ("new", "old"))
        taken = both(new, exp.Not(this=exp.func("COALESCE", old, exp.false())))
    else:
        taken = exp.EQ(this=column("new", "c"), expression=text(value))
    start = scope.dialect.minus(moment.day.copy(), node.window)
    keys = [column("id", "c"), *([column("instant", "u")] if scope.moving else [])]
    out = exp.select(*keys).distinct().from_(table("changes", "c"))
    if scope.chosen is not None:
        same = exp.EQ(this=column("id", "c"), expression=column("id", "u"))
        out = out.join(exp.Join(this=table(scope.chosen, "u"), on=same), copy=False)
    out = out.where(
        exp.EQ(this=column("kind", "c"), expression=text(scope.kind)),
        exp.EQ(this=column("tag", "c"), expression=text(node.tag)),
        exp.LTE(this=column("at", "c"), expression=moment.instant.copy()),
        exp.GT(this=column("day", "c"), expression=start),
        taken,
    )
    return scope.compiler.share(out, "became")


def _items(dialect: Dialect, name: str) -> exp.Expr:
    """The inside of a JSON list of labels, with a comma on either side of every item."""
    inside = dialect.inside(column(name, "c"))
    return exp.DPipe(this=exp.DPipe(this=text(","), expression=inside), expression=text(","))


def _absent(name: str, alias: str) -> exp.Expr:
    return exp.Is(this=column(name, alias), expression=exp.null())
