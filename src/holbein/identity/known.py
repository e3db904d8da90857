"""The subjects that the sources describe now, by the keys of each source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SubjectKind
from holbein.records import Subjects
from holbein.store.ids import Keys, assign, lookup


class Known:
    """Ids by key. Only subjects that a source describes are known, whatever earlier runs saw."""

    def __init__(self, previous: pa.Table | None, above: Mapping[str, int]) -> None:
        """``previous`` are the aliases of earlier runs, ``above`` the largest ids ever given."""
        self.alias = previous
        self._above = above
        self._now: dict[tuple[SubjectKind, str], list[pa.ChunkedArray]] = {}

    def describe(self, subjects: Sequence[Subjects]) -> None:
        """Give an id to every subject in ``subjects`` that has none yet."""
        keys: list[Keys] = [(one.kind, one.source, one.keys["key"]) for one in subjects]
        self.alias = assign(self.alias, keys, self._above)
        for one in subjects:
            self._now.setdefault((one.kind, one.source), []).append(one.keys["key"])

    def ids(self, kind: SubjectKind, source: str, keys: pa.ChunkedArray) -> pa.ChunkedArray:
        """The id of each key, int64; null where the key is null or nobody's."""
        described = self._now.get((kind, source))
        if described is None or self.alias is None:
            return pa.chunked_array([pa.nulls(len(keys), pa.int64())])
        now = pa.chunked_array([chunk for one in described for chunk in one.chunks], pa.string())
        found = lookup(self.alias, kind, source, keys)
        return pc.if_else(pc.is_in(keys, value_set=now), found, pa.scalar(None, pa.int64()))


def integers(ids: pa.ChunkedArray) -> np.ndarray:
    """Ids as numpy, 0 (no subject's) where there is none."""
    return np.asarray(pc.fill_null(ids, 0).to_numpy(), dtype=np.int64)


def nullable(ids: np.ndarray) -> pa.Array:
    """Ids as Arrow, null where 0."""
    return pa.array(ids, pa.int64(), mask=ids == 0)


def present(values: pa.ChunkedArray) -> np.ndarray:
    """Where a column has a value, as a mask."""
    return np.asarray(pc.is_valid(values).to_numpy(), dtype=bool)
