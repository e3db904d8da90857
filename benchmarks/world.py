"""A seeded world of customers and orders, as the Parquet files that every rival reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

AS_OF = dt.date(2024, 12, 31)
DAYS = 730
COUNTRIES = ["China", "Germany", "France", "USA", "Japan", "Brazil", "Spain", "Italy"]
CATEGORIES = [f"category {number:02d}" for number in range(20)]

DEFINITIONS = {
    "holbein.yaml": "name: bench\n",
    "sources/shop.yaml": """
sources:
  - source: shop
    from: tables/
    enterprises: {table: customers, id: id, name: name, country: country, employees: employees}
    streams:
      orders:
        table: orders
        key: key
        at: at
        enterprise: customer
        columns: {category: category, amount: {column: amount, type: money}}
""",
    "tags/value.yaml": """
tags:
  - {tag: revenue_90d, value: "sum(orders.amount, '90 days')"}
  - {tag: orders_1y, value: "count(orders, '1 year')"}
  - {tag: tier, cases: [{high: "revenue_90d >= 500"}, {middle: "revenue_90d >= 100"}, {else: low}]}
  - {tag: favourite, prefers: {stream: orders, by: category, weight: amount}}
""",
}


def make(folder: Path, customers: int, orders: int, seed: int = 1) -> None:
    """Write the definitions and tables of the world into ``folder``."""
    random = np.random.default_rng(seed)
    for name, text in DEFINITIONS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    ids = [f"C{number:07d}" for number in range(customers)]
    employees = np.round(np.exp(random.normal(4, 1.5, customers))).astype(int)
    pq.write_table(
        pa.table(
            {
                "id": ids,
                "name": [f"Company {one}" for one in ids],
                "country": random.choice(COUNTRIES, customers),
                "employees": pa.array(employees, mask=random.random(customers) < 0.1),
            }
        ),
        tables / "customers.parquet",
    )
    # A few customers order most: the square of a uniform number leans to the low ones.
    who = (random.random(orders) ** 2 * customers).astype(int)
    start = np.datetime64(AS_OF) - np.timedelta64(DAYS - 1, "D")
    when = start.astype("datetime64[s]") + random.integers(0, DAYS * 86_400, orders)
    cents = np.round(np.exp(random.normal(9, 1, orders))).astype(int)
    pq.write_table(
        pa.table(
            {
                "key": np.arange(orders),
                "customer": pa.array(ids).take(pa.array(who)),
                "at": when,
                "category": random.choice(CATEGORIES, orders),
                "amount": pa.array(cents / 100),
            }
        ),
        tables / "orders.parquet",
    )
