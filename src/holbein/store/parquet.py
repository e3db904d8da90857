"""Tables in Parquet: the same rows give the same bytes, and damage is found, not read over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from holbein.errors import StoreError, near
from holbein.store.files import HashedFile, guarded, sha256_of, storage_error
from holbein.store.manifest import Stored, damaged
from holbein.store.numbers import Decimals

ROW_GROUP = 131_072
"""Rows in a row group: small enough to skip by their statistics, large enough to scan fast."""


@dataclass(frozen=True)
class Written:
    """What was written: checksum of the whole file, rows, bytes."""

    sha256: str
    rows: int
    bytes: int


def write_parquet(path: Path, table: pa.Table, *, decimals: bool = False) -> Written:
    """Writes and syncs one file; ``decimals``: it tells how many its doubles have. The disk's
    errors are StoreErrors. On any error the caller removes ``path``."""
    counted = Decimals(table.schema) if decimals else None
    with guarded(path):
        sink = HashedFile(path)
        try:
            writer = pq.ParquetWriter(
                sink,
                table.schema,
                compression="zstd",
                write_page_checksum=True,
                write_page_index=True,
            )
            try:
                for start in range(0, table.num_rows, ROW_GROUP):
                    group = table.slice(start, ROW_GROUP).combine_chunks()
                    writer.write_table(group, row_group_size=ROW_GROUP)
                    if counted is not None:
                        counted.see(group)
                if counted is not None:
                    writer.add_key_value_metadata(counted.told())
            except BaseException:
                _abandon(writer)
                raise
            writer.close()
            sink.sync()
        finally:
            sink.close()
    return Written(sink.digest.hexdigest(), table.num_rows, sink.size)


def _abandon(writer: pq.ParquetWriter) -> None:
    try:
        writer.close()
    except Exception:  # the error that brought us here is the one to tell
        return


def check_size(path: Path, ref: Stored) -> None:
    """Finds a missing or cut file without reading it."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise damaged(path, "it is missing") from None
    except OSError as error:
        raise storage_error(error, path) from error
    if size != ref.bytes:
        raise damaged(path, f"{size} bytes where {ref.bytes} were written")


def check_content(path: Path, ref: Stored) -> None:
    """Finds any changed byte, by reading the whole file."""
    check_size(path, ref)
    with guarded(path):
        if sha256_of(path) != ref.sha256:
            raise damaged(path, "its checksum differs from the manifest's")


_SOUND: set[tuple[str, str, int]] = set()
"""Files that this process has read through: path, checksum, time of the last change."""


def check_once(path: Path, ref: Stored) -> None:
    """As ``check_content``, but only the first time in this process. Engines do not verify what
    they read, so that a flipped bit would go into the answers unseen.
    """
    check_size(path, ref)
    with guarded(path):
        seen = str(path), ref.sha256, path.stat().st_mtime_ns
    if seen not in _SOUND:
        check_content(path, ref)
        _SOUND.add(seen)


def read_parquet(paths: Sequence[Path], columns: Sequence[str] | None = None) -> pa.Table:
    """The files' rows, one after another; damaged pages are found by their checksums."""
    tables: list[pa.Table] = []
    for path in paths:
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                names = file.schema_arrow.names
                for name in columns or ():
                    if name not in names:
                        raise StoreError(
                            f"no column {name}", place=str(path), hint=near(name, names)
                        )
                table = file.read(None if columns is None else list(columns))
        except pa.ArrowException as error:
            raise damaged(path, "it cannot be read") from error
        except OSError as error:
            # Arrow reports broken content as OSError without a number, the system with one.
            if error.errno:
                raise storage_error(error, path) from error
            raise damaged(path, "it cannot be read") from error
        tables.append(table if columns is None else table.select(list(columns)))
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="default")
