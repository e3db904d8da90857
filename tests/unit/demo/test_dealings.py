"""Invoices, tickets, mailings, securities and cards bear what was planted in them."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from holbein.demo.world import AS_OF, Truth, make

COMPANIES = 3000
Read = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("dealings") / "demo"
    return folder, make(folder, enterprises=COMPANIES, seed=8)


@pytest.fixture(scope="module")
def truth(made: tuple[Path, Truth]) -> Truth:
    return made[1]


@pytest.fixture(scope="module")
def read(made: tuple[Path, Truth]) -> Read:
    def table(name: str) -> pd.DataFrame:
        folder = made[0] / "raw" / name
        return pd.read_parquet(folder if folder.is_dir() else folder.with_suffix(".parquet"))

    return table


# --- mailings -------------------------------------------------------------------------------------


def z_of(mailed: pd.Series, control: pd.Series) -> tuple[float, float]:
    """The difference of two shares, and how many standard errors it is away from nothing."""
    both = pd.concat([mailed, control]).mean()
    error = math.sqrt(both * (1 - both) * (1 / len(mailed) + 1 / len(control)))
    return mailed.mean() - control.mean(), (mailed.mean() - control.mean()) / error


def test_the_lot_decided_who_was_mailed(read: Read, truth: Truth) -> None:
    sent = read("campaigns")
    assert sent["mailing_id"].is_unique
    assert not sent.duplicated(["campaign", "company_id"]).any()
    mailed = (sent["arm"] == "mailed").astype(float)
    assert 0.47 < mailed.mean() < 0.53
    by_segment = mailed.groupby(sent["company_id"].astype(str).map(truth.segments)).mean()
    assert by_segment.between(0.4, 0.6).all()
    assert sent["opened"].isna().equals(sent["arm"] == "control")
    assert max(sent["closed_on"]) <= AS_OF


def test_mailed_and_control_differ_where_uplift_was_planted(read: Read, truth: Truth) -> None:
    sent = read("campaigns")
    segment = sent["company_id"].astype(str).map(truth.segments)
    assert sum(uplift > 0 for uplift in truth.uplift.values()) >= 3
    for name in set(segment):
        mine = sent[segment == name]
        bought = mine["bought"].astype(float)
        arm = mine["arm"]
        found, z = z_of(bought[arm == "mailed"], bought[arm == "control"])
        planted = truth.uplift.get(name, 0.0)
        assert found == pytest.approx(planted, abs=0.07), name
        assert (abs(z) > 2) == bool(planted), (name, z)


def test_what_was_bought_stands_among_the_orders(read: Read) -> None:
    sent, orders = read("campaigns"), read("orders")
    dates = orders.groupby("company_id", observed=True)["ordered_at"].apply(list)
    for row in sent[sent["bought"]].head(300).itertuples():
        end, day = pd.Timestamp(row.closed_on), pd.Timestamp(row.sent_on)
        assert any(day < at <= end for at in dates[row.company_id])


# --- invoices and tickets -------------------------------------------------------------------------


def test_invoices_are_paid_on_time_late_or_never(read: Read, truth: Truth) -> None:
    invoices = read("invoices")
    assert invoices["invoice_id"].is_unique
    assert max(invoices["due_on"]) <= AS_OF
    assert max(invoices["paid_on"].dropna()) <= AS_OF
    assert invoices["paid_on"].isna().equals(invoices["days_late"].isna())
    paid = invoices.dropna(subset=["days_late"])
    late = paid["company_id"].isin(truth.late_payers)
    assert (paid["days_late"][late] > 0).mean() > 0.55
    assert (paid["days_late"][~late] > 0).mean() < 0.15
    long_due = invoices[pd.to_datetime(invoices["due_on"]) < pd.Timestamp(AS_OF) - pd.Timedelta(90)]
    never = long_due[long_due["paid_on"].isna()]
    assert truth.non_payers
    assert set(invoices["company_id"]) >= truth.non_payers
    # One by mistake is not yet a habit: who owes two and paid nothing since does not pay.
    owed = never.groupby("company_id", observed=True)["due_on"].agg(["size", "min"])
    owed = owed[owed["size"] >= 2]
    since = invoices.merge(owed, left_on="company_id", right_index=True)
    went_on = since[(since["due_on"] > since["min"]) & since["paid_on"].notna()]["company_id"]
    found = set(owed.index) - set(went_on)
    assert len(found & truth.non_payers) > 0.9 * len(found)
    assert len(found & truth.non_payers) > 0.5 * len(truth.non_payers)


def test_tickets_warn_of_those_who_fall_silent(read: Read, truth: Truth) -> None:
    tickets = read("tickets")
    assert tickets["ticket_id"].is_unique
    assert 2 * COMPANIES < len(tickets) < 5 * COMPANIES
    assert tickets["opened_at"].max().normalize() <= pd.Timestamp(AS_OF)
    assert tickets["solved_at"].isna().equals(tickets["hours"].isna())
    urgent = (tickets["priority"] == "high") & (tickets["topic"] == "defect")
    dormant = tickets["company_id"].isin(truth.dormant)
    assert urgent[dormant].mean() > 4 * urgent[~dormant].mean()
    stars = tickets["stars"]
    assert stars.dropna().between(1, 5).all()
    assert stars[urgent & dormant].mean() < stars[~dormant].mean() - 1


# --- securities -----------------------------------------------------------------------------------


def test_holdings_are_what_trades_left(read: Read) -> None:
    """What was bought and not sold again, by a count of purchases less sales."""
    trades, holdings = read("trades"), read("holdings")
    assert holdings["holding_id"].is_unique
    assert not holdings.duplicated(["held_on", "company_id", "asset_class"]).any()
    assert (holdings["amount"] > 0).all()
    day = pd.to_datetime(max(holdings["held_on"])) + pd.Timedelta(days=1)
    sign = trades["side"].map({"buy": 1, "sell": -1}).astype(int)
    before = trades["traded_at"] < day
    left = sign[before].groupby(trades["company_id"].astype(str)[before]).sum()
    held = holdings[holdings["held_on"] == max(holdings["held_on"])]
    assert set(held["company_id"]) == set(left[left > 0].index)
    bought = trades[before & (sign > 0)].groupby(trades["company_id"].astype(str))["amount"].sum()
    cost = held.groupby(held["company_id"].astype(str))["amount"].sum()
    assert (cost <= bought[cost.index]).all()


def test_some_trade_bolder_than_they_said(read: Read, truth: Truth) -> None:
    trades, answers = read("trades"), read("questionnaires")
    assert answers["answer_id"].is_unique
    assert set(answers["company_id"]) >= set(trades["company_id"])
    by_class = answers.groupby("risk_class", observed=True)["score"].mean()
    assert by_class["cautious"] < by_class["balanced"] < by_class["bold"]
    said = answers.groupby(answers["company_id"].astype(str))["risk_class"].last()
    bought = trades[trades["side"] == "buy"]
    risky = bought["asset_class"].isin(["shares", "derivatives"]).astype(float)
    share = risky.groupby(bought["company_id"].astype(str)).agg(["mean", "size"])
    often = share[share["size"] >= 10]
    bolder = set(often.index[(often["mean"] > 0.1) & (said[often.index] == "cautious")])
    planted = truth.too_bold & set(often.index)
    assert len(planted) >= 10
    assert len(bolder & planted) > 0.85 * max(len(bolder), len(planted))


# --- the cards of the fair ------------------------------------------------------------------------


def test_cards_are_written_otherwise_and_still_found(
    made: tuple[Path, Truth], read: Read, truth: Truth
) -> None:
    """A plain match, by credit code or a name without its form and blanks, finds most of them."""
    cards = read("fair_cards").set_index("card_id")
    with sqlite3.connect(made[0] / "raw" / "crm.sqlite") as db:
        names = pd.read_sql("SELECT company_id, name FROM companies", db).set_index("company_id")
        holders = pd.read_sql("SELECT person_id, company_id FROM roles", db)
    codes = read("register").set_index("company_id")["credit_code"].dropna()
    assert set(truth.doubles) < set(cards.index)
    assert 0.7 < len(truth.doubles) / len(cards) < 0.9
    there = set(holders.itertuples(index=False, name=None))
    assert {(person, company) for company, person in truth.doubles.values()} <= there

    def bare(name: str) -> str:
        name = re.sub(r"[\s.,]", "", name).lower()
        return re.sub(
            r"(集团股份有限公司|集团|有限责任公司|有限公司|gmbh|ltd|limited|inc|ag|bv|sas)$",
            "",
            name,
        )

    by_name = {bare(name): key for key, name in names["name"].items()}
    by_code = {code: key for key, code in codes.items()}
    found = {
        card: by_code.get(row.credit_code) or by_name.get(bare(row.company))
        for card, row in cards.iterrows()
    }
    right = [card for card, (company, _) in truth.doubles.items() if found[card] == company]
    assert len(right) > 0.75 * len(truth.doubles)
    assert not any(found[card] for card in set(cards.index) - set(truth.doubles))
    exact = cards["company"].isin(set(names["name"])).mean()
    assert exact < 0.6
