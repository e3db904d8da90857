"""Fingerprints: of what a unit's facts, the subjects, and the lists of tags are made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from holbein.catalog.inspection import Column, Inspection
from holbein.catalog.kinds import Imported, Tag
from holbein.collect.units import Unit, state_of
from holbein.collect.wanted import Wanted
from holbein.release import release

FORMAT: Final = "4"
"""Changes when the same sources would give other tables."""


def of_unit(wanted: Wanted, unit: Unit, inspection: Inspection, zone: str) -> str:
    """Of one unit of a stream: all but the subjects that its facts bear."""
    assert wanted.stream is not None
    found = inspection.streams[wanted.stream]
    return _fingerprint(
        zone,
        wanted.source,
        wanted.stream,
        # Titles change no fact. Of the columns, what matters is in their types.
        wanted.mapping.model_dump(mode="json", exclude={"title", "columns"}),
        {name: one.column for name, one in wanted.values.items()},
        _typed(found.columns.values()),
        {name: asdict(one) for name, one in found.habits.items()},
        unit.state,
    )


def of_subjects(every: Sequence[Wanted], inspection: Inspection, zone: str) -> str:
    """Of all mappings of subjects."""
    columns = [_typed(one.values()) for one in inspection.attributes.values()]
    mappings = [
        [one.source, one.kind, one.mapping.model_dump(mode="json"), [u.state for u in one.units]]
        for one in every
    ]
    return _fingerprint(zone, columns, mappings)


def of_lists(tags: Sequence[Tag], folder: Path, zone: str) -> str:
    """Of the lists of imported tags."""
    listed = []
    for tag in tags:
        assert isinstance(tag.definition, Imported)
        codes = tag.codes.name if tag.codes is not None else None
        state = state_of([folder / tag.definition.path])
        listed.append([tag.name, tag.kind, tag.type, codes, asdict(tag.definition), state])
    return _fingerprint(zone, listed)


def _typed(columns: Iterable[Column]) -> list[Any]:
    return [[one.name, one.type, one.money, one.codes] for one in columns]


def _fingerprint(*parts: object) -> str:
    text = json.dumps([FORMAT, release(), *parts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
