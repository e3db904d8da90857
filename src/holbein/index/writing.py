"""Writing the index of a version that is being built, and reading that of a published one."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import numpy as np
from numpy.typing import NDArray

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.index.building import Builder, kinds_in
from holbein.index.columns import Column
from holbein.index.index import MANY, fast, has_numba
from holbein.index.relations import ID, Structure
from holbein.store import Build, Snapshot
from holbein.store.manifest import DamagedError

FORMAT = 2
"""How columns are laid out; another makes them anew."""
_LAID_OUT = f"laid out as {FORMAT}"
_STRUCTURE = {"layout": "structure"}

Progress = Callable[[str, int, int | None], None]


def write_index(
    build: Build,
    vocabulary: Vocabulary,
    *,
    full: bool = False,
    progress: Progress = lambda what, done, of: None,
) -> None:
    """Writes the columns and relations of all kinds whose tables a build has.

    Subjects keep their places where they can (``building.numbered``), but in a ``full`` run.
    Columns made of the same as in the version in force are taken over.
    """
    builder = Builder(build, vocabulary, lambda kind: None if full else _ids_before(build, kind))
    kinds = kinds_in(build)
    total = sum(len(builder.names(kind)) for kind in kinds)
    done = 0
    for kind in kinds:
        for name, sections in builder.structures(kind):
            build.write_column(kind, name, sections, _STRUCTURE, _LAID_OUT)
        numbering = builder.numbering(kind).fingerprint()
        made_of = {
            name: _made_of(build, builder, kind, name, numbering) for name in builder.names(kind)
        }
        new = [name for name, one in made_of.items() if not build.reuse_column(kind, name, one)]
        done += len(made_of) - len(new)
        for name, column in _ahead(new, partial(builder.column, kind)):
            progress("index", done, total)
            build.write_column(kind, name, column.sections, column.about, made_of[name])
            done += 1
        builder.forget()
    progress("index", total, total)
    if has_numba() and any(builder.numbering(kind).size >= MANY for kind in kinds):
        fast().warm()  # so that nobody waits for it at the first question


def _ahead(names: list[str], make: Callable[[str], Column]) -> Iterator[tuple[str, Column]]:
    """Each column by its name, the next one being made meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(make, names[0])] if names else []
        for place, name in enumerate(names):
            found = waiting.pop().result()
            if place + 1 < len(names):
                waiting.append(pool.submit(make, names[place + 1]))
            yield name, found


def _ids_before(build: Build, kind: SubjectKind) -> NDArray[np.int64] | None:
    newest = build.newest
    if newest is None or ID not in newest.columns(kind):
        return None
    with suppress(DamagedError):
        ids: NDArray[np.int64] = newest.sections(newest.columns(kind)[ID])["id"]
        return ids
    return None


def _made_of(build: Build, builder: Builder, kind: SubjectKind, name: str, numbering: str) -> str:
    """Of what a column is made: where nothing of that is another, it is the same."""
    table = builder.table_of(kind, name)
    files = [one.path for one in build.parts(table)]
    always = table != kind or builder.lasts(kind)
    moment = "" if always else build.as_of.instant.isoformat()
    type_ = builder.vocabulary.fields[kind][name].type
    told = json.dumps([FORMAT, name, type_, files, moment, numbering])
    return hashlib.sha256(told.encode()).hexdigest()


class Stored:
    """The columns of a published version, opened as they are asked for. To be shared between
    threads."""

    def __init__(self, snapshot: Snapshot, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._snapshot = snapshot
        self._columns: dict[tuple[SubjectKind, str], Column] = {}
        self._structures: dict[tuple[SubjectKind, str], Structure] = {}
        self._lock = threading.Lock()

    @property
    def as_of(self) -> AsOf:
        return self._snapshot.as_of

    def column(self, kind: SubjectKind, name: str) -> Column:
        """An attribute or tag. DamagedError where its file is not what was written."""
        key = kind, name
        with self._lock:
            if key not in self._columns:
                held = self._snapshot.sections(self._snapshot.columns(kind)[name])
                self._columns[key] = Column(held, held.about)
            return self._columns[key]

    def structure(self, kind: SubjectKind, name: str) -> Structure:
        """A numbering or relation."""
        key = kind, name
        with self._lock:
            if key not in self._structures:
                self._structures[key] = self._snapshot.sections(self._snapshot.columns(kind)[name])
            return self._structures[key]

    def has(self, kind: SubjectKind) -> bool:
        """Whether the version has an index of a kind, laid out as is read here."""
        held = self._snapshot.columns(kind).get(ID)
        return held is not None and held.made_of == _LAID_OUT
