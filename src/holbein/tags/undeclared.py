"""Values that a definition does not declare: of tags and attributes whose ``values`` it names.

Declared values say which there are: conditions can name no other. What the data brings beside them
stays as it is, and is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.kinds import AttributeOf, Band, Rfm, Rule, Tag
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import FieldSpec
from holbein.engine.reader import Reader

SHOWN = 3
"""So many of the values are told."""

LONGEST = 40
"""Characters of each."""

OPEN = frozenset({"public", "internal"})
"""Of which sensitivity values may be told."""


def undeclared(
    tags: Sequence[Tag], tables: Mapping[SubjectKind, pa.Table], reader: Reader, as_of: AsOf
) -> Iterator[str]:
    """What a reader of the run should be told of such values, a line for each tag or attribute.

    A tag that repeats an attribute and its declared values is not told beside it.
    """
    fields = reader.vocabulary.fields
    for kind in SUBJECT_KINDS:
        declared = [
            name
            for name, spec in fields[kind].items()
            if spec.values and not spec.is_tag and spec.type in ("category", "categories")
        ]
        for name, values in _attributes(kind, declared, reader, as_of).items():
            # Nobody has said who may see it; of a company's it is what the source calls it.
            shows = kind == "enterprise"
            yield from _told(f"{kind} attribute {name}", values, fields[kind][name].values, shows)
    for tag in tags:
        if not tag.values or tag.type not in ("category", "categories"):
            continue
        if isinstance(tag.definition, Rule | Band | Rfm) or _repeats(tag, fields[tag.kind]):
            continue
        shows = tag.sensitivity in OPEN
        values = tables[tag.kind][tag.name]
        yield from _told(f"{tag.kind} tag {tag.name}", values, tag.values, shows)


def _repeats(tag: Tag, fields: Mapping[str, FieldSpec]) -> bool:
    match tag.definition:
        case AttributeOf(field=of) if of.name in fields:
            return tag.values == fields[of.name].values
    return False


def _attributes(
    kind: SubjectKind, names: Sequence[str], reader: Reader, as_of: AsOf
) -> dict[str, pa.ChunkedArray]:
    if not names:
        return {}
    compiler = reader.compiler()
    scope = compiler.everyone(kind, as_of)
    select = scope.select({f"v{number}": scope.field(name) for number, name in enumerate(names)})
    found = reader.query(compiler.finish(select))
    return {name: found[f"v{number}"] for number, name in enumerate(names)}


def _told(
    what: str, values: pa.ChunkedArray, declared: Iterable[str], shows: bool
) -> Iterator[str]:
    known = pa.array(list(declared), pa.string())
    count = 0
    others: set[str] = set()
    for chunk in values.chunks:
        labels = chunk.flatten() if pa.types.is_list(chunk.type) else chunk
        other = pc.and_(pc.is_valid(labels), pc.invert(pc.is_in(labels, value_set=known)))
        if not pc.any(other).as_py():
            continue
        if pa.types.is_list(chunk.type):
            owners = pc.list_parent_indices(chunk).filter(other)
            count += len(np.unique(owners.to_numpy()))
        else:
            count += pc.sum(other).as_py()
        if shows:
            others.update(sorted(pc.unique(labels.filter(other)).to_pylist())[:SHOWN])
    if not count:
        return
    subjects = "1 subject has a value" if count == 1 else f"{count:,} subjects have values"
    some = ", ".join(one[:LONGEST] for one in sorted(others)[:SHOWN])
    yield f"{what}: {subjects} that its definition does not declare" + (
        f" (such as {some})" if some else ""
    )
