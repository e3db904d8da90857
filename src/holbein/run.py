"""One run: from the sources to a published version, in one order, under one lock."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import functools
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from holbein import catalog, collect, identity
from holbein.catalog import vocabulary_json
from holbein.catalog.catalogue import Catalogue, Published
from holbein.catalog.custom import contents
from holbein.catalog.definitions import Definitions, written
from holbein.catalog.inspection import Inspection
from holbein.catalog.peers import peer_fields
from holbein.catalog.profiles import as_dicts as profile_dicts
from holbein.catalog.taginfo import (
    as_dicts,
    with_meanings,
)
from holbein.conditions.instants import AsOf, at_instant, end_of
from holbein.conditions.limits import check_kind
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.engine import open_engine
from holbein.engine.reader import Reader
from holbein.errors import BusyError, HolbeinError
from holbein.index.writing import write_index
from holbein.progress import Progress, quiet
from holbein.query import Query
from holbein.release import release
from holbein.renew import Figures, renew
from holbein.renew.times import Times
from holbein.store import Build, Snapshot, Store
from holbein.store.lookup import PEERS
from holbein.tags import guard, held, planner, profile
from holbein.tags.describe import describe
from holbein.tags.earlier import earlier
from holbein.tags.features import features as compute_features
from holbein.tags.peers import peer_keys
from holbein.tags.undeclared import undeclared as undeclared_values

SEEN = "seen.json"
"""The file of the data folder that keeps what was seen in the sources."""

KEPT = 30
"""So many versions stay to be asked (`--run N`); the change log reaches back further."""

FIRST_DAY = dt.date(1, 1, 3)
LAST_DAY = dt.date(9999, 12, 30)
"""What lies between them, and the days on either side, is in the calendar in every time zone."""


@dataclass(frozen=True)
class Checked:
    """What ``check`` found: the catalogue, and what was guessed on the way."""

    definitions: Definitions
    inspection: Inspection
    catalogue: Catalogue
    seen: collect.Seen


def check(folder: Path, store: Store, progress: Progress = quiet) -> Checked:
    """Read the definitions, look at the sources, and hold one against the other."""
    return checked(catalog.load(folder), store, progress=progress)


def checked(
    definitions: Definitions,
    store: Store,
    published: Published | None = None,
    progress: Progress = quiet,
) -> Checked:
    """Hold definitions against the sources. Raises DefinitionError or SourceError.

    With what was ``published``, tags that did fit are not refused.
    """
    if published is None:
        published = Published(events=held.published(store).events)
    seen = collect.Seen(store.folder / SEEN)
    inspection = collect.inspect(definitions, seen, progress)
    found = catalog.build(definitions, inspection, store.lists.kinds(), published)
    return Checked(definitions, inspection, found, seen)


def run(
    folder: Path,
    store: Store,
    *,
    as_of: AsOf | dt.date | None = None,
    full: bool = False,
    progress: Progress = quiet,
    planned: Callable[[planner.Plan], None] | None = None,
) -> Snapshot:
    """Make and publish a version. The last one stays in force until the very end.

    ``as_of``: the end of a local day, or an instant; today by default. ``full`` reads the sources
    again even where nothing has changed. A run that was cut off is taken up where it stood, if the
    definitions and the sources are still the same. ``planned`` is told how the tags will be made.
    """
    progress("check", 0, None)
    times = Times()
    definitions = catalog.load(folder)
    known = held.published(store)
    with times.of("inspect"):
        found = checked(definitions, store, known, progress)
    moment = as_of if isinstance(as_of, AsOf) else resolved(as_of, definitions.settings.zone)
    sources = collect.fingerprint(definitions)
    whole = _fingerprint(
        collect.FORMAT,
        release(),
        sources,
        definitions.fingerprint(),
        contents(found.catalogue.tags),
        _lists_of(store),
        time.time_ns() if full else None,
    )
    with store.begin(whole, moment) as build:
        found.seen.save()
        files = _refine(build, found, times, full=full, progress=progress)
        vocabulary = found.catalogue.vocabulary
        described = with_meanings(
            describe(tag, vocabulary) if tag.unfit is None else held.unfit(tag, known)
            for tag in found.catalogue.tags
        )
        with times.of("tags"), _reading(found, build, store) as reader:
            work = planner.Work(
                found.catalogue.tags,
                reader,
                moment,
                earlier(build, described, full=full),
                definitions.folder,
                {(one.on, one.tag): one for one in described},
                profile.earlier(build.predecessor),
            )
            computed = _label(build, work, progress, planned)
            undeclared = [*undeclared_values(found.catalogue.tags, computed.tables, reader, moment)]
        described = held.noted(described, computed, work.earlier.good)
        with times.of("index"):
            write_index(build, vocabulary, full=full, progress=progress)
        before = profile.comparable(build.predecessor, described)
        profiles = [*profile.profiles(computed.tables, moment.day, before)]
        progress("publish", 0, None)
        published = build.publish(
            zone=str(definitions.settings.time_zone),
            sources=sources,
            vocabulary=vocabulary_json.dump(vocabulary),
            tags=as_dicts(described),
            profiles=profile_dicts(profiles),
            subjects={kind: _subjects(build, kind, computed) for kind in SUBJECT_KINDS},
            audiences={one.audience: written(one) for one in definitions.audiences},
            marks=[
                *_marks(found, build, moment),
                *work.earlier.damaged,
                *held.told(described, found.catalogue),
                *undeclared,
                *guard.shifts(profiles, before),
            ],
            costs={**times.seconds, "files": dataclasses.asdict(files)},
            steps=[dataclasses.asdict(one) for one in computed.steps],
        )
    with contextlib.suppress(BusyError):  # then the next run does it
        store.prune(KEPT)
    return published


def resolved(day: dt.date | dt.datetime | None, zone: ZoneInfo) -> AsOf:
    """The end of a local day; of today where none is given; or the moment itself."""
    if day is None:
        day = dt.datetime.now(zone).date()
    if not isinstance(day, dt.date):
        raise HolbeinError(
            f"as-of is a day or a moment, and this is {type(day).__name__}",
            hint="give a datetime.date or datetime.datetime, or to `run` a text such as 2026-06-30",
        )
    try:
        local = day.date() if isinstance(day, dt.datetime) else day
    except ValueError:  # what pandas calls a time that is missing
        raise HolbeinError("an instant is missing", hint="leave such rows out") from None
    if not FIRST_DAY <= local <= LAST_DAY:
        raise HolbeinError(
            f"no run can be as of {day}", hint=f"give a day from {FIRST_DAY} to {LAST_DAY}"
        )
    return at_instant(day, zone) if isinstance(day, dt.datetime) else end_of(day, zone)


def _fingerprint(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _lists_of(store: Store) -> list[object]:
    lists = store.lists
    return [(name, lists.path(name).stat().st_mtime_ns) for name in lists.names()]


# --- sources to subjects and facts --------------------------------------------------------------


def _refine(
    build: Build, found: Checked, times: Times, *, full: bool, progress: Progress
) -> Figures:
    """Subjects, aliases and streams: taken over where no source has changed, else read again."""
    collector = collect.Collector(
        found.definitions, found.inspection, found.catalogue.tags, found.seen, progress
    )
    names = [
        *SUBJECT_KINDS,
        *("ancestor", "alias", "quarantine", "unattached"),
        *(f"stream.{name}" for name in found.catalogue.vocabulary.streams),
        *(f"imported.{kind}" for kind in collector.listed_kinds),
    ]
    if all(build.done(name) for name in names):
        return Figures(0, 0)
    return renew(build, collector, full=full, times=times, progress=progress)


def _marks(found: Checked, build: Build, as_of: AsOf) -> list[str]:
    """What a reader of the version should be told."""
    definitions = found.definitions
    if not definitions.sources:
        return ["no sources are defined, so there is nothing to show"]
    marks = []
    if as_of.day < dt.datetime.now(definitions.settings.zone).date():
        told = (
            f"{source.source}: {what} as of today (the source keeps no history)"
            for source in definitions.sources
            for what, mappings in (
                ("attributes of enterprises", source.enterprises),
                ("attributes of people", source.people),
                ("attributes of roles", source.roles),
            )
            if any(one.valid_from is None for one in mappings)
        )
        marks = list(dict.fromkeys(told))  # several mappings may fill one source's name
    unattached = build.read("unattached")
    return [*marks, *_nobodys(found, build, unattached), *identity.told(unattached)]


def _nobodys(found: Checked, build: Build, unattached: pa.Table) -> Iterator[str]:
    """Facts that name no subject at all, by stream."""
    for name, stream in found.catalogue.vocabulary.streams.items():
        kinds = [kind for kind in SUBJECT_KINDS if kind in stream.bears]
        total = count = 0
        for path in build.files(f"stream.{name}"):  # one after another, for memory's sake
            rows = pq.read_table(path, columns=kinds)
            nobody = functools.reduce(pc.and_, (pc.is_null(rows[kind]) for kind in kinds))
            count += pc.sum(nobody).as_py() or 0
            total += rows.num_rows
        waiting = unattached.filter(pc.field("what") == f"stream.{name}")
        count -= pc.count_distinct(waiting["fact"]).as_py()
        if count > 0:
            whom = " or ".join(kinds)
            told = f"{name}: {count:,} of {total:,} facts name no {whom}"
            yield f"{told}, and count for nobody"


# --- tags -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _reading(found: Checked, build: Build, store: Store) -> Iterator[Reader]:
    engine = open_engine(found.definitions.settings.engine)
    try:
        yield Reader(engine, build, found.catalogue.vocabulary, store.lists.path)
    finally:
        engine.close()


def _label(
    build: Build,
    work: planner.Work,
    progress: Progress,
    planned: Callable[[planner.Plan], None] | None,
) -> planner.Computed:
    plan = planner.plan(work)
    if planned is not None:
        planned(plan)
    computed = planner.compute(work, plan, progress)
    fields, described = work.reader.vocabulary.fields, work.described.values()
    for kind, table in computed.tables.items():
        among = peer_fields(described, kind, fields[kind])
        peers = {PEERS: peer_keys(build, kind, table, among, work.as_of)} if among else {}
        build.write(f"tags.{kind}", table, beside=peers)
    build.write("changes", computed.changes)
    return computed


def _subjects(build: Build, kind: SubjectKind, computed: planner.Computed) -> int:
    """How many subjects there are of a kind: tags have a row for each."""
    if kind in computed.tables:
        return int(computed.tables[kind].num_rows)
    return int(pc.count_distinct(build.read(kind, ["id"])["id"]).as_py())


# --- tags as of many instants ---------------------------------------------------------------------


def features(
    query: Query,
    subjects: Sequence[str],
    instants: Sequence[dt.date | dt.datetime],
    names: Sequence[str],
    kind: SubjectKind,
) -> pa.Table:
    """See ``Workspace.features``. ``query`` asks a version with the audiences that it had."""
    if len(subjects) != len(instants):
        raise HolbeinError(
            f"{len(subjects)} subjects, but {len(instants)} instants",
            hint="give each subject its own instant",
        )
    if any(one is None for one in instants):  # taken as today, they would look into the future
        raise HolbeinError("an instant is missing", hint="leave such rows out")
    check_kind(kind)
    for name in names:
        query.spec(kind, name)
    held.check_fit(((kind, name) for name in names), query.tags)
    ids = query.resolve_all(kind, subjects)
    zone = ZoneInfo(query.snapshot.manifest.zone)
    moments = [resolved(one, zone) for one in instants]
    definitions = {key: one.definition for key, one in query.tags.items()}
    return compute_features(kind, ids, moments, names, definitions, query.reader)
