"""What everyone above asks of a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from holbein.catalog import vocabulary_json
from holbein.catalog.audiences import Unfit, of_now, of_version
from holbein.catalog.load import section_files
from holbein.conditions.later import Later
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import AudienceSpec, Vocabulary
from holbein.engine import open_engine
from holbein.engine.reader import Reader
from holbein.errors import HolbeinError
from holbein.query.query import Query
from holbein.store import Snapshot, Store

__all__ = ["Query", "open_query", "stamp"]


def open_query(snapshot: Snapshot, store: Store, folder: Path | None) -> Query:
    """Questions to a version: its tables and tags, with the static lists that there are now.

    With ``folder`` its audiences are those that the workspace defines now, else those of its run;
    they are read when they are first asked for.
    Whatever engine computed the version, its Parquet files are asked with DuckDB.
    """
    found = vocabulary_json.load(snapshot.manifest.vocabulary)

    @cache
    def audiences() -> tuple[Mapping[str, AudienceSpec], Unfit]:
        return _audiences(found, store, folder)

    vocabulary = replace(found, audiences=Later(lambda: audiences()[0]))
    reader = Reader(open_engine("duckdb"), snapshot, vocabulary, store.lists.path)
    return Query(snapshot, reader, lambda: audiences()[1])


def _audiences(
    vocabulary: Vocabulary, store: Store, folder: Path | None
) -> tuple[Mapping[str, AudienceSpec], Unfit]:
    lists: dict[str, SubjectKind] = {}
    damaged: dict[str, HolbeinError] = {}
    for name in store.lists.names():
        try:
            lists[name] = store.lists.kind(name)
        except HolbeinError as error:  # told to whoever asks for it; the rest can be answered
            damaged[name] = error
    if folder is None:
        found, unfit = of_version(vocabulary, lists), Unfit()
    else:
        found, unfit = of_now(vocabulary, folder, lists)
    return found, replace(unfit, errors={**damaged, **unfit.errors})


def stamp(store: Store, folder: Path) -> object:
    """Differs when an audience or a static list has been edited."""
    try:
        defined = [(str(one), _changed(one)) for one in section_files(folder, "audiences")]
    except HolbeinError:  # which is told to whoever asks for an audience
        defined = []
    lists = [(name, _changed(store.lists.path(name))) for name in store.lists.names()]
    return defined, lists


def _changed(path: Path) -> int | None:
    """When a file was last changed; None of a link that leads nowhere."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
