"""The subjects that the sources describe now, by the keys of each source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.records import Subjects
from holbein.store.ids import Keys, assign, lookup


class Known:
    """Ids by key. Only subjects that a source describes are known, whatever earlier runs saw."""

    def __init__(
        self,
        alias: pa.Table | None,
        above: Mapping[str, int],
        now: Mapping[SubjectKind, np.ndarray] | None = None,
    ) -> None:
        """``alias`` are those of earlier runs, ``above`` the largest ids ever given, ``now`` the
        ids of those described already."""
        self.alias = alias
        self._above = above
        self._now = {kind: np.zeros(0, np.int64) for kind in SUBJECT_KINDS} | dict(now or {})
        self._described: dict[tuple[SubjectKind, str], pa.Table] = {}

    def describe(self, subjects: Sequence[Subjects]) -> None:
        """Give an id to every subject in ``subjects`` that has none yet."""
        keys: list[Keys] = [(one.kind, one.source, one.keys["key"]) for one in subjects]
        self.alias = assign(self.alias, keys, self._above)
        for one in subjects:
            ids = lookup(self.alias, one.kind, one.source, one.keys["key"]).to_numpy()
            self._now[one.kind] = np.union1d(self._now[one.kind], ids)
        self._described.clear()

    def ids(self, kind: SubjectKind, source: str, keys: pa.ChunkedArray) -> pa.ChunkedArray:
        """The id of each key, int64; null where the key is null or nobody's."""
        described = self._of(kind, source)
        place = pc.index_in(keys.cast(pa.string()), value_set=described["key"], skip_nulls=True)
        found = described["id"].take(place)
        return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])

    def _of(self, kind: SubjectKind, source: str) -> pa.Table:
        """The keys of a source that mean a subject described now: key and id."""
        if (found := self._described.get((kind, source))) is not None:
            return found
        if self.alias is None:
            return pa.table({"key": pa.array([], pa.string()), "id": pa.array([], pa.int64())})
        asked = (pc.field("kind") == kind) & (pc.field("source") == source)
        mine = self.alias.filter(asked).select(["key", "id"])
        now = np.isin(mine["id"].to_numpy(), self._now[kind], assume_unique=True)
        self._described[kind, source] = mine.filter(pa.array(now)).combine_chunks()
        return self._described[kind, source]


def integers(ids: pa.ChunkedArray) -> np.ndarray:
    """Ids as numpy, 0 (no subject's) where there is none."""
    return np.asarray(pc.fill_null(ids, 0).to_numpy(), dtype=np.int64)


def nullable(ids: np.ndarray) -> pa.Array:
    """Ids as Arrow, null where 0."""
    return pa.array(ids, pa.int64(), mask=ids == 0)


def present(values: pa.ChunkedArray) -> np.ndarray:
    """Where a column has a value, as a mask."""
    return np.asarray(pc.is_valid(values).to_numpy(), dtype=bool)
