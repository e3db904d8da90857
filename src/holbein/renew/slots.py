"""Which part of a stream's table holds which unit, and which units are read anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from holbein.store import FileRef

FULL: Final = 500_000
"""Rows of a part that is not made larger: units behind one another are written into one file
until it has as many."""
SMALL: Final = FULL // 2
MANY: Final = 100
"""So many small parts may follow one another before they are written together."""
RECENT: Final = 20
"""Of these so many stay as they are: late customers change the latest units most of all."""


@dataclass(frozen=True)
class Slot:
    """A unit's rows: ``rows`` of them in ``part``, from ``start`` on; to be read where that is
    None."""

    number: int
    part: FileRef | None = None
    start: int = 0
    rows: int = 0

    @property
    def read_anew(self) -> bool:
        return self.part is None


Group = list[Slot]
"""The slots that are to be one part."""


def slots_of(part: FileRef, first: int) -> Group:
    """The slots of a whole part, of which the first is unit ``first``."""
    group, start = [], 0
    for number, piece in enumerate(part.pieces, start=first):
        group.append(Slot(number, part, start, piece.rows))
        start += piece.rows
    return group


def kept(made_of: Sequence[str], parts: Sequence[FileRef]) -> list[Group]:
    """The units that are as they were, up to the first that is not: a part each.

    What stands behind a unit that is new or gone is read anew: which of two facts with the same key
    is the first may have changed.
    """
    groups: list[Group] = []
    number = 0
    for part in parts:
        whole = slots_of(part, number)
        same = 0
        for slot, piece in zip(whole, part.pieces, strict=True):
            if slot.number >= len(made_of) or made_of[slot.number] != piece.made_of:
                break
            same += 1
        if same:
            groups.append(whole[:same])
        number += same
        if same < len(whole) or not whole:
            break
    return groups


def whole_part(group: Group) -> FileRef | None:
    """The part that a group is already, all of it; None where it must be written."""
    part = group[0].part
    if part is None or len(group) != len(part.pieces):
        return None
    return part if all(slot.part == part for slot in group) else None


def anew(groups: Sequence[Group], numbers: Collection[int]) -> list[Group]:
    """The groups, of which the units ``numbers`` are to be read."""
    return [
        [replace(slot, part=None) if slot.number in numbers else slot for slot in group]
        for group in groups
    ]


def joined(groups: Sequence[Group]) -> list[Group]:
    """The groups, small ones written together where there are many."""
    sizes = [sum(slot.rows for slot in group) for group in groups]
    if sum(size < SMALL for size in sizes) <= MANY:
        return list(groups)
    out: list[Group] = []
    room = 0
    for place, (group, size) in enumerate(zip(groups, sizes, strict=True)):
        if place < len(groups) - RECENT and size < SMALL and size <= room:
            out[-1] = [*out[-1], *group]
            room -= size
        else:
            out.append(group)
            room = FULL - size
    return out


def moved(group: Group, part: FileRef) -> Group:
    """The slots of a group that has been written as ``part``."""
    return [
        replace(slot, number=old.number) for slot, old in zip(slots_of(part, 0), group, strict=True)
    ]
