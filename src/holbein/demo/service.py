"""What is invoiced for contracts and when it is paid, and the tickets that customers open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from holbein.demo.arrow import coded, dates, money, numbered
from holbein.demo.companies import Companies
from holbein.demo.orders import Contracts
from holbein.demo.people import Indices
from holbein.demo.rhythm import END, START

TOPICS = ("how to", "defect", "invoice", "access", "wish")
PRIORITIES = ("low", "normal", "high")
_MONTHLY = np.array([40.0, 70.0, 110.0, 160.0])
"""What a seat costs in each plan, a month."""
_DAY = 86_400 * 1_000_000
_PER_COMPANY = 3


@dataclass(frozen=True)
class Invoices:
    """The table, and who pays no more: companies by index."""

    table: pa.Table
    non_payers: Indices


def make_invoices(rng: np.random.Generator, c: Companies, contracts: Contracts) -> Invoices:
    """invoice_id, due_on, company_id, amount, and once it is paid: paid_on, days_late. One for each
    quarter of a contract, due 30 days after its beginning.
    """
    line = np.repeat(np.arange(len(contracts.company)), 4)
    due = contracts.starts[line] + 91 * np.tile(np.arange(4), len(contracts.company)) + 30
    kept = np.flatnonzero((due >= START) & (due < END))
    kept = kept[np.lexsort((line[kept], due[kept]))]
    line, due = line[kept], due[kept]
    company = contracts.company[line]
    amount = 3 * contracts.seats[line] * _MONTHLY[contracts.plan[line]]
    stops = np.where(
        rng.random(c.count) < np.where(c.late, 0.08, 0.02),
        END - rng.integers(120, 400, c.count), END,
    )[company]  # fmt: skip
    late = rng.random(len(line)) < np.where(c.late[company], 0.7, 0.08)
    lag = np.where(
        late, 1 + rng.gamma(2.0, 12.0, len(line)).astype(np.int64),
        -rng.integers(0, 20, len(line)),
    )  # fmt: skip
    never = (due >= stops) | (rng.random(len(line)) < 0.004)
    unpaid = never | (due + lag >= END)
    table = pa.table({
        "invoice_id": numbered("RE", len(line)),
        "due_on": dates(due),
        "company_id": coded(company, c.keys),
        "amount": money(np.round(amount * 100).astype(np.int64)),
        "paid_on": dates(due + lag, unpaid),
        "days_late": pa.array(lag, mask=unpaid),
    })  # fmt: skip
    return Invoices(table, np.unique(company[due >= stops]))


def make_tickets(rng: np.random.Generator, c: Companies) -> pa.Table:
    """ticket_id, opened_at (local), company_id, topic, priority, and once it is solved, solved_at:
    hours, stars. About three for each company; who is about to fall silent opens urgent ones.
    """
    begin = np.maximum(c.customer_since, START)
    length = np.where(c.customer_since >= 0, np.maximum(c.active_until - begin, 0), 0)
    rate = c.activity**0.7 * length
    rate = rate / max(rate.sum(), 1e-9) * c.count * _PER_COMPANY
    usual = np.repeat(np.arange(c.count), rng.poisson(np.minimum(rate, 300)))
    angry = np.repeat(np.arange(c.count), rng.poisson(1.6 * (c.dormant & (length > 90))))
    company = np.concatenate((usual, angry))
    first = np.concatenate((begin[usual], c.active_until[angry] - 80))
    count = len(company)
    day = c.days(rng, company, first, c.active_until[company])
    moment = day * _DAY + rng.integers(8 * 3600, 20 * 3600, count) * 1_000_000
    upset = np.arange(count) >= len(usual)
    priority = np.where(upset, 2, rng.choice(3, count, p=[0.4, 0.48, 0.12]))
    topic = np.where(upset, 1, rng.choice(len(TOPICS), count, p=[0.4, 0.22, 0.12, 0.16, 0.1]))
    hours = np.round(
        rng.gamma(1.5, np.where(upset, 50.0, np.array([30.0, 16.0, 8.0])[priority])), 1
    )
    solved = moment + (hours * 3600).astype(np.int64) * 1_000_000
    still_open = solved >= END * _DAY
    stars = np.clip(np.round(rng.normal(np.where(upset, 1.8, 4.6 - hours / 60), 0.7)), 1, 5)
    silent = still_open | (rng.random(count) < 0.4)
    order = np.lexsort((np.arange(count), moment))
    return pa.table({
        "ticket_id": numbered("TK", count),
        "opened_at": pa.array(moment[order], pa.timestamp("us")),
        "company_id": coded(company[order], c.keys),
        "topic": coded(topic[order], TOPICS),
        "priority": coded(priority[order], PRIORITIES),
        "hours": pa.array(hours[order], mask=still_open[order]),
        "stars": pa.array(stars[order], mask=silent[order]),
        "solved_at": pa.array(solved[order], pa.timestamp("us"), mask=still_open[order]),
    })  # fmt: skip
