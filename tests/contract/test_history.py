"""What was: earlier runs answer as they did then, and what moved from run to run is told."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import holbein
from holbein.cli import app
from holbein.errors import NotFoundError
from tests.support.workspaces import write_workspace

COMPANIES = 40


def orders(amount: int, companies: int = COMPANIES) -> str:
    """An order of each company, ten times as large for every other one."""
    rows = (
        f"{one},{one},2024-05-01,{amount * (10 if one % 2 else 1)}\n" for one in range(companies)
    )
    return "id,account,at,amount\n" + "".join(rows)


def scores(companies: int) -> str:
    return "account,points\n" + "".join(f"{one},{one % 7}\n" for one in range(companies))


FILES = {
    "holbein.yaml": "name: small\ntime_zone: Asia/Shanghai\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, name: name, country: country}
    roles: {table: accounts, enterprise: id, person: id, title: title}
    people: {table: accounts, id: id, name: name}
    streams:
      orders: {table: orders, key: id, at: at, enterprise: account, title: {en: Orders, zh: 订单},
               columns: {amount: amount}}
""",
    "tags/all.yaml": """
tags:
  - {tag: revenue, title: {en: Revenue, zh: 成交额}, value: "sum(orders.amount, '1 year')"}
  - {tag: tier, cases: [{high: "revenue >= 100"}, {else: low}], owner: sales, sensitivity: public,
     values: {high: {en: High, zh: 高}}, guard: {coverage: 0.2, psi: 9}}
  - {tag: good, where: "in_audience('best') AND score > 2"}
  - {tag: score, type: number, imported: {file: lists/scores.csv, source: crm, id: account, value: points}}
  - {tag: at_good, on: role, where: "enterprise(good)"}
""",
    "audiences/all.yaml": """
audiences:
  - {audience: best, where: "tier = 'high' AND country = 'CH'"}
  - {audience: calls, on: role, where: "at_good AND title = 'Head'"}
""",
    "raw/accounts.csv": "id,name,country,title\n"
    + "".join(f"{one},N{one},{'CH' if one % 4 else 'DE'},Head\n" for one in range(COMPANIES)),
    "raw/orders.csv": orders(20),
    "lists/scores.csv": scores(36),
}  # fmt: skip
FIRST = dt.date(2024, 5, 10)


@pytest.fixture
def workspace(tmp_path: Path) -> holbein.Workspace:
    found = holbein.open(write_workspace(tmp_path / "small", FILES))
    found.run(as_of=FIRST)
    return found


def run(workspace: holbein.Workspace, days: int, **files: str) -> list[str]:
    """Another run, so many days after the first, over changed files; what it tells of tags."""
    write_workspace(workspace.folder, {name.replace("__", "/"): one for name, one in files.items()})
    marks = workspace.run(as_of=FIRST + dt.timedelta(days=days)).manifest.marks
    return [one for one in marks if one.startswith("tag ")]


def asked(workspace: holbein.Workspace, *arguments: str) -> str:
    answer = CliRunner().invoke(
        app,
        [*arguments, "-w", str(workspace.folder)],
        catch_exceptions=False,
        env={"COLUMNS": "90"},
    )
    assert answer.exit_code == 0, answer.output
    return answer.stdout


# --- what is told of a run ------------------------------------------------------------------------


def test_where_nothing_moves_nothing_is_told(workspace: holbein.Workspace) -> None:
    assert run(workspace, 1) == []
    # Three companies more with a score are under ten points, and the scores are spread alike.
    assert run(workspace, 2, **{"lists/scores.csv": scores(39)}) == []


def test_a_fall_of_coverage_is_told(workspace: holbein.Workspace) -> None:
    told = run(workspace, 1, **{"lists/scores.csv": scores(10)})
    assert told[0] == "tag score: coverage fell from 90% to 25%"
    assert all("tag score" in one or "tag good" in one or "at_good" in one for one in told)
    # It is told once: from then on it is as it was.
    assert run(workspace, 2) == []
    told = run(workspace, 3, **{"lists/scores.csv": scores(36)})
    assert told[0] == "tag score: coverage rose from 25% to 90%"


def test_a_shift_is_told_and_measured(workspace: holbein.Workspace) -> None:
    text = FILES["tags/all.yaml"].replace(", guard: {coverage: 0.2, psi: 0.25}", "")
    told = run(workspace, 1, **{"tags/all.yaml": text, "raw/orders.csv": orders(3)})
    # Half were high with 200, none is with 30: 0.4875 · ln 40 + 0.5 · ln 2.
    assert "tag tier: distribution shifted (PSI 2.14)" in told
    assert not any("coverage" in one for one in told)
    assert workspace.tag("tier").summary.psi == pytest.approx(2.1450, abs=1e-4)


def test_what_means_something_else_is_not_compared(workspace: holbein.Workspace) -> None:
    text = FILES["tags/all.yaml"].replace("revenue >= 100", "revenue >= 1000")
    told = run(workspace, 1, **{"tags/all.yaml": text, "raw/orders.csv": orders(3)})
    assert [one for one in told if not one.startswith("tag revenue:")] == []
    assert workspace.tag("tier").summary.psi is None
    assert [one.psi for one in workspace.tag("tier").history] == [None, None]
    assert run(workspace, 2) == []
    assert workspace.tag("tier").summary.psi == 0


# --- earlier runs ---------------------------------------------------------------------------------

ASKED: list[tuple[str, ...]] = [
    ("count", "tier = 'high'"), ("count", "in_audience('best')"), ("count", "in_audience('calls')", "--on", "role"),
    ("select", "good", "--columns", "key,revenue,score,tier"), ("explain", "in_audience('best') AND good"),
    ("explain", "good", "--lang", "zh"), ("tags",), ("tags", "--json"), ("audience", "list"),
    ("tag", "show", "tier"), ("tag", "show", "revenue", "--lang", "zh"), ("tag", "show", "at_good", "--on", "role", "--json"),
    ("portrait", "enterprise", "1"), ("portrait", "audience", "best", "--json"),
]  # fmt: skip


def test_an_earlier_run_answers_as_it_did(workspace: holbein.Workspace) -> None:
    then = {one: asked(workspace, *one) for one in ASKED}
    table = workspace.select("good", columns=["key", "revenue", "tier"])
    run(
        workspace, 1,
        **{
            "raw/orders.csv": orders(3),
            "lists/scores.csv": scores(10),
            "tags/all.yaml": 'tags:\n  - {tag: tier, title: Stufe, cases: [{high: "count(orders) > 0"}]}\n',
            "audiences/all.yaml": "audiences:\n  - {audience: best, where: \"country = 'DE'\"}\n",
        },
    )  # fmt: skip
    assert workspace.count("tier = 'high'") == COMPANIES
    assert {one: asked(workspace, *one, "--run", "1") for one in ASKED} == then
    assert workspace.select("good", columns=["key", "revenue", "tier"], run=1) == table
    assert workspace.count("in_audience('best')", run=1) == int(
        then["count", "in_audience('best')"]
    )
    assert [one.name for one, _ in workspace.audiences(run=1)] == ["best", "calls"]
    assert len(workspace.tags(run=1)) == 5
    group = workspace.group_portrait("good", run=1)
    assert (group.version, group.size) == ("1", table.num_rows)


def test_a_run_that_is_gone_is_told(workspace: holbein.Workspace) -> None:
    for day in range(1, 5):
        run(workspace, day)
    workspace.store.prune(2)
    with pytest.raises(NotFoundError) as caught:
        workspace.count("good", run=1)
    assert "there is no version 1 (kept are 4 to 5)" in str(caught.value)


def test_runs_are_listed(workspace: holbein.Workspace) -> None:
    run(workspace, 1, **{"lists/scores.csv": scores(10)})
    told = json.loads(asked(workspace, "runs", "--json"))
    assert [one["number"] for one in told] == [1, 2]
    assert [one["as_of"] for one in told] == ["2024-05-10", "2024-05-11"]
    subjects = {"enterprise": COMPANIES, "person": COMPANIES, "role": COMPANIES}
    assert [one["subjects"] for one in told] == [subjects, subjects]
    assert any("coverage fell" in one for one in told[1]["marks"])
    assert told[0]["seconds"] > 0
    assert told[0]["created"].endswith("+08:00")
    shown = asked(workspace, "runs", "--lang", "zh")
    assert "截止日" in shown
    assert shown.index("2024-05-11") < shown.index("2024-05-10")


# --- one tag --------------------------------------------------------------------------------------


def things(links: list[dict[str, Any]]) -> list[Any]:
    """Each thing by what it is and its name, with those behind it."""
    names = ("tag", "attribute", "stream", "audience", "file")
    return [
        (next(f"{what} {one[what]}" for what in names if what in one), things(one.get("links", [])))
        for one in links
    ]


def test_lineage_goes_both_ways(workspace: holbein.Workspace) -> None:
    found = workspace.tag("good").as_json()
    revenue = ("tag revenue", [("stream orders", [])])
    assert things(found["reads"]) == [
        ("tag score", [("file lists/scores.csv", [])]),
        ("audience best", [("tag tier", [revenue]), ("attribute country", [])]),
    ]
    assert things(found["read_by"]) == [("tag at_good", [("audience calls", [])])]
    assert found["used_by"] == [{"on": "role", "tag": "at_good"}]
    assert found["uses"] == [
        {"on": "enterprise", "tag": "score"},
        {"on": "enterprise", "tag": "tier"},
    ]
    revenue_page = workspace.tag("revenue")
    assert [(one.thing.name, one.columns) for one in revenue_page.reads] == [
        ("orders", ("amount",))
    ]
    assert things(revenue_page.as_json()["read_by"]) == [
        (
            "tag tier",
            [("audience best", [("tag good", [("tag at_good", [("audience calls", [])])])])],
        )
    ]


def test_a_tag_has_a_history(workspace: holbein.Workspace) -> None:
    run(workspace, 1, **{"lists/scores.csv": scores(10)})
    run(workspace, 2)
    found = workspace.tag("score")
    assert [(one.run, one.coverage, one.changed) for one in found.history] == [
        (1, 0.9, 0), (2, 0.25, 26), (3, 0.25, 0),
    ]  # fmt: skip
    assert [one.psi is None for one in found.history] == [True, False, False]
    assert (found.last_change, found.changed) == (FIRST + dt.timedelta(days=1), 0)
    earlier = workspace.tag("score", run=2)
    assert (earlier.changed, len(earlier.history)) == (26, 2)
    assert sum(one.count for one in found.bins) == found.summary.subjects == 10


def test_the_page_of_a_tag_speaks_both_languages(workspace: holbein.Workspace) -> None:
    english, chinese = (
        asked(workspace, "tag", "show", "tier", "--lang", one) for one in ("en", "zh")
    )
    for told in (
        "public", "sales", "100%: 40 of 40", "coverage may move by 20 points · PSI up to 9",
        "none seen yet", "High", "Made from", "Revenue  revenue", "Orders  orders: amount", "Used by", "best",
    ):  # fmt: skip
        assert told.casefold() in english.casefold()
    for told in (
        "公开",
        "负责人",
        "100%：40个中有40个",
        "覆盖率变动不超过20个百分点",
        "成交额",
        "订单",
        "来源",
        "被引用",
    ):
        assert told in chinese
    assert "under" not in asked(workspace, "tag", "show", "revenue", "--lang", "zh")
