"""Reading a list that comes in: CSV, Excel or Parquet, every cell as text."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from holbein.audiences.cells import plain
from holbein.errors import HolbeinError

MOST_BYTES = 1 << 30
MOST_ROWS = 5_000_000
MOST_COLUMNS = 1_000
LONGEST_CELL = 1_000_000
_ENCODINGS = ("utf-8-sig", "gb18030")
_QUOTED = re.compile(r'"[^"]*"')
_ENDINGS = (".csv", ".txt", ".xlsx", ".parquet")


@dataclass(frozen=True)
class Sheet:
    """The cells of a file by column. ``first_row`` is the file's number of the first row here."""

    names: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    first_row: int

    @property
    def rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def read(path: Path) -> Sheet:
    """All cells of a file as text, without outer spaces and without the writer's marks.

    The first row holds the columns' names. Raises HolbeinError, with the place, for a file that
    does not exist, is damaged, too large, or of a kind that is not known.
    """
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise HolbeinError(
            "this is no file that can be imported",
            place=str(path),
            hint="give a .csv, .xlsx or .parquet file",
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
        if ending == ".parquet":
            return _parquet(path)
        rows = _excel(path) if ending == ".xlsx" else _csv(path)
    except UnicodeDecodeError as error:
        raise HolbeinError(
            "the file holds text that is not UTF-8", place=str(path), hint="write it anew"
        ) from error
    except UnicodeEncodeError as error:
        raise HolbeinError(
            "the file has a name that is not UTF-8", place=ascii(str(path))[:200], hint="rename it"
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HolbeinError(f"the file cannot be read: {reason}", place=str(path)) from error
    return _sheet(rows, path)


def _sheet(rows: list[list[str]], path: Path) -> Sheet:
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise HolbeinError("the file is empty", place=str(path))
    width = max(map(len, rows))
    if width > MOST_COLUMNS:
        raise HolbeinError(f"the file has more than {MOST_COLUMNS:,} columns", place=str(path))
    filled = [row + [""] * (width - len(row)) for row in rows]
    columns = tuple(tuple(column) for column in zip(*filled[1:], strict=True)) or ((),) * width
    return Sheet(tuple(filled[0]), columns, 2)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        # Excel has no whole numbers: 123 is read as 123.0
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return plain(str(value)).strip()


def _check_rows(count: int, path: Path) -> None:
    if count > MOST_ROWS:
        raise HolbeinError(
            f"the file has more than {MOST_ROWS:,} rows", place=str(path), hint="split it"
        )


# --- CSV ----------------------------------------------------------------------------------------


def _csv(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise HolbeinError(
            "the file's characters cannot be read", place=str(path), hint="save it as UTF-8"
        )
    if "\0" in text:
        raise HolbeinError("this is no text file", place=str(path), hint="save it as CSV, UTF-8")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[list[str]] = []
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        for row in lines:
            rows.append([_cell(one) for one in row])
            _check_rows(len(rows), path)
    except csv.Error as error:
        raise HolbeinError(
            f"the line cannot be read: {error}", place=f"{path}, line {lines.line_num}"
        ) from error
    finally:
        csv.field_size_limit(before)
    return rows


def _delimiter(text: str) -> str:
    first = _QUOTED.sub("", text.partition("\n")[0])
    return max(",;\t", key=first.count)


# --- Excel and Parquet ----------------------------------------------------------------------------


def _excel(path: Path) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    damaged = "this is no Excel file, or a damaged one"
    try:
        with zipfile.ZipFile(path) as parts:
            # A small file can unfold into more than the machine holds.
            if sum(one.file_size for one in parts.infolist()) > 4 * MOST_BYTES:
                raise HolbeinError("the file unfolds to more than 4 GB", place=str(path))
        book = CalamineWorkbook.from_path(str(path))
        if not book.sheet_names:
            raise HolbeinError("the file has no sheet", place=str(path))
        cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile) as error:
        raise HolbeinError(damaged, place=str(path), hint="save it again as .xlsx") from error
    _check_rows(len(cells), path)
    return [[_cell(one) for one in row] for row in cells]


def _parquet(path: Path) -> Sheet:
    try:
        file = pq.ParquetFile(path)
        _check_rows(file.metadata.num_rows, path)
        flat = [one.name for one in file.schema_arrow if not pa.types.is_nested(one.type)]
        table = file.read(columns=flat)
    except pa.ArrowException as error:
        raise HolbeinError("this is no Parquet file, or a damaged one", place=str(path)) from error
    if not flat or not table.num_columns:
        raise HolbeinError("the file has no column of single values", place=str(path))
    columns = tuple([_cell(one) for one in column.to_pylist()] for column in table.columns)
    return Sheet(tuple(table.column_names), columns, 1)
