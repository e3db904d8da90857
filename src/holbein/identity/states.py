"""The states of subjects: what several mappings say of one subject, each over its own time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ALWAYS = np.iinfo(np.int64).min
"""The beginning of a state that was always there, in microseconds."""


@dataclass(frozen=True)
class Part:
    """What one mapping says: rows of (id, beginning), each pair once, with their attributes."""

    ids: np.ndarray
    begun: np.ndarray
    attributes: pa.Table

    @classmethod
    def of(cls, ids: np.ndarray, valid_from: pa.ChunkedArray, attributes: pa.Table) -> Part:
        """From ids (int64, none missing) and timestamps (null is always)."""
        begun = np.asarray(pc.fill_null(valid_from.cast(pa.int64()), ALWAYS).to_numpy())
        return cls(ids, begun, attributes)

    def newest(self) -> np.ndarray:
        """The rows of the newest state of each subject, ascending by id."""
        order = np.lexsort((self.begun, self.ids))
        ids = self.ids[order]
        last = np.ones(len(order), dtype=bool)
        last[:-1] = ids[1:] != ids[:-1]
        return order[last]


def merged(parts: Sequence[Part]) -> pa.Table:
    """The table of states: id, valid_from, valid_to, then the attributes; by id, then beginning.

    A state lasts until the next one of its subject begins in any of the mappings. In each, every
    attribute has the value of the first mapping that has one then.
    """
    if not parts:
        return _table(np.zeros(0, np.int64), np.zeros(0, np.int64), {})
    ids = np.concatenate([one.ids for one in parts])
    begun = np.concatenate([one.begun for one in parts])
    order = np.lexsort((begun, ids))
    ids, begun = ids[order], begun[order]
    fresh = np.ones(len(ids), dtype=bool)
    fresh[1:] = (ids[1:] != ids[:-1]) | (begun[1:] != begun[:-1])
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.cumsum(fresh) - 1
    ids, begun = ids[fresh], begun[fresh]
    said: dict[str, list[pa.ChunkedArray]] = {}
    done = 0
    for part in parts:
        rows = _in_effect(part, place[done : done + len(part.ids)], ids)
        done += len(part.ids)
        for name in part.attributes.column_names:
            said.setdefault(name, []).append(part.attributes[name].take(rows))
    values = {
        name: several[0] if len(several) == 1 else pc.coalesce(*several)
        for name, several in said.items()
    }
    return _table(ids, begun, values)


def _in_effect(part: Part, place: np.ndarray, ids: np.ndarray) -> pa.Array:
    """For each state of ``ids`` the row of ``part`` that holds in it, null where none does yet.

    ``place`` tells for each row of ``part`` with which state it begins.
    """
    if not len(place):
        return pa.nulls(len(ids), pa.int64())
    order = np.argsort(place, kind="stable")
    last = np.searchsorted(place[order], np.arange(len(ids)), side="right") - 1
    rows = order[np.maximum(last, 0)]
    return pa.array(rows, mask=(last < 0) | (part.ids[rows] != ids))


def _table(ids: np.ndarray, begun: np.ndarray, values: Mapping[str, pa.ChunkedArray]) -> pa.Table:
    following = np.zeros(len(ids), dtype=bool)
    following[:-1] = ids[1:] == ids[:-1]
    until = np.roll(begun, -1) if len(begun) else begun
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "valid_from": _times(begun, begun == ALWAYS),
            "valid_to": _times(until, ~following),
            **values,
        }
    )


def _times(micros: np.ndarray, missing: np.ndarray) -> pa.Array:
    return pa.array(micros, pa.int64(), mask=missing).cast(pa.timestamp("us"))


def firsts(ids: np.ndarray) -> np.ndarray:
    """Where each id stands first; they ascend, as those of tables of states do. Numpy's own way to
    find distinct numbers does not know that, and takes much longer."""
    return np.flatnonzero(np.append(True, ids[1:] != ids[:-1])) if len(ids) else np.arange(0)
