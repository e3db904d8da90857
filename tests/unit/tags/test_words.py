"""How a version tells of the tags that look at relations and at peers: in words, with figures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import holbein
from tests.support.workspaces import write_workspace

FILES = {
    "holbein.yaml": "name: small\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, name: name, parent: parent, country: country,
                  employees: {column: size, type: number}, founded: {column: founded, type: date}}
    roles: {table: roles, id: id, enterprise: account, person: {id: person, name: who}, title: title}
    streams:
      orders: {table: orders, key: id, at: at, enterprise: account, title: {en: Orders, zh: 订单},
               columns: {amount: {column: amount, type: money, title: {en: amount, zh: 金额}}}}
""",
    "raw/accounts.csv": "id,name,parent,country,size,founded\n"
    "a,Alpha,,DE,5,2001-01-01\nb,Beta,a,DE,7,2002-01-01\n",
    "raw/roles.csv": "id,account,person,who,title\nr,a,p,Pia,Head\n",
    "raw/orders.csv": "id,account,at,amount\n1,a,2024-05-01,20\n2,b,2024-01-01,5\n",
}
# The form, and what it says in English and in Chinese.
SAID = {
    "ranks: {of: employees}": (
        "percentile of employees among all enterprises", "员工人数在所有企业中的百分位",
    ),
    "ranks: {of: employees, among: [country, name]}": (
        "percentile of employees among enterprises with the same country and name",
        "员工人数在国家、名称相同的企业中的百分位",
    ),
    "ranks: {of: founded, gives: rank, order: lowest}": (
        "rank by founded among all enterprises, the earliest first",
        "在所有企业中按成立时间从早到晚的名次",
    ),
    "ranks: {of: employees, among: [country], gives: rank}": (
        "rank by employees among enterprises with the same country, the highest first",
        "在国家相同的企业中按员工人数从高到低的名次",
    ),
    "rfm: {stream: orders, amount: amount, window: 1 year}": (
        "RFM segment among enterprises (days since the latest entry in orders in the last year; "
        "number of orders in the last year; total amount of orders in the last year)",
        "企业的RFM分群（近1年最近一次订单距今天数；近1年订单数；近1年订单金额合计）",
    ),
    "rfm: {stream: orders, gives: score, bins: 4}": (
        "RFM scores from 1 to 4 among enterprises "
        "(days since the latest entry in orders; number of orders)",
        "企业的RFM评分，各1至4分（最近一次订单距今天数；订单数）",
    ),
    "rfm: {stream: orders, gives: frequency}": (
        "score from 1 to 5 among enterprises (number of orders)",
        "在企业中的评分，1至5分（订单数）",
    ),
    "rolls_up: {from: descendants, of: employees, by: sum, self: true}": (
        "sum of employees over the enterprise itself and those below it, at any level",
        "本企业及各级下属企业的员工人数合计",
    ),
    "rolls_up: {from: subsidiaries, of: founded, by: min}": (
        "earliest founded among direct subsidiaries", "直属子公司中最早的成立时间",
    ),
    "rolls_up: {from: roles, where: \"title = 'Head'\", by: share}": (
        "share of current roles that meet (title is Head)", "现任角色中满足（职位是Head）的占比",
    ),
    "rolls_up: {from: roles, where: \"title = 'Head'\", by: any}": (
        "among current roles, some meet (title is Head)",
        "现任角色中至少有一个满足（职位是Head）",
    ),
    "rolls_up: {from: roles, of: title, by: best, order: [Head, Clerk]}": (
        "best title among current roles, in this order: Head, Clerk",
        "现任角色中最优的职位（从优到劣：Head、Clerk）",
    ),
    "rolls_up: {from: subsidiaries, of: employees, by: avg, where: \"country = 'DE'\"}": (
        "average of employees over direct subsidiaries that meet (country is DE)",
        "满足（国家是DE）的直属子公司的员工人数平均值",
    ),
    "rolls_up: {from: root, of: country}": (
        "country of the head of the group", "集团总公司的国家",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> holbein.Workspace:
    tags = "".join(f"  - {{tag: t{number}, {form}}}\n" for number, form in enumerate(SAID))
    life = "  - {tag: life, lifecycle: {stream: orders, period: 30 days}}\n"
    folder: Path = tmp_path_factory.mktemp("words") / "small"
    made = holbein.open(write_workspace(folder, FILES | {"tags/a.yaml": f"tags:\n{tags}{life}"}))
    made.run(as_of=dt.date(2024, 5, 30))
    return made


@pytest.mark.parametrize("number", range(len(SAID)), ids=list(SAID))
def test_words(workspace: holbein.Workspace, number: int) -> None:
    info = workspace.query.tags["enterprise", f"t{number}"]
    english, chinese = list(SAID.values())[number]
    assert info.words["en"] == english
    assert info.words["zh"] == chinese


def evidence(workspace: holbein.Workspace, tag: str, lang: str = "en") -> list[tuple[str, Any]]:
    portrait = workspace.portrait("enterprise", "crm:a", lang=lang)
    lines = {line.name: line for group in portrait.categories for line in group.tags}
    return [(one.words, one.text) for one in lines[tag].evidence.figures]


def test_what_they_rest_on(workspace: holbein.Workspace) -> None:
    number = {form: f"t{place}" for place, form in enumerate(SAID)}
    assert evidence(workspace, number["ranks: {of: employees, among: [country], gives: rank}"]) == [
        ("Employees", "5"), ("Country", "DE"),
    ]  # fmt: skip
    found = evidence(workspace, number["rfm: {stream: orders, amount: amount, window: 1 year}"])
    assert [text for _, text in found] == ["29", "1", "20"]
    found = evidence(workspace, number["rolls_up: {from: subsidiaries, of: founded, by: min}"])
    assert found == [("Founded", "1 January 2002")]
    assert len(evidence(workspace, "life", "zh")) > 5


def test_titles_of_stages_and_segments(workspace: holbein.Workspace) -> None:
    labels = {tag.tag: tag.labels for tag in workspace.tags()}
    assert labels["life"]["new"] == {"en": "new", "zh": "新客户"}
    portrait = workspace.portrait("enterprise", "crm:a", lang="zh")
    lines = {line.name: line.text for group in portrait.categories for line in group.tags}
    assert lines["life"] == "新客户"
