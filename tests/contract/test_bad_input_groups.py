"""Bad input, part 8: groups. Nobody, everybody, a base inside its group, tags that say nothing, and
labels that mean harm: each has a clear answer, in both languages and all three forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import holbein
from holbein.portraits import comparison_page, drift_page, group_page
from holbein.workspace import Workspace
from tests.support.bad_input import accepted, command, refused
from tests.support.workspaces import write_workspace

LONG = "长label " * 720
RTL = "\u202egnp.exe שלום"
HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>"
LABELS = (LONG, RTL, HTML, "[bold]rich[/]", "plain")
assert len(LONG) >= 5_000

FILES = {
    "holbein.yaml": "name: groups\nlanguages: [en, zh]\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw/
    enterprises:
      table: companies
      id: id
      name: name
      label: label
      one: one
      size: {column: size, type: number}
      since: {column: since, type: date}
      nothing: {column: nothing, type: category}
      no_number: {column: nothing, type: number}
      no_date: {column: nothing, type: date}
    people: {table: people, id: id, name: name}
""",
    "tags/all.yaml": """
tags:
  - {tag: large, where: "size >= 50"}
  - {tag: never, where: "size < 0"}
""",
    "audiences/all.yaml": """
audiences:
  - {audience: all of them, where: "name IS NOT NULL"}
  - {audience: nobody, where: "size < 0"}
  - {audience: large ones, where: large}
  - {audience: largest, where: "size >= 90"}
  - {audience: odd, where: "label <> 'plain'"}
  - {audience: people, on: person, where: "name IS NOT NULL"}
""",
    "raw/people.csv": "id,name\np,Pia\n",
}


def companies() -> str:
    rows = ["id,name,label,one,size,since,nothing"]
    for number in range(100):
        label = LABELS[number % len(LABELS)]
        rows.append(f'c{number},"N {number}","{label}",same,{number},2020-01-{1 + number % 28:02},')
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("groups") / "w"
    found = holbein.open(write_workspace(folder, FILES | {"raw/companies.csv": companies()}))
    found.run(as_of="2024-05-31")
    found.run(as_of="2024-06-30")
    return holbein.open(folder)


def forms(
    workspace: Workspace, tmp_path: Path, *asked: str, language: str = "en"
) -> tuple[str, str, str]:
    """On the terminal, as JSON, and as a page."""
    where = ("--lang", language, "-w", str(workspace.folder))
    page = tmp_path / "page.html"
    told = accepted(command("portrait", "audience", *asked, *where))
    data = accepted(command("portrait", "audience", *asked, "--json", *where))
    accepted(command("portrait", "audience", *asked, "--html", str(page), *where))
    json.loads(data)
    return " ".join(told.split()), data, page.read_text("utf-8")


EMPTY = {
    "over nothing": (["nobody"], "None of the 100 enterprises in the base is in it.", "全部100家企业中，没有符合条件的。"),
    "over all": (["all of them"], "100 enterprises: all of the base, so nothing sets them apart.", "即全部中的所有对象"),
    "a base that is its own": (["large ones", "--base", "large ones"], "50 enterprises: all of the base, so nothing sets them apart.", "即基准中的所有对象"),
    "a base inside the group": (["large ones", "--base", "largest"], "10 enterprises: all of the base, so nothing sets them apart.", "即基准中的所有对象"),
    "an empty base": (["large ones", "--base", "nobody"], "The base holds no enterprises.", "对比基准中没有企业。"),
    "nothing against all": (["nobody", "--against", "all of them"], "Nobody is in “nobody”, so there is nothing to compare with.", "“nobody”中没有企业，无从比较。"),
    "all against nothing": (["all of them", "--against", "nobody"], "Nobody is in “nobody”", "“nobody”中没有企业"),
    "one inside the other": (["largest", "--against", "large ones"], "Everyone in “largest” (10 enterprises) is also in “large ones”", "“largest”的10家企业全部也在“large ones”中"),
    "against itself": (["largest", "--against", "largest"], "“largest” and “largest” hold the same 10 enterprises", "由相同的10家企业组成"),
    "nothing since a run": (["nobody", "--since", "1"], "0 entered, 0 left, 0 stayed.", "留存0家"),
    "all since a run": (["all of them", "--since", "1"], "0 entered, 0 left, 100 stayed. No tag's make-up has changed", "没有超出偶然且PSI高于0.1的变化"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "english", "chinese"), EMPTY.values(), ids=EMPTY)
def test_there_is_an_answer(
    workspace: Workspace, tmp_path: Path, asked: list[str], english: str, chinese: str
) -> None:
    for language, told in (("en", english), ("zh", chinese)):
        for form in forms(workspace, tmp_path, *asked, language=language):
            assert squeezed(told) in squeezed(form)


def squeezed(text: str) -> str:
    """Without what a terminal breaks lines by, and what a page escapes."""
    return "".join(text.replace("&#x27;", "'").split())


@pytest.mark.parametrize("crossed", [("one", "large"), ("never", "one"), ("nothing", "large"), ("no_number", "no_date"), ("size", "since"), ("nothing", "no_date")])  # fmt: skip
def test_tags_that_say_nothing_are_crossed(
    workspace: Workspace, tmp_path: Path, crossed: tuple[str, str]
) -> None:
    for name in ("large ones", "nobody", "all of them"):
        _, data, page = forms(workspace, tmp_path, name, "--cross", *crossed)
        cells = [one for row in json.loads(data)["cross"]["cells"] for one in row]
        assert sum(one["base"] for one in cells) == 100
        assert "<table" in page


def test_a_tag_with_one_value_and_one_without_any(workspace: Workspace) -> None:
    p = workspace.group_portrait("large")
    shown = {one.name: one for one in p.distributions}
    assert [cell.q for cell in shown["one"].cells] == [None]
    assert shown["one"].cells[0].tgi == 100
    assert not {"nothing", "no_number", "no_date"} & ({*shown} | {one.name for one in p.numbers})
    assert "one" not in {one.name for one in p.telling}
    assert not any("one" in one.names for one in p.crosses)


def test_labels_that_mean_harm(workspace: Workspace, tmp_path: Path) -> None:
    for asked in (["large ones", "--cross", "label", "large"], ["odd"], ["odd", "--against", "large ones"], ["odd", "--since", "1"]):  # fmt: skip
        told, data, page = forms(workspace, tmp_path, *asked)
        assert "<script" not in page
        assert "<img" not in page
        assert "\u202e" not in page
        assert "\u202e" not in told
        assert len(page) < 1_000_000
        assert "&lt;script&gt;" in page
        assert any(HTML in one for one in _strings(json.loads(data)))


def test_the_whole_label_stays_in_the_data(workspace: Workspace) -> None:
    p = workspace.group_portrait("large")
    label = next(one for one in p.distributions if one.name == "label")
    assert {cell.value for cell in label.cells} >= {HTML, "plain"}
    assert max(len(str(cell.value)) for cell in label.cells) >= len(LONG.strip())
    assert max(len(cell.text) for cell in label.cells) <= 120


def _strings(data: object) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        data = list(data.values())
    return [one for each in data for one in _strings(each)] if isinstance(data, list) else []


def test_pages_of_nobody(workspace: Workspace) -> None:
    assert group_page(workspace.audience_portrait("nobody"))
    assert comparison_page(workspace.compare_audiences("nobody", "nobody"))
    assert drift_page(workspace.drift("nobody", since=1))


REFUSED = {
    "cross: unknown": (["largest", "--cross", "larg", "one"], "there is no attribute or tag 'larg' on enterprise (did you mean large?)"),
    "cross: both unknown": (["largest", "--cross", "x", "y"], "there is no attribute or tag"),
    "cross: of another kind": (["people", "--cross", "large", "one"], "there is no attribute or tag"),
    "cross: long": (["largest", "--cross", LONG, "one"], "there is no attribute or tag"),
    "against: of another kind": (["largest", "--against", "people"], "compare audiences of one kind"),
    "since: a run to come": (["largest", "--since", "3"], "there is no version 3"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_asked_is_refused(workspace: Workspace, asked: list[str], told: str) -> None:
    refused(command("portrait", "audience", *asked, "-w", str(workspace.folder)), told)
