"""Writes the definition of an imported tag into a workspace's files, or that it came in again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from holbein.catalog.definitions import Definitions, TagDefinition
from holbein.catalog.edit import added_to, new_tag, plain_name, write_whole
from holbein.catalog.load import load
from holbein.catalog.yaml_text import read_text
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Type
from holbein.errors import DefinitionError

FOLDER = "imported"
KEY, VALUE = "key", "value"
"""The columns of the files in it: the keys as ``source:key``."""


@dataclass(frozen=True)
class Wanted:
    """An imported tag as it shall be defined; ``type`` None where it has no values."""

    name: str
    kind: SubjectKind
    type: Type | None
    titles: Mapping[str, str]
    came_from: str
    came_at: str

    @property
    def file(self) -> str:
        """Where its values are, from the workspace's folder."""
        return file_of(self.name, self.kind)


def file_of(name: str, kind: SubjectKind) -> str:
    """Where the values of a tag that came in are, from the workspace's folder."""
    return f"{FOLDER}/{kind}.{name}.parquet"


def imported_before(definitions: Definitions, name: str, kind: SubjectKind) -> TagDefinition | None:
    """The tag of that name that came in before; None where there is none.

    Raises DefinitionError where the name is no name, or that of a tag that did not come in.
    """
    for one in definitions.tags:
        file = one.imported.file if one.imported is not None else None
        if one.on == kind and one.tag == name and file == file_of(name, kind):
            return one
    new_tag(definitions, {"tag": name, "on": kind, "where": "TRUE"})
    return None


def define(
    folder: Path, wanted: Wanted, check: Callable[[Definitions], object] | None = None
) -> str:
    """Adds the tag to ``tags/own.yaml``; returns its place. ``check`` as in ``add_tag``."""
    definitions = load(folder)
    fields: dict[str, object] = {"tag": wanted.name, "on": wanted.kind}
    if wanted.type is not None:
        fields["type"] = wanted.type
    if wanted.titles:
        fields["title"] = dict(wanted.titles)
    fields["imported"] = {
        "file": wanted.file,
        "id": KEY,
        **({VALUE: VALUE} if wanted.type is not None else {}),
        "from": wanted.came_from,
        "at": wanted.came_at,
    }
    added = new_tag(definitions, fields)
    lines = [f"- tag: {plain_name(wanted.name)}"]
    if wanted.kind != "enterprise":
        lines.append(f"  on: {wanted.kind}")
    if wanted.type is not None:
        lines.append(f"  type: {wanted.type}")
    if wanted.titles:
        titles = ", ".join(f"{key}: {_text(text)}" for key, text in wanted.titles.items())
        lines.append(f"  title: {{{titles}}}")
    lines.append(f"  {_imported(wanted)}")
    return added_to(folder, definitions, added, lines, check)


def _imported(wanted: Wanted) -> str:
    """The line of the definition that an import writes, and the next one writes anew."""
    value = f", value: {VALUE}" if wanted.type is not None else ""
    came = f"from: {_text(wanted.came_from)}, at: {_text(wanted.came_at)}"
    return f"imported: {{file: {_text(wanted.file)}, id: {KEY}{value}, {came}}}"


def came_again(folder: Path, before: TagDefinition, wanted: Wanted) -> Callable[[], str]:
    """What writes into the definition from which file its values are now, and returns its place.

    Raises DefinitionError at once where the definition cannot be changed.
    """
    file, _, line = before.place_of("imported").rpartition(":")
    path = folder / file
    lines = read_text(path, file).splitlines(keepends=True)
    number = int(line) - 1
    found = re.fullmatch(r"(\s*)imported: \{.*\}(\s*)", lines[number])
    if found is None:
        raise DefinitionError(
            "the tag's definition has a form that cannot be changed",
            place=f"{file}:{line}",
            hint="write imported: {…} on one line of its own",
        )
    lines[number] = f"{found[1]}{_imported(wanted)}{found[2]}"

    def written() -> str:
        write_whole(path, "".join(lines), file)
        return before.place

    return written


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON's texts are YAML's double-quoted ones
