"""What a tag's value depends on, so that one whose inputs are the same need not be made again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from holbein.catalog.kinds import Imported, Preference, PythonFunction, RollUp, SqlQuery, Tag
from holbein.conditions.tree import (
    SUBJECT_KINDS,
    Aggregate,
    Became,
    Elapsed,
    InAudience,
    Related,
    RelatedCount,
    RelatedShare,
    Relation,
    Sequence,
)
from holbein.conditions.vocabulary import Vocabulary
from holbein.tags.reach import nodes

STATES = {*SUBJECT_KINDS, "ancestor"}

GROUP = frozenset({"parent", "root", "subsidiary", "descendant"})


@dataclass(frozen=True)
class Inputs:
    """The tables that a tag reads, tags left out. ``timed``: whether as-of matters, too."""

    tables: frozenset[str]
    timed: bool


def inputs(tag: Tag, vocabulary: Vocabulary) -> Inputs | None:
    """What ``tag`` depends on; None where not all of it is in tables, as with static lists."""
    tables: set[str] = {tag.kind}
    timed = False
    match tag.definition:
        case Imported():
            return Inputs(frozenset({tag.kind, f"imported.{tag.kind}"}), False)
        case PythonFunction():  # what it reads of tags is in ``uses``
            return Inputs(frozenset({tag.kind}), False)
        case SqlQuery(tables=names):
            streams = {f"stream.{one}" for one in names if one in vocabulary.streams}
            return Inputs(frozenset({tag.kind, *streams, *(set(names) & STATES)}), True)
        case RollUp(relation=relation):
            tables |= _related(relation)
            timed = True
        case Preference(stream=stream):
            tables |= set(_stream(stream, vocabulary))
            timed = True
    for node in nodes(tag.definition, vocabulary):
        match node:
            case Became():
                return None  # the change log grows with every run
            case InAudience(audience=name):
                if vocabulary.audiences[name].where is None:
                    return None
            case Aggregate(stream=stream):
                tables |= set(_stream(stream, vocabulary))
                timed = True
            case Sequence(steps=steps):
                tables |= {one for step in steps for one in _stream(step.stream, vocabulary)}
                timed = True
            case Elapsed():
                timed = True
            case Related() | RelatedCount() | RelatedShare():
                tables |= _related(node.relation)
                timed = True  # roles begin and end
    return Inputs(frozenset(tables), timed)


def _stream(name: str, vocabulary: Vocabulary) -> Iterator[str]:
    found = vocabulary.source(name)
    if found is not None:
        yield f"stream.{found[0].name}"


def _related(relation: Relation) -> set[str]:
    kinds: set[str] = {"enterprise", "ancestor"} if relation in GROUP else {"role"}
    if relation in ("enterprise", "person"):
        kinds.add(relation)
    return kinds
