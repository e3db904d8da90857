"""The index of one version: who meets a condition, and what they have, from columns."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.conditions import tree
from holbein.conditions.tree import Condition, SubjectKind
from holbein.index import masks, twins
from holbein.index.columns import Column
from holbein.index.cores import helpers
from holbein.index.evaluate import Evaluation
from holbein.index.masks import Mask, Places
from holbein.index.overlay import Changes, Overlaid
from holbein.index.plan import Plan
from holbein.index.relations import ID, Structure, places_among
from holbein.index.source import Source
from holbein.index.tally import tallied

MANY = 1_000_000
"""From so many subjects on it pays to load numba."""
_SHARED = 10_000
"""To take the values of more subjects than these is shared among threads."""

Ask = Callable[[Condition, SubjectKind, "NDArray[np.int64] | None"], "NDArray[np.int64]"]
"""Asks an engine who meets a condition, among some ids or (None) all."""


def _no_engine(*asked: object) -> NDArray[np.int64]:
    raise LookupError("there is no engine to be asked")


class Index:
    """Questions to the columns of one version. Safe to share between threads."""

    def __init__(
        self,
        source: Source,
        *,
        ask: Ask = _no_engine,
        members: Callable[[str], NDArray[np.int64]] = _no_engine,
        standing: Mapping[tuple[SubjectKind, tree.Node], str] | None = None,
        kernels: ModuleType | None = None,
    ) -> None:
        """``ask``: the engine. ``members``: the ids of a frozen list. ``standing``: tags that say
        the same as a measure or condition. ``kernels``: these, whatever the size."""
        self.source = source
        self.vocabulary = source.vocabulary
        self.as_of = source.as_of
        self._ask = ask
        self._members = members
        self._standing = standing or {}
        self._kernels = kernels
        self.plans: dict[tuple[SubjectKind, Condition], Plan | None] = {}

    def overlaid(self, changes: Mapping[SubjectKind, Changes]) -> Index:
        """The same with changes of some subjects laid over it; this one stays as it is."""
        return Index(
            Overlaid(self.source, changes), ask=self._ask, members=self._members,
            standing=self._standing, kernels=self._kernels,
        )  # fmt: skip

    # --- who --------------------------------------------------------------------------------------

    def count(self, condition: Condition, kind: SubjectKind) -> int:
        """How many subjects meet a bound condition."""
        return Evaluation(self).count(condition, kind)

    def mask(self, condition: Condition, kind: SubjectKind) -> Mask:
        """Who meets a bound condition."""
        return Evaluation(self).mask(condition, kind)

    def node_counts(
        self, condition: Condition, kind: SubjectKind
    ) -> dict[tuple[SubjectKind, Condition], int]:
        """How many meet a bound condition, and each condition within it by itself, with the kind
        that it speaks of."""
        return Evaluation(self).node_counts(condition, kind)

    def asked_of_engine(
        self, condition: Condition, kind: SubjectKind
    ) -> list[tuple[Condition, SubjectKind]]:
        """The parts of a bound condition that no column answers, each with whom it speaks of."""
        return Evaluation(self).asked_of_engine(condition, kind)

    def places(self, mask: Mask, kind: SubjectKind) -> Places:
        """The places of those in a mask, ascending; their ids ascend as well."""
        found: Places = self.kernels(kind).places_of(mask, self.size(kind))
        return found

    def ids(self, kind: SubjectKind, places: Places | None = None) -> NDArray[np.int64]:
        """The ids at some places, or all of those who are there."""
        held = self.structure(kind, ID)["id"]
        if places is not None:
            return held[places]
        live = self.live(kind)
        return held if live is None else held[self.places(live, kind)]

    def mask_of(self, ids: NDArray[np.int64], kind: SubjectKind) -> Mask:
        """Those of some ids who are there."""
        place = places_among(ids, self.structure(kind, ID)["id"])
        found = masks.from_places(place[place >= 0], self.size(kind))
        live = self.live(kind)
        return found if live is None else found & live

    # --- what they have ---------------------------------------------------------------------------

    def take(self, kind: SubjectKind, names: Sequence[str], places: Places) -> dict[str, pa.Array]:
        """The values of some attributes and tags at some places."""
        columns = [self.column(kind, name) for name in names]
        each = helpers().map if len(places) > _SHARED and len(columns) > 1 else map
        return dict(zip(names, each(lambda one: one.take(places), columns), strict=True))

    def tally(
        self, kind: SubjectKind, names: Sequence[str], asked: Sequence[Mask]
    ) -> dict[str, NDArray[np.int64]]:
        """How many of each mask have each code of some columns: a row for each mask, code 0 being
        who has none. Of lists each label counts. Not of columns that have no dictionary.
        """
        columns = {name: self.column(kind, name) for name in names}
        return tallied(columns, asked, self.size(kind), self.kernels(kind))

    # --- the data ---------------------------------------------------------------------------------

    def size(self, kind: SubjectKind) -> int:
        """How many places there are."""
        return int(self.structure(kind, ID)["size"][0])

    def live(self, kind: SubjectKind) -> Mask | None:
        """Who is there; None where no place is empty."""
        return self.structure(kind, ID).get("live")

    def column(self, kind: SubjectKind, name: str) -> Column:
        """An attribute or tag."""
        return self.source.column(kind, name)

    def structure(self, kind: SubjectKind, name: str) -> Structure:
        """A numbering or relation."""
        return self.source.structure(kind, name)

    def kernels(self, kind: SubjectKind) -> ModuleType:
        """The kernels for so many subjects as there are of a kind."""
        if self._kernels is not None:
            return self._kernels
        return fast() if self.size(kind) >= MANY and has_numba() else twins

    def listed(self, audience: str, kind: SubjectKind) -> Mask:
        """Who is in a frozen list."""
        return self.mask_of(self._members(audience), kind)

    def asked(self, condition: Condition, kind: SubjectKind, within: Mask | None) -> Mask:
        """What the engine says of those within a mask, or of everyone."""
        ids = None if within is None else self.ids(kind, self.places(within, kind))
        return self.mask_of(self._ask(condition, kind, ids), kind)

    def standing(self, node: tree.Node, kind: SubjectKind) -> str | None:
        """A tag that says the same as a measure or condition over facts."""
        return self._standing.get((kind, node))


def has_numba() -> bool:
    """Whether the kernels can be had."""
    return importlib.util.find_spec("numba") is not None


def fast() -> ModuleType:
    """The kernels, which load numba."""
    return importlib.import_module("holbein.index.kernels")
