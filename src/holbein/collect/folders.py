"""A folder of files that are one table, such as a file for each day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import pyarrow as pa

from holbein.collect.raw import Looked, Origin, Raw, Stored, as_text, chunked, distinct
from holbein.errors import SourceError, near
from holbein.progress import Progress, quiet
from holbein.records import Rows


class Folder:
    """The files of a folder, read one after another as one table."""

    def __init__(self, label: str, files: Sequence[Origin]) -> None:
        """``files``: one at least."""
        self.label = label
        self.files = files

    def columns(self) -> tuple[Stored, ...]:
        """Those of the first file."""
        return self.files[0].columns()

    def look(self, names: Sequence[str]) -> Looked:
        """All rows."""
        table = self.read(names).table
        return Looked(self.columns(), table, True, lambda name: distinct(table.column(name)))

    def read(self, names: Sequence[str], progress: Progress = quiet) -> Raw:
        """All rows, the files in their order."""
        raws = []
        for one in self.files:
            check_all(one.label, [column.name for column in one.columns()], names)
            raws.append(one.read(names, progress))
        ends = list(accumulate(one.table.num_rows for one in raws))

        def place_of(rows: Rows) -> list[str]:
            found = []
            for row in rows:
                file = bisect_right(ends, int(row))
                found += raws[file].place_of([int(row) - (ends[file - 1] if file else 0)])
            return found

        unread = tuple(line for one in raws for line in one.unread)
        return Raw(stacked([one.table for one in raws]), place_of, unread)


def check_all(label: str, known: Sequence[str], names: Sequence[str]) -> None:
    """Raises SourceError where the file ``label`` lacks a column that the table needs."""
    for name in names:
        if name not in known:
            raise SourceError(
                f"{label} has no column {name!r}, which the table needs",
                hint=near(name, known) or "every file of a folder must have the same columns",
            )


def stacked(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of the same columns as one; columns of several types become text."""
    if all(one.schema.equals(tables[0].schema) for one in tables):
        return pa.concat_tables(tables)
    columns = {}
    for name in tables[0].column_names:
        several = [one.column(name) for one in tables]
        if any(one.type != several[0].type for one in several):
            several = [chunked(as_text(one).cast(pa.string())) for one in several]
        columns[name] = pa.chunked_array(
            [chunk for one in several for chunk in one.chunks], several[0].type
        )
    return pa.table(columns)
