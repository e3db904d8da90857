"""One run: from the sources to a published version, in one order, under one lock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from holbein import catalog, collect, identity
from holbein.catalog import vocabulary_json
from holbein.catalog.catalogue import Catalogue
from holbein.catalog.definitions import Definitions
from holbein.catalog.inspection import Inspection
from holbein.catalog.kinds import Imported
from holbein.catalog.taginfo import as_dicts
from holbein.conditions.instants import AsOf, at_instant, end_of
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.engine import open_engine
from holbein.engine.reader import Reader
from holbein.errors import HolbeinError
from holbein.progress import Progress, quiet
from holbein.query import Query
from holbein.store import Build, Snapshot, Store
from holbein.tags import planner
from holbein.tags.describe import describe
from holbein.tags.features import features as compute_features

FORMAT = "1"
"""Changes when the same sources would give other tables."""

LAST_DAY = dt.date(9999, 12, 30)


@dataclass(frozen=True)
class Checked:
    """What ``check`` found: the catalogue, and what was guessed on the way."""

    definitions: Definitions
    inspection: Inspection
    catalogue: Catalogue


def check(folder: Path, store: Store) -> Checked:
    """Read the definitions, look at the sources, and hold one against the other."""
    return checked(catalog.load(folder), store)


def checked(definitions: Definitions, store: Store) -> Checked:
    """Hold definitions against the sources. Raises DefinitionError or SourceError."""
    inspection = collect.inspect(definitions)
    return Checked(
        definitions, inspection, catalog.build(definitions, inspection, store.lists.kinds())
    )


def run(
    folder: Path,
    store: Store,
    *,
    as_of: AsOf | dt.date | None = None,
    full: bool = False,
    progress: Progress = quiet,
) -> Snapshot:
    """Make and publish a version. The last one stays in force until the very end.

    ``as_of``: the end of a local day, or an instant; today by default. ``full`` reads the sources
    again even where nothing has changed. A run that was cut off is taken up where it stood, if the
    definitions and the sources are still the same.
    """
    progress("check", 0, None)
    found = check(folder, store)
    definitions = found.definitions
    moment = as_of if isinstance(as_of, AsOf) else resolved(as_of, definitions)
    sources = collect.fingerprint(definitions)
    read = _fingerprint(FORMAT, _sources_of(definitions), sources)
    whole = _fingerprint(
        read, definitions.fingerprint(), _lists_of(store), time.time_ns() if full else None
    )
    costs: dict[str, float] = {}
    with store.begin(whole, moment) as build:
        started = time.perf_counter()
        _refine(build, found, read, full=full, progress=progress)
        costs["collect"] = time.perf_counter() - started
        started = time.perf_counter()
        _label(build, store, found, moment, progress)
        costs["tags"] = time.perf_counter() - started
        progress("publish", 0, None)
        vocabulary = found.catalogue.vocabulary
        return build.publish(
            zone=str(definitions.settings.time_zone),
            sources=sources,
            vocabulary=vocabulary_json.dump(vocabulary),
            tags=as_dicts(describe(tag, vocabulary) for tag in found.catalogue.tags),
            marks=_marks(definitions, moment),
            costs=costs,
        )


def resolved(day: dt.date | dt.datetime | None, definitions: Definitions) -> AsOf:
    """The end of a local day; of today where none is given; or the moment itself."""
    zone = definitions.settings.zone
    if isinstance(day, dt.datetime):
        return at_instant(day, zone)
    day = day or dt.datetime.now(zone).date()
    if not dt.date(1, 1, 3) <= day <= LAST_DAY:
        raise HolbeinError(
            f"no run can be as of {day}", hint="give a day between the years 1 and 9999"
        )
    return end_of(day, zone)


def _fingerprint(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _sources_of(definitions: Definitions) -> list[object]:
    listed: list[object] = [definitions.settings.time_zone]
    listed += [one.model_dump(mode="json", by_alias=True) for one in definitions.sources]
    listed += [one.model_dump(mode="json") for one in definitions.tags if one.imported is not None]
    return listed


def _lists_of(store: Store) -> list[object]:
    return [(name, store.lists.read(name).made_at) for name in store.lists.names()]


# --- sources to subjects and facts --------------------------------------------------------------


def _refine(build: Build, found: Checked, read: str, *, full: bool, progress: Progress) -> None:
    """Subjects, aliases and streams: taken over where no source has changed, else read again."""
    tags = found.catalogue.tags
    imported = {tag.kind for tag in tags if isinstance(tag.definition, Imported)}
    names = [
        *SUBJECT_KINDS,
        *("ancestor", "alias", "quarantine", "unattached"),
        *(f"stream.{name}" for name in found.catalogue.vocabulary.streams),
        *(f"imported.{kind}" for kind in imported),
    ]
    if all(build.done(name) for name in names):
        return
    if not full and all(build.reuse(name, made_of=read) for name in names):
        return
    collected = collect.collect(found.definitions, found.inspection, tags, progress)
    progress("identify", 0, None)
    tables = identity.resolve(collected, build.aliases(), build.last_ids)
    for number, (name, table) in enumerate(tables.items()):
        progress("store", number, len(tables))
        build.write(name, table, made_of=read)


def _marks(definitions: Definitions, as_of: AsOf) -> list[str]:
    """What a reader of a past run should know: where only today's attributes were to be had."""
    if as_of.day >= dt.datetime.now(definitions.settings.zone).date():
        return []
    return [
        f"{source.source}: {what} as of today"
        for source in definitions.sources
        for what, mappings in (
            ("attributes of enterprises", source.enterprises),
            ("attributes of people", source.people),
            ("attributes of roles", source.roles),
        )
        if any(one.valid_from is None for one in mappings)
    ]


# --- tags -----------------------------------------------------------------------------------------


def _label(build: Build, store: Store, found: Checked, as_of: AsOf, progress: Progress) -> None:
    tags = found.catalogue.tags
    engine = open_engine(found.definitions.settings.engine)
    try:
        reader = Reader(engine, build, found.catalogue.vocabulary, store.lists.path)
        before = build.predecessor

        def earlier(kind: SubjectKind) -> pa.Table | None:
            name = f"tags.{kind}"
            return before.read(name) if before is not None and before.has(name) else None

        computed = planner.compute(tags, reader, as_of, earlier, progress)
    finally:
        engine.close()
    for kind, table in computed.tables.items():
        build.write(f"tags.{kind}", table)
    build.write("changes", computed.changes)


# --- tags as of many instants ---------------------------------------------------------------------


def features(
    folder: Path,
    store: Store,
    query: Query,
    subjects: Sequence[str],
    instants: Sequence[dt.date | dt.datetime],
    names: Sequence[str],
    kind: SubjectKind,
) -> pa.Table:
    """See ``Workspace.features``. The definitions must be those of the version in force."""
    if len(subjects) != len(instants):
        raise HolbeinError(f"{len(subjects)} subjects, but {len(instants)} instants")
    for name in names:
        query.spec(kind, name)
    defined = check(folder, store)
    tags = {(tag.kind, tag.name): tag for tag in defined.catalogue.tags}
    if set(tags) != set(query.tags):
        raise HolbeinError("the tags have been edited since the last run", hint="run `holbein run`")
    ids = query.resolve_all(kind, subjects)
    moments = [resolved(one, defined.definitions) for one in instants]
    engine = open_engine(defined.definitions.settings.engine)
    try:
        reader = Reader(engine, query.snapshot, query.vocabulary, store.lists.path)
        return compute_features(kind, ids, moments, names, tags, reader)
    finally:
        engine.close()
