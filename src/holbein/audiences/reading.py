"""Reading a list that comes in: CSV, Excel, Parquet or JSON, every cell as text.

Rows are taken a batch at a time into columns of text, so that a million of them need little more
memory than their letters.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from holbein.audiences import json_rows, unfolding
from holbein.audiences.cells import MARK, plain
from holbein.audiences.excel_rows import Part, open_sheet
from holbein.errors import HolbeinError
from holbein.progress import Progress, quiet

MOST_BYTES = 1 << 30
MOST_ROWS = 5_000_000
MOST_COLUMNS = 1_000
MOST_CELLS = 500_000_000
"""Of all rows in the width of the widest: no more than 1 GB of cells that hold something, and a
bound for what short rows beside a wide one take in memory."""

LONGEST_CELL = 1_000_000
_BATCH = 20_000
_ENCODINGS = ("utf-8-sig", "gb18030")
_QUOTED = re.compile(r'"[^"]*"')
# Excel writes and reads it as a first line that is none of the table's.
_SEPARATOR = re.compile(r"sep=([,;\t|])\r?\n?", re.IGNORECASE)
_BLANK = " ,;\t\r\n"
_JSON = (".json", ".jsonl", ".ndjson")
_ENDINGS = (".csv", ".txt", ".xlsx", ".parquet", *_JSON)


@dataclass(frozen=True)
class Sheet:
    """The cells of a file by column, as text; empty where there is nothing. ``first_row`` is the
    file's number of the first row here; ``part`` is the sheet of an Excel file with several."""

    names: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    first_row: int
    part: Part | None = None

    @property
    def rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def title(self, column: int) -> str:
        """The name of a column; its number where it has none."""
        return self.names[column] or f"column {column + 1}"


def read(path: Path, progress: Progress = quiet, sheet: str | int | None = None) -> Sheet:
    """All cells of a file as text, without outer spaces and without the writer's marks.

    The first row in which something stands holds the columns' names; objects name their own.
    ``sheet`` of an Excel file, by its name or its number from 1, else the first that is shown.
    Raises HolbeinError, with the place, for a file that does not exist, is damaged, too large, or
    of a kind that is not known.
    """
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise HolbeinError(
            "this is no file that can be imported",
            place=str(path),
            hint="give a .csv, .xlsx, .parquet or .json file",
        )
    try:
        if path.is_dir():
            raise HolbeinError("this is a folder", place=str(path), hint="name a file in it")
        if not path.is_file():
            raise HolbeinError(
                "there is no such file",
                place=str(path),
                hint="paths start at the folder that you are in",
            )
        if path.stat().st_size > MOST_BYTES:
            raise HolbeinError("the file is larger than 1 GB", place=str(path), hint="split it")
        if sheet is not None and ending != ".xlsx":
            raise HolbeinError(
                "only an Excel file has sheets", place=str(path), hint="leave --sheet out"
            )
        progress("read the file", 0, None)
        if ending == ".parquet":
            return _parquet(path)
        if ending == ".xlsx":
            return _excel(path, sheet, progress)
        if ending in _JSON:
            return _json(path, progress)
        with _csv(path) as rows:
            return _sheet(rows, path, progress)
    except UnicodeDecodeError as error:
        raise _no_utf8(path) from error
    except UnicodeEncodeError as error:
        raise HolbeinError(
            "the file has a name that is not UTF-8", place=ascii(str(path))[:200], hint="rename it"
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HolbeinError(f"the file cannot be read: {reason}", place=str(path)) from error


def _no_utf8(path: Path) -> HolbeinError:
    return HolbeinError(
        "the file holds text that is not UTF-8", place=str(path), hint="write it anew"
    )


# --- rows into columns ----------------------------------------------------------------------------


def _sheet(rows: Iterator[list[str]], path: Path, progress: Progress) -> Sheet:
    titles: list[str] = []
    above = 0
    for row in rows:
        above += 1
        if any(row):
            titles = row
            break
    if not titles:
        raise HolbeinError("the file is empty", place=str(path))
    return _filled(titles, rows, above + 1, path, progress)


def _filled(
    titles: list[str], rows: Iterator[list[str]], first_row: int, path: Path, progress: Progress
) -> Sheet:
    """The rows under their titles, of which there may be more as the rows come."""
    width, count, last = len(titles), 0, 0
    _check_size(count, width, path)
    batches: list[list[pa.Array]] = []
    waiting: list[list[str]] = []
    for row in rows:
        count += 1
        waiting.append(row)
        if any(row):
            last = count
            width = max(width, len(row))
        width = max(width, len(titles))
        _check_size(count, width, path)
        if len(waiting) == _BATCH:
            batches.append(_columns(waiting))
            waiting = []
            progress("read the file", count, None)
    if waiting:
        batches.append(_columns(waiting))
    columns = tuple(
        pa.chunked_array([_of(batch, place) for batch in batches], pa.string()).slice(0, last)
        for place in range(width)
    )
    return Sheet((*titles, *[""] * (width - len(titles))), columns, first_row)


def _columns(rows: list[list[str]]) -> list[pa.Array]:
    width = max(1, *map(len, rows))
    filled = (row if len(row) == width else row + [""] * (width - len(row)) for row in rows)
    return [pa.array(column, pa.string()) for column in zip(*filled, strict=True)]


def _of(batch: list[pa.Array], place: int) -> pa.Array:
    """A column of a batch; its rows may all be shorter than those of another."""
    return batch[place] if place < len(batch) else pa.repeat("", len(batch[0]))


def _check_size(rows: int, width: int, path: Path) -> None:
    if rows > MOST_ROWS:
        raise HolbeinError(
            f"the file has more than {MOST_ROWS:,} rows", place=str(path), hint="split it"
        )
    if width > MOST_COLUMNS:
        raise HolbeinError(
            f"the file has more than {MOST_COLUMNS:,} columns",
            place=str(path),
            hint="keep the column with the keys, and those that you need",
        )
    if rows * width > MOST_CELLS:
        raise HolbeinError(
            f"the file has more than {MOST_CELLS:,} cells: its rows in the width of the widest",
            place=str(path),
            hint="keep the column with the keys, and those that you need",
        )


def _text(text: str) -> str:
    return (plain(text) if MARK in text else text).strip()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        # Excel has no whole numbers: 123 is read as 123.0
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


# --- JSON -----------------------------------------------------------------------------------------


def _json(path: Path, progress: Progress) -> Sheet:
    names: list[str] = []
    with path.open(encoding=_encoding(path)) as file:
        found = _filled(names, json_rows.rows(file, path, names), 1, path, progress)
    if not found.names:
        raise HolbeinError("the file is empty", place=str(path))
    return found


# --- CSV ------------------------------------------------------------------------------------------


@contextmanager
def _csv(path: Path) -> Iterator[Iterator[list[str]]]:
    encoding = _encoding(path)
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding=encoding, newline="") as file:
            head = []
            while (line := file.readline()) and not line.strip(_BLANK):
                head.append(line)
            told = _SEPARATOR.fullmatch(line)
            delimiter = told[1] if told else _delimiter(line)
            head += [] if told else [line]
            reader = csv.reader(chain(head, file), delimiter=delimiter)
            yield _records(reader, path)
    finally:
        csv.field_size_limit(before)


def _records(lines: Any, path: Path) -> Iterator[list[str]]:
    try:
        for row in lines:
            yield [_text(one) for one in row]
    except csv.Error as error:
        raise HolbeinError(
            f"the line cannot be read: {error}", place=f"{path}, line {lines.line_num}"
        ) from error


def _encoding(path: Path) -> str:
    """The encoding that reads the whole file. Raises HolbeinError for what is no text."""
    with path.open("rb") as file:
        wide = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if wide else _ENCODINGS:
        if (found := _readable(path, encoding)) is None:
            continue
        if not found:
            break
        return encoding
    else:
        raise HolbeinError(
            "the file's characters cannot be read", place=str(path), hint="save it as UTF-8"
        )
    raise HolbeinError("this is no text file", place=str(path), hint="save it as text in UTF-8")


def _readable(path: Path, encoding: str) -> bool | None:
    """Whether a file is text; None where it is not in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    sound = True
    with path.open("rb") as file:
        try:
            while piece := file.read(1 << 20):
                sound = sound and "\0" not in decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return sound


def _delimiter(line: str) -> str:
    first = _QUOTED.sub("", line)
    return max(",;\t", key=first.count)


# --- Excel and Parquet ----------------------------------------------------------------------------


def _excel(path: Path, asked: str | int | None, progress: Progress) -> Sheet:
    part, rows = open_sheet(path, asked)
    found = _sheet(([_cell(one) for one in row] for row in rows), path, progress)
    return replace(found, part=part)


def _parquet(path: Path) -> Sheet:
    try:
        schema = pq.read_schema(path)
        flat = [one.name for one in schema if not pa.types.is_nested(one.type)]
        texts = [one.name for one in schema if pa.types.is_string(one.type)]
        # A text that stands in a million rows may be there once: it is measured before it is
        # written out.
        file = pq.ParquetFile(path, read_dictionary=texts)
        _check_size(file.metadata.num_rows, len(flat), path)
        table = file.read(columns=flat)
        if sum(map(_letters, table.columns)) > unfolding.MOST_UNFOLDED:
            raise HolbeinError("the file unfolds to more than 4 GB", place=str(path))
    except pa.ArrowException as error:
        raise HolbeinError("this is no Parquet file, or a damaged one", place=str(path)) from error
    if not flat or not table.num_columns:
        raise HolbeinError("the file has no column of single values", place=str(path))
    try:
        return Sheet(tuple(table.column_names), tuple(map(_texts, table.columns)), 1)
    except pa.ArrowInvalid as error:  # Parquet's texts ought to be UTF-8
        raise _no_utf8(path) from error


def _letters(column: pa.ChunkedArray) -> int:
    """How many bytes the texts of a column take, written out."""
    total = 0
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            lengths = pc.binary_length(chunk.dictionary).take(chunk.indices)
            total += pc.sum(lengths.cast(pa.int64())).as_py() or 0
    return total


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type):
        return pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    chunks = [pa.array([_cell(one) for one in chunk.to_pylist()]) for chunk in column.chunks]
    return pa.chunked_array(chunks, pa.string())
