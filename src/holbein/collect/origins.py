"""From a source's ``from`` and a mapping's ``table`` or ``sql`` to what can be read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote

from holbein.catalog.definitions import SourceDefinition
from holbein.collect.csv_files import CsvFile
from holbein.collect.parquet_files import ParquetFile
from holbein.collect.raw import Origin
from holbein.collect.sqlite_files import Database, missing_file
from holbein.errors import HolbeinError, SourceError, near

SUFFIXES: Final = (".csv", ".tsv", ".parquet")


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

    def origin(self, mapping: Mapped) -> Origin:
        """What ``mapping`` reads. Raises SourceError with the mapping's place."""
        where = "sql" if mapping.sql is not None else "table"
        try:
            if self._database is not None:
                if mapping.sql is not None:
                    return self._database.query(mapping.sql)
                return self._database.table(mapping.table or "")
            return file_origin(self._file_of(mapping.table or ""))
        except HolbeinError as error:
            raise _placed(error, mapping.place_of(where)) from error
        except OSError as error:
            unusable = _unusable(mapping.table or "", error)
            raise _placed(unusable, mapping.place_of(where)) from error

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


def files_of(definition: SourceDefinition, folder: Path) -> list[Path]:
    """The files of a source that are there: SQLite's log beside it, all tables of a folder."""
    if definition.is_sqlite:
        path = _sqlite_path(definition.from_, folder)
        return [one for one in (path, path.with_name(f"{path.name}-wal")) if one.exists()]
    path = folder / definition.from_
    if path.is_dir():
        return [one for one in path.iterdir() if one.suffix.lower() in SUFFIXES]
    return [path] if path.exists() else []


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


def check_column(origin: Origin, known: Iterable[str], column: str, place: str) -> None:
    """Raises SourceError where ``origin`` has no such column."""
    names = list(known)
    if column in names:
        return
    if isinstance(origin, CsvFile) and column in origin.shape.header:
        raise SourceError(
            f"{origin.label} has several columns named {column!r}",
            place=place or None,
            hint="rename all but one in its first line",
        )
    # Where the first line is none of names, what stands there should not be shown in full.
    short = [one if len(one) <= 40 else f"{one[:39]}…" for one in names[:12]]
    some = ", ".join(short) + (", …" if len(names) > 12 else "")
    alike = near(column, names)
    raise SourceError(
        f"{origin.label} has no column {column!r}",
        place=place or None,
        hint=alike or (f"its columns are {some}" if names else "it has no columns"),
    )
