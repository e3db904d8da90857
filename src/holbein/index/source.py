"""Where columns come from: files, memory, or other columns with changes laid over them."""

from __future__ import annotations

from typing import Protocol

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.index.building import Builder
from holbein.index.columns import Column
from holbein.index.relations import Structure


class Source(Protocol):
    """The columns and relations of all kinds."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    @property
    def as_of(self) -> AsOf: ...

    def column(self, kind: SubjectKind, name: str) -> Column: ...

    def structure(self, kind: SubjectKind, name: str) -> Structure: ...


class Held:
    """Columns in memory, made when they are first asked for."""

    def __init__(self, builder: Builder) -> None:
        self.vocabulary = builder.vocabulary
        self.as_of = builder.tables.as_of
        self._builder = builder
        self._columns: dict[tuple[SubjectKind, str], Column] = {}
        self._structures: dict[SubjectKind, dict[str, Structure]] = {}

    def column(self, kind: SubjectKind, name: str) -> Column:
        """An attribute or tag."""
        key = kind, name
        if key not in self._columns:
            self._columns[key] = self._builder.column(kind, name)
        return self._columns[key]

    def structure(self, kind: SubjectKind, name: str) -> Structure:
        """A numbering or relation."""
        if kind not in self._structures:
            self._structures[kind] = dict(self._builder.structures(kind))
        return self._structures[kind][name]
