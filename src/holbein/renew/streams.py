"""One stream's table: the parts that stay, and those that are written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from holbein.collect import NOTHING, Apart, Collector, Stream
from holbein.identity import CONTRADICTS, Subjects, stream_tables
from holbein.progress import Progress
from holbein.records import UNIT, Facts
from holbein.renew.affected import units_at
from holbein.renew.asides import Asides
from holbein.renew.doubles import apart, doubled, keys_of, rows_with
from holbein.renew.slots import FULL, Group, Slot, anew, moved, whole_part
from holbein.renew.times import Times
from holbein.store import Build, FileRef, Piece


@dataclass(frozen=True)
class _Taken:
    """A unit that has been read."""

    slot: Slot
    facts: Facts
    quarantine: pa.Table


class StreamTable:
    """Writes the table of one stream."""

    def __init__(
        self,
        build: Build,
        collector: Collector,
        stream: Stream,
        subjects: Subjects,
        quarantine: Asides,
        unattached: Asides,
        times: Times,
        progress: Progress,
    ) -> None:
        self.name = f"stream.{stream.name}"
        self.units = [f"{self.name}/{one.label}" for one in stream.units]
        """The names of the units, as in ``quarantine`` and ``unattached``."""
        self._build = build
        self._collector = collector
        self._stream = stream
        self._subjects = subjects
        self._quarantine = quarantine
        self._unattached = unattached
        self._times = times
        self._progress = progress
        self._apart: Mapping[int, Apart] = {}
        self._read = 0
        self._to_read = 0

    def write(self, groups: Sequence[Group]) -> None:
        """Writes what must be written of ``groups``, and reads all units that are in none."""
        held = sum(len(group) for group in groups)
        tail = range(held, len(self.units))
        self._to_read = len(tail) + sum(slot.read_anew for group in groups for slot in group)
        done = [self._settled(group) for group in groups]
        done += [self._written(group) for group in self._filled(tail)]
        fresh = {slot.number for group in groups for slot in group if slot.read_anew} | {*tail}
        if fresh and len(self.units) > 1:
            done = self._without_doubles(done, fresh)
        self._build.assemble(self.name, [_part(group) for group in done])

    # --- reading and writing ------------------------------------------------------------------

    def _take(self, slot: Slot) -> _Taken:
        self._progress(f"read {self._stream.wanted.table.label}", self._read, self._to_read)
        self._read += 1
        with self._times.of("collect"):
            facts, quarantine = self._collector.facts(
                self._stream, slot.number, self._apart.get(slot.number, NOTHING)
            )
        return _Taken(slot, facts, quarantine)

    def _filled(self, numbers: Sequence[int]) -> Iterator[list[_Taken]]:
        """The units, so many together as make a full part."""
        group: list[_Taken] = []
        rows = 0
        for number in numbers:
            taken = self._take(Slot(number))
            if group and rows + taken.facts.keys.num_rows > FULL:
                yield group
                group, rows = [], 0
            group.append(taken)
            rows += taken.facts.keys.num_rows
        if group:
            yield group

    def _settled(self, group: Group) -> Group:
        """The group, as it is or written."""
        if whole_part(group) is not None:
            return group
        return self._written([self._take(slot) if slot.read_anew else slot for slot in group])

    def _written(self, group: Sequence[Slot | _Taken]) -> Group:
        taken = [one for one in group if isinstance(one, _Taken)]
        with self._times.of("identify"):
            known, links = self._subjects.known, self._subjects.links
            resolved = iter(stream_tables([one.facts for one in taken], known, links))
        tables = []
        for one in group:
            if isinstance(one, Slot):
                tables.append(self._rows(one))
                continue
            now = next(resolved)
            tables.append(now.table)
            unit = self.units[one.slot.number]
            self._quarantine.replace(unit, [one.quarantine, now.quarantine])
            self._unattached.replace(unit, [now.unattached])
        slots = [one.slot if isinstance(one, _Taken) else one for one in group]
        pieces = [
            Piece(
                name=self._stream.units[slot.number].label,
                made_of=self._stream.made_of[slot.number],
                rows=table.num_rows,
            )
            for slot, table in zip(slots, tables, strict=True)
        ]
        made_of = hashlib.sha256("".join(one.made_of for one in pieces).encode()).hexdigest()
        with self._times.of("store"):
            rows = pa.concat_tables(tables)
            part = self._build.write_part(self.name, rows, made_of[:32], pieces)
        return moved(slots, part)

    def _rows(self, slot: Slot) -> pa.Table:
        assert slot.part is not None
        path = self._build.file(slot.part)
        return pq.read_table(path, page_checksum_verification=True).slice(slot.start, slot.rows)

    # --- doubles ------------------------------------------------------------------------------

    def _without_doubles(self, groups: Sequence[Group], fresh: set[int]) -> list[Group]:
        """Of facts with the same key in several units, the first stays."""
        with self._times.of("doubles"):
            keys = self._doubled(groups, fresh)
            if not len(keys):
                return list(groups)
            units = self._bearing(groups, keys)
            self._apart = apart(self._collector, self._stream, units, keys)
        affected = self._apart.keys() & fresh
        self._read, self._to_read = 0, len(affected)
        return [self._settled(group) for group in anew(groups, affected)]

    def _doubled(self, groups: Sequence[Group], fresh: set[int]) -> pa.Array:
        new: list[Group] = []
        old: list[Group] = []
        for group in groups:
            (new if any(slot.number in fresh for slot in group) else old).append(group)
        every: list[Any] = []
        for some in (new, old):
            files = [self._build.file(_part(group)) for group in some]
            names = [self.units[slot.number] for group in some for slot in group]
            every += [files, keys_of(self._contradicting(names))]
        return doubled(*every)

    def _contradicting(self, units: Sequence[str]) -> pa.Table:
        return self._quarantine.of(units).filter(pc.field("reason") == CONTRADICTS)

    def _bearing(self, groups: Sequence[Group], keys: pa.Array) -> list[int]:
        """The units that have facts with these keys, ascending."""
        found: set[int] = set()
        for group in groups:
            found |= units_at(group, rows_with(self._build.file(_part(group)), keys))
        aside = self._contradicting(self.units)
        here = pc.is_in(keys_of(aside), value_set=keys)
        units = set(aside[UNIT].filter(here).to_pylist())
        found |= {number for number, one in enumerate(self.units) if one in units}
        return sorted(found)


def _part(group: Group) -> FileRef:
    part = whole_part(group)
    assert part is not None
    return part
