"""Questions on the demo world, answered by Holbein and by pandas on the raw files.

Roles and quantifiers, people who moved or serve two companies, groups of companies, sequences,
changes, windows, columns known later, buckets. The pandas side reads the files that Holbein's
sources read and shares nothing else with it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from holbein.demo.world import make
from tests.support.demo_raw import Raw, keys, top

COMPANIES = 200
FIRST_RUN = dt.date(2026, 5, 24)
AS_OF = dt.date(2026, 5, 31)
"""A month before the world's last day, so that there is a future which must not be seen."""

KINDS = ("enterprise", "person", "role")


@dataclass(frozen=True)
class Question:
    name: str
    on: str
    condition: str
    answer: Callable[[Raw, Raw], set[str]]
    """The keys that match, from the raw files as of AS_OF and as of FIRST_RUN."""
    hashes_ids: bool = False
    """Needs Holbein's ids, which the raw files do not tell."""


# --- the answers ----------------------------------------------------------------------------------


def leaders_who_log_in(now: Raw, _: Raw) -> set[str]:
    title = now.roles["title"].str.lower()
    leads = title.str.contains("director", regex=False) | title.str.contains("总监", regex=False)
    logs_in = now.count(now.window(now.named("login"), days=60), "role") >= 1
    return now.holders(leads & logs_in)


def everyone_was_seen(now: Raw, _: Raw) -> set[str]:
    seen = now.count(now.window(now.events, days=90), "role") >= 1
    return now.holders(seen) - now.holders(~seen)


def no_one_from_finance(now: Raw, _: Raw) -> set[str]:
    return set(now.companies.index) - now.holders(now.roles["department"] == "finance")


def two_decide(now: Raw, _: Raw) -> set[str]:
    decide = now.roles[(now.roles["buying_role"] == "decides") & now.roles["current"]]
    return keys(decide.groupby("company_id").size() >= 2)


def half_are_active(now: Raw, _: Raw) -> set[str]:
    active = now.count(now.window(now.named("login"), days=30), "role") >= 1
    current = now.roles[now.roles["current"]]
    return keys(active[current.index].groupby(current["company_id"]).mean() >= 0.5)


def champions_who_moved(now: Raw, _: Raw) -> set[str]:
    roles = now.roles
    gone = (now.day - roles["until"]).dt.days
    champion = roles["buying_role"].isin(["decides", "influences"]) & gone.between(0, 365)
    fresh = (now.day - roles["since"]).dt.days <= 400
    return now.holders(champion, "person", "begun") & now.holders(fresh, "person")


def decider_lost(now: Raw, _: Raw) -> set[str]:
    counts = now.roles["buying_role"].isin(["decides", "influences"])
    gone = (now.day - now.roles["until"]).dt.days >= 0
    return now.holders(counts & gone, of="begun") - now.holders(counts)


def several_roles(now: Raw, _: Raw) -> set[str]:
    current = now.roles[now.roles["current"]]
    return keys(current.groupby("person_id").size() >= 2)


def busy_here_silent_there(now: Raw, _: Raw) -> set[str]:
    logins = now.count(now.window(now.named("login"), days=180), "role")
    return now.holders(logins >= 1, "person") & now.holders(logins == 0, "person")


def works_for_a_large_factory(now: Raw, _: Raw) -> set[str]:
    factory = now.below("industry", "C", "2", "3", "13", "14", "15", "16", "17", "18", "19",
                        "40", "41", "42", "43")  # fmt: skip
    large = factory & (now.companies["employees"] >= 200)
    return now.holders(now.roles["company_id"].isin(keys(large)), "person")


def women_in_the_delta(now: Raw, _: Raw) -> set[str]:
    delta = keys(now.below("region", "33", "32"))
    women = keys(now.people["gender"] == "female")
    roles = now.roles
    return keys(roles["company_id"].isin(delta) & roles["person_id"].isin(women))


def parent_buys(now: Raw, _: Raw) -> set[str]:
    buyers = keys(now.count(now.window(now.orders, years=1), "enterprise") >= 5)
    return {child for child, parent in now.parents.items() if parent in buyers}


def of_a_large_group(now: Raw, _: Raw) -> set[str]:
    staff = now.companies["employees"]
    return {c for c in now.companies.index if staff[([c, *now.above(c)])[-1]] >= 1000}


def a_subsidiary_sleeps(now: Raw, _: Raw) -> set[str]:
    silent = keys(now.count(now.window(now.named("login"), days=30), "enterprise") == 0)
    return {parent for child, parent in now.parents.items() if child in silent}


def nobody_below_bought(now: Raw, _: Raw) -> set[str]:
    bought = keys(now.count(now.window(now.orders, days=365), "enterprise") > 0)
    above_buyers = {higher for company in bought for higher in now.above(company)}
    return set(now.companies.index) - above_buyers


def several_grown_subsidiaries(now: Raw, _: Raw) -> set[str]:
    grown = now.companies[now.companies["employees"] >= 50]
    return keys(grown.groupby("parent_id").size() >= 2)


def prices_then_trial(now: Raw, _: Raw) -> set[str]:
    visits = now.named("visit")
    steps = [visits[visits["page"] == "/pricing"], now.named("trial")]
    week = pd.Timedelta(days=7)
    return now.sequence(steps, "enterprise", lambda first, last: last.day <= first.day + week)


def trouble_then_order(now: Raw, _: Raw) -> set[str]:
    cases = now.named("support")
    steps = [cases[cases["priority"] == "high"], now.orders]
    month = pd.Timedelta(days=30)
    return now.sequence(steps, "enterprise", lambda first, last: last.day <= first.day + month)


def three_steps_in_a_day(now: Raw, _: Raw) -> set[str]:
    steps = [now.named("login"), now.named("feature"), now.named("download")]
    hours = pd.Timedelta(hours=24)
    return now.sequence(steps, "role", lambda first, last: last.at - first.at <= hours)


def activity(raw: Raw) -> pd.Series[Any]:
    days = raw.count_days(raw.window(raw.named("login"), days=30), "enterprise")
    return pd.cut(days, [-1, 0, 3, 11, 31], labels=["silent", "low", "middle", "high"]).astype(str)


def activity_became_low(now: Raw, then: Raw) -> set[str]:
    return keys((activity(now) == "low") & (activity(then) != "low"))


def engagement(raw: Raw) -> pd.Series[Any]:
    hot = raw.count_days(raw.window(raw.events, days=30), "role") >= 8
    warm = raw.count(raw.window(raw.events, days=90), "role") >= 1
    return pd.Series("cold", hot.index).mask(warm, "warm").mask(hot, "hot")


def went_cold(now: Raw, then: Raw) -> set[str]:
    return keys((engagement(now) == "cold") & (engagement(then) != "cold"))


def buys_less(now: Raw, _: Raw) -> set[str]:
    late = now.total(now.window(now.orders, days=90), "amount", "enterprise")
    border = now.day - pd.Timedelta(days=90)
    early = now.total(now.window(now.orders, before=border, days=90), "amount", "enterprise")
    return keys(late < 0.7 * early)


def paid_enough(now: Raw, _: Raw) -> set[str]:
    paid = now.orders[now.orders["status"] == "paid"]
    return keys(now.total(now.window(paid, days=90), "amount", "enterprise") > 10_000)


def pays_slowly(now: Raw, _: Raw) -> set[str]:
    recent = now.window(now.orders, years=1)
    return keys(recent.groupby("enterprise")["days_to_pay"].mean() > 30)


def unsettled(now: Raw, _: Raw) -> set[str]:
    still_open = now.orders[now.orders["status"].isna()]
    return keys(now.count(now.window(still_open, days=45), "enterprise") >= 2)


def in_the_bucket(now: Raw, _: Raw) -> set[str]:
    def share(number: int) -> float:
        text = f"spring campaign:E:{number}"
        return int(hashlib.md5(text.encode()).hexdigest()[:13], 16) / 2**52

    return {key for key, number in now.ids["enterprise"].items() if share(number) < 0.3}


def joins_in_private(now: Raw, _: Raw) -> set[str]:
    webinars = now.window(now.named("webinar"), years=1)
    person = keys(now.count(webinars, "person") >= 1)
    return person - now.holders(now.count(webinars, "role") >= 1, "person")


def western_and_in_their_thirties(now: Raw, _: Raw) -> set[str]:
    born = now.people["birth_date"]
    turned = born + pd.DateOffset(years=30) <= now.day
    too_old = born + pd.DateOffset(years=40) <= now.day
    return keys((now.people["language"] == "en") & turned & ~too_old)


def changed_their_mind(now: Raw, _: Raw) -> set[str]:
    rows = now.orders.sort_values(["at", "key"]).groupby("enterprise")["category"]
    first, last = rows.first().astype(str), rows.last().astype(str)
    return keys((first == "Automation") & (last != "Automation"))


def likes_reports(now: Raw, _: Raw) -> set[str]:
    used = now.window(now.named("feature"), days=180)
    return {k for k, liked in top(used, "enterprise", "feature", 3).items() if "report" in liked}


def due_and_quiet(now: Raw, _: Raw) -> set[str]:
    left = (now.companies["renewal_date"] - now.day).dt.days
    last = now.named("login").groupby("enterprise")["day"].max().reindex(now.companies.index)
    return keys(left.between(0, 120) & ((now.day - last).dt.days > 3))


QUESTIONS = [
    # --- roles and quantifiers ---
    Question("any role", "enterprise",
             "any_role((title LIKE '%director%' OR title LIKE '%总监%') AND count(login, '60 days') >= 1)",
             leaders_who_log_in),
    Question("all roles", "enterprise", "all_roles(count(event, '90 days') >= 1)", everyone_was_seen),
    Question("no role", "enterprise", "no_role(department = 'finance')", no_one_from_finance),
    Question("count roles", "enterprise", "count_roles(buying_role = 'decides') >= 2", two_decide),
    Question("role share", "enterprise", "role_share(count(login, '30 days') >= 1) >= 0.5",
             half_are_active),
    # --- people who moved, people at two companies ---
    Question("moved people", "person",
             "any_role_ever(buying_role IN ('decides', 'influences') AND days_since(until) BETWEEN 0"
             " AND 365) AND any_role(days_since(since) <= 400)", champions_who_moved),
    Question("decider lost", "enterprise",
             "any_role_ever(buying_role IN ('decides', 'influences') AND days_since(until) >= 0)"
             " AND no_role(buying_role IN ('decides', 'influences'))", decider_lost),
    Question("several roles", "person", "count_roles(TRUE) >= 2", several_roles),
    Question("busy here, silent there", "person",
             "any_role(count(login, '180 days') >= 1) AND any_role(count(login, '180 days') = 0)",
             busy_here_silent_there),
    Question("from the person upwards", "person",
             "enterprise(industry WITHIN 'Manufacturing' AND employees >= 200)",
             works_for_a_large_factory),
    Question("from the role upwards", "role",
             "enterprise(region WITHIN '浙江' OR region WITHIN 'Jiangsu') AND person(gender = 'female')",
             women_in_the_delta),
    Question("the person's own facts", "person",
             "count(webinar, '1 year') >= 1 AND NOT any_role(count(webinar, '1 year') >= 1)",
             joins_in_private),
    Question("age", "person", "years_since(birth_date) BETWEEN 30 AND 39 AND language = 'en'",
             western_and_in_their_thirties),
    # --- groups of companies ---
    Question("parent", "enterprise", "parent(count(orders, '1 year') >= 5)", parent_buys),
    Question("root", "enterprise", "root(employees >= 1000)", of_a_large_group),
    Question("any subsidiary", "enterprise", "any_subsidiary(count(login, '30 days') = 0)",
             a_subsidiary_sleeps),
    Question("no descendant", "enterprise", "NOT any_descendant(count(orders, '365 days') > 0)",
             nobody_below_bought),
    Question("count subsidiaries", "enterprise", "count_subsidiaries(employees >= 50) >= 2",
             several_grown_subsidiaries),
    # --- sequences ---
    Question("sequence in days", "enterprise",
             "sequence(visit(page = '/pricing'), trial, within => '7 days')", prices_then_trial),
    Question("sequence over two streams", "enterprise",
             "sequence(support(priority = 'high'), orders, within => '30 days')", trouble_then_order),
    Question("sequence in hours", "role",
             "sequence(login, feature, download, within => '24 hours')", three_steps_in_a_day),
    # --- changes ---
    Question("became, enterprise", "enterprise", "became(activity, 'low', '7 days')", activity_became_low),
    Question("became, role", "role", "became(engagement, 'cold', '7 days')", went_cold),
    # --- windows, columns known later, and the rest ---
    Question("before", "enterprise",
             "sum(orders.amount, '90 days') < 0.7 * sum(orders.amount, '90 days', before => '90 days')",
             buys_less),
    Question("paid so far", "enterprise", "sum(orders.amount, '90 days', status = 'paid') > 10000",
             paid_enough),
    Question("days to pay", "enterprise", "avg(orders.days_to_pay, '1 year') > 30", pays_slowly),
    Question("not settled", "enterprise", "count(orders, '45 days', status IS NULL) >= 2", unsettled),
    Question("bucket", "enterprise", "bucket('spring campaign') < 0.3", in_the_bucket, True),
    Question("first and last", "enterprise",
             "first(orders.category) = 'Automation' AND last(orders.category) <> 'Automation'",
             changed_their_mind),
    Question("preference", "enterprise", "favourite_features CONTAINS 'report'", likes_reports),
    Question("due and quiet", "enterprise",
             "days_until(renewal_date) BETWEEN 0 AND 120 AND days_since(login) > 3", due_and_quiet),
]  # fmt: skip


# --- the two sides --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo-questions") / "demo"
    make(target, enterprises=COMPANIES, seed=11)
    return target


@pytest.fixture(scope="module")
def raw(folder: Path) -> tuple[Raw, Raw]:
    return Raw(folder, pd.Timestamp(AS_OF)), Raw(folder, pd.Timestamp(FIRST_RUN))


@pytest.fixture(scope="module")
def workspace(folder: Path) -> Any:
    """The workspace after two runs, so that there are changes between them."""
    import holbein

    found = holbein.open(folder)
    found.run(as_of=FIRST_RUN)
    found.run(as_of=AS_OF)
    return found


def selected(workspace: Any, condition: str, on: str) -> dict[str, int]:
    """The source keys that match, each with Holbein's number of the subject."""
    table = workspace.select(condition, on=on, columns=["id", "key"])
    found = zip(table["key"].to_pylist(), table["id"].to_pylist(), strict=True)
    return {key.partition(":")[2]: int(id[1:]) for key, id in found}


def test_most_questions_select_some_and_not_all(raw: tuple[Raw, Raw]) -> None:
    assert len(QUESTIONS) >= 25
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)
    telling = []
    for question in QUESTIONS:
        if not question.hashes_ids:
            found = question.answer(*raw)
            assert found <= set(raw[0].every(question.on))
            if 0 < len(found) < len(raw[0].every(question.on)):
                telling.append(question.name)
    assert len(telling) >= 25


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_holbein_and_pandas_agree(question: Question, workspace: Any, raw: tuple[Raw, Raw]) -> None:
    now, then = raw
    if question.hashes_ids:
        now.ids[question.on] = selected(workspace, "TRUE", question.on)
    found = selected(workspace, question.condition, question.on)
    assert set(found) == question.answer(now, then)


def test_every_subject_is_there(workspace: Any, raw: tuple[Raw, Raw]) -> None:
    for kind in KINDS:
        assert set(selected(workspace, "TRUE", kind)) == set(raw[0].every(kind))
