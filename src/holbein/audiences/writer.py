"""The one safe writer of exports: CSV, Excel, Parquet and JSON.

The file appears whole or not at all: it is written beside its place and then renamed. Text that a
spreadsheet program would take for a formula is neutralised in CSV and Excel (see ``cells``), and
kept as it is in Parquet and JSON, which compute nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import io
import json
import math
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from holbein.audiences.cells import neutral
from holbein.errors import HolbeinError, near

EXCEL_ROWS = 1_048_576
EXCEL_COLUMNS = 16_384
EXCEL_TEXT = 32_767
_BATCH = 10_000
_SEVERAL = "; "
# Excel counts days from 1900 and takes that year for a leap year, so its first 60 days are wrong.
_EXCEL_FIRST = dt.date(1900, 3, 1)
_EXACT_IN_A_DOUBLE = 2**53


def write(table: pa.Table, path: str | os.PathLike[str]) -> Path:
    """Write ``table`` to ``path`` in the format that its ending names, and return the path.

    An existing file is replaced. Lists become text joined by ``"; "`` in CSV and Excel, dates
    become ISO text in CSV and JSON and date cells in Excel, missing values become empty cells
    (null in JSON). Raises HolbeinError for an unknown ending, a place that cannot be written, and
    for what the format cannot hold; then nothing is left behind.
    """
    target = Path(path)
    fill = _writer_for(target)
    _check_place(target)
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(6)}.part")
    try:
        try:
            with temporary.open("xb") as file:
                fill(table, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError as error:
            raise HolbeinError(
                f"the file cannot be written: {error.strerror or error}",
                place=str(target),
                hint="choose a place that can be written to",
            ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def check(path: str | os.PathLike[str]) -> Path:
    """Refuse early what ``write`` would refuse of a path, before the work of making a table."""
    target = Path(path)
    _writer_for(target)
    _check_place(target)
    return target


def _writer_for(target: Path) -> Callable[[pa.Table, IO[bytes]], None]:
    ending = target.suffix.lower()
    if ending not in _WRITERS:
        what = f"the ending {ending} is not known" if ending else "the file name has no ending"
        guess = near(ending, _WRITERS) if ending else None
        raise HolbeinError(
            what, place=str(target), hint=guess or "use one of " + ", ".join(_WRITERS)
        )
    return _WRITERS[ending]


def _check_place(target: Path) -> None:
    if "\0" in str(target):
        raise HolbeinError("a file name holds no null character", place=ascii(str(target))[:120])
    try:
        if target.is_dir():
            raise HolbeinError(
                "this is a folder, not a file", place=str(target), hint="add a file name"
            )
        if not target.parent.is_dir():
            raise HolbeinError(
                "the folder does not exist",
                place=str(target.parent),
                hint="make it first, or choose another place",
            )
    except OSError as error:  # a name too long
        raise HolbeinError(
            "this is no usable file name", place=ascii(str(target))[:120], hint="choose another"
        ) from error


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        if batch.num_columns:
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _text(value: object) -> str:
    """A value as the text of a cell; numbers keep every digit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return _SEVERAL.join(neutral(_text(one)) for one in value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _safe(value: object) -> str:
    text = _text(value)
    # A number of the table's own is no text of a stranger's.
    return text if isinstance(value, int | float | decimal.Decimal) else neutral(text)


# --- CSV ----------------------------------------------------------------------------------------


def _write_csv(table: pa.Table, file: IO[bytes]) -> None:
    file.write(b"\xef\xbb\xbf")  # without it Excel takes the file for the machine's old code page
    lines = csv.writer(_Encoded(file))
    lines.writerow([neutral(name) for name in table.column_names])
    for row in _rows(table):
        lines.writerow([_safe(value) for value in row])


def as_csv(table: pa.Table) -> str:
    """``table`` as the text of a CSV file, without the mark that Excel needs at its beginning."""
    buffer = io.BytesIO()
    _write_csv(table, buffer)
    return buffer.getvalue().decode("utf-8-sig")


class _Encoded:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8"))


# --- Excel --------------------------------------------------------------------------------------


def _write_xlsx(table: pa.Table, file: IO[bytes]) -> None:
    import xlsxwriter

    if table.num_rows + 1 > EXCEL_ROWS:
        raise HolbeinError(
            f"{table.num_rows:,} rows do not fit into an Excel sheet, which holds"
            f" {EXCEL_ROWS - 1:,} below the title row",
            hint="export to .csv or .parquet",
        )
    if table.num_columns > EXCEL_COLUMNS:
        raise HolbeinError(
            f"{table.num_columns:,} columns do not fit into an Excel sheet,"
            f" which holds {EXCEL_COLUMNS:,}",
            hint="choose fewer columns",
        )
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    try:
        _fill_sheet(book, table)
    finally:
        book.close()


def _fill_sheet(book: Any, table: pa.Table) -> None:
    sheet = book.add_worksheet("Holbein")
    title = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(table.column_names):
        kind = table.schema.field(column).type
        sheet.set_column(column, column, 28 if pa.types.is_string(kind) else 14)
        sheet.write_string(0, column, neutral(name), title)
    for row, values in enumerate(_rows(table), start=1):
        for column, value in enumerate(values):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            elif isinstance(value, dt.datetime) and value.date() >= _EXCEL_FIRST:
                sheet.write_datetime(row, column, value, time)
            elif (
                isinstance(value, dt.date)
                and not isinstance(value, dt.datetime)
                and value >= _EXCEL_FIRST
            ):
                sheet.write_datetime(row, column, value, day)
            elif _fits_a_double(value):
                sheet.write_number(row, column, float(value))
            else:
                text = _safe(value)
                if len(text.encode("utf-16-le")) // 2 > EXCEL_TEXT:
                    raise HolbeinError(
                        f"a text of {len(text):,} characters does not fit into an Excel cell,"
                        f" which holds {EXCEL_TEXT:,}",
                        place=f"column {table.column_names[column]}, row {row}",
                        hint="export to .csv or .parquet, or leave the column out",
                    )
                if text:
                    sheet.write_string(row, column, text)


def _fits_a_double(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) <= _EXACT_IN_A_DOUBLE
    if isinstance(value, decimal.Decimal):
        return value.is_finite() and decimal.Decimal(repr(float(value))) == value
    return False


# --- Parquet and JSON -----------------------------------------------------------------------------


def _write_parquet(table: pa.Table, file: IO[bytes]) -> None:
    pq.write_table(table, file, compression="zstd")


def _write_json(table: pa.Table, file: IO[bytes]) -> None:
    """A list of objects, one a line."""
    separator = "[\n"
    for row in _rows(table):
        item = {n: _json(v) for n, v in zip(table.column_names, row, strict=True)}
        file.write((separator + json.dumps(item, ensure_ascii=False)).encode("utf-8"))
        separator = ",\n"
    file.write(b"[]\n" if separator == "[\n" else b"\n]\n")


def _json(value: object) -> object:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, decimal.Decimal):
        # Text where a double would lose a digit.
        return float(value) if _fits_a_double(value) else format(value, "f")
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else str(value)


_WRITERS: dict[str, Callable[[pa.Table, IO[bytes]], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".parquet": _write_parquet,
    ".json": _write_json,
}
