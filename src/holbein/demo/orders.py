"""What is bought, by whom, when it is settled; and the yearly contracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from holbein.demo.arrow import coded, money, numbered
from holbein.demo.campaigns import Campaigns
from holbein.demo.companies import NEVER, Companies
from holbein.demo.people import Indices, Roles, Staff
from holbein.demo.rhythm import END, START, Days
from holbein.demo.segments import CATEGORIES, SEGMENTS

PRODUCTS: tuple[tuple[str, str, int], ...] = (
    ("Pulse", "Analytics", 800), ("Beacon", "Analytics", 450),
    ("Forge", "Automation", 1_200), ("Loom", "Automation", 650),
    ("Relay", "Integration", 900), ("Harbour", "Integration", 500),
    ("Vault", "Security", 1_100), ("Sentry", "Security", 700),
    ("Premium support", "Services", 600), ("Onboarding", "Services", 3_000),
    ("Classroom", "Training", 350), ("Certificate", "Training", 220),
)  # fmt: skip
PLANS = ("starter", "team", "business", "enterprise")

_PER_COMPANY = 20
_DAY = 86_400 * 1_000_000


@dataclass(frozen=True)
class Contracts:
    """One entry per yearly term; days as in ``rhythm``."""

    company: Indices
    starts: Days
    ends: Days
    plan: Indices
    seats: Indices


def make_contracts(rng: np.random.Generator, companies: Companies) -> Contracts:
    """The terms of every customer, the running one included; the silent let theirs lapse."""
    since = companies.customer_since
    last = np.minimum(companies.active_until, END)
    terms = np.where(since >= 0, np.maximum((last - since + 364) // 365, 1), 0)
    company = np.repeat(np.arange(companies.count), terms)
    begun = np.concatenate(([0], np.cumsum(terms)[:-1])) if len(terms) else terms
    number = np.arange(len(company)) - np.repeat(begun, terms)
    starts = since[company] + 365 * number
    size = companies.employees[company]
    seats = np.maximum(1, np.round(size**0.6 * rng.lognormal(0, 0.3, len(company))))
    plan = np.searchsorted([4, 15, 60], seats)
    return Contracts(company, starts, starts + 365, plan, seats.astype(np.int64))


def make_orders(
    rng: np.random.Generator, companies: Companies, roles: Roles, campaigns: Campaigns
) -> Iterator[pa.Table]:
    """The orders as tables, each sorted by time, of one part of the companies after another:
    order_id, ordered_at (local), company_id, role_id, product, category, quantity, discount (a
    share), amount, status and days_to_pay (both known at settled_at).

    About 20 for each company, those that campaigns led to among them. What is not settled by the
    last day has no status yet.
    """
    times, likes = _times(rng, companies), _likes(rng, companies)
    staff = Staff.of(roles, companies)
    written = 0
    for begin, end, own in companies.blocks(rng):
        company, day = _dates(own, companies, times, begin, end)
        led = (campaigns.company >= begin) & (campaigns.company < end)
        company = np.concatenate((company, campaigns.company[led]))
        day = np.concatenate((day, campaigns.day[led]))
        yield _table(own, companies, roles, staff, likes, company, day, written)
        written += len(company)


def _table(
    rng: np.random.Generator, companies: Companies, roles: Roles, staff: Staff,
    likes: Indices, company: Indices, day: Days, written: int,
) -> pa.Table:  # fmt: skip
    count = len(company)
    product = _products(rng, likes[company])
    price = np.array([one[2] for one in PRODUCTS], float)[product]
    scale = companies.employees[company] ** 0.35
    quantity = np.maximum(1, np.round(rng.lognormal(0.1, 0.7, count) * scale / 4))
    discount = rng.choice([1.0, 0.95, 0.9, 0.8], count, p=[0.6, 0.2, 0.12, 0.08])
    cents = np.round(price * quantity * discount * 100).astype(np.int64)
    moment = day * _DAY + rng.integers(8 * 3600, 20 * 3600, count) * 1_000_000
    lag = np.where(companies.late[company], rng.gamma(6.0, 11.0, count), rng.gamma(2.2, 8.0, count))
    settled = moment + (lag * _DAY).astype(np.int64) // 1_000_000 * 1_000_000
    never = rng.random(count) < np.where(companies.late[company], 0.06, 0.01)
    open_still = never | (settled >= END * _DAY)
    cancelled = rng.random(count) < 0.04
    days_to_pay = settled // _DAY - moment // _DAY
    role = _buyers(rng, roles, staff, company, day)
    order = np.lexsort((np.arange(count), moment))
    labels = np.array([one[0] for one in PRODUCTS], object)
    category = np.array([CATEGORIES.index(one[1]) for one in PRODUCTS])[product]
    return pa.table({
        "order_id": numbered("SO", count, written),
        "ordered_at": pa.array(moment[order], pa.timestamp("us")),
        "company_id": coded(company[order], companies.keys),
        "role_id": coded(role[order], roles.keys),
        "product": coded(product[order], labels),
        "category": coded(category[order], CATEGORIES),
        "quantity": pa.array(quantity[order], mask=(rng.random(count) < 0.01)),
        "discount": pa.array(np.round(1 - discount, 2)[order]),
        "amount": money(cents[order]),
        "status": coded(
            np.where(open_still, NEVER, cancelled.astype(np.int64))[order], ("paid", "cancelled")
        ),
        "days_to_pay": pa.array(days_to_pay[order], mask=(open_still | cancelled)[order]),
        "settled_at": pa.array(settled[order], pa.timestamp("us"), mask=open_still[order]),
    })  # fmt: skip


def _times(rng: np.random.Generator, companies: Companies) -> Indices:
    """How often each company orders, its first contract aside."""
    length = np.maximum(companies.active_until - np.maximum(companies.customer_since, START), 0)
    length = np.where(companies.customer_since >= 0, length, 0)
    rate = companies.activity**0.8 * length * rng.lognormal(0, 0.5, companies.count)
    rate = rate / max(rate.sum(), 1e-9) * companies.count * _PER_COMPANY
    return np.where(length > 0, rng.poisson(np.minimum(rate, 2_000)), 0)


def _dates(
    rng: np.random.Generator, companies: Companies, times: Indices, begin: int, end: int
) -> tuple[Indices, Days]:
    """Whose orders, on which days: the first on the day they became customers."""
    since = companies.customer_since
    company = np.repeat(np.arange(begin, end), times[begin:end])
    first = np.maximum(since[company], START)
    day = companies.days(rng, company, first, companies.active_until[company])
    begins = begin + np.flatnonzero(since[begin:end] >= START)
    return np.concatenate((company, begins)), np.concatenate((day, since[begins]))


def _likes(rng: np.random.Generator, companies: Companies) -> Indices:
    """The category that each company likes: its segment's favourite, or one of its own."""
    planted = [CATEGORIES.index(s.favourite) if s.favourite else NEVER for s in SEGMENTS]
    liked = np.array(planted)[companies.segment]
    own = rng.integers(0, len(CATEGORIES), companies.count)
    return np.where((liked < 0) | (rng.random(companies.count) < 0.12), own, liked)


def _products(rng: np.random.Generator, liked: Indices) -> Indices:
    """What is ordered: every other time of the liked category."""
    anything = rng.choice(len(CATEGORIES), len(liked), p=[0.26, 0.2, 0.16, 0.13, 0.14, 0.11])
    category = np.where(rng.random(len(liked)) < 0.5, liked, anything)
    # Two products in each category, in order; the first is the better known.
    return np.asarray(category * 2 + (rng.random(len(liked)) < 0.35))


def _buyers(
    rng: np.random.Generator, roles: Roles, staff: Staff, company: Indices, day: Days
) -> Indices:
    """Who placed the order: a role of that company on that day, or nobody we know of."""
    counts = staff.counts[company]
    pick = (rng.random(len(company)) * counts).astype(np.int64)
    role = staff.order[np.minimum(staff.offset[company] + pick, len(staff.order) - 1)]
    until = roles.until[role]
    there = (counts > 0) & (roles.since[role] <= day) & ((until < 0) | (day < until))
    return np.where(there & (rng.random(len(company)) < 0.85), role, NEVER)
