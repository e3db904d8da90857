"""The lists that imported tags are made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.inspection import Column
from holbein.catalog.kinds import Imported, Tag
from holbein.collect.convert import convert
from holbein.collect.keys import doubled_rows, keys_of
from holbein.collect.origins import SUFFIXES, check_column, file_origin
from holbein.collect.rejects import Rejects
from holbein.errors import SourceError


@dataclass(frozen=True)
class Listed:
    """``values``: key string (distinct), value in the tag's type. ``quarantine``: what was not taken."""

    values: pa.Table
    quarantine: pa.Table


def listed(tag: Tag, wanted: Imported, folder: Path, zone: ZoneInfo) -> Listed:
    """A tag's list, read whole; of rows with the same key the first counts.

    Raises SourceError at the tag's place where the file or a column is missing.
    """
    try:
        path = folder / wanted.path
        if not path.is_file():
            raise SourceError(f"there is no file {wanted.path}", hint="paths start at the workspace")
        if path.suffix.lower() not in SUFFIXES:
            raise SourceError(f"{wanted.path} is neither a .csv nor a .parquet file")
        origin = file_origin(path)
        names = tuple(dict.fromkeys((*wanted.id, *([wanted.value] if wanted.value else []))))
        known = [one.name for one in origin.columns()]
        for name in names:
            check_column(origin, known, name, tag.place)
        raw = origin.read(names)
    except SourceError as error:
        raise error if error.place == tag.place else error.at(tag.place) from error
    rejects = Rejects()
    source = f"{wanted.source}, tag {tag.name}"
    rejects.add_unread(source, raw)
    keys = keys_of(raw.table, wanted.id)
    blank = np.asarray(pc.is_null(keys.values).to_numpy(zero_copy_only=False), dtype=bool)
    rejects.add(source, raw, list(np.flatnonzero(blank)), "the id is missing or unusable")
    doubled = np.asarray(doubled_rows(keys.values), dtype=bool) & ~blank
    codes = tag.codes.name if tag.codes is not None else None
    if wanted.value is None:
        values = pa.chunked_array([pa.repeat(pa.scalar(True), raw.table.num_rows)])
        bad = np.zeros(raw.table.num_rows, dtype=bool)
    else:
        typed = convert(raw.table[wanted.value], Column(tag.name, tag.type, codes=codes), zone)
        values, bad = typed.values, typed.bad & ~blank
    rejects.add(source, raw, list(np.flatnonzero(bad)), f"{wanted.value} is no {tag.type}")
    taken = _first_of_each(keys.values, ~blank & ~bad)
    again = doubled & ~taken & ~bad
    rejects.add(source, raw, list(np.flatnonzero(again)), "the id stands in the file before")
    keep = pa.array(taken)
    table = pa.table({"key": keys.values.filter(keep), "value": values.filter(keep)})
    return Listed(table, rejects.table())


def _first_of_each(keys: pa.ChunkedArray, usable: np.ndarray) -> np.ndarray:
    """True at the first usable row of each key."""
    out = np.zeros(len(keys), dtype=bool)
    rows = np.flatnonzero(usable)
    if len(rows):
        codes = keys.combine_chunks().dictionary_encode().indices.take(pa.array(rows))
        _, first = np.unique(codes.to_numpy(), return_index=True)
        out[rows[first]] = True
    return out


def state_of(paths: Mapping[str, Path]) -> dict[str, str]:
    """What tells whether files have changed: size and time of each, by name; SQLite's log too."""
    out: dict[str, str] = {}
    for name, path in sorted(paths.items()):
        parts: list[str] = []
        for one in _files(path):
            found = os.stat(one)
            parts.append(f"{one.name}:{found.st_size}:{found.st_mtime_ns}")
        out[name] = ",".join(parts)
    return out


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if one.is_file())
    return [one for one in (path, path.with_name(path.name + "-wal")) if one.exists()]
