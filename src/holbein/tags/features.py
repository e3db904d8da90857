"""Tags of chosen subjects, each as of an instant of its own, without a look into the future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
from sqlglot import exp

from holbein.catalog.kinds import Definition
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SubjectKind
from holbein.engine.base import column, table
from holbein.engine.reader import Reader
from holbein.tags.expression import computing, expression
from holbein.tags.values import typed

ASKED = "asked pairs"


def features(
    kind: SubjectKind,
    ids: Sequence[int],
    instants: Sequence[AsOf],
    names: Sequence[str],
    definitions: Mapping[tuple[SubjectKind, str], Definition],
    reader: Reader,
) -> pa.Table:
    """One row for each pair, in the order given: id, instant, then the attributes and tags named.

    ``ids`` and ``instants`` have the same length. Tags are computed from their bound definitions
    as of each instant; static lists, imported tags and the group tree have no history.
    """
    fields = reader.vocabulary.fields[kind]
    pairs = pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "instant": pa.array([one.instant for one in instants], pa.timestamp("us")),
            "day": pa.array([one.day for one in instants], pa.date32()),
        }
    )
    distinct = pairs.group_by(["id", "instant", "day"]).aggregate([])
    reader.load(ASKED, distinct)
    try:
        compiler = reader.compiler(computing(definitions))
        chosen = exp.select(*(column(one) for one in ("id", "instant", "day"))).from_(table(ASKED))
        scope = compiler.pairs(kind, chosen)
        # By number, since a tag may be called like a key of the pairs.
        values = {
            f"v{number}": (
                expression(name, definitions[kind, name], scope)
                if (kind, name) in definitions
                else scope.field(name)
            )
            for number, name in enumerate(names)
        }
        found = reader.query(compiler.finish(scope.select(values)))
    finally:
        reader.drop(ASKED)
    place = {
        key: row
        for row, key in enumerate(
            zip(found["id"].to_pylist(), found["instant"].to_pylist(), strict=True)
        )
    }
    asked = zip(ids, (one.instant for one in instants), strict=True)
    rows = pa.array([place[key] for key in asked], pa.int64())
    told = [
        typed(found[f"v{number}"], fields[name].type).take(rows)
        for number, name in enumerate(names)
    ]
    return pa.table([pairs["id"], pairs["instant"], *told], names=["id", "instant", *names])
