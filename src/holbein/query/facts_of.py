"""The facts of few subjects, as as-of sees them, read from the lookups of a version's streams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.conditions.world import Fact, Value
from holbein.store.snapshot import Snapshot

_FIXED = ("key", "at", "known_at", "enterprise", "person", "role")
_KNOWN = "known."


@dataclass(frozen=True)
class OwnFact:
    """A fact of a stream, with the local day on which it happened."""

    stream: str
    day: dt.date
    fact: Fact


class FactsOf:
    """The facts of some subjects of a kind; a stream is looked up when it is first asked for."""

    def __init__(
        self, snapshot: Snapshot, vocabulary: Vocabulary, kind: SubjectKind, ids: Sequence[int]
    ) -> None:
        self._snapshot = snapshot
        self._vocabulary = vocabulary
        self._kind: SubjectKind = kind
        self._ids = ids
        self._streams: dict[str, Mapping[int, list[OwnFact]]] = {}

    def of(self, id: int, stream: str) -> Sequence[OwnFact]:
        """The facts of one of the subjects, oldest first, then by key."""
        if stream not in self._streams:
            found: dict[int, list[OwnFact]] = {one: [] for one in self._ids}
            for one in self._read(stream):
                bearer = one.fact.bears(self._kind)
                assert bearer is not None
                found[bearer].append(one)
            for facts in found.values():
                facts.sort(key=lambda one: one.fact.order)
            self._streams[stream] = found
        return self._streams[stream][id]

    def _read(self, stream: str) -> Iterator[OwnFact]:
        spec = self._vocabulary.streams[stream]
        if self._kind not in spec.bears:
            return
        rows = self._seen(self._snapshot.find(f"stream.{stream}", self._kind, self._ids))
        # What could not be known yet is taken for missing here.
        names = [one for one in spec.columns if one != "at"]
        values = [self._known(rows, one).to_pylist() for one in names]
        days = rows["day"].to_pylist()
        fixed = zip(*(rows[one].to_pylist() for one in _FIXED), strict=True)
        for number, (key, at, known_at, enterprise, person, role) in enumerate(fixed):
            told = {
                name: plain(column[number])
                for name, column in zip(names, values, strict=True)
                if column[number] is not None
            }
            fact = Fact(key, at, known_at, enterprise, person, role, told, {})
            yield OwnFact(stream, days[number], fact)

    def _seen(self, rows: pa.Table) -> pa.Table:
        as_of = self._snapshot.as_of
        now = pa.scalar(as_of.instant, pa.timestamp("us"))
        seen = pc.and_(pc.less(rows["at"], now), pc.less(rows["known_at"], now))
        # Where clocks went back over midnight, tomorrow has begun before today has ended.
        today = pc.less_equal(rows["day"], pa.scalar(as_of.day, pa.date32()))
        return rows.filter(pc.and_(seen, today))

    def _known(self, rows: pa.Table, name: str) -> pa.ChunkedArray:
        column = rows[name]
        if f"{_KNOWN}{name}" not in rows.column_names:
            return column
        now = pa.scalar(self._snapshot.as_of.instant, pa.timestamp("us"))
        known = pc.fill_null(pc.less(rows[f"{_KNOWN}{name}"], now), False)
        return pc.if_else(known, column, pa.scalar(None, column.type))


def plain(value: object) -> Value:
    """A value of a table as the reference evaluator has it."""
    if isinstance(value, list):
        return tuple(value)
    assert value is None or isinstance(value, bool | str | int | float | Decimal | dt.date)
    return value
