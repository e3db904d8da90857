"""What some customers trade through the sister house, hold there, and say that they dare.

An investor's sale is always of something bought before, so that what is held is never negative.
Planted are investors who sell out, and those who trade bolder than they said they would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from holbein.demo.arrow import coded, dates, money, numbered
from holbein.demo.companies import NEVER, Companies, Numbers
from holbein.demo.people import Indices
from holbein.demo.rhythm import END, START, Days
from holbein.demo.segments import SEGMENTS

ASSET_CLASSES = ("cash", "bonds", "funds", "shares", "derivatives")
SIDES = ("buy", "sell")
STYLES = ("cautious", "balanced", "bold")
_QUARTER = 91

_STYLES = np.array([
    [0.45, 0.40, 0.13, 0.02, 0.00],
    [0.15, 0.30, 0.35, 0.19, 0.01],
    [0.05, 0.08, 0.22, 0.50, 0.15],
])  # fmt: skip
"""How much of each class the cautious, the balanced and the bold buy."""
_DAY = 86_400 * 1_000_000


@dataclass(frozen=True)
class Securities:
    """Three streams, and what was planted: indices of companies."""

    trades: pa.Table
    holdings: pa.Table
    questionnaires: pa.Table
    leavers: Indices
    too_bold: Indices


def make_securities(rng: np.random.Generator, c: Companies) -> Securities:
    """Of about three companies in ten.

    trades: trade_id, traded_at (local), company_id, asset_class, side, amount. holdings, at the end
    of each quarter: holding_id, held_on, company_id, asset_class, amount (what was paid for it).
    questionnaires, every year or so: answer_id, answered_on, company_id, risk_class, score.
    """
    likely = np.where(
        np.array([s.name == "careful finance" for s in SEGMENTS])[c.segment], 0.6, 0.27
    )
    investors = np.flatnonzero(rng.random(c.count) < likely)
    leaves = rng.random(len(investors)) < 0.12
    until = np.where(leaves, END - rng.integers(100, 300, len(investors)), END)
    rate = np.minimum(rng.gamma(0.9, 22.0, len(investors)), 400) + 1
    style = rng.choice(len(_STYLES), len(investors), p=[0.35, 0.4, 0.25])
    who = np.repeat(np.arange(len(investors)), rng.poisson(rate))
    bought = c.days(rng, investors[who], np.full(len(who), START), until[who])
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
        "trade_id": numbered("TR", count),
        "traded_at": pa.array(moment[order], pa.timestamp("us")),
        "company_id": coded(company[order], c.keys),
        "asset_class": coded(np.where(unknown, NEVER, asset)[order], ASSET_CLASSES),
        "side": coded(side[order], SIDES),
        "amount": money(np.round(amount[order] * 100).astype(np.int64)),
    })  # fmt: skip
    held_until = np.full(len(who), END)
    held_until[sells] = day[len(who) :]
    holdings = _holdings(c, investors[who], chosen, cost, day[: len(who)], held_until)
    traded = np.bincount(who, minlength=len(investors)) > 0
    too_bold = (style > 0) & (rng.random(len(investors)) < 0.15)
    answers = _questionnaires(rng, c, investors, np.where(too_bold, 0, style))
    return Securities(
        table, holdings, answers, investors[leaves & traded], investors[too_bold & traded]
    )


def _holdings(
    c: Companies, company: Indices, asset: Indices, cost: Numbers, bought: Days, sold: Days
) -> pa.Table:
    """What each company holds of each class at the end of each quarter; nothing where nothing."""
    cents = np.round(cost * 100).astype(np.int64)
    of = company * len(ASSET_CLASSES) + asset
    found, when, amounts = [], [], []
    for day in range(START + _QUARTER - 1, END, _QUARTER):
        held = (bought <= day) & (sold > day)
        keys, place = np.unique(of[held], return_inverse=True)
        total = np.zeros(len(keys), np.int64)
        np.add.at(total, place, cents[held])
        found.append(keys)
        when.append(np.full(len(keys), day))
        amounts.append(total)
    keys = np.concatenate(found)
    return pa.table({
        "holding_id": numbered("HO", len(keys)),
        "held_on": dates(np.concatenate(when)),
        "company_id": coded(keys // len(ASSET_CLASSES), c.keys),
        "asset_class": coded(keys % len(ASSET_CLASSES), ASSET_CLASSES),
        "amount": money(np.concatenate(amounts)),
    })  # fmt: skip


def _questionnaires(
    rng: np.random.Generator, c: Companies, investors: Indices, said: Indices
) -> pa.Table:
    """Answered on becoming an investor, and again every year by most."""
    times = 1 + rng.binomial(2, 0.7, len(investors))
    who = np.repeat(np.arange(len(investors)), times)
    number = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    first = START - rng.integers(0, 200, len(investors))
    day = first[who] + 365 * number + rng.integers(0, 30, len(who))
    score = np.clip(np.round(rng.normal(np.array([22, 48, 76])[said[who]], 6)), 0, 100)
    order = np.lexsort((who, day))
    return pa.table({
        "answer_id": numbered("RQ", len(who)),
        "answered_on": dates(day[order]),
        "company_id": coded(investors[who][order], c.keys),
        "risk_class": coded(said[who][order], STYLES),
        "score": pa.array(score[order]),
    })  # fmt: skip


def _working(day: Days) -> Days:
    """Saturdays and Sundays as the Friday before."""
    weekday = (day + 3) % 7  # the first of January 1970 was a Thursday
    return np.asarray(day - np.maximum(weekday - 4, 0))
