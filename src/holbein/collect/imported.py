"""The lists that imported tags are made of: values by the keys of a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.definitions import ImportedForm, TagDefinition
from holbein.catalog.inspection import Column
from holbein.catalog.kinds import Imported, Tag
from holbein.collect.origins import SUFFIXES, file_origin, no_column
from holbein.collect.raw import Origin, chunked, mask_of
from holbein.collect.rejects import Rejects
from holbein.collect.taking import Taking
from holbein.conditions.tree import SubjectKind
from holbein.errors import HolbeinError, SourceError
from holbein.progress import Progress
from holbein.records import Listed


def broken_lists(
    tags: Sequence[TagDefinition], folder: Path
) -> dict[tuple[SubjectKind, str], HolbeinError]:
    """Imported tags whose list's file or column is missing; the errors have the tag's place."""
    found: dict[tuple[SubjectKind, str], HolbeinError] = {}
    for tag in tags:
        if tag.imported is not None:
            try:
                _check_list(tag, tag.imported, folder)
            except HolbeinError as error:
                found[tag.on, tag.tag] = error
    return found


def _check_list(tag: TagDefinition, form: ImportedForm, folder: Path) -> None:
    origin = _origin(form.file, folder, tag.place_of("imported", "file"))
    known = [one.name for one in origin.columns()]
    wanted = [("id", one) for one in form.id]
    wanted += [("value", form.value)] if form.value is not None else []
    for what, column in wanted:
        if column not in known:
            raise no_column(origin, known, column, tag.place_of("imported", what))


def take_list(
    tag: Tag, folder: Path, zone: ZoneInfo, rejects: Rejects, progress: Progress
) -> list[Listed]:
    """The list of an imported tag, read whole, by source; of rows with the same key the first
    counts."""
    wanted = tag.definition
    assert isinstance(wanted, Imported)
    names = tuple(dict.fromkeys((*wanted.id, *([wanted.value] if wanted.value else []))))
    try:
        raw = _origin(wanted.path, folder, tag.place).read(names, progress)
    except SourceError as error:
        raise error if error.place else error.at(tag.place) from error
    taking = Taking(wanted.source or wanted.path, raw, zone, rejects)
    keys = taking.key(wanted.id)
    if wanted.source is None:
        qualified = pc.fill_null(pc.match_substring_regex(keys, "^[^:]+:."), False)
        taking.reject(~mask_of(qualified), f"{wanted.id[0]} is not source:key")
    if wanted.value is None:
        values = chunked(pa.repeat(pa.scalar(True), raw.table.num_rows))
    else:
        codes = tag.codes.name if tag.codes is not None else None
        column = Column(tag.name, tag.type, codes=codes)
        values = taking.value(wanted.value, column, whole_row=True)
    taking.doubles(keys, ", ".join(wanted.id))
    kept = taking.kept({"key": keys, "value": values})
    if wanted.source is not None:
        return [Listed(tag.name, tag.kind, wanted.source, kept)]
    # Not split_pattern, which would cut keys that hold a colon of their own at each.
    sources = pc.replace_substring_regex(kept["key"], "(?s):.*$", "")
    bare = pc.replace_substring_regex(kept["key"], "^[^:]+:", "")
    by_key = kept.set_column(0, "key", bare)
    return [
        Listed(tag.name, tag.kind, source, by_key.filter(pc.equal(sources, source)))
        for source in sorted(pc.unique(sources).to_pylist()) or [""]
    ]


def _origin(file: str, folder: Path, place: str) -> Origin:
    path = folder / file
    hint = "paths start at the workspace's folder"
    try:
        found = path.is_file()
    except OSError as error:  # a name too long
        message = f"{file[:80]!r} can't be opened: {error.strerror}"
        raise SourceError(message, place=place, hint=hint) from error
    if not found:
        raise SourceError(f"there is no file {file}", place=place, hint=hint)
    if path.suffix.lower() not in SUFFIXES:
        raise SourceError(
            f"{file} is neither a .csv nor a .parquet file",
            place=place,
            hint="save it as CSV in UTF-8",
        )
    try:
        return file_origin(path)
    except SourceError as error:
        raise error.at(place) from error
