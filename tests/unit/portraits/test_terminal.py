"""Portraits, tags and audiences on terminals of 60 and of 120 columns."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from holbein.portraits import group_portrait, portrait, show_group, show_subject
from holbein.portraits.terminal.catalogue import show_audiences, show_tags
from holbein.query.catalogue import summaries
from holbein.workspace import Workspace
from tests.unit.portraits import samples
from tests.unit.portraits.samples import HOSTILE


class Terminal:
    def __init__(self, width: int) -> None:
        self.buffer = io.StringIO()
        self.console = Console(file=self.buffer, width=width, highlight=False, color_system=None)

    @property
    def text(self) -> str:
        return self.buffer.getvalue()

    @property
    def words(self) -> str:
        """Without line ends and spaces, wherever lines were broken."""
        return "".join(self.text.split())


@pytest.fixture(params=[60, 120])
def terminal(request: pytest.FixtureRequest) -> Terminal:
    return Terminal(request.param)


def fits(terminal: Terminal) -> None:
    for line in terminal.text.splitlines():
        assert cell_len(line) <= terminal.console.width, line


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_subject(terminal: Terminal, language: str) -> None:
    p = samples.subject(language)  # type: ignore[arg-type]
    show_subject(p, terminal.console)
    fits(terminal)
    said = [p.sentence, *(one.text for one in p.attributes), p.name, "crm:ALFKI"]
    said += [x for group in p.categories for one in group.tags for x in (one.title, one.text)]
    said += [one.name for one in (*p.ancestors, *p.subsidiaries)]
    said += [" › ".join(p.categories[0].path), p.timeline[0].title]
    for one in said:
        assert "".join(one.split()) in terminal.words or all(
            word in terminal.words for word in one.split()
        ), one
    assert {"en": "and 3 more", "zh": "另有3家"}[language] in terminal.text


def test_what_a_tag_rests_on_stands_beside_it() -> None:
    wide = Terminal(120)
    show_subject(samples.subject(), wide.console)
    assert "14 facts, last 2026-06-28" in wide.text


def test_tags_without_category_have_a_heading_of_their_own(workspace: Workspace) -> None:
    wide = Terminal(120)
    show_subject(portrait(workspace.query, "enterprise", "crm:C001", "zh"), wide.console)
    before, after = wide.text.split("未分类")
    assert "近期下单" in before
    assert "最近下单日" in after


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_names_are_text(terminal: Terminal, language: str) -> None:
    show_subject(samples.hostile(language), terminal.console)  # type: ignore[arg-type]
    fits(terminal)
    assert "[boldred]notmarkup[/]" in terminal.words
    assert "<script>" in terminal.words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_group(terminal: Terminal, language: str) -> None:
    p = samples.group(language)  # type: ignore[arg-type]
    show_group(p, terminal.console)
    fits(terminal)
    for one in (
        "333",
        "375",
        "TGI 167" if terminal.console.width > 60 else "167",
        "1,200",
        "2019-05-01",
    ):
        assert one in terminal.text
    for distribution in p.distributions:
        assert distribution.title in terminal.text


def test_a_group_with_hostile_names(terminal: Terminal) -> None:
    p = samples.group()
    bad = tuple(
        replace(one, title=name, cells=tuple(replace(c, text=name) for c in one.cells))
        for one, name in zip(p.distributions, HOSTILE[3:], strict=False)
    )
    show_group(replace(p, title=HOSTILE[5], distributions=bad), terminal.console)
    fits(terminal)
    assert "[boldred]notmarkup[/]" in terminal.words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_catalogue_of_tags(workspace: Workspace, terminal: Terminal, language: str) -> None:
    show_tags(summaries(workspace.query), terminal.console, language)
    fits(terminal)
    said = {
        "en": ("Revenuein90days", "highvalue54%", "Pudong35%", "Yes", "Withoutcategory", "100%"),
        "zh": ("近90天成交额", "高价值54%", "浦东新区35%", "是", "未分类", "基本画像", "数值"),
    }[language]
    if terminal.console.width > 100:
        for one in said:
            assert one in terminal.words, one
    assert "310115" not in terminal.text  # codes have labels


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_of_audiences(workspace: Workspace, terminal: Terminal, language: str) -> None:
    show_audiences(workspace.audiences(), terminal.console, language)
    fits(terminal)
    for one in {"en": ("Software", "Person", "20"), "zh": ("软件企业", "个人", "条件")}[language]:
        assert one in terminal.text


def test_nothing_to_show_is_said_so() -> None:
    terminal = Terminal(80)
    show_tags([], terminal.console, "zh")
    show_audiences([], terminal.console)
    lines = [line.strip() for line in terminal.text.splitlines()]
    assert lines == ["暂无标签。", "There are no audiences yet."]


def test_a_real_group(workspace: Workspace, terminal: Terminal) -> None:
    show_group(
        group_portrait(workspace.query, "sector = 'software'", "enterprise"), terminal.console
    )
    show_group(group_portrait(workspace.query, "FALSE", "role", language="zh"), terminal.console)
    fits(terminal)
