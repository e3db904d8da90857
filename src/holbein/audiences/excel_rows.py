"""One sheet of an Excel file, as rows of what stands in its cells."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holbein.audiences import unfolding
from holbein.errors import HolbeinError, NotFoundError

_TOLD = 30
"""Sheets that a message names."""


@dataclass(frozen=True)
class Part:
    """The sheet that was read, of a file that has several."""

    name: str
    of: int


def open_sheet(
    path: Path, asked: str | int | None = None
) -> tuple[Part | None, Iterator[list[Any]]]:
    """The rows of the sheet ``asked`` for, by its name or its number from 1; else of the first that
    is not hidden. Sheets of charts do not count.

    Raises NotFoundError, with the sheets that there are, where it is none of them; HolbeinError for
    a file that is none of Excel's, is damaged, or would unfold to too much.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        unfolding.check_unfolded(path)
        book = CalamineWorkbook.from_path(str(path))
        tables = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        if not tables:
            raise HolbeinError("the file has no sheet", place=str(path))
        names = [one.name for one in tables]
        if asked is None:
            shown = (one.name for one in tables if one.visible == SheetVisibleEnum.Visible)
            name = next(shown, names[0])
        else:
            name = _asked(names, asked, path)
        sheet = book.get_sheet_by_name(name)
    except (CalamineError, zipfile.BadZipFile) as error:
        damaged = "this is no Excel file, or a damaged one"
        raise HolbeinError(damaged, place=str(path), hint="save it again as .xlsx") from error
    if len(names) > 1 and not sheet.height:
        what = f"the sheet {_told(name)} is empty"
        raise HolbeinError(what, place=str(path), hint=_sheets(names))
    return Part(name, len(names)) if len(names) > 1 else None, iter(sheet.iter_rows())


def _asked(names: Sequence[str], asked: str | int, path: Path) -> str:
    """A name goes before a number. Case does not matter: Excel allows no two names that differ in
    nothing else."""
    text = str(asked).strip()
    if isinstance(asked, str):
        same = [one for one in names if one == asked]
        alike = [one for one in names if one.strip().casefold() == text.casefold()]
        if same or alike:
            return (same or alike)[0]
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= len(names):
        return names[int(text) - 1]
    what = f"the file has no sheet {_told(text)}"
    raise NotFoundError(what, place=str(path), hint=_sheets(names))


def _sheets(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return "its sheets are " + ", ".join(map(_told, names[:_TOLD])) + more


def _told(name: str) -> str:
    return repr(name[:40])
