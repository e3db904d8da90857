"""An audience from run to run: its size, who entered it and who left."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import holbein
from holbein.audiences.history import history
from holbein.errors import HolbeinError, NotFoundError
from holbein.query import Query
from holbein.workspace import Workspace
from tests.support.bad_input import command
from tests.support.workspaces import write_workspace

FILES = {
    "holbein.yaml": "name: past\nlanguages: [en, zh]\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw/
    enterprises: {table: companies, id: id, name: name, size: size}
    people: {table: people, id: id, name: name}
    streams:
      orders: {table: orders, key: id, at: at, enterprise: company}
""",
    "audiences/all.yaml": """
audiences:
  - {audience: buyers, where: "count(orders, '2 days') > 0"}
  - {audience: large, where: "size >= 20"}
  - {audience: nobody, where: "size > 1000"}
""",
    "raw/companies.csv": "id,name,size\na,Alpha,10\nb,Beta,20\nc,Gamma,30\n",
    "raw/people.csv": "id,name\np,Pia\n",
    "raw/orders.csv": "id,company,at\n1,a,2024-05-01\n2,b,2024-05-02\n3,c,2024-05-03\n4,a,2024-05-03\n",
}
DAYS = [dt.date(2024, 5, day) for day in (1, 2, 3, 4, 6)]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    found = holbein.open(write_workspace(tmp_path / "w", FILES))
    for day in DAYS:
        found.run(as_of=day)
    return found


def keys(workspace: Workspace, ids: tuple[int, ...] | None) -> set[str] | None:
    if ids is None:
        return None
    known = {one["id"]: one["key"] for one in workspace.query.aliases("enterprise").to_pylist()}
    return {known[one] for one in ids}


def test_who_entered_and_who_left(workspace: Workspace) -> None:
    past = workspace.audience_history("buyers")
    told = [
        (one.as_of, one.size, keys(workspace, one.entered), keys(workspace, one.left))
        for one in past.stands
    ]
    assert told == [
        (DAYS[0], 1, None, None),
        (DAYS[1], 2, {"b"}, set()),
        (DAYS[2], 3, {"c"}, set()),
        (DAYS[3], 2, set(), {"b"}),
        (DAYS[4], 0, set(), {"a", "c"}),
    ]
    assert not any(one.redefined for one in past.stands)
    for before, after in zip(past.stands, past.stands[1:], strict=False):
        assert after.size == before.size + len(after.entered or ()) - len(after.left or ())


def test_a_condition_that_was_another_is_marked(workspace: Workspace) -> None:
    file = workspace.folder / "audiences" / "all.yaml"
    file.write_text(file.read_text().replace("size >= 20", "size >= 30"))
    workspace.run(as_of=dt.date(2024, 5, 7))
    past = workspace.audience_history("large")
    assert [one.size for one in past.stands] == [2, 2, 2, 2, 2, 1]
    assert [one.redefined for one in past.stands] == [False] * 5 + [True]


def test_runs_without_it_are_left_out(workspace: Workspace) -> None:
    file = workspace.folder / "audiences" / "more.yaml"
    file.write_text('audiences:\n  - {audience: small, where: "size < 20"}\n')
    assert workspace.audience_history("small").stands == ()
    workspace.run(as_of=dt.date(2024, 5, 7))
    (only,) = workspace.audience_history("small").stands
    assert (only.size, only.entered, only.left) == (1, None, None)


def test_a_static_list_has_none(workspace: Workspace) -> None:
    workspace.freeze("large", "kept")
    with pytest.raises(HolbeinError, match="is a static list, and no run changes it"):
        holbein.open(workspace.folder).audience_history("kept")
    with pytest.raises(NotFoundError):
        workspace.audience_history("larg")


def test_the_command(workspace: Workspace) -> None:
    where = ["-w", str(workspace.folder)]
    done = command("audience", "history", "buyers", "--lang", "zh", *where)
    assert done.code == 0
    assert "新进" in done.out
    assert "+1" in done.out
    assert "−2" in done.out
    told = json.loads(command("audience", "history", "buyers", "--json", *where).out)
    assert [one["size"] for one in told["runs"]] == [1, 2, 3, 2, 0]
    assert all(len(one["left"]) == 2 for one in told["runs"][-1:])
    assert command("audience", "history", "nobody", *where).code == 0
    wrong = command("audience", "history", "unknown", *where)
    assert wrong.code == 1
    assert "Traceback" not in wrong.err


def test_versions_are_let_go(workspace: Workspace) -> None:
    asked: list[Query] = []

    def at(run: int) -> Query:
        asked.append(workspace.at(run))
        return asked[-1]

    history("buyers", workspace.query, [1, 2, 3], at)
    assert [one.snapshot.closed for one in asked] == [True, True, True]
    assert not workspace.query.snapshot.closed
