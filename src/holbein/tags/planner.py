"""The order of a run's tags: what depends on nothing first, as much as possible in one query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.kinds import Tag
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SUBJECT_KINDS, Became, SubjectKind
from holbein.engine.reader import Reader
from holbein.progress import Progress
from holbein.store.changes import CHANGES, diff
from holbein.tags import custom
from holbein.tags.expression import expression
from holbein.tags.reach import nodes
from holbein.tags.values import typed

TOGETHER = 40
"""So many tags are computed in one query: engines refuse queries of many hundred joins."""

TagKey = tuple[SubjectKind, str]


@dataclass(frozen=True)
class Before:
    """The tags as the predecessor has them. ``alike`` are those that still mean the same: of the
    others nothing is known to have changed.
    """

    read: Callable[[SubjectKind], pa.Table | None]
    alike: Collection[TagKey] = ()


@dataclass
class Computed:
    """The tags of a run: a table per kind (id, then the tags), and what changed."""

    tables: dict[SubjectKind, pa.Table] = field(default_factory=dict)
    changes: pa.Table = field(default_factory=CHANGES.empty_table)


def stages(tags: Sequence[Tag]) -> list[list[Tag]]:
    """Tags in groups, each of which depends on earlier groups only."""
    level: dict[TagKey, int] = {}
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
    before: Before,
    folder: Path,
    progress: Progress,
) -> Computed:
    """All tags as of one instant. ``folder`` is the workspace's.

    Tags that are done stand in the reader as the version's own, and so do their changes where a
    tag asks for them, so that tags of a later stage may read either.
    """
    done = Computed()
    earlier = {kind: before.read(kind) for kind in SUBJECT_KINDS}
    for kind in SUBJECT_KINDS:
        if any(tag.kind == kind for tag in tags):
            ids = pc.unique(reader.tables.read(kind, ["id"])["id"])
            done.tables[kind] = pa.table({"id": ids.take(pc.sort_indices(ids))})
    log = _log_for(tags, reader)
    count = 0
    for stage in stages(tags):
        for kind in SUBJECT_KINDS:
            mine = [tag for tag in stage if tag.kind == kind]
            for some in _together(mine):
                progress("tags", count, len(tags))
                if custom.is_custom(some[0].definition):
                    made = custom.compute(some[0], reader, as_of, folder)
                    made = made.rename_columns(["id", some[0].name])
                else:
                    made = _query(some, kind, reader, as_of)
                for tag in some:
                    done.tables[kind] = done.tables[kind].append_column(tag.name, made[tag.name])
                alike = [tag.name for tag in some if (kind, tag.name) in before.alike]
                changed = diff(kind, earlier[kind], made, alike, as_of)
                done.changes = pa.concat_tables([done.changes, changed])
                count += len(some)
            if mine:
                reader.load(f"tags.{kind}", done.tables[kind])
        if log is not None:
            reader.load("changes", pa.concat_tables([log, done.changes]))
    progress("tags", count, len(tags))
    return done


def _together(tags: Sequence[Tag]) -> Iterator[Sequence[Tag]]:
    """The tags of one kind and stage: some at a time in one query, SQL and Python tags alone."""
    own = [tag for tag in tags if custom.is_custom(tag.definition)]
    plain = [tag for tag in tags if not custom.is_custom(tag.definition)]
    yield from (plain[n : n + TOGETHER] for n in range(0, len(plain), TOGETHER))
    yield from ([tag] for tag in own)


def _log_for(tags: Sequence[Tag], reader: Reader) -> pa.Table | None:
    """The change log so far, as far as the tags ask for it; None where none does."""
    asked = {
        node.tag
        for tag in tags
        for node in nodes(tag.definition, reader.vocabulary)
        if isinstance(node, Became)
    }
    if not asked:
        return None
    if not reader.tables.has("changes"):
        return CHANGES.empty_table()
    log = reader.tables.read("changes")
    return log.filter(pc.is_in(log["tag"], value_set=pa.array(sorted(asked))))


def _query(mine: Sequence[Tag], kind: SubjectKind, reader: Reader, as_of: AsOf) -> pa.Table:
    """id and the tags, ascending by id, in the types of the catalogue."""
    compiler = reader.compiler()
    scope = compiler.everyone(kind, as_of)
    select = scope.select({tag.name: expression(tag.name, tag.definition, scope) for tag in mine})
    found = reader.query(compiler.finish(select)).sort_by("id")
    columns = {"id": found["id"]}
    for tag in mine:
        columns[tag.name] = typed(found[tag.name], tag.type)
    return pa.table(columns)
