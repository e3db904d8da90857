"""How a run makes its tags: what can be taken over, which figures are made together, in what order.

A plan is made first and can be shown. It has three parts. Tags whose inputs have not changed are
taken over. The figures over facts that the others ask for are gathered by stream and kind, so that
each stream is read as few times as possible. Then come the tags, stage by stage, each stage on top
of the ones before.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.kinds import Tag
from holbein.catalog.profiles import TagProfile
from holbein.catalog.taginfo import TagInfo, meaning
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SUBJECT_KINDS, Became, SubjectKind
from holbein.engine.figures import Figures
from holbein.engine.reader import Reader
from holbein.errors import HolbeinError, StoreError, TagError
from holbein.progress import Progress
from holbein.store.changes import CHANGES, diff
from holbein.tags import custom
from holbein.tags.earlier import Earlier, TagKey, aligned
from holbein.tags.expression import expression
from holbein.tags.guard import breach
from holbein.tags.inputs import inputs
from holbein.tags.profile import profile
from holbein.tags.reach import nodes
from holbein.tags.values import ARROW, typed

TOGETHER = 40
"""So many tags are computed in one query: engines refuse queries of many hundred joins."""

Way = Literal["made", "within"]
"""How figures come about: made beforehand, or within the one query that asks."""


@dataclass(frozen=True)
class Work:
    """The tags to make, in dependency order, as of an instant, from what there is.

    ``folder`` is the workspace's. ``described`` is what is told of the tags. ``profiles`` are those
    before, for the guards of what means the same still.
    """

    tags: Sequence[Tag]
    reader: Reader
    as_of: AsOf
    earlier: Earlier = field(default_factory=Earlier)
    folder: Path = Path()
    described: Mapping[TagKey, TagInfo] = field(default_factory=dict)
    profiles: Mapping[TagKey, TagProfile] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What will be done: tags taken over, figures and how each is made, then tags by stage."""

    taken_over: tuple[Tag, ...]
    figures: tuple[tuple[Figures, Way], ...]
    stages: tuple[tuple[Tag, ...], ...]
    failed: Mapping[TagKey, str]
    """Tags that cannot be asked of the engine at all, and why."""


@dataclass(frozen=True)
class Step:
    """What was done, and what it took. ``what``: figures by name, or tags by kind and stage."""

    what: str
    how: str
    columns: int
    seconds: float


@dataclass
class Computed:
    """The tags of a run: a table per kind (id, then the tags), and what changed.

    ``held`` are tags that failed and keep their last values, with the reason; those of them that
    have no last values are ``empty``. ``meanings`` are what the values mean that the tags have now.
    """

    tables: dict[SubjectKind, pa.Table] = field(default_factory=dict)
    changes: pa.Table = field(default_factory=CHANGES.empty_table)
    held: dict[TagKey, str] = field(default_factory=dict)
    empty: set[TagKey] = field(default_factory=set)
    meanings: dict[TagKey, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


# --- the plan -----------------------------------------------------------------------------------


def plan(work: Work) -> Plan:
    """How the tags of ``work`` will be made."""
    taken_over = list(_taken_over(work))
    over = {(tag.kind, tag.name) for tag in taken_over}
    left = [tag for tag in work.tags if (tag.kind, tag.name) not in over]
    staged = stages(left)
    figures, failed = _figures(work, staged)
    return Plan(tuple(taken_over), tuple(figures), tuple(map(tuple, staged)), failed)


def stages(tags: Sequence[Tag]) -> list[list[Tag]]:
    """Tags in groups, each of which depends on earlier groups only."""
    level: dict[TagKey, int] = {}
    for tag in tags:  # in dependency order
        used = [level[one] for one in tag.uses if one in level]
        level[tag.kind, tag.name] = 1 + max(used, default=-1)
    out: list[list[Tag]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for tag in tags:
        out[level[tag.kind, tag.name]].append(tag)
    return out


def _taken_over(work: Work) -> Iterator[Tag]:
    """Tags of the last version that mean the same, over the same files."""
    last, reader = work.earlier.last, work.reader
    if last is None or last.as_of.instant > work.as_of.instant:
        return
    done: set[TagKey] = set()
    for tag in work.tags:
        key = tag.kind, tag.name
        if key not in work.earlier.alike_last or tag.unfit is not None:
            continue
        if _column(work.earlier.taken(tag.kind), tag) is None:
            continue
        reads = inputs(tag, reader.vocabulary)
        if reads is None or not done.issuperset(tag.uses):
            continue
        timed = (
            reads.timed or not set(SUBJECT_KINDS).intersection(reads.tables) <= reader.layout.flat
        )
        if timed and last.as_of != work.as_of:
            continue
        if all(last.parts(one) == reader.tables.parts(one) for one in reads.tables):
            done.add(key)
            yield tag


def _column(found: pa.Table | None, tag: Tag) -> pa.ChunkedArray | None:
    """A tag's column of an earlier version, if it has one of this type."""
    if found is None or tag.name not in found.column_names:
        return None
    column: pa.ChunkedArray = found[tag.name]
    return column if column.type == ARROW[tag.type] else None


def _figures(
    work: Work, staged: Sequence[Sequence[Tag]]
) -> tuple[list[tuple[Figures, Way]], dict[TagKey, str]]:
    """All figures over facts that the tags ask for, and the way to each."""
    compiler = work.reader.compiler()
    failed: dict[TagKey, str] = {}
    queries: Counter[tuple[SubjectKind, str]] = Counter()
    for some in _queries(staged):
        asked = len(compiler.asks)
        for tag in some:
            if tag.unfit is not None:
                failed[tag.kind, tag.name] = tag.unfit
            if tag.unfit is not None or custom.is_custom(tag.definition):
                continue
            scope = compiler.everyone(tag.kind, work.as_of)
            try:
                scope.select({tag.name: expression(tag.name, tag.definition, scope)})
            except Exception as error:
                failed[tag.kind, tag.name] = _reason(error)
        queries.update(set(compiler.asks[asked:]))
    out: list[tuple[Figures, Way]] = []
    for key, figures in compiler.asked().items():
        out.append((figures, "within" if queries[key] == 1 else "made"))
    return out, failed


def _queries(staged: Sequence[Sequence[Tag]]) -> Iterator[Sequence[Tag]]:
    """The tags of each query, in order."""
    for stage in staged:
        for kind in SUBJECT_KINDS:
            yield from _together([tag for tag in stage if tag.kind == kind])


# --- the work -----------------------------------------------------------------------------------


def compute(work: Work, planned: Plan, progress: Progress) -> Computed:
    """All tags as of one instant.

    Tags that are done stand in the reader as the version's own, and so do their changes where a
    tag asks for them, so that tags of a later stage may read either.
    """
    return _Run(work, planned, progress).all()


class _Run:
    def __init__(self, work: Work, planned: Plan, progress: Progress) -> None:
        self.work = work
        self.plan = planned
        self.reader = work.reader
        self.done = Computed(held=dict(planned.failed))
        self.figures: dict[tuple[SubjectKind, str], str] = {}
        self._progress = progress
        self._count = 0
        self._before = {kind: work.earlier.before(kind) for kind in SUBJECT_KINDS}
        self._needed = {one for tag in work.tags for one in tag.uses}

    def all(self) -> Computed:
        for kind in SUBJECT_KINDS:
            if any(tag.kind == kind for tag in self.work.tags):
                self.done.tables[kind] = _distinct(self.reader, kind)
        log = _log_for(self.work.tags, self.reader)
        self._take_over()
        for figures, way in self.plan.figures:
            if way == "made":
                self._make(figures)
        for number, stage in enumerate(self.plan.stages, start=1):
            self._show_changes(log)
            for kind in SUBJECT_KINDS:
                self._stage(kind, number, [tag for tag in stage if tag.kind == kind])
        self._tell()
        self._in_order()
        return self.done

    def _show_changes(self, log: pa.Table | None) -> None:
        """Lets later stages ask what became of the tags that are done."""
        if log is not None:
            self.reader.load("changes", pa.concat_tables([log, self.done.changes]))

    def _in_order(self) -> None:
        """The columns of a table stand in the order of the tags, whatever way they came."""
        for kind, table in self.done.tables.items():
            names = [tag.name for tag in self.work.tags if tag.kind == kind]
            self.done.tables[kind] = table.select(["id", *names])

    def _tell(self) -> None:
        self._progress("tags", self._count, len(self.work.tags))

    def _timed(self, what: str, how: str, columns: int, began: float) -> None:
        self.done.steps.append(Step(what, how, columns, round(time.perf_counter() - began, 4)))

    # --- tags that are there already ------------------------------------------------------------

    def _take_over(self) -> None:
        for kind in SUBJECT_KINDS:
            mine = [tag for tag in self.plan.taken_over if tag.kind == kind]
            if mine:
                began = time.perf_counter()
                self._add(kind, mine, self._of(self.work.earlier.taken(kind), mine))
                self._show(kind)
                self._timed(f"tags of {kind}", "taken over", len(mine), began)

    def _of(self, found: pa.Table | None, tags: Sequence[Tag]) -> dict[str, pa.ChunkedArray]:
        """The values of an earlier version, for the subjects that there are now."""
        some = [tag for tag in tags if _column(found, tag) is not None]
        if found is None or not some:
            return {}
        ids = self.done.tables[some[0].kind]["id"].to_numpy()
        placed = aligned(found.select(["id", *(tag.name for tag in some)]), ids)
        return {tag.name: placed[tag.name] for tag in some}

    def _held(self, tag: Tag) -> pa.ChunkedArray:
        """The values that a tag keeps which failed: the last good ones, with what they mean."""
        key = tag.kind, tag.name
        values = self._of(self.work.earlier.kept(tag.kind), [tag])
        if not values:
            self.done.empty.add(key)
            self.done.meanings[key] = ""
            rows = self.done.tables[tag.kind].num_rows
            return pa.chunked_array([pa.nulls(rows, ARROW[tag.type])])
        self.done.meanings[key] = self.work.earlier.meanings_good.get(key, "")
        return values[tag.name]

    def _meaning(self, tag: Tag) -> str:
        """What values mean that are computed now."""
        info = self.work.described.get((tag.kind, tag.name))
        return meaning(info, self.done.meanings) if info is not None else ""

    def _is_alike(self, tag: Tag) -> bool:
        """Whether the tag's values mean what those before mean."""
        means = self.done.meanings[tag.kind, tag.name]
        return means != "" and means == self.work.earlier.meanings_before.get((tag.kind, tag.name))

    def _add(
        self, kind: SubjectKind, tags: Sequence[Tag], values: Mapping[str, pa.ChunkedArray]
    ) -> None:
        """Tags that are done: their columns, and what changed. Those without values are held."""
        made = pa.table({"id": self.done.tables[kind]["id"]})
        for tag in tags:
            if tag.name in values:
                self.done.meanings[kind, tag.name] = self._meaning(tag)
                made = made.append_column(tag.name, values[tag.name])
            else:
                made = made.append_column(tag.name, self._held(tag))
            self.done.tables[kind] = self.done.tables[kind].append_column(tag.name, made[tag.name])
        alike = [tag.name for tag in tags if self._is_alike(tag)]
        found = diff(kind, self._before[kind], made, alike, self.work.as_of)
        self.done.changes = pa.concat_tables([self.done.changes, found])
        self._count += len(tags)

    def _show(self, kind: SubjectKind) -> None:
        """Lets later stages read what they need of the tags that are done."""
        done = self.done.tables[kind]
        needed = [name for name in done.column_names if (kind, name) in self._needed]
        if needed:
            self.reader.load(f"tags.{kind}", done.select(["id", *needed]))

    # --- figures over facts ---------------------------------------------------------------------

    def _make(self, figures: Figures) -> None:
        """Figures that several queries ask for, made once and held by the engine."""
        self._progress(figures.title, 0, None)
        began = time.perf_counter()
        compiler = self.reader.compiler()
        try:
            scope = compiler.everyone(figures.kind, self.work.as_of)
            self.reader.hold(figures.table, compiler.finish(figures.build(scope)))
        except StoreError:
            raise
        except Exception:
            return  # then the tags that ask for them are tried without, each by itself
        self.figures[figures.kind, figures.name] = figures.table
        self._timed(f"{figures.title} by {figures.kind}", "made", figures.columns or 1, began)

    # --- tags -----------------------------------------------------------------------------------

    def _stage(self, kind: SubjectKind, number: int, mine: Sequence[Tag]) -> None:
        if not mine:
            return
        began = time.perf_counter()
        sound = [tag for tag in mine if (kind, tag.name) not in self.done.held]
        for some in _together(sound):
            self._tell()
            self._add(kind, some, self._guarded(some, self._values(some)))
        self._add(kind, [tag for tag in mine if tag not in sound], {})
        self._show(kind)
        self._timed(f"tags of {kind}, stage {number}", "made", len(mine), began)

    def _guarded(
        self, some: Sequence[Tag], values: dict[str, pa.ChunkedArray]
    ) -> dict[str, pa.ChunkedArray]:
        """The values that no guard holds back."""
        for tag in some:
            before = self.work.profiles.get((tag.kind, tag.name))
            if tag.guard is None or before is None or tag.name not in values:
                continue
            self.done.meanings[tag.kind, tag.name] = self._meaning(tag)
            if not self._is_alike(tag):
                continue
            now = profile(values[tag.name], self.work.as_of.day, before.profile)
            if reason := breach(tag.guard, before.profile, now):
                self.done.held[tag.kind, tag.name] = reason
                del values[tag.name]
        return values

    def _values(self, some: Sequence[Tag]) -> dict[str, pa.ChunkedArray]:
        """The values of tags of one kind; of those that fail alone, none but the reason."""
        try:
            if custom.is_custom(some[0].definition):
                return {some[0].name: self._custom(some[0])}
            return self._query(some)
        except StoreError:
            raise  # not the tags are at fault
        except Exception as error:
            if len(some) == 1:
                self.done.held[some[0].kind, some[0].name] = _reason(error)
                return {}
        half = len(some) // 2
        return {**self._values(some[:half]), **self._values(some[half:])}

    def _custom(self, tag: Tag) -> pa.ChunkedArray:
        made = custom.compute(tag, self.reader, self.work.as_of, self.work.folder)
        return made["value"]

    def _query(self, some: Sequence[Tag]) -> dict[str, pa.ChunkedArray]:
        compiler = self.reader.compiler(figures=self.figures)
        scope = compiler.everyone(some[0].kind, self.work.as_of)
        select = scope.select(
            {tag.name: expression(tag.name, tag.definition, scope) for tag in some}
        )
        found = self.reader.query(compiler.finish(select))
        order = _order(found["id"].to_numpy())
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            made = threads.map(lambda tag: typed(found[tag.name], tag.type, order), some)
            return {tag.name: one for tag, one in zip(some, made, strict=True)}


def _together(tags: Sequence[Tag]) -> Iterator[Sequence[Tag]]:
    """The tags of one kind and stage: some at a time in one query, SQL and Python tags alone."""
    own = [tag for tag in tags if custom.is_custom(tag.definition)]
    plain = [tag for tag in tags if not custom.is_custom(tag.definition)]
    yield from (plain[n : n + TOGETHER] for n in range(0, len(plain), TOGETHER))
    yield from ([tag] for tag in own)


def _reason(error: Exception) -> str:
    """Why a tag failed. What engines say may quote what is in the data: of it, only the kind."""
    if isinstance(error, TagError):
        return str(error)
    if isinstance(error, HolbeinError):
        return error.message
    said = str(error).partition(":")[0].strip()
    kind = said if said.endswith("Error") and len(said) < 40 else type(error).__name__
    return f"the engine could not compute it ({kind})"


def _distinct(reader: Reader, kind: SubjectKind) -> pa.Table:
    """The ids of all subjects of a kind, ascending."""
    ids = reader.tables.read(kind, ["id"])
    if kind not in reader.layout.flat:
        ids = pa.table({"id": pc.unique(ids["id"])})
    order = _order(ids["id"].to_numpy())
    return ids if order is None else ids.take(order)


def _order(ids: np.ndarray) -> np.ndarray | None:
    """The places of the ids, ascending; None where they stand so already."""
    return None if (ids[:-1] < ids[1:]).all() else np.argsort(ids, kind="stable")


def _log_for(tags: Sequence[Tag], reader: Reader) -> pa.Table | None:
    """The change log so far, as far as the tags ask for it; None where none does."""
    asked = {
        node.tag
        for tag in tags
        if tag.unfit is None
        for node in nodes(tag.definition, reader.vocabulary)
        if isinstance(node, Became)
    }
    if not asked:
        return None
    if not reader.tables.has("changes"):
        return CHANGES.empty_table()
    log = reader.tables.read("changes")
    return log.filter(pc.is_in(log["tag"], value_set=pa.array(sorted(asked))))
