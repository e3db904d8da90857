"""What audiences have in common: how many are in just these of them, for every combination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holbein.conditions.tree import InAudience, SubjectKind
from holbein.conditions.vocabulary import Titles
from holbein.errors import HolbeinError

if TYPE_CHECKING:
    from holbein.query import Query

MOST = 10
"""Of more audiences nobody could read the intersections."""


@dataclass(frozen=True)
class Sized:
    """An audience and how many it has."""

    name: str
    titles: Titles
    size: int


@dataclass(frozen=True)
class Cell:
    """How many are in just those audiences for which ``inside`` is true, in their order."""

    inside: tuple[bool, ...]
    count: int


@dataclass(frozen=True)
class Overlap:
    """All intersections that have members, the largest first. Their counts add up to ``together``:
    how many are in at least one of the audiences.
    """

    kind: SubjectKind
    audiences: tuple[Sized, ...]
    cells: tuple[Cell, ...]
    together: int

    def as_json(self) -> dict[str, Any]:
        """Plain data: each intersection with the names of the audiences."""
        names = [one.name for one in self.audiences]
        return {
            "on": self.kind,
            "audiences": {one.name: one.size for one in self.audiences},
            "together": self.together,
            "intersections": [
                {
                    "in": [n for n, inside in zip(names, cell.inside, strict=True) if inside],
                    "count": cell.count,
                }
                for cell in self.cells
            ],
        }


def overlap(query: Query, names: Sequence[str]) -> Overlap:
    """The intersections of two to ten audiences of one kind.

    Raises NotFoundError for an unknown one, HolbeinError for fewer or more, for one that is named
    twice, and for audiences of different kinds.
    """
    if not 2 <= len(names) <= MOST:
        raise HolbeinError(
            f"{len(names)} audiences cannot be compared", hint=f"name two to {MOST} of them"
        )
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise HolbeinError(f"{twice[0]} is named twice", hint="name each audience once")
    specs = [query.audience(name) for name in names]
    kind = specs[0].kind
    for one in specs:
        if one.kind != kind:
            raise HolbeinError(
                f"{names[0]} lists the kind {kind}, and {one.name} the kind {one.kind}",
                hint="compare audiences of one kind",
            )
    rows = query.crossed(kind, [query.bind(InAudience(name), kind) for name in names])
    flags = zip(*(rows[f"c{number}"].to_pylist() for number in range(len(names))), strict=True)
    counted = [
        Cell(tuple(inside), count)
        for inside, count in zip(flags, rows["count"].to_pylist(), strict=True)
    ]
    cells = sorted(
        (one for one in counted if any(one.inside)),
        key=lambda one: (-one.count, [not inside for inside in one.inside]),
    )
    sizes = [sum(one.count for one in cells if one.inside[place]) for place in range(len(names))]
    audiences = (
        Sized(spec.name, spec.titles, size) for spec, size in zip(specs, sizes, strict=True)
    )
    return Overlap(kind, tuple(audiences), tuple(cells), sum(one.count for one in cells))
