"""What readers get: one whole version that stays readable for as long as they hold it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from holbein.conditions.instants import AsOf
from holbein.errors import StoreError, near
from holbein.store import lookup, parquet
from holbein.store import manifest as manifests
from holbein.store.layout import Layout
from holbein.store.locks import Lease
from holbein.store.manifest import ColumnRef, DamagedError, FileRef, Manifest
from holbein.store.sections import Sections, open_sections


class Tables(Protocol):
    """What a Snapshot and a Build share: tables by name, as of one instant."""

    @property
    def as_of(self) -> AsOf: ...

    def has(self, table: str) -> bool: ...

    def parts(self, table: str) -> tuple[FileRef, ...]: ...

    def files(self, table: str) -> tuple[Path, ...]: ...

    def sound_files(self, table: str) -> tuple[Path, ...]: ...

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table: ...


class Snapshot:
    """One published version, held: no process deletes its files until it is closed, collected or
    its process ends. Frozen; safe to share between threads."""

    __slots__ = ("__weakref__", "_layout", "_lease", "_manifest", "_sections")

    def __init__(self, layout: Layout, number: int) -> None:
        """Raises FileNotFoundError where the version is gone, StoreError where it is damaged."""
        path = layout.manifest(number)
        self._layout = layout
        self._lease = Lease(path)
        self._sections: dict[str, Sections] = {}
        try:
            self._manifest = manifests.load(self._lease.content(), path)
        except BaseException:
            self._lease.close()
            raise

    @property
    def number(self) -> int:
        return self._manifest.number

    @property
    def as_of(self) -> AsOf:
        return self._manifest.as_of

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    @property
    def closed(self) -> bool:
        return not self._lease.alive

    def tables(self) -> tuple[str, ...]:
        """The names of all tables."""
        return tuple(sorted(self._manifest.tables))

    def has(self, table: str) -> bool:
        return bool(self.parts(table))

    def parts(self, table: str) -> tuple[FileRef, ...]:
        """What the table consists of, in the order of ``files``; empty where there is none such.

        A part's path tells its content: where two versions share it, its rows are the same.
        """
        return self._manifest.parts(table)

    def files(self, table: str) -> tuple[Path, ...]:
        """The table's Parquet files; of the change log, the whole chain, oldest first.

        Raises StoreError where the version lacks the table, or a file is missing or cut.
        """
        self._check_held()
        refs = self.parts(table)
        if not refs:
            raise StoreError(
                f"version {self.number} has no table {table}", hint=near(table, self.tables())
            )
        paths = tuple(self._layout.file(ref) for ref in refs)
        for path, ref in zip(paths, refs, strict=True):
            parquet.check_size(path, ref)
        return paths

    def _check_held(self) -> None:
        if self.closed:
            raise StoreError(f"the snapshot of version {self.number} is closed")

    def sound_files(self, table: str) -> tuple[Path, ...]:
        """As ``files``, each read through once by this process: for engines, which do not check
        what they read. Raises StoreError, naming the file that is not what was published.
        """
        paths = self.files(table)
        for path, ref in zip(paths, self.parts(table), strict=True):
            parquet.check_once(path, ref)
        return paths

    def schema(self, table: str) -> pa.Schema:
        """The columns of a table. Raises StoreError where its file is not what was published."""
        return pq.read_schema(self.sound_files(table)[0])

    def rows(self, table: str) -> int:
        """How many rows the table has; 0 where the version lacks it."""
        return sum(ref.rows for ref in self.parts(table))

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The table, or some of its columns in the order asked for."""
        return parquet.read_parquet(self.files(table), columns)

    def find(self, table: str, key: str, values: Collection[object]) -> pa.Table:
        """The rows whose column ``key`` is one of some values, in no order: of ids, or of the keys
        of aliases. What they rest on is checked; no more is read than must be.

        A part without a lookup, or with a damaged one, is read through; the next run that writes it
        makes a new one.
        """
        parts = zip(self.files(table), self.parts(table), strict=True)
        rows = [self._find(path, ref, key, values) for path, ref in parts]
        return pa.concat_tables(rows, promote_options="default")

    def _find(self, path: Path, ref: FileRef, key: str, values: Collection[object]) -> pa.Table:
        damage: DamagedError | None = None
        if ref.lookup is not None and key in ref.lookup.keys:
            try:
                return lookup.found(self._layout.file(ref.lookup), ref.lookup, key, values)
            except DamagedError as error:
                damage = error
        rows = parquet.read_parquet([path])
        if damage is not None and key not in rows.column_names:  # the lookup alone has it
            raise damage
        wanted = pa.array(values, rows.schema.field(key).type)
        return rows.filter(pc.is_in(rows[key], value_set=wanted))

    def columns(self, kind: str) -> Mapping[str, ColumnRef]:
        """The columns of the index of a subject kind, by name; empty where it has none."""
        return {one.name: one for one in self._manifest.index.get(kind, ())}

    def sections(self, ref: ColumnRef) -> Sections:
        """The arrays of one of the ``columns``, opened once in a process. Raises StoreError where
        the file is missing or not what was published, as far as that shows without reading it."""
        self._check_held()
        found = self._sections.get(ref.path)
        if found is None:
            found = self._sections[ref.path] = open_sections(self._layout.file(ref), ref)
        return found

    def verify(self, table: str | None = None, *, lookups: bool = True) -> None:
        """Reads every byte of a table (default: of all, and of the index), and of its lookups if
        these matter, and raises StoreError, naming the file, at the first that is not what was
        published."""
        for name in (table,) if table is not None else self.tables():
            self.files(name)
            for part in self.parts(name):
                for one in part.files() if lookups else (part,):
                    parquet.check_content(self._layout.file(one), one)
        for columns in self._manifest.index.values() if table is None else ():
            for column in columns:
                parquet.check_content(self._layout.file(column), column)

    def close(self) -> None:
        """Lets the version go. Closing twice does nothing."""
        self._lease.close()
        self._sections.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Snapshot {self.number} as of {self.as_of.day}>"
