"""Reads a workspace's definitions, and tells every mistake in them at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pydantic

from holbein.catalog.definitions import (
    SECTIONS,
    AudienceDefinition,
    Definitions,
    Section,
    Settings,
    SourceDefinition,
    TagDefinition,
)
from holbein.catalog.located import Located, LocatedList, Model
from holbein.catalog.problems import Problems
from holbein.catalog.told import tell
from holbein.catalog.yaml_text import parse, read_text
from holbein.errors import DefinitionError, near

SETTINGS_FILE = "holbein.yaml"

M = TypeVar("M", bound=Model)


def load(folder: str | Path) -> Definitions:
    """The definitions of the workspace at ``folder``.

    Raises:
        DefinitionError: the folder is no workspace, or a file is wrong. Several mistakes come as
            one ``DefinitionErrors``; each names its file and line.
    """
    root = Path(folder)
    check_workspace(root)
    problems = Problems()
    settings = _settings(root, problems)
    sources = tuple(_section(root, "sources", SourceDefinition, problems))
    tags = tuple(_section(root, "tags", TagDefinition, problems))
    audiences = _audiences(root, problems)
    _once(((f"tag {one.tag!r} on {one.on}", (one.on, one.tag), one) for one in tags), problems)
    _once(
        (
            (f"stream {name!r}", ("", name), stream)
            for source in sources
            for name, stream in source.streams.items()
        ),
        problems,
    )
    problems.raise_any()
    return Definitions(settings, sources, tags, audiences, root)


def load_audiences(folder: str | Path) -> tuple[AudienceDefinition, ...]:
    """The audiences alone, as ``load`` has them. Raises DefinitionError."""
    problems = Problems()
    audiences = _audiences(Path(folder), problems)
    problems.raise_any()
    return audiences


def load_settings(folder: str | Path) -> Settings:
    """``holbein.yaml`` alone. Raises DefinitionError."""
    problems = Problems()
    settings = _settings(Path(folder), problems)
    problems.raise_any()
    return settings


def computed_files(root: Path) -> list[Path]:
    """The files whose definitions take effect with the next run: all but the audiences."""
    return [root / SETTINGS_FILE, *section_files(root, "sources"), *section_files(root, "tags")]


def _audiences(root: Path, problems: Problems) -> tuple[AudienceDefinition, ...]:
    found = tuple(_section(root, "audiences", AudienceDefinition, problems))
    _once(((f"audience {one.audience!r}", ("", one.audience), one) for one in found), problems)
    return found


def check_workspace(root: Path) -> None:
    """Raises DefinitionError, saying what to do, unless ``root`` is a workspace."""
    name = shown_path(root)
    check_path(root)
    try:
        if not root.exists():
            hint = f"make one with: holbein init {name}"
            raise DefinitionError(f"there is no folder {name}", hint=hint)
        if not root.is_dir():
            raise DefinitionError(
                f"{name} is a file, and a workspace is a folder", hint="name the folder it is in"
            )
        if not (root / SETTINGS_FILE).is_file():
            raise DefinitionError(
                f"{name} is no workspace: it holds no {SETTINGS_FILE}",
                hint=f"name one with -w, or make one with: holbein init {name}",
            )
    except OSError as error:
        raise unusable_folder(root, error) from None


def check_path(root: Path) -> None:
    """Raises DefinitionError where what reads and writes our files could not name them."""
    whole = str(root.absolute())
    if any("\ud800" <= one <= "\udfff" for one in whole):
        raise DefinitionError(
            "the folder has a name that is not UTF-8",
            place=shown_path(whole),
            hint="rename it, or name another one",
        )


def shown_path(path: Path | str) -> str:
    """A path as messages name it: what a screen cannot show is escaped, and no novel is told."""
    text = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(path))
    return text if len(text) <= 200 else f"{text[:199]}…"


def unusable_folder(root: Path, error: OSError) -> DefinitionError:
    """What the system says of a folder that it will not even look at."""
    return DefinitionError(
        f"the folder cannot be used: {error.strerror}",
        place=shown_path(root),
        hint="check the path, and who may read and write there",
    )


def section_files(root: Path, section: Section) -> list[Path]:
    """The YAML files of one section, by name; what begins with a dot is an editor's own.

    Raises DefinitionError where the folder cannot be looked into.
    """
    folder = root / section
    if not folder.is_dir():
        return []
    try:
        found = list(folder.iterdir())
    except OSError as error:
        raise DefinitionError(
            f"the folder cannot be read: {error.strerror}",
            place=section,
            hint="check who may read there",
        ) from None
    return sorted(
        one for one in found if one.suffix in (".yaml", ".yml") and not one.name.startswith(".")
    )


def _settings(root: Path, problems: Problems) -> Settings:
    fallback = Settings(name=shown_path(root.resolve().name) or "workspace")
    try:
        data = parse(read_text(root / SETTINGS_FILE, SETTINGS_FILE), SETTINGS_FILE, problems)
    except DefinitionError as error:
        problems.keep(error)
        return fallback
    if data is None:
        return fallback
    if not isinstance(data, Located):
        problems.add("the file is no mapping", f"{SETTINGS_FILE}:1", "write it as key: value")
        return fallback
    if "name" not in data:
        data["name"] = fallback.name
    return _valid(Settings, data, "", problems) or fallback


def _section(root: Path, section: Section, model: type[M], problems: Problems) -> Iterator[M]:
    folder = root / section
    if folder.exists() and not folder.is_dir():
        problems.add(
            f"{section} is a folder of YAML files, and here it is a file",
            section,
            f"move it to {section}/{section}.yaml",
        )
    try:
        paths = section_files(root, section)
    except DefinitionError as error:
        problems.keep(error)
        return
    for path in paths:
        file = f"{section}/{path.name}"
        try:
            text = read_text(path, file)
        except DefinitionError as error:
            problems.keep(error)
        else:
            yield from definitions_in(text, section, file, model, problems)


def definitions_in(
    text: str, section: Section, file: str, model: type[M], problems: Problems
) -> Iterator[M]:
    """The definitions in the text of one file; mistakes are noted and left out."""
    word = section[:-1]
    try:
        data = parse(text, file, problems)
    except DefinitionError as error:
        problems.keep(error)
        return
    for item in _items(data, section, file, problems):
        name = item.get(word)
        label = f"{word} {name!r}" if isinstance(name, str) else f"a {word} without name"
        made = _valid(model, item, label.replace("a audience", "an audience"), problems)
        if made is not None:
            yield made


def _items(data: Any, section: Section, file: str, problems: Problems) -> Iterator[Located]:
    """The definitions of one file; what has not the shape of one is noted."""
    if data is None:
        return
    if not isinstance(data, Located):
        line = data.line if isinstance(data, LocatedList) else 1
        problems.add(
            f"the file does not begin with {section}:", f"{file}:{line}", f"put {section}: above"
        )
        return
    for key in data:
        if key != section:
            elsewhere = key in SECTIONS
            problems.add(
                f"unknown key {key!r}: a file in {section}/ holds {section}: and nothing else",
                data.place(key),
                f"move it to {key}/" if elsewhere else near(key, [section]),
            )
    listed = data.get(section)
    if listed is None:
        return
    if not isinstance(listed, LocatedList):
        problems.add(
            f"{section} is a list", data.place(section), f"begin each {section[:-1]} with a dash"
        )
        return
    for place, item in enumerate(listed):
        if isinstance(item, Located):
            yield item
        else:
            problems.add(
                f"each of {section} is a mapping",
                data.place(section, place),
                f"write it as - {section[:-1]}: NAME, its other keys indented below",
            )


def _valid(model: type[M], data: Located, label: str, problems: Problems) -> M | None:
    try:
        return model.model_validate(data)
    except pydantic.ValidationError as error:
        for one in tell(error, model, data, label):
            problems.keep(one)
        return None


def _once(found: Iterator[tuple[str, tuple[str, str], Model]], problems: Problems) -> None:
    """Notes what is defined twice, and names that differ only in case."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for what, (space, name), model in found:
        key = (space, name.lower())
        if key not in seen:
            seen[key] = (name, model.place)
        elif seen[key][0] == name:
            problems.add(
                f"{what} is defined twice: first at {seen[key][1]}", model.place, "rename one"
            )
        else:
            first, place = seen[key]
            problems.add(
                f"{what} differs only in case from {first!r} at {place}", model.place, "rename one"
            )
