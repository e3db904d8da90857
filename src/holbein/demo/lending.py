"""The vendor's sister house, for some customers: loans to them. What they trade is ``securities``.

An instalment is a fact once it is due. Planted are borrowers who stop paying.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.demo.arrow import coded, dates, money, numbered
from holbein.demo.companies import Companies, Numbers
from holbein.demo.people import Indices
from holbein.demo.rhythm import END, START, Days
from holbein.demo.segments import SEGMENTS

TERMS = (6, 12, 18, 24)

_MONTH = 30.4375


@dataclass(frozen=True)
class Lending:
    """Two streams, the credit lines, and who has stopped paying: indices of companies."""

    loans: pa.Table
    repayments: pa.Table
    lines: Lines
    defaulters: Indices


@dataclass(frozen=True)
class Lines:
    """One credit line for each borrower: since when, and how much may be drawn."""

    company: Indices
    since: Days
    limit: Numbers


def make_lending(rng: np.random.Generator, companies: Companies) -> Lending:
    """Loans to about one customer in four."""
    lines = _lines(rng, companies)
    loans, repayments, defaulters = _loans(rng, companies, lines)
    return Lending(loans, repayments, lines, defaulters)


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
    drawn = c.days(rng, company, np.maximum(lines.since[line], START), np.full(len(line), END))
    order = np.lexsort((company, drawn))
    line, company, drawn = line[order], company[order], drawn[order]
    amount = np.round(lines.limit[line] * rng.beta(1.6, 3.2, len(line)), -2) + 100
    term = rng.choice(TERMS, len(line), p=[0.2, 0.4, 0.15, 0.25])
    cents = np.round(amount * 100).astype(np.int64)
    loans = pa.table({
        "loan_id": numbered("LN", len(line)),
        "drawn_on": dates(drawn),
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
        "instalment_id": numbered("IN", len(kept)),
        "due_on": dates(due[kept]),
        "company_id": coded(company[loan[kept]], c.keys),
        "loan_id": loans["loan_id"].take(pa.array(loan[kept])),
        "amount": money(owed[kept]),
        "paid": pc.if_else(
            pa.array(open_still[kept]), None, money(np.round(owed * part).astype(np.int64)[kept])
        ),
        "paid_on": dates(paid[kept], open_still[kept]),
        "days_late": pa.array(late[kept], mask=open_still[kept]),
    })  # fmt: skip
    owing = kept[due[kept] >= stops[line[loan[kept]]]]
    return loans, repayments, np.unique(company[loan[owing]])
