"""The order of a run's tags: what depends on nothing first, as much as possible in one query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.kinds import Tag
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import Type
from holbein.engine.reader import Reader
from holbein.progress import Progress
from holbein.store.changes import CHANGES, diff
from holbein.tags.expression import expression

ARROW: dict[Type, pa.DataType] = {
    "boolean": pa.bool_(),
    "category": pa.string(),
    "categories": pa.list_(pa.string()),
    "number": pa.float64(),
    "date": pa.date32(),
}


@dataclass
class Computed:
    """The tags of a run: a table per kind (id, then the tags), and what changed."""

    tables: dict[SubjectKind, pa.Table] = field(default_factory=dict)
    changes: pa.Table = field(default_factory=CHANGES.empty_table)


def stages(tags: Sequence[Tag]) -> list[list[Tag]]:
    """Tags in groups, each of which depends on earlier groups only."""
    level: dict[tuple[SubjectKind, str], int] = {}
    for tag in tags:  # in dependency order
        level[tag.kind, tag.name] = 1 + max((level[one] for one in tag.uses), default=-1)
    out: list[list[Tag]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for tag in tags:
        out[level[tag.kind, tag.name]].append(tag)
    return out


def compute(
    tags: Sequence[Tag],
    reader: Reader,
    as_of: AsOf,
    earlier: Callable[[SubjectKind], pa.Table | None],
    progress: Progress,
) -> Computed:
    """All tags as of one instant.

    ``earlier`` gives the tags of a kind as the predecessor has them, for the change log. Tags that
    are done stand in the reader as the version's own, and so does the change log, so that tags of
    a later stage may read either.
    """
    log = reader.tables.read("changes") if reader.tables.has("changes") else CHANGES.empty_table()
    done = Computed()
    for kind in SUBJECT_KINDS:
        if any(tag.kind == kind for tag in tags):
            ids = pc.unique(reader.tables.read(kind, ["id"])["id"])
            done.tables[kind] = pa.table({"id": ids.take(pc.sort_indices(ids))})
    count = 0
    for stage in stages(tags):
        for kind in SUBJECT_KINDS:
            mine = [tag for tag in stage if tag.kind == kind]
            if not mine:
                continue
            progress("tags", count, len(tags))
            made = _query(mine, kind, reader, as_of)
            table = done.tables[kind]
            for tag in mine:
                table = table.append_column(tag.name, made[tag.name])
            done.tables[kind] = table
            reader.load(f"tags.{kind}", table)
            changed = diff(kind, earlier(kind), made, [tag.name for tag in mine], as_of)
            if changed.num_rows:
                done.changes = pa.concat_tables([done.changes, changed])
            count += len(mine)
        reader.load("changes", pa.concat_tables([log, done.changes]))
    progress("tags", count, len(tags))
    return done


def _query(mine: Sequence[Tag], kind: SubjectKind, reader: Reader, as_of: AsOf) -> pa.Table:
    """id and the tags, ascending by id, in the types of the catalogue."""
    compiler = reader.compiler()
    scope = compiler.everyone(kind, as_of)
    select = scope.select({tag.name: expression(tag, scope) for tag in mine})
    found = reader.query(compiler.finish(select)).sort_by("id")
    columns = {"id": found["id"]}
    for tag in mine:
        columns[tag.name] = typed(found[tag.name], tag.type)
    return pa.table(columns)


def typed(values: pa.ChunkedArray, type_: Type) -> pa.ChunkedArray:
    """Values as a version keeps them: numbers that are not finite and empty lists are missing."""
    cast = values.cast(ARROW[type_])
    nothing = pa.scalar(None, ARROW[type_])
    if type_ == "number":
        return pc.if_else(pc.is_finite(cast), cast, nothing)
    if type_ == "categories":
        return pc.if_else(pc.equal(pc.list_value_length(cast), 0), nothing, cast)
    return cast
