"""Relations of figures over facts, one row for each subject, that several queries may ask for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from holbein.conditions.tree import SubjectKind

if TYPE_CHECKING:
    from holbein.engine.compile import Scope


@dataclass(frozen=True)
class Figures:
    """What the subjects of ``kind`` get from their facts.

    ``name`` tells them from all others, ``title`` is for people, ``columns`` says how many there
    are beside the keys. ``build`` gives the relation in any scope of the kind.
    """

    kind: SubjectKind
    name: str
    title: str
    columns: int
    build: Callable[[Scope], exp.Select]

    @property
    def table(self) -> str:
        """What the relation is called where an engine holds it."""
        said = hashlib.sha256(self.name.encode()).hexdigest()[:20]
        return f"figures.{self.kind}_{said}"
