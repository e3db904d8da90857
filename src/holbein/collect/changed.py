"""What tells, without reading them, whether sources are still what they were."""

from __future__ import annotations

import hashlib
from pathlib import Path

from holbein.catalog.definitions import Definitions
from holbein.collect.origins import files_of
from holbein.collect.units import state_of


def fingerprint(definitions: Definitions) -> dict[str, str]:
    """Names, sizes and times of the files of each source, and of each imported list.

    What does not exist has an empty one: reading it will say so better.
    """
    found: dict[str, str] = {}
    for source in definitions.sources:
        paths = files_of(source, definitions.folder)
        found[source.source] = ";".join(filter(None, (found.get(source.source), _state(paths))))
    for tag in definitions.tags:
        if tag.imported is not None:
            found[f"tag {tag.tag} of {tag.on}"] = _state([definitions.folder / tag.imported.file])
    return found


def _state(paths: list[Path]) -> str:
    state = state_of(paths)
    # A folder may hold a file for each day of many years.
    return state if len(state) < 200 else hashlib.sha256(state.encode()).hexdigest()
