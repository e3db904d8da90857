"""Units: what is read or left unread as a whole, a file or a table of a database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from holbein.collect.raw import Origin


@dataclass(frozen=True)
class Unit:
    """A part of a table that changes as a whole. It is opened when it is first read.

    ``state`` tells, without reading it, whether it is still what it was.
    """

    label: str
    state: str
    open: Callable[[], Origin]

    @cached_property
    def origin(self) -> Origin:
        return self.open()


@dataclass(frozen=True)
class Table:
    """What a mapping reads: a unit each for the files of a folder, else one."""

    label: str
    units: tuple[Unit, ...]
    folder: bool = False


def state_of(paths: Iterable[Path]) -> str:
    """Names, sizes and times of files; those that are not there are left out."""
    parts = []
    for path in sorted(paths):
        try:
            stat = path.stat()
        except OSError:
            continue
        parts.append(f"{path.name}:{stat.st_size}:{stat.st_mtime_ns}")
    return ",".join(parts)
