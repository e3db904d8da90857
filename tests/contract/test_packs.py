"""The packs on the demo world and on Northwind: each tag varies, and covers whom it should.

Whom a tag should cover is written here as a condition, and how many that should be as a range;
both were written before the tags were first run.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import holbein
from holbein.catalog.packs import load_pack, names
from holbein.demo.world import AS_OF, make
from tests.support import workspaces

COMPANIES = 400
NORTHWIND_DAY = dt.date(1998, 5, 6)

LEAST_OTHERS = 0.02
"""The least share of those covered that have another value than the most frequent one."""

Range = tuple[float, float]


@dataclass(frozen=True)
class Whom:
    """Whom tags should have a value for, and which shares of the two worlds that should be."""

    where: str
    demo: Range
    northwind: Range | None = None
    on: Any = "enterprise"
    tags: str = ""


def _whom(tags: str, where: str, demo: Range, northwind: Range | None = None, on: str = "") -> Whom:
    return Whom(where, demo, northwind, on or "enterprise", tags)


ALL = (1.0, 1.0)
EXPECTED: Mapping[str, tuple[Whom, ...]] = {
    "standard": (
        _whom("active_days_30 active_days_90 activity_level group_sales buying_committee", "TRUE", ALL),
        _whom("sales_90d sales_year category_breadth", "TRUE", ALL, ALL),
        _whom("activity_trend", "count(event, '60 days') > 0", (0.6, 0.88)),
        _whom("days_since_purchase first_purchase tenure_months lifecycle_stage",
              "count(orders) > 0", (0.75, 0.86), (0.93, 0.98)),
        _whom("rfm_score rfm_segment", "count(orders, '2 years') > 0", (0.72, 0.85), (0.93, 0.98)),
        _whom("top_categories", "count(orders, '2 years', category IS NOT NULL) > 0",
              (0.72, 0.85), (0.93, 0.98)),
        _whom("sales_growth", "sum(orders.amount, '1 year', before => '1 year') > 0",
              (0.5, 0.7), (0.75, 0.97)),
        _whom("sales_trend", "count(orders, '180 days') > 0", (0.58, 0.76), (0.8, 0.97)),
        _whom("value_decile value_class", "count(orders, '1 year') > 0", (0.66, 0.82), (0.88, 0.98)),
        _whom("last_quarter_share", "sum(orders.amount, '1 year') > 0", (0.66, 0.82), (0.88, 0.98)),
        _whom("peak_quarter", "count(orders, '365 days') > 0", (0.66, 0.82), (0.88, 0.98)),
        _whom("industry_percentile", "count(orders, '1 year') > 0 AND industry IS NOT NULL", (0.6, 0.8)),
        _whom("committee_reach", "any_role(buying_role IN ('decides', 'influences'))", (0.55, 0.97)),
        _whom("contact_warmth", "TRUE", ALL, on="role"),
    ),
    "saas": (
        _whom("users_active_30d features_used", "TRUE", ALL),
        _whom("users_active_share", "any_role(TRUE)", (0.85, 0.99)),
        _whom("days_per_user stickiness", "any_role(count(login, '30 days') > 0)", (0.4, 0.7)),
        _whom("usage_trend", "count(login, '60 days') > 0", (0.48, 0.75)),
        _whom("adoption_percentile adoption", "count_distinct(event.feature, '90 days') > 0", (0.4, 0.72)),
        _whom("top_features", "count_distinct(event.feature, '180 days') > 0", (0.45, 0.76)),
        _whom("trial_outcome", "count(trial) > 0", (0.15, 0.5)),
        _whom("seat_use", "seats IS NOT NULL", (0.72, 0.86)),
        _whom("renewal_window", "renewal_date IS NOT NULL", (0.72, 0.86)),
        _whom("renewal_outlook", "days_until(renewal_date) BETWEEN 0 AND 90", (0.1, 0.27)),
        _whom("support_rate", "count(login, '90 days') > 0", (0.5, 0.78)),
        _whom("user_type", "TRUE", ALL, on="role"),
    ),
    "wholesale": (
        _whom("order_days_year assortment new_products_90d", "TRUE", ALL, ALL),
        _whom("order_interval order_delay order_rhythm", "count_days(orders) >= 2", (0.68, 0.84), (0.85, 0.97)),
        _whom("basket_value basket_percentile basket_size basket_lines discount_share discount_habit",
              "count(orders, '1 year') > 0", (0.66, 0.82), (0.88, 0.98)),
        _whom("staple_products", "count(orders, '1 year', quantity IS NOT NULL) > 0", (0.66, 0.82), (0.88, 0.98)),
        _whom("main_category_share", "sum(orders.amount, '365 days', category IS NOT NULL) > 0",
              (0.66, 0.82), (0.88, 0.98)),
        _whom("season_growth", "sum(orders.amount, '90 days', before => '275 days') > 0", (0.4, 0.68), (0.5, 0.85)),
    ),
    "securities": (
        _whom("trades_90d turnover_year asset_breadth", "TRUE", ALL),
        _whom("days_since_trade trading_frequency trading_stage invested net_flow_90d asset_churn",
              "count(trades) > 0", (0.22, 0.36)),
        _whom("turnover_decile turnover_class", "count(trades, '1 year') > 0", (0.18, 0.34)),
        _whom("risky_share risk_preference", "count(trades, '1 year', side = 'buy') > 0", (0.16, 0.33)),
        _whom("top_asset_classes", "count(trades, '1 year', asset_class IS NOT NULL) > 0", (0.18, 0.34)),
        _whom("concentration", "count(trades, '365 days', side = 'buy' AND asset_class IS NOT NULL) > 0", (0.16, 0.33)),
    ),
    "lending": (
        _whom("group_exposure", "TRUE", ALL),
        _whom("first_loan months_on_book exposure exposure_percentile loan_grade", "count(loans) > 0", (0.14, 0.27)),
        _whom("utilisation utilisation_level", "count(loans) > 0 AND credit_limit IS NOT NULL", (0.14, 0.27)),
        _whom("late_payments_12m arrears", "count(repayments) > 0", (0.12, 0.26)),
        _whom("on_time_share", "count(repayments, '12 months', before => '5 days') > 0", (0.1, 0.25)),
        _whom("average_days_late", "count(repayments, '12 months', days_late IS NOT NULL) > 0", (0.1, 0.25)),
        _whom("oldest_unpaid", "count(repayments, days_late IS NULL) > 0", (0.01, 0.09)),
        _whom("change_of_delay repayment_trend",
              "avg(repayments.days_late, '6 months') IS NOT NULL"
              " AND avg(repayments.days_late, '6 months', before => '6 months') IS NOT NULL", (0.06, 0.22)),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The demo world with all the packs at once."""
    folder = tmp_path_factory.mktemp("packs") / "demo"
    make(folder, enterprises=COMPANIES, seed=21)
    workspace = holbein.open(folder)
    for name in names():
        added = workspace.add_pack(name)
        assert not added.left_out
        assert added.tags == tuple(one.tag for one in load_pack(name).blocks)
    workspace.run(as_of=AS_OF)
    return workspace


@pytest.fixture(scope="module")
def trader(tmp_path_factory: pytest.TempPathFactory, northwind: Path) -> Any:
    """Northwind with the packs that fit it."""
    folder = workspaces.northwind_workspace(tmp_path_factory.mktemp("packs") / "nw", northwind)
    workspace = holbein.open(folder)
    workspace.add_pack("standard")
    workspace.add_pack("wholesale")
    workspace.run(as_of=NORTHWIND_DAY)
    return workspace


def expected(northwind: bool) -> list[Any]:
    return [*_expected(northwind)]


def _expected(northwind: bool) -> Iterator[Any]:
    for pack, listed in EXPECTED.items():
        for whom in listed:
            if whom.northwind or not northwind:
                yield from (
                    pytest.param(tag, whom, id=f"{pack}-{tag}") for tag in whom.tags.split()
                )


def look_at(workspace: Any, tag: str, whom: Whom, within: Range) -> None:
    """The tag covers exactly whom it should, as many as was expected, and varies among them."""
    ids = workspace.select(whom.where, on=whom.on, columns=["id"])["id"].to_pylist()
    rows = workspace.select("TRUE", on=whom.on, columns=["id", tag]).to_pylist()
    have = {row["id"]: row[tag] for row in rows if row[tag] not in (None, [])}
    assert set(have) == set(ids)
    assert within[0] <= len(have) / len(rows) <= within[1], len(have) / len(rows)
    counts = Counter(str(value) for value in have.values())
    others = len(have) - counts.most_common(1)[0][1]
    assert others >= max(1, LEAST_OTHERS * len(have)), counts.most_common(5)


def test_every_tag_of_every_pack_is_expected_to_cover_someone() -> None:
    for name in names():
        told = [tag for whom in EXPECTED[name] for tag in whom.tags.split()]
        assert sorted(told) == sorted(one.tag for one in load_pack(name).blocks)


@pytest.mark.parametrize(("tag", "whom"), expected(northwind=False))
def test_on_the_demo_world(demo: Any, tag: str, whom: Whom) -> None:
    look_at(demo, tag, whom, whom.demo)


@pytest.mark.parametrize(("tag", "whom"), expected(northwind=True))
def test_on_northwind(trader: Any, tag: str, whom: Whom) -> None:
    assert whom.northwind is not None
    look_at(trader, tag, whom, whom.northwind)


def test_northwind_has_what_its_orders_allow_and_no_more(trader: Any) -> None:
    allowed = {
        tag for listed in EXPECTED.values() for whom in listed if whom.northwind for tag in whom.tags.split()
    }  # fmt: skip
    found = {tag.tag for tag in trader.tags()}
    every = {one.tag for name in names() for one in load_pack(name).blocks}
    assert found & every == allowed


def test_runs_hold_nothing_back(demo: Any, trader: Any) -> None:
    for workspace in (demo, trader):
        with workspace.store.current() as snapshot:
            marks = snapshot.manifest.marks
            assert not [one for one in marks if "tag" in one], marks
        for one in workspace.tags():
            assert one.coverage > 0, one.tag


def test_everything_of_a_pack_is_titled_in_both_languages(demo: Any) -> None:
    every = {(one.on, one.tag): name for name in names() for one in load_pack(name).blocks}
    found = {(tag.kind, tag.name): tag for tag in demo.check().catalogue.tags}
    assert every.keys() <= found.keys()
    for key in every:
        tag = found[key]
        assert set(tag.titles) == {"en", "zh"}, tag.name
        assert tag.category, tag.name
        assert all(set(titles) == {"en", "zh"} for titles in tag.values.values()), tag.name
