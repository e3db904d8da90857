"""A version in the making: tables written one by one, kept across a crash."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from holbein.conditions.instants import AsOf
from holbein.errors import StoreError, near
from holbein.store import files, lookup, parquet
from holbein.store import manifest as manifests
from holbein.store import sections as arrays
from holbein.store.layout import Layout
from holbein.store.manifest import (
    CHAINED,
    ColumnRef,
    DamagedError,
    FileRef,
    LookupRef,
    Manifest,
    Piece,
    Stored,
)
from holbein.store.progress import Parts, Progress
from holbein.store.snapshot import Snapshot

_Written = TypeVar("_Written", parquet.Written, lookup.Written, arrays.Written)

ALIAS = "alias"
_WAITING = 2
"""So many parts may wait for their lookups."""
_NOT_IN_NAMES = re.compile(r"[^\w.#]")
"""What a column's name may have and a file's should not."""
GAP = "a damaged part of the change log is left out"


class Build:
    """Made by ``Store.begin``, which holds the writer lock around it. Not for several threads.

    A build is found again by its fingerprint after a crash: ``done`` then says which tables need
    not be made anew. Only tables that this process has written, reused or been told are done go
    into the version.
    """

    def __init__(
        self,
        layout: Layout,
        fingerprint: str,
        as_of: AsOf,
        newest: Snapshot | None,
        predecessor: Snapshot | None,
        intact: Callable[[str], Snapshot | None],
        number: int,
    ) -> None:
        self.as_of = as_of
        self.fingerprint = fingerprint
        self.number = number
        self.newest = newest
        """The version in force: whose tables can be reused, whose ids go on. None at the first."""
        self.predecessor = predecessor
        """The version as of the latest earlier instant: what changes are reckoned against."""
        self._layout = layout
        self._intact = intact
        self._tables: dict[str, Parts] = {}
        self._meanwhile = ThreadPoolExecutor(1)
        self._lookups: dict[str, Future[LookupRef | None]] = {}
        self._index: dict[str, dict[str, ColumnRef]] = {}
        self._progress = Progress(layout)
        self._finished = False
        self._gap = False
        self._inherited = self._chain()
        for folder in (layout.versions, layout.files, layout.build):
            files.make_folder(folder)
        self._left = self._resume()
        self.resumed = bool(self._left)
        layout.sweep(ref for parts in self._left.values() for ref in parts)
        self._inherited = tuple(self._findable(one) for one in self._inherited)

    def last_for(self, as_of: AsOf) -> Snapshot | None:
        """The newest version that is not as of a later instant."""
        if self.newest is not None and self.newest.as_of.instant <= as_of.instant:
            return self.newest
        return self.predecessor

    # --- what was left by a crash ---------------------------------------------------------------

    def _resume(self) -> dict[str, Parts]:
        for number in self._layout.numbers():
            if number >= self.number:  # its pointer was never swapped
                files.discard(self._layout.manifest(number).parent)
        header = {
            "fingerprint": self.fingerprint,
            "number": self.number,
            "instant": self.as_of.instant.isoformat(),
            "day": self.as_of.day.isoformat(),
        }
        found = self._progress.read(header)
        if found is None:
            self._progress.start(header)
            return {}
        self._progress.tidy()
        return found

    def _chain(self) -> Parts:
        if self.predecessor is None:
            return ()
        whole: list[FileRef] = []
        for ref in self.predecessor.manifest.parts(CHAINED):
            try:
                parquet.check_content(self._layout.file(ref), ref)
            except DamagedError:
                self._gap = True  # cannot be made anew; the manifest's marks tell of it
                continue
            if ref.rows:
                whole.append(ref)
        return tuple(whole)

    def _findable(self, ref: FileRef) -> FileRef:
        """A part of the change log, of which no run writes the rows again: with a new lookup where
        it has none, or a damaged one."""
        if ref.lookup is not None:
            with contextlib.suppress(DamagedError):
                parquet.check_content(self._layout.file(ref.lookup), ref.lookup)
                return ref
        rows = parquet.read_parquet([self._layout.file(ref)])
        return ref.model_copy(update={"lookup": self._write_lookup(CHAINED, rows)})

    # --- writing ----------------------------------------------------------------------------------

    def done(self, table: str) -> bool:
        """Whether the table is in this build already, whole: then leave it as it is."""
        if table in self._tables:
            return True
        parts = self._left.pop(table, None)
        if parts is None or not self.all_sound(parts):
            return False
        self._tables[table] = parts
        return True

    def write(
        self,
        table: str,
        data: pa.Table,
        *,
        made_of: str | None = None,
        beside: Mapping[str, pa.ChunkedArray] | None = None,
    ) -> None:
        """Writes a table; what the build had under that name is replaced.

        ``made_of``: a fingerprint of what it was computed from, which ``reuse`` compares.
        ``beside``: columns that its lookup alone has.
        """
        part, plain = self._write_rows(table, data, made_of)
        found = self._write_lookup(table, plain, beside or {})
        self._record(table, (part.model_copy(update={"lookup": found}),))

    def write_part(
        self, table: str, data: pa.Table, made_of: str, pieces: Sequence[Piece]
    ) -> FileRef:
        """Writes a file that is to be a part of a table of facts: see ``assemble``. Its lookup is
        made meanwhile."""
        part, plain = self._write_rows(table, data, made_of, pieces, decimals=True)
        waiting = [one for one in self._lookups.values() if not one.done()]
        if len(waiting) >= _WAITING:  # each holds the rows of its part
            waiting[0].result()
        self._lookups[part.path] = self._meanwhile.submit(self._write_lookup, table, plain)
        return part

    def assemble(self, table: str, parts: Sequence[FileRef]) -> None:
        """The table consists of these parts, one at least: of ``write_part``, or sound ones of the
        version in force. What the build had under that name is replaced."""
        self._check_open()
        self._record(table, tuple(self._with_lookup(one) for one in parts))

    def _with_lookup(self, part: FileRef) -> FileRef:
        made = self._lookups.get(part.path)
        if part.lookup is not None or made is None:
            return part
        return part.model_copy(update={"lookup": made.result()})

    def close(self) -> None:
        """Ends what is still being made; for whoever began the build."""
        self._meanwhile.shutdown(cancel_futures=True)

    def _write_rows(
        self,
        table: str,
        data: pa.Table,
        made_of: str | None,
        pieces: Sequence[Piece] = (),
        *,
        decimals: bool = False,
    ) -> tuple[FileRef, pa.Table]:
        """A written file without a lookup, and its rows as they are in it."""
        self._check_open()
        manifests.check_table_name(table)
        plain = data.replace_schema_metadata()
        written, path = self._made(
            f"{table[:48]}-{{}}.parquet",
            lambda new: parquet.write_parquet(new, plain, decimals=decimals),
        )
        part = FileRef(
            path=path,
            sha256=written.sha256,
            rows=written.rows,
            bytes=written.bytes,
            made_of=made_of,
            pieces=tuple(pieces),
        )
        return part, plain

    def _write_lookup(
        self,
        table: str,
        data: pa.Table,
        beside: Mapping[str, pa.ChunkedArray] = MappingProxyType({}),
    ) -> LookupRef | None:
        for name, column in beside.items():
            data = data.append_column(name, column)
        keys = lookup.lookup_keys(table, data.schema)
        if not keys:
            return None
        written, path = self._made(
            f"{table[:48]}-{{}}.lookup", lambda new: lookup.write_lookup(new, data, keys)
        )
        return LookupRef(path=path, **dataclasses.asdict(written))

    def _made(self, name: str, write: Callable[[Path], _Written]) -> tuple[_Written, str]:
        """Writes a file, which gets the name that its content gives it; what was written, and the
        path."""
        temporary = self._layout.build / name.format("new")
        try:
            written = write(temporary)
            path = f"files/{name.format(written.sha256[:32])}"
            # Also where the file exists: should the old one be damaged, this mends it. Readers
            # who have it open keep the old bytes. Its name is made durable with all others, before
            # anything that lasts names it.
            with files.guarded(temporary):
                temporary.replace(self._layout.folder / path)
        except BaseException:
            files.discard(temporary)
            raise
        return written, path

    def reuse(self, table: str, *, made_of: str | None = None) -> bool:
        """Takes the table over from the version in force, sharing its files.

        False where that has no such table, a file of it is damaged, or ``made_of`` is given and is
        not what each part was made of: then write it.
        """
        self._check_open()
        parts = () if self.newest is None else self.newest.parts(table)
        if not parts or any(made_of not in (None, one.made_of) for one in parts):
            return False
        if not self.all_sound(parts):
            return False
        self._record(table, parts)
        return True

    def all_sound(self, parts: Sequence[FileRef]) -> bool:
        """Whether all of them are ``sound``."""
        return all(self.which_sound(parts))

    def which_sound(self, parts: Sequence[FileRef]) -> list[bool]:
        """Which parts and their lookups are what was written; found by reading them through, some
        at a time."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return [*pool.map(self.sound, parts)]

    def sound(self, ref: FileRef) -> bool:
        """Whether a part and its lookup are what was written."""
        return self._whole(*ref.files())

    def _whole(self, *stored: Stored) -> bool:
        try:
            for one in stored:
                parquet.check_content(self._layout.file(one), one)
        except StoreError:
            return False
        return True

    def _record(self, table: str, parts: Parts) -> None:
        with files.guarded(self._layout.files):
            files.sync_folder(self._layout.files)
        self._progress.note(table, parts)
        self._left.pop(table, None)
        self._tables[table] = parts

    def _check_open(self) -> None:
        if self._finished:
            raise StoreError(f"version {self.number} is finished", hint="begin another build")

    # --- the index --------------------------------------------------------------------------------

    def write_column(
        self,
        kind: str,
        name: str,
        sections: Mapping[str, np.ndarray],
        about: Mapping[str, Any],
        made_of: str | None = None,
    ) -> None:
        """Writes a column of the index of a subject kind, unless the version in force has the very
        same; what the build had under that name is replaced. After a crash it is to be made anew.

        ``made_of``: a fingerprint of what it was made of, which ``reuse_column`` compares.
        """
        self._check_open()
        ref = self._published(kind, name)
        if (
            ref is None
            or arrays.foreseen(sections, about).sha256 != ref.sha256
            or not self._whole(ref)
        ):
            label = _NOT_IN_NAMES.sub("_", f"{kind}.{name[:48]}")
            written, path = self._made(
                f"{label}-{{}}.column", lambda new: arrays.write_sections(new, sections, about)
            )
            ref = ColumnRef(path=path, name=name, **dataclasses.asdict(written))
        self._take(kind, ref.model_copy(update={"made_of": made_of}))

    def reuse_column(self, kind: str, name: str, made_of: str) -> bool:
        """Takes a column over from the version in force, sharing its file. False where that has no
        such column, it was made of something else, or the file is damaged: then write it."""
        self._check_open()
        ref = self._published(kind, name)
        if ref is None or ref.made_of != made_of or not self._whole(ref):
            return False
        self._take(kind, ref)
        return True

    def _published(self, kind: str, name: str) -> ColumnRef | None:
        return None if self.newest is None else self.newest.columns(kind).get(name)

    def _take(self, kind: str, ref: ColumnRef) -> None:
        self._index.setdefault(kind, {})[ref.name] = ref

    # --- reading what is there already ------------------------------------------------------------

    def parts(self, table: str) -> Parts:
        """As ``Snapshot.parts``, of what has been written so far."""
        own = self._tables.get(table, ())
        return (*self._inherited, *own) if table == CHAINED else own

    def has(self, table: str) -> bool:
        """Whether the table is in this build (the change log: also what earlier versions found)."""
        return bool(self.parts(table))

    def files(self, table: str) -> tuple[Path, ...]:
        """As ``Snapshot.files``, of what has been written so far."""
        parts = self.parts(table)
        if not parts:
            raise StoreError(
                f"version {self.number} has no table {table} yet", hint=near(table, self._tables)
            )
        return tuple(self.file(ref) for ref in parts)

    def file(self, ref: FileRef) -> Path:
        """Where a part lies, whether or not a table is assembled of it yet."""
        return self._layout.file(ref)

    def sound_files(self, table: str) -> tuple[Path, ...]:
        """As ``Snapshot.sound_files``; what is written or taken over here has just been checked."""
        return self.files(table)

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """As ``Snapshot.read``, of what has been written so far."""
        return parquet.read_parquet(self.files(table), columns)

    # --- publishing -------------------------------------------------------------------------------

    def publish(
        self,
        *,
        zone: str = "UTC",
        sources: Mapping[str, str] | None = None,
        vocabulary: Mapping[str, Any] | None = None,
        tags: Iterable[Mapping[str, Any]] = (),
        profiles: Iterable[Mapping[str, Any]] = (),
        subjects: Mapping[str, int] | None = None,
        audiences: Mapping[str, str] | None = None,
        marks: Iterable[str] = (),
        costs: Mapping[str, Any] | None = None,
        steps: Iterable[Mapping[str, Any]] = (),
        created_at: dt.datetime | None = None,
    ) -> Snapshot:
        """Puts the version in force, in one step, and returns it. Before that step nothing of it is
        seen by anyone; where it fails, the last version stays in force."""
        self._check_open()
        names = {*self._tables, *([CHAINED] if self._inherited else [])}
        manifest = Manifest(
            number=self.number,
            as_of=self.as_of,
            created_at=created_at or dt.datetime.now(dt.UTC).replace(tzinfo=None),
            zone=zone,
            previous=None if self.predecessor is None else self.predecessor.number,
            fingerprint=self.fingerprint,
            sources=dict(sources or {}),
            tables={name: self.parts(name) for name in sorted(names)},
            index={kind: (*columns.values(),) for kind, columns in self._index.items()},
            last_ids=self._new_last_ids(),
            vocabulary=dict(vocabulary or {}),
            tags=[dict(tag) for tag in tags],
            profiles=[dict(one) for one in profiles],
            subjects=dict(subjects or {}),
            audiences=dict(audiences or {}),
            marks=[*marks, *([GAP] if self._gap else [])],
            costs=dict(costs or {}),
            steps=[dict(one) for one in steps],
        )
        for one in manifest.files():
            parquet.check_size(self._layout.file(one), one)
        path = self._layout.manifest(self.number)
        with files.guarded(path):
            files.sync_folder(self._layout.files)
            files.make_folder(path.parent)
            files.replace_file(path, manifests.dump(manifest))
            snapshot = Snapshot(self._layout, self.number)  # read back before anyone else can
        try:
            with files.guarded(self._layout.current):
                self._layout.point_at(self.number)
        except BaseException:
            snapshot.close()
            raise
        self._finished = True
        files.discard(self._layout.build)
        return snapshot

    # --- ids --------------------------------------------------------------------------------------

    def aliases(self) -> pa.Table | None:
        """The alias table to go on from: the newest undamaged one. None at the first build."""
        snapshot = self._intact(ALIAS)
        if snapshot is None:
            return None
        with snapshot:
            return snapshot.read(ALIAS)

    @property
    def last_ids(self) -> dict[str, int]:
        """The largest id ever given per subject kind, also where the alias table was lost."""
        return {} if self.newest is None else dict(self.newest.manifest.last_ids)

    def _new_last_ids(self) -> dict[str, int]:
        last = self.last_ids
        parts = self.parts(ALIAS)
        if not parts or (self.newest and self.newest.parts(ALIAS) == parts):
            return last
        alias = self.read(ALIAS, ["kind", "id"])
        found = alias.group_by("kind").aggregate([("id", "max")])
        for kind, number in zip(
            found["kind"].to_pylist(), found["id_max"].to_pylist(), strict=True
        ):
            last[kind] = max(number, last.get(kind, 0))
        return dict(sorted(last.items()))
