"""YAML 1.2 read as plain data that knows its lines.

Only what configuration needs: mappings, lists, texts, numbers, true and false. ``on``, ``NO``,
``0123`` and dates stay text, keys are always text, and no tag makes an object.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from holbein.catalog.located import Located, LocatedList
from holbein.catalog.problems import Problems
from holbein.errors import DefinitionError

MAX_BYTES = 2_000_000
MAX_NODES = 200_000
MAX_DEPTH = 50

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BRACKETS = re.compile(r"(?:[\[{]\s*){100}")
_FLATTER = "no definition needs so many: look for a stray bracket"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{one}"
    for one in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "value", "merge")
)


def read_text(path: Path, file: str) -> str:
    """The text of a definition file.

    Raises:
        DefinitionError: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DefinitionError(
                f"the file has {size / 1e6:.1f} MB, and definitions have at most "
                f"{MAX_BYTES / 1e6:.0f} MB",
                place=file,
                hint="data belongs into sources, not into definitions",
            )
        # One more byte than allowed shows a file that grew, or that tells no size.
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise DefinitionError(
            f"the file cannot be read: {reason}", place=file, hint="mend it, or move it away"
        ) from None
    if len(data) > MAX_BYTES:
        raise DefinitionError("the file is too large for definitions", place=file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DefinitionError(
            "the file is not UTF-8", place=f"{file}:{line}", hint="save it as UTF-8"
        ) from None


def parse(text: str, file: str, problems: Problems) -> Any:
    """The content of a YAML text: Located, LocatedList, str, int, float, bool or None.

    Keys that stand twice are noted in ``problems``, and the first one counts.

    Raises:
        DefinitionError: it is not YAML, or uses parts of YAML that definitions have no use for.
    """
    if (found := _BRACKETS.search(text)) is not None:
        # The reader recurses, and takes long to give up.
        line = text.count("\n", 0, found.start()) + 1
        raise DefinitionError("lists are nested too deep", place=f"{file}:{line}", hint=_FLATTER)
    reader = YAML(typ="safe", pure=True)
    reader.composer.warn_double_anchors = False
    try:
        node = reader.compose(text)
    except MarkedYAMLError as error:
        raise _malformed(error, file) from None
    except YAMLError as error:
        line = _line_of_control(text)
        raise DefinitionError(
            "it is not YAML: " + str(error).splitlines()[0].strip(),
            place=f"{file}:{line}",
            hint="remove what cannot be seen",
        ) from None
    except RecursionError:
        raise DefinitionError("lists are nested too deep", place=file, hint=_FLATTER) from None
    except (ValueError, AttributeError, TypeError, IndexError, KeyError):
        # The reader has its own slips on broken text; to the user they are all the same.
        raise DefinitionError("it is not YAML", place=file, hint="look for a stray sign") from None
    if node is None:
        return None
    return _Builder(file, problems).build(node, 0)


def _line_of_control(text: str) -> int:
    found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _malformed(error: MarkedYAMLError, file: str) -> DefinitionError:
    mark = error.problem_mark or error.context_mark
    place = f"{file}:{mark.line + 1}" if mark is not None else file
    problem = (error.problem or error.context or "cannot be read").strip()
    if "\\t" in problem:
        return DefinitionError(
            "YAML is indented with blanks, and here is a tab", place=place, hint="use blanks"
        )
    if "single document" in (error.context or ""):
        return DefinitionError(
            "the file holds several documents", place=place, hint="leave out the line ---"
        )
    context = error.context_mark
    if "<block end>" in problem and context is not None:
        return DefinitionError(
            "the indentation is off: this line belongs to nothing above it",
            place=place,
            hint=f"indent it like what begins on line {context.line + 1}, or deeper",
        )
    begun = ""
    if context is not None and mark is not None and context.line != mark.line:
        begun = f", {error.context} that begins on line {context.line + 1}"
    return DefinitionError(
        f"it is not YAML: {problem}{begun}",
        place=place,
        hint="look for a missing quote, bracket or blank after a colon, here or just before",
    )


class _Builder:
    def __init__(self, file: str, problems: Problems) -> None:
        self.file = file
        self.problems = problems
        self.nodes = 0
        self.above: set[int] = set()

    def build(self, node: Any, depth: int) -> Any:
        self.nodes += 1
        place = f"{self.file}:{node.start_mark.line + 1}"
        if self.nodes > MAX_NODES:
            raise DefinitionError(
                "the file unfolds into too much",
                place=place,
                hint="write out what the anchors repeat",
            )
        if depth > MAX_DEPTH:
            raise DefinitionError("lists are nested too deep", place=place, hint=_FLATTER)
        if str(node.tag) not in _PLAIN_TAGS:
            raise DefinitionError(
                f"definitions have no YAML tags such as {node.tag}",
                place=place,
                hint="leave it out",
            )
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if id(node) in self.above:
            raise DefinitionError(
                "an anchor holds itself", place=place, hint="write out what it stands for"
            )
        self.above.add(id(node))
        line = node.start_mark.line + 1
        made: Located | LocatedList
        if isinstance(node, MappingNode):
            made = self._mapping(node, Located(self.file, line), depth)
        else:
            assert isinstance(node, SequenceNode)
            made = LocatedList(self.file, line)
            for place_in, item in enumerate(node.value):
                made.lines[place_in] = item.start_mark.line + 1
                made.append(self.build(item, depth + 1))
        self.above.discard(id(node))
        return made

    def _mapping(self, node: MappingNode, made: Located, depth: int) -> Located:
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            place = f"{self.file}:{line}"
            if not isinstance(key_node, ScalarNode):
                raise DefinitionError(
                    "a key is one text, not a list or a mapping",
                    place=place,
                    hint="quote texts with { or [",
                )
            key = str(key_node.value)
            if str(key_node.tag).endswith(":merge"):
                raise DefinitionError(
                    "merge keys (<<) are no part of YAML 1.2", place=place, hint="write them out"
                )
            if key in made.lines:
                self.problems.add(
                    f"the key {key!r} stands twice: first on line {made.lines[key]}",
                    place,
                    "keep one of them",
                )
                continue
            made.lines[key] = line
            made[key] = self.build(value, depth + 1)
        return made


def _scalar(node: ScalarNode) -> Any:
    text = str(node.value)
    if node.style is not None or str(node.tag).endswith(":str"):
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text) and len(text) < 20:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
