"""What ``collect`` hands to ``identity``: typed tables, the keys of the sources still in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from holbein.conditions.tree import SubjectKind

Rows = Sequence[int]
"""Numbers of rows of a source; 0 is the first."""
PlaceOf = Callable[[Rows], list[str]]
"""Rows as people find them: "customers.csv:17", "Orders row 16"."""

QUARANTINE: Final = pa.schema(
    [
        ("source", pa.string()),
        ("place", pa.string()),
        ("reason", pa.string()),
        ("row", pa.string()),
    ]
)
"""What could not be taken, and why; ``row`` is JSON text."""

UNIT: Final = "unit"
"""The column by which a version tells which unit a row of ``quarantine`` or ``unattached`` is of:
``stream.orders/2026-11-24.csv``, or what all subjects, or all lists, have in common."""


@dataclass(frozen=True)
class Subjects:
    """One mapping's enterprises, people or roles, a row each (or a row for each of their states).

    ``keys``: key string, row int64 (in the source), valid_from timestamp (UTC; null = always);
    enterprises also parent string; roles also enterprise and person strings, since and until
    date32. No key is null. ``attributes``: one typed column each, the rows as in ``keys``.
    ``history``: whether the rows with one key are successive states, told apart by ``valid_from``;
    else keys are distinct.
    """

    kind: SubjectKind
    source: str
    keys: pa.Table
    attributes: pa.Table
    history: bool
    place_of: PlaceOf


@dataclass(frozen=True)
class Facts:
    """The facts of a stream that one unit holds: a file of its mapping's table, or all of it.

    ``keys``: key string (distinct), row int64, at and known_at timestamp (UTC), day date32, and
    enterprise, person, role strings as far as the mapping bears them. ``columns``: one typed
    column each, and ``known.COLUMN`` timestamps.
    """

    stream: str
    source: str
    keys: pa.Table
    columns: pa.Table
    place_of: PlaceOf


@dataclass(frozen=True)
class Listed:
    """The list of an imported tag. ``values``: key string (distinct), value in the tag's type."""

    tag: str
    kind: SubjectKind
    source: str
    values: pa.Table
