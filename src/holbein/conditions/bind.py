"""A tree checked against a vocabulary: names found, types agreed, labels turned into codes.

Binding is what stands between what a user wrote and what evaluators run: they get bound trees only
and need not check again.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from holbein.conditions import limits, tree
from holbein.conditions.reading import Reads, reads
from holbein.conditions.scope import Scope, StreamScope, SubjectScope, article
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import CodeList, FieldSpec, Type, Vocabulary
from holbein.conditions.writing import shown, write, write_name, write_number, write_text
from holbein.errors import ConditionError, near

__all__ = ["Bound", "Reads", "bind", "bind_filter", "bind_measure", "reads"]

_ORDERED: tuple[Type, ...] = ("number", "date")


@dataclass(frozen=True)
class Bound:
    """A checked measure and what its values are. ``codes`` where they are codes of a list."""

    measure: tree.Measure
    type: Type
    codes: CodeList | None = None
    spec: FieldSpec | None = None
    """The field or column that the values come from unchanged, if they do."""


def bind(condition: tree.Condition, kind: SubjectKind, vocabulary: Vocabulary) -> tree.Condition:
    """``condition`` checked for subjects of ``kind``, ready for an evaluator.

    Raises ConditionError that names the place as it is written, with the near name.
    """
    limits.check_kind(kind)
    limits.check_form(condition)
    return _condition(condition, SubjectScope(kind, vocabulary))


def bind_measure(measure: tree.Measure, kind: SubjectKind, vocabulary: Vocabulary) -> Bound:
    """``measure`` checked for subjects of ``kind``. Raises ConditionError."""
    limits.check_kind(kind)
    limits.check_form(measure)
    return _measure(measure, SubjectScope(kind, vocabulary))


def bind_filter(where: tree.Condition, stream: str, vocabulary: Vocabulary) -> tree.Condition:
    """A filter on the facts of a stream or event, checked. Raises ConditionError."""
    limits.check_form(where)
    return _condition(where, StreamScope.named(stream, vocabulary, stream))


def _error(node: tree.Node, message: str, hint: str | None = None) -> ConditionError:
    return ConditionError(message, place=f"in {shown(node)}", hint=hint)


# --- conditions ---------------------------------------------------------------------------------


def _condition(node: tree.Condition, scope: Scope) -> tree.Condition:
    match node:
        case tree.And(items=items) | tree.Or(items=items):
            return type(node)(tuple(_condition(item, scope) for item in items))
        case tree.Not():
            return tree.Not(_condition(node.item, scope))
        case tree.Compare():
            return _compare(node, scope)
        case tree.In():
            return _in(node, scope)
        case tree.Between():
            return _between(node, scope)
        case tree.Like():
            of = _measure(node.of, scope)
            _text_only(node, of, "LIKE")
            return tree.Like(of.measure, node.pattern)
        case tree.Contains():
            return _contains(node, scope)
        case tree.Within():
            return _within(node, scope)
        case tree.Missing():
            return tree.Missing(_measure(node.of, scope).measure)
        case _:
            if isinstance(scope, StreamScope):
                raise scope.refused(node)
            return _of_subject(node, scope)


def _of_subject(node: tree.Condition, scope: SubjectScope) -> tree.Condition:
    match node:
        case tree.Related():
            inner = scope.related(node.relation, node)
            return tree.Related(node.quantifier, node.relation, _condition(node.where, inner))
        case tree.Sequence():
            _check_windows(node, node.within, None)
            return tree.Sequence(
                tuple(_step(step, node, scope) for step in node.steps), node.within
            )
        case tree.InAudience():
            return _in_audience(node, scope)
        case tree.Became():
            return _became(node, scope)
        case _:
            raise ConditionError(f"{type(node).__name__} is no condition")


def _compare(node: tree.Compare, scope: Scope) -> tree.Condition:
    if isinstance(node.left, tree.Field) and node.right == tree.Truth(True) and node.sign == "=":
        spec = scope.field(node.left, node)
        if spec.type != "boolean":
            raise _error(
                node,
                f"{node.left.name} is {article(spec.type)}, not true or false",
                _compare_hint(node.left, spec.type),
            )
    left, right = _measure(node.left, scope), _measure(node.right, scope)
    left, right = _fit(node, left, right), _fit(node, right, left)
    if "categories" in (left.type, right.type):
        raise _error(node, "several labels at once cannot be compared", _contains_hint(node.left))
    _same_type(node, left, right)
    if node.sign != "=" and left.type not in _ORDERED:
        raise _error(
            node,
            f"{left.type} values have no order, so {node.sign} has no meaning",
            "use = or <>, IN or LIKE" if left.type == "category" else "use = or <>",
        )
    return tree.Compare(left.measure, node.sign, right.measure)


def _compare_hint(field: tree.Field, type_: Type) -> str:
    name = write_name(field.name)
    return {
        "number": f"compare it, for example {name} > 0",
        "date": f"compare it, for example days_since({name}) > 30",
        "category": f"compare it, for example {name} = 'value', or {name} IS NOT NULL",
        "categories": f"write {name} CONTAINS 'value', or {name} IS NOT NULL",
    }.get(type_, "")


def _contains_hint(of: tree.Measure) -> str:
    return f"write {write(of) if isinstance(of, tree.Field) else '…'} CONTAINS 'value'"


def _same_type(node: tree.Node, one: Bound, other: Bound) -> None:
    if one.type != other.type:
        raise _mismatch(node, one, other)
    if one.codes and other.codes and one.codes.name != other.codes.name:
        raise _error(
            node, f"codes of {one.codes.name} are compared with codes of {other.codes.name}"
        )


def _mismatch(node: tree.Node, one: Bound, other: Bound) -> ConditionError:
    """What is wrong where two types meet; the hint says how the literal should be written."""
    literal, field = (one, other) if _is_literal(one.measure) else (other, one)
    hint = None
    match literal.measure, field.type:
        case tree.Number(value=value), "category":
            hint = f"codes and labels are text: write '{write_number(value)}'"
        case tree.Text(value=text), "number":
            hint = "write the number without quotes" if _numeric(text) else "write a number"
        case tree.Text(), "boolean":
            hint = "write TRUE or FALSE without quotes"
        case ((tree.Number() | tree.Truth()), "date"):
            hint = "write a date, DATE '2024-02-29', or use days_since(…)"
        case tree.Day(), "number" if isinstance(field.measure, tree.Elapsed):
            hint = "compare with a number of days"
        case tree.Truth(), _:
            hint = "write a value of its type, or IS NOT NULL"
    return _error(
        node,
        f"{shown(field.measure)} is {article(field.type)}, and "
        f"{shown(literal.measure)} is {article(literal.type)}",
        hint,
    )


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_literal(node: tree.Node) -> bool:
    return isinstance(node, tree.Text | tree.Number | tree.Truth | tree.Day)


def _fit(node: tree.Node, one: Bound, other: Bound) -> Bound:
    """A text literal as what it is compared with: a day, a code, a declared value."""
    if not isinstance(one.measure, tree.Text) or isinstance(other.measure, tree.Text):
        return one
    literal = _literal(node, one.measure, other)
    return Bound(literal, "date") if isinstance(literal, tree.Day) else Bound(literal, one.type)


def _literal(node: tree.Node, value: tree.Literal, of: Bound) -> tree.Literal:
    """``value`` as a value of ``of``; only texts change. A wrong type is left to the caller."""
    if not isinstance(value, tree.Text):
        return value
    if of.type == "date":
        day = limits.day(value.value)
        if day is None:
            raise _error(node, f"{shown(value)} is no date", "write for example DATE '2024-02-29'")
        return tree.Day(day)
    if of.type in ("category", "categories"):
        return tree.Text(_label(node, value.value, of))
    return value


def _label(node: tree.Node, value: str, of: Bound) -> str:
    """The stored form of a label: its code where the list knows it, else as it is."""
    if of.codes:
        return of.codes.resolve(value) or value
    if of.spec and of.spec.values and value not in of.spec.values:
        hint = _value_hint(value, of.spec)
        raise _error(node, f"{of.spec.name} has no value '{value[:60]}'", hint)
    return value


def _value_hint(value: str, spec: FieldSpec) -> str:
    for one, titles in spec.values.items():
        if value in titles.values():
            return f"write {write_text(one)}"
    known = list(spec.values)
    return near(value, known) or "its values are " + ", ".join(known[:12]) + "…" * (len(known) > 12)


def _in(node: tree.In, scope: Scope) -> tree.Condition:
    of = _measure(node.of, scope)
    if of.type == "categories":
        raise _error(node, "several labels at once cannot be compared", _contains_hint(node.of))
    values = []
    for value in node.values:
        fitted = _literal(node, value, of)
        bound = Bound(fitted, _literal_type(fitted))
        if bound.type != of.type:
            raise _mismatch(node, bound, of)
        values.append(fitted)
    return tree.In(of.measure, tuple(dict.fromkeys(values)))


def _between(node: tree.Between, scope: Scope) -> tree.Condition:
    of, low, high = (_measure(one, scope) for one in (node.of, node.low, node.high))
    of, low, high = _fit(node, of, low), _fit(node, low, of), _fit(node, high, of)
    for end in (low, high):
        _same_type(node, of, end)
    if of.type not in _ORDERED:
        raise _error(
            node,
            f"{of.type} values have no order, so BETWEEN has no meaning",
            _contains_hint(node.of) if of.type == "categories" else "use = or IN",
        )
    return tree.Between(of.measure, low.measure, high.measure)


def _text_only(node: tree.Node, of: Bound, word: str) -> None:
    if of.type != "category":
        hint = "compare it with =, < or >"
        if of.type == "categories":
            hint = _contains_hint(of.measure)
        message = f"{word} is for text, and {shown(of.measure)} is {article(of.type)}"
        raise _error(node, message, hint)


def _contains(node: tree.Contains, scope: Scope) -> tree.Condition:
    of = _measure(node.of, scope)
    if of.type != "categories":
        written = shown(node.of)
        raise _error(
            node,
            f"CONTAINS is for several labels at once, and {written} is {article(of.type)}",
            f"write {written} = {write_text(node.value)}, or LIKE '%…%'"
            if of.type == "category"
            else None,
        )
    return tree.Contains(of.measure, _label(node, node.value, of))


def _within(node: tree.Within, scope: Scope) -> tree.Condition:
    of = _measure(node.of, scope)
    if of.codes is None:
        raise _error(
            node,
            f"{shown(node.of)} has no list of codes, so nothing is WITHIN another",
            "use = or IN" if of.type == "category" else None,
        )
    code = of.codes.resolve(node.value)
    if code is None:
        raise _error(
            node,
            f"'{node.value[:60]}' is no code or label of {of.codes.name}",
            "write a code or a full label, in English or Chinese",
        )
    return tree.Within(of.measure, code)


def _step(step: tree.Step, node: tree.Sequence, scope: SubjectScope) -> tree.Step:
    inner = scope.stream(step.stream, node)
    return tree.Step(step.stream, None if step.where is None else _condition(step.where, inner))


def _in_audience(node: tree.InAudience, scope: SubjectScope) -> tree.Condition:
    audiences = scope.vocabulary.audiences
    found = audiences.get(node.audience)
    if found is None:
        raise _error(
            node,
            f"there is no audience '{node.audience[:60]}'",
            near(node.audience, audiences) or "list them with `holbein audience list`",
        )
    if found.kind != scope.kind:
        raise _error(
            node,
            f"'{node.audience[:60]}' is an audience of {found.kind} subjects, not of {scope.kind}",
            scope.reach(found.kind, write(node)),
        )
    return node


def _became(node: tree.Became, scope: SubjectScope) -> tree.Condition:
    spec = scope.field(tree.Field(node.tag), node)
    if not spec.is_tag:
        raise _error(
            node, f"{node.tag} is an attribute, and only tags keep their changes", "name a tag"
        )
    if node.window.elapsed:
        raise _error(node, "changes are kept by the day", "write a window of days or longer")
    of = Bound(tree.Field(node.tag), spec.type, spec.codes, spec)
    value = _literal(node, node.value, of)
    found = Bound(value, _literal_type(value))
    if found.type != ("category" if spec.type == "categories" else spec.type):
        raise _mismatch(node, found, of)
    return tree.Became(node.tag, value, node.window)


# --- measures -----------------------------------------------------------------------------------


def _literal_type(node: tree.Literal) -> Type:
    match node:
        case tree.Text():
            return "category"
        case tree.Number():
            return "number"
        case tree.Truth():
            return "boolean"
        case _:
            return "date"


def _measure(node: tree.Measure, scope: Scope) -> Bound:
    match node:
        case tree.Text() | tree.Number() | tree.Truth() | tree.Day():
            return Bound(node, _literal_type(node))
        case tree.Field():
            spec = scope.field(node, node)
            return Bound(node, spec.type, spec.codes, spec)
        case _:
            if isinstance(scope, StreamScope):
                raise scope.refused(node)
            return _figure(node, scope)


def _figure(node: tree.Measure, scope: SubjectScope) -> Bound:
    match node:
        case tree.Aggregate():
            return _aggregate(node, scope)
        case tree.Elapsed():
            return _elapsed(node, scope)
        case tree.Bucket():
            return Bound(node, "number")
        case tree.Arithmetic():
            left, right = _measure(node.left, scope), _measure(node.right, scope)
            for side in (left, right):
                if side.type != "number":
                    raise _error(
                        node,
                        f"{shown(side.measure)} is {article(side.type)}, and only numbers are "
                        "calculated with",
                        "use days_since(…) for the days between a date and now"
                        if side.type == "date"
                        else None,
                    )
            return Bound(tree.Arithmetic(left.measure, node.sign, right.measure), "number")
        case tree.RelatedCount() | tree.RelatedShare():
            where = _condition(node.where, scope.related(node.relation, node))
            return Bound(dataclasses.replace(node, where=where), "number")
        case _:
            raise ConditionError(f"{type(node).__name__} is no measure")


def _check_windows(node: tree.Node, window: tree.Window | None, before: tree.Window | None) -> None:
    for one in (window, before):
        if one is not None:
            limits.check_window(one)
    if window and before and window.elapsed != before.elapsed:
        raise _error(
            node,
            "hours and minutes do not mix with days and longer in one window",
            "write both in days, or both in hours",
        )


def _aggregate(node: tree.Aggregate, scope: SubjectScope) -> Bound:
    inner = scope.stream(node.stream, node)
    _check_windows(node, node.window, node.before)
    where = None if node.where is None else _condition(node.where, inner)
    made = dataclasses.replace(node, where=where)
    if node.column is None:
        return Bound(made, "number")
    spec = inner.column(node.column, node)
    allowed: tuple[Type, ...] = ("number",)
    if node.name in ("min", "max"):
        allowed = _ORDERED
    elif node.name in ("first", "last", "count_distinct"):
        allowed = ("boolean", "category", "number", "date")
    if spec.type not in allowed:
        raise _error(
            node,
            f"{node.name} is not for {spec.type} columns, and {node.stream}.{node.column} is "
            f"{article(spec.type)}",
            "use first, last or count_distinct" if spec.type == "category" else None,
        )
    if node.name in ("first", "last"):
        return Bound(made, spec.type, spec.codes, spec)
    return Bound(made, spec.type if node.name in ("min", "max") else "number")


def _elapsed(node: tree.Elapsed, scope: SubjectScope) -> Bound:
    of = node.of
    if isinstance(of, tree.Field) and not scope.has(of.name) and scope.vocabulary.source(of.name):
        if (node.unit, node.direction) == ("day", "since"):
            return _aggregate(tree.Aggregate("days_since", of.name), scope)
        name = write_name(of.name)
        raise _error(
            node,
            f"{of.name} is a stream or an event, and a date is needed here",
            f"write days_since({name}), or {node.unit}s_{node.direction}(max({name}.at))",
        )
    bound = _measure(of, scope)
    if isinstance(of, tree.Text):
        bound = Bound(_literal(node, of, Bound(of, "date")), "date")
    if bound.type != "date":
        raise _error(node, f"{shown(of)} is {article(bound.type)}, and a date is needed here")
    return Bound(tree.Elapsed(node.unit, node.direction, bound.measure), "number")
