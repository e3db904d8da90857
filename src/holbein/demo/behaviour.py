"""What people do: logins, visits, trials, downloads, webinars, support; some of it nameless."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.demo.arrow import coded
from holbein.demo.companies import NEVER, Companies
from holbein.demo.people import Indices, People, Roles
from holbein.demo.rhythm import END, START, Days, draw_days, draw_seconds

EVENTS = (
    "login", "feature", "visit", "download", "webinar", "support", "mail_open", "trial",
)  # fmt: skip
_CUSTOMER = np.array([0.40, 0.20, 0.20, 0.05, 0.03, 0.05, 0.07, 0.0])
_PROSPECT = np.array([0.0, 0.0, 0.66, 0.12, 0.10, 0.0, 0.12, 0.0])
LOGIN, FEATURE, VISIT, DOWNLOAD, WEBINAR, SUPPORT, MAIL_OPEN, TRIAL = range(len(EVENTS))

PAGES = ("/home", "/product", "/pricing", "/docs", "/blog", "/security", "/careers", "/contact")
_PAGE_SHARE = (0.24, 0.22, 0.12, 0.18, 0.12, 0.04, 0.04, 0.04)
FEATURES = ("dashboard", "report", "export", "alert", "workflow", "connector", "audit", "admin")
PRIORITIES = ("low", "normal", "high")
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")
_PARTS_BEGIN = (5, 12, 18, 21)
"""At these hours begin morning, afternoon, evening, and the night."""

_PER_COMPANY = 200
_SECONDS = 86_400
_ZONE = 8 * 3600  # Asia/Shanghai keeps one offset all year


@dataclass(frozen=True)
class _Batch:
    """Events before they are dated to the second; -1 for no role, company or person."""

    name: Indices
    role: Indices
    company: Indices
    person: Indices
    day: Days
    page: Indices  # -1: drawn later

    @staticmethod
    def joined(parts: list[_Batch]) -> _Batch:
        names = ("name", "role", "company", "person", "day", "page")
        return _Batch(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def make_events(
    rng: np.random.Generator, companies: Companies, people: People, roles: Roles,
    late: NDArray[np.bool_],
) -> pa.Table:  # fmt: skip
    """The events as one table sorted by time: event_id, name, at (UTC), role_id, company_id,
    person_id, page, feature, minutes, priority, part_of_day (where it happened). About 200 for each
    company. ``late`` are people who often work at night.
    """
    batch = _Batch.joined([
        _by_roles(rng, companies, roles),
        _nameless(rng, companies),
        _trials(rng, companies, roles),
    ])  # fmt: skip
    count = len(batch.day)
    ahead = companies.ahead[np.maximum(batch.company, 0)]
    clock = draw_seconds(rng, count, ahead)
    person = np.where(batch.role >= 0, roles.person[batch.role], batch.person)
    nightly = (person >= 0) & late[person] & (rng.random(count) < 0.5)
    nights = (rng.integers(21 * 3600, _SECONDS, count) + ahead * 3600) % _SECONDS
    clock = np.where(nightly, nights, clock)
    second = batch.day * _SECONDS + clock - _ZONE
    # An hour carries the trial behind the visit that led to it where both fall on one day.
    order = np.lexsort((np.arange(count), second))
    return _table(rng, _sorted(batch, order), second[order], people, roles, companies)


def _sorted(batch: _Batch, order: Indices) -> _Batch:
    return _Batch(
        batch.name[order], batch.role[order], batch.company[order],
        batch.person[order], batch.day[order], batch.page[order],
    )  # fmt: skip


def _by_roles(rng: np.random.Generator, companies: Companies, roles: Roles) -> _Batch:
    first, last = roles.active(companies)
    length = np.maximum(last - first, 0)
    rate = companies.activity[roles.company] * roles.engagement * length
    rate = rate / max(rate.sum(), 1e-9) * companies.count * (_PER_COMPANY * 1.27)
    times = rng.poisson(np.minimum(rate, 6_000))
    role = np.repeat(np.arange(len(times)), times)
    company = roles.company[role]
    day = _days(rng, companies, company, first[role], last[role])
    since = companies.customer_since[company]
    bought = (since >= 0) & (day >= since)
    # Those who have not bought yet look in now and then, no more.
    kept = bought | (rng.random(len(role)) < 0.3)
    role, company, day, bought = role[kept], company[kept], day[kept], bought[kept]
    name = _names(rng, bought)
    person = np.full(len(role), NEVER)
    # Webinars are often joined with a private address: the person is known, the company is not.
    private = (name == WEBINAR) & (rng.random(len(role)) < 0.4)
    person[private] = roles.person[role[private]]
    return _Batch(
        name, np.where(private, NEVER, role), np.where(private, NEVER, company), person, day,
        np.full(len(role), NEVER),
    )  # fmt: skip


def _names(rng: np.random.Generator, bought: NDArray[np.bool_]) -> Indices:
    draw = rng.random(len(bought))
    customer = np.searchsorted(np.cumsum(_CUSTOMER), draw, side="right")
    prospect = np.searchsorted(np.cumsum(_PROSPECT), draw, side="right")
    return np.minimum(np.where(bought, customer, prospect), MAIL_OPEN)


def _nameless(rng: np.random.Generator, companies: Companies) -> _Batch:
    """Visits whose company is known from its network, and no more than that."""
    rate = companies.activity / companies.activity.sum() * companies.count * (_PER_COMPANY * 0.07)
    company = np.repeat(np.arange(companies.count), rng.poisson(np.minimum(rate, 3_000)))
    nobody = np.full(len(company), NEVER)
    until = companies.active_until[company]
    day = _days(rng, companies, company, np.full(len(company), START), until)
    return _Batch(np.full(len(company), VISIT), nobody, company, nobody, day, nobody)


def _trials(rng: np.random.Generator, companies: Companies, roles: Roles) -> _Batch:
    """A look at the prices and a trial soon after: before most first contracts, and in vain."""
    since = companies.customer_since
    newly = (since >= START + 40) & (rng.random(len(since)) < 0.8)
    in_vain = (since < 0) & (rng.random(len(since)) < 0.4)
    company = np.flatnonzero(newly | in_vain)
    open_day = rng.integers(START + 30, END - 5, len(company))
    trial = np.where(newly[company], since[company] - rng.integers(2, 25, len(company)), open_day)
    look = np.maximum(trial - rng.integers(0, 12, len(company)), START)
    first, last = roles.active(companies)
    # The first known role of each company, where it could act on both days.
    role = np.full(companies.count, NEVER)
    role[roles.company[::-1]] = np.arange(len(roles.company))[::-1]
    who = role[company]
    could = (who >= 0) & (first[who] <= look) & (last[who] > trial)
    who = np.where(could, who, NEVER)
    nobody = np.full(len(company), NEVER)
    pricing = np.full(len(company), PAGES.index("/pricing"))
    return _Batch.joined([
        _Batch(np.full(len(company), VISIT), who, company, nobody, look, pricing),
        _Batch(np.full(len(company), TRIAL), who, company, nobody, trial, nobody),
    ])  # fmt: skip


def _days(
    rng: np.random.Generator, companies: Companies, company: Indices, first: Days, last: Days
) -> Days:
    day = np.zeros(len(company), np.int64)
    for calendar, mine in companies.calendar(company).items():
        day[mine] = draw_days(rng, first[mine], last[mine], calendar)
    return day


def _table(
    rng: np.random.Generator, batch: _Batch, second: Days,
    people: People, roles: Roles, companies: Companies,
) -> pa.Table:  # fmt: skip
    count = len(second)
    name = batch.name
    page = np.where(batch.page >= 0, batch.page, rng.choice(len(PAGES), count, p=_PAGE_SHARE))
    page = np.where((name == VISIT) & (rng.random(count) > 0.02), page, NEVER)
    page = np.where(batch.page >= 0, batch.page, page)
    # Everyone has a favourite feature, by the role's number, so that preferences can be found.
    liked = np.where(rng.random(count) < 0.55, batch.role % len(FEATURES),
                     rng.integers(0, len(FEATURES), count))  # fmt: skip
    feature = np.where((name == FEATURE) & (batch.role >= 0), liked, NEVER)
    minutes = np.round(rng.gamma(2.0, 18.0, count))
    timed = (name == WEBINAR) | ((name == LOGIN) & (rng.random(count) < 0.9))
    priority = rng.choice(3, count, p=[0.35, 0.5, 0.15])
    hour = (second + _ZONE) // 3600 - companies.ahead[np.maximum(batch.company, 0)]
    part = np.searchsorted(_PARTS_BEGIN, hour % 24, side="right") % len(PARTS_OF_DAY)
    # A few events name a role that the CRM has never heard of.
    stray = (batch.role >= 0) & (rng.random(count) < 0.0005)
    role_keys = np.append(roles.keys, "POS-900000")
    role = np.where(stray, len(roles.keys), batch.role)
    return pa.table({
        "event_id": pa.array(np.arange(1, count + 1)),
        "name": coded(name, EVENTS),
        "at": pa.array(second * 1_000_000, pa.timestamp("us", tz="UTC")),
        "role_id": coded(role, role_keys),
        "company_id": coded(batch.company, companies.keys),
        "person_id": coded(batch.person, people.keys),
        "page": coded(page, PAGES),
        "feature": coded(feature, FEATURES),
        "minutes": pa.array(minutes, mask=~timed),
        "priority": coded(np.where(name == SUPPORT, priority, NEVER), PRIORITIES),
        "part_of_day": coded(part, PARTS_OF_DAY),
    })  # fmt: skip
