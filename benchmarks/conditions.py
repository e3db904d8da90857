"""Conditions asked of Holbein, and the same asked of pandas by someone who writes it well.

pandas has both tables loaded and typed; Holbein has a published version. Neither keeps an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.world import AS_OF

Rival = Callable[[pd.DataFrame, pd.DataFrame], int]


def _since(days: int) -> pd.Timestamp:
    return pd.Timestamp(AS_OF) - pd.Timedelta(days=days - 1)


def _attributes(customers: pd.DataFrame, _: pd.DataFrame) -> int:
    chosen = customers["country"].isin(["China", "Japan"])
    return int((chosen & customers["employees"].between(50, 500)).sum())


def _window(_: pd.DataFrame, orders: pd.DataFrame) -> int:
    recent = orders[orders["at"] >= _since(90)]
    return int((recent.groupby("customer")["cents"].sum() > 50_000).sum())


def _falling(_: pd.DataFrame, orders: pd.DataFrame) -> int:
    new = orders[orders["at"] >= _since(90)].groupby("customer")["cents"].sum()
    old = orders[(orders["at"] >= _since(180)) & (orders["at"] < _since(90))]
    before = old.groupby("customer")["cents"].sum()
    both = pd.concat([new.rename("new"), before.rename("old")], axis=1).fillna(0)
    return int((10 * both["new"] < 7 * both["old"]).sum())


def _last(_: pd.DataFrame, orders: pd.DataFrame) -> int:
    ordered = orders.sort_values(["customer", "at", "key_text"])
    return int((ordered.groupby("customer")["category"].last() == "category 07").sum())


def _distinct(_: pd.DataFrame, orders: pd.DataFrame) -> int:
    start = pd.Timestamp(AS_OF) + pd.Timedelta(days=1) - pd.DateOffset(years=1)
    recent = orders[orders["at"] >= start]
    return int((recent.groupby("customer")["category"].nunique() >= 10).sum())


QUESTIONS: list[tuple[str, str, Rival]] = [
    (
        "attributes",
        "country IN ('China', 'Japan') AND employees BETWEEN 50 AND 500",
        _attributes,
    ),
    ("a sum in a window", "sum(orders.amount, '90 days') > 500", _window),
    (
        "two windows compared",
        "sum(orders.amount, '90 days') < 0.7 * sum(orders.amount, '90 days', before => '90 days')",
        _falling,
    ),
    ("the last value, with ties", "last(orders.category) = 'category 07'", _last),
    ("distinct values in a year", "count_distinct(orders.category, '1 year') >= 10", _distinct),
]


def load(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables in memory, with money as whole cents so that sums are exact."""
    customers = pd.read_parquet(folder / "tables" / "customers.parquet")
    orders = pd.read_parquet(folder / "tables" / "orders.parquet")
    orders["cents"] = (orders["amount"] * 100).round().astype("int64")
    orders["key_text"] = orders["key"].astype(str)
    return customers, orders


def ways(workspace: Any, folder: Path) -> dict[str, dict[str, Callable[[], int]]]:
    """For each question, the ways to answer it."""
    customers, orders = load(folder)
    return {
        name: {
            "Holbein": lambda condition=condition: workspace.count(condition, on="enterprise"),
            "pandas": lambda rival=rival: rival(customers, orders),
        }
        for name, condition, rival in QUESTIONS
    }
