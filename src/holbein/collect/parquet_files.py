"""Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from holbein.collect.raw import Looked, Raw, Stored, as_text, chunked, distinct, numbered
from holbein.collect.sqlite_files import missing_file
from holbein.errors import SourceError
from holbein.progress import Progress, quiet

_TEXTS: Final = pa.list_(pa.string())


class ParquetFile:
    """One Parquet file."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise missing_file(path)
        self.path = path
        self.label = path.name
        try:
            with pq.ParquetFile(path) as file:
                self.schema: pa.Schema = file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            raise self._damaged() from error

    def _damaged(self) -> SourceError:
        return SourceError(
            f"{self.path.name} can't be read as a Parquet file: it is cut off or damaged",
            hint="copy or export it anew",
        )

    def columns(self) -> tuple[Stored, ...]:
        """The columns, those that hold structures left out."""
        return tuple(
            Stored(one.name)
            for one in self.schema
            if _is_plain(one.type) and len(self.schema.get_all_field_indices(one.name)) == 1
        )

    def look(self, names: Sequence[str]) -> Looked:
        """All rows of the columns that hold text; of the others the stored type says enough."""
        table = self.read(names).table
        return Looked(self.columns(), table, True, lambda name: distinct(table.column(name)))

    def read(self, names: Sequence[str], progress: Progress = quiet) -> Raw:
        """All rows."""
        batches: list[pa.RecordBatch] = []
        count = 0
        try:
            with pq.ParquetFile(self.path) as file:
                total = file.metadata.num_rows
                for batch in file.iter_batches(columns=list(dict.fromkeys(names))):
                    batches.append(batch)
                    count += batch.num_rows
                    progress(f"read {self.label}", count, total)
        except (pa.ArrowException, OSError) as error:
            raise self._damaged() from error
        if batches:
            table = pa.Table.from_batches(batches).select(list(names))
        else:
            table = pa.schema([self.schema.field(name) for name in names]).empty_table()
        return Raw(_plain(table), numbered(self.label))


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return not pa.types.is_nested(kind.value_type)
    return not pa.types.is_nested(kind)


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, extensions and the wide forms of text, which nothing else need know."""
    columns = {
        name: _plain_column(column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(columns)


def _plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if isinstance(kind, pa.UuidType):
        texts = [None if one is None else str(one) for one in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    if isinstance(kind, pa.BaseExtensionType):
        chunks = [one.storage for one in column.chunks]
        return _plain_column(pa.chunked_array(chunks, kind.storage_type))
    if pa.types.is_nested(kind):
        return pa.chunked_array([_plain_list(one) for one in column.chunks], _TEXTS)
    if pa.types.is_dictionary(kind):
        return _plain_column(column.cast(kind.value_type))
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.string())
    return column if _is_sound(column) else _mended(column)


def _plain_list(lists: pa.Array) -> pa.Array:
    """Lists of text, whatever was in them: they can only become labels."""
    values = as_text(_plain_column(chunked(lists.values))).combine_chunks()
    offsets = pa.array(lists.offsets.to_numpy().astype(np.int32))
    return pa.ListArray.from_arrays(offsets, values, mask=lists.is_null())


def _is_sound(column: pa.ChunkedArray) -> bool:
    """Whether what is called text is UTF-8, as other writers than Arrow's do not check."""
    if not pa.types.is_string(column.type):
        return True
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _mended(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return as_text(pa.chunked_array([one.view(pa.binary()) for one in column.chunks]))
