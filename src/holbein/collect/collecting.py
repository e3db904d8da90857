"""Taking what the definitions map, typed as the inspection says: piece by piece, as asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.definitions import Definitions
from holbein.catalog.inspection import Inspection
from holbein.catalog.kinds import Imported, Tag
from holbein.collect.facts import NOTHING, Apart, take_facts
from holbein.collect.imported import take_list
from holbein.collect.made_of import of_lists, of_subjects, of_unit
from holbein.collect.raw import Raw, as_text, chunked
from holbein.collect.rejects import Rejects
from holbein.collect.seen import Seen
from holbein.collect.subjects import take_subjects
from holbein.collect.units import Unit
from holbein.collect.wanted import Wanted, all_wanted
from holbein.conditions.tree import SubjectKind
from holbein.errors import SourceError
from holbein.progress import Progress, quiet
from holbein.records import Facts, Listed, Subjects


@dataclass(frozen=True)
class Stream:
    """A stream's units, in the order of their facts, and what each is made of."""

    name: str
    wanted: Wanted
    made_of: tuple[str, ...]

    @property
    def units(self) -> tuple[Unit, ...]:
        return self.wanted.units


class Collector:
    """Reads what is asked of it and nothing else.

    What can't be read comes beside it, in order of reading (``QUARANTINE``). Raises SourceError
    where a source can't be read any more.
    """

    def __init__(
        self,
        definitions: Definitions,
        inspection: Inspection,
        tags: Sequence[Tag] = (),
        seen: Seen | None = None,
        progress: Progress = quiet,
    ) -> None:
        """``inspection`` must be of the same definitions; ``tags``: whose lists are wanted."""
        self._definitions = definitions
        self._inspection = inspection
        self._zone = definitions.settings.zone
        self._progress = progress
        imported = [tag for tag in tags if isinstance(tag.definition, Imported)]
        self.listed = [tag for tag in imported if tag.unfit is None]
        every = list(all_wanted(definitions, seen or Seen()))
        self._subjects = [one for one in every if one.stream is None]
        zone = definitions.settings.time_zone
        self.streams = tuple(
            Stream(one.stream, one, tuple(of_unit(one, u, inspection, zone) for u in one.units))
            for one in every
            if one.stream is not None
        )
        self.subjects_made_of = of_subjects(self._subjects, inspection, zone)
        self.lists_made_of = of_lists(self.listed, definitions.folder, zone)
        self.subject_units = sum(len(one.units) for one in self._subjects)

    @property
    def listed_kinds(self) -> tuple[SubjectKind, ...]:
        """The kinds of subjects that have imported tags."""
        return tuple(dict.fromkeys(tag.kind for tag in self.listed))

    def subjects(self) -> tuple[list[Subjects], pa.Table]:
        """All enterprises, people and roles, mappings in the order of declaration."""
        found: list[Subjects] = []
        rejects = Rejects()
        for wanted in self._subjects:
            (unit,) = wanted.units
            raw = self._read(wanted, unit)
            found += take_subjects(wanted, raw, self._inspection, self._zone, rejects)
        return found, rejects.table()

    def facts(self, stream: Stream, number: int, apart: Apart = NOTHING) -> tuple[Facts, pa.Table]:
        """The facts of one unit; ``apart`` are those whose key stands in an earlier unit."""
        rejects = Rejects()
        raw = self._read(stream.wanted, stream.units[number])
        facts = take_facts(stream.wanted, raw, self._inspection, self._zone, rejects, apart)
        return facts, rejects.table()

    def rows(self, stream: Stream, number: int, keys: pa.Array) -> pa.Table:
        """The rows of a unit that have these keys, as the source has them, in text: ``key``, the
        number ``row``, then the columns read. Rows that can't be read are left out."""
        raw = self._read(stream.wanted, stream.units[number])
        facts = take_facts(stream.wanted, raw, self._inspection, self._zone, Rejects(), None)
        some = facts.keys.filter(pc.is_in(facts.keys["key"], value_set=keys))
        rows = raw.table.take(some["row"])
        texts = {f"row.{name}": chunked(as_text(rows[name])) for name in rows.column_names}
        return pa.table({"key": some["key"], "row": some["row"], **texts})

    def lists(self) -> tuple[list[Listed], pa.Table]:
        """The lists of the imported tags, whole."""
        rejects = Rejects()
        folder, zone = self._definitions.folder, self._zone
        found = [
            one
            for tag in self.listed
            for one in take_list(tag, folder, zone, rejects, self._progress)
        ]
        return found, rejects.table()

    def _read(self, wanted: Wanted, unit: Unit) -> Raw:
        try:
            inner = quiet if wanted.folder else self._progress  # not a step for each day
            return unit.origin.read(wanted.names, inner)
        except SourceError as error:
            raise error.at(wanted.mapping.place) if wanted.mapping.place else error from error
