"""What tells, without reading them, whether sources are still what they were."""

from __future__ import annotations

from pathlib import Path

from holbein.catalog.definitions import Definitions
from holbein.collect.origins import files_of


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
    parts = []
    for path in sorted(paths):
        try:
            stat = path.stat()
        except OSError:
            continue
        parts.append(f"{path.name}:{stat.st_size}:{stat.st_mtime_ns}")
    return ",".join(parts)
