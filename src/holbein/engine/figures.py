"""Relations of figures over facts, one row for each subject: what a run may keep for the next."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from holbein.conditions.tree import SubjectKind, Window

if TYPE_CHECKING:
    from holbein.engine.compile import Scope

Span = tuple[Window | None, Window | None]
"""A window and what it lies before, as an aggregate has them."""


@dataclass(frozen=True)
class Figures:
    """What the subjects of ``kind`` get from their facts in ``streams``, within ``spans``.

    ``name`` tells them from all others, ``title`` is for people. ``columns`` says of each whether
    it adds up over facts, so that facts can be added and taken back. ``build`` gives the relation
    (the keys and the columns named) in any scope of the kind.
    """

    kind: SubjectKind
    name: str
    title: str
    streams: tuple[str, ...]
    spans: frozenset[Span]
    columns: Mapping[str, bool]
    build: Callable[[Scope, Sequence[str]], exp.Select]

    @property
    def table(self) -> str:
        """The table in which a version keeps it."""
        said = hashlib.sha256(self.name.encode()).hexdigest()[:20]
        return f"figures.{self.kind}_{said}"

    def select(self, scope: Scope) -> exp.Select:
        """All of it, in a scope."""
        return self.build(scope, list(self.columns))
