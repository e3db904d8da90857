"""Small workspaces in real files, and what collect takes from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from holbein import catalog
from holbein.catalog.definitions import Definitions
from holbein.catalog.inspection import Inspection
from holbein.catalog.kinds import Tag
from holbein.catalog.load import load
from holbein.collect import Collector, inspect
from holbein.records import Facts, Listed, Subjects

Workspace = Callable[..., Definitions]
Take = Callable[..., "Taken"]


@dataclass(frozen=True)
class Collected:
    """All that a ``Collector`` gives."""

    subjects: list[Subjects]
    facts: list[Facts]
    lists: list[Listed]
    quarantine: pa.Table


def collect(
    definitions: Definitions, inspection: Inspection, tags: Sequence[Tag] = ()
) -> Collected:
    """Takes all that there is."""
    collector = Collector(definitions, inspection, tags)
    subjects, aside = collector.subjects()
    facts = [
        collector.facts(stream, number)
        for stream in collector.streams
        for number in range(len(stream.units))
    ]
    lists, last = collector.lists()
    aside = pa.concat_tables([aside, *(one for _, one in facts), last])
    return Collected(subjects, [one for one, _ in facts], lists, aside)


@dataclass(frozen=True)
class Taken:
    """What was collected, row by row."""

    inspection: Inspection
    collected: Collected

    def subjects(self, kind: str) -> list[dict[str, Any]]:
        """The rows of all mappings of a kind: keys, then attributes."""
        return [
            {**keys, **values}
            for one in self.collected.subjects
            if one.kind == kind
            for keys, values in zip(one.keys.to_pylist(), one.attributes.to_pylist(), strict=True)
        ]

    def facts(self, stream: str) -> list[dict[str, Any]]:
        """The rows of a stream: keys, then columns."""
        return [
            {**keys, **values}
            for one in self.collected.facts
            if one.stream == stream
            for keys, values in zip(one.keys.to_pylist(), one.columns.to_pylist(), strict=True)
        ]

    def listed(self, tag: str) -> dict[str, Any]:
        """The list of an imported tag."""
        (one,) = (one for one in self.collected.lists if one.tag == tag)
        return dict(zip(*(column.to_pylist() for column in one.values.columns), strict=True))

    @property
    def put_aside(self) -> list[tuple[str, str]]:
        """Place and reason of what is in the quarantine, in order."""
        rows = self.collected.quarantine.to_pylist()
        return [(row["place"], row["reason"]) for row in rows]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Makes a workspace of a source's definition and files, and gives its definitions."""

    def make(source: str, *, settings: str = "name: test\n", tags: str = "", **files: Any) -> Any:
        texts: dict[str, Any] = {"holbein.yaml": settings, "sources/s.yaml": source, **files}
        if tags:
            texts["tags/t.yaml"] = tags
        for name, content in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode()
            path.write_bytes(data)
        return load(tmp_path)

    return make


@pytest.fixture
def take(workspace: Workspace) -> Take:
    """Makes a workspace, and takes from its sources."""

    def taken(source: str, **files: Any) -> Taken:
        definitions = workspace(source, **files)
        found = inspect(definitions)
        tags = catalog.build(definitions, found, {}).tags
        return Taken(found, collect(definitions, found, tags))

    return taken
