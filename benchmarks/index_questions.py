"""What is asked of the index and of its rivals, in Holbein's text and in SQL.

The SQL is understood by DuckDB and ClickHouse alike. Their table ``role`` has current roles alone,
as someone would make it who asks for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import index_world
from holbein.conditions.tree import SubjectKind


@dataclass(frozen=True)
class Question:
    """``wanted``: how many times as long each rival should take at least."""

    name: str
    wanted: str = ""


@dataclass(frozen=True)
class Count(Question):
    """How many meet a condition."""

    kind: SubjectKind = "person"
    text: str = ""
    sql: str = ""


@dataclass(frozen=True)
class Portrait(Question):
    """How many of a group have each value of some tags; of everyone that is known."""

    text: str = ""
    sql: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Select(Question):
    """Five columns of some people."""


_TAGS = """
subscribed app_user verified attended opted_out gender value_tier stage channel device segment
membership source churn education job favourite province city page
"""
SELECTED = ("city", "stage", "birth_date", "orders_1y", "revenue_1y")
THREE = "gender = 'female' AND subscribed AND value_tier = 'high'"
THREE_COMMON = "gender = 'male' AND subscribed AND stage = 'active'"
NESTED = (
    "(province IN ('province 002', 'province 005', 'province 011') OR city = 'city 007') "
    "AND NOT stage IN ('lost', 'quiet') AND (revenue_1y BETWEEN 500 AND 5000 OR orders_1y >= 12) "
    "AND years_since(birth_date) BETWEEN 25 AND 44 AND last_login >= '2024-10-01'"
)
NESTED_SQL = (
    "(province IN ('province 002', 'province 005', 'province 011') OR city = 'city 007') "
    "AND coalesce(stage NOT IN ('lost', 'quiet'), true) "
    "AND (revenue_1y BETWEEN 500 AND 5000 OR orders_1y >= 12) "
    "AND birth_date BETWEEN DATE '1980-01-01' AND DATE '1999-12-31' "
    "AND last_login >= DATE '2024-10-01'"
)
COMPANIES = "industry = 'industry 003' AND employees BETWEEN 50 AND 500"
SMALL = "value_tier = 'high' AND subscribed"
LARGE = "stage IN ('active', 'quiet')"
_PEOPLE = "SELECT count(*) FROM person WHERE "
CODES = "nested with ranges"
"""The question that is asked of the index also without bitmaps and slices."""


def questions(people: int) -> list[Question]:
    """What is asked in a world of so many people."""
    known = {one.name for one in index_world.columns(people)["person"]}
    tags = tuple(one for one in _TAGS.split() if one in known)
    half = f"portrait of half, {len(tags)} tags"
    few = f"portrait of 2.6%, {len(tags)} tags"
    return [
        Count("three predicates", "50 DuckDB, 4 Roaring", "person", THREE, _PEOPLE + THREE),
        Count("three, all common", "", "person", THREE_COMMON, _PEOPLE + THREE_COMMON),
        Count(CODES, "15 DuckDB; codes alone 7", "person", NESTED, _PEOPLE + NESTED_SQL),
        Count(
            "any role",
            "10 DuckDB",
            "enterprise",
            "any_role(title = 'CFO' AND active)",
            "SELECT count(DISTINCT enterprise) FROM role WHERE title = 'CFO' AND active",
        ),
        Count(
            "at least two roles",
            "10 DuckDB",
            "enterprise",
            "count_roles(buying_role = 'decides') >= 2",
            "SELECT count(*) FROM (SELECT enterprise FROM role WHERE buying_role = 'decides' "
            "GROUP BY enterprise HAVING count(*) >= 2) AS found",
        ),
        Count(
            "share of roles",
            "10 DuckDB",
            "enterprise",
            "role_share(active) >= 0.5",
            "SELECT count(*) FROM (SELECT enterprise FROM role GROUP BY enterprise "
            "HAVING 2 * count(*) FILTER (WHERE active) >= count(*)) AS found",
        ),
        Count(
            "people by their company",
            "",
            "person",
            f"enterprise({COMPANIES})",
            "SELECT count(DISTINCT person) FROM role WHERE enterprise IN "
            f"(SELECT id FROM enterprise WHERE {COMPANIES})",
        ),
        Count(
            "companies by their people",
            "",
            "enterprise",
            "any_role(person(gender = 'female' AND value_tier = 'high'))",
            "SELECT count(DISTINCT enterprise) FROM role WHERE person IN "
            "(SELECT id FROM person WHERE gender = 'female' AND value_tier = 'high')",
        ),
        Portrait(few, "15 DuckDB", SMALL, SMALL, tags),
        Portrait(half, "40 DuckDB", LARGE, LARGE, tags),
        Select("select of 100,000 ids", "5 DuckDB"),
    ]


def chosen(people: int) -> NDArray[np.int64]:
    """The ids of those who are selected, ascending."""
    rng = np.random.default_rng(3)
    return 1 + np.sort(rng.choice(people, min(100_000, people), replace=False))
