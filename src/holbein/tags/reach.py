"""What a tag's definition speaks of, itself and through the audiences that it asks for."""

from __future__ import annotations

from collections.abc import Iterator

from holbein.catalog.kinds import Band, Definition, Flag, Ranking, Rfm, RollUp, Rule, Statistic
from holbein.conditions.tree import Condition, Field, InAudience, Node, walk
from holbein.conditions.vocabulary import Vocabulary


def nodes(definition: Definition, vocabulary: Vocabulary) -> Iterator[Node]:
    """Every node of the definition and of those audiences. A roll-up's speak of the related."""
    for root in (*_roots(definition), *audiences(definition, vocabulary).values()):
        yield from walk(root)


def audiences(definition: Definition, vocabulary: Vocabulary) -> dict[str, Condition]:
    """The conditions of the dynamic audiences that the definition asks for, and of theirs."""
    found: dict[str, Condition] = {}
    left = list(_roots(definition))
    while left:
        for node in walk(left.pop()):
            if isinstance(node, InAudience) and node.audience not in found:
                where = vocabulary.audiences[node.audience].where
                if where is not None:
                    found[node.audience] = where
                    left.append(where)
    return found


def _roots(definition: Definition) -> list[Node]:
    match definition:
        case Statistic(measure=root) | Flag(where=root) | Band(of=root):
            return [root]
        case Rule(cases=cases):
            return [where for _, where in cases]
        case Ranking(of=of, among=among):
            return [of, *map(Field, among)]
        case Rfm():
            return list(definition.figures.values())
        case RollUp(of=of, where=where):
            return [one for one in (of, where) if one is not None]
        case _:
            return []
