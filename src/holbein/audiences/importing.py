"""A file that comes in: read, its keys found, and told row by row what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from holbein.audiences.keys import Mask, Way, ways
from holbein.audiences.matching import Choice, Matched, choose, match, named_column
from holbein.audiences.reading import Sheet, read
from holbein.audiences.report import Example, ImportReport, rejected
from holbein.audiences.writer import check, write
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.errors import HolbeinError
from holbein.progress import Progress, quiet
from holbein.store.ids import parse_id

if TYPE_CHECKING:
    from holbein.query import Query

EXAMPLES = 20
"""How many of the rows of each sort a report names."""

_LONGEST = 100
"""Letters of a key that a report names."""


@dataclass(frozen=True)
class Incoming:
    """A file and whom its rows mean."""

    path: Path
    kind: SubjectKind
    sheet: Sheet
    choice: Choice
    matched: Matched

    @property
    def column(self) -> str:
        """What the column with the keys is called."""
        return self.sheet.title(self.choice.column)

    @property
    def file(self) -> str:
        """The file's name, as text."""
        return self.path.name.encode("utf-8", "backslashreplace").decode()

    def report(
        self, name: str, differing: Mask | None = None, unreadable: Mask | None = None
    ) -> ImportReport:
        """What became of the rows; ``differing`` of the doubled ones say something else than the
        row that was taken, ``unreadable`` ones were not taken for what they say."""
        found = self.matched
        nothing = np.zeros(len(found.ids), bool)
        bad = nothing if unreadable is None else unreadable
        return ImportReport(
            name,
            self.kind,
            self.column,
            self.choice.way.name,
            len(found.ids),
            int((found.taken & ~bad).sum()),
            int((found.doubled & ~bad).sum()),
            int(found.unknown.sum()),
            int(found.ambiguous.sum()),
            int(found.empty.sum()),
            int((bad & (found.taken | found.doubled)).sum()),
            int(found.mended.sum()),
            0 if differing is None else int((differing & ~bad).sum()),
            {
                what: self._examples(mask)
                for what, mask in (
                    ("doubled", found.doubled),
                    ("unknown", found.unknown),
                    ("ambiguous", found.ambiguous),
                    ("unreadable", bad),
                    ("mended", found.mended),
                )
            },
        )

    def _examples(self, mask: Mask) -> tuple[Example, ...]:
        rows = np.flatnonzero(mask)[:EXAMPLES]
        keys = self.sheet.columns[self.choice.column].take(pa.array(rows)).to_pylist()
        return tuple(
            Example(int(row) + self.sheet.first_row, key[:_LONGEST])
            for row, key in zip(rows, keys, strict=True)
        )

    def write_rejects(self, out: Path, language: Language, unreadable: Mask | None = None) -> int:
        """The rows that were not taken, as they came, each with its number and the reason."""
        table = rejected(self.sheet, self.matched, language, unreadable)
        write(table, out)
        return int(table.num_rows)


def incoming(
    query: Query,
    path: Path,
    kind: SubjectKind,
    key: str | None = None,
    rejects: Path | None = None,
    progress: Progress = quiet,
) -> Incoming:
    """The rows of a CSV, Excel or Parquet file, and whom they mean.

    ``key`` is the column with the keys; without it, the one of which the most rows match.
    ``rejects`` is where the rows that do not match will go: refused early if it cannot be written.
    Raises HolbeinError for a file that cannot be read, or of which nothing matches.
    """
    if rejects is not None:
        check(rejects)
    sheet = read(path, progress)
    progress("match the keys", 0, None)
    known = list(ways(query, kind))
    titles = pa.chunked_array([list(sheet.names)], pa.string())
    if key is None and sheet.first_row > 1 and (known[0].exact(titles) >= 0).any():
        sheet = _without_titles(sheet)
    column = None if key is None else named_column(sheet, key, str(path))
    choice = choose(sheet, known, column)
    found = None if choice is None else match(sheet.columns[choice.column], choice.way)
    if choice is None or found is None or not found.taken.any():
        raise HolbeinError(
            f"no row names {_a(kind)} of this workspace",
            place=str(path),
            hint=_hint(sheet, known, kind, column),
        )
    return Incoming(path, kind, sheet, choice, found)


def _without_titles(sheet: Sheet) -> Sheet:
    """A file without a title row: the row that was taken for one is a row like the others."""
    columns = tuple(
        pa.chunked_array([pa.array([first], pa.string()), *rest.chunks])
        for first, rest in zip(sheet.names, sheet.columns, strict=True)
    )
    return Sheet(tuple("" for _ in sheet.names), columns, sheet.first_row - 1)


def _hint(sheet: Sheet, known: list[Way], kind: SubjectKind, column: int | None) -> str:
    if not sheet.rows:
        return "the file has no rows below its titles"
    tried = sheet.columns if column is None else (sheet.columns[column],)
    if any(match(one, way).ambiguous.any() for one in tried for way in known):
        return "its keys are those of several subjects: write them as source:key"
    for one in tried:
        first = next((text for text in one.slice(0, 100).to_pylist() if text), "")
        parsed = parse_id(first)
        if parsed is not None and parsed[0] != kind and parsed[0] in SUBJECT_KINDS:
            return f"{first} is the id of {_a(parsed[0])}: --on {parsed[0]}"
    if column is not None:
        return f"is {sheet.title(column)[:80]!r} the column with the keys?"
    return "one column must hold Holbein ids such as E17, source:key, or a source's keys"


def _a(kind: SubjectKind) -> str:
    return f"an {kind}" if kind == "enterprise" else f"a {kind}"
