"""Random conditions over a random world, drawn so that its boundaries are hit.

Thresholds, labels and dates come from the world: a measure is compared with the value that it has,
by the reference, for some subject. Trees are as a user would write them (labels for codes, text for
dates) and can be bound; the evaluators get them bound.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from holbein.conditions import reference, tree
from holbein.conditions.bind import bind, bind_measure
from holbein.conditions.functions import RELATED_FUNCTIONS
from holbein.conditions.instants import AsOf
from holbein.conditions.reference import Value, World
from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Vocabulary
from tests.support.worlds import DELAYED, random_as_of, random_world

WINDOWS: tuple[tuple[int, tree.Unit], ...] = (
    (1, "day"), (7, "day"), (30, "day"), (60, "day"), (90, "day"), (1, "week"), (2, "week"),
    (1, "month"), (1, "month"), (2, "month"), (3, "month"), (12, "month"), (1, "year"),
    (1, "year"), (2, "year"),
)  # fmt: skip
HOURS: tuple[tuple[int, tree.Unit], ...] = (
    (1, "hour"), (24, "hour"), (48, "hour"), (60, "minute"), (1440, "minute"), (10_000, "minute"),
)  # fmt: skip
# What may lie between the first and the last step of a sequence: gaps that the worlds have.
WITHIN: tuple[tuple[int, tree.Unit], ...] = (
    (1, "day"), (2, "day"), (7, "day"), (1, "week"), (1, "month"), (1, "year"),
    (1, "hour"), (24, "hour"), (48, "hour"), (360, "minute"),
)  # fmt: skip
Unit = Literal["day", "month", "year"]
Direction = Literal["since", "until"]
_SIGNS: tuple[tree.CompareSign, ...] = ("=", "<", "<=", ">", ">=")


def random_tree(
    rng: random.Random,
    world: World,
    vocabulary: Vocabulary,
    kind: SubjectKind,
    as_of: AsOf,
    depth: int = 3,
) -> tree.Condition:
    """A condition on subjects of ``kind``, at most ``depth`` connectives or relations deep."""
    return _Grower(rng, world, vocabulary, as_of).condition(kind, depth)


def random_measure(
    rng: random.Random, world: World, vocabulary: Vocabulary, kind: SubjectKind, as_of: AsOf
) -> tree.Measure:
    """A measure of any type, unbound."""
    grower = _Grower(rng, world, vocabulary, as_of)
    return grower.pick(kind, ("number", "number", "date", "category", "boolean", "categories"), 2)


@dataclass(frozen=True)
class Drawn:
    """A bound condition, what it was bound from, and the world that it is asked of."""

    name: str
    world: World
    vocabulary: Vocabulary
    kind: SubjectKind
    as_of: AsOf
    written: tree.Condition
    condition: tree.Condition


SEED = os.environ.get("HOLBEIN_SEED", "trees")
WORLDS, EACH = 20, 25
"""What a run of the tests asks of every engine is ``drawn(SEED)``, or the first part of it."""


def drawn(seed: str = SEED, worlds: int = WORLDS, each: int = EACH) -> Iterator[Drawn]:
    """``worlds`` random worlds with ``each`` random conditions on each; the seed says which."""
    for number in range(worlds):
        yield from drawn_in(seed, number, each)


def drawn_in(seed: str, number: int, each: int = EACH) -> Iterator[Drawn]:
    """The conditions on one of these worlds."""
    rng = random.Random(f"{seed} {number}")
    world, vocabulary = random_world(rng)
    for place in range(each):
        kind: SubjectKind = rng.choice(("enterprise", "enterprise", "person", "role"))
        as_of = random_as_of(rng, world)
        written = random_tree(rng, world, vocabulary, kind, as_of)
        condition = bind(written, kind, vocabulary)
        yield Drawn(f"{seed} {number}.{place}", world, vocabulary, kind, as_of, written, condition)


def ingredients(root: tree.Node) -> set[str]:
    """What a tree is made of: its nodes, aggregates, relations, signs and units, by name."""
    found = set()
    for one in tree.walk(root):
        name = type(one).__name__
        found.add(name)
        match one:
            case tree.Aggregate():
                found.add(f"{name} {one.name}")
                found |= {f"{name} filter"} if one.where else set()
                found |= {f"{name} before"} if one.before else set()
            case tree.Related():
                found.add(f"{name} {one.quantifier} {one.relation}")
            case tree.RelatedCount():
                found.add(f"{name} {one.relation}")
            case tree.Elapsed():
                found.add(f"{name} {one.unit} {one.direction}")
            case tree.Compare() | tree.Arithmetic():
                found.add(f"{name} {one.sign}")
            case tree.Window():
                found.add(f"{name} {one.unit}")
    return found


@dataclass
class _Grower:
    rng: random.Random
    world: World
    vocabulary: Vocabulary
    as_of: AsOf

    # --- conditions -----------------------------------------------------------------------------

    def condition(self, kind: SubjectKind, depth: int) -> tree.Condition:
        draw = self.rng.random()
        if depth <= 0 or draw < 0.06:
            return self.leaf(kind, depth)
        if draw < 0.48:
            size = self.rng.choice((2, 2, 3))
            items = tuple(self.condition(kind, depth - 1) for _ in range(size))
            return self.rng.choice((tree.And, tree.Or))(items)
        if draw < 0.6:
            return tree.Not(self.condition(kind, depth - 1))
        return self.related(kind, depth) if draw < 0.9 else self.leaf(kind, depth)

    def related(self, kind: SubjectKind, depth: int) -> tree.Condition:
        pairs = [
            (quantifier, relation)
            for quantifier, relation in RELATED_FUNCTIONS.values()
            if (kind, relation) in TARGETS
        ]
        quantifier, relation = self.rng.choice(pairs)
        inner = self.inside(TARGETS[kind, relation], depth)
        return tree.Related(quantifier, relation, inner)

    def inside(self, kind: SubjectKind, depth: int) -> tree.Condition:
        """What is asked of related subjects; sometimes only whether there are any."""
        return tree.TRUE if self.rng.random() < 0.08 else self.condition(kind, depth - 1)

    def leaf(self, kind: SubjectKind, depth: int) -> tree.Condition:
        makers: list[tuple[int, Callable[[], tree.Condition]]] = [
            (26, lambda: self.compare_number(kind, depth)),
            (4, lambda: self.compare_date(kind)),
            (5, lambda: self.compare_text(kind)),
            (2, lambda: self.compare_truth(kind)),
            (4, lambda: self.among(kind)),
            (4, lambda: self.between(kind, depth)),
            (4, lambda: self.like(self.text_of(kind), self.sampler(kind))),
            (4, lambda: self.contains(kind)),
            (4, lambda: self.within(kind)),
            (4, lambda: self.missing(kind, depth)),
            (5, lambda: self.sequence(kind)),
            (4, lambda: self.in_audience(kind)),
            (5, lambda: self.became(kind)),
        ]
        weights = [weight for weight, _ in makers]
        return self.rng.choices([make for _, make in makers], weights)[0]()

    def compare_number(self, kind: SubjectKind, depth: int) -> tree.Condition:
        if self.rng.random() < 0.1:
            return self.compare_windows(kind)
        left = self.number(kind, depth)
        if self.rng.random() < 0.15:
            return tree.Compare(left, self.rng.choice(_SIGNS), self.number(kind, depth))
        sign = self.rng.choice(_SIGNS)
        return self.maybe_not(tree.Compare(left, sign, self.threshold(left, kind)))

    def compare_windows(self, kind: SubjectKind) -> tree.Condition:
        """One figure over two windows, which evaluators take from one scan."""
        name = self.rng.choice(self.sources(kind))
        both = [self.aggregate_of(name, "count", None) for _ in "12"]
        factor = tree.Number(self.rng.choice((0.5, 1.0, 2.0)))
        return tree.Compare(both[0], self.rng.choice(_SIGNS), tree.Arithmetic(factor, "*", both[1]))

    def compare_date(self, kind: SubjectKind) -> tree.Condition:
        of = self.date(kind)
        return self.maybe_not(tree.Compare(of, self.rng.choice(_SIGNS), self.day(of, kind)))

    def compare_text(self, kind: SubjectKind) -> tree.Condition:
        of = self.text(kind)
        return self.maybe_not(tree.Compare(of, "=", self.label(of, kind)))

    def compare_truth(self, kind: SubjectKind) -> tree.Condition:
        truth = tree.Truth(self.rng.random() < 0.7)
        return tree.Compare(self.pick(kind, ("boolean",)), "=", truth)

    def among(self, kind: SubjectKind) -> tree.Condition:
        draw = self.rng.random()
        values: tuple[tree.Literal, ...]
        size = range(self.rng.randint(1, 3))
        if draw < 0.5:
            of: tree.Measure = self.text(kind)
            values = tuple(self.label(of, kind) for _ in size)
        elif draw < 0.8:
            of = self.number(kind, 0)
            values = tuple(self.threshold(of, kind) for _ in size)
        else:
            of = self.date(kind)
            values = tuple(self.day(of, kind) for _ in size)
        return self.maybe_not(tree.In(of, values))

    def between(self, kind: SubjectKind, depth: int) -> tree.Condition:
        if self.rng.random() < 0.3:
            of = self.date(kind)
            return self.maybe_not(tree.Between(of, self.day(of, kind), self.day(of, kind)))
        of = self.number(kind, depth)
        low, high = sorted((self.threshold(of, kind).value, self.threshold(of, kind).value))
        if self.rng.random() < 0.1:
            return tree.Between(of, self.number(kind, 0), tree.Number(high))
        return self.maybe_not(tree.Between(of, tree.Number(low), tree.Number(high)))

    def like(self, of: tree.Measure, sample: Callable[[tree.Measure], Value]) -> tree.Condition:
        text = sample(of)
        return self.maybe_not(tree.Like(of, self.pattern(text if isinstance(text, str) else "a")))

    def pattern(self, text: str) -> str:
        """A pattern that the text matches, or almost does."""
        parts = ["\\" + one if one in "%_\\" else one for one in text]
        if parts and self.rng.random() < 0.4:
            parts[self.rng.randrange(len(parts))] = self.rng.choice(("_", "%"))
        if self.rng.random() < 0.12:
            parts.insert(self.rng.randint(0, len(parts)), "_")
        cut = self.rng.randint(0, len(parts))
        draw = self.rng.random()
        if draw < 0.3:
            parts = [*parts[:cut], "%"]
        elif draw < 0.6:
            parts = ["%", *parts[cut:]]
        elif draw < 0.7:
            parts = ["%", *parts[cut : cut + 2], "%"]
        made = "".join(parts)
        # Not ß: its capital is two letters, and another pattern.
        return made.upper() if self.rng.random() < 0.2 and "ß" not in made else made

    def contains(self, kind: SubjectKind) -> tree.Condition:
        of = self.pick(kind, ("categories",))
        return self.maybe_not(tree.Contains(of, self.label(of, kind).value))

    def within(self, kind: SubjectKind) -> tree.Condition:
        fields = [
            tree.Field(name)
            for name, spec in self.vocabulary.fields[kind].items()
            if spec.codes is not None
        ]
        of: tree.Measure = self.rng.choice([*fields, self.code_of_facts()])
        return self.maybe_not(tree.Within(of, self.code()))

    def code_of_facts(self) -> tree.Measure:
        return self.aggregate_of("orders", self.rng.choice(("first", "last")), "region")

    def code(self) -> str:
        """A code, or its label in either language."""
        spec = self.vocabulary.streams["orders"].columns["region"]
        assert spec.codes is not None
        code = self.rng.choice(("110000", "310000", "310115", "330000", "330100", "330106"))
        return self.rng.choice((code, spec.codes.label(code, "en"), spec.codes.label(code, "zh")))

    def missing(self, kind: SubjectKind, depth: int) -> tree.Condition:
        types = ("number", "date", "category", "boolean", "categories")
        return self.maybe_not(tree.Missing(self.pick(kind, types, depth)))

    def sequence(self, kind: SubjectKind) -> tree.Condition:
        names = [*self.vocabulary.events, "event", "event", "orders", "orders"]
        names += ["tickets"] if kind == "enterprise" else []
        steps = []
        for _ in range(self.rng.choice((2, 2, 2, 3))):
            name = self.rng.choice(names)
            steps.append(tree.Step(name, self.filter(name) if self.rng.random() < 0.2 else None))
        within = tree.Window(*self.rng.choice(WITHIN)) if self.rng.random() < 0.8 else None
        return tree.Sequence(tuple(steps), within)

    def in_audience(self, kind: SubjectKind) -> tree.Condition:
        names = [name for name, one in self.vocabulary.audiences.items() if one.kind == kind]
        return self.maybe_not(tree.InAudience(self.rng.choice(names)))

    def became(self, kind: SubjectKind) -> tree.Condition:
        changes = [one for one in self.world.changes if one.kind == kind]
        change = self.rng.choice(changes)
        tag = tree.Field(change.tag)
        spec = self.vocabulary.fields[kind][change.tag]
        window = self.window(0)
        now = self.world.tags[kind][change.id][change.tag]
        if self.rng.random() < 0.7:
            now = change.new
        if isinstance(now, tuple) and now:
            return tree.Became(change.tag, tree.Text(self.rng.choice(now)), window)
        if isinstance(now, str):
            return tree.Became(change.tag, tree.Text(now), window)
        if isinstance(now, bool):
            return tree.Became(change.tag, tree.Truth(now), window)
        if isinstance(now, dt.date):
            return tree.Became(change.tag, self.written(now), window)
        if spec.type in ("category", "categories"):
            return tree.Became(change.tag, self.label(tag, kind), window)
        if spec.type == "number":
            return tree.Became(change.tag, self.threshold(tag, kind), window)
        if spec.type == "boolean":
            return tree.Became(change.tag, tree.Truth(True), window)
        return tree.Became(change.tag, self.day(tag, kind), window)

    def maybe_not(self, condition: tree.Condition) -> tree.Condition:
        return tree.Not(condition) if self.rng.random() < 0.12 else condition

    # --- measures -------------------------------------------------------------------------------

    def pick(self, kind: SubjectKind, types: tuple[str, ...], depth: int = 0) -> tree.Measure:
        """A measure of one of the types."""
        type_ = self.rng.choice(types)
        if type_ == "number":
            return self.number(kind, depth)
        if type_ == "date":
            return self.date(kind)
        if type_ == "category":
            return self.text(kind)
        if type_ == "boolean" and self.rng.random() < 0.3:
            return self.aggregate_of("orders", self.rng.choice(("first", "last")), "paid")
        return self.field(kind, type_)

    def field(self, kind: SubjectKind, type_: str) -> tree.Field:
        fields = self.vocabulary.fields[kind]
        return tree.Field(self.rng.choice([n for n, spec in fields.items() if spec.type == type_]))

    def number(self, kind: SubjectKind, depth: int) -> tree.Measure:
        draw = self.rng.random()
        if draw < 0.06:
            return self.field(kind, "number")
        if draw < 0.46:
            return self.aggregate(kind)
        if draw < 0.66:
            return self.elapsed(kind)
        if draw < 0.7:
            return tree.Bucket(self.rng.choice(("spring", "春季", "a:b")))
        if draw < 0.89 and kind != "role":
            return self.related_figure(kind, depth)
        return self.arithmetic(kind, depth)

    def related_figure(self, kind: SubjectKind, depth: int) -> tree.Measure:
        draw = self.rng.random()
        if kind == "enterprise" and draw < 0.5:
            return tree.RelatedCount("subsidiary", self.inside("enterprise", min(depth, 1)))
        inner = self.inside("role", min(depth, 1))
        return tree.RelatedCount("role", inner) if draw < 0.7 else tree.RelatedShare("role", inner)

    def arithmetic(self, kind: SubjectKind, depth: int) -> tree.Measure:
        sign: tree.ArithmeticSign = self.rng.choice(("+", "-", "*", "/"))
        left, right = self.number(kind, 0), self.number(kind, 0)
        if self.rng.random() < 0.4:
            number = tree.Number(self.rng.choice((0.0, 0.5, 2.0, 100.0)))
            left, right = (number, right) if self.rng.random() < 0.5 else (left, number)
        if isinstance(left, tree.Number) and isinstance(right, tree.Number):
            right = self.field(kind, "number")
        return tree.Arithmetic(left, sign, right)

    def elapsed(self, kind: SubjectKind) -> tree.Measure:
        if self.rng.random() < 0.1:
            return tree.Elapsed("day", "since", tree.Field(self.rng.choice(self.sources(kind))))
        units: tuple[Unit, ...] = ("day", "month", "year")
        directions: tuple[Direction, ...] = ("since", "until")
        return tree.Elapsed(self.rng.choice(units), self.rng.choice(directions), self.date(kind))

    def date(self, kind: SubjectKind) -> tree.Measure:
        if self.rng.random() < 0.6:
            return self.field(kind, "date")
        names: tuple[tree.AggregateName, ...] = ("first", "last", "min", "max")
        name = self.rng.choice(names)
        return self.aggregate_of("orders", name, self.rng.choice(("due", "at")))

    def text(self, kind: SubjectKind) -> tree.Measure:
        if self.rng.random() < 0.7:
            return self.field(kind, "category")
        return self.text_of_facts()

    def text_of(self, kind: SubjectKind) -> tree.Measure:
        """Text worth matching with patterns."""
        name = {"enterprise": "name", "person": "name", "role": "title"}[kind]
        return tree.Field(name) if self.rng.random() < 0.6 else self.text(kind)

    def text_of_facts(self) -> tree.Measure:
        stream, column = self.rng.choice(
            (("orders", "product"), ("orders", "region"), ("visit", "page"), ("event", "name"))
        )
        return self.aggregate_of(stream, self.rng.choice(("first", "last")), column)

    # --- aggregates -----------------------------------------------------------------------------

    def sources(self, kind: SubjectKind) -> list[str]:
        """Streams and events whose facts bear the kind."""
        streams = [name for name, one in self.vocabulary.streams.items() if kind in one.bears]
        return [*self.vocabulary.events, *streams, "orders", "orders"]

    def aggregate(self, kind: SubjectKind) -> tree.Measure:
        name: tree.AggregateName = self.rng.choice(
            (
                "count", "count_days", "count_distinct", "sum", "avg", "min", "max", "median",
                "first", "last", "days_since",
            )
        )  # fmt: skip
        stream = self.rng.choice(self.sources(kind))
        if name in ("count_days", "median") and self.rng.random() < 0.6:
            stream = self.rng.choice(("event", "orders"))
        if name in ("count", "count_days", "days_since"):
            made = self.aggregate_of(stream, name, None)
            if made == tree.Aggregate("days_since", stream):
                # Only the catalogue tells that the text of this does not speak of a date.
                return tree.Elapsed("day", "since", tree.Field(stream))
            return made
        source = self.vocabulary.source(stream)
        assert source is not None
        columns = source[0].columns
        if name == "count_distinct":
            able = [one for one, spec in columns.items() if spec.type != "categories"]
            return self.aggregate_of(stream, name, self.rng.choice([*able, "at"]))
        numbers = [one for one, spec in columns.items() if spec.type == "number"]
        numbers += [one for one in DELAYED.get(stream, ()) for _ in "12"]
        return self.aggregate_of(stream, name, self.rng.choice(numbers))

    def aggregate_of(
        self, stream: str, name: tree.AggregateName, column: str | None
    ) -> tree.Aggregate:
        window = self.window(0.25) if self.rng.random() < 0.6 else None
        before = None
        if self.rng.random() < 0.25:
            before = self.window(0.25 if window is None else float(window.elapsed))
        where = self.filter(stream) if self.rng.random() < 0.3 else None
        return tree.Aggregate(name, stream, column, window, before, where)

    def window(self, elapsed: float) -> tree.Window:
        """A window of hours or minutes with that probability, else of days or longer."""
        return tree.Window(*self.rng.choice(HOURS if self.rng.random() < elapsed else WINDOWS))

    def filter(self, stream: str, depth: int = 1) -> tree.Condition:
        """A condition on the columns of a stream."""
        source = self.vocabulary.source(stream)
        assert source is not None
        draw = self.rng.random()
        if depth > 0 and draw < 0.3:
            items = tuple(self.filter(stream, depth - 1) for _ in "12")
            return self.rng.choice((tree.And, tree.Or))(items)
        if depth > 0 and draw < 0.4:
            return tree.Not(self.filter(stream, depth - 1))
        spec = self.rng.choice([*source[0].columns.values(), FieldSpec("at", "date")])
        return self.on_column(source[0].name, spec)

    def on_column(self, stream: str, spec: FieldSpec) -> tree.Condition:
        rng, of = self.rng, tree.Field(spec.name)
        sample = self.column_value(stream, spec)
        if rng.random() < 0.12 or sample is None:
            return self.maybe_not(tree.Missing(of))
        if isinstance(sample, bool):
            return tree.Compare(of, "=", tree.Truth(sample))
        if isinstance(sample, tuple):
            return tree.Contains(of, rng.choice(sample))
        if isinstance(sample, str):
            draw = rng.random()
            if spec.codes is not None and draw < 0.4:
                return tree.Within(of, self.code())
            if draw < 0.4:
                return tree.Like(of, self.pattern(sample))
            if draw < 0.55:
                return self.maybe_not(tree.In(of, (tree.Text(sample),)))
            return self.maybe_not(tree.Compare(of, "=", tree.Text(sample)))
        if isinstance(sample, dt.date):
            literal: tree.Literal = self.written(sample)
            return self.maybe_not(tree.Compare(of, rng.choice(_SIGNS), literal))
        if rng.random() < 0.2:
            return tree.Between(of, tree.Number(float(sample) - 2), tree.Number(float(sample)))
        return self.maybe_not(tree.Compare(of, rng.choice(_SIGNS), tree.Number(float(sample))))

    def column_value(self, stream: str, spec: FieldSpec) -> Value:
        facts = self.world.streams[stream]
        for _ in range(8):
            fact = self.rng.choice(facts)
            if spec.name == "at":
                return self.as_of.day - dt.timedelta(days=self.rng.choice((0, 1, 7, 30, 90)))
            value = reference.plain(fact.values.get(spec.name))
            if value is not None:
                return value
        return None

    # --- values from the world --------------------------------------------------------------------

    def sampler(self, kind: SubjectKind) -> Callable[[tree.Measure], Value]:
        return lambda measure: self.sample(measure, kind)

    def sample(self, measure: tree.Measure, kind: SubjectKind) -> Value:
        """The value that the measure has for some subject; None if five of them lack it."""
        bound = bind_measure(measure, kind, self.vocabulary).measure
        ids = sorted(self.world.states[kind])
        for _ in range(5):
            subject = self.rng.choice(ids)
            value = reference.value(bound, kind, subject, self.world, self.as_of, self.vocabulary)
            if value is not None:
                return value
        return None

    def threshold(self, measure: tree.Measure, kind: SubjectKind) -> tree.Number:
        value = self.sample(measure, kind)
        if not isinstance(value, float):
            return tree.Number(self.rng.choice((0.0, 1.0, 2.0)))
        return tree.Number(value + self.rng.choice((0.0, 0.0, 0.0, 0.25, -0.25)))

    def day(self, measure: tree.Measure, kind: SubjectKind) -> tree.Literal:
        value = self.sample(measure, kind)
        day = value if isinstance(value, dt.date) else self.as_of.day
        return self.written(day + dt.timedelta(days=self.rng.choice((0, 0, 0, 1, -1))))

    def written(self, day: dt.date) -> tree.Literal:
        return tree.Text(day.isoformat()) if self.rng.random() < 0.4 else tree.Day(day)

    def label(self, measure: tree.Measure, kind: SubjectKind) -> tree.Text:
        value = self.sample(measure, kind)
        if isinstance(value, tuple):
            value = self.rng.choice(value)
        if not isinstance(value, str):
            return tree.Text("Tea")
        codes = bind_measure(measure, kind, self.vocabulary).codes
        if codes is not None and self.rng.random() < 0.5:
            return tree.Text(codes.label(value, self.rng.choice(("en", "zh"))))
        return tree.Text(value)
