"""Lookups: a second copy of a table's rows, in which those of one subject are found at once.

The tables of a version are written for scans: one subject's facts lie scattered over all of a
stream, and an engine that asks for them opens, checks and reads whole files. A lookup holds the
same rows sorted by subject, in *blocks* of a few thousand that are compressed and checked each on
its own, and for each key by which rows are asked for an index: which key stands in which blocks.
The index is cut into blocks as well, so that an answer reads kilobytes, whatever the table's size.

    blocks of rows | blocks of each index | footer

The *footer* says of each of these *sections* where its blocks lie and their CRC-32, and of an index
the first key of each block; the manifest has the footer's length and SHA-256. So every byte that an
answer rests on is checked, and no other is read. Blocks and footer are Arrow streams. A lookup is
never the only copy of anything.
"""

from __future__ import annotations

import functools
import hashlib
import os
import zlib
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.store.files import HashedFile, guarded, storage_error
from holbein.store.manifest import LookupRef, damaged

PEERS: Final = "peer.key"
"""A column that only the lookups of tags have: subjects with the same stand together. No tag can
have this name."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "enterprise": ("id",),
    "person": ("id",),
    "role": ("id", "enterprise", "person"),
    "ancestor": ("enterprise", "ancestor"),
    "alias": ("id", "key"),
    "changes": ("id",),
    "tags": (PEERS, "id"),
    "stream": ("enterprise", "person", "role"),
}
"""By what the rows of a table, or of a family of tables, are looked up; sorted by the first two."""

ROWS: Final = 1_024
"""Rows of a block: a few subjects with all their facts."""
ENTRIES: Final = 1_024
"""Entries of an index in a block."""
_ENTRY = ["key", "block"]
"""The columns of an index."""
_STEP = 32 * ROWS
"""Rows that are put in order at a time."""
_LARGE = 1 << 31
"""So many bytes of text do not go into one array of Arrow's usual type."""
_AHEAD = 4
"""So many steps are waiting at most for those before them to be written."""
_LAST = np.iinfo(np.int64).max
"""Where rows without a key stand."""
_OPEN = 4_096
_HELD = 128
"""How many lookups a process keeps open, and blocks decoded: of some hundred kilobytes each."""
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")  # unpacked seven times as fast as zstd
_UNPACKED = pa.ipc.IpcReadOptions(use_threads=False)
"""Blocks are too small to be worth the threads."""


def lookup_keys(table: str, schema: pa.Schema) -> tuple[str, ...]:
    """By which of its columns the rows of a table are looked up; empty where by none."""
    known = KEYS.get(table.partition(".")[0], ())
    return tuple(one for one in known if one in schema.names and _is_key(schema.field(one).type))


def _is_key(kind: pa.DataType) -> bool:
    return bool(pa.types.is_int64(kind) or pa.types.is_string(kind))


# --- writing --------------------------------------------------------------------------------------


def write_lookup(path: Path, table: pa.Table, keys: Sequence[str]) -> Written:
    """Writes and syncs the lookup of a table by some of its columns (int64 or text). The disk's
    errors are StoreErrors; on any error the caller removes ``path``."""
    with guarded(path):
        sink = HashedFile(path)
        try:
            order = _order(table, keys)
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                sections = [_section(sink, "", _packed_rows(pool, table, order))]
                for key in keys:
                    entries = _blocks(_entries(table[key], order), ENTRIES)
                    sections.append(_section(sink, key, entries))
            told = pa.Table.from_pylist(sections, schema=_FOOTER)
            footer = _packed(
                told.replace_schema_metadata({_SCHEMA: table.schema.serialize().to_pybytes()})
            )
            sink.write(footer)
            sink.sync()
        finally:
            sink.close()
    seal = hashlib.sha256(footer).hexdigest()
    return Written(sink.digest.hexdigest(), sink.size, len(footer), seal, tuple(keys))


_SCHEMA = b"holbein.rows"
"""Under which name the footer's metadata has the columns of the rows."""
_FOOTER = pa.schema(
    [
        ("name", pa.string()),
        ("start", pa.int64()),
        ("length", pa.list_(pa.int64())),
        ("crc", pa.list_(pa.int64())),
        ("id", pa.list_(pa.int64())),
        ("text", pa.list_(pa.string())),
    ]
)
"""A row for each section; the rows' own is without name. A block has its first key in ``id`` or
``text``."""


@dataclass(frozen=True)
class Written:
    """What was written: checksum of the whole file, bytes; length and checksum of its footer; by
    what its rows are found."""

    sha256: str
    bytes: int
    footer: int
    seal: str
    keys: tuple[str, ...]


def _order(table: pa.Table, keys: Sequence[str]) -> pa.Array:
    """The places of the rows by the first two keys."""
    return pa.array(np.lexsort([_sortable(table[one]) for one in keys[1::-1]]))


def _sortable(key: pa.ChunkedArray) -> np.ndarray:
    """Whole numbers that are the same where keys are; the last for rows without one."""
    if pa.types.is_string(key.type):  # it is enough that equal texts come to stand together
        key = key.combine_chunks().dictionary_encode().indices.cast(pa.int64())
    return np.asarray(pc.fill_null(key, _LAST).to_numpy(zero_copy_only=False))


@dataclass(frozen=True)
class _Block:
    """What is written of a block, and the first key of one of an index."""

    content: pa.Buffer
    crc: int
    first: Any = None


def _packed_rows(pool: Executor, table: pa.Table, order: pa.Array) -> Iterator[_Block]:
    """The blocks of the rows, some of them put in order ahead of those that are written.

    Rows are taken also where they stand in order: what memory holds below missing values, such as
    those that were masked, is then left behind and does not reach the disk.
    """
    whole = pa.table([_whole(one) for one in table.columns], table.column_names)
    rows = _STEP if whole.schema.equals(table.schema) else ROWS  # of long texts a few at a time

    def step(start: int) -> list[_Block]:
        part = whole.take(order.slice(start, rows)).cast(table.schema)
        return [*_blocks(part, ROWS)]

    ahead: deque[Future[list[_Block]]] = deque()
    for start in range(0, table.num_rows, rows):
        ahead.append(pool.submit(step, start))
        if len(ahead) > _AHEAD:
            yield from ahead.popleft().result()
    for one in ahead:
        yield from one.result()


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, from which rows are taken fast; with more than 2 GB of text, in the
    type that can hold it."""
    if column.num_chunks == 1:
        return column.chunk(0)
    if column.nbytes >= _LARGE:
        if pa.types.is_string(column.type):
            column = column.cast(pa.large_string())
        elif pa.types.is_list(column.type):
            column = column.cast(pa.large_list(pa.large_string()))
    return column.combine_chunks()


def _blocks(table: pa.Table, rows: int) -> Iterator[_Block]:
    whole = table.combine_chunks()
    for start in range(0, whole.num_rows, rows):
        block = whole.slice(start, rows)
        content = _packed(block)
        first = block["key"][0].as_py() if block.column_names == _ENTRY else None
        yield _Block(content, zlib.crc32(content), first)


def _entries(key: pa.ChunkedArray, order: pa.Array) -> pa.Table:
    """Each key once for every block in which it stands: key and block, ascending."""
    block = pa.array(np.arange(len(key), dtype=np.int32) // ROWS)
    each = pa.table([key.take(order), block], _ENTRY)
    known = each.filter(pc.is_valid(each["key"]))
    if not known.num_rows:
        return known
    known = known.sort_by([("key", "ascending"), ("block", "ascending")])
    before, after = known.slice(0, known.num_rows - 1), known.slice(1)
    other = [pc.not_equal(before[name], after[name]) for name in _ENTRY]
    fresh = pc.or_(*other).combine_chunks()
    return known.filter(pa.concat_arrays([pa.array([True]), fresh]))


def _section(sink: HashedFile, name: str, blocks: Iterable[_Block]) -> dict[str, Any]:
    """Writes blocks one behind the other; a row of the footer."""
    start = sink.size
    written = []
    for block in blocks:
        sink.write(block.content)
        written.append((block.content.size, block.crc, block.first))
    firsts = [first for _, _, first in written if first is not None]
    return {
        "name": name,
        "start": start,
        "length": [size for size, _, _ in written],
        "crc": [crc for _, crc, _ in written],
        "id": [one for one in firsts if not isinstance(one, str)],
        "text": [one for one in firsts if isinstance(one, str)],
    }


def _packed(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_PACKED) as stream:
        stream.write_table(table)
    return sink.getvalue()


# --- reading --------------------------------------------------------------------------------------


def found(path: Path, ref: LookupRef, key: str, values: Collection[object]) -> pa.Table:
    """The rows of a lookup whose ``key`` is one of some values, in no order. Raises DamagedError
    where what the answer rests on is not what was written."""
    return _opened(path, ref.bytes, ref.footer, ref.seal).rows(key, values)


class _Section:
    """Where blocks lie, and of an index the first key of each."""

    def __init__(self, told: Mapping[str, pa.Scalar]) -> None:
        self._lengths, self._crcs, ids = (
            told[name].values.to_numpy() for name in ("length", "crc", "id")
        )
        ends = np.cumsum(self._lengths)
        self._offsets = told["start"].as_py() + ends - self._lengths
        self._firsts = ids if len(ids) else told["text"].as_py()

    def place(self, number: int) -> tuple[int, int, int]:
        """Where a block begins, its length and its CRC-32."""
        return int(self._offsets[number]), int(self._lengths[number]), int(self._crcs[number])

    def near(self, values: Iterable[Any]) -> list[int]:
        """The blocks of an index in which entries of the values may stand."""
        found: set[int] = set()
        for one in values:  # a key that stands in many blocks may go on from one block to the next
            first, after = bisect_left(self._firsts, one), bisect_right(self._firsts, one)
            found.update(range(first - 1, after))
        return sorted(found - {-1})


class _Lookup:
    """One file, of which the footer has been read. Nothing is kept open. Safe to share between
    threads."""

    def __init__(self, path: Path, size: int, footer: int, seal: str) -> None:
        self._path = path
        content = _read(path, size - footer, footer)
        if hashlib.sha256(content).hexdigest() != seal:
            raise damaged(path, "its end is not what was written")
        told = _unpacked(content)
        self._schema = pa.ipc.read_schema(pa.py_buffer(told.schema.metadata[_SCHEMA]))
        rows = ({name: told[name][row] for name in _FOOTER.names} for row in range(told.num_rows))
        self._sections = {one["name"].as_py(): _Section(one) for one in rows}

    def rows(self, key: str, values: Collection[object]) -> pa.Table:
        wanted = pa.array(values, self._schema.field(key).type)
        index = self._sections[key]
        blocks: set[int] = set()
        for number in index.near(wanted.to_pylist()):
            entries = self._block(index, number)
            mine = pc.is_in(entries["key"], value_set=wanted)
            blocks.update(entries["block"].filter(mine).to_pylist())
        parts = [self._schema.empty_table()]
        for number in sorted(blocks):
            block = self._block(self._sections[""], number)
            parts.append(block.filter(pc.is_in(block[key], value_set=wanted)))
        return pa.concat_tables(parts)

    def _block(self, section: _Section, number: int) -> pa.Table:
        return _decoded(self._path, *section.place(number))


@functools.lru_cache(_OPEN)
def _opened(path: Path, size: int, footer: int, seal: str) -> _Lookup:
    return _Lookup(path, size, footer, seal)


@functools.lru_cache(_HELD)
def _decoded(path: Path, offset: int, length: int, crc: int) -> pa.Table:
    content = _read(path, offset, length)
    if zlib.crc32(content) != crc:
        raise damaged(path, f"{length} bytes from {offset} on are not what was written")
    return _unpacked(content)


def _unpacked(content: bytes) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(content), options=_UNPACKED) as stream:
        return stream.read_all()


def _read(path: Path, offset: int, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            content = file.read(length)
    except FileNotFoundError:
        raise damaged(path, "it is missing") from None
    except OSError as error:
        raise storage_error(error, path) from error
    if len(content) != length:
        raise damaged(path, "it is cut")
    return content
