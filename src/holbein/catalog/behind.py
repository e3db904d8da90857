"""What a tag's definition rests on: the measures in it, and the related subjects that it asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from holbein.catalog.kinds import Preference, RollUp, SqlQuery
from holbein.catalog.lineage import trees_of
from holbein.catalog.taginfo import TagInfo
from holbein.conditions.tree import (
    TRUE,
    Aggregate,
    AggregateName,
    And,
    Became,
    Bucket,
    Compare,
    Condition,
    Contains,
    Elapsed,
    Field,
    InAudience,
    Measure,
    Node,
    Related,
    RelatedCount,
    RelatedShare,
    Relation,
    Sequence,
    Text,
    children,
)
from holbein.conditions.vocabulary import Vocabulary


@dataclass(frozen=True)
class Around:
    """Related subjects of whom a definition asks whether they meet ``where``, or their ``of``.
    With ``own`` the subject itself is among them."""

    relation: Relation
    where: Condition
    of: Measure | None = None
    own: bool = False


@dataclass(frozen=True)
class Basis:
    """One thing that a definition speaks of: a measure, or what it asks of related subjects (then
    ``asked`` is the quantifier or the count, or None of a roll-up)."""

    asked: Measure | Related | None
    around: Around | None = None


def bases(info: TagInfo, value: object, vocabulary: Vocabulary) -> tuple[Basis, ...]:
    """All that the definition speaks of, in its order, each once. ``value`` is the subject's: of a
    preference, each label that won has its own figure."""
    return tuple(dict.fromkeys(_bases(info, value, vocabulary)))


def _bases(info: TagInfo, value: object, vocabulary: Vocabulary) -> Iterator[Basis]:
    match info.definition:
        case Preference() as wanted:
            for measure in _weighed(wanted, value, vocabulary):
                yield Basis(measure)
        case RollUp(relation=relation, of=of, where=where, own=own):
            yield Basis(None, Around(relation, where or TRUE, of, own))
        case SqlQuery(tables=tables, reads=reads):
            for name in tables:
                if name in vocabulary.streams and info.on in vocabulary.streams[name].bears:
                    yield Basis(Aggregate("count", name))
            for kind, tag in reads:
                if kind == info.on:
                    yield Basis(Field(tag))
        case definition:
            for tree, _ in trees_of(definition, info.on):
                yield from _of(tree, info.audiences)


def _of(node: Node, audiences: Mapping[str, Condition]) -> Iterator[Basis]:
    match node:
        case Field() | Aggregate() | Bucket():
            yield Basis(node)
            return
        case Elapsed():
            yield Basis(node)
        case (
            RelatedCount(relation=relation, where=where)
            | RelatedShare(relation=relation, where=where)
        ):
            yield Basis(node, Around(relation, where))
            return
        case Related(relation=relation, where=where):
            yield Basis(node, Around(relation, where))
            return
        case Sequence(steps=steps):
            for step in steps:
                yield Basis(Aggregate("count", step.stream, where=step.where))
            return
        case InAudience(audience=name):
            if name in audiences:
                yield from _of(audiences[name], audiences)
            return
        case Became(tag=tag):
            yield Basis(Field(tag))
            return
    for child in children(node):
        yield from _of(child, audiences)


def _weighed(wanted: Preference, value: object, vocabulary: Vocabulary) -> Iterator[Aggregate]:
    """What a preference adds up: for each label that won, then over all."""
    name: AggregateName = "count" if wanted.weight is None else "sum"
    whole = Aggregate(name, wanted.stream, wanted.weight, wanted.window, None, wanted.where)
    found = vocabulary.source(wanted.stream)
    several = found is not None and found[0].columns[wanted.by].type == "categories"
    for label in value if isinstance(value, list) else [value]:
        if not isinstance(label, str):
            continue
        by = Field(wanted.by)
        same: Condition = Contains(by, label) if several else Compare(by, "=", Text(label))
        where = And((wanted.where, same)) if wanted.where is not None else same
        yield replace(whole, where=where)
    yield whole
