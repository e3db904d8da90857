"""A file that comes in: read, its keys found, and told row by row what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.audiences.keys import Mask, Way, mask_of, ways
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

_SHORTENED = r"^\d(\.\d+)?[eE]\+?\d+$"
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

    def reading(self, unreadable: Mask) -> Incoming:
        """The same, of which some rows have values that cannot be read."""
        return replace(self, matched=self.matched.without(unreadable))

    def differing(self, column: int) -> Mask:
        """Doubled rows that say something else in a column than the row that was taken."""
        again = self.matched.doubled
        cells = self.sheet.columns[column].combine_chunks().dictionary_encode().indices.to_numpy()
        other: Mask = again & (cells != cells[np.where(again, self.matched.first, 0)])
        return other

    def report(self, name: str, column: int | None = None) -> ImportReport:
        """What became of the rows; ``column`` holds what they say of their subjects."""
        found = self.matched
        shown = ("doubled", "unknown", "ambiguous", "unreadable", "mended")
        known = found.taken | found.doubled
        return ImportReport(
            name=name,
            kind=self.kind,
            column=self.column,
            by=self.choice.way.name,
            rows=len(found.ids),
            matched=int(found.taken.sum()),
            doubled=int(found.doubled.sum()),
            unknown=int(found.unknown.sum()),
            ambiguous=int(found.ambiguous.sum()),
            empty=int(found.empty.sum()),
            unreadable=int(found.unreadable.sum()),
            mended=int((found.mended & known).sum()),
            shortened=self._shortened(),
            part=self.sheet.part,
            differing=0 if column is None else int(self.differing(column).sum()),
            examples={sort: self._examples(getattr(found, sort)) for sort in shown},
        )

    def _shortened(self) -> int:
        keys = self.sheet.columns[self.choice.column]
        short = mask_of(pc.match_substring_regex(keys, _SHORTENED))
        return int((short & self.matched.unknown).sum())

    def _examples(self, mask: Mask) -> tuple[Example, ...]:
        rows = np.flatnonzero(mask)[:EXAMPLES]
        keys = self.sheet.columns[self.choice.column].take(pa.array(rows)).to_pylist()
        return tuple(
            Example(int(row) + self.sheet.first_row, key[:_LONGEST])
            for row, key in zip(rows, keys, strict=True)
        )

    def write_rejects(self, out: Path, language: Language) -> None:
        """The rows that were not taken, as they came, each with its number and the reason."""
        write(rejected(self.sheet, self.matched, language), out)


def incoming(
    query: Query,
    path: Path,
    kind: SubjectKind,
    key: str | None = None,
    rejects: Path | None = None,
    progress: Progress = quiet,
    part: str | int | None = None,
) -> Incoming:
    """The rows of a CSV, Excel, Parquet or JSON file, and whom they mean.

    ``key`` is the column with the keys; without it, the one of which the most rows match.
    ``rejects`` is where the rows that do not match will go: refused early if it cannot be written.
    ``part`` is the sheet of an Excel file, by name or number, else the first.
    Raises HolbeinError for a file that cannot be read, or of which nothing matches.
    """
    if rejects is not None:
        check(rejects)
        if rejects.exists() and path.exists() and rejects.samefile(path):
            raise HolbeinError(
                "the rows that do not match would replace the file that comes in",
                place=str(rejects),
                hint="name another file",
            )
    sheet = read(path, progress, part)
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
    blank = tuple("" for _ in sheet.names)
    return replace(sheet, names=blank, columns=columns, first_row=sheet.first_row - 1)


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
