"""What an Excel file would unfold to, measured before a library unfolds it.

A file of a few kilobytes can unfold to more than a machine holds: by compression, or by one cell at
the far end of a sheet, which libraries answer with a table of all the cells between. So all parts
are unfolded once, a piece at a time, whatever sizes the file gives for them.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from holbein.errors import HolbeinError

MOST_UNFOLDED = 4 << 30
MOST_CELLS = 30_000_000
"""Of the rectangle that holds all cells of a sheet: about 1 GB of memory."""

_PIECE = 1 << 20
_OVERLAP = 64
"""No place of a cell is written longer, so none is cut in two unseen."""

# Of a cell (r="AB12") or a row (r="12"), in whatever part the sheet may be.
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,7})(\d{1,18})["']""")
_HEADER = 30


def check_unfolded(path: Path) -> None:
    """Raises HolbeinError for a file that would take too much memory, zipfile.BadZipFile for what
    is no archive."""
    left = MOST_UNFOLDED
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for part in archive.infolist():
            height = width = 0
            before = b""
            for piece in _unfolded(part, file):
                left -= len(piece)
                if left < 0:
                    size = f"{MOST_UNFOLDED / (1 << 30):.3g}"
                    raise HolbeinError(
                        f"the file unfolds to more than {size} GB", place=str(path), hint="split it"
                    )
                text = before + piece
                found = _PLACE.findall(text)
                width = max([width, *map(_number, {letters for letters, _ in found})])
                height = max([height, *map(int, {row for _, row in found})])
                before = text[-_OVERLAP:]
            if height * width > MOST_CELLS:
                raise HolbeinError(
                    f"its cells reach over {height:,} rows and {width:,} columns, and a sheet of"
                    f" more than {MOST_CELLS:,} cells is not read",
                    place=str(path),
                    hint="delete what stands far outside of the table, or save it as .csv",
                )


def _number(letters: bytes) -> int:
    """``A`` is 1, ``AA`` is 27."""
    out = 0
    for one in letters:
        out = out * 26 + one - 64
    return out


def _unfolded(part: zipfile.ZipInfo, file: IO[bytes]) -> Iterator[bytes]:
    """A part in pieces, to its real end; ``zipfile`` stops where the file says that it ends."""
    file.seek(part.header_offset)
    header = file.read(_HEADER)
    if len(header) < _HEADER or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("a part is not where the file says")
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    file.seek(names, 1)
    left = part.compress_size
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0 and (raw := file.read(min(_PIECE, left))):
        left -= len(raw)
        if part.compress_type == zipfile.ZIP_STORED:
            yield raw
            continue
        while raw and not stream.eof:
            try:
                yield stream.decompress(raw, _PIECE)
            except zlib.error as error:
                raise zipfile.BadZipFile(str(error)) from error
            raw = stream.unconsumed_tail
