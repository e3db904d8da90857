"""Questions on Northwind as of 1998-05-06, answered by Holbein and by plain SQL on the raw tables.

The SQL was written for SQLite alone and shares nothing with Holbein: no view, no helper, no date
that was not counted by hand. The figures are committed, so that neither side can drift unseen.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import workspaces

AS_OF = dt.date(1998, 5, 6)
EVERYONE = 93
"""Enterprises, and as many people and roles: every Northwind customer names one contact."""


@dataclass(frozen=True)
class Question:
    name: str
    condition: str
    figure: int
    sql: str
    """Gives the CustomerID of each subject that matches."""
    on: str = "enterprise"


# The lines of all orders. Dates are text such as '1998-05-06 00:00:00.000', so that comparing with
# '1998-04-07' (a prefix) puts midnight of that day after it.
LINES = """
    WITH line AS (
        SELECT o.CustomerID AS customer, o.OrderID AS order_id, o.OrderDate AS at, o.ShippedDate,
               o.OrderID || '|' || d.ProductID AS key, p.ProductName AS product,
               c.CategoryName AS category, d.Quantity AS quantity, d.Discount AS discount,
               round(d.UnitPrice * d.Quantity * (1 - d.Discount), 4) AS amount
        FROM Orders o, [Order Details] d, Products p, Categories c
        WHERE d.OrderID = o.OrderID AND p.ProductID = d.ProductID AND c.CategoryID = p.CategoryID
    )
"""


def lines(rest: str) -> str:
    return LINES + rest


QUESTIONS = [
    # --- attributes ---
    Question(
        "one country",
        "country = 'Germany'",
        11,
        "SELECT CustomerID FROM Customers WHERE Country = 'Germany'",
    ),
    Question(
        "three countries, one city left out",
        "country IN ('France', 'Spain', 'Portugal') AND city <> 'Madrid'",
        15,
        "SELECT CustomerID FROM Customers WHERE Country IN ('France', 'Spain', 'Portugal') "
        "AND City <> 'Madrid'",
    ),
    Question(
        "part of a name, whatever its case",
        "name LIKE '%MARKET%' OR name LIKE 'la %'",
        6,
        "SELECT CustomerID FROM Customers WHERE instr(lower(CompanyName), 'market') > 0 "
        "OR lower(substr(CompanyName, 1, 3)) = 'la '",
    ),
    # --- missing ---
    Question(
        "a negation takes the missing in",
        "country <> 'USA'",
        80,
        "SELECT CustomerID FROM Customers WHERE coalesce(Country, '') <> 'USA'",
    ),
    Question(
        "no fax",
        "fax IS NULL",
        24,
        "SELECT CustomerID FROM Customers WHERE Fax IS NULL",
    ),
    Question(
        "not in a list, and a state missing or not western",
        "country NOT IN ('Germany', 'France', 'UK') AND NOT state IN ('CA', 'OR', 'WA')",
        56,
        "SELECT CustomerID FROM Customers "
        "WHERE (Country IS NULL OR Country NOT IN ('Germany', 'France', 'UK')) "
        "AND (Region IS NULL OR Region NOT IN ('CA', 'OR', 'WA'))",
    ),
    Question(
        "something ordered and not yet shipped",
        "count(orders, shipped IS NULL) >= 1",
        18,
        "SELECT DISTINCT CustomerID FROM Orders WHERE ShippedDate IS NULL",
    ),
    # --- windows: n days are 1998-05-06 and the n - 1 days before it ---
    Question(
        "ordered in 30 days",
        "count(orders, '30 days') > 0",
        53,
        "SELECT DISTINCT CustomerID FROM Orders WHERE OrderDate >= '1998-04-07'",
    ),
    Question(
        "spent in 90 days",
        "sum(orders.amount, '90 days') > 2000",
        33,
        lines(
            "SELECT customer FROM line WHERE at >= '1998-02-06' "
            "GROUP BY customer HAVING sum(amount) > 2000"
        ),
    ),
    Question(
        "days with orders in six months",
        "count_days(orders, '6 months') >= 4",
        43,
        "SELECT CustomerID FROM Orders WHERE OrderDate >= '1997-11-07' "
        "GROUP BY CustomerID HAVING count(DISTINCT OrderDate) >= 4",
    ),
    Question(
        "seafood in 90 days, by a filter",
        "count(orders, '90 days', category = 'Seafood' AND quantity >= 10) >= 1",
        38,
        lines(
            "SELECT DISTINCT customer FROM line "
            "WHERE at >= '1998-02-06' AND category = 'Seafood' AND quantity >= 10"
        ),
    ),
    Question(
        "gone quiet, by a saved audience",
        "in_audience('dormant')",
        16,
        "SELECT CustomerID FROM Orders GROUP BY CustomerID HAVING max(OrderDate) < '1998-02-06'",
    ),
    # --- before ---
    Question(
        "falling",
        "sum(orders.amount, '90 days') < 0.7 * sum(orders.amount, '90 days', before => '90 days')",
        30,
        lines(
            "SELECT customer FROM line WHERE at >= '1997-11-08' GROUP BY customer "
            "HAVING sum(CASE WHEN at >= '1998-02-06' THEN amount ELSE 0 END) "
            "< 0.7 * sum(CASE WHEN at < '1998-02-06' THEN amount ELSE 0 END)"
        ),
    ),
    Question(
        "nothing in the month before the last",
        "count(orders, '1 month', before => '1 month') = 0 AND count(orders, '1 month') > 0",
        20,
        "SELECT CustomerID FROM Orders GROUP BY CustomerID "
        "HAVING sum(OrderDate >= '1998-04-07') > 0 "
        "AND sum(OrderDate >= '1998-03-07' AND OrderDate < '1998-04-07') = 0",
    ),
    # --- first, last, ties: the lines of one order share their instant, so the key decides ---
    Question(
        "the first product",
        "first(orders.product) LIKE 'g%' OR first(orders.product) = 'Chai'",
        21,
        lines(
            "SELECT customer FROM line a WHERE (product LIKE 'G%' OR product = 'Chai') "
            "AND NOT EXISTS (SELECT 1 FROM line b WHERE b.customer = a.customer "
            "AND (b.at < a.at OR (b.at = a.at AND b.key < a.key)))"
        ),
    ),
    Question(
        "the last category",
        "last(orders.category) = 'Beverages'",
        20,
        lines(
            "SELECT customer FROM line a WHERE category = 'Beverages' AND NOT EXISTS ("
            "SELECT 1 FROM line b WHERE b.customer = a.customer "
            "AND (b.at > a.at OR (b.at = a.at AND b.key > a.key)))"
        ),
    ),
    Question(
        "came for one thing, stayed for another",
        "first(orders.category) = 'Dairy Products' AND NOT last(orders.category) = 'Dairy Products'",
        12,
        lines(
            "SELECT customer FROM line a WHERE category = 'Dairy Products' AND NOT EXISTS ("
            "SELECT 1 FROM line b WHERE b.customer = a.customer "
            "AND (b.at < a.at OR (b.at = a.at AND b.key < a.key))) "
            "AND customer NOT IN ("
            "SELECT customer FROM line a WHERE category = 'Dairy Products' AND NOT EXISTS ("
            "SELECT 1 FROM line b WHERE b.customer = a.customer "
            "AND (b.at > a.at OR (b.at = a.at AND b.key > a.key))))"
        ),
    ),
    # --- distinct, and the other measures ---
    Question(
        "breadth in a year",
        "count_distinct(orders.category, '1 year') >= 7",
        41,
        lines(
            "SELECT customer FROM line WHERE at >= '1997-05-07' "
            "GROUP BY customer HAVING count(DISTINCT category) >= 7"
        ),
    ),
    Question(
        "few products ever, none included",
        "count_distinct(orders.product) <= 12",
        35,
        lines(
            "SELECT CustomerID FROM Customers WHERE CustomerID NOT IN ("
            "SELECT customer FROM line GROUP BY customer HAVING count(DISTINCT product) > 12)"
        ),
    ),
    Question(
        "the median line",
        "median(orders.quantity) BETWEEN 20 AND 25",
        28,
        lines(
            ", place AS (SELECT customer, quantity, "
            "row_number() OVER (PARTITION BY customer ORDER BY quantity) AS n, "
            "count(*) OVER (PARTITION BY customer) AS total FROM line) "
            "SELECT customer FROM place WHERE n IN ((total + 1) / 2, (total + 2) / 2) "
            "GROUP BY customer HAVING avg(quantity) BETWEEN 20 AND 25"
        ),
    ),
    Question(
        "a large discount on a small line",
        "max(orders.discount, quantity < 20) >= 0.2 AND min(orders.amount) < 50",
        35,
        lines(
            "SELECT customer FROM line GROUP BY customer "
            "HAVING max(CASE WHEN quantity < 20 THEN discount END) >= 0.2 AND min(amount) < 50"
        ),
    ),
    Question(
        "the average order, by arithmetic",
        "sum(orders.amount) / count_distinct(orders.order_id) > 1500",
        23,
        lines(
            "SELECT customer FROM line GROUP BY customer "
            "HAVING sum(amount) / count(DISTINCT order_id) > 1500"
        ),
    ),
    Question(
        "silent for 60 days; those who never ordered are missing",
        "days_since(orders) > 60",
        22,
        "SELECT CustomerID FROM Orders GROUP BY CustomerID HAVING max(OrderDate) < '1998-03-07'",
    ),
    Question(
        "silent for 60 days, those who never ordered included",
        "NOT days_since(orders) <= 60",
        26,
        "SELECT CustomerID FROM Customers WHERE CustomerID NOT IN "
        "(SELECT CustomerID FROM Orders WHERE OrderDate >= '1998-03-07')",
    ),
    Question(
        "a customer for 20 months",
        "months_since(min(orders.at)) >= 20",
        35,
        "SELECT CustomerID FROM Orders GROUP BY CustomerID HAVING min(OrderDate) < '1996-09-07'",
    ),
    # --- preference ---
    Question(
        "among the three favourite categories, by amount",
        "favourite_categories CONTAINS 'Seafood'",
        36,
        lines(
            ", total AS (SELECT customer, category, sum(amount) AS amount FROM line "
            "GROUP BY customer, category), "
            "ranked AS (SELECT *, row_number() OVER "
            "(PARTITION BY customer ORDER BY amount DESC, category) AS n FROM total) "
            "SELECT customer FROM ranked WHERE category = 'Seafood' AND n <= 3"
        ),
    ),
    Question(
        "the usual category of a year, by lines; many ties, broken by the alphabet",
        "usual_category = 'Confections'",
        17,
        lines(
            ", total AS (SELECT customer, category, count(*) AS lines FROM line "
            "WHERE at >= '1997-05-07' GROUP BY customer, category), "
            "ranked AS (SELECT *, row_number() OVER "
            "(PARTITION BY customer ORDER BY lines DESC, category) AS n FROM total) "
            "SELECT customer FROM ranked WHERE category = 'Confections' AND n = 1"
        ),
    ),
    # --- tags that stand on tags ---
    Question(
        "the middle tier",
        "value_tier = 'middle'",
        45,
        lines(
            "SELECT customer FROM line WHERE at >= '1997-05-07' GROUP BY customer "
            "HAVING sum(amount) >= 2000 AND sum(amount) < 10000"
        ),
    ),
    Question(
        "the lowest tier takes in those who bought nothing",
        "value_tier = 'low' AND order_size IS NULL OR order_size = 'small'",
        46,
        lines(
            "SELECT CustomerID FROM Customers WHERE CustomerID NOT IN (SELECT customer FROM line) "
            "UNION SELECT customer FROM line GROUP BY customer HAVING avg(amount) < 400"
        ),
    ),
    # --- roles and people ---
    Question(
        "companies that a manager or an owner speaks for",
        "any_role(manager) AND country IN ('USA', 'UK', 'Germany')",
        13,
        "SELECT CustomerID FROM Customers WHERE Country IN ('USA', 'UK', 'Germany') "
        "AND (ContactTitle LIKE '%manager%' OR ContactTitle = 'Owner')",
    ),
    Question(
        "owners at companies that ordered in 30 days",
        "title = 'Owner' AND enterprise(count(orders, '30 days') > 0)",
        10,
        "SELECT CustomerID FROM Customers WHERE ContactTitle = 'Owner' AND CustomerID IN "
        "(SELECT CustomerID FROM Orders WHERE OrderDate >= '1998-04-07')",
        on="role",
    ),
    Question(
        "people who sell, outside America",
        "any_role(title LIKE 'sales%') AND NOT enterprise(country IN ('USA', 'Canada'))",
        34,
        "SELECT CustomerID FROM Customers WHERE ContactTitle LIKE 'sales%' "
        "AND coalesce(Country, '') NOT IN ('USA', 'Canada')",
        on="person",
    ),
]


@pytest.fixture(scope="module")
def raw(northwind: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{northwind.as_uri()}?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def portraits(northwind: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import holbein

    folder = tmp_path_factory.mktemp("guide") / "northwind"
    workspaces.northwind_workspace(folder, northwind)
    workspace = holbein.open(folder)
    workspace.run(as_of=AS_OF)
    return workspace


def asked(raw: sqlite3.Connection, question: Question) -> list[str]:
    return sorted(key.strip() for (key,) in raw.execute(question.sql))


def test_there_are_enough_questions_and_most_select_some_but_not_all() -> None:
    assert len(QUESTIONS) >= 25
    assert len({one.condition for one in QUESTIONS}) == len(QUESTIONS)
    assert sum(0 < one.figure < EVERYONE for one in QUESTIONS) >= 20


def test_everyone_is_there(raw: sqlite3.Connection, portraits: Any) -> None:
    for kind in ("enterprise", "person", "role"):
        assert portraits.count("TRUE", on=kind) == EVERYONE
    assert raw.execute("SELECT count(*) FROM Customers").fetchone() == (EVERYONE,)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_the_figure_stands(raw: sqlite3.Connection, question: Question) -> None:
    keys = asked(raw, question)
    assert len(set(keys)) == len(keys) == question.figure


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_holbein_answers_as_plain_sql(
    raw: sqlite3.Connection, portraits: Any, question: Question
) -> None:
    found = portraits.select(question.condition, on=question.on)
    keys = sorted(key.removeprefix("northwind:").strip() for key in found["key"].to_pylist())
    assert keys == asked(raw, question)
    assert portraits.count(question.condition, on=question.on) == question.figure
