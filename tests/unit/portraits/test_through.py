"""A group seen through its roles: counts against plain Python, tests against statsmodels."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

import holbein
from holbein.errors import HolbeinError
from holbein.portraits import Through, through_page
from holbein.portraits.group.through import Count
from holbein.query.clustering import FEWEST, clustered_z
from holbein.query.comparing import FALSE, adjusted, p_value
from holbein.workspace import Workspace
from tests.support.bad_input import command
from tests.support.workspaces import write_workspace
from tests.unit.portraits.samples import HOSTILE

FILES = {
    "holbein.yaml": "name: through\nlanguages: [en, zh]\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw/
    enterprises: {table: companies, id: id, name: name, trade: trade, size: {column: size, type: number}}
    people: {table: people, id: id, name: name, gender: gender, team: team}
    roles: {table: roles, id: id, enterprise: company, person: person, since: since, until: until}
""",
    "audiences/all.yaml": """
audiences:
  - {audience: women, title: {en: Women, zh: 女性}, on: person, where: "gender = 'f'"}
  - {audience: reds, on: person, where: "team = 'red'"}
  - {audience: tea, where: "trade = 'tea'"}
  - {audience: nobody, on: person, where: "gender = 'x'"}
  - {audience: all roles, on: role, where: "since IS NOT NULL"}
""",
}
TRADES = ("tea", "rice", HOSTILE[0])


def world() -> tuple[list[dict[str, str]], list[dict[str, str]], list[dict[str, str]]]:
    """Women work in tea more often than men do; teams are drawn at random, each company one."""
    draw = random.Random(3)
    companies = [
        {"id": f"c{n}", "name": f"C{n}", "trade": draw.choice(TRADES), "size": str(n)}
        for n in range(150)
    ]
    tea = [one["id"] for one in companies if one["trade"] == "tea"]
    people, roles = [], []
    for n in range(900):
        gender = draw.choice("fm")
        people.append(
            {"id": f"p{n}", "name": f"P{n}", "gender": gender, "team": draw.choice(["red", "blue"])}
        )
        if n % 10 == 0:
            continue
        for k in range(1 + (n % 7 == 0)):
            at = (
                draw.choice(tea)
                if gender == "f" and draw.random() < 0.4
                else draw.choice(companies)["id"]
            )
            until = "2024-01-01" if n % 11 == 0 and k == 0 else ""
            roles.append(
                {
                    "id": f"r{n}-{k}",
                    "company": at,
                    "person": f"p{n}",
                    "since": "2020-01-01",
                    "until": until,
                }
            )
    return companies, people, roles


COMPANIES, PEOPLE, ROLES = world()


def as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    raw = {"companies": COMPANIES, "people": PEOPLE, "roles": ROLES}
    files = FILES | {f"raw/{name}.csv": as_csv(rows) for name, rows in raw.items()}
    found = holbein.open(write_workspace(tmp_path_factory.mktemp("through") / "w", files))
    found.run(as_of="2024-06-30")
    return found


@pytest.fixture(scope="module")
def women(workspace: Workspace) -> Through:
    return workspace.audience_through_roles("women")


def current() -> list[tuple[dict[str, str], dict[str, str]]]:
    """Person and company of each current role."""
    people, companies = ({one["id"]: one for one in of} for of in (PEOPLE, COMPANIES))
    return [(people[o["person"]], companies[o["company"]]) for o in ROLES if not o["until"]]


def counted(links: list[tuple[dict[str, str], dict[str, str]]]) -> Count:
    return Count(len(links), len({p["id"] for p, _ in links}), len({c["id"] for _, c in links}))


def test_roles_people_and_enterprises_are_counted_apart(women: Through) -> None:
    links = current()
    mine = [one for one in links if one[0]["gender"] == "f"]
    assert (women.group, women.base) == (counted(mine), counted(links))
    assert women.size == sum(one["gender"] == "f" for one in PEOPLE)
    assert women.without == women.size - women.group.people
    trade = next(one for one in women.tags if one.name == "trade")
    cells = {one.value: one for one in trade.cells}
    for name in ("tea", "rice"):
        of = [one for one in mine if one[1]["trade"] == name]
        assert cells[name].group == counted(of)
        assert cells[name].base == counted([one for one in links if one[1]["trade"] == name])
        assert cells[name].share == len(of) / len(mine)
    assert sum(one.group.roles for one in trade.cells) == women.group.roles


def test_enterprises_are_seen_by_their_people(workspace: Workspace) -> None:
    tea = workspace.through_roles("trade = 'tea'", on="enterprise")
    mine = [one for one in current() if one[1]["trade"] == "tea"]
    assert (tea.other, tea.group) == ("person", counted(mine))
    gender = next(one for one in tea.tags if one.name == "gender")
    for cell in gender.cells:
        assert cell.group == counted([one for one in mine if one[0]["gender"] == cell.value])
    assert tea.telling[0].name == "gender"


def test_roles_at_one_enterprise_are_a_cluster(women: Through) -> None:
    links = current()
    has = np.array([c["trade"] == "tea" for _, c in links], float)
    mine = np.array([p["gender"] == "f" for p, _ in links], float)
    cluster = np.array([int(c["id"][1:]) for _, c in links])
    right = sm.OLS(has, sm.add_constant(mine)).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    trade = next(one for one in women.tags if one.name == "trade")
    found = next(one for one in trade.cells if one.value == "tea")
    assert found.z == pytest.approx(right.tvalues[1])
    assert found.p == pytest.approx(right.pvalues[1])
    tested = [one for tag in women.tags for one in tag.cells if one.p is not None]
    assert women.tested == len(tested)
    assert [one.q for one in tested] == pytest.approx(adjusted([one.p or 0.0 for one in tested]))
    assert (women.telling[0].name, women.telling[0].cell.value) == ("trade", "tea")


def score(values: np.ndarray, mine: np.ndarray, cluster: np.ndarray) -> float | None:
    """Of single members."""
    sides = [np.bincount(cluster[of], values[of], 100)[None] for of in (mine, ~mine)]
    counts = [np.bincount(cluster[of], minlength=100) for of in (mine, ~mine)]
    (found,) = clustered_z(sides[0], sides[1], counts[0], counts[1])
    return found


@given(st.integers(0, 2**31))
def test_the_score_is_that_of_cluster_robust_regression(seed: int) -> None:
    draw = np.random.default_rng(seed)
    cluster = draw.integers(0, 60, 300)
    mine, values = draw.random(300) < 0.5, draw.random(300).round(1)
    right = sm.OLS(values, sm.add_constant(mine.astype(float))).fit(
        cov_type="cluster", cov_kwds={"groups": cluster}
    )
    found = score(values, mine, cluster)
    assert found == pytest.approx(right.tvalues[1])
    assert p_value(found or 0.0) == pytest.approx(right.pvalues[1])


def test_few_clusters_are_not_judged() -> None:
    cluster = np.arange(100) % (FEWEST - 1)
    assert score(np.arange(100.0), np.arange(100) % 2 == 0, cluster) is None


def test_enterprises_of_many_people_do_not_make_chance_look_true() -> None:
    """A group drawn by enterprise: tested by person, most of what is found would be chance."""
    draw = np.random.default_rng(8)
    wrong = 0
    for _ in range(300):
        cluster = np.repeat(np.arange(80), draw.integers(1, 30, 80))
        has, mine = (draw.random(80) < 0.5)[cluster], (draw.random(80) < 0.5)[cluster]
        z = score(has.astype(float), mine, cluster)
        wrong += z is not None and p_value(z) < 0.05
    assert wrong / 300 < 0.09


def test_chance_is_seldom_told(workspace: Workspace) -> None:
    drawn = [workspace.through_roles(f"bucket('{n}') < 0.4", on="person") for n in range(40)]
    assert sum(bool(one.telling) for one in drawn) / 40 <= 2 * FALSE + 0.05


def test_the_sentence(women: Through, workspace: Workspace) -> None:
    group = women.group
    assert women.sentence.startswith(
        f"{women.size} people with {group.roles} current roles at {group.enterprises} enterprises;"
        f" {women.without} of them have none. What sets these enterprises apart most: trade (tea: "
    )
    chinese = workspace.audience_through_roles("women", lang="zh").sentence
    assert chinese.startswith(
        f"共{women.size}人，现任角色{group.roles}个，涉及{group.enterprises}家企业；其中{women.without}人没有现任职务。"
    )


def test_nobody_and_roles(workspace: Workspace) -> None:
    for base in (None, "nobody"):
        nobody = workspace.audience_through_roles("nobody", base)
        assert (nobody.group, nobody.telling) == (Count(0, 0, 0), ())
        assert (
            nobody.sentence == "0 people. No tag of these enterprises sets the group clearly apart."
        )
        assert through_page(nobody)
    with pytest.raises(HolbeinError, match="a role has one person and one enterprise"):
        workspace.audience_through_roles("all roles")


def test_it_is_shown_everywhere(workspace: Workspace, tmp_path: Path) -> None:
    asked = ["portrait", "audience", "women", "--roles", "-w", str(workspace.folder)]
    assert json.loads(command(*asked, "--json").out)["other"] == "enterprise"
    assert "Seen through roles: Enterprise" in command(*asked).out
    assert "按任职关系看：企业" in command(*asked, "--lang", "zh").out
    assert command(*asked, "--html", str(tmp_path / "p.html")).code == 0
    page = (tmp_path / "p.html").read_text()
    assert "<script>document" not in page
    assert "&lt;script&gt;document" in page
