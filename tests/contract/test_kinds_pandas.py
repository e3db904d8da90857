"""Rankings, RFM, life cycle, preference and roll-ups, answered by Holbein and by pandas.

Both read the same raw data: Northwind, and the demo world. The pandas side was written from the
documentation (``tests/support/kinds_pandas.py``) and shares nothing with Holbein.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import holbein
from holbein.demo.world import make
from tests.support import kinds_pandas as plain
from tests.support import workspaces
from tests.support.demo_raw import Raw
from tests.support.kinds_pandas import TEN_THOUSANDTHS, Values, lately

NORTHWIND_DAY = dt.date(1998, 5, 6)
DEMO_DAY = dt.date(2026, 5, 31)
COMPANIES = 150


@dataclass(frozen=True)
class Told:
    """What one side says: tag → key → value; and Holbein's number of each key, by kind."""

    values: Mapping[str, Mapping[str, Any]]
    ids: Mapping[str, Mapping[str, int]]


def told_by(folder: Path, tags: str, day: dt.date) -> Told:
    """The workspace's tags, with ``tags`` beside its own, after a run."""
    (folder / "tags" / "kinds.yaml").write_text(f"tags:{tags}", encoding="utf-8")
    workspace = holbein.open(folder)
    workspace.run(as_of=day)
    values: dict[str, dict[str, Any]] = {}
    ids: dict[str, dict[str, int]] = {}
    for kind in ("enterprise", "person", "role"):
        names = [tag.tag for tag in workspace.tags() if tag.on == kind]
        rows = workspace.select("TRUE", on=kind, columns=["id", "key", *names]).to_pylist()
        keys = [row["key"].partition(":")[2] for row in rows]
        ids[kind] = {key: int(row["id"][1:]) for key, row in zip(keys, rows, strict=True)}
        for name in names:
            found = {key: row[name] for key, row in zip(keys, rows, strict=True)}
            values[name] = {key: one for key, one in found.items() if one is not None}
    return Told(values, ids)


def compare(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    known = {key: one for key, one in expected.items() if not _missing(one)}
    assert set(found) == set(known)
    different = {key: (found[key], one) for key, one in known.items() if not _same(found[key], one)}
    assert not different


def _missing(value: Any) -> bool:
    return not isinstance(value, list) and bool(pd.isna(value))


def _same(found: Any, expected: Any) -> bool:
    if isinstance(found, float):
        return found == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
    if isinstance(expected, pd.Timestamp):
        return bool(found == expected.date())
    return bool(found == expected)


# --- Northwind ------------------------------------------------------------------------------------

NORTHWIND_TAGS = """
  - {tag: percentile, ranks: {of: revenue_1y}}
  - {tag: in_country, ranks: {of: revenue_1y, among: [country]}}
  - {tag: best, ranks: {of: revenue_1y, among: [country, value_tier], gives: rank}}
  - {tag: latest, ranks: {of: days_since(orders), gives: rank, order: lowest}}
  - {tag: segment, rfm: {stream: orders, amount: amount, window: 1 year}}
  - {tag: score, rfm: {stream: orders, amount: amount, window: 1 year, gives: score}}
  - {tag: recency, rfm: {stream: orders, gives: recency}}
  - {tag: frequency, rfm: {stream: orders, gives: frequency, bins: 10, where: "category = 'Seafood'"}}
  - {tag: monetary, rfm: {stream: orders, amount: amount, gives: monetary, bins: 4}}
  - {tag: two_figures, rfm: {stream: orders, window: 6 months}}
  - {tag: life, lifecycle: {stream: orders, period: 60 days}}
  - {tag: life_by_amount, lifecycle: {stream: orders, amount: amount, period: 2 months}}
  - {tag: liked, prefers: {stream: orders, by: category, weight: amount, top: 3, half_life: 90 days}}
  - {tag: product, prefers: {stream: orders, by: product, window: 1 year}}
  - {tag: fresh_product, prefers: {stream: orders, by: product, half_life: 30 days}}
  - {tag: owners, rolls_up: {from: roles, where: "title = 'Owner'", by: share}}
  - {tag: usual_title, rolls_up: {from: people, of: contact_title, by: most}}
  - {tag: contact_title, on: person, rolls_up: {from: roles, of: title, by: most}}
  - {tag: house_revenue, on: role, rolls_up: {from: enterprise, of: revenue_1y}}
  - {tag: houses, on: person, rolls_up: {from: enterprises, of: revenue_1y, by: sum}}
"""


@dataclass(frozen=True)
class Northwind:
    customers: pd.DataFrame
    lines: pd.DataFrame
    day: pd.Timestamp
    ids: Mapping[str, Mapping[str, int]]

    @property
    def year(self) -> pd.DataFrame:
        return lately(self.lines, self.day, years=1)

    @property
    def revenue(self) -> pd.Series[float]:
        sums = self.year.groupby("who")["amount"].sum() / TEN_THOUSANDTHS
        return sums.reindex(self.customers.index, fill_value=0.0)

    @property
    def tier(self) -> pd.Series[str]:
        return pd.cut(
            self.revenue, [-1, 2000, 10000, 1e12], right=False, labels=["low", "middle", "high"]
        ).astype(object)  # fmt: skip


def _scored(
    facts: pd.DataFrame, day: pd.Timestamp, **how: Any
) -> Mapping[str, tuple[int, int, int]]:
    return plain.scores(facts, "who", day, **how)


NORTHWIND: Mapping[str, Callable[[Northwind], Values]] = {
    "percentile": lambda nw: plain.percentiles(nw.revenue),
    "in_country": lambda nw: plain.percentiles(nw.revenue, nw.customers[["Country"]]),
    "best": lambda nw: plain.ranks(
        nw.revenue, nw.ids["enterprise"], nw.customers[["Country"]].assign(tier=nw.tier)
    ),
    "latest": lambda nw: plain.ranks(
        {who: (nw.day - last).days for who, last in nw.lines.groupby("who")["day"].max().items()},
        nw.ids["enterprise"], highest=False,
    ),
    "segment": lambda nw: {
        who: plain.segment(one) for who, one in _scored(nw.year, nw.day, amount="amount").items()
    },
    "score": lambda nw: {
        who: plain.digits(one) for who, one in _scored(nw.year, nw.day, amount="amount").items()
    },
    "recency": lambda nw: {who: one[0] for who, one in _scored(nw.lines, nw.day).items()},
    "frequency": lambda nw: {
        who: one[1] for who, one in
        _scored(nw.lines[nw.lines["category"] == "Seafood"], nw.day, bins=10).items()
    },
    "monetary": lambda nw: {
        who: one[2] for who, one in _scored(nw.lines, nw.day, amount="amount", bins=4).items()
    },
    "two_figures": lambda nw: {
        who: plain.segment(one)
        for who, one in _scored(lately(nw.lines, nw.day, months=6), nw.day).items()
    },
    "life": lambda nw: plain.stages(nw.lines, "who", nw.day, days=60),
    "life_by_amount": lambda nw: plain.stages(nw.lines, "who", nw.day, "amount", months=2),
    "liked": lambda nw: plain.preferred(
        nw.lines, "who", "category", nw.day, top=3, weight="amount", half_life=90
    ),
    "product": lambda nw: plain.firsts(
        plain.preferred(nw.year, "who", "product", nw.day, top=1)
    ),
    "fresh_product": lambda nw: plain.firsts(
        plain.preferred(nw.lines, "who", "product", nw.day, top=1, half_life=30)
    ),
    "owners": lambda nw: (nw.customers["ContactTitle"] == "Owner").astype(float).to_dict(),
    "usual_title": lambda nw: nw.customers["ContactTitle"].to_dict(),
    "contact_title": lambda nw: nw.customers["ContactTitle"].to_dict(),
    "house_revenue": lambda nw: nw.revenue.to_dict(),
    "houses": lambda nw: nw.revenue.to_dict(),
}  # fmt: skip


@pytest.fixture(scope="module")
def northwind_told(
    northwind: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Told, Northwind]:
    target = tmp_path_factory.mktemp("kinds") / "northwind"
    found = told_by(
        workspaces.northwind_workspace(target, northwind), NORTHWIND_TAGS, NORTHWIND_DAY
    )
    day = pd.Timestamp(NORTHWIND_DAY)
    with sqlite3.connect(northwind) as db:
        customers = pd.read_sql("SELECT * FROM Customers", db)
        customers = customers.set_index(customers["CustomerID"].str.strip())
        lines = pd.read_sql(
            "SELECT CustomerID AS who, OrderDate AS day, CategoryName AS category,"
            " ProductName AS product, d.UnitPrice * Quantity * (1 - Discount) AS amount"
            ' FROM "Order Details" d, Orders o, Products p, Categories c WHERE d.OrderID = o.OrderID'
            " AND p.ProductID = d.ProductID AND c.CategoryID = p.CategoryID",
            db, parse_dates=["day"],
        )  # fmt: skip
    lines = lines[lines["day"] <= day]
    lines["amount"] = (lines["amount"] * TEN_THOUSANDTHS).round().astype("int64")
    return found, Northwind(customers, lines, day, found.ids)


@pytest.mark.parametrize("tag", NORTHWIND)
def test_northwind(northwind_told: tuple[Told, Northwind], tag: str) -> None:
    found, raw = northwind_told
    compare(found.values[tag], NORTHWIND[tag](raw))


# --- the demo world -------------------------------------------------------------------------------

DEMO_TAGS = """
  - {tag: size_among, ranks: {of: employees, among: [industry, ownership]}}
  - {tag: buyer, ranks: {of: revenue_1y, among: [ownership], gives: rank}}
  - {tag: oldest, ranks: {of: founded, gives: rank, order: lowest}}
  - {tag: busiest, on: role, ranks: {of: role_logins_30d, among: [department]}}
  - {tag: segment, rfm: {stream: orders, amount: amount, window: 1 year}}
  - {tag: paid_score, rfm: {stream: orders, amount: amount, gives: score, where: "status = 'paid'"}}
  - {tag: role_score, on: role, rfm: {stream: event, window: 90 days, gives: score}}
  - {tag: login_segment, on: person, rfm: {stream: login}}
  - {tag: life, lifecycle: {stream: orders, amount: amount, period: 90 days}}
  - {tag: role_life, on: role, lifecycle: {stream: login, period: 30 days}}
  - {tag: tools, on: role, prefers: {stream: event, by: feature, top: 2, half_life: 45 days}}
  - {tag: channels, on: role, prefers: {stream: event, by: name, weight: minutes, top: 2, half_life: 45 days}}
  - {tag: liked_product, prefers: {stream: orders, by: product, weight: amount, window: 2 years, half_life: 180 days}}
  - {tag: group_staff, rolls_up: {from: descendants, of: employees, by: sum, self: true}}
  - {tag: unit_revenue, rolls_up: {from: subsidiaries, of: revenue_1y, by: avg}}
  - {tag: units_buy, rolls_up: {from: subsidiaries, where: "revenue_1y > 0", by: all}}
  - {tag: head_staff, rolls_up: {from: root, of: employees}}
  - {tag: parent_tier, rolls_up: {from: parent, of: value_tier}}
  - {tag: best_contact, rolls_up: {from: roles, of: engagement, by: best, order: [hot, warm, cold]}}
  - {tag: usual_department, rolls_up: {from: roles, of: department, by: most}}
  - {tag: women, rolls_up: {from: people, where: "gender = 'female'", by: count}}
  - {tag: women_share, rolls_up: {from: people, where: "gender = 'female'", by: share}}
  - {tag: newest_role, rolls_up: {from: roles_ever, of: since, by: max}}
  - {tag: it_logins, rolls_up: {from: roles, of: role_logins_30d, by: sum, where: "department = 'it'"}}
  - {tag: served, on: person, rolls_up: {from: enterprises, of: revenue_1y, by: sum}}
  - {tag: holder_age, on: role, rolls_up: {from: person, of: age}}
  - {tag: house_rank, on: role, rolls_up: {from: enterprise, of: buyer}}
"""


@dataclass
class Demo:
    raw: Raw
    ids: Mapping[str, Mapping[str, int]]

    def __post_init__(self) -> None:
        raw = self.raw
        self.day = raw.day
        for facts, name in ((raw.orders, "amount"), (raw.events, "minutes")):
            facts[name] = (facts[name].astype(float) * TEN_THOUSANDTHS).round()
        self.year = raw.window(raw.orders, years=1)
        revenue = raw.total(self.year, "amount", "enterprise") / TEN_THOUSANDTHS
        self.revenue: dict[str, float] = revenue.to_dict()
        self.logins = raw.count(raw.window(raw.named("login"), days=30), "role")
        self.current = raw.roles[raw.roles["current"]]
        self.children = {
            one: [child for child, parent in raw.parents.items() if parent == one]
            for one in raw.companies.index
        }
        self.buyers = plain.ranks(
            self.revenue, self.ids["enterprise"], raw.companies[["ownership"]]
        )

    def below(self, company: str) -> list[str]:
        """Subsidiaries of subsidiaries, at every level."""
        return [one for child in self.children[company] for one in (child, *self.below(child))]

    def engagement(self) -> pd.Series[str]:
        raw = self.raw
        days = raw.count_days(raw.window(raw.events, days=30), "role")
        seen = raw.count(raw.window(raw.events, days=90), "role")
        return pd.Series("cold", days.index).mask(seen >= 1, "warm").mask(days >= 8, "hot")

    def tier(self, company: str) -> str:
        found = self.revenue[company]
        if found <= 0:
            return "none"
        return "high" if found >= 60000 else "middle" if found >= 12000 else "low"

    def of_companies(self, answer: Callable[[str], Any]) -> Values:
        return {company: answer(company) for company in self.raw.companies.index}

    def of_roles(self, answer: Callable[[pd.DataFrame], Any], roles: pd.DataFrame | None = None) -> Values:  # fmt: skip
        """An answer for each company, from its roles: the current ones, or others."""
        held = self.current if roles is None else roles
        return self.of_companies(lambda company: answer(held[held["company_id"] == company]))

    def women(self, roles: pd.DataFrame) -> tuple[int, int]:
        people = set(roles["person_id"])
        return sum(self.raw.people.loc[one, "gender"] == "female" for one in people), len(people)

    def age(self, person: str) -> float | None:
        born = self.raw.people.loc[person, "birth_date"]
        if pd.isna(born):
            return None
        day = self.day
        return float(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))

    def served(self) -> Values:
        houses = self.current.groupby("person_id")["company_id"].unique()
        return {
            person: sum(self.revenue[one] for one in houses.get(person, ()))
            for person in self.raw.people.index
        }


def _share(met: int, all_: int) -> float | None:
    return met / all_ if all_ else None


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


DEMO: Mapping[str, Callable[[Demo], Values]] = {
    "size_among": lambda d: plain.percentiles(
        d.raw.companies["employees"], d.raw.companies[["industry", "ownership"]]
    ),
    "buyer": lambda d: d.buyers,
    "oldest": lambda d: plain.ranks(
        {k: day.toordinal() for k, day in d.raw.companies["founded"].dropna().items()},
        d.ids["enterprise"], highest=False,
    ),
    "busiest": lambda d: plain.percentiles(d.logins, d.raw.roles[["department"]]),
    "segment": lambda d: {
        who: plain.segment(one)
        for who, one in plain.scores(d.year, "enterprise", d.day, "amount").items()
    },
    "paid_score": lambda d: {
        who: plain.digits(one) for who, one in plain.scores(
            d.raw.orders[d.raw.orders["status"] == "paid"], "enterprise", d.day, "amount"
        ).items()
    },
    "role_score": lambda d: {
        who: plain.digits(one)
        for who, one in plain.scores(d.raw.window(d.raw.events, days=90), "role", d.day).items()
    },
    "login_segment": lambda d: {
        who: plain.segment(one)
        for who, one in plain.scores(d.raw.named("login"), "person", d.day).items()
    },
    "life": lambda d: plain.stages(d.raw.orders, "enterprise", d.day, "amount", days=90),
    "role_life": lambda d: plain.stages(d.raw.named("login"), "role", d.day, days=30),
    "tools": lambda d: plain.preferred(
        d.raw.events, "role", "feature", d.day, top=2, half_life=45
    ),
    "channels": lambda d: plain.preferred(
        d.raw.events, "role", "name", d.day, top=2, weight="minutes", half_life=45
    ),
    "liked_product": lambda d: plain.firsts(plain.preferred(
        d.raw.window(d.raw.orders, years=2), "enterprise", "product", d.day,
        top=1, weight="amount", half_life=180,
    )),
    "group_staff": lambda d: d.of_companies(
        lambda c: d.raw.companies.loc[[c, *d.below(c)], "employees"].sum()
    ),
    "unit_revenue": lambda d: d.of_companies(
        lambda c: _mean([d.revenue[one] for one in d.children[c]])
    ),
    "units_buy": lambda d: d.of_companies(
        lambda c: bool(d.children[c]) and all(d.revenue[one] > 0 for one in d.children[c])
    ),
    "head_staff": lambda d: d.of_companies(
        lambda c: d.raw.companies.loc[[c, *d.raw.above(c)][-1], "employees"]
    ),
    "parent_tier": lambda d: {child: d.tier(parent) for child, parent in d.raw.parents.items()},
    "best_contact": lambda d: d.of_roles(
        lambda roles: plain.first_of(["hot", "warm", "cold"], d.engagement()[roles.index])
    ),
    "usual_department": lambda d: d.of_roles(lambda roles: plain.commonest(roles["department"])),
    "women": lambda d: d.of_roles(lambda roles: d.women(roles)[0]),
    "women_share": lambda d: d.of_roles(lambda roles: _share(*d.women(roles))),
    "newest_role": lambda d: d.of_roles(
        lambda roles: roles["since"].max(), d.raw.roles[d.raw.roles["begun"]]
    ),
    "it_logins": lambda d: d.of_roles(
        lambda roles: d.logins[roles.index[roles["department"] == "it"]].sum()
    ),
    "served": lambda d: d.served(),
    "holder_age": lambda d: {role: d.age(p) for role, p in d.raw.roles["person_id"].items()},
    "house_rank": lambda d: {
        role: d.buyers.get(c) for role, c in d.raw.roles["company_id"].items()
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def demo_told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Demo]:
    folder = tmp_path_factory.mktemp("kinds") / "demo"
    make(folder, enterprises=COMPANIES, seed=11)
    found = told_by(folder, DEMO_TAGS, DEMO_DAY)
    return found, Demo(Raw(folder, pd.Timestamp(DEMO_DAY)), found.ids)


@pytest.mark.parametrize("tag", DEMO)
def test_the_demo_world(demo_told: tuple[Told, Demo], tag: str) -> None:
    found, raw = demo_told
    compare(found.values[tag], DEMO[tag](raw))


# --- both -----------------------------------------------------------------------------------------


def test_the_tags_tell_subjects_apart(
    northwind_told: tuple[Told, Northwind], demo_told: tuple[Told, Demo]
) -> None:
    """No tag has one value for all, and all stages and segments but the rarest occur."""
    for told in (northwind_told[0], demo_told[0]):
        for tag in (*NORTHWIND, *DEMO):
            if tag in told.values:
                assert len({str(one) for one in told.values[tag].values()}) > 1, tag
    seen = {one for told in (northwind_told[0], demo_told[0])
            for tag in ("life", "life_by_amount", "role_life")
            for one in told.values.get(tag, {}).values()}  # fmt: skip
    assert len(seen) == 8
    segments = {one for told in (northwind_told[0], demo_told[0])
                for tag in ("segment", "two_figures", "login_segment")
                for one in told.values.get(tag, {}).values()}  # fmt: skip
    assert len(segments) >= 10
