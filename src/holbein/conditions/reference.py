"""The reference evaluator: what a condition means, in plain Python. It is the judge.

It follows ``docs/semantics.md`` sentence by sentence, one subject at a time, and takes no short
cuts. Trees given to it are bound; every other evaluator must select the same subjects.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from holbein.conditions import tree
from holbein.conditions.comparing import below, compare, labels, like
from holbein.conditions.instants import AsOf, local_day
from holbein.conditions.spans import completed, elapsed, in_window, shift
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import CodeList, FieldSpec, Vocabulary
from holbein.conditions.world import Change, Fact, RoleLink, State, Value, World

__all__ = [
    "Change", "Fact", "RoleLink", "State", "Value", "World", "fact_meets", "matches", "select",
    "value",
]  # fmt: skip

# --- what is asked ------------------------------------------------------------------------------


def select(
    condition: tree.Condition,
    kind: SubjectKind,
    world: World,
    as_of: AsOf,
    vocabulary: Vocabulary,
) -> set[int]:
    """The ids of the subjects of ``kind`` for which a bound condition is true."""
    subjects = world.states.get(kind, {})
    return {one for one in subjects if matches(condition, kind, one, world, as_of, vocabulary)}


def matches(
    condition: tree.Condition,
    kind: SubjectKind,
    id: int,
    world: World,
    as_of: AsOf,
    vocabulary: Vocabulary,
) -> bool:
    """Whether a bound condition is true of one subject."""
    return _holds(condition, _Subject(_Scene(world, as_of, vocabulary), kind, id))


def value(
    measure: tree.Measure,
    kind: SubjectKind,
    id: int,
    world: World,
    as_of: AsOf,
    vocabulary: Vocabulary,
) -> Value:
    """The value of a bound measure for one subject; None where it is missing."""
    return _value(measure, _Subject(_Scene(world, as_of, vocabulary), kind, id))


def fact_meets(
    condition: tree.Condition,
    stream: str,
    fact: Fact,
    world: World,
    as_of: AsOf,
    vocabulary: Vocabulary,
) -> bool:
    """Whether a filter that is bound to a stream is true of one of its facts."""
    return _holds(condition, _Row(_Scene(world, as_of, vocabulary), stream, fact))


# --- the row at hand: a subject, or a fact inside a stream's filter -----------------------------


@dataclass(frozen=True)
class _Scene:
    world: World
    as_of: AsOf
    vocabulary: Vocabulary

    def day(self, fact: Fact) -> dt.date:
        return local_day(fact.at, self.world.zone)


@dataclass(frozen=True)
class _Subject:
    scene: _Scene
    kind: SubjectKind
    id: int

    def spec(self, name: str) -> FieldSpec | None:
        return self.scene.vocabulary.fields.get(self.kind, {}).get(name)

    def read(self, name: str) -> Value:
        world, now = self.scene.world, self.scene.as_of.instant
        spec = self.spec(name)
        if spec is not None and spec.is_tag:
            return world.tags.get(self.kind, {}).get(self.id, {}).get(name)
        if self.kind == "role" and name in ("since", "until"):
            link = world.roles[self.id]
            return link.since if name == "since" else link.until
        for state in world.states[self.kind][self.id]:
            begun = state.valid_from is None or state.valid_from < now
            ended = state.valid_to is not None and state.valid_to < now
            if begun and not ended:
                return state.values.get(name)
        return None


@dataclass(frozen=True)
class _Row:
    scene: _Scene
    stream: str
    fact: Fact

    def spec(self, name: str) -> FieldSpec | None:
        return self.scene.vocabulary.streams[self.stream].columns.get(name)

    def read(self, name: str) -> Value:
        if name == "at":
            return self.scene.day(self.fact)
        if name in self.fact.known:
            known = self.fact.known[name]
            if known is None or known >= self.scene.as_of.instant:
                return None
        return self.fact.values.get(name)


_Here = _Subject | _Row


def plain(raw: Value) -> Value:
    """A value as evaluation sees it: numbers are finite floats, an empty list is missing."""
    if raw == ():
        return None
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        number = float(raw)
        return number if math.isfinite(number) else None
    return raw


# --- conditions ---------------------------------------------------------------------------------


def _holds(condition: tree.Condition, here: _Here) -> bool:
    match condition:
        case tree.And():
            return all(_holds(item, here) for item in condition.items)
        case tree.Or():
            return any(_holds(item, here) for item in condition.items)
        case tree.Not():
            return not _holds(condition.item, here)
        case tree.Compare():
            return compare(
                _value(condition.left, here), condition.sign, _value(condition.right, here)
            )
        case tree.In():
            found = _value(condition.of, here)
            return any(compare(found, "=", _value(one, here)) for one in condition.values)
        case tree.Between():
            found = _value(condition.of, here)
            low, high = _value(condition.low, here), _value(condition.high, here)
            return compare(low, "<=", found) and compare(found, "<=", high)
        case tree.Like():
            found = _value(condition.of, here)
            return isinstance(found, str) and like(found, condition.pattern)
        case tree.Contains():
            return condition.value in labels(_value(condition.of, here))
        case tree.Within():
            codes = _codes(condition.of, here)
            top = condition.value
            if codes is not None:
                top = codes.resolve(top) or top
            return any(below(label, top, codes) for label in labels(_value(condition.of, here)))
        case tree.Missing():
            return _value(condition.of, here) is None
        case tree.Related():
            met = [_holds(condition.where, one) for one in _related(condition.relation, here)]
            if condition.quantifier == "any":
                return any(met)
            if condition.quantifier == "all":
                return len(met) > 0 and all(met)
            return not any(met)
        case tree.Sequence():
            return _sequence(condition, _subject(here))
        case tree.InAudience():
            return _in_audience(condition.audience, _subject(here))
        case tree.Became():
            return _became(condition, _subject(here))
    assert_never(condition)


def _subject(here: _Here) -> _Subject:
    if isinstance(here, _Row):
        raise TypeError("a stream's filter speaks of its columns only; the tree was not bound")
    return here


def _codes(measure: tree.Measure, here: _Here) -> CodeList | None:
    """The code list that the values of a measure belong to."""
    spec: FieldSpec | None = None
    if isinstance(measure, tree.Field):
        spec = here.spec(measure.name)
    elif isinstance(measure, tree.Aggregate) and measure.column is not None:
        source = here.scene.vocabulary.source(measure.stream)
        spec = source[0].columns.get(measure.column) if source else None
    return spec.codes if spec else None


# --- related subjects ---------------------------------------------------------------------------


def _related(relation: tree.Relation, here: _Here) -> list[_Subject]:
    me = _subject(here)
    world = me.scene.world

    def all_of(kind: SubjectKind, ids: set[int]) -> list[_Subject]:
        return [_Subject(me.scene, kind, one) for one in sorted(ids)]

    match relation:
        case "role":
            return all_of("role", {one for one in _roles(me) if _current(world.roles[one], me)})
        case "role_ever":
            return all_of("role", {one for one in _roles(me) if _begun(world.roles[one], me)})
        case "enterprise":
            if me.kind == "role":
                return all_of("enterprise", {world.roles[me.id].enterprise})
            held = [world.roles[one] for one in _roles(me)]
            return all_of("enterprise", {one.enterprise for one in held if _current(one, me)})
        case "person":
            return all_of("person", {world.roles[me.id].person})
        case "parent":
            return all_of("enterprise", {world.parents[me.id]} if me.id in world.parents else set())
        case "root":
            top = me.id
            while top in world.parents:
                top = world.parents[top]
            return all_of("enterprise", {top})
        case "subsidiary":
            return all_of("enterprise", _children(me.id, world))
        case "descendant":
            found: set[int] = set()
            level = _children(me.id, world)
            while level:
                found |= level
                level = {below for one in level for below in _children(one, world)}
            return all_of("enterprise", found)
    assert_never(relation)


def _roles(me: _Subject) -> set[int]:
    """Every role that the person holds or that is held at the enterprise, at any time."""
    return {
        role
        for role, link in me.scene.world.roles.items()
        if (link.enterprise if me.kind == "enterprise" else link.person) == me.id
    }


def _begun(link: RoleLink, me: _Subject) -> bool:
    return link.since is None or link.since <= me.scene.as_of.day


def _current(link: RoleLink, me: _Subject) -> bool:
    return _begun(link, me) and (link.until is None or link.until > me.scene.as_of.day)


def _children(enterprise: int, world: World) -> set[int]:
    return {child for child, parent in world.parents.items() if parent == enterprise}


# --- audiences, changes, sequences --------------------------------------------------------------


def _in_audience(name: str, me: _Subject) -> bool:
    where = me.scene.vocabulary.audiences[name].where
    if where is None:
        return me.id in me.scene.world.audiences.get(name, frozenset())
    return _holds(where, me)


def _became(condition: tree.Became, me: _Subject) -> bool:
    wanted = _value(condition.value, me)

    def has(found: Value) -> bool:
        found = plain(found)
        return wanted in found if isinstance(found, tuple) else compare(found, "=", wanted)

    if not has(me.read(condition.tag)):
        return False
    for change in me.scene.world.changes:
        if (change.kind, change.tag, change.id) != (me.kind, condition.tag, me.id):
            continue
        # A run as of the end of a day has the midnight after it as its instant.
        day = local_day(change.at - dt.timedelta(microseconds=1), me.scene.world.zone)
        seen = change.at <= me.scene.as_of.instant and in_window(
            change.at, day, condition.window, None, me.scene.as_of
        )
        if seen and has(change.new) and not has(change.old):
            return True
    return False


def _sequence(condition: tree.Sequence, me: _Subject) -> bool:
    """From each fact of the first step on, take the earliest that can follow."""
    steps = [_facts(step.stream, None, None, step.where, me) for step in condition.steps]
    for first in steps[0]:
        last: Fact | None = first
        for facts in steps[1:]:
            last = next((one for one in facts if last and one.order > last.order), None)
        if last is not None and _close(first, last, condition.within, me.scene):
            return True
    return False


def _close(first: Fact, last: Fact, within: tree.Window | None, scene: _Scene) -> bool:
    if within is None:
        return True
    if within.elapsed:
        return last.at - first.at <= elapsed(within)
    return scene.day(last) <= shift(scene.day(first), within.count, within.unit)


# --- measures -----------------------------------------------------------------------------------


def _value(measure: tree.Measure, here: _Here) -> Value:
    match measure:
        case tree.Text() | tree.Number() | tree.Truth() | tree.Day():
            return plain(measure.value)
        case tree.Field():
            return plain(here.read(measure.name))
        case tree.Aggregate():
            return _aggregate(measure, _subject(here))
        case tree.Elapsed():
            day = _value(measure.of, here)
            if not isinstance(day, dt.date):
                return None
            until = completed(here.scene.as_of.day, day, measure.unit)
            return float(until if measure.direction == "until" else -until)
        case tree.Bucket():
            me = _subject(here)
            text = f"{measure.salt}:{me.kind[0].upper()}:{me.id}"
            digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
            return int(digest[:13], 16) / 2**52
        case tree.Arithmetic():
            return _arithmetic(
                _value(measure.left, here), measure.sign, _value(measure.right, here)
            )
        case tree.RelatedCount():
            return float(
                sum(_holds(measure.where, one) for one in _related(measure.relation, here))
            )
        case tree.RelatedShare():
            met = [_holds(measure.where, one) for one in _related(measure.relation, here)]
            return sum(met) / len(met) if met else None
    assert_never(measure)


def _arithmetic(left: Value, sign: tree.ArithmeticSign, right: Value) -> Value:
    if not isinstance(left, float) or not isinstance(right, float):
        return None
    match sign:
        case "+":
            return plain(left + right)
        case "-":
            return plain(left - right)
        case "*":
            return plain(left * right)
        case "/":
            return plain(left / right) if right != 0 else None
    assert_never(sign)


def _aggregate(measure: tree.Aggregate, me: _Subject) -> Value:
    facts = _facts(measure.stream, measure.window, measure.before, measure.where, me)
    if measure.name == "count":
        return float(len(facts))
    if measure.name == "count_days":
        return float(len({me.scene.day(fact) for fact in facts}))
    if measure.name == "days_since":
        days = [me.scene.day(fact) for fact in facts]
        return float((me.scene.as_of.day - max(days)).days) if days else None

    stream = _stream(measure.stream, me)[0]
    raw = [_Row(me.scene, stream, fact).read(measure.column or "") for fact in facts]
    raw = [one for one in raw if plain(one) is not None]
    found = [plain(one) for one in raw]
    if measure.name == "count_distinct":
        return float(len(set(found)))
    decimal = me.scene.world.is_decimal(stream, measure.column or "")
    if measure.name == "sum":
        return _sum(raw, decimal=decimal)
    if not found:
        return None
    if measure.name == "first":
        return found[0]
    if measure.name == "last":
        return found[-1]
    if measure.name == "avg":
        return _arithmetic(_sum(raw, decimal=decimal), "/", float(len(found)))
    ordered = sorted(found)  # type: ignore[type-var]
    if measure.name == "min":
        return ordered[0]
    if measure.name == "max":
        return ordered[-1]
    upper, lower = ordered[len(ordered) // 2], ordered[(len(ordered) - 1) // 2]
    return _arithmetic(_arithmetic(lower, "+", upper), "/", 2.0)


def _sum(numbers: list[Value], *, decimal: bool) -> Value:
    """The exact sum, rounded once; of the numbers as they are written, where these are decimals."""
    terms = (one for one in numbers if isinstance(one, int | float | Decimal))
    total = sum(
        (Fraction(repr(one) if decimal and isinstance(one, float) else one) for one in terms),
        Fraction(),
    )
    try:
        return float(total)
    except OverflowError:
        return None


# --- facts and time -----------------------------------------------------------------------------


def _stream(name: str, me: _Subject) -> tuple[str, str | None]:
    source = me.scene.vocabulary.source(name)
    if source is None:
        raise TypeError(f"no stream or event {name!r}; the tree was not bound")
    return source[0].name, source[1]


def _facts(
    name: str,
    window: tree.Window | None,
    before: tree.Window | None,
    where: tree.Condition | None,
    me: _Subject,
) -> list[Fact]:
    """The subject's facts that as-of sees, in the window and the filter, by (at, key)."""
    scene = me.scene
    stream, event = _stream(name, me)
    out = []
    for fact in scene.world.borne.get((stream, me.kind, me.id), ()):
        row = _Row(scene, stream, fact)
        if fact.at >= scene.as_of.instant or fact.known_at >= scene.as_of.instant:
            continue
        if event is not None and row.read("name") != event:
            continue
        if not in_window(fact.at, scene.day(fact), window, before, scene.as_of):
            continue
        if where is None or _holds(where, row):
            out.append(fact)
    return out
