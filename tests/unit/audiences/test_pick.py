"""Some of those who meet a condition, held against the same in plain Python."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

import holbein
from holbein.audiences.pick import Pick
from holbein.errors import HolbeinError, NotFoundError
from holbein.workspace import Workspace
from tests.support.bad_input import command
from tests.support.workspaces import write_workspace

KINDS = ("mill", "shop", "bank", "")
FILES = {
    "holbein.yaml": "name: pick\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw/
    enterprises:
      {table: companies, id: id, name: name, kind: kind, rank: kind, size: size, since: since,
       likes: {column: likes, type: categories}}
""",
    "raw/companies.csv": "id,name,kind,size,since,likes\n"
    + "".join(
        f"c{n},Company {n},{KINDS[n % 4]},{'' if n % 7 == 0 else n * 37 % 50},20{n % 20:02}-01-01,a;b\n"
        for n in range(200)
    ),
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    found = holbein.open(write_workspace(tmp_path_factory.mktemp("pick") / "w", FILES))
    found.run()
    return found


@pytest.fixture(scope="module")
def rows(workspace: Workspace) -> list[dict[str, Any]]:
    return workspace.select("TRUE", columns=["id", "kind", "size", "since"]).to_pylist()


def number(row: dict[str, Any]) -> int:
    return int(row["id"][1:])


def taken(workspace: Workspace, where: str = "TRUE", **pick: Any) -> list[str]:
    return workspace.select(where, columns=["id"], pick=Pick(**pick))["id"].to_pylist()


@pytest.mark.parametrize("lowest", [False, True])
def test_the_first_by_a_tag(workspace: Workspace, rows: list[dict[str, Any]], lowest: bool) -> None:
    sign = 1 if lowest else -1
    known = [one for one in rows if one["size"] is not None]
    expected = sorted(known, key=lambda one: (sign * one["size"], number(one)))
    found = taken(workspace, limit=30, by="size", lowest=lowest)
    assert found == [one["id"] for one in expected[:30]]
    every = taken(workspace, limit=1000, by="size", lowest=lowest)
    assert every == [one["id"] for one in expected]  # those without a size are never taken


def test_so_many_of_each(workspace: Workspace, rows: list[dict[str, Any]]) -> None:
    known = sorted(
        (one for one in rows if one["size"] is not None),
        key=lambda one: (-one["size"], number(one)),
    )
    by_kind = sorted(known, key=lambda one: one["kind"] or "")
    wanted = {
        one["id"]
        for _, group in groupby(by_kind, key=lambda one: one["kind"] or "")
        for one in list(group)[:5]
    }
    found = taken(workspace, limit=5, by="size", per="kind")
    assert len(found) == 20  # three kinds, and those without one
    assert set(found) == wanted
    sizes = {one["id"]: one["size"] for one in rows}
    assert [sizes[one] for one in found] == sorted((sizes[one] for one in found), reverse=True)


def test_a_draw_is_the_same_each_time_and_another_with_another_salt(workspace: Workspace) -> None:
    first, second = (taken(workspace, limit=40) for _ in range(2))
    assert first == second == sorted(first, key=lambda one: int(one[1:]))
    assert len(set(first)) == 40
    other = taken(workspace, limit=40, salt="other")
    assert set(first) != set(other)
    # A larger draw holds the smaller one; and whoever is drawn has a low number in that bucket.
    assert set(first) < set(taken(workspace, limit=80))
    within = workspace.select("bucket('draw') < 0.5", columns=["id"])["id"].to_pylist()
    assert set(taken(workspace, limit=len(within))) == set(within)


def test_a_draw_of_each(workspace: Workspace, rows: list[dict[str, Any]]) -> None:
    kinds = {one["id"]: one["kind"] for one in rows}
    found = taken(workspace, limit=3, per="kind")
    assert sorted(str(kinds[one]) for one in found) == sorted(
        str(kind) for kind in {*kinds.values()} for _ in range(3)
    )


def test_a_tag_may_be_called_rank_or_draw(workspace: Workspace) -> None:
    assert len(taken(workspace, limit=2, per="rank")) == 8


def test_columns_follow_the_order(workspace: Workspace) -> None:
    table = workspace.select(
        "kind = 'mill'", columns=["id", "size", "key"], pick=Pick(limit=10, by="size")
    )
    sizes = table["size"].to_pylist()
    assert sizes == sorted(sizes, reverse=True)
    keys = {one["id"]: one["key"] for one in workspace.select("TRUE").to_pylist()}
    assert [keys[one] for one in table["id"].to_pylist()] == table["key"].to_pylist()


def test_dates_have_an_order(workspace: Workspace, rows: list[dict[str, Any]]) -> None:
    since = {one["id"]: one["since"] for one in rows}
    first = taken(workspace, limit=1, by="since", lowest=True)
    assert since[first[0]] == min(since.values())


def test_of_nobody_nobody_is_taken(workspace: Workspace) -> None:
    for pick in (Pick(5), Pick(5, by="size"), Pick(5, per="kind"), Pick(5, by="size", per="kind")):
        assert workspace.select("size > 1000", pick=pick).num_rows == 0


@pytest.mark.parametrize(
    ("pick", "said"),
    [
        (Pick(0), "nobody is asked for"),
        (Pick(-1, by="size"), "nobody is asked for"),
        (Pick(5, by="likes"), "the labels of likes have no order"),
        (Pick(5, by="kind"), "the labels of kind have no order"),
        (Pick(5, per="likes"), "likes may have several values at once"),
        (Pick(5, lowest=True), "lowest of what"),
        (Pick(5, by="sise"), "sise"),
        (Pick(5, per="kinds"), "kinds"),
    ],
)
def test_what_cannot_be_picked_is_said(workspace: Workspace, pick: Pick, said: str) -> None:
    with pytest.raises((HolbeinError, NotFoundError), match=said) as told:
        workspace.select("TRUE", pick=pick)
    assert told.value.hint


def test_the_command(workspace: Workspace, tmp_path: Path) -> None:
    where = ["-w", str(workspace.folder)]
    top = command("select", "TRUE", "--columns", "id,size", "--limit", "3", "--by", "size", *where)
    assert top.code == 0
    assert len(top.out.splitlines()) == 4
    file = tmp_path / "drawn.csv"
    done = command("select", "TRUE", "--limit", "7", "-o", str(file), *where)
    assert done.code == 0
    assert len(file.read_text().splitlines()) == 8
    for wrong in (["--by", "size"], ["--per", "kind"], ["--lowest"]):
        assert command("select", "TRUE", *wrong, *where).code == 2
    assert command("select", "TRUE", "--limit", "0", *where).code == 1
