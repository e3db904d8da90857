"""One table's rows, while those that can't be used are put aside one reason after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from holbein.catalog.inspection import Column, Habit
from holbein.collect.convert import NO_HABIT, convert, days, instants
from holbein.collect.keys import keys_of
from holbein.collect.raw import Mask, Raw, chunked, valid_mask
from holbein.collect.rejects import Rejects
from holbein.records import Rows
from holbein.refine.doubles import later_doubles

_KINDS = {"boolean": "yes or no", "number": "a number", "date": "a date"}
_NO_KEY = "holds NUL or bytes that are no text"
OTHER_VALUES = "an earlier row with other values has the same"
NO_INSTANT = "is not a date from year 1 to 9999"


class Taking:
    """The rows of ``raw``. ``keep`` are those still in use; ``rejects`` hears of the others."""

    def __init__(
        self,
        source: str,
        raw: Raw,
        zone: ZoneInfo,
        rejects: Rejects,
        habits: Mapping[str, Habit] | None = None,
    ) -> None:
        self.habits = habits or {}
        self.source = source
        self.raw = raw
        self.zone = zone
        self.rejects = rejects
        self.keep: Mask = np.ones(raw.table.num_rows, dtype=bool)
        rejects.add_unread(source, raw)

    # --- putting aside ------------------------------------------------------------------------

    def reject(self, bad: Mask, reason: str) -> None:
        """Puts whole rows aside."""
        rows = np.flatnonzero(bad & self.keep)
        if len(rows):
            self.rejects.add(self.source, self.raw, rows.tolist(), reason)
            self.keep[rows] = False

    def note(self, bad: Mask, reason: str) -> None:
        """Notes that a value of a row is missing because it can't be read."""
        rows = np.flatnonzero(bad & self.keep)
        self.rejects.add(self.source, self.raw, rows.tolist(), reason)

    def doubles(self, keys: pa.ChunkedArray, what: str) -> None:
        """Of the rows with one key the first stays; equal ones go silently."""
        places = np.flatnonzero(self.keep)
        table = self.raw.table
        if len(places) < len(self.keep):
            keys, table = keys.filter(pa.array(self.keep)), table.filter(pa.array(self.keep))
        same, other = later_doubles(keys, table)
        if other:
            gone = np.zeros(len(self.keep), dtype=bool)
            gone[places[other]] = True
            self.reject(gone, f"{OTHER_VALUES} {what}")
        if same:
            self.keep[places[same]] = False

    def put_apart(self, same: Rows, other: Rows, what: str) -> None:
        """Puts aside rows that are doubles of rows in an earlier file."""
        gone = np.zeros(len(self.keep), dtype=bool)
        gone[list(other)] = True
        self.reject(gone, f"{OTHER_VALUES} {what}")
        self.keep[list(same)] = False

    # --- reading columns ------------------------------------------------------------------------

    def key(self, columns: Sequence[str], *, needed: bool = True) -> pa.ChunkedArray:
        """The keys in ``columns``; rows whose key can't be used, or is needed and missing, go."""
        found = keys_of(self.raw.table, columns)
        names = ", ".join(columns)
        self.reject(found.bad, f"{names} {_NO_KEY}")
        if needed:
            self.reject(~valid_mask(found.values), f"{names} is missing")
        return found.values

    def parent(self, columns: Sequence[str]) -> pa.ChunkedArray:
        """The keys of enterprises above; one that can't be used is noted and missing."""
        found = keys_of(self.raw.table, columns)
        self.note(found.bad, f"{', '.join(columns)} {_NO_KEY}")
        return found.values

    def time(self, column: str | None) -> pa.ChunkedArray:
        """A column of instants, or nothing but missing; rows that can't be read go."""
        if column is None:
            return chunked(pa.nulls(self.raw.table.num_rows, pa.timestamp("us")))
        found = instants(self.raw.table.column(column), self.zone, self._habit(column))
        self.reject(found.bad, f"{column} {NO_INSTANT}")
        return found.values

    def day(self, column: str | None) -> pa.ChunkedArray:
        """A column of days; what can't be read is noted and missing."""
        if column is None:
            return chunked(pa.nulls(self.raw.table.num_rows, pa.date32()))
        found = days(self.raw.table.column(column), self.zone)
        self.note(found.bad, reading_fails(column, Column(column, "date")))
        return found.values

    def value(self, column: str, wanted: Column, *, whole_row: bool = False) -> pa.ChunkedArray:
        """A column in its type. What can't be read is missing, or costs the whole row."""
        found = convert(self.raw.table.column(column), wanted, self.zone, self._habit(column))
        if not found.sound:
            put_aside = self.reject if whole_row else self.note
            put_aside(found.bad, reading_fails(column, wanted))
        return found.values

    def _habit(self, column: str) -> Habit:
        return self.habits.get(column, NO_HABIT)

    # --- what is left ---------------------------------------------------------------------------

    def rows(self) -> pa.Array:
        """The numbers of the rows that are left."""
        return pa.array(np.flatnonzero(self.keep).astype(np.int64))

    def kept(self, columns: Mapping[str, pa.ChunkedArray]) -> pa.Table:
        """The rows that are left."""
        table = table_of(columns, len(self.keep))
        return table if self.keep.all() else table.filter(pa.array(self.keep))


def reading_fails(column: str, wanted: Column) -> str:
    """The reason of a value that is no such thing."""
    if wanted.money:
        return f"{column} is not an amount of money"
    return f"{column} is not {_KINDS.get(wanted.type, 'text')}"


def table_of(columns: Mapping[str, pa.ChunkedArray], count: int) -> pa.Table:
    """A table of ``count`` rows, also where it has no columns."""
    if columns:
        return pa.table(dict(columns))
    return pa.table({"_": pa.nulls(count)}).select([])
