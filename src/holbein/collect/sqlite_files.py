"""Tables and queries of a SQLite file. It is opened to read only, and can do nothing else."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyarrow as pa

from holbein.collect.raw import Looked, Raw, Stored, as_text, chunked, numbered
from holbein.errors import SourceError, near
from holbein.progress import Progress, quiet

BATCH: Final = 50_000
LOOK: Final = 100_000
"""As many rows are looked at to guess types."""

_PATIENCE: Final = 5.0
"""So many seconds a program that is writing to the file may take to end."""

# In a damaged file Python may not be able to decode even what SQLite says is wrong.
_BROKEN = (sqlite3.DatabaseError, UnicodeDecodeError)
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
# What virtual tables (json_each, FTS5) do to say which columns they have, and whether they changed.
_ALLOWED_ON = {
    (sqlite3.SQLITE_UPDATE, "sqlite_master"),
    (sqlite3.SQLITE_PRAGMA, "data_version"),
}
_TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))|(?P<end>;)
    |'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^\]]*\] | \w+ | .""",
    re.S | re.X,
)


class Database:
    """One SQLite file. Connections are opened for each reading and closed after it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise missing_file(path)
        self.tables = self._tables()

    def connect(self) -> sqlite3.Connection:
        """A connection that can only read. Raises SourceError for a file that is no database."""
        uri = "file:" + quote(str(self.path.resolve()))
        try:
            return self._try(f"{uri}?mode=ro")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY":
                raise SourceError(
                    f"another program is writing to {self.path.name}",
                    hint="try again when it has ended",
                ) from error
            # In a folder that can't be written, a database in WAL mode opens only as immutable.
            # That would leave out what waits in a log beside it.
            if self._has_log():
                raise self.damaged(error) from error
        except _BROKEN as error:
            raise self.damaged(error) from error
        try:
            return self._try(f"{uri}?mode=ro&immutable=1")
        except _BROKEN as error:
            raise self.damaged(error) from error

    def _try(self, uri: str) -> sqlite3.Connection:
        connection = sqlite3.connect(uri, _PATIENCE, uri=True, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (page,) = connection.execute("PRAGMA page_size").fetchone()
            if self.path.stat().st_size % page:  # SQLite would read the rest as zeros
                raise sqlite3.DatabaseError("it ends inside a page, so it was cut off")
        except _BROKEN:
            connection.close()
            raise
        connection.set_authorizer(_only_reading)
        return connection

    def _has_log(self) -> bool:
        logs = (self.path.with_name(self.path.name + end) for end in ("-wal", "-journal"))
        return any(log.exists() and log.stat().st_size for log in logs)

    def damaged(self, error: Exception) -> SourceError:
        """What to say when SQLite itself gives up."""
        why = "its schema is damaged" if isinstance(error, UnicodeDecodeError) else error
        return SourceError(
            f"{self.path.name} can't be read as a SQLite database: {why}",
            hint="check it with sqlite3 and PRAGMA integrity_check, or copy it anew",
        )

    def _tables(self) -> tuple[str, ...]:
        connection = self.connect()
        try:
            found = connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
            ).fetchall()
        except _BROKEN as error:
            raise self.damaged(error) from error
        finally:
            connection.close()
        return tuple(str(name) for (name,) in found)

    def table(self, name: str) -> Query:
        """The table or view ``name``."""
        if name not in self.tables:
            alike = [one for one in self.tables if one.lower() == name.lower()]
            if len(alike) != 1:
                hint = near(name, self.tables) or _listed("tables", self.tables)
                raise SourceError(f"{self.path.name} has no table {name!r}", hint=hint)
            name = alike[0]
        return Query(self, f"SELECT * FROM {quoted(name)}", name, table=name)  # noqa: S608

    def query(self, sql: str) -> Query:
        """A query, which must be one SELECT."""
        bare = _one_statement(sql)
        if not re.match(r"(?:SELECT|WITH|VALUES)\b", bare, re.IGNORECASE):
            raise SourceError("sql must be one SELECT", hint="other statements can't be used here")
        return Query(self, bare, "query")


class Query:
    """A table, or a SELECT, of a database."""

    def __init__(self, database: Database, sql: str, label: str, table: str | None = None) -> None:
        self.database = database
        self.sql = sql
        self.label = label
        self._table = table

    def columns(self) -> tuple[Stored, ...]:
        """All columns, with their declared types where the origin is a table."""
        connection = self.database.connect()
        try:
            cursor = self._execute(connection, f"{self.sql} LIMIT 0" if self._table else self.sql)
            names = [str(one[0]) for one in cursor.description or ()]
        finally:
            connection.close()
        declared = self._declared()
        doubled = next((one for one in names if names.count(one) > 1), None)
        if doubled is not None:
            raise SourceError(
                f"the query has two columns named {doubled!r}", hint="name one of them with AS"
            )
        return tuple(Stored(name, declared.get(name)) for name in names)

    def _declared(self) -> dict[str, str]:
        if self._table is None:
            return {}
        connection = self.database.connect()
        try:
            connection.set_authorizer(None)  # PRAGMA is refused to all but this line
            rows = connection.execute(f"PRAGMA table_xinfo({quoted(self._table)})").fetchall()
        except _BROKEN as error:
            raise self.database.damaged(error) from error
        finally:
            connection.close()
        return {str(row[1]): str(row[2]).upper() for row in rows if row[2]}

    def look(self, names: Sequence[str]) -> Looked:
        """The first rows; ``distinct`` asks SQLite for the rest."""
        batches: list[pa.Table] = []
        count = 0
        for batch in self._batches(names, LOOK + 1):
            batches.append(batch)
            count += batch.num_rows
        return Looked(self.columns(), _united(names, batches), count <= LOOK, self._distinct)

    def _distinct(self, name: str) -> pa.Array:
        sql = f"SELECT DISTINCT {quoted(name)} FROM ({self.sql})"  # noqa: S608 - quoted, read only
        batches = list(self._run(sql, [name], None))
        return _united([name], batches).column(name).combine_chunks()

    def read(self, names: Sequence[str], progress: Progress = quiet) -> Raw:
        """All rows."""
        batches: list[pa.Table] = []
        count = 0
        for batch in self._batches(names, None):
            batches.append(batch)
            count += batch.num_rows
            progress(f"read {self.label}", count, None)
        return Raw(_united(names, batches), numbered(self.label))

    def _batches(self, names: Sequence[str], limit: int | None) -> Iterator[pa.Table]:
        wanted = ", ".join(quoted(name) for name in names)
        origin = quoted(self._table) if self._table else f"({self.sql})"
        return self._run(f"SELECT {wanted} FROM {origin}", names, limit)  # noqa: S608

    def _run(self, sql: str, names: Sequence[str], limit: int | None) -> Iterator[pa.Table]:
        connection = self.database.connect()
        try:
            yield from self._fetch(connection, sql, names, limit)
        finally:
            connection.close()

    def _fetch(
        self, connection: sqlite3.Connection, sql: str, names: Sequence[str], limit: int | None
    ) -> Iterator[pa.Table]:
        # Text that is not UTF-8 is rare but real; decoding it here costs a tenth more.
        connection.text_factory = _decode
        cursor = self._execute(connection, sql)
        left = limit
        while left is None or left > 0:
            try:
                rows = cursor.fetchmany(BATCH if left is None else min(BATCH, left))
            except sqlite3.DatabaseError as error:
                raise self._explained(error) from error
            except (UnicodeDecodeError, OverflowError) as error:
                raise self.database.damaged(error) from error
            if not rows:
                return
            if left is not None:
                left -= len(rows)
            columns = [column_of(values) for values in zip(*rows, strict=True)]
            yield pa.table(dict(zip(names, columns, strict=True)))

    def _execute(self, connection: sqlite3.Connection, sql: str) -> sqlite3.Cursor:
        try:
            return connection.execute(sql)
        except (sqlite3.ProgrammingError, sqlite3.Warning) as error:
            raise SourceError(
                f"sql must be one SELECT: {error}", hint="leave out all but one"
            ) from error
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error
        except UnicodeDecodeError as error:
            raise self.database.damaged(error) from error

    def _explained(self, error: sqlite3.DatabaseError) -> SourceError:
        text = str(error)
        if match := re.fullmatch(r"no such table: (.+)", text):
            name = match[1].removeprefix("main.")
            hint = near(name, self.database.tables) or _listed("tables", self.database.tables)
            return SourceError(f"{self.database.path.name} has no table {name!r}", hint=hint)
        if match := re.fullmatch(r"no such column: (.+)", text):
            bare = match[1].rpartition(".")[2]
            return SourceError(
                f"the query asks for {match[1]!r}, which is no column",
                hint=near(bare, self._every_column()) or "look at the table with sqlite3",
            )
        if "not authorized" in text or "prohibited" in text:
            return SourceError("sql may only read tables", hint="write one SELECT")
        # Errors of Python's own have no name.
        code = getattr(error, "sqlite_errorname", "")
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR")):
            return self.database.damaged(error)
        return SourceError(f"SQLite refuses the query: {text}", hint="try it in sqlite3")

    def _every_column(self) -> set[str]:
        found: set[str] = set()
        for name in self.database.tables:
            try:
                found.update(one.name for one in self.database.table(name).columns())
            except SourceError:
                continue
        return found


def missing_file(path: Path) -> SourceError:
    """A file that is not there, with the name of one beside it that may be meant."""
    if path.is_dir():
        return SourceError(f"{path} is a folder, not a file", hint="name the file in it")
    beside = []
    if path.parent.is_dir():
        beside = sorted(one.name for one in path.parent.iterdir() if not one.name.startswith("."))
    hint = near(path.name, beside) or (
        "paths are relative to the workspace folder"
        if path.parent.is_dir()
        else "its folder does not exist either; paths are relative to the workspace folder"
    )
    return SourceError(f"there is no file {path}", hint=hint)


def _one_statement(sql: str) -> str:
    """The statement without what stands before and behind it: comments, blanks, semicolons."""
    begin: int | None = None
    end = 0
    ended = False
    for token in _TOKEN.finditer(sql):
        if token["blank"]:
            continue
        if token["end"]:
            ended = begin is not None
            continue
        if ended:
            raise SourceError("sql must be one SELECT", hint="it has several statements")
        begin = token.start() if begin is None else begin
        end = token.end()
    return sql[begin or 0 : end]


def quoted(name: str) -> str:
    """A name as SQLite wants it."""
    return '"' + name.replace('"', '""') + '"'


def _listed(what: str, names: Sequence[str]) -> str:
    some = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return f"its {what} are {some}" if names else f"it has no {what}"


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _only_reading(action: int, first: str | None, second: str | None, *_: Any) -> int:
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if (action, first) in _ALLOWED_ON:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() != "load_extension":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def column_of(values: Sequence[Any]) -> pa.Array:
    """Python values of one column as Arrow; a mixture of numbers and text becomes text."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return pa.array([_mixed(one) for one in values], pa.string())


def _mixed(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    return str(value)


def _united(names: Sequence[str], batches: list[pa.Table]) -> pa.Table:
    """Batches as one table; where a column's type changes between them, numbers widen, else all
    becomes text."""
    if not batches:
        return pa.table({name: pa.nulls(0) for name in names})
    columns: dict[str, pa.ChunkedArray] = {}
    for place, name in enumerate(names):
        parts = [batch.column(place) for batch in batches]
        columns[name] = _joined(parts, _common({part.type for part in parts} - {pa.null()}))
    return pa.table(columns)


def _joined(parts: list[pa.ChunkedArray], to: pa.DataType) -> pa.ChunkedArray:
    try:
        chunks = [chunk for part in parts for chunk in _converted(part, to).chunks]
    except pa.ArrowInvalid:  # a whole number that no float holds exactly
        return _joined(parts, pa.string())
    return pa.chunked_array(chunks, to)


def _converted(part: pa.ChunkedArray, to: pa.DataType) -> pa.ChunkedArray:
    if part.type == to:
        return part
    if to == pa.string() and part.type != pa.null():
        return as_text(part)
    return chunked(part.cast(to))


def _common(kinds: set[pa.DataType]) -> pa.DataType:
    if not kinds:
        return pa.null()
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds == {pa.int64(), pa.float64()}:
        return pa.float64()
    return pa.string()
