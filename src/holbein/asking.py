"""What all questions to a workspace rest on: its versions, and the audiences by their names."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from holbein.conditions.limits import day
from holbein.conditions.tree import Condition, InAudience, SubjectKind
from holbein.errors import HolbeinError
from holbein.store import Store

if TYPE_CHECKING:
    from holbein.query import Query

DATA = "data"


class Asking:
    """A workspace's folder, and questions to its versions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / DATA)
        self._query: Query | None = None
        self._seen: object = None

    @property
    def query(self) -> Query:
        """Questions to the version in force, made anew when that or an audience has changed."""
        from holbein.query import open_query, stamp

        seen = self.store.in_force(), stamp(self.store, self.folder)
        if self._query is None or self._query.snapshot.closed or self._seen != seen:
            found = self.store.current()  # reads the manifest, which a pointer that stands spares
            self._query = open_query(found, self.store, self.folder)
            self._seen = found.number, seen[1]
        return self._query

    def at(self, version: int) -> Query:
        """Questions to an earlier version, with the audiences that it had.

        Raises NotFoundError where there is no such version.
        """
        from holbein.query import open_query

        return open_query(self.store.snapshot(version), self.store, None)

    def _of(self, run: int | None) -> Query:
        """Questions to the version in force, or to that of an earlier run."""
        return self.query if run is None else self.at(run)

    @staticmethod
    def _audience(query: Query, name: str) -> tuple[SubjectKind, Condition]:
        kind = query.audience(name).kind
        return kind, query.bind(InAudience(name), kind)

    def _same_kind(self, query: Query, name: str, other: str) -> Condition:
        """The audience ``other``, which must be of the kind of ``name``."""
        (kind, _), (found, condition) = (self._audience(query, one) for one in (name, other))
        if found != kind:
            raise HolbeinError(
                f"{name!r} is an audience of kind {kind}, and {other!r} of kind {found}",
                hint="compare audiences of one kind",
            )
        return condition


def day_of(text: str) -> dt.date:
    """A date written YYYY-MM-DD."""
    found = day(text)
    if found is None:
        raise HolbeinError(f"{text[:40]!r} is not a date", hint="write it as 2026-06-30")
    return found
