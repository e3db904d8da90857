"""``renew``: a version's subjects, lists and streams; from the sources only what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from holbein import identity
from holbein.collect import Collector
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.errors import StoreError
from holbein.identity import CONTRADICTS, Subjects
from holbein.identity.waiting import UNATTACHED
from holbein.progress import Progress
from holbein.records import QUARANTINE, UNIT
from holbein.renew.affected import Changed, bearing, changed, no_longer_waiting
from holbein.renew.asides import Asides
from holbein.renew.slots import Group, anew, joined, kept
from holbein.renew.streams import StreamTable
from holbein.renew.times import Times
from holbein.store import Build

SUBJECTS = (*SUBJECT_KINDS, "ancestor", "alias")
OF_SUBJECTS, OF_LISTS = "subjects", "lists"
"""What the units of all subjects, and of all lists, are called together."""


@dataclass(frozen=True)
class Figures:
    """How many files (or tables of databases) were read, and how many taken over."""

    read: int
    taken_over: int


def renew(
    build: Build, collector: Collector, *, full: bool, times: Times, progress: Progress
) -> Figures:
    """Writes all tables but those of the tags. ``full`` takes nothing over.

    The tables are what a full run makes of the same sources and the same aliases.
    """
    return _Renewing(build, collector, full, times, progress).all()


class _Renewing:
    def __init__(
        self, build: Build, collector: Collector, full: bool, times: Times, progress: Progress
    ) -> None:
        self._build = build
        self._collector = collector
        self._times = times
        self._progress = progress
        before = None if full else _before(build)
        self._may = before is not None
        quarantine, unattached = before or (None, None)
        self._quarantine = Asides(QUARANTINE, quarantine)
        self._unattached = Asides(UNATTACHED, unattached)
        self._gone = Changed({})
        self._read = self._taken_over = 0

    def all(self) -> Figures:
        subjects, same = self._subjects()
        streams = []
        for stream in self._collector.streams:
            table = StreamTable(
                self._build, self._collector, stream, subjects,
                self._quarantine, self._unattached, self._times, self._progress,
            )  # fmt: skip
            streams.append(table)
            groups = self._kept(table, stream.made_of, subjects, same)
            taken_over = sum(not slot.read_anew for group in groups for slot in group)
            self._count(len(table.units) - taken_over, taken_over)
            table.write(groups)
        self._lists(subjects, same)
        units = [OF_SUBJECTS, *(unit for one in streams for unit in one.units), OF_LISTS]
        with self._times.of("store"):
            self._build.write("quarantine", self._quarantine.table(units))
            self._build.write("unattached", self._unattached.table(units))
        return Figures(self._read, self._taken_over)

    def _count(self, read: int, taken_over: int) -> None:
        self._read += read
        self._taken_over += taken_over

    # --- subjects -----------------------------------------------------------------------------

    def _subjects(self) -> tuple[Subjects, bool]:
        """The subjects, and whether they are those of the version in force."""
        made_of, build = self._collector.subjects_made_of, self._build
        count = self._collector.subject_units
        if self._may and all(build.reuse(name, made_of=made_of) for name in SUBJECTS):
            self._count(0, count)
            return identity.taken_over({name: build.read(name) for name in SUBJECTS}), True
        self._count(count, 0)
        with self._times.of("collect"):
            collected, aside = self._collector.subjects()
        self._progress("identify", 0, None)
        with self._times.of("identify"):
            subjects, unattached, contradicting = identity.resolve(
                collected, build.aliases(), build.last_ids
            )
        self._quarantine.replace(OF_SUBJECTS, [aside, contradicting])
        self._unattached.replace(OF_SUBJECTS, [unattached])
        with self._times.of("store"):
            for name in SUBJECTS:
                build.write(name, subjects.tables[name], made_of=made_of)
        if self._may:
            self._compare(subjects)
        return subjects, False

    def _compare(self, subjects: Subjects) -> None:
        """Finds out who is gone; where nobody can tell, no stream is taken over."""
        assert self._build.newest is not None
        try:
            before = {name: self._build.newest.read(name) for name in SUBJECTS}
        except StoreError:
            self._may = False
            return
        self._gone = changed(identity.taken_over(before), subjects)

    # --- streams ------------------------------------------------------------------------------

    def _kept(
        self, table: StreamTable, made_of: Sequence[str], subjects: Subjects, same: bool
    ) -> list[Group]:
        """What the version in force has of a stream and can stay, part by part."""
        newest = self._build.newest
        if not self._may or newest is None:
            return []
        groups = kept(made_of, newest.parts(table.name))
        parts = newest.parts(table.name)[: len(groups)]  # the groups are of these, one each
        lost = {
            slot.number
            for group, whole in zip(groups, self._build.which_sound(parts), strict=True)
            if not whole
            for slot in group
        }
        if same:
            return joined(anew(groups, lost))
        sound = [group for group in groups if group[0].number not in lost]
        numbers = {name: number for number, name in enumerate(table.units)}
        units = no_longer_waiting(self._unattached.of_before(table.units), subjects.known)
        if self._gone:
            aside = self._quarantine.of_before(table.units)
            units |= {*aside.filter(pc.field("reason") == CONTRADICTS)[UNIT].to_pylist()}
        lost |= {numbers[one] for one in units} | bearing(self._build, sound, self._gone)
        return joined(anew(groups, lost))

    # --- lists --------------------------------------------------------------------------------

    def _lists(self, subjects: Subjects, same: bool) -> None:
        build, made_of = self._build, self._collector.lists_made_of
        names = [f"imported.{kind}" for kind in self._collector.listed_kinds]
        if not names:
            return
        count = len(self._collector.listed)
        if self._may and same and all(build.reuse(name, made_of=made_of) for name in names):
            self._count(0, count)
            return
        self._count(count, 0)
        with self._times.of("collect"):
            lists, aside = self._collector.lists()
        with self._times.of("identify"):
            tables, unattached = identity.imported_tables(lists, subjects.known)
        self._quarantine.replace(OF_LISTS, [aside])
        self._unattached.replace(OF_LISTS, [unattached])
        for kind, table in tables.items():
            build.write(f"imported.{kind}", table, made_of=made_of)


def _before(build: Build) -> tuple[pa.Table, pa.Table] | None:
    """What the version in force has put aside; None where nothing can be taken over from it: ids
    may mean others if its aliases are lost."""
    newest = build.newest
    if newest is None:
        return None
    for name in ("alias", "quarantine", "unattached"):
        parts = newest.parts(name)
        if not parts or not build.all_sound(parts):
            return None
    quarantine, unattached = newest.read("quarantine"), newest.read("unattached")
    if UNIT not in quarantine.column_names or UNIT not in unattached.column_names:
        return None
    return quarantine, unattached
