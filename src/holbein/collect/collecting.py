"""``collect``: takes what the definitions map, typed as the inspection says."""

from __future__ import annotations

from collections.abc import Sequence

from holbein.catalog.definitions import Definitions
from holbein.catalog.inspection import Inspection
from holbein.catalog.kinds import Imported, Tag
from holbein.collect.facts import take_facts
from holbein.collect.imported import take_list
from holbein.collect.rejects import Rejects
from holbein.collect.subjects import take_subjects
from holbein.collect.wanted import all_wanted
from holbein.errors import SourceError
from holbein.progress import Progress, quiet
from holbein.records import Collected, Facts, Listed, Subjects


def collect(
    definitions: Definitions,
    inspection: Inspection,
    tags: Sequence[Tag] = (),
    progress: Progress = quiet,
) -> Collected:
    """Reads every mapping, and the lists of the imported ones of ``tags``, whole.

    What can't be read is in ``quarantine``, in order of reading. ``inspection`` must be of the
    same definitions. Raises SourceError where a source can't be read any more.
    """
    zone = definitions.settings.zone
    subjects: list[Subjects] = []
    facts: list[Facts] = []
    rejects = Rejects()
    for wanted in all_wanted(definitions):
        try:
            raw = wanted.origin.read(wanted.names, progress)
        except SourceError as error:
            raise error.at(wanted.mapping.place) if wanted.mapping.place else error from error
        if wanted.stream is not None:
            facts.append(take_facts(wanted, raw, inspection, zone, rejects))
        else:
            subjects += take_subjects(wanted, raw, inspection, zone, rejects)
    lists: list[Listed] = [
        take_list(tag, definitions.folder, zone, rejects, progress)
        for tag in tags
        if isinstance(tag.definition, Imported) and tag.unfit is None
    ]
    return Collected(tuple(subjects), tuple(facts), tuple(lists), rejects.table())
