"""What an evaluation asks: the columns of a version, the kernels, frozen lists, and the engine."""

from __future__ import annotations

from types import ModuleType
from typing import Protocol

from holbein.conditions import tree
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import Condition, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.index.columns import Column
from holbein.index.masks import Mask
from holbein.index.plan import Plan
from holbein.index.relations import Structure


class Data(Protocol):
    """Columns of one version, and how leaves that were asked before are looked up in them."""

    plans: dict[tuple[SubjectKind, Condition], Plan | None]

    @property
    def vocabulary(self) -> Vocabulary: ...

    @property
    def as_of(self) -> AsOf: ...

    def size(self, kind: SubjectKind) -> int: ...

    def live(self, kind: SubjectKind) -> Mask | None:
        """Who is there; None where there are no holes."""

    def column(self, kind: SubjectKind, name: str) -> Column: ...

    def structure(self, kind: SubjectKind, name: str) -> Structure: ...

    def kernels(self, kind: SubjectKind) -> ModuleType:
        """``kernels``, or their twins."""

    def listed(self, audience: str, kind: SubjectKind) -> Mask:
        """Who is in a frozen list."""

    def asked(self, condition: Condition, kind: SubjectKind, within: Mask | None) -> Mask:
        """What an engine says: at least of those ``within``."""

    def standing(self, node: tree.Node, kind: SubjectKind) -> str | None:
        """A tag that says the same as a measure or condition over facts."""
