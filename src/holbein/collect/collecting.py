"""``collect``: takes what the definitions map, typed as the inspection says."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from holbein.catalog.definitions import Definitions
from holbein.catalog.inspection import Inspection
from holbein.collect.collected import Collected, Facts, Subjects
from holbein.collect.facts import take_facts
from holbein.collect.raw import Progress
from holbein.collect.rejects import Rejects
from holbein.collect.subjects import take_subjects
from holbein.collect.wanted import all_wanted
from holbein.errors import SourceError


def collect(
    definitions: Definitions,
    inspection: Inspection,
    zone: ZoneInfo,
    folder: Path | None = None,
    *,
    progress: Progress | None = None,
) -> Collected:
    """Reads every mapping, whole. What can't be read is in ``quarantine``, in order of reading.

    ``inspection`` must be of the same definitions. Times without a zone are times in ``zone``.
    Raises SourceError where a source can't be read any more.
    """
    subjects: list[Subjects] = []
    facts: list[Facts] = []
    rejects = Rejects()
    for wanted in all_wanted(definitions, folder or definitions.folder):
        try:
            raw = wanted.origin.read(wanted.names, progress)
        except SourceError as error:
            raise error.at(wanted.mapping.place) if wanted.mapping.place else error from error
        if wanted.stream is not None:
            facts.append(take_facts(wanted, raw, inspection, zone, rejects))
        else:
            subjects += take_subjects(wanted, raw, inspection, zone, rejects)
    return Collected(tuple(subjects), tuple(facts), rejects.table())
