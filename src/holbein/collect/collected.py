"""What ``collect`` hands on: typed tables, with the keys of the sources still in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from holbein.collect.raw import Rows
from holbein.conditions.tree import SubjectKind


@dataclass(frozen=True)
class Subjects:
    """One mapping's enterprises, people or roles, a row each (or a row for each of their states).

    ``keys``: key string, row int64 (in the source), valid_from timestamp (UTC; null = always);
    enterprises also parent string; roles also enterprise and person strings, since and until
    date32. No key is null. ``attributes``: one typed column each, the rows as in ``keys``.
    ``history``: whether the rows with one key are successive states; else keys are distinct.
    """

    kind: SubjectKind
    source: str
    keys: pa.Table
    attributes: pa.Table
    history: bool
    place_of: Callable[[Rows], list[str]]


@dataclass(frozen=True)
class Facts:
    """One mapping's facts of a stream.

    ``keys``: key string (distinct), row int64, at and known_at timestamp (UTC), day date32, and
    enterprise, person, role strings as far as the mapping bears them. ``columns``: one typed
    column each, and ``known.COLUMN`` timestamps.
    """

    stream: str
    source: str
    keys: pa.Table
    columns: pa.Table
    place_of: Callable[[Rows], list[str]]


@dataclass(frozen=True)
class Collected:
    """All mappings in the order of declaration, and what could not be read."""

    subjects: tuple[Subjects, ...]
    facts: tuple[Facts, ...]
    quarantine: pa.Table
    """source, place, reason, row (JSON): all strings."""
