"""Writes an own tag into a workspace's files, and leaves what stands there as it is."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pydantic

from holbein.catalog.definitions import Definitions, TagDefinition
from holbein.catalog.load import definitions_in, load
from holbein.catalog.located import Located
from holbein.catalog.problems import Problems
from holbein.catalog.told import tell
from holbein.catalog.yaml_text import parse as parse_yaml
from holbein.catalog.yaml_text import read_text
from holbein.conditions.text import parse, parse_measure
from holbein.conditions.tree import SubjectKind
from holbein.errors import ConditionError, DefinitionError

OWN_FILE = "tags/own.yaml"
_HEADER = "# Tags added by `holbein tag add`. They can be edited like any others.\n"


def add_tag(
    folder: str | Path,
    name: str,
    kind: SubjectKind,
    text: str,
    check: Callable[[Definitions], object] | None = None,
) -> str:
    """Adds a tag to ``tags/own.yaml``: a flag for a condition, a statistic for a measure.

    Returns the place of the new tag, as "tags/own.yaml:3".

    ``check`` is given the definitions as they would be, and refuses them by raising; ``build``
    over the inspected sources is such a check. Nothing is written unless all is well.

    Raises:
        DefinitionError: the workspace is wrong as it is, the name is no name or is taken.
        ConditionError: the text is neither a condition nor a measure.
    """
    root = Path(folder)
    definitions = load(root)
    form = _form_of(text)
    added = new_tag(definitions, {"tag": name, "on": kind, form: text})
    lines = [f"- tag: {plain_name(name)}"]
    if kind != "enterprise":
        lines.append(f"  on: {kind}")
    # JSON's texts are YAML's double-quoted ones.
    lines.append(f"  {form}: {json.dumps(text, ensure_ascii=False)}")
    return added_to(root, definitions, added, lines, check)


def added_to(
    root: Path,
    definitions: Definitions,
    added: TagDefinition,
    lines: Sequence[str],
    check: Callable[[Definitions], object] | None,
) -> str:
    """Writes the ``lines`` of a tag at the end of ``tags/own.yaml``, and returns its place."""
    path = root / OWN_FILE
    before = read_text(path, OWN_FILE) if path.exists() else _HEADER
    after = _with_lines(before, lines)

    problems = Problems()
    own = tuple(definitions_in(after, "tags", OWN_FILE, TagDefinition, problems))
    problems.raise_any()
    others = [one for one in definitions.tags if not one.place.startswith(f"{OWN_FILE}:")]
    kept = [one for one in definitions.tags if one.place.startswith(f"{OWN_FILE}:")]
    if list(own) != [*kept, added]:
        raise _by_hand()
    if check is not None:
        check(dataclasses.replace(definitions, tags=(*others, *own)))
    write_whole(path, after, OWN_FILE)
    return own[-1].place


def _form_of(text: str) -> str:
    """``where`` for a condition, ``value`` for a measure. A bare name is a condition."""
    try:
        parse(text)
    except ConditionError as error:
        try:
            parse_measure(text)
        except ConditionError:
            raise error from None
        return "value"
    return "where"


def new_tag(definitions: Definitions, fields: Mapping[str, object]) -> TagDefinition:
    """A tag with these fields. Raises DefinitionError where the name is none, or is taken."""
    name, kind = str(fields["tag"]), fields["on"]
    for one in definitions.tags:
        if one.on == kind and one.tag.lower() == name.lower():
            if one.tag == name:
                message = f"there is a tag {name!r} on {kind} already, at {one.place}"
            else:
                message = f"only case tells it from the tag {one.tag!r} on {kind}, at {one.place}"
            raise DefinitionError(message, hint="choose another name")
    data = Located(OWN_FILE, 1)
    data.update(fields)
    try:
        return TagDefinition.model_validate(data)
    except pydantic.ValidationError as error:
        told = next(tell(error, TagDefinition, data, ""))
        raise DefinitionError(told.message, hint=told.hint) from None


def _with_lines(before: str, lines: Sequence[str]) -> str:
    """The text of the file with one more tag at its end; all that stands there is kept."""
    data = parse_yaml(before, OWN_FILE, Problems())
    listed = data.get("tags") if isinstance(data, Located) else None
    kept = before if not before or before.endswith("\n") else before + "\n"
    indent = "  "
    if listed:
        # A new item stands under the dash of the first one.
        line = before.splitlines()[listed.lines[0] - 1]
        dash = re.match(r"( *)- ", line)
        if dash is None:
            raise _by_hand()
        indent = dash[1]
    elif listed is not None:
        kept = re.sub(r"^tags:\s*\[\s*\]", "tags:", kept, flags=re.MULTILINE)
    elif not isinstance(data, Located):
        kept += "tags:\n"
    return kept + "".join(f"{indent}{line}\n" for line in lines)


def plain_name(name: str) -> str:
    """A name as YAML takes it for text."""
    return json.dumps(name) if name.lower() in ("true", "false", "null") else name


def _by_hand() -> DefinitionError:
    return DefinitionError(
        "the file has a form that cannot be added to", place=OWN_FILE, hint="add the tag by hand"
    )


def write_whole(path: Path, text: str, file: str) -> None:
    """Writes a file of definitions whole or not at all; ``file`` is what messages call it.

    Raises DefinitionError where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".own-", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            # A temporary file is for its owner only; definitions are as open as other files.
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
            os.chmod(temporary, mode)  # noqa: PTH101
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DefinitionError(
            f"the file cannot be written: {error.strerror}",
            place=file,
            hint="check who may write there",
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
