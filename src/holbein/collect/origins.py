"""From a source's ``from`` and a mapping's ``table`` or ``sql`` to what can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol, TypeVar
from urllib.parse import unquote

from holbein.catalog.definitions import SourceDefinition
from holbein.collect.csv_files import CsvFile
from holbein.collect.folders import Folder
from holbein.collect.parquet_files import ParquetFile
from holbein.collect.raw import Origin
from holbein.collect.sqlite_files import Database, missing_file
from holbein.collect.units import Table, Unit, state_of
from holbein.errors import HolbeinError, SourceError, near

T = TypeVar("T")
SUFFIXES: Final = (".csv", ".tsv", ".parquet")
FOLDER: Final = "/"
"""A table whose name ends so is a folder of files."""


class Mapped(Protocol):
    """What the mappings share."""

    @property
    def table(self) -> str | None: ...

    @property
    def sql(self) -> str | None: ...

    def place_of(self, *path: str | int) -> str: ...


class Opened:
    """A source whose file or folder is there."""

    def __init__(self, definition: SourceDefinition, folder: Path) -> None:
        self.definition = definition
        place = definition.place_of("from")
        self._database: Database | None = None
        try:
            if definition.is_sqlite:
                self._database = Database(_sqlite_path(definition.from_, folder))
                self._state = state_of(files_of(definition, folder))
                return
            self.path = folder / definition.from_
            if not self.path.exists():
                raise missing_file(self.path)
            if self.path.is_file() and self.path.suffix.lower() not in SUFFIXES:
                raise SourceError(
                    f"{self.path.name} is neither a .csv nor a .parquet file",
                    hint="for SQLite write sqlite:///PATH",
                )
        except HolbeinError as error:
            raise _placed(error, place) from error
        except OSError as error:
            raise _placed(_unusable(definition.from_, error), place) from error

    def table(self, mapping: Mapped, *, apart: bool) -> Table:
        """What ``mapping`` reads; the files of a folder ``apart``, or as one unit.

        Raises SourceError with the mapping's place.
        """
        return self._at_its_place(mapping, lambda: self._table(mapping, apart=apart))

    def _table(self, mapping: Mapped, *, apart: bool) -> Table:
        name = mapping.table or ""
        if (database := self._database) is not None:
            sql = mapping.sql
            found = database.table(name) if sql is None else database.query(sql)
            state = f"{self.definition.from_}|{self._state}|{sql or name}"
            return Table(found.label, (Unit(found.label, state, lambda: found),))
        if not name.endswith(FOLDER):
            path = self._file_of(name)
            return Table(path.name, (self._unit(path.name, [path], mapping),))
        files = self._files_of(name)
        if apart:
            units = tuple(self._unit(one.name, [one], mapping) for one in files)
        else:
            units = (self._unit(name, files, mapping),)
        return Table(name, units, folder=True)

    def _unit(self, label: str, paths: list[Path], mapping: Mapped) -> Unit:
        def origin() -> Origin:
            if label.endswith(FOLDER):
                return Folder(label, [file_origin(one) for one in paths])
            return file_origin(paths[0])

        state = f"{self.definition.from_}|{state_of(paths)}|{mapping.table}"
        return Unit(label, state, lambda: self._at_its_place(mapping, origin))

    def _at_its_place(self, mapping: Mapped, make: Callable[[], T]) -> T:
        where = mapping.place_of("sql" if mapping.sql is not None else "table")
        try:
            return make()
        except HolbeinError as error:
            raise _placed(error, where) from error
        except OSError as error:
            raise _placed(_unusable(mapping.table or "", error), where) from error

    def _files_of(self, table: str) -> list[Path]:
        """The files of a table that is a folder, by name."""
        name = table.removesuffix(FOLDER)
        if self.path.is_file():
            raise SourceError(
                f"{self.path.name} is a file, and has no folder {name!r}",
                hint="name the folder above it under from",
            )
        folder = self.path / name
        if not name or name in (".", "..") or Path(name).name != name or not folder.is_dir():
            known = sorted(one.name for one in self.path.iterdir() if one.is_dir())
            raise SourceError(
                f"the folder {self.path.name} has no folder {name!r}",
                hint=near(name, known) or "a table of several files is a folder beside the others",
            )
        files = tables_in(folder)
        if not files:
            raise SourceError(
                f"the folder {name} has no .csv or .parquet file", hint="put its first file there"
            )
        return files

    def _file_of(self, table: str) -> Path:
        if self.path.is_file():
            if table not in (self.path.stem, self.path.name):
                raise SourceError(
                    f"{self.path.name} has no table {table!r}",
                    hint=f"a file is one table: write table: {self.path.stem}",
                )
            return self.path
        if Path(table).name != table:
            raise SourceError(
                f"{table!r} is no table of the folder {self.path.name}",
                hint="a table is a file's name, without a folder",
            )
        if (named := self.path / table).is_file() and named.suffix.lower() in SUFFIXES:
            return named
        found = [path for suffix in SUFFIXES if (path := self.path / f"{table}{suffix}").is_file()]
        if len(found) > 1:
            names = " and ".join(path.name for path in found)
            raise SourceError(f"table {table!r} could be {names}", hint="write it with its ending")
        if not found:
            known = sorted(_tables(self.path))
            some = ", ".join(known[:10])
            raise SourceError(
                f"the folder {self.path.name} has no {table}.csv and no {table}.parquet",
                hint=near(table, known)
                or (f"it has {some}" if known else "it has no .csv or .parquet file at all"),
            )
        return found[0]


def _tables(folder: Path) -> Iterable[str]:
    return {one.stem for one in folder.iterdir() if one.suffix.lower() in SUFFIXES}


def tables_in(folder: Path) -> list[Path]:
    """The files of a folder that hold tables, by name; hidden ones are no one's tables."""
    found = (one for one in folder.iterdir() if not one.name.startswith("."))
    return sorted(one for one in found if one.suffix.lower() in SUFFIXES and one.is_file())


def files_of(definition: SourceDefinition, folder: Path) -> list[Path]:
    """The files of a source that are there: SQLite's log beside it, all tables of a folder."""
    if definition.is_sqlite:
        path = _sqlite_path(definition.from_, folder)
        return [one for one in (path, path.with_name(f"{path.name}-wal")) if one.exists()]
    path = folder / definition.from_
    if not path.is_dir():
        return [path] if path.exists() else []
    names = {one.table or "" for one in definition.mappings()}
    below = [path / one for one in sorted(names) if one.endswith(FOLDER)]
    every = (path, *(one for one in below if one.is_dir()))
    return [file for one in every for file in tables_in(one)]


def file_origin(path: Path) -> Origin:
    """A table in a file of its own, by its ending."""
    return ParquetFile(path) if path.suffix.lower() == ".parquet" else CsvFile(path)


def _sqlite_path(url: str, folder: Path) -> Path:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or len(url) == len(prefix):
        raise SourceError(f"{url} does not say which file", hint="write sqlite:///PATH")
    path = url.removeprefix(prefix)
    if (folder / path).exists():
        return folder / path
    return folder / unquote(path)


def _unusable(name: str, error: OSError) -> SourceError:
    """What the file system will not even look for, such as a name of 300 characters."""
    return SourceError(f"{name[:80]!r} can't be opened: {error.strerror}", hint="check the path")


def _placed(error: HolbeinError, place: str) -> HolbeinError:
    return error.at(place) if place else error


def no_column(origin: Origin, known: Iterable[str], column: str, place: str) -> SourceError:
    """Why ``column`` can't be taken from a table with the columns ``known``."""
    if isinstance(origin, CsvFile) and column in origin.shape.header:
        return SourceError(
            f"{origin.label} has several columns named {column!r}",
            place=place or None,
            hint="rename all but one in its first line",
        )
    # Where the first line is none of names, what stands there should not be shown in full.
    names = list(known)
    short = [one if len(one) <= 40 else f"{one[:39]}…" for one in names[:12]]
    some = ", ".join(short) + (", …" if len(names) > 12 else "")
    alike = near(column, names)
    return SourceError(
        f"{origin.label} has no column {column!r}",
        place=place or None,
        hint=alike or (f"its columns are {some}" if names else "it has no columns"),
    )
