"""The tables ``quarantine`` and ``unattached``, whose rows are renewed unit by unit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.records import UNIT


class Asides:
    """The rows of such a table, unit by unit."""

    def __init__(self, schema: pa.Schema, before: pa.Table | None) -> None:
        """``before``: the table of the version in force, where units may be taken over."""
        self._schema = schema.append(pa.field(UNIT, pa.string()))
        self._before = self._schema.empty_table() if before is None else before
        self._new: dict[str, pa.Table] = {}

    def of_before(self, units: Collection[str]) -> pa.Table:
        """The rows that the version in force has of these units."""
        return self._before.filter(pc.is_in(self._before[UNIT], _texts(units)))

    def replace(self, unit: str, tables: Iterable[pa.Table]) -> None:
        """The rows of a unit that was read anew."""
        rows = pa.concat_tables(tables)
        names = pa.repeat(pa.scalar(unit, pa.string()), rows.num_rows)
        self._new[unit] = rows.append_column(UNIT, names)

    def of(self, units: Collection[str]) -> pa.Table:
        """The rows of these units as they are now."""
        old = self.of_before([one for one in units if one not in self._new])
        new = [self._new[one] for one in units if one in self._new]
        return pa.concat_tables([old, *new]).cast(self._schema)

    def table(self, units: Sequence[str]) -> pa.Table:
        """All rows of these units, in their order."""
        rows = self.of(units)
        place = pc.index_in(rows[UNIT], _texts(units)).to_numpy()
        return rows.take(pa.array(np.argsort(place, kind="stable"))).combine_chunks()


def _texts(units: Collection[str]) -> pa.Array:
    return pa.array(list(units), pa.string())
