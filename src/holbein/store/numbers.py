"""What a file tells of its doubles: how many decimals they have, and how large they are."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

KEY = "holbein.decimals"

MOST_DECIMALS = 4
"""More decimals than these are not told apart from any."""

SURE = 2.0**50
"""A double of fewer units than these is the one nearest to its decimal, and to no other."""


@dataclass(frozen=True)
class Numbers:
    """What is known of a column: the ``rows`` of its table, the most ``decimals`` that a number has
    (None: unknown, or many), and how large the ``largest`` is, at most.
    """

    rows: int = 0
    decimals: int | None = 0
    largest: float = 0.0

    def and_(self, other: Numbers) -> Numbers:
        """Of both columns, one after the other."""
        some = self.decimals, other.decimals
        return Numbers(
            self.rows + other.rows,
            None if None in some else max(one for one in some if one is not None),
            max(self.largest, other.largest),
        )


class Decimals:
    """Counts the decimals of a file's doubles while it is written."""

    def __init__(self, schema: pa.Schema) -> None:
        self._most: dict[str, int | None] = {
            one.name: 0 for one in schema if pa.types.is_floating(one.type)
        }

    def see(self, rows: pa.Table) -> None:
        """Takes note of some rows of the file."""
        for name, most in self._most.items():
            if most is not None:
                self._most[name] = _decimals(rows[name].drop_null().to_numpy(), most)

    def told(self) -> dict[str, str]:
        """What to write into the file's own metadata."""
        found = {name: most for name, most in self._most.items() if most is not None}
        return {KEY: json.dumps(found, sort_keys=True)} if self._most else {}


def _decimals(values: np.ndarray, least: int) -> int | None:
    """The most decimals that a value has, ``least`` at least; None where these are many."""
    for decimals in range(least, MOST_DECIMALS + 1):
        scale = 10.0**decimals
        with np.errstate(over="ignore", invalid="ignore"):
            units = np.rint(values * scale)
            if not (np.abs(units) < SURE).all():
                return None
            if (units / scale == values).all():
                return decimals
    return None


def numbers(files: Iterable[pq.FileMetaData]) -> Mapping[str, Numbers]:
    """What the files of a table tell of its columns of doubles."""
    found: dict[str, Numbers] = {}
    rows = 0
    for meta in files:
        told = json.loads((meta.metadata or {}).get(KEY.encode(), b"{}"))
        for place in range(meta.num_columns):
            column = meta.schema.column(place)
            if column.physical_type != "DOUBLE" or column.path != column.name:
                continue
            here = Numbers(meta.num_rows, told.get(column.name), _largest(meta, place))
            # Where earlier files lack the column, all is missing there.
            found[column.name] = found.get(column.name, Numbers(rows)).and_(here)
        rows += meta.num_rows
    return found


def _largest(meta: pq.FileMetaData, place: int) -> float:
    found = 0.0
    for group in range(meta.num_row_groups):
        part = meta.row_group(group)
        stats = part.column(place).statistics
        if stats is not None and stats.null_count == part.num_rows:
            continue
        if stats is None or not stats.has_min_max:
            return math.inf
        found = max(found, abs(stats.min), abs(stats.max))
    return found
