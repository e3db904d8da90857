"""Bad input, part 8: portraits of one subject. Who does not exist, who has left the sources, was
erased there or merged into another, who has several keys; labels of any length, in any direction, with HTML in them. Clear answers, nothing lost.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import holbein
from tests.support import bad_input
from tests.support.bad_input import accepted, command, refused

HOSTILE = "<script>alert('x')</script>‮שלום עולם‬ [bold]مرحبا[/] "
LABEL = (HOSTILE * 200)[:5_000]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The small workspace, twice run: C3 has left, and C1 has a name and a label meant to harm."""
    target = bad_input.make(tmp_path_factory.mktemp("portraits") / "one")
    path = target / "crm" / "companies.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= {"name": LABEL, "country": LABEL}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row["id"] != "C3")
    holbein.open(target).run(as_of="2024-06-30")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(target)
        yield target


ABSENT = {
    "no such key": ("enterprise", "C9", "there is no enterprise 'C9'", "a Holbein id such as E17"),
    "no such id": ("enterprise", "E99", "there is no enterprise 'E99'", "a Holbein id such as E17"),
    "of another kind": ("enterprise", "P1", "there is no enterprise 'P1'", ""),
    "of no source": ("enterprise", "nobody:C1", "there is no enterprise 'nobody:C1'", ""),
    "nothing": ("enterprise", "", "there is no enterprise ''", "a Holbein id such as E17"),
    "only a colon": ("person", ":", "there is no person ':'", "a Holbein id such as P17"),
    "5,000 letters": ("person", "x" * 5_000, f"there is no person '{'x' * 80}'", "a Holbein id"),
    "5,000 colons": ("role", ":" * 5_000, f"there is no role '{':' * 80}'", "a Holbein id"),
    "a large number": ("role", "R" + "9" * 400, "there is no role 'R999", "a Holbein id"),
    "HTML, right to left": ("person", HOSTILE, "there is no person", "a Holbein id"),
    "a quote": ("person", "' OR 1=1 --", "there is no person", "a Holbein id"),
    "gone": ("enterprise", "C3", "the enterprise 'C3' is no longer in the sources as of 2024-06-30", "an earlier version may have it: --run N"),
    "gone, by its id": ("enterprise", "E3", "the enterprise 'E3' is no longer in the sources", "--run N"),
    "gone, by source": ("enterprise", "crm:C3", "the enterprise 'crm:C3' is no longer in the sources", "--run N"),
}  # fmt: skip


@pytest.mark.parametrize("case", ABSENT)
@pytest.mark.parametrize("asked", ["portrait", "facts"])
def test_who_is_not_there_is_told_in_one_line(folder: Path, case: str, asked: str) -> None:
    kind, id, error, hint = ABSENT[case]
    tag = ["tier"] if asked == "facts" else []
    if asked == "facts" and kind != "enterprise":
        tag = ["none"]  # who it is of is looked up first
    answer = command(asked, kind, id, *tag)
    assert answer.code == 1
    assert answer.out == ""
    assert error in answer.err
    assert hint in answer.err
    assert len(answer.err.splitlines()) == 1
    assert "Traceback" not in answer.err


def test_who_has_left_is_still_in_the_earlier_version(folder: Path) -> None:
    answer = command("portrait", "enterprise", "C3", "--run", "1", "--json")
    assert json.loads(answer.out)["name"] == "Gamma"
    told = command("facts", "enterprise", "C3", "tier", "--run", "1", "--json")
    assert json.loads(told.out)["steps"][0]["value"] == "low"


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """The small workspace with two static lists, run again over other files of its source."""

    def made(**files: str) -> Path:
        target = bad_input.make(tmp_path / "changed")
        monkeypatch.chdir(target)
        accepted(command("audience", "freeze", "everyone", "--as", "all of them"))
        accepted(command("audience", "freeze", "clerks", "--as", "the clerks"))
        for name, text in files.items():
            (target / "crm" / f"{name}.csv").write_text(text)
        holbein.open(target).run(as_of="2024-06-30")
        return target

    audiences = bad_input.AUDIENCES + (
        '  - {audience: everyone, where: "TRUE"}\n'
        "  - {audience: clerks, on: role, where: \"title = 'Clerk'\"}\n"
    )
    monkeypatch.setitem(bad_input.FILES, "audiences/a.yaml", audiences)
    return made


def test_who_was_merged_into_another_at_the_source(changed: Callable[..., Path]) -> None:
    """C2 becomes C1, with its people and orders: nothing of it is lost, and who asks for it by any
    of its names is told where it went out of sight."""
    companies = "".join(
        line for line in bad_input.COMPANIES.splitlines(True) if not line.startswith("C2")
    )
    folder = changed(
        companies=companies,
        contacts=bad_input.CONTACTS.replace("P2,C2", "P2,C1"),
        orders=bad_input.ORDERS.replace("3,C2", "3,C1"),
    )
    for name in ("C2", "E2", "crm:C2"):
        for asked in (["portrait", "enterprise", name], ["facts", "enterprise", name, "tier"]):
            said = refused(command(*asked), f"the enterprise {name!r} is no longer in the sources")
            assert "an earlier version may have it: --run N" in said
    told = json.loads(command("portrait", "enterprise", "C1", "--json").out)
    assert {role["person"]["name"] for role in told["roles"]} == {"Ann Secret", "Bob Hidden"}
    assert told["subsidiaries"] == []
    proof = json.loads(command("facts", "enterprise", "C1", "revenue", "--json").out)["steps"][0]
    assert proof["value"] == 127.5
    assert [one["key"] for one in proof["figures"][0]["facts"]] == ["3", "2", "1"]
    before = json.loads(command("portrait", "enterprise", "C2", "--run", "1", "--json").out)
    assert [one["name"] for one in before["ancestors"]] == ["Alpha"]
    workspace = holbein.open(folder)
    assert workspace.count("in_audience('all of them')") == 2
    assert workspace.count("in_audience('all of them')", run=1) == 3
    assert workspace.count("in_audience('the clerks')", on="role") == 1  # the same role, elsewhere


def test_who_was_erased_at_the_source(changed: Callable[..., Path]) -> None:
    """Bob is taken out: no table of the version and no portrait speaks of him any more, also not
    by his own id; his company keeps its orders."""
    folder = changed(contacts="\n".join(bad_input.CONTACTS.splitlines()[:2]) + "\n")
    for kind, name in (("person", "P2"), ("person", "crm:P2"), ("role", "P2"), ("role", "R2")):
        said = refused(command("portrait", kind, name), f"the {kind} {name!r} is no longer in")
        assert "--run N" in said
    told = command("portrait", "enterprise", "C2", "--json").out
    assert json.loads(told)["roles"] == []
    assert "Hidden" not in told
    proof = json.loads(command("facts", "enterprise", "C2", "revenue", "--json").out)
    assert proof["steps"][0]["value"] == 7
    workspace = holbein.open(folder)
    assert workspace.count("in_audience('the clerks')", on="role") == 0
    snapshot = workspace.query.snapshot
    for name in snapshot.tables():
        assert "Hidden" not in str(snapshot.read(name).to_pylist()), name
        for part in snapshot.parts(name):
            for file in part.files():
                assert b"Hidden" not in (folder / "data" / file.path).read_bytes()


def test_any_of_its_names_gives_the_same_portrait(folder: Path) -> None:
    told = [command("portrait", "enterprise", one, "--json").out for one in ("E2", "C2", "crm:C2")]
    assert json.loads(told[0])["name"] == "Beta"
    assert told[0] == told[1] == told[2]


def test_a_tag_that_is_not_there_and_one_of_nothing(folder: Path) -> None:
    refused(command("facts", "enterprise", "C1", "tire"), "there is no tag 'tire' on enterprise", "did you mean tier?")  # fmt: skip
    answer = command("facts", "enterprise", "C2", "tier")  # no fact but one
    assert answer.code == 0
    assert "Rice" in answer.out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_label_meant_to_harm_is_text_and_is_cut_where_it_is_read(
    folder: Path, language: str
) -> None:
    shown = command("portrait", "enterprise", "C1", "--lang", language)
    assert shown.code == 0
    assert "<script>alert" in shown.out  # as it is, for a terminal runs nothing
    assert "[bold]" in shown.out  # nor is it the markup of the terminal's own
    assert "‮" not in shown.out  # what turns the text around is taken out
    assert len(shown.out) < 20_000
    told = json.loads(command("portrait", "enterprise", "C1", "--lang", language, "--json").out)
    values = {one["name"]: one["value"] for one in told["attributes"]}
    assert values["country"] == LABEL.strip()  # nothing is lost
    assert len(told["name"]) < 500
    assert "‮" not in told["name"] + told["sentence"]
    assert len(told["sentence"].split()) < 60


def test_a_label_meant_to_harm_is_text_on_a_page(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert command("portrait", "enterprise", "C1", "--html", str(page)).code == 0
    html = page.read_text("utf-8")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    assert "‮" not in html
