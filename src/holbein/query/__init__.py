"""What everyone above asks of a version."""

from __future__ import annotations

from pathlib import Path

from holbein.catalog import load, vocabulary_json
from holbein.catalog.catalogue import with_audiences
from holbein.engine.duckdb import DuckDB
from holbein.engine.reader import Reader
from holbein.query.query import Query
from holbein.store import Snapshot, Store

__all__ = ["Query", "open_query", "stamp"]


def open_query(snapshot: Snapshot, store: Store, folder: Path) -> Query:
    """Questions to a version: its tables and tags, with the audiences that hold now.

    Whatever engine computed the version, its Parquet files are asked with DuckDB.
    Raises DefinitionError where an audience no longer fits.
    """
    vocabulary = vocabulary_json.load(snapshot.manifest.vocabulary)
    edited = any(at > snapshot.manifest.created_at.timestamp() for _, at in _files(folder))
    audiences = load(folder).audiences if edited else None
    vocabulary = with_audiences(vocabulary, audiences, store.lists.kinds())
    return Query(snapshot, Reader(DuckDB(), snapshot, vocabulary, store.lists.path))


def stamp(store: Store, folder: Path) -> object:
    """Differs when an audience or a static list has been edited."""
    return _files(folder), store.lists.names()


def _files(folder: Path) -> tuple[tuple[str, float], ...]:
    found = sorted((folder / "audiences").glob("**/*.y*ml"))
    return tuple((str(path), path.stat().st_mtime) for path in found)
