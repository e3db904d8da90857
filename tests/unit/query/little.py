"""A little workspace, run for real, whose contents are also there as plain Python.

Eighty companies, the first few with names that mean harm; every fourth is in software and buys more.
A second source knows two keys that the first one also has, so that a bare key may be ambiguous.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import holbein
from holbein.workspace import Workspace
from tests.support.workspaces import write_workspace
from tests.unit.portraits.samples import HOSTILE

AS_OF = dt.date(2026, 6, 30)
BEFORE = dt.date(2026, 5, 31)
COMPANIES = 80
PRODUCTS = ("Tea", "Chai", "Coffee", "Cocoa")


@dataclass(frozen=True)
class Company:
    key: str
    name: str
    sector: str | None
    region: str | None
    employees: int | None
    founded: dt.date | None
    parent: str | None


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    gender: str | None


@dataclass(frozen=True)
class Role:
    key: str
    company: str
    person: str
    title: str | None
    department: str | None
    buying_role: str | None
    since: dt.date | None
    until: dt.date | None

    @property
    def current(self) -> bool:
        return (self.since is None or self.since <= AS_OF) and (
            self.until is None or self.until > AS_OF
        )


@dataclass(frozen=True)
class Order:
    key: str
    at: dt.datetime
    company: str
    product: str | None
    amount: Decimal
    status: str | None
    settled: dt.date | None

    @property
    def day(self) -> dt.date:
        return self.at.date()


@dataclass(frozen=True)
class Event:
    key: str
    at: dt.datetime
    role: str
    name: str
    page: str | None

    @property
    def day(self) -> dt.date:
        return self.at.date()


def key(number: int) -> str:
    return f"C{number:03d}"


def _companies() -> list[Company]:
    chance = random.Random(5)
    out = []
    for n in range(1, COMPANIES + 1):
        name = HOSTILE[n - 2] if 2 <= n < 2 + len(HOSTILE) else f"Company {n}"
        parent = {6: 1, 7: 1, 8: 6}.get(n)
        out.append(
            Company(
                key(n),
                name,
                "software" if n % 4 == 0 else (None if n % 9 == 0 else ("retail", "bank")[n % 2]),
                ("310115", "330106", "GB", None)[n % 4] if n != 1 else "310115",
                None if n % 11 == 0 else chance.randrange(3, 3000),
                dt.date(1990 + n % 30, 1 + n % 12, 1 + n % 28) if n % 3 else None,
                key(parent) if parent else None,
            )
        )
    return out


def _orders(companies: Sequence[Company]) -> list[Order]:
    chance = random.Random(6)
    out = []
    for n, company in enumerate(companies, 1):
        for k in range(5 if company.sector == "software" else n % 4):
            day = AS_OF - dt.timedelta(days=chance.randrange(0, 120))
            at = dt.datetime.combine(day, dt.time(chance.randrange(0, 24), 30))
            late = chance.random() < 0.3
            settled = day + dt.timedelta(days=chance.randrange(1, 60))
            product = chance.choice([*PRODUCTS, None]) if n > 1 else PRODUCTS[k % 2]
            amount = Decimal(chance.randrange(100, 90_000)) / 100
            out.append(
                Order(f"O{len(out):04d}", at, company.key, product, amount,
                      "late" if late else "paid", settled)
            )  # fmt: skip
    return out


PEOPLE = (
    Person("p1", "Maria Anders", "female"),
    Person("p2", "王晓敏", "female"),
    Person("p3", HOSTILE[1], None),
    Person("p4", "Ann Lee", "male"),
)
ROLES = (
    Role("r1", "C001", "p1", "CFO", "finance", "decides", dt.date(2019, 2, 1), None),
    Role("r2", "C001", "p2", "采购经理", None, "buys", None, None),
    Role("r3", "C004", "p2", "Owner", None, None, dt.date(2020, 1, 1), None),
    Role("r4", "C001", "p3", HOSTILE[2], "finance", "uses", dt.date(2015, 1, 1), dt.date(2020, 1, 1)),
    Role("r5", "C001", "p4", "Clerk", "sales", "decides", dt.date(2026, 8, 1), None),
    Role("r6", "C008", "p4", "Head of sales", "sales", "decides", dt.date(2024, 5, 1), dt.date(2026, 7, 1)),
)  # fmt: skip
EVENTS = (
    Event("e1", dt.datetime(2026, 6, 20, 9), "r1", "login", None),
    Event("e2", dt.datetime(2026, 6, 28, 9), "r1", "visit", "/pricing"),
    Event("e3", dt.datetime(2026, 6, 29, 23, 59), "r2", "login", None),
    Event("e4", dt.datetime(2026, 7, 1, 0, 0), "r1", "login", None),  # after the last day
    Event("e5", dt.datetime(2025, 1, 5, 9), "r6", "login", None),
)
COMPANY_LIST = tuple(_companies())
ORDER_LIST = tuple(_orders(COMPANY_LIST))
OTHERS = (("C002", "Second of this key"), ("X900", "Only in the ERP"), ("E5", "Keyed like an id"))
"""What the source ``erp`` knows: keys and names."""

DEFINITIONS = {
    "holbein.yaml": "name: Little\ntime_zone: Asia/Shanghai\ncurrency: CNY\nlanguages: [en, zh]\n",
    "sources/crm.yaml": """\
sources:
  - source: crm
    from: raw
    enterprises:
      table: companies
      id: key
      name: name
      parent: parent
      sector:
        column: sector
        title: {en: Trade, zh: 行业}
        values:
          software: {en: software, zh: 软件}
          retail: {en: retail, zh: 零售}
          bank: {en: banking, zh: 银行}
      region: region
      employees: {column: employees, type: number}
      founded: {column: founded, type: date}
    people: {table: people, id: key, name: name, gender: gender}
    roles:
      {table: roles, id: key, enterprise: company, person: person, title: title,
       department: department, buying_role: buying_role, since: since, until: until}
    streams:
      orders:
        title: {en: Orders, zh: 订单}
        table: orders
        key: key
        at: at
        enterprise: company
        known: {status: settled}
        columns:
          product: {column: product, type: category}
          amount: {column: amount, type: money}
          status: {column: status, values: {paid: {en: paid, zh: 已付款}, late: {en: late, zh: 逾期}}}
      event:
        table: events
        key: key
        at: at
        role: role
        columns:
          name: {column: name, values: {login: {en: sign-in, zh: 登录}, visit: {en: page view, zh: 浏览}}}
          page: page
  - source: erp
    from: raw
    enterprises: {table: others, id: key, name: name}
""",
    "tags/all.yaml": """\
tags:
  - {tag: revenue, title: {en: Revenue in 90 days, zh: 近90天成交额}, category: value/orders,
     value: "sum(orders.amount, '90 days')"}
  - tag: tier
    title: {en: Value tier, zh: 价值等级}
    values: {high: {en: high value, zh: 高价值}, low: {en: low value, zh: 低价值}, none: {en: no orders in 90 days, zh: 近90天无订单}}
    category: value
    sentence: activity
    description: Set by hand <b>once</b>.
    cases: [{high: "revenue >= 800"}, {low: "revenue > 0"}, {else: none}]
  - {tag: busy, title: {en: Ordered lately, zh: 近期下单}, category: behaviour, sensitivity: personal,
     where: "count(orders, '30 days') > 0"}
  - {tag: likes, title: {en: Likes, zh: 偏好}, category: preference, sentence: preference,
     prefers: {stream: orders, by: product, weight: amount, top: 2}}
  - {tag: last_order, title: {en: Last order, zh: 最近下单日}, value: "max(orders.at)"}
  - {tag: trade, title: {en: Branch, zh: 所属行业}, category: profile, sentence: who, attribute: sector}
  - {tag: place, title: {en: Place, zh: 所在地}, category: profile, sentence: where, attribute: region}
  - tag: size
    title: {en: Size, zh: 规模}
    values: {small: {en: small, zh: 小型}, large: {en: large, zh: 大型}}
    category: profile
    band: {of: employees, below: [{small: 500}], else: large}
  - {tag: signs_in, on: role, title: {en: Signs in, zh: 有登录}, where: "count(login, '90 days') > 0"}
""",
    "audiences/all.yaml": """\
audiences:
  - {audience: software, title: {en: Software houses, zh: 软件企业}, where: "sector = 'software'"}
  - {audience: big, title: {en: Big ones, zh: 大企业}, where: "employees >= 1000"}
  - {audience: nobody, where: "employees < 0"}
  - {audience: signed in, on: person, where: "count(login) > 0"}
""",
}  # fmt: skip


def _csv(path: Path, rows: Sequence[Any]) -> None:
    names = [one.name for one in fields(rows[0])]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(names)
        out.writerows([getattr(row, name) for name in names] for row in rows)


def write_little(folder: Path) -> Path:
    """The workspace's definitions and raw files, not yet run."""
    write_workspace(folder, DEFINITIONS)
    raw = folder / "raw"
    raw.mkdir()
    _csv(raw / "companies.csv", COMPANY_LIST)
    _csv(raw / "people.csv", PEOPLE)
    _csv(raw / "roles.csv", ROLES)
    _csv(raw / "orders.csv", ORDER_LIST)
    _csv(raw / "events.csv", EVENTS)
    others = "\n".join(f"{one},{name}" for one, name in OTHERS)
    (raw / "others.csv").write_text(f"key,name\n{others}\n", "utf-8")
    return folder


@functools.cache
def _made() -> tempfile.TemporaryDirectory[str]:
    # Removed when the process ends; made once, however many folders of tests ask for it.
    made: tempfile.TemporaryDirectory[str] = tempfile.TemporaryDirectory(prefix="holbein-little-")
    workspace = holbein.open(write_little(Path(made.name) / "little"))
    workspace.run(as_of=BEFORE)
    workspace.run(as_of=AS_OF)
    return made


def little(target: Path) -> Workspace:
    """The workspace after two runs, as a copy of one's own at ``target``."""
    shutil.copytree(Path(_made().name) / "little", target)
    return holbein.open(target)


# --- the same in plain Python -----------------------------------------------------------------------


def orders_of(company: str, days: int | None = None) -> list[Order]:
    """Its orders as of the last day, those of the last so many days, oldest first."""
    first = AS_OF - dt.timedelta(days=days - 1) if days is not None else dt.date.min
    mine = [one for one in ORDER_LIST if one.company == company and first <= one.day <= AS_OF]
    return sorted(mine, key=lambda one: (one.at, one.key))


def revenue(company: str) -> float:
    return float(sum(one.amount for one in orders_of(company, 90)))


def tier(company: str) -> str:
    amount = revenue(company)
    return "high" if amount >= 800 else "low" if amount > 0 else "none"


def named(wanted: Iterator[Company] | Sequence[Company]) -> list[str]:
    return [one.key for one in wanted]
