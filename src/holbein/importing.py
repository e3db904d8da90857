"""Imported tags: what others worked out about subjects, brought in from their file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein import run
from holbein.audiences.importing import Incoming, incoming
from holbein.audiences.matching import named_column
from holbein.audiences.report import Guessed, ImportReport
from holbein.audiences.writer import write
from holbein.catalog.definitions import Definitions, TagDefinition
from holbein.catalog.edit_imported import (
    FOLDER,
    KEY,
    VALUE,
    Wanted,
    came_again,
    define,
    imported_before,
)
from holbein.catalog.inspection import Column
from holbein.catalog.load import load
from holbein.collect.convert import Typed, convert
from holbein.collect.guess import guess
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language, Type
from holbein.errors import DefinitionError, HolbeinError
from holbein.progress import Progress, quiet

if TYPE_CHECKING:
    from holbein.query import Query
    from holbein.store import Store

_LONGEST = 200
"""Letters of a file's name that a definition keeps."""


def import_tag(
    folder: Path,
    store: Store,
    query: Query,
    name: str,
    path: Path,
    kind: SubjectKind,
    *,
    key: str | None = None,
    value: str | None = None,
    type: Type | None = None,
    titles: Mapping[str, str] | None = None,
    rejects: Path | None = None,
    language: Language = "en",
    progress: Progress = quiet,
    sheet: str | int | None = None,
) -> ImportReport:
    """Make the imported tag ``name`` of a column of a CSV, Excel, Parquet or JSON file.

    ``value`` is that column; without it the tag is true of the subjects that the file names.
    ``type``: of its values, else that which it had before, else guessed. ``key``, ``rejects`` and
    ``sheet`` as for lists. A tag that came in before has all its values replaced. The next run
    computes it. Raises HolbeinError where something does not fit; then nothing changes.
    """
    definitions = load(folder)
    before = imported_before(definitions, name, kind)
    known_type = _type(before, type, value)
    found = incoming(query, path, kind, key, rejects, progress, sheet)
    guessed, values, column = None, None, None
    if value is not None:
        column = named_column(found.sheet, value, str(path))
        texts = found.sheet.columns[column]
        raw = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
        if known_type is None:
            made = guess(value, raw)
            known_type, guessed = made.type, Guessed(made.type, made.note)
        values = convert(raw, Column(name, known_type), definitions.settings.zone)
        found = _readable(found, values, value, known_type)
    wanted = Wanted(
        name, kind, known_type if value is not None else None, titles or {}, _name(found),
        dt.datetime.now(definitions.settings.zone).date().isoformat(),
    )  # fmt: skip
    if rejects is not None:
        found.write_rejects(rejects, language)
    place = _keep(folder, store, before, wanted, _table(query, found, values))
    return replace(found.report(name, column), guessed=guessed, place=place)


def _type(before: TagDefinition | None, asked: Type | None, value: str | None) -> Type | None:
    """The type that is known before the values are seen."""
    if asked is not None and value is None:
        raise HolbeinError(
            "without a column of values, the tag is true of those listed",
            hint="say where the values are: --value COLUMN, or leave --type out",
        )
    if before is None or before.imported is None:
        return asked
    had = (before.type or "category") if before.imported.value is not None else None
    if (had is None) != (value is None) or asked not in (None, had):
        what = f"values of type {had}" if had is not None else "no values"
        raise DefinitionError(
            f"the tag {before.tag!r} came in with {what} before",
            place=before.place,
            hint="import it alike, choose another name, or take it out there",
        )
    return had


def _readable(found: Incoming, values: Typed, column: str, type: Type) -> Incoming:
    out = found.reading(values.bad)
    if not out.matched.taken.any():
        raise HolbeinError(
            f"no value in the column {column[:80]!r} is of type {type}",
            place=str(found.path),
            hint="name another column, or another type: --type category takes any text",
        )
    return out


def _name(found: Incoming) -> str:
    """The file's name, as a definition can keep it."""
    return "".join(one if one.isprintable() else "?" for one in found.file)[:_LONGEST]


def _table(query: Query, found: Incoming, values: Typed | None) -> pa.Table:
    """The values by every key of each subject: should one source forget it, another knows it."""
    rows = np.flatnonzero(found.matched.taken)
    ids = pa.array(found.matched.ids[rows])
    aliases = query.aliases(found.kind, ids)
    columns = {KEY: pc.binary_join_element_wise(aliases["source"], aliases["key"], ":")}
    if values is not None:
        said = values.values.take(pa.array(rows))
        columns[VALUE] = said.take(pc.index_in(aliases["id"], value_set=ids))
    return pa.table(columns)


def _keep(
    folder: Path, store: Store, before: TagDefinition | None, wanted: Wanted, table: pa.Table
) -> str:
    """Writes the values, and where they came from into the definition; returns its place."""

    def check(all_: Definitions) -> None:
        run.checked(all_, store)

    path = folder / wanted.file
    try:
        (folder / FOLDER).mkdir(exist_ok=True)
    except OSError as error:
        raise HolbeinError(
            f"the folder cannot be made: {error.strerror}",
            place=str(folder / FOLDER),
            hint="check who may write there",
        ) from error
    if before is not None:
        written = came_again(folder, before, wanted)
        write(table, path)
        return written()
    write(table, path)
    try:
        return define(folder, wanted, check)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
