"""A workspace whose sources grow day by day, as daily drops do: late facts and new subjects."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path

DEFINITIONS = {
    "holbein.yaml": "name: days\ntime_zone: Asia/Shanghai\n",
    "sources/days.yaml": """
sources:
  - source: shop
    from: tables/
    enterprises: {table: customers, id: id, name: name, industry: industry, employees: employees, parent: parent}
    people: {table: people, id: id, name: name, city: city}
    roles: {table: roles, id: id, enterprise: enterprise, person: person, title: title, since: since, until: until}
    streams:
      orders:
        table: orders/
        key: key
        at: at
        enterprise: customer
        known: {paid: paid_at}
        columns:
          category: {column: category, type: category}
          amount: {column: amount, type: money}
          weight: {column: weight, type: number}
          paid: {column: paid, type: number}
      event:
        table: events/
        key: key
        at: at
        known_at: known_at
        role: role
        columns:
          name: {column: name, type: category}
          page: {column: page, type: category}
          minutes: {column: minutes, type: number}
""",
    "tags/days.yaml": """
tags:
  - {tag: sector, attribute: industry}
  - {tag: orders_7d, value: "count(orders, '7 days')"}
  - {tag: orders_month, value: "count(orders, '1 month')"}
  - {tag: orders_ever, value: "count(orders)"}
  - {tag: revenue_30d, value: "sum(orders.amount, '30 days')"}
  - {tag: revenue_before, value: "sum(orders.amount, '30 days', before => '30 days')"}
  - {tag: weight_30d, value: "sum(orders.weight, '30 days')"}
  - {tag: weight_ever, value: "sum(orders.weight, category = 'a')"}
  - {tag: average, value: "avg(orders.weight, '2 weeks')"}
  - {tag: paid, value: "sum(orders.paid)"}
  - {tag: unpaid, value: "count(orders, paid IS NULL)"}
  - {tag: smallest, value: "min(orders.amount, '30 days')"}
  - {tag: largest, value: "max(orders.amount)"}
  - {tag: middle, value: "median(orders.amount, '20 days')"}
  - {tag: first_category, value: "first(orders.category)"}
  - {tag: last_category, value: "last(orders.category, '30 days')"}
  - {tag: categories_30d, value: "count_distinct(orders.category, '30 days')"}
  - {tag: days_30d, value: "count_days(orders, '30 days')"}
  - {tag: quiet_for, value: "days_since(orders)"}
  - {tag: last_order, value: "last(orders.at)"}
  - {tag: trend, value: "revenue_30d / revenue_before"}
  - {tag: likes, prefers: {stream: orders, by: category, weight: amount, top: 2, window: 40 days, half_life: 10 days}}
  - {tag: favourite, prefers: {stream: orders, by: category}}
  - {tag: bought_after, where: "sequence(visit, orders, within => '5 days')"}
  - {tag: tier, cases: [{high: "revenue_30d >= 200"}, {middle: "revenue_30d >= 50"}, {else: low}]}
  - {tag: rose, where: "became(tier, 'high', '10 days')"}
  - {tag: visits_10h, value: "count(visit, '10 hours')"}
  - {tag: active_roles, value: "count_roles(count(event, '7 days') > 0)"}
  - {tag: alive, where: "any_role(days_since(event) < 5)"}
  - {tag: group_orders, where: "any_subsidiary(count(orders, '7 days') > 0)"}
  - {tag: lives_in, on: person, attribute: city}
  - {tag: visits_7d, on: person, value: "count(visit, '7 days')"}
  - {tag: minutes_30d, on: person, value: "sum(event.minutes, '30 days')"}
  - {tag: minutes_back, on: person, value: "sum(event.minutes, '24 hours', before => '48 hours')"}
  - {tag: last_page, on: person, value: "last(visit.page)"}
  - {tag: pages, on: person, value: "count_distinct(visit.page, '14 days')"}
  - {tag: works_at_high, on: person, where: "enterprise(tier = 'high')"}
  - {tag: days_active, on: role, value: "count_days(event, '30 days')"}
  - {tag: share, on: role, value: "days_active / 30"}
  - {tag: size_rank, ranks: {of: employees, among: [sector], gives: rank}}
  - {tag: revenue_place, ranks: {of: revenue_30d}}
  - {tag: segment, rfm: {stream: orders, amount: amount, window: 40 days}}
  - {tag: score, rfm: {stream: orders, amount: weight, gives: score}}
  - {tag: phase, lifecycle: {stream: orders, amount: amount, period: 7 days}}
  - {tag: group_revenue, rolls_up: {from: descendants, of: revenue_30d, by: sum, self: true}}
  - {tag: parent_sector, rolls_up: {from: parent, of: sector}}
  - {tag: usual_title, rolls_up: {from: roles, of: title, by: most}}
  - {tag: house_place, on: role, rolls_up: {from: enterprise, of: revenue_place}}
  - {tag: holder_city, on: role, rolls_up: {from: person, of: city}}
""",
}
START = dt.date(2025, 1, 1)
ZONE = dt.timezone(dt.timedelta(hours=8))


class Days:
    """Writes the sources of one day after another; the same seed writes the same."""

    def __init__(self, folders: Sequence[Path], seed: int, more: str = "") -> None:
        self.folders = folders
        self.random = random.Random(seed)
        self.number = 0
        self.key = 0
        self.customers = 12
        self.roles: list[tuple[int, int, str, str]] = []
        for folder in folders:
            for name, text in DEFINITIONS.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text + (more if name == "tags/days.yaml" else ""), encoding="utf-8")

    @property
    def today(self) -> dt.date:
        return START + dt.timedelta(days=self.number)

    def next(self, days: int = 1) -> dt.date:
        """Write what arrives over some days, and give the last of them."""
        for _ in range(days):
            self.number += 1
            self._subjects()
            self._orders()
            self._events()
        return self.today

    def _write(self, name: str, heads: list[str], rows: list[list[object]]) -> None:
        for folder in self.folders:
            path = folder / "tables" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([heads, *rows])

    def _subjects(self) -> None:
        chance = self.random
        if self.number > 1 and chance.random() < 0.6:
            return  # on most days nobody new comes
        self.customers += chance.randint(0, 2)
        some = random.Random(1)
        rows: list[list[object]] = []
        for number in range(self.customers):
            parent = f"c{some.randrange(number)}" if number and some.random() < 0.4 else ""
            industry = some.choice(["Retail", "Software", "Steel"])
            rows.append([f"c{number}", f"Company {number}", industry, some.randint(5, 900), parent])
        self._write("customers.csv", ["id", "name", "industry", "employees", "parent"], rows)
        people = [
            [f"p{n}", f"Person {n}", some.choice(["Shanghai", "Wuhan"])]
            for n in range(self.customers * 2)
        ]
        self._write("people.csv", ["id", "name", "city"], people)
        roles: list[list[object]] = []
        for number in range(self.customers * 2):
            until = "2025-01-20" if number % 7 == 3 else ""
            roles.append(
                [f"r{number}", f"c{number // 2}", f"p{number}", "buyer", "2024-06-01", until]
            )
        self._write("roles.csv", ["id", "enterprise", "person", "title", "since", "until"], roles)

    def _moment(self) -> dt.datetime:
        """Most facts are of the day, one in twenty is late."""
        chance = self.random
        late = chance.randint(1, 45) if chance.random() < 0.05 else 0
        day = self.today - dt.timedelta(days=late)
        second = chance.choice([0, 86_399, chance.randrange(86_400)])
        return dt.datetime.combine(day, dt.time(), ZONE) + dt.timedelta(seconds=second)

    def _orders(self) -> None:
        chance = self.random
        rows: list[list[object]] = []
        for _ in range(chance.randint(0, 9)):
            at = self._moment()
            self.key += 1
            # Some customers order before anybody has described them.
            customer = f"c{chance.randrange(self.customers + 2)}"
            paid_at = at + dt.timedelta(days=chance.randint(0, 12))
            rows.append(
                [f"o{self.key}", at.isoformat(), customer, chance.choice("abcd"),
                 round(chance.uniform(1, 90), 2), chance.uniform(0, 10),
                 chance.randint(1, 50), paid_at.isoformat()]
            )  # fmt: skip
        heads = ["key", "at", "customer", "category", "amount", "weight", "paid", "paid_at"]
        self._write(f"orders/{self.today}.csv", heads, rows)

    def _events(self) -> None:
        chance = self.random
        rows: list[list[object]] = []
        for _ in range(chance.randint(0, 14)):
            at = self._moment()
            self.key += 1
            known = at + dt.timedelta(hours=chance.choice([0, 0, 0, 30]))
            rows.append(
                [f"e{self.key}", at.isoformat(), known.isoformat(),
                 f"r{chance.randrange(self.customers * 2)}", chance.choice(["visit", "login"]),
                 chance.choice(["/", "/pricing", "/help"]), round(chance.uniform(0, 30), 1)]
            )  # fmt: skip
        heads = ["key", "at", "known_at", "role", "name", "page", "minutes"]
        self._write(f"events/{self.today}.csv", heads, rows)
