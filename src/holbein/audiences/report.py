"""What became of an imported file: in words, as JSON, and the rows that were not taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from holbein.audiences.excel_rows import Part
from holbein.audiences.matching import Matched
from holbein.audiences.reading import Sheet
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.language import translator

_TOLD = 5
"""Examples of each sort in the printed report."""


@dataclass(frozen=True)
class Example:
    """A row of the file and the key in it."""

    row: int
    key: str


@dataclass(frozen=True)
class Guessed:
    """The type that the values of an imported tag were taken for, and why."""

    type: str
    note: str


@dataclass(frozen=True)
class ImportReport:
    """What became of an imported file: ``rows`` are matched + doubled + unknown + ambiguous +
    empty + unreadable. Examples name rows by the file's own numbers, the title row being 1.

    ``by`` is the attribute whose values the keys are; None for ids and keys of the sources.
    """

    name: str
    kind: SubjectKind
    column: str
    by: str | None
    rows: int
    matched: int
    doubled: int
    """Rows that name a subject which a row before them named; that row was taken."""
    unknown: int
    ambiguous: int
    """Rows whose key is that of several subjects."""
    empty: int
    unreadable: int = 0
    """Rows whose value is none of the tag's type."""
    mended: int = 0
    """Of those taken, rows whose key was found in another spelling."""
    differing: int = 0
    """Of those doubled, rows that say something else than the row that was taken."""
    shortened: int = 0
    """Of those unknown, keys of which a spreadsheet left but the first digits: 9.131E+17."""
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    part: Part | None = None
    """Of an Excel file with several sheets: which was read."""
    guessed: Guessed | None = None
    place: str | None = None
    """Of an imported tag: where its definition stands."""

    @property
    def left_out(self) -> int:
        """Rows that were not taken."""
        return self.rows - self.matched

    def lines(self, language: Language = "en") -> list[str]:
        """The report as people read it, one thing a line."""
        translate = translator(language, "audiences")
        _, many = translate.gettext, translate.ngettext
        by = self.column if self.by in (None, self.column) else f"{self.column} ({self.by})"
        out = [
            _("{name}: {matched} of {rows} rows matched, by the column {column}").format(
                name=self.name, matched=f"{self.matched:,}", rows=f"{self.rows:,}", column=by
            )
        ]
        if self.part is not None:
            out.append(
                _("  of its {n} sheets, {sheet} was read: --sheet reads another").format(
                    n=f"{self.part.of:,}", sheet=repr(self.part.name)
                )
            )
        if self.guessed is not None:
            out.append(
                _("  the values are of type {type}: guessed, {note}").format(
                    type=self.guessed.type, note=self.guessed.note
                )
            )
        n = self.doubled
        told = many("{n} row named a subject again", "{n} rows named a subject again", n)
        if self.differing:
            told = _("{again}, and {m} with another value: the first was taken").format(
                again=told, m=f"{self.differing:,}"
            )
        self._tell(out, n, told, "doubled", _)
        n = self.unknown
        told = many("{n} row names nobody known here", "{n} rows name nobody known here", n)
        self._tell(out, n, told, "unknown", _)
        n = self.shortened
        told = many(
            "{n} of them was shortened by a spreadsheet: format the column as text there",
            "{n} of them were shortened by a spreadsheet: format the column as text there",
            n,
        )
        self._tell(out, n, told, "", _)
        n = self.ambiguous
        told = many(
            "{n} row means several subjects: write source:key",
            "{n} rows mean several subjects: write source:key",
            n,
        )
        self._tell(out, n, told, "ambiguous", _)
        n = self.unreadable
        told = many(
            "{n} row has a value that cannot be read",
            "{n} rows have values that cannot be read",
            n,
        )
        self._tell(out, n, told, "unreadable", _)
        n = self.empty
        self._tell(out, n, many("{n} row without a key", "{n} rows without a key", n), "", _)
        n = self.mended
        told = many(
            "{n} key was found in another spelling",
            "{n} keys were found in another spelling",
            n,
        )
        self._tell(out, n, told, "mended", _)
        if self.place is not None:
            out.append(
                _("  defined at {place}; `holbein run` computes it").format(place=self.place)
            )
        return out

    def _tell(self, out: list[str], count: int, said: str, what: str, _: Any) -> None:
        if not count:
            return
        examples = self.examples.get(what, ())[:_TOLD]
        line = "  " + said.format(n=f"{count:,}")
        if examples:
            shown = _(", ").join(
                _("row {row} {key}").format(row=one.row, key=repr(one.key)) for one in examples
            )
            more = " …" if count > len(examples) else ""
            line = _("{said}: {examples}").format(said=line, examples=shown + more)
        out.append(line)

    def rejects_line(self, rejects: Path | None, language: Language = "en") -> str:
        """Where the rows that were not taken are, or how to have them."""
        _ = translator(language, "audiences").gettext
        if rejects is None:
            return _("  --rejects FILE writes the rows that were left out into a file")
        return _("  the rows that were left out are in {file}").format(file=rejects)

    def as_json(self) -> dict[str, Any]:
        """Plain data for programs."""
        counts = (
            "rows", "matched", "doubled", "unknown", "ambiguous", "empty", "unreadable", "mended",
            "differing", "shortened",
        )  # fmt: skip
        out: dict[str, Any] = {
            "name": self.name,
            "on": self.kind,
            "column": self.column,
            "by": self.by,
            **{name: getattr(self, name) for name in counts},
            "examples": {
                what: [{"row": one.row, "key": one.key} for one in examples]
                for what, examples in self.examples.items()
                if examples
            },
        }
        if self.part is not None:
            out["sheet"] = {"name": self.part.name, "of": self.part.of}
        if self.guessed is not None:
            out["guessed"] = {"type": self.guessed.type, "note": self.guessed.note}
        if self.place is not None:
            out["place"] = self.place
        return out


def rejected(sheet: Sheet, matched: Matched, language: Language) -> pa.Table:
    """The rows that were not taken, as they came, and then ``row`` and ``reason``; rows in which
    nothing stands are left out."""
    _ = translator(language, "audiences").gettext
    blank = matched.empty.copy()
    for column in sheet.columns:
        blank &= np.asarray(column.to_numpy() == "")
    rows = np.flatnonzero(~matched.taken & ~blank)
    reasons = np.full(sheet.rows, "", object)
    reasons[matched.unknown] = _("nobody known here has this key")
    reasons[matched.ambiguous] = _("this key means several subjects")
    reasons[matched.empty] = _("there is no key")
    for row in np.flatnonzero(matched.doubled):
        first = int(matched.first[row]) + sheet.first_row
        reasons[row] = _("row {row} names the same subject, and was taken").format(row=first)
    reasons[matched.unreadable] = _("the value cannot be read")
    places = pa.array(rows)
    names: list[str] = []
    for column in range(len(sheet.columns)):
        names.append(_other(sheet.title(column), names))
    arrays = [column.take(places) for column in sheet.columns]
    arrays += [pa.array(rows + sheet.first_row), pa.array(reasons[rows], pa.string())]
    names += [_other("row", names), _other("reason", [*names, "row"])]
    return pa.table(arrays, names=names)


def _other(name: str, taken: list[str]) -> str:
    """``name``, or with a number behind it where there is such a column already."""
    number, out = 1, name
    while out in taken:
        number += 1
        out = f"{name} ({number})"
    return out
