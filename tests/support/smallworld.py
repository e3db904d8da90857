"""A small published version made by hand, and the real Query over it: for audiences and portraits.

Two hundred enterprises, of which every fourth is in software and those are active more often; a
group of companies; people with roles; orders and logins; a change log; odd names.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from holbein.catalog.taginfo import TagInfo
from holbein.conditions.instants import end_of
from holbein.conditions.text import parse, parse_measure
from holbein.conditions.tree import TRUE, SubjectKind
from holbein.conditions.vocabulary import AudienceSpec, FieldSpec, StreamSpec, Vocabulary
from holbein.engine.duckdb import DuckDB
from holbein.engine.reader import Reader
from holbein.query.query import Query
from holbein.store import Store
from tests.support.codes import REGIONS

AS_OF = end_of(dt.date(2026, 6, 30), ZoneInfo("UTC"))
COMPANIES = 200
FORMULA = "=cmd|' /C calc'!A0"
TIME = pa.timestamp("us")

_ENTERPRISE = {
    "name": FieldSpec("name", "category"),
    "industry": FieldSpec("industry", "category", {"en": "Industry", "zh": "行业"}),
    "region": FieldSpec("region", "category", codes=REGIONS),
    "employees": FieldSpec("employees", "number"),
    "founded": FieldSpec("founded", "date"),
    "revenue": FieldSpec("revenue", "number", {"en": "Revenue in 90 days", "zh": "近90天成交额"}, is_tag=True),
    "tier": FieldSpec(
        "tier", "category", {"en": "Value tier", "zh": "价值等级"},
        {"high": {"en": "High value", "zh": "高价值"}, "low": {"en": "Low value", "zh": "低价值"}},
        is_tag=True,
    ),
    "active": FieldSpec("active", "boolean", {"en": "Active lately", "zh": "近期活跃"}, is_tag=True),
    "likes": FieldSpec("likes", "categories", {"en": "Likes", "zh": "偏好品类"}, is_tag=True),
}  # fmt: skip
VOCABULARY = Vocabulary(
    fields={
        "enterprise": _ENTERPRISE,
        "person": {
            "name": FieldSpec("name", "category"),
            "gender": FieldSpec("gender", "category", values={"f": {"en": "Female", "zh": "女"}}),
        },
        "role": {
            "title": FieldSpec("title", "category"),
            "department": FieldSpec("department", "category"),
            "buying_role": FieldSpec("buying_role", "category"),
            "since": FieldSpec("since", "date"),
            "until": FieldSpec("until", "date"),
        },
    },
    streams={
        "event": StreamSpec(
            "event",
            frozenset({"enterprise", "person", "role"}),
            {"name": FieldSpec("name", "category"), "page": FieldSpec("page", "category")},
        ),
        "orders": StreamSpec(
            "orders",
            frozenset({"enterprise"}),
            {
                "product": FieldSpec("product", "category", {"en": "Product", "zh": "产品"}),
                "amount": FieldSpec("amount", "number", {"en": "Amount", "zh": "金额"}),
            },
            {"en": "Order", "zh": "订单"},
        ),
    },
    events={"login": {"en": "Sign-in", "zh": "登录"}},
    audiences={"software": AudienceSpec("software", "enterprise", parse("industry = 'Software'"))},
)


def _info(name: str, **more: object) -> TagInfo:
    return TagInfo(name, "enterprise", **more)  # type: ignore[arg-type]


TAGS = (
    _info("revenue", category=("value", "orders"), words={"en": "total amount of orders in the last 90 days", "zh": "近90天订单金额合计"}, figures=(parse_measure("sum(orders.amount, '90 days')"),)),
    _info("tier", category=("value",), sentence="activity", words={"en": "high if revenue is at least 100", "zh": "成交额不低于100为高"}, figures=(parse_measure("revenue"),), description="Set by hand <b>once</b>."),
    _info("active", category=("behaviour",), sentence="risk", sensitivity="personal", words={"en": "signed in within 30 days", "zh": "30天内登录"}, figures=(parse_measure("count(login, '30 days')"),)),
    _info("likes", category=("preference",), sentence="preference", words={"en": "favourite products", "zh": "偏好产品"}),
)  # fmt: skip


def _states(columns: dict[str, pa.Array]) -> pa.Table:
    size = len(columns["id"])
    empty = pa.nulls(size, TIME)
    ids = columns.pop("id")
    return pa.table({"id": ids, "valid_from": empty, "valid_to": empty, **columns})


def _ids(count: int) -> pa.Array:
    return pa.array(range(1, count + 1), pa.int64())


def _day(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, day)


def tables() -> dict[str, pa.Table]:
    """Every table of the version, by name."""
    n = range(1, COMPANIES + 1)
    names = {1: "Alfreds Futterkiste", 2: "<script>alert(1)</script>", 3: FORMULA, 4: None}
    software = [i % 4 == 0 for i in n]
    at = [dt.datetime(2026, 6, 1 + i, 12) for i in range(3)]
    orders = {
        "key": pa.array(["o1", "o2", "o3"]),
        "at": pa.array(at, TIME),
        "known_at": pa.array(at, TIME),
        "day": pa.array([one.date() for one in at], pa.date32()),
        "enterprise": pa.array([1, 1, 2], pa.int64()),
        "person": pa.nulls(3, pa.int64()),
        "role": pa.nulls(3, pa.int64()),
        "product": pa.array(["Tea", "Chai [bold]", "Tea"]),
        "amount": pa.array([100, 50, 7], pa.decimal128(18, 4)),
    }
    events = {
        "key": pa.array(["e1"]),
        "at": pa.array([dt.datetime(2026, 6, 20, 9)], TIME),
        "known_at": pa.array([dt.datetime(2026, 6, 20, 9)], TIME),
        "day": pa.array([_day(2026, 6, 20)], pa.date32()),
        "enterprise": pa.array([1], pa.int64()),
        "person": pa.array([1], pa.int64()),
        "role": pa.array([1], pa.int64()),
        "name": pa.array(["login"]),
        "page": pa.nulls(1, pa.string()),
    }
    return {
        "enterprise": _states(
            {
                "id": _ids(COMPANIES),
                "name": pa.array([names.get(i, f"Company {i}") for i in n]),
                "industry": pa.array(["Software" if one else ("Retail" if i % 2 else None) for i, one in zip(n, software, strict=True)]),
                "region": pa.array(["310115" if i % 3 else "330106" for i in n]),
                "employees": pa.array([250.0 if i == 1 else float(i) for i in n]),
                "founded": pa.array([_day(2012, 3, 1) if i == 1 else None for i in n], pa.date32()),
            }
        ),
        "person": _states({"id": _ids(3), "name": pa.array(["Maria Anders", "王晓敏", FORMULA]), "gender": pa.array(["f", "f", None])}),
        "role": _states(
            {
                "id": _ids(4),
                "enterprise": pa.array([1, 1, 2, 1], pa.int64()),
                "person": pa.array([1, 2, 2, 3], pa.int64()),
                "title": pa.array(["CFO", "采购经理", "Owner", "Clerk"]),
                "department": pa.array(["Finance", None, None, None]),
                "buying_role": pa.array(["decides", "buys", None, None]),
                "since": pa.array([_day(2019, 2, 1), None, None, _day(2015, 1, 1)], pa.date32()),
                "until": pa.array([None, None, None, _day(2020, 1, 1)], pa.date32()),
            }
        ),
        "ancestor": pa.table({"enterprise": pa.array([1, 5, 6], pa.int64()), "ancestor": pa.array([10, 1, 1], pa.int64()), "distance": pa.array([1, 1, 1], pa.int32())}),
        "alias": pa.table(
            {
                "kind": pa.array(["enterprise"] * COMPANIES + ["enterprise"] * 3 + ["person"] * 3 + ["role"] * 4),
                "source": pa.array(["crm"] * COMPANIES + ["billing"] * 3 + ["crm"] * 7),
                "key": pa.array([f"C{i:04d}" for i in n] + ["B1", "C0003", "E5"] + ["p1", "p2", "p3"] + ["r1", "r2", "r3", "r4"]),
                "id": pa.array([*n, 1, 2, 7, 1, 2, 3, 1, 2, 3, 4], pa.int64()),
            }
        ),
        "tags.enterprise": pa.table(
            {
                "id": _ids(COMPANIES),
                "revenue": pa.array([150.0 if i == 1 else (7.0 if i == 2 else None) for i in n], pa.float64()),
                "tier": pa.array(["high" if i == 1 or (one and i % 8 == 0) else "low" for i, one in zip(n, software, strict=True)]),
                "active": pa.array([i == 1 or one or i % 10 == 0 for i, one in zip(n, software, strict=True)]),
                "likes": pa.array([["Tea", "Chai"] if i == 1 else None for i in n], pa.list_(pa.string())),
            }
        ),
        "stream.orders": pa.table(orders),
        "stream.event": pa.table(events),
        "changes": pa.table(
            {
                "at": pa.array([dt.datetime(2026, 5, 1), dt.datetime(2026, 6, 1)], TIME),
                "day": pa.array([_day(2026, 4, 30), _day(2026, 5, 31)], pa.date32()),
                "kind": ["enterprise"] * 2,
                "tag": ["tier"] * 2,
                "id": pa.array([1, 1], pa.int64()),
                "old": [None, json.dumps("low")],
                "new": [json.dumps("low"), json.dumps("high")],
            }
        ),
    }  # fmt: skip


def open_world(folder: Path) -> tuple[Query, Store]:
    """The version, published into ``folder``, and questions to it."""
    from holbein.catalog.taginfo import as_dicts

    store = Store(folder)
    with store.begin("small", AS_OF) as build:
        for name, table in tables().items():
            build.write(name, table)
        snapshot = build.publish(tags=as_dicts(TAGS))
    return query_of(store, snapshot), store


def query_of(store: Store, snapshot: object) -> Query:
    """Questions to the version, with the static lists that there are now."""
    audiences = dict(VOCABULARY.audiences)
    for name, kind in store.lists.kinds().items():
        audiences[name] = AudienceSpec(name, kind, None)
    vocabulary = Vocabulary(VOCABULARY.fields, VOCABULARY.streams, VOCABULARY.events, audiences)
    reader = Reader(DuckDB(), snapshot, vocabulary, store.lists.path)  # type: ignore[arg-type]
    return Query(snapshot, reader)  # type: ignore[arg-type]


def everyone(query: Query, kind: SubjectKind) -> list[int]:
    return list(query.ids(TRUE, kind).to_pylist())
