"""The facade: a workspace, and what can be asked of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from holbein.asking import day_of
from holbein.asking_groups import Groups
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import TRUE, Condition, SubjectKind
from holbein.conditions.vocabulary import AudienceSpec, Language, Type
from holbein.progress import Progress, quiet
from holbein.store import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

    from holbein.audiences.history import AudienceHistory
    from holbein.audiences.lookalikes import LookAlikes
    from holbein.audiences.overlap import Overlap
    from holbein.audiences.pick import Pick
    from holbein.audiences.report import ImportReport
    from holbein.audiences.split import Part
    from holbein.catalog.packs import Added
    from holbein.portraits import SubjectPortrait
    from holbein.portraits.one.proof import Proof
    from holbein.query.catalogue import TagSummary
    from holbein.query.history import RunSummary, TagPage
    from holbein.run import Checked
    from holbein.tags.planner import Plan


def open_workspace(folder: str | Path) -> Workspace:
    """The workspace in a folder. Raises DefinitionError where the folder is none."""
    from holbein.catalog.load import check_workspace

    root = Path(folder)
    check_workspace(root)
    return Workspace(root)


class Workspace(Groups):
    """A folder of definitions and data. Not shared between threads; open one for each."""

    # --- making versions --------------------------------------------------------------------------

    def check(self) -> Checked:
        """Validate the definitions against the sources. Raises DefinitionError or SourceError."""
        from holbein import run

        return run.check(self.folder, self.store)

    def run(
        self,
        as_of: AsOf | dt.date | dt.datetime | str | None = None,
        full: bool = False,
        progress: Progress = quiet,
        planned: Callable[[Plan], None] | None = None,
    ) -> Snapshot:
        """Read the sources, compute the tags, publish a version.

        ``as_of``: the end of that day in the workspace's time zone (text: YYYY-MM-DD), or a
        moment; the end of today by default. ``full`` reads and computes all of it again.
        ``planned`` is told how the tags will be made.
        """
        from holbein import run

        moment = day_of(as_of) if isinstance(as_of, str) else as_of
        return run.run(
            self.folder, self.store, as_of=moment, full=full, progress=progress, planned=planned
        )

    def add_tag(self, name: str, condition: str, on: SubjectKind = "enterprise") -> str:
        """Write an own tag into the workspace: a flag for a condition, a statistic for a measure.

        The next run computes it. Returns its place. Raises DefinitionError or ConditionError
        where it does not fit; then nothing is written.
        """
        from holbein import run
        from holbein.catalog.edit import add_tag

        return add_tag(self.folder, name, on, condition, lambda all_: run.checked(all_, self.store))

    def add_pack(
        self, name: str, use: Mapping[str, str] | None = None, without: Collection[str] = ()
    ) -> Added:
        """Write a pack's tags into the workspace: those that find here all that they speak of.

        ``use`` says what the pack's parts are called here, as ``{"orders": "invoices"}``;
        ``without`` names tags to leave out. The next run computes them. Raises NotFoundError or
        DefinitionError where something does not fit; then nothing is written.
        """
        from holbein import run
        from holbein.catalog.packs import add, load_pack

        pack = load_pack(name)
        found = self.check()
        return add(
            self.folder,
            pack,
            found.definitions,
            found.catalogue.vocabulary,
            lambda all_: run.checked(all_, self.store),
            use=use,
            without=without,
        )

    # --- asking -----------------------------------------------------------------------------------

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages of the workspace, the main one first."""
        from holbein.catalog.load import load_settings

        return load_settings(self.folder).languages

    def edited(self) -> bool:
        """Whether sources, tags or their code were edited after the run of the version in force."""
        from holbein.catalog.load import computed_files

        with self.store.current() as snapshot:
            made = snapshot.manifest.created_at.replace(tzinfo=dt.UTC).timestamp()
            defined = [one["definition"] for one in snapshot.manifest.tags]
        code = {self.folder / one["path"] for one in defined if one["form"] == "python"}
        return any(
            one.exists() and one.stat().st_mtime > made
            for one in (*computed_files(self.folder), *code)
        )

    def runs(self) -> list[RunSummary]:
        """The runs whose versions are kept, in their order: these can be asked as ``run``."""
        from holbein.query.history import runs

        return runs(self.store.versions())

    def tags(self, run: int | None = None) -> list[TagSummary]:
        """The catalogue of tags: type, titles, coverage, distribution."""
        from holbein.query.catalogue import summaries

        return summaries(self._of(run))

    def tag(self, name: str, on: SubjectKind = "enterprise", run: int | None = None) -> TagPage:
        """Everything of one tag: its values, its history, what it reads and what reads it."""
        from holbein.query.history import tag_page

        return tag_page(self._of(run), self.store.versions(), on, name)

    def count(
        self,
        condition: str | Condition,
        on: SubjectKind = "enterprise",
        run: int | None = None,
    ) -> int:
        """How many subjects of the kind ``on`` meet a condition, as text or as a tree.

        ``run`` is the number of an earlier version, asked with the tags and audiences that it had.
        """
        query = self._of(run)
        return query.count(query.bind(condition, on), on)

    def select(
        self,
        condition: str | Condition,
        on: SubjectKind = "enterprise",
        columns: Sequence[str] | None = None,
        out: str | Path | None = None,
        labels: Language | None = None,
        run: int | None = None,
        pick: Pick | None = None,
    ) -> pa.Table | Path:
        """The subjects that meet a condition, with the columns asked for, ascending by id; or some
        of them, as ``pick`` says, in its order.

        With ``out`` they are written to a .csv, .xlsx, .parquet or .json file, whose path is
        returned. ``columns`` are attributes and tags, ``id`` and ``key``; by default id, key, name.
        With ``labels`` codes and declared values are written as their titles in that language.
        """
        from holbein.audiences.select import select

        query = self._of(run)
        return select(query, query.bind(condition, on), on, columns, out, labels, pick)

    def portrait(
        self, kind: SubjectKind, id: str, lang: Language = "en", run: int | None = None
    ) -> SubjectPortrait:
        """The portrait of one subject, named by Holbein's id, a source's key, or source:key.

        ``run`` is the number of an earlier version.
        """
        from holbein.portraits import portrait

        query = self._of(run)
        return portrait(query, kind, query.resolve(kind, id), lang)

    def facts(
        self,
        kind: SubjectKind,
        id: str,
        tag: str,
        lang: Language = "en",
        run: int | None = None,
    ) -> Proof:
        """Why a subject has its value of a tag: the figures, through the tags that it uses, and
        the very facts that each looks at.
        """
        from holbein.portraits.one.proof import proof

        query = self._of(run)
        return proof(query, kind, query.resolve(kind, id), tag, lang)

    def features(
        self,
        subjects: Sequence[str],
        instants: Sequence[dt.date | dt.datetime | str],
        tags: Sequence[str],
        on: SubjectKind = "enterprise",
    ) -> pa.Table:
        """The tags of each subject as of the instant beside it, without a look into the future.

        Tags mean what they meant in the run that made the version in force. What keeps no history
        (attributes without ``valid_from``, groups, the ends of roles, lists) is as in that run.

        ``subjects`` are ids, keys or source:key of the kind ``on``; an instant that is a date
        (or a text YYYY-MM-DD) is the end of that day. ``tags`` may also name attributes. One row
        for each pair, in order: id (int64), instant (UTC), then the tags. Raises HolbeinError where
        lengths differ.
        """
        from holbein import run

        moments = [day_of(one) if isinstance(one, str) else one for one in instants]
        query = self.at(self.query.snapshot.number)
        return run.features(query, subjects, moments, tags, on)

    def explain(
        self,
        condition: str | Condition,
        on: SubjectKind = "enterprise",
        lang: Language = "en",
        run: int | None = None,
    ) -> str:
        """A condition in words, with what a reader may not expect of it, and how it is answered."""
        from holbein.conditions.words import remarks, words
        from holbein.query.ways import way

        query = self._of(run)
        bound = query.bind(condition, on)
        said = [words(bound, on, query.vocabulary, lang)]
        said += remarks(bound, on, query.vocabulary, lang)
        said.append(way(query, bound, on, lang))
        return "\n".join(said)

    # --- audiences --------------------------------------------------------------------------------

    def audiences(self, run: int | None = None) -> list[tuple[AudienceSpec, int]]:
        """All audiences that fit the version, dynamic and static, by name, with their sizes."""
        from holbein.audiences.lists import audiences

        return audiences(self._of(run))

    def freeze(self, name: str, new: str) -> int:
        """Keep the present members of an audience as the static list ``new``; how many they are."""
        from holbein.audiences.lists import freeze

        return freeze(self.query, self.store.lists, name, new)

    def split(self, name: str, new: str, parts: int, salt: str = "split") -> list[Part]:
        """Keep an audience in parts of about the same size, as the static lists ``new 1``, … Each
        subject is always in the same part; another ``salt`` makes other parts.
        """
        from holbein.audiences.split import split

        return split(self.query, self.store.lists, name, new, parts, salt)

    def look_alikes(
        self,
        condition: str | Condition,
        on: SubjectKind = "enterprise",
        size: int | None = None,
        base: str | Condition = TRUE,
        lang: Language = "en",
    ) -> LookAlikes:
        """Those of ``base`` who are most like the subjects that meet a condition, and by what."""
        from holbein.audiences.lookalikes import look_alikes

        return look_alikes(self.query, condition, on, size, base, lang)

    def find_alike(
        self,
        name: str,
        new: str,
        *,
        size: int | None = None,
        base: str | None = None,
        lang: Language = "en",
    ) -> LookAlikes:
        """Keep those who are most like an audience as the static list ``new``."""
        from holbein.audiences.lookalikes import find_alike

        return find_alike(self.query, self.store.lists, name, new, size, base, lang)

    def overlap(self, names: Sequence[str]) -> Overlap:
        """Which members two to ten audiences of one kind have in common: all intersections."""
        from holbein.audiences.overlap import overlap

        return overlap(self.query, names)

    def audience_history(self, name: str) -> AudienceHistory:
        """An audience over the runs whose versions are kept: its size, who entered and who left."""
        from holbein.audiences.history import history

        runs = [one.number for one in self.store.versions()]
        return history(name, self.query, runs, self.at)

    def import_list(
        self,
        name: str,
        file: str | Path,
        on: SubjectKind,
        key: str | None = None,
        rejects: str | Path | None = None,
        lang: Language = "en",
        progress: Progress = quiet,
        sheet: str | int | None = None,
    ) -> ImportReport:
        """Make a static list of the subjects that a CSV, Excel, Parquet or JSON file names.

        ``key`` is the column with their keys, else the one of which the most rows match; the rows
        that do not match are written to ``rejects``, with reasons in the language. ``sheet`` of an
        Excel file, by its name or its number from 1, else the first that is shown.
        """
        from holbein.audiences.lists import import_file

        aside = None if rejects is None else Path(rejects)
        lists = self.store.lists
        return import_file(
            self.query, lists, name, Path(file), on, key, aside, lang, progress, sheet
        )

    def import_tag(
        self,
        name: str,
        file: str | Path,
        on: SubjectKind = "enterprise",
        key: str | None = None,
        value: str | None = None,
        type: Type | None = None,
        titles: Mapping[str, str] | None = None,
        rejects: str | Path | None = None,
        lang: Language = "en",
        progress: Progress = quiet,
        sheet: str | int | None = None,
    ) -> ImportReport:
        """Make an imported tag of the column ``value`` of a CSV, Excel, Parquet or JSON file;
        without it, the tag is true of the subjects that the file names. The next run computes it.

        ``type`` is that of its values, else guessed and told; ``titles`` are by language; ``key``,
        ``rejects`` and ``sheet`` as for ``import_list``. A tag that came in before is replaced.
        """
        from holbein.importing import import_tag

        return import_tag(
            self.folder,
            self.store,
            self.query,
            name,
            Path(file),
            on,
            key=key,
            value=value,
            type=type,
            titles=titles,
            rejects=None if rejects is None else Path(rejects),
            language=lang,
            progress=progress,
            sheet=sheet,
        )

    def waiting(self) -> list[str]:
        """What names subjects that no source describes yet, a line each."""
        from holbein import identity

        with self.store.current() as snapshot:
            return identity.told(snapshot.read("unattached"))

    def quarantine(self) -> pa.Table:
        """What the version in force could not read: source, place, reason, row (JSON text)."""
        from holbein.records import QUARANTINE

        with self.store.current() as snapshot:
            return snapshot.read("quarantine", QUARANTINE.names)
