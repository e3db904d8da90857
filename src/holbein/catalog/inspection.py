"""What looking at the sources found: which columns there are, and of what types.

``collect.inspect`` makes it without moving data; ``catalog.build`` checks every tag and audience
against it, and a version's manifest keeps what was true of its run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Type
from holbein.errors import HolbeinError
from holbein.refine.values import DayOrder


@dataclass(frozen=True)
class Column:
    """One attribute, or one column of a stream."""

    name: str
    type: Type
    money: bool = False
    """Held as decimal128(18, 4); ``type`` is still "number"."""
    codes: str | None = None
    """The code list ("regions", "industries") in which the values are looked up."""
    note: str | None = None
    """Why the type was guessed so; None where the definition declares it."""


@dataclass(frozen=True)
class Habit:
    """How a column of several files is written, for the files that leave it open.

    ``order`` of day and month, None where no date leaves that open; ``sure``: no other fits.
    ``comma``: some number needs a decimal comma.
    """

    order: DayOrder | None = None
    sure: bool = False
    comma: bool = False

    def united(self, other: Habit) -> Habit:
        """What both say of one column; in doubt, ``self``."""
        better = other if (other.sure and not self.sure) or self.order is None else self
        return Habit(better.order, better.sure, self.comma or other.comma)


@dataclass(frozen=True)
class StreamColumns:
    """One stream: whose keys its facts bear (a role's implies the other two), and its columns.

    The columns are those of the mapping; ``key``, ``at``, ``known_at``, ``day`` and the subjects
    are not among them. ``habits`` are those of the source's columns, of a table of several files.
    """

    bears: frozenset[SubjectKind]
    columns: Mapping[str, Column]
    habits: Mapping[str, Habit] = field(default_factory=dict)


@dataclass(frozen=True)
class Inspection:
    """All that was found, over all sources."""

    attributes: Mapping[SubjectKind, Mapping[str, Column]]
    streams: Mapping[str, StreamColumns]
    events: frozenset[str]
    """The names that the column ``name`` of the stream ``event`` takes."""
    notes: tuple[str, ...]
    """What ``check`` tells beyond the types, as "northwind: Customers.Phone is not used"."""
    lists: Mapping[tuple[SubjectKind, str], HolbeinError] = field(default_factory=dict)
    """Imported tags whose list cannot be taken, and why."""
