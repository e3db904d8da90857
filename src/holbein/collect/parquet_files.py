"""Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from holbein.collect.raw import Looked, Raw, Stored, distinct, numbered
from holbein.collect.sqlite_files import missing_file
from holbein.errors import SourceError
from holbein.progress import Progress, quiet


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
            if not (pa.types.is_struct(one.type) or pa.types.is_map(one.type))
            and len(self.schema.get_all_field_indices(one.name)) == 1
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
        schema = pa.schema([self.schema.field(name) for name in names])
        if not batches:
            return Raw(schema.remove_metadata().empty_table(), numbered(self.label))
        table = pa.Table.from_batches(batches).select(list(names))
        return Raw(_plain(table), numbered(self.label))


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, extensions and the wide forms of text, which nothing else need know."""
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if isinstance(kind, pa.BaseExtensionType):
            column = pa.chunked_array([one.storage for one in column.chunks], kind.storage_type)
            kind = kind.storage_type
        if pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
            kind = kind.value_type
        if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            column = column.cast(pa.string())
        columns[name] = column
    return pa.table(columns)
