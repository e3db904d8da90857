"""Tags that still fit, but would have values of another type: what they read is taken otherwise.

The type of a column that declares none is guessed from its data, so data alone can change it. Where
a column declares its type, the tag follows: that was somebody's decision.
"""

from __future__ import annotations

from collections.abc import Iterator

from holbein.catalog.inspection import Column, Inspection
from holbein.catalog.lineage import trees_of
from holbein.catalog.reader import Checked
from holbein.conditions.reading import reads
from holbein.conditions.tree import Aggregate, SubjectKind, walk
from holbein.conditions.vocabulary import Type, Vocabulary


def drifted(
    kind: SubjectKind, now: Checked, was: Type, vocabulary: Vocabulary, inspection: Inspection
) -> str | None:
    """Why a tag of ``kind`` cannot go on, whose type ``was`` another; None where it can."""
    if now.type == was:
        return None
    for name, column in _columns(kind, now, vocabulary, inspection):
        if column is not None and column.note is not None:
            return (
                f"its type would be {now.type}, and was {was}, since {name} is taken as "
                f"{column.type} ({column.note}); its source can declare its type"
            )
    return None


def _columns(
    kind: SubjectKind, now: Checked, vocabulary: Vocabulary, inspection: Inspection
) -> Iterator[tuple[str, Column | None]]:
    """The columns of sources that a tag reads itself."""
    for tree, on in trees_of(now.definition, kind):
        for of, name in sorted(reads(tree, on, vocabulary).fields):
            yield name, inspection.attributes.get(of, {}).get(name)
        for node in walk(tree):
            if isinstance(node, Aggregate) and node.column is not None:
                found = vocabulary.source(node.stream)
                stream = inspection.streams.get(found[0].name) if found is not None else None
                columns = stream.columns if stream is not None else {}
                yield f"{node.stream}.{node.column}", columns.get(node.column)
