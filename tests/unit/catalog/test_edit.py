"""An own tag written into the files: what stood there stays, and nothing wrong is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from holbein.catalog import Definitions, load
from holbein.catalog.edit import add_tag
from holbein.errors import ConditionError, DefinitionError

Make = Callable[..., Path]


def own(folder: Path) -> str:
    return (folder / "tags/own.yaml").read_text(encoding="utf-8")


def test_the_first_own_tag_makes_the_file(workspace: Make) -> None:
    folder = workspace()
    text = "name = 'A \"B\" \\ C' AND employees > 5"
    assert add_tag(folder, "big", "enterprise", text) == "tags/own.yaml:3"
    (tag,) = load(folder).tags
    assert (tag.tag, tag.where, tag.place) == ("big", text, "tags/own.yaml:3")
    assert own(folder).startswith("# Tags added by `holbein tag add`.")


def test_a_measure_becomes_a_statistic(workspace: Make) -> None:
    folder = workspace()
    add_tag(folder, "logins", "role", "count(login, '7 days')")
    add_tag(folder, "活跃", "role", "logins > 5")
    assert [(one.tag, one.on, one.form) for one in load(folder).tags] == [
        ("logins", "role", "value"),
        ("活跃", "role", "where"),
    ]


@pytest.mark.parametrize(
    "before",
    [
        "# a\n\ntags:   # b\n\n  # c\n  - tag: x   # d\n    where: >\n      y\n      # no comment\n\n# e\n",
        "tags:\n- {tag: x,   where: y}",
        "tags:\n      - tag: x\n        where: |+\n          y\n\n\n",
        "# only comments\n",
        "tags: []  # none yet\n",
        "tags:\n  # - tag: x\n  #   where: y\n",
        "",
    ],
)
def test_what_stood_there_stays(workspace: Make, before: str) -> None:
    folder = workspace(tags="")
    (folder / "tags/own.yaml").write_text(before, encoding="utf-8")
    was = load(folder).tags
    for name in ("one", "true", "two"):
        add_tag(folder, name, "person", "TRUE")
    after = own(folder)
    assert after.startswith(before.rstrip("\n").replace(" []", ""))
    assert load(folder).tags[: len(was)] == was
    assert [one.tag for one in load(folder).tags[len(was) :]] == ["one", "true", "two"]


@pytest.mark.parametrize(
    "before",
    [
        "tags: [{tag: x, where: y}]\n",
        "tags:\n  -\n    tag: x\n    where: y\n",
        "---\ntags:\n- {tag: x, where: y}\n...\n",
    ],
)
def test_a_form_that_cannot_be_added_to(workspace: Make, before: str) -> None:
    folder = workspace(tags="")
    (folder / "tags/own.yaml").write_text(before, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"tags/own\.yaml"):
        add_tag(folder, "a", "enterprise", "b")
    assert own(folder) == before


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x", "b", "there is a tag 'x' on enterprise already, at tags/a.yaml:2"),
        ("X", "b", "only case tells it from the tag 'x'"),
        ("a b", "b", "'a b' is not a name"),
        ("", "b", "'' is not a name"),
        ("a: {b", "b", "is not a name"),
        ("a", "employees >", "ends where"),
        ("a", "", "the condition is empty"),
        ("a", "SELECT 1", "SELECT is SQL"),
    ],
)
def test_refusals_write_nothing(workspace: Make, name: str, text: str, told: str) -> None:
    folder = workspace(tags="tags:\n- {tag: x, where: y}\n")
    with pytest.raises((DefinitionError, ConditionError), match=told):
        add_tag(folder, name, "enterprise", text)
    assert [one.name for one in (folder / "tags").iterdir()] == ["a.yaml"]


def test_a_check_may_refuse(workspace: Make) -> None:
    folder = workspace(tags="tags:\n- {tag: x, where: y}\n")

    def check(definitions: Definitions) -> None:
        assert [one.tag for one in definitions.tags] == ["x", "a"]
        raise DefinitionError("no")

    with pytest.raises(DefinitionError, match="no"):
        add_tag(folder, "a", "enterprise", "b", check)
    assert not (folder / "tags/own.yaml").exists()


def test_a_broken_workspace_is_told_first(workspace: Make, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"tags/a\.yaml:2"):
        add_tag(workspace(tags="tags:\n- {tag: x}\n"), "a", "enterprise", "b")
    with pytest.raises(DefinitionError, match="holbein init"):
        add_tag(tmp_path / "absent", "a", "enterprise", "b")
