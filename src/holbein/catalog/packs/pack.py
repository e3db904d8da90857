"""What a pack is: its tags as text, and the parts that they need."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Annotated, Literal, get_args

import pydantic

from holbein.catalog.definitions import TagDefinition
from holbein.catalog.load import definitions_in
from holbein.catalog.located import Located, Model
from holbein.catalog.parts import Title
from holbein.catalog.problems import Problems
from holbein.catalog.yaml_text import parse
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.conditions.writing import write_name
from holbein.errors import NotFoundError, near

Sort = Literal["stream", "number", "category", "date", "value", "parent"]

_PART = re.compile(r"\$(\w+)")
_ALONE = re.compile(r"(?::|,|\[|\{) *\Z")
"""What stands before a scalar of its own, in YAML that holds one to a line or a flow."""
_WORD = re.compile(r"[^\W\d]\w*")


class Need(Model):
    """One part that tags of a pack speak of: what it must be, and what it is usually called."""

    sort: Annotated[Sort, pydantic.Field(alias="is")]
    of: SubjectKind | tuple[SubjectKind, ...] | str | None = None
    """The kinds whose keys a stream bears; the kind or the part whose column it is; of a value,
    the part that takes it."""
    name: str | None = None
    """What it is called unless the workspace says otherwise; without it, as the part."""
    also: tuple[str, ...] = ()
    """Other usual names."""
    guess: bool = False
    """Whether the only thing that could be meant is taken, whatever its name."""
    tags: Annotated[tuple[str, ...], pydantic.Field(alias="for")] = ()
    """The tags that need it without naming it."""
    title: Title

    @property
    def kinds(self) -> tuple[SubjectKind, ...]:
        """Of a stream: the kinds whose keys it bears."""
        return self.of if isinstance(self.of, tuple) else ()

    @property
    def kind(self) -> SubjectKind | None:
        """Of an attribute: the kind that has it."""
        return next((kind for kind in get_args(SubjectKind) if kind == self.of), None)

    @property
    def part(self) -> str:
        """The part that it belongs to; empty where it belongs to none."""
        return self.of if isinstance(self.of, str) and self.kind is None else ""

    def told(self) -> str:
        """``a number of orders: the money of an order``."""
        of = " and ".join(self.kinds) or (self.of if isinstance(self.of, str) else "")
        sort = {"parent": "a mapping of enterprises with its parent"}.get(self.sort, self.sort)
        return f"{sort}{f' of {of}' if of else ''}: {self.title.get('en', '')}"


class _Header(Model):
    pack: str
    title: Title
    needs: dict[str, Need]
    tags: list[object]


@dataclass(frozen=True)
class Block:
    """One tag of a pack: its lines, with the comments above it."""

    tag: str
    on: SubjectKind
    text: str
    parts: frozenset[str]
    """The parts that it names, or needs without naming them."""
    uses: frozenset[str]
    """The other tags of the pack that it speaks of."""
    sql: bool
    """Whether it is a query, which knows streams and no events."""


@dataclass(frozen=True)
class Pack:
    """A set of tags. In ``text`` the parts stand as ``$part``."""

    name: str
    title: Mapping[str, str]
    about: str
    """The comment at its head."""
    needs: Mapping[str, Need]
    text: str

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its tags, in their order."""
        file = f"{self.name}.yaml"
        data = parse(self.text, file, Problems())
        lines = self.text.splitlines(keepends=True)
        first = data.lines["tags"]
        starts = [_begin(lines, data["tags"].lines[at] - 1, first) for at in data["tags"].lines]
        ends = [*starts[1:], len(lines)]
        known = {one["tag"] for one in data["tags"]}
        return tuple(
            self._block(item, "".join(lines[start:end]).strip("\n") + "\n", known)
            for item, start, end in zip(data["tags"], starts, ends, strict=True)
        )

    def _block(self, item: Located, text: str, known: set[str]) -> Block:
        tag = item["tag"]
        silent = {part for part, need in self.needs.items() if tag in need.tags}
        parts = silent.union(_PART.findall(text))
        for part in tuple(parts):  # a value belongs to a column, and that to a stream
            while part := self.needs[part].part:
                parts.add(part)
        meaning = {key: one for key, one in item.items() if key not in _OF_PEOPLE}
        words = set(_WORD.findall(_PART.sub("", str(meaning))))
        return Block(
            tag,
            item.get("on", "enterprise"),
            text,
            frozenset(parts),
            frozenset(words & known - {tag}),
            "sql" in item,
        )

    @property
    def usual(self) -> Mapping[str, str]:
        """The names of the parts where nothing else is said."""
        return {part: need.name or part for part, need in self.needs.items()}

    def plain(self, names: Mapping[str, str] | None = None, tags: Collection[str] = ()) -> str:
        """The tags (all unless some are named) as a file for ``tags/``, with names put in."""
        put = names or self.usual
        kept = [one.text for one in self.blocks if not tags or one.tag in tags]
        return "tags:\n" + "\n".join(put_in(text, put) for text in kept)

    def told(self, language: Language = "en") -> str:
        """Its title."""
        return self.title.get(language) or self.title["en"]


_OF_PEOPLE = ("tag", "on", "title", "values", "category", "description", "sentence", "type")


def _begin(lines: list[str], line: int, first: int) -> int:
    """Where the comments right above a line begin."""
    while line > first and lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return line


def put_in(text: str, names: Mapping[str, str]) -> str:
    """``text`` with the name of each ``$part``, quoted as the place asks for."""

    def name(found: re.Match[str]) -> str:
        name = names[found[1]]
        before, after = text[: found.start()], text[found.end() :]
        if before[-1:] in ("'", '"') and after[:1] == before[-1]:
            return name.replace(before[-1], 2 * before[-1])
        quoted = write_name(name)
        if quoted != name and _ALONE.search(before) and re.match(r" *(?:[\n,\]}]|\Z)", after):
            return "'" + name.replace("'", "''") + "'"
        return quoted

    return _PART.sub(name, text)


def names() -> tuple[str, ...]:
    """The packs that there are: the standard one, and those by trade."""
    return ("standard", "saas", "wholesale", "securities", "lending")


def load_pack(name: str) -> Pack:
    """A pack by its name. Raises NotFoundError."""
    if name not in names():
        hint = near(name, names()) or "the packs are " + ", ".join(names())
        raise NotFoundError(f"there is no pack {name[:80]!r}", hint=hint)
    file = resources.files("holbein.catalog.packs").joinpath(f"{name}.yaml")
    text = file.read_text(encoding="utf-8")
    data = parse(text, f"{name}.yaml", Problems())
    header = _Header.model_validate(data)
    about = "\n".join(
        line for line in text.partition("pack:")[0].splitlines() if "dollar" not in line
    )
    return Pack(name, header.title, about, header.needs, text)


def read_tags(text: str, file: str) -> tuple[TagDefinition, ...]:
    """The tags in a text. Raises DefinitionError."""
    problems = Problems()
    found = tuple(definitions_in(text, "tags", file, TagDefinition, problems))
    problems.raise_any()
    return found
