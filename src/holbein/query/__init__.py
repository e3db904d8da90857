"""What everyone above asks of a version."""

from __future__ import annotations

from pathlib import Path

from holbein.catalog import vocabulary_json
from holbein.catalog.audiences import Unfit, with_lists, with_present
from holbein.catalog.load import section_files
from holbein.engine import open_engine
from holbein.engine.reader import Reader
from holbein.query.query import Query
from holbein.store import Snapshot, Store

__all__ = ["Query", "open_query", "stamp"]


def open_query(snapshot: Snapshot, store: Store, folder: Path | None) -> Query:
    """Questions to a version: its tables and tags, with the static lists that there are now.

    With ``folder`` its audiences are those that the workspace defines now, else those of its run.
    Whatever engine computed the version, its Parquet files are asked with DuckDB.
    """
    vocabulary = vocabulary_json.load(snapshot.manifest.vocabulary)
    lists = store.lists.kinds()
    unfit = Unfit()
    if folder is None:
        vocabulary = with_lists(vocabulary, lists)
    else:
        vocabulary, unfit = with_present(vocabulary, folder, lists)
    reader = Reader(open_engine("duckdb"), snapshot, vocabulary, store.lists.path)
    return Query(snapshot, reader, unfit)


def stamp(store: Store, folder: Path) -> object:
    """Differs when an audience or a static list has been edited."""
    defined = [(str(one), one.stat().st_mtime_ns) for one in section_files(folder, "audiences")]
    lists = [(name, store.lists.path(name).stat().st_mtime_ns) for name in store.lists.names()]
    return defined, lists
