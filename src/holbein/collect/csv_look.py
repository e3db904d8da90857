"""What a CSV file is written in: its encoding, its delimiter, its header, and where its lines are.

The file is read once as bytes. What that finds decides whether Arrow's reader may take it, which
is fast but silently runs together lines where a quote was left open, or whether ``csv_files``
must take it apart itself.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from holbein.errors import SourceError

_NAMES: Final = "its first line must name the columns"
CHUNK: Final = 1 << 22
FIELD_LIMIT: Final = 1 << 24
_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_LINES: Final = 50
_UTF8: Final = "utf-8"

# GB 2312 writes a character in two bytes above 0xA0. Western text has single ones, which the
# larger GB 18030 would swallow together with the letter that follows.
_CHINESE = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe]|[\xa1-\xa9][\xa1-\xfe])")
_UTF8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]+")
_ENOUGH: Final = 1 << 16
"""So many bytes beyond ASCII are looked at to tell encodings apart."""
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class CsvShape:
    """``plain``: no value seems to span lines, so that records are lines: ``lines`` of them, the
    numbers (from 1) of those without text in ``blank``. ``cut``: the file ends inside a character.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    plain: bool
    lines: int
    blank: tuple[int, ...]
    cut: bool

    @property
    def note(self) -> str | None:
        """What ``check`` says where the file is not the usual UTF-8 with commas."""
        said = []
        if self.encoding not in ("utf-8", "utf-8-sig"):
            said.append(f"read as {self.encoding}")
        if self.delimiter != ",":
            name = {"\t": "tabs", ";": "semicolons", "|": "bars"}[self.delimiter]
            said.append(f"columns are separated by {name}")
        return ", ".join(said) or None


@dataclass
class _Scan:
    utf8: bool = True
    cut: bool = False
    lines: int = 0
    odd_quotes: bool = False
    bare_returns: bool = False
    high: bytes = b""
    last: bytes = b""


def shape_of(path: Path) -> CsvShape:
    """Looks at the whole file. Raises SourceError where it is empty or not text."""
    start = _start(path)
    if not start:
        raise SourceError(f"{path.name} is empty", hint=_NAMES)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            cut = bool(_left_over(path, encoding))
            return _finish(path, encoding, _Scan(cut=cut), [], plain=False)
    blank: list[int] = []
    scan = _scan(path, blank)
    encoding = _encoding(path, scan, start)
    return _finish(path, encoding, scan, blank, plain=not (scan.odd_quotes or scan.bare_returns))


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(1 << 16)
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror}") from error


def _scan(path: Path, blank: list[int]) -> _Scan:
    scan = _Scan()
    decoder = codecs.getincrementaldecoder(_UTF8)()
    rest = b""
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            if scan.utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    scan.utf8 = False
            if len(scan.high) < _ENOUGH and not block.isascii():
                scan.high += b" ".join(_HIGH.findall(block))[:_ENOUGH] + b" "
            whole, newline, tail = (rest + block).rpartition(b"\n")
            _lines(whole + newline, scan, blank)
            scan.last = whole.rstrip(b"\r\n").rpartition(b"\n")[2] or scan.last
            rest = tail
            if len(rest) > 64 * CHUNK:  # no line is so long: this is not a table of text
                raise SourceError(f"{path.name} does not look like a CSV file: it has no lines")
    if rest:
        _lines(rest + b"\n", scan, blank)
        scan.last = rest.rstrip(b"\r\n") or scan.last
    if scan.utf8 and decoder.getstate()[0]:
        scan.cut = True
    return scan


def _lines(block: bytes, scan: _Scan, blank: list[int]) -> None:
    """Counts lines, and looks for quotes that are left open at a line's end."""
    if not block:
        return
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == 10)
    if b'"' in block and not scan.odd_quotes:
        quotes = np.flatnonzero(data == 34)
        scan.odd_quotes = bool((np.searchsorted(quotes, ends) % 2).any())
    starts = np.concatenate(([0], ends[:-1] + 1))
    length = ends - starts
    returns = data[np.maximum(ends - 1, 0)] == 13
    empty = (length == 0) | ((length == 1) & returns)
    blank.extend((np.flatnonzero(empty) + scan.lines + 1).tolist())
    if not scan.bare_returns and b"\r" in block:
        scan.bare_returns = block.count(b"\r") != block.count(b"\r\n")
    scan.lines += len(ends)


def _encoding(path: Path, scan: _Scan, start: bytes) -> str:
    if scan.utf8:
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else _UTF8
    if b"\x00" in start:
        raise SourceError(f"{path.name} is not text", hint="save it as CSV in UTF-8")
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    high = len(scan.high) - scan.high.count(b" ")
    # A broken byte or two do not turn UTF-8 into something else.
    if sum(map(len, _UTF8_LETTER.findall(scan.high))) * 20 > high * 19:
        return _UTF8
    if 4 * len(_CHINESE.findall(scan.high)) > high:
        left = _left_over(path, "gb18030")
        if left is not None:
            scan.cut = bool(left)
            return "gb18030"
    return "latin-1" if _left_over(path, "cp1252") is None else "cp1252"


def _left_over(path: Path, encoding: str) -> bytes | None:
    """The bytes at the file's end that are no whole character; None where others are none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return None
    return decoder.getstate()[0]


def _finish(path: Path, encoding: str, scan: _Scan, blank: list[int], *, plain: bool) -> CsvShape:
    sample = _sample(path, encoding)
    if not "".join(sample).strip():
        raise SourceError(f"{path.name} is empty", hint=_NAMES)
    delimiter = _delimiter(sample)
    header = _header(path, sample, delimiter)
    first = next(line for line in sample if line.strip("\n"))
    broken = encoding in (_UTF8, "utf-8-sig") and not scan.utf8
    # Arrow takes the end of the file for the end of a quoted value.
    left_open = _leaves_open(scan.last.decode(encoding, "replace"), delimiter)
    one_line = _rows([first], delimiter) == [header]
    return CsvShape(
        encoding=encoding,
        delimiter=delimiter,
        header=tuple(name.strip().strip("\ufeff") for name in header),
        plain=plain and not (scan.cut or broken or left_open) and one_line,
        lines=scan.lines,
        blank=tuple(blank),
        cut=scan.cut,
    )


def _header(path: Path, sample: list[str], delimiter: str) -> list[str]:
    """The first record that names anything. A quote that it leaves open would swallow the rows
    behind it, and show them as the name of a column.
    """
    rows = csv.reader(sample, delimiter=delimiter, strict=True)
    try:
        if found := next((row for row in rows if named(row)), None):
            return found
        raise SourceError(f"{path.name} names no columns", hint=_NAMES)
    except csv.Error:
        first = next(line for line in sample if line.strip())
    if _leaves_open(first, delimiter):
        raise SourceError(
            f"{path.name} opens a quote in its first line and does not close it", hint=_NAMES
        )
    return _rows([first], delimiter)[0]


def _leaves_open(line: str, delimiter: str) -> bool:
    """Whether a quote that the line opens stands open at its end."""
    try:
        list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def named(record: Sequence[str]) -> bool:
    """Whether a record can be the header: spreadsheets put empty ones before it."""
    return any(value.strip() for value in record)


def _sample(path: Path, encoding: str) -> list[str]:
    """The first lines as text, those that stand open at the end of what was read left out."""
    with path.open("rb") as file:
        block = file.read(1 << 20)
        ended = not file.read(1)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(block)
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")).readlines()
    if not ended and len(lines) > 1:
        lines.pop()
    return lines[:_SAMPLE_LINES]


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    csv.field_size_limit(FIELD_LIMIT)
    return list(csv.reader(lines, delimiter=delimiter))


def _delimiter(lines: list[str]) -> str:
    """The delimiter by which the most lines have as many columns as the header, two at least."""
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        counts = [len(row) for row in _rows(lines, delimiter) if row]
        if not counts or counts[0] < 2:
            continue
        alike = Counter(counts)[counts[0]] / len(counts)
        if (alike, counts[0]) > most:
            best, most = delimiter, (alike, counts[0])
    return best
