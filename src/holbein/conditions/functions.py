"""The functions that a condition may call, by the names they are written with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from holbein.conditions.tree import AggregateName, Quantifier, Relation

RELATED_FUNCTIONS: Mapping[str, tuple[Quantifier, Relation]] = MappingProxyType(
    {
        "any_role": ("any", "role"),
        "all_roles": ("all", "role"),
        "no_role": ("no", "role"),
        "any_role_ever": ("any", "role_ever"),
        "enterprise": ("any", "enterprise"),
        "person": ("any", "person"),
        "parent": ("any", "parent"),
        "root": ("any", "root"),
        "any_subsidiary": ("any", "subsidiary"),
        "any_descendant": ("any", "descendant"),
    }
)
"""Which pairs of quantifier and relation exist, and what they are called."""

RELATED_NAMES: Mapping[tuple[Quantifier, Relation], str] = MappingProxyType(
    {pair: name for name, pair in RELATED_FUNCTIONS.items()}
)

COUNT_FUNCTIONS: Mapping[str, Literal["role", "subsidiary"]] = MappingProxyType(
    {"count_roles": "role", "count_subsidiaries": "subsidiary"}
)
COUNT_NAMES = {relation: name for name, relation in COUNT_FUNCTIONS.items()}
SHARE_FUNCTION = "role_share"

ELAPSED_FUNCTIONS: Mapping[
    str, tuple[Literal["day", "month", "year"], Literal["since", "until"]]
] = MappingProxyType(
    {
        "days_since": ("day", "since"),
        "days_until": ("day", "until"),
        "months_since": ("month", "since"),
        "months_until": ("month", "until"),
        "years_since": ("year", "since"),
        "years_until": ("year", "until"),
    }
)
ELAPSED_NAMES = {pair: name for name, pair in ELAPSED_FUNCTIONS.items()}

AGGREGATES: tuple[AggregateName, ...] = get_args(AggregateName)
WITHOUT_COLUMN: frozenset[AggregateName] = frozenset({"count", "count_days", "days_since"})
"""Aggregates over facts themselves; all others are over one column."""

KEYWORDS = frozenset(
    {
        "and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "contains",
        "within", "date",
    }
)  # fmt: skip
"""Words that are written in double quotes where they are meant as a name."""

FUNCTIONS: tuple[str, ...] = (
    *AGGREGATES,
    *(name for name in ELAPSED_FUNCTIONS if name not in AGGREGATES),
    *RELATED_FUNCTIONS,
    *COUNT_FUNCTIONS,
    SHARE_FUNCTION,
    "sequence",
    "in_audience",
    "became",
    "bucket",
)
