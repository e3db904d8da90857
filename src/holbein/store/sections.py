"""Sections: arrays in one file, mapped into memory, each checked when it is first touched.

What an index holds of a column is a few arrays of numbers, large ones, of which a question needs
some. A file of *sections* holds them as they lie in memory, so that opening it reads a kilobyte and
nothing is copied or decoded: pages come from the disk as they are asked for, and go when memory is
short.

    section | zeros | section | zeros | … | footer

Each section begins at a multiple of 64 bytes, and has ``GUARD`` zero bytes behind it at least, so
that a kernel may read a whole block where the last one is not full. The *footer* is JSON: of each
section where it lies, of which type and length it is, and the CRC-32 of it and its zeros; and what
the writer has to tell ``about`` them. The manifest has the footer's length and SHA-256. So every
byte that an answer rests on is checked, once in a process, and no other is read.

A mapping outlives the file's name: arrays that were handed out stay what they are when the file is
replaced or deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import weakref
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from holbein.store.files import HashedFile, guarded
from holbein.store.manifest import ColumnRef, damaged
from holbein.store.parquet import check_size

ALIGNED: Final = 64
GUARD: Final = 512
"""So many zero bytes: 64 numbers of the widest type."""
_NUMBERS = "biuf"
_WIDEST = 8


@dataclass(frozen=True)
class Written:
    """What was written: checksum of the whole file, bytes; length and checksum of its footer."""

    sha256: str
    bytes: int
    footer: int
    seal: str


# --- writing --------------------------------------------------------------------------------------


def write_sections(
    path: Path, sections: Mapping[str, np.ndarray], about: Mapping[str, Any]
) -> Written:
    """Writes and syncs one file of arrays with one dimension, of numbers or truth values;
    ``about`` is what JSON can hold. The disk's errors are StoreErrors; on any error the caller
    removes ``path``."""
    with guarded(path), HashedFile(path) as sink:
        written = _stream(sink, sections, about)
        sink.sync()
    return written


def foreseen(sections: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Written:
    """What ``write_sections`` would say that it wrote, without a file."""
    with HashedFile(Path(os.devnull)) as sink:
        return _stream(sink, sections, about)


def _stream(
    sink: HashedFile, sections: Mapping[str, np.ndarray], about: Mapping[str, Any]
) -> Written:
    listed = [_section(sink, name, array) for name, array in sections.items()]
    told = {"sections": listed, "about": dict(about)}
    footer = json.dumps(told, sort_keys=True, separators=(",", ":")).encode("ascii")
    sink.write(footer)
    seal = hashlib.sha256(footer).hexdigest()
    return Written(sink.digest.hexdigest(), sink.size, len(footer), seal)


def _section(sink: HashedFile, name: str, array: np.ndarray) -> dict[str, Any]:
    """Writes one; its entry in the footer."""
    kind = array.dtype
    if array.ndim != 1 or kind.kind not in _NUMBERS or kind.itemsize > _WIDEST:
        raise TypeError(f"section {name} is of {kind} in {array.ndim} dimensions")
    plain = np.ascontiguousarray(array, kind.newbyteorder("<"))
    content, zeros = plain.view(np.uint8).data, bytes(_span(plain.nbytes) - plain.nbytes)
    entry = {
        "name": name,
        "dtype": plain.dtype.str,
        "offset": sink.size,
        "length": len(plain),
        "crc": zlib.crc32(zeros, zlib.crc32(content)),
    }
    sink.write(content)
    sink.write(zeros)
    return entry


def _span(size: int) -> int:
    """How many bytes a section takes with the zeros behind it."""
    return -(-size // ALIGNED) * ALIGNED + GUARD


# --- reading --------------------------------------------------------------------------------------


class Sections(Mapping[str, np.ndarray]):
    """The arrays of one file, by name, read-only. Getting one raises DamagedError where it is not
    what was written; the names are known without touching any. Safe to share between threads."""

    def __init__(self, path: Path, ref: ColumnRef) -> None:
        """Reads and checks the footer only."""
        self._path = path
        self._ref = ref
        check_size(path, ref)
        with guarded(path), path.open("rb") as file:
            file.seek(ref.bytes - ref.footer)
            footer = file.read(ref.footer)
        if hashlib.sha256(footer).hexdigest() != ref.seal:
            raise damaged(path, "its end is not what was written")
        told = json.loads(footer)
        self.about: Mapping[str, Any] = told["about"]
        """What the writer told."""
        self._entries = {entry["name"]: entry for entry in told["sections"]}
        self._touched: dict[str, np.ndarray] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._touched:
            entry = self._entries[name]
            with self._lock:
                if name not in self._touched:  # by another thread, meanwhile
                    self._touched[name] = self._mapped(entry)
        return self._touched[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def _mapped(self, entry: Mapping[str, Any]) -> np.ndarray:
        kind, length = np.dtype(entry["dtype"]), entry["length"]
        check_size(self._path, self._ref)  # beyond the end of a cut file no page can be read
        # Arrow keeps the mapping for as long as an array needs it, but no file open.
        with guarded(self._path), pa.memory_map(str(self._path)) as file:
            file.seek(entry["offset"])
            content = file.read_buffer(_span(kind.itemsize * length))
        if zlib.crc32(content) != entry["crc"]:
            raise damaged(self._path, f"its section {entry['name']} is not what was written")
        return np.frombuffer(content, kind, length)


_opened: weakref.WeakValueDictionary[tuple[Path, str], Sections] = weakref.WeakValueDictionary()
"""What this process has open, for as long as anyone uses it: a mapped file keeps its place on the
disk when it is deleted."""
_opening = threading.Lock()


def open_sections(path: Path, ref: ColumnRef) -> Sections:
    """The sections of a file: those that are open in this process, if any. Raises DamagedError
    where the footer is not what was written."""
    with _opening:
        found = _opened.get((path, ref.sha256))
        if found is None:
            found = _opened[path, ref.sha256] = Sections(path, ref)
    return found
