"""Building: the numbering of subjects, and their columns and relations from a version's tables.

One column is in memory at a time, whatever engine has computed the tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.index import masks, relations
from holbein.index.columns import Column
from holbein.index.encode import encode
from holbein.index.masks import Mask
from holbein.index.relations import GROUP, ID, LINKS, ROLES, Structure, places_among
from holbein.store.states import valid

FEWEST = 0.75
"""Where fewer than these of all places stand for somebody, the holes are closed."""
_OF_THE_ROLE = ("since", "until")
"""These belong to a role as such, whatever state it is in."""


class Tables(Protocol):
    """What is built from."""

    @property
    def as_of(self) -> AsOf: ...

    def has(self, table: str) -> bool: ...

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table: ...


@dataclass(frozen=True)
class Numbering:
    """Which subject stands at which place: ids ascending, some of which may be gone."""

    ids: NDArray[np.int64]
    live: Mask | None = None
    """Who is there; None where all are."""

    @property
    def size(self) -> int:
        return len(self.ids)

    def sections(self) -> dict[str, NDArray[np.int64] | Mask]:
        """As a structure; the size by itself, so that nobody need read all ids for it."""
        out: dict[str, NDArray[np.int64] | Mask] = {"size": np.array([self.size]), "id": self.ids}
        return out if self.live is None else {**out, "live": self.live}

    def fingerprint(self) -> str:
        """Differs where a subject has another place, or none."""
        digest = hashlib.sha256(self.ids.tobytes())
        if self.live is not None:
            digest.update(self.live.tobytes())
        return digest.hexdigest()


def numbered(ids: NDArray[np.int64], before: NDArray[np.int64] | None) -> Numbering:
    """The numbering of some ids (ascending, each once) that keeps the places of an earlier one, as
    far as that can be: new ones are appended, those that are gone leave holes."""
    if before is None or not len(before):
        return Numbering(ids)
    new = ids[ids > before[-1]]
    old = ids[: len(ids) - len(new)]
    place = places_among(old, before)
    if (place < 0).any() or len(ids) < FEWEST * (len(before) + len(new)):
        return Numbering(ids)
    every = np.concatenate([before, new])
    if len(every) == len(ids):
        return Numbering(every)
    live = masks.from_places(
        np.concatenate([place, np.arange(len(before), len(every))]), len(every)
    )
    return Numbering(every, live)


class Builder:
    """Makes columns and relations from tables."""

    def __init__(
        self,
        tables: Tables,
        vocabulary: Vocabulary,
        before: Callable[[SubjectKind], NDArray[np.int64] | None] = lambda kind: None,
    ) -> None:
        """``before``: the ids of an earlier numbering."""
        self.tables = tables
        self.vocabulary = vocabulary
        self._before = before
        self._numberings: dict[SubjectKind, Numbering] = {}
        self._rows: dict[str, pa.Array | None] = {}
        self._lasting: dict[SubjectKind, bool] = {}

    def numbering(self, kind: SubjectKind) -> Numbering:
        """The places of a kind's subjects."""
        if kind not in self._numberings:
            ids = self.tables.read(kind, ["id"])["id"].to_numpy()
            if (np.diff(ids) <= 0).any():  # several states of one
                ids = np.sort(pc.unique(pa.array(ids)).to_numpy())
            self._numberings[kind] = numbered(ids, self._before(kind))
        return self._numberings[kind]

    # --- columns ----------------------------------------------------------------------------------

    def names(self, kind: SubjectKind) -> list[str]:
        """The attributes and tags of a kind."""
        return [*self.vocabulary.fields[kind]]

    def table_of(self, kind: SubjectKind, name: str) -> str:
        """The table that a column comes from."""
        return f"tags.{kind}" if self.vocabulary.fields[kind][name].is_tag else kind

    def column(self, kind: SubjectKind, name: str) -> Column:
        """An attribute as it is at as-of, or a tag."""
        table = self.table_of(kind, name)
        values = self.tables.read(table, [name])[name]
        of_role = kind == "role" and name in _OF_THE_ROLE
        rows = self._rows_of(kind, "first" if of_role else "tags" if table != kind else "now")
        if rows is not None:
            values = values.take(rows)
        return encode(values, self.vocabulary.fields[kind][name].type)

    def lasts(self, kind: SubjectKind) -> bool:
        """Whether attributes are the same at every as-of: no state has a beginning or an end."""
        if kind not in self._lasting:
            states = self.tables.read(kind, ["valid_from", "valid_to"])
            self._lasting[kind] = all(one.null_count == len(one) for one in states.columns)
        return self._lasting[kind]

    def _rows_of(self, kind: SubjectKind, which: str) -> pa.Array | None:
        """The row of each place (null where there is none); None where they stand in order."""
        key = f"{kind} {which}"
        if key not in self._rows:
            self._rows[key] = self._find_rows(kind, which)
        return self._rows[key]

    def _find_rows(self, kind: SubjectKind, which: str) -> pa.Array | None:
        numbering = self.numbering(kind)
        if which == "tags":
            ids = self.tables.read(f"tags.{kind}", ["id"])["id"].to_numpy()
            row = np.arange(len(ids))
        else:
            states = self.tables.read(kind, ["id", "valid_from", "valid_to"])
            states = states.append_column("row", pa.array(np.arange(states.num_rows)))
            if which == "now":
                states = valid(states, self.tables.as_of)
            ids, row = states["id"].to_numpy(), states["row"].to_numpy()
        place = places_among(ids, numbering.ids)
        in_order = np.arange(numbering.size)
        if np.array_equal(place, in_order) and np.array_equal(row, in_order):
            return None
        rows = np.full(numbering.size, -1, np.int64)
        rows[place[::-1]] = row[::-1]  # the first of several
        return pa.array(rows, mask=rows < 0)

    def forget(self) -> None:
        """Let go of what is held for one kind."""
        self._rows.clear()

    # --- structures -------------------------------------------------------------------------------

    def structures(self, kind: SubjectKind) -> Iterator[tuple[str, Structure]]:
        """The numbering of a kind, and its relations to the others."""
        yield ID, self.numbering(kind).sections()
        if kind == "role":
            yield LINKS, self._links
        else:
            yield ROLES, self._members(kind)
        if kind == "enterprise":
            yield (
                GROUP,
                relations.group(
                    self.tables.read("ancestor", ["enterprise", "ancestor", "distance"]),
                    self.numbering(kind).ids,
                ),
            )

    @cached_property
    def _links(self) -> Structure:
        columns = ["enterprise", "person", "since", "until"]
        roles = self.tables.read("role", columns)
        rows = self._rows_of("role", "first")
        if rows is not None:
            roles = roles.take(pc.fill_null(rows, 0)) if roles.num_rows else roles
        found = relations.links(
            roles,
            self.tables.as_of,
            self.numbering("enterprise").ids,
            self.numbering("person").ids,
        )
        live = self.numbering("role").live
        if live is not None:
            found = {**found, "begun": found["begun"] & live, "current": found["current"] & live}
        return found

    def _members(self, kind: SubjectKind) -> Structure:
        return relations.members(
            self._links[kind],
            self._links["current"],
            self.numbering("role").size,
            self.numbering(kind).size,
        )


def kinds_in(tables: Tables) -> list[SubjectKind]:
    """The kinds of which there is a table."""
    return [kind for kind in SUBJECT_KINDS if tables.has(kind)]
