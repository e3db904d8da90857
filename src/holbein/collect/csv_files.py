"""CSV files, every value as text: fast where the file is sound, line by line where it is not.

A line that can't be taken apart costs that line only. It is kept for the quarantine with its
number; the lines behind it are read on.
"""

from __future__ import annotations

import codecs
import csv
import io
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pacsv

from holbein.collect.csv_look import FIELD_LIMIT, CsvShape, named, shape_of
from holbein.collect.raw import Looked, Raw, Stored, Unread, distinct
from holbein.collect.sqlite_files import missing_file
from holbein.errors import SourceError
from holbein.progress import Progress, quiet
from holbein.records import Rows

BATCH: Final = 50_000
SPAN: Final = 200
"""A value may span so many lines; a quote that stays open longer was left open by mistake."""
_CUT: Final = "the file ends inside a character: it was cut off"
_OPEN: Final = "a quote is opened and not closed"


class CsvFile:
    """One CSV file."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise missing_file(path)
        self.path = path
        self.label = path.name
        self.shape = shape_of(path)

    def columns(self) -> tuple[Stored, ...]:
        """The names of the header. Columns without a name, or named again, can't be used."""
        seen: set[str] = set()
        doubled: set[str] = set()
        for name in self.shape.header:
            (doubled if name in seen else seen).add(name)
        return tuple(Stored(name) for name in self.shape.header if name and name not in doubled)

    def look(self, names: Sequence[str]) -> Looked:
        """All rows: what a column holds is seen only at its end."""
        table = self.read(names).table
        notes = (self.shape.note,) if self.shape.note else ()
        return Looked(self.columns(), table, True, lambda name: distinct(table.column(name)), notes)

    def read(self, names: Sequence[str], progress: Progress = quiet) -> Raw:
        """All rows that can be read; the others are in ``unread``."""
        if self.shape.plain:
            found = self._fast(names, progress)
            if found is not None:
                return found
        return self._slow(names, progress)

    # --- sound files: Arrow -------------------------------------------------------------------

    def _fast(self, names: Sequence[str], progress: Progress) -> Raw | None:
        """All rows by Arrow's reader; None where it met a line that has too many values or too
        few, or took several lines for one row.
        """
        total = self._expected()
        if not total:
            return Raw(_table(names, []), self._lines_of)
        bad: list[int] = []

        def skip(row: Any) -> str:
            bad.append(row.actual_columns)
            return "skip"

        header = [f"{place}" for place in range(len(self.shape.header))]
        wanted = [str(self.shape.header.index(name)) for name in names]
        batches: list[pa.RecordBatch] = []
        count = 0
        try:
            with self._utf8() as stream:
                reader = pacsv.open_csv(
                    stream,
                    read_options=pacsv.ReadOptions(
                        column_names=header,
                        skip_rows=self._header_line(),
                        block_size=1 << 22,
                    ),
                    parse_options=pacsv.ParseOptions(
                        delimiter=self.shape.delimiter, invalid_row_handler=skip
                    ),
                    convert_options=pacsv.ConvertOptions(
                        column_types=dict.fromkeys(header, pa.string()),
                        include_columns=wanted,
                        strings_can_be_null=False,
                    ),
                )
                for batch in reader:
                    if bad:
                        return None
                    batches.append(batch)
                    count += batch.num_rows
                    progress(f"read {self.label}", count, total)
        except pa.ArrowInvalid:
            return None
        except OSError as error:
            raise SourceError(f"{self.path} can't be read: {error}") from error
        if bad or count != total:
            return None
        table = pa.Table.from_batches(batches).select(wanted).rename_columns(list(names))
        return Raw(table, self._lines_of)

    def _utf8(self) -> pa.NativeFile:
        if self.shape.encoding in ("utf-8", "utf-8-sig"):
            return pa.OSFile(str(self.path), "rb")
        return pa.TransformInputStream(pa.OSFile(str(self.path), "rb"), _to_utf8(self.shape))

    def _header_line(self) -> int:
        """The number of the line (from 1) that holds the header."""
        line = 1
        while line in self.shape.blank:
            line += 1
        return line

    def _expected(self) -> int:
        """How many rows there are if each has a line of its own."""
        header = self._header_line()
        return self.shape.lines - header - sum(line > header for line in self.shape.blank)

    def _lines_of(self, rows: Rows) -> list[str]:
        """Records are lines here, so a record's line follows from the blank lines before it."""
        first = self._header_line() + 1
        blank = [line for line in self.shape.blank if line >= first]
        # How many lines with text come before each blank line: the record at which it is passed.
        passed = [line - first - place for place, line in enumerate(blank)]
        return [f"{self.label}:{first + int(row) + bisect_right(passed, int(row))}" for row in rows]

    # --- unsound files: record by record ------------------------------------------------------

    def _slow(self, names: Sequence[str], progress: Progress) -> Raw:
        places = [self.shape.header.index(name) for name in names]
        count = len(self.shape.header)
        batches: list[pa.Table] = []
        lines: list[int] = []
        unread: list[Unread] = []
        held: list[list[str]] = []
        header = True
        for line, values, text, reason in self._records():
            if header:
                header = not named(values)
                continue
            if reason is None and len(values) != count:
                reason = f"it has {len(values)} values where the header names {count} columns"
            if reason is not None:
                unread.append(Unread(f"{self.label}:{line}", reason, text))
                continue
            lines.append(line)
            held.append([values[place] for place in places])
            if len(held) == BATCH:
                batches.append(_table(names, held))
                held = []
                progress(f"read {self.label}", len(lines), None)
        batches.append(_table(names, held))

        def place_of(rows: Rows) -> list[str]:
            return [f"{self.label}:{lines[int(row)]}" for row in rows]

        return Raw(pa.concat_tables(batches), place_of, tuple(unread))

    def _records(self) -> Iterator[tuple[int, list[str], str, str | None]]:
        """Line, values, text, and what is wrong with it, of every record that is not blank."""
        csv.field_size_limit(FIELD_LIMIT)
        wait = _Ahead(self.path, self.shape.encoding)
        parse = _parser(self.shape.delimiter)
        number = 0
        count = len(self.shape.header)
        while (first := wait.take()) is not None:
            number += 1
            if not first.strip("\r\n"):
                continue
            values, more = parse(first), 0
            text = first
            while values is None and more < SPAN:
                following = wait.peek(more)
                if following is None:
                    break
                text += following
                more += 1
                values = parse(text)
            if values is None or (more and number > 1 and len(values) != count):
                # Rather this one line is lost than all that an open quote would swallow.
                alone = wait.peek(0) is None
                yield number, [], first, _CUT if self.shape.cut and alone else _OPEN
                continue
            if self.shape.cut and wait.peek(more) is None:
                yield number, values, text, _CUT
                return
            yield number, values, text, None
            wait.skip(more)
            number += more


class _Ahead:
    """The lines of a file, with a look at those to come."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = io.open(  # noqa: SIM115, UP020 - closed when the lines end
            path, encoding=encoding, errors="replace", newline=None
        )
        self._waiting: list[str] = []

    def take(self) -> str | None:
        line = self.peek(0)
        if line is None:
            self._file.close()
            return None
        self._waiting.pop(0)
        return line

    def peek(self, ahead: int) -> str | None:
        while len(self._waiting) <= ahead:
            line = "" if self._file.closed else self._file.readline()
            if not line:
                return None
            self._waiting.append(line)
        return self._waiting[ahead]

    def skip(self, count: int) -> None:
        for _ in range(count):
            self.take()


def _parser(delimiter: str) -> Callable[[str], list[str] | None]:
    """A record's values; None where a quote is still open at its end."""

    def parse(text: str) -> list[str] | None:
        body = text.removesuffix("\n")
        if '"' not in body:
            return body.split(delimiter)
        try:
            return next(csv.reader([body], delimiter=delimiter, strict=True))
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                return None
        try:
            return next(csv.reader([body], delimiter=delimiter))
        except csv.Error:
            return []

    def parse_lines(text: str) -> list[str] | None:
        if "\n" not in text.removesuffix("\n"):
            return parse(text)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else []

    return parse_lines


def _to_utf8(shape: CsvShape) -> Callable[[bytes], bytes]:
    decoder = codecs.getincrementaldecoder(shape.encoding)("replace")

    def convert(data: pa.Buffer | bytes) -> bytes:
        return decoder.decode(bytes(data)).encode("utf-8")

    return convert


def _table(names: Sequence[str], rows: list[list[str]]) -> pa.Table:
    columns: list[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [[] for _ in names]
    return pa.table(
        {name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)}
    )
