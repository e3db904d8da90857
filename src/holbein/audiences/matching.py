"""Matching the cells of a file to subjects: which column holds the keys, and what each means.

A key may be Holbein's id, ``source:key``, a source's key, or the value of an attribute that tells
subjects apart: a credit code, an address, a name. A cell that fits several subjects is never
guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.audiences.keys import NOBODY, SEVERAL, Ids, Mask, Way, mask_of
from holbein.audiences.reading import Sheet
from holbein.errors import HolbeinError, NotFoundError, near

_SAMPLE = 2_000
"""Rows on which the column that holds the keys is chosen."""

_MOST = 0.9
"""If so many rows have own keys as they are spelled, the column is chosen by those spellings."""

_ALIKE = 0.99
"""Two columns agree on whom they mean if they do in so many of the rows that both match."""


@dataclass(frozen=True)
class Choice:
    """A column of the file, and the sort of key that stands in it."""

    column: int
    way: Way


@dataclass(frozen=True)
class _Tried(Choice):
    ids: Ids
    hits: int
    rank: int


def choose(sheet: Sheet, known: Sequence[Way], column: int | None = None) -> Choice | None:
    """Where the keys stand: where the most subjects are named; None where none is.

    ``column``: only there. Columns that name their sort of key, and keys that cannot be anything
    else (``E17``, ``source:key``), come before those that only happen to match. Raises HolbeinError
    where two columns match as well and mean different subjects.
    """
    places = range(len(sheet.columns)) if column is None else [column]
    rows = _sample(sheet.rows)
    # Other spellings are made ready only where ids and keys of sources are not found as they are.
    tried = list(_tried(sheet, known, places, rows, as_spelled=True))
    if max((one.hits for one in tried if one.way.is_own), default=0) < _MOST * min(
        sheet.rows, _SAMPLE
    ):
        tried = list(_tried(sheet, known, places, rows))
    if not any(one.hits for one in tried):  # the sample may be all strangers
        tried = list(_tried(sheet, known, places, None))
    best = max((one.hits for one in tried), default=0)
    if not best:
        return None
    rank = max(one.rank for one in tried if 2 * one.hits >= best)
    good = [one for one in tried if 2 * one.hits >= best and one.rank == rank]
    first = max(good, key=lambda one: one.hits)
    for other in good:
        if other.column != first.column and not _agree(first.ids, other.ids):
            names = " and ".join(repr(sheet.title(one.column)) for one in (first, other))
            raise HolbeinError(
                f"the columns {names} both match, and mean different subjects",
                hint="say which holds the keys: --key COLUMN",
            )
    return Choice(first.column, first.way)


def named_column(sheet: Sheet, name: str, place: str) -> int:
    """The column of that name. Raises NotFoundError."""
    if name not in sheet.names:
        raise NotFoundError(
            f"the file has no column {name[:80]!r}",
            place=place,
            hint=near(name, (one for one in sheet.names if one))
            or "its columns are " + ", ".join(one[:40] for one in sheet.names[:20] if one),
        )
    return sheet.names.index(name)


def _sample(rows: int) -> Ids | None:
    """Rows from all over the file; None for all of them."""
    if rows <= _SAMPLE:
        return None
    return np.linspace(0, rows - 1, _SAMPLE).astype(np.int64)


def _tried(
    sheet: Sheet,
    known: Sequence[Way],
    places: Sequence[int],
    rows: Ids | None,
    as_spelled: bool = False,
) -> Iterator[_Tried]:
    cells = [
        sheet.columns[one] if rows is None else sheet.columns[one].take(pa.array(rows))
        for one in places
    ]
    if not cells:
        return
    # One look at the keys for all columns together: each look makes ready all keys that there are.
    together = pa.chunked_array([chunk for one in cells for chunk in one.chunks], pa.string())
    ends = np.cumsum([len(one) for one in cells])[:-1]
    for way in known:
        found = way.exact(together) if as_spelled else way.find(together).ids
        for place, texts, ids in zip(places, cells, np.split(found, ends), strict=True):
            hits = len(np.unique(ids[ids >= 0]))  # a column that repeats one key lists nobody
            sure = way.is_own and 2 * int(pc.sum(way.qualified(texts)).as_py() or 0) > len(texts)
            rank = 2 if sure else 1 if way.is_named(sheet.names[place]) else 0
            yield _Tried(place, way, ids, hits, rank)


def _agree(some: Ids, others: Ids) -> bool:
    both = (some >= 0) & (others >= 0)
    return not both.any() or float((some == others)[both].mean()) >= _ALIKE


# --- what became of each row ----------------------------------------------------------------------


@dataclass(frozen=True)
class Matched:
    """What became of each row. ``first`` is the row (from 0) that was taken for the same subject.

    The masks of one row: exactly one of ``taken``, ``doubled``, ``unknown``, ``ambiguous``,
    ``empty`` and ``unreadable``.
    """

    ids: Ids
    first: Ids
    taken: Mask
    doubled: Mask
    unknown: Mask
    ambiguous: Mask
    empty: Mask
    mended: Mask
    """Rows whose key was found in another spelling, such as one without leading zeros."""
    unreadable: Mask
    """Rows whose subject is known, and whose value is none of the type that is wanted."""

    def without(self, unreadable: Mask) -> Matched:
        """The same rows, of which some say nothing that can be read: none of them is taken."""
        return _matched(self.ids, self.empty, self.mended, unreadable & (self.ids >= 0))


def match(texts: pa.ChunkedArray, way: Way) -> Matched:
    """What the cells of a column mean."""
    found = way.of_column(texts)
    empty = mask_of(pc.equal(texts, ""))
    return _matched(found.ids, empty, found.mended, np.zeros(len(texts), bool))


def _matched(ids: Ids, empty: Mask, mended: Mask, unreadable: Mask) -> Matched:
    known = (ids >= 0) & ~unreadable
    rows = np.flatnonzero(known)
    first = np.full(len(ids), -1, np.int64)
    if len(rows):
        _, starts, inverse = np.unique(ids[rows], return_index=True, return_inverse=True)
        first[rows] = rows[starts][inverse]
    taken = known & (first == np.arange(len(ids)))
    return Matched(
        ids,
        first,
        taken,
        known & ~taken,
        (ids == NOBODY) & ~empty,
        ids == SEVERAL,
        empty,
        mended,
        unreadable,
    )
