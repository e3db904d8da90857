"""What a condition reads: for the order of tags, the columns to load, and the lineage."""

from __future__ import annotations

from dataclasses import dataclass

from holbein.conditions import tree
from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Vocabulary


@dataclass(frozen=True)
class Reads:
    """``streams`` are streams proper: an event's name is the stream ``event``."""

    fields: frozenset[tuple[SubjectKind, str]]
    streams: frozenset[str]
    audiences: frozenset[str]


def reads(node: tree.Node, kind: SubjectKind, vocabulary: Vocabulary) -> Reads:
    """What ``node`` reads of subjects of ``kind`` and, through quantifiers, of their relations.

    Audiences are named, not followed. Columns of streams are not fields. Names that the vocabulary
    does not know are taken as written, so that an unbound condition can be asked as well.
    """
    fields: set[tuple[SubjectKind, str]] = set()
    streams: set[str] = set()
    audiences: set[str] = set()

    def stream(name: str) -> None:
        found = vocabulary.source(name)
        streams.add(found[0].name if found else name)

    def visit(one: tree.Node, at: SubjectKind) -> None:
        match one:
            case tree.Field(name=name):
                fields.add((at, name))
            case tree.Became(tag=tag):
                fields.add((at, tag))
            case tree.Aggregate(stream=name) | tree.Step(stream=name):
                stream(name)  # the filter reads columns, not fields
            case tree.InAudience(audience=name):
                audiences.add(name)
            case tree.Related() | tree.RelatedCount() | tree.RelatedShare():
                visit(one.where, TARGETS.get((at, one.relation), at))
            case tree.Elapsed(of=tree.Field(name=name)) if name not in vocabulary.fields.get(
                at, {}
            ) and vocabulary.source(name):
                stream(name)
            case _:
                for child in tree.children(one):
                    visit(child, at)

    visit(node, kind)
    return Reads(frozenset(fields), frozenset(streams), frozenset(audiences))


def fields_of(
    node: tree.Node, kind: SubjectKind, vocabulary: Vocabulary
) -> set[tuple[SubjectKind, str]]:
    """The fields that ``node`` reads, itself or through the audiences that it asks for."""
    found: set[tuple[SubjectKind, str]] = set()
    left: list[tuple[tree.Node, SubjectKind]] = [(node, kind)]
    seen: set[str] = set()
    while left:
        read = reads(*left.pop(), vocabulary)
        found |= read.fields
        for name in read.audiences - seen:
            seen.add(name)
            audience = vocabulary.audiences.get(name)
            if audience is not None and audience.where is not None:
                left.append((audience.where, audience.kind))
    return found
