"""What people do: logins, visits, trials, downloads, webinars, support; some of it nameless."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.demo.arrow import coded
from holbein.demo.companies import NEVER, Companies
from holbein.demo.people import Indices, People, Roles, Staff
from holbein.demo.rhythm import END, START, Days, draw_seconds
from holbein.demo.segments import FEATURES

EVENTS = (
    "login", "feature", "visit", "download", "webinar", "support", "mail_open", "trial",
)  # fmt: skip
_CUSTOMER = np.array([0.40, 0.20, 0.20, 0.05, 0.03, 0.05, 0.07, 0.0])
_PROSPECT = np.array([0.0, 0.0, 0.66, 0.12, 0.10, 0.0, 0.12, 0.0])
LOGIN, FEATURE, VISIT, DOWNLOAD, WEBINAR, SUPPORT, MAIL_OPEN, TRIAL = range(len(EVENTS))

PAGES = ("/home", "/product", "/pricing", "/docs", "/blog", "/security", "/careers", "/contact")
_PAGE_SHARE = (0.24, 0.22, 0.12, 0.18, 0.12, 0.04, 0.04, 0.04)
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
        names = [one.name for one in fields(_Batch)]
        return _Batch(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))

    def take(self, rows: Indices) -> _Batch:
        return _Batch(*(getattr(self, one.name)[rows] for one in fields(self)))


def make_events(
    rng: np.random.Generator, companies: Companies, people: People, roles: Roles,
    late: NDArray[np.bool_],
) -> Iterator[pa.Table]:  # fmt: skip
    """The events as tables, each sorted by time, of one part of the companies after another:
    event_id, name, at (UTC), role_id, company_id, person_id, page, feature, minutes, priority,
    part_of_day (where it happened). About 200 for each company. ``late`` are people who often work
    at night.
    """
    times, visits = _times(rng, companies, roles), _visits(rng, companies)
    trials = _trials(rng, companies, roles)
    staff = Staff.of(roles, companies)
    written = 0
    for begin, end, own in companies.blocks(rng):
        acting = staff.between(begin, end)
        tried = np.flatnonzero((trials.company >= begin) & (trials.company < end))
        batch = _Batch.joined([
            _by_roles(own, companies, roles, np.repeat(acting, times[acting])),
            _nameless(own, companies, np.repeat(np.arange(begin, end), visits[begin:end])),
            trials.take(tried),
        ])  # fmt: skip
        yield _dated(own, batch, companies, people, roles, late, written)
        written += len(batch.day)


def _dated(
    rng: np.random.Generator, batch: _Batch, companies: Companies, people: People, roles: Roles,
    late: NDArray[np.bool_], written: int,
) -> pa.Table:  # fmt: skip
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
    return _table(rng, batch.take(order), second[order], people, roles, companies, written)


def _times(rng: np.random.Generator, companies: Companies, roles: Roles) -> Indices:
    """How often each role does something."""
    first, last = roles.active(companies, np.arange(len(roles.company)))
    rate = companies.activity[roles.company] * roles.engagement * np.maximum(last - first, 0)
    rate = rate / max(rate.sum(), 1e-9) * companies.count * (_PER_COMPANY * 1.27)
    return np.asarray(rng.poisson(np.minimum(rate, 6_000)))


def _visits(rng: np.random.Generator, companies: Companies) -> Indices:
    """How often nobody that we know by name comes from each company."""
    rate = companies.activity / companies.activity.sum() * companies.count * (_PER_COMPANY * 0.07)
    return np.asarray(rng.poisson(np.minimum(rate, 3_000)))


def _by_roles(
    rng: np.random.Generator, companies: Companies, roles: Roles, role: Indices
) -> _Batch:
    company = roles.company[role]
    day = companies.days(rng, company, *roles.active(companies, role))
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


def _nameless(rng: np.random.Generator, companies: Companies, company: Indices) -> _Batch:
    """Visits whose company is known from its network, and no more than that."""
    nobody = np.full(len(company), NEVER)
    until = companies.active_until[company]
    day = companies.days(rng, company, np.full(len(company), START), until)
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
    # The first known role of each company, where it could act on both days.
    role = np.full(companies.count, NEVER)
    role[roles.company[::-1]] = np.arange(len(roles.company))[::-1]
    who = role[company]
    first, last = roles.active(companies, who)
    could = (who >= 0) & (first <= look) & (last > trial)
    who = np.where(could, who, NEVER)
    nobody = np.full(len(company), NEVER)
    pricing = np.full(len(company), PAGES.index("/pricing"))
    return _Batch.joined([
        _Batch(np.full(len(company), VISIT), who, company, nobody, look, pricing),
        _Batch(np.full(len(company), TRIAL), who, company, nobody, trial, nobody),
    ])  # fmt: skip


def _table(
    rng: np.random.Generator, batch: _Batch, second: Days,
    people: People, roles: Roles, companies: Companies, written: int,
) -> pa.Table:  # fmt: skip
    count = len(second)
    name = batch.name
    page = np.where(batch.page >= 0, batch.page, rng.choice(len(PAGES), count, p=_PAGE_SHARE))
    page = np.where((name == VISIT) & (rng.random(count) > 0.02), page, NEVER)
    page = np.where(batch.page >= 0, batch.page, page)
    # Everyone has a favourite feature, by the role's number, and every company one of its own.
    draw = rng.random(count)
    liked = np.where(draw < 0.3, batch.role % len(FEATURES), rng.integers(0, len(FEATURES), count))
    liked = np.where(draw > 0.5, companies.feature[np.maximum(batch.company, 0)], liked)
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
        "event_id": pa.array(np.arange(written + 1, written + count + 1)),
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
