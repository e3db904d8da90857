"""The overlap of audiences: every intersection, counted as sets count them."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

import holbein
from holbein.errors import HolbeinError, NotFoundError
from holbein.workspace import Workspace
from tests.support.bad_input import command
from tests.support.workspaces import write_workspace

NAMES = [f"part {number}" for number in range(10)]
FILES = {
    "holbein.yaml": "name: overlap\nlanguages: [en, zh]\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw/
    enterprises: {table: companies, id: id, name: name, size: size}
    people: {table: people, id: id, name: name}
""",
    "audiences/all.yaml": "audiences:\n"
    + "".join(
        f"  - {{audience: {name}, title: {{en: Part {number}, zh: 第{number}组}}, "
        f"where: \"bucket('{number}') < 0.{number + 2 if number < 8 else 9}\"}}\n"
        for number, name in enumerate(NAMES)
    )
    + '  - {audience: nobody, where: "size > 10000"}\n'
    '  - {audience: everyone, where: "TRUE"}\n'
    '  - {audience: people, on: person, where: "TRUE"}\n',
    "raw/companies.csv": "id,name,size\n"
    + "".join(f"c{number},Company {number},{number}\n" for number in range(500)),
    "raw/people.csv": "id,name\np,Pia\n",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    found = holbein.open(write_workspace(tmp_path_factory.mktemp("overlap") / "w", FILES))
    found.run()
    return found


def members(workspace: Workspace, name: str) -> set[str]:
    return set(workspace.select(f"in_audience('{name}')")["id"].to_pylist())


@pytest.mark.parametrize("count", [2, 3, 10])
def test_every_intersection_is_counted_as_sets_are(workspace: Workspace, count: int) -> None:
    names = NAMES[:count]
    sets = [members(workspace, name) for name in names]
    expected = {}
    for inside in product([False, True], repeat=count):
        common = set.union(*sets)
        for flag, one in zip(inside, sets, strict=True):
            common = common & one if flag else common - one
        if common and any(inside):
            expected[inside] = len(common)
    found = workspace.overlap(names)
    assert {one.inside: one.count for one in found.cells} == expected
    assert [one.size for one in found.audiences] == [len(one) for one in sets]
    assert found.together == len(set.union(*sets)) == sum(one.count for one in found.cells)
    counts = [one.count for one in found.cells]
    assert counts == sorted(counts, reverse=True)


def test_empty_and_whole_audiences(workspace: Workspace) -> None:
    found = workspace.overlap(["nobody", "everyone"])
    assert [(one.inside, one.count) for one in found.cells] == [((False, True), 500)]
    nothing = workspace.overlap(["nobody", "part 0"])
    assert nothing.audiences[0].size == 0
    workspace.freeze("nobody", "none either")
    again = holbein.open(workspace.folder).overlap(["nobody", "none either"])
    assert (again.cells, again.together) == ((), 0)


def test_static_lists_take_part(workspace: Workspace) -> None:
    workspace.freeze("part 1", "kept")
    found = holbein.open(workspace.folder).overlap(["part 1", "kept"])
    assert [one.inside for one in found.cells] == [(True, True)]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "0 audiences cannot be compared"),
        (["part 0"], "1 audiences cannot be compared"),
        ([*NAMES, "everyone"], "11 audiences cannot be compared"),
        (["part 0", "part 0"], "part 0 is named twice"),
        (["part 0", "people"], "lists the kind enterprise, and people the kind person"),
    ],
)
def test_what_cannot_be_compared_is_said(workspace: Workspace, names: list[str], said: str) -> None:
    with pytest.raises(HolbeinError, match=said) as told:
        workspace.overlap(names)
    assert told.value.hint


def test_an_unknown_audience_is_named(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="prat"):
        workspace.overlap(["part 0", "prat 1"])


def test_the_command_draws_it(workspace: Workspace) -> None:
    where = ["-w", str(workspace.folder)]
    done = command("audience", "overlap", "part 0", "part 1", "nobody", "--lang", "zh", *where)
    assert done.code == 0
    assert "第1组" in done.out
    assert "●" in done.out
    both = len(members(workspace, "part 0") | members(workspace, "part 1"))
    assert f"至少属于其一的共{both}个" in done.out
    told = json.loads(command("audience", "overlap", "part 0", "part 1", "--json", *where).out)
    assert told["together"] == both
    assert sum(one["count"] for one in told["intersections"]) == both
    assert command("audience", "overlap", "part 0", *where).code == 1


def test_nothing_in_common_with_nothing_is_drawn(workspace: Workspace) -> None:
    where = ["-w", str(workspace.folder)]
    workspace.freeze("nobody", "no one")
    done = command("audience", "overlap", "nobody", "no one", *where)
    assert done.code == 0
    assert "0 in at least one of them" in done.out


def test_folder(tmp_path: Path) -> None:
    done = command("audience", "overlap", "a", "b", "-w", str(tmp_path))
    assert done.code == 1
    assert "Traceback" not in done.err
