"""The vendor's sister house, for some customers: securities that they trade, and loans to them.

An investor's sale is always of something bought before, so that what is held is never negative; an
instalment is a fact once it is due. Planted are investors who sell out, and borrowers who stop
paying.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.demo.arrow import coded, money
from holbein.demo.companies import NEVER, SEGMENTS, Companies, Flags, Numbers
from holbein.demo.people import Indices
from holbein.demo.rhythm import END, START, Days, draw_days

ASSET_CLASSES = ("cash", "bonds", "funds", "shares", "derivatives")
SIDES = ("buy", "sell")
TERMS = (6, 12, 18, 24)

_STYLES = np.array([
    [0.45, 0.40, 0.13, 0.02, 0.00],
    [0.15, 0.30, 0.35, 0.19, 0.01],
    [0.05, 0.08, 0.22, 0.50, 0.15],
])  # fmt: skip
"""How much of each class the cautious, the balanced and the bold buy."""
_DAY = 86_400 * 1_000_000
_MONTH = 30.4375


@dataclass(frozen=True)
class Finance:
    """Three streams, the credit lines, and what was planted: indices of companies."""

    trades: pa.Table
    loans: pa.Table
    repayments: pa.Table
    lines: Lines
    leavers: Indices
    defaulters: Indices


@dataclass(frozen=True)
class Lines:
    """One credit line for each borrower: since when, and how much may be drawn."""

    company: Indices
    since: Days
    limit: Numbers


def make_finance(
    trading: np.random.Generator, lending: np.random.Generator, companies: Companies
) -> Finance:
    """Trades of about three companies in ten, loans to about one customer in four."""
    trades, leavers = _trades(trading, companies)
    lines = _lines(lending, companies)
    loans, repayments, defaulters = _loans(lending, companies, lines)
    return Finance(trades, loans, repayments, lines, leavers, defaulters)


# --- securities -----------------------------------------------------------------------------------


def _trades(rng: np.random.Generator, c: Companies) -> tuple[pa.Table, Indices]:
    """trade_id, traded_at (local), company_id, asset_class, side, amount; and who sells out."""
    likely = np.where(
        np.array([s.name == "careful finance" for s in SEGMENTS])[c.segment], 0.6, 0.27
    )
    investors = np.flatnonzero(rng.random(c.count) < likely)
    leaves = rng.random(len(investors)) < 0.12
    until = np.where(leaves, END - rng.integers(100, 300, len(investors)), END)
    rate = np.minimum(rng.gamma(0.9, 22.0, len(investors)), 400) + 1
    style = rng.choice(len(_STYLES), len(investors), p=[0.35, 0.4, 0.25])
    who = np.repeat(np.arange(len(investors)), rng.poisson(rate))
    bought = _days(rng, c, investors[who], np.full(len(who), START), until[who])
    steps = np.cumsum(_STYLES, axis=1)[style[who]]
    chosen = np.minimum((rng.random((len(who), 1)) > steps).sum(axis=1), len(ASSET_CLASSES) - 1)
    size = c.employees[investors[who]] ** 0.6 * 4_000
    cost = size * rng.lognormal(0, 1.1, len(who))
    # Some of it is sold again, after a gamma of days; who leaves sells the rest at the end.
    held = 3 + rng.gamma(1.3, 110.0, len(who)).astype(np.int64)
    end = until[who] + rng.integers(0, 45, len(who))
    sold = np.where(rng.random(len(who)) < 0.55, bought + held, END)
    sold = np.where(leaves[who], np.minimum(sold, end), sold)
    sells = np.flatnonzero(sold < END)
    gain = rng.lognormal(0.02, 0.12, len(sells))
    company = investors[np.concatenate((who, who[sells]))]
    day = _working(np.concatenate((bought, sold[sells])))
    amount = np.concatenate((cost, cost[sells] * gain))
    side = np.repeat([0, 1], [len(who), len(sells)])
    asset = np.concatenate((chosen, chosen[sells]))
    count = len(day)
    # Orders close at three, sales follow purchases of the same day.
    moment = day * _DAY + (9 * 3600 + side * 3 * 3600 + rng.integers(0, 10_800, count)) * 1_000_000
    order = np.lexsort((np.arange(count), moment))
    unknown = rng.random(count) < 0.01
    table = pa.table({
        "trade_id": _numbered("TR", count),
        "traded_at": pa.array(moment[order], pa.timestamp("us")),
        "company_id": coded(company[order], c.keys),
        "asset_class": coded(np.where(unknown, NEVER, asset)[order], ASSET_CLASSES),
        "side": coded(side[order], SIDES),
        "amount": money(np.round(amount[order] * 100).astype(np.int64)),
    })  # fmt: skip
    traded = np.bincount(who, minlength=len(investors)) > 0
    return table, investors[leaves & traded]


def _working(day: Days) -> Days:
    """Saturdays and Sundays as the Friday before."""
    weekday = (day + 3) % 7  # the first of January 1970 was a Thursday
    return np.asarray(day - np.maximum(weekday - 4, 0))


# --- loans ----------------------------------------------------------------------------------------


def _lines(rng: np.random.Generator, c: Companies) -> Lines:
    customer = (c.customer_since >= 0) & (c.customer_since < END - 200)
    builders = np.array([s.name == "slow builders" for s in SEGMENTS])[c.segment]
    company = np.flatnonzero(customer & (rng.random(c.count) < np.where(builders, 0.6, 0.25)))
    since = np.maximum(c.customer_since[company] + 30, START - 200)
    limit = c.employees[company] ** 0.75 * 20_000 * rng.lognormal(0, 0.5, len(company))
    return Lines(company, since, np.round(limit, -4) + 10_000)


def _loans(
    rng: np.random.Generator, c: Companies, lines: Lines
) -> tuple[pa.Table, pa.Table, Indices]:
    """loan_id, drawn_on, company_id, amount, term; and for each instalment that is due:
    instalment_id, due_on, company_id, loan_id, amount, and once it is paid: paid, paid_on,
    days_late. Also who stopped paying.
    """
    times = 1 + rng.poisson(1.6, len(lines.company))
    line = np.repeat(np.arange(len(lines.company)), times)
    company = lines.company[line]
    drawn = _days(rng, c, company, np.maximum(lines.since[line], START), np.full(len(line), END))
    order = np.lexsort((company, drawn))
    line, company, drawn = line[order], company[order], drawn[order]
    amount = np.round(lines.limit[line] * rng.beta(1.6, 3.2, len(line)), -2) + 100
    term = rng.choice(TERMS, len(line), p=[0.2, 0.4, 0.15, 0.25])
    cents = np.round(amount * 100).astype(np.int64)
    loans = pa.table({
        "loan_id": _numbered("LN", len(line)),
        "drawn_on": _dates(drawn),
        "company_id": coded(company, c.keys),
        "amount": money(cents),
        "term": pa.array(term),
    })  # fmt: skip
    stops = np.where(
        rng.random(len(lines.company)) < 0.07, END - rng.integers(20, 480, len(lines.company)), END
    )
    loan = np.repeat(np.arange(len(line)), term)
    number = np.arange(len(loan)) - np.repeat(np.cumsum(term) - term, term)
    due = drawn[loan] + np.round((number + 1) * _MONTH).astype(np.int64)
    late = np.where(
        rng.random(len(loan)) < np.where(c.late[company[loan]], 0.6, 0.1),
        1 + rng.gamma(1.4, np.where(c.late[company[loan]], 18.0, 8.0)),
        -rng.integers(0, 4, len(loan)),
    ).astype(np.int64)
    paid = due + late
    open_still = (due >= stops[line[loan]]) | (paid >= END)
    part = np.where(rng.random(len(loan)) < 0.015, 0.5, 1.0)  # some pay half of it
    even = (cents // term)[loan]
    owed = even + np.where(number == 0, cents[loan] - even * term[loan], 0)
    kept = np.flatnonzero(due < END)
    kept = kept[np.argsort(due[kept], kind="stable")]
    repayments = pa.table({
        "instalment_id": _numbered("IN", len(kept)),
        "due_on": _dates(due[kept]),
        "company_id": coded(company[loan[kept]], c.keys),
        "loan_id": loans["loan_id"].take(pa.array(loan[kept])),
        "amount": money(owed[kept]),
        "paid": pc.if_else(
            pa.array(open_still[kept]), None, money(np.round(owed * part).astype(np.int64)[kept])
        ),
        "paid_on": _dates(paid[kept], open_still[kept]),
        "days_late": pa.array(late[kept], mask=open_still[kept]),
    })  # fmt: skip
    owing = kept[due[kept] >= stops[line[loan[kept]]]]
    return loans, repayments, np.unique(company[loan[owing]])


def _days(
    rng: np.random.Generator, c: Companies, company: Indices, first: Days, last: Days
) -> Days:
    day = np.zeros(len(company), np.int64)
    for calendar, mine in c.calendar(company).items():
        day[mine] = draw_days(rng, first[mine], last[mine], calendar)
    return day


def _dates(days: Days, missing: Flags | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())


def _numbered(prefix: str, count: int) -> pa.Array:
    number = pc.utf8_lpad(pc.cast(pa.array(np.arange(1, count + 1)), pa.string()), 8, "0")
    return pc.binary_join_element_wise(prefix, number, "-")
