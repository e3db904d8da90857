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
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from holbein.errors import SourceError

CHUNK: Final = 1 << 22
_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_LINES: Final = 50
_UTF8: Final = "utf-8"

# GB 2312 writes a character in two bytes above 0xA0. Western text has single ones, which the
# larger GB 18030 would swallow together with the letter that follows.
_CHINESE = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe]|[\xa1-\xa9][\xa1-\xfe])")
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True)
class CsvShape:
    """``plain``: no value spans lines, so that records are lines. ``blank``: the numbers (from 1)
    of lines without text, where ``plain``. ``cut``: the file ends inside a character.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    plain: bool
    blank: tuple[int, ...]
    cut: bool
    empty: bool

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
    sample: bytes = b""
    high: bytes = b""


def shape_of(path: Path) -> CsvShape:
    """Looks at the whole file. Raises SourceError where it is empty or not text."""
    start = _start(path)
    if not start:
        raise SourceError(f"{path.name} is empty", hint="its first line must name the columns")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _finish(path, "utf-16", _Scan(odd_quotes=True, sample=start), [])
    blank: list[int] = []
    scan = _scan(path, blank)
    return _finish(path, _encoding(path, scan, start), scan, blank)


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
            if len(scan.high) < 4096:
                scan.high += b"".join(_HIGH.findall(block[: 1 << 20]))[:4096]
            whole, newline, tail = (rest + block).rpartition(b"\n")
            _lines(whole + newline, scan, blank)
            rest = tail
            if len(rest) > 64 * CHUNK:  # no line is so long: this is not a table of text
                raise SourceError(f"{path.name} does not look like a CSV file: it has no lines")
    if rest:
        _lines(rest + b"\n", scan, blank)
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
    if _cut_utf8(path):
        scan.cut = True
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else _UTF8
    with path.open("rb") as file:
        some = file.read(CHUNK)
    if not _HIGH.search(some):
        some = scan.high
    pairs = 2 * len(_CHINESE.findall(some))
    high = len(_HIGH.findall(some))
    if pairs * 2 > high and _decodes(path, "gb18030"):
        return "gb18030"
    return "cp1252" if _decodes(path, "cp1252") else "latin-1"


def _cut_utf8(path: Path) -> bool:
    """Whether all but the last few bytes are UTF-8: the file was cut inside a character."""
    decoder = codecs.getincrementaldecoder(_UTF8)()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return False
    return True


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return False
    return True


def _finish(path: Path, encoding: str, scan: _Scan, blank: list[int]) -> CsvShape:
    sample = _sample(path, encoding)
    if not "".join(sample).strip():
        raise SourceError(f"{path.name} is empty", hint="its first line must name the columns")
    delimiter = _delimiter(sample)
    header = next(row for row in _rows(sample, delimiter) if row and any(row))
    one_line = any(_rows([line], delimiter) == [header] for line in sample)
    return CsvShape(
        encoding=encoding,
        delimiter=delimiter,
        header=tuple(name.strip().strip("\ufeff") for name in header),
        plain=not (scan.odd_quotes or scan.bare_returns or scan.cut) and one_line,
        blank=tuple(blank),
        cut=scan.cut,
        empty=len(sample) == 1,
    )


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
