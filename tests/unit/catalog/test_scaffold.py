"""An empty workspace is valid, and so are its examples once the comments are off."""

from __future__ import annotations

from pathlib import Path

import pytest

from holbein.catalog import Column, Inspection, StreamColumns, build, load
from holbein.catalog.scaffold import init, uncommented
from holbein.errors import DefinitionError

EXAMPLES = ("sources/example.yaml", "tags/example.yaml", "audiences/example.yaml")


def test_an_empty_workspace_is_valid(tmp_path: Path) -> None:
    folder = tmp_path / "new" / 'a "b": 客户'
    made = init(folder)
    assert (folder / ".gitignore") in made
    found = load(folder)
    assert found.settings.name == 'a "b": 客户'
    assert (found.sources, found.tags, found.audiences) == ((), (), ())
    assert "data/" in (folder / ".gitignore").read_text().splitlines()


def test_the_examples_are_valid_when_uncommented(tmp_path: Path) -> None:
    init(tmp_path / "ws")
    for name in EXAMPLES:
        path = tmp_path / "ws" / name
        path.write_text(uncommented(path.read_text(encoding="utf-8")), encoding="utf-8")
    found = load(tmp_path / "ws")
    source = found.sources[0]
    orders = source.streams["orders"]
    assert orders.columns is not None

    def columns(names: list[str]) -> dict[str, Column]:
        numbers = {"amount", "employees"}
        return {one: Column(one, "number" if one in numbers else "category") for one in names}

    inspection = Inspection(
        attributes={
            "enterprise": columns(list(source.enterprises[0].attributes)),
            "person": columns(["name", "email"]),
            "role": columns(list(source.roles[0].attributes)),
        },
        streams={"orders": StreamColumns(orders.bears, columns(list(orders.columns)))},
        events=frozenset(),
        notes=(),
    )
    made = build(found, inspection, {})
    assert [tag.name for tag in made.tags] == [tag.tag for tag in found.tags]
    assert list(made.vocabulary.audiences) == ["gone quiet"]


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    init(tmp_path)
    assert load(tmp_path).settings.name == tmp_path.name


def test_refusals(tmp_path: Path) -> None:
    init(tmp_path / "ws")
    before = (tmp_path / "ws/holbein.yaml").read_text()
    with pytest.raises(DefinitionError, match="is a workspace already"):
        init(tmp_path / "ws")
    assert (tmp_path / "ws/holbein.yaml").read_text() == before
    with pytest.raises(DefinitionError, match="is not empty, and no workspace"):
        init(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["ws"]
    (tmp_path / "file").write_text("")
    with pytest.raises(DefinitionError, match="is a file"):
        init(tmp_path / "file")
    with pytest.raises(DefinitionError, match="cannot be made"):
        init(tmp_path / "file" / "below")
