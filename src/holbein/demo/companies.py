"""The vendor's customers and prospects: what they are, where, how large, and in which groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holbein.demo.names import DIVISIONS, Names, company_names
from holbein.demo.rhythm import END, START, Calendar, Days, draw_days
from holbein.demo.segments import SEGMENTS, draw_features, draw_ownership, draw_rivals
from holbein.refine.codes import code_list

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]

CHINA: tuple[tuple[str, float], ...] = (
    ("310115", 9), ("310104", 3), ("310112", 3), ("310106", 2), ("110108", 8), ("110105", 6),
    ("440300", 10), ("440100", 7), ("441900", 3), ("440600", 3), ("330100", 8), ("330200", 3),
    ("320500", 5), ("320100", 4), ("320200", 3), ("510100", 5), ("500112", 3), ("420100", 4),
    ("610100", 3), ("370200", 2), ("370100", 2), ("410100", 2), ("430100", 2), ("350200", 2),
    ("350100", 1), ("340100", 2), ("120116", 2), ("210100", 1), ("210200", 1), ("230100", 1),
    ("220100", 0.6), ("130100", 0.8), ("140100", 0.6), ("360100", 0.8), ("530100", 0.8),
    ("520100", 0.6), ("450100", 0.7), ("650100", 0.4), ("150100", 0.4), ("620100", 0.4),
    ("460100", 0.4), ("640100", 0.3), ("630100", 0.2), ("540100", 0.1), ("810000", 2),
    ("820000", 0.3), ("710000", 1),
)  # fmt: skip
WEST: tuple[tuple[str, float], ...] = (
    ("US", 10), ("GB", 7), ("DE", 7), ("FR", 4), ("NL", 3), ("SE", 2), ("ES", 2), ("IT", 2),
    ("CA", 2), ("AU", 2), ("CH", 2),
)  # fmt: skip
PLACES: tuple[str, ...] = tuple(code for code, _ in CHINA + WEST)
# By how many hours Shanghai's clock is ahead of theirs, roughly.
_AHEAD = {"US": 13, "CA": 13, "AU": -2, "GB": 8}

BLOCK = 10_000
"""Facts are made for so many companies at a time, so that memory does not grow with them."""
NEVER = -1
"""Where a day, a parent or another index is not there."""


@dataclass(frozen=True)
class Companies:
    """One entry per company in every array. Days as in ``rhythm``; -1 where there is none."""

    keys: Names
    names: Names
    segment: NDArray[np.int64]
    division: NDArray[np.int64]  # index into DIVISIONS
    place: NDArray[np.int64]  # index into PLACES
    western: Flags
    ahead: Days  # hours that Shanghai's clock is ahead
    employees: Numbers
    founded: Days
    parent: NDArray[np.int64]
    root: NDArray[np.int64]
    customer_since: Days
    active_until: Days  # the day they fell silent, END for the others
    dormant: Flags
    late: Flags
    activity: Numbers
    ownership: NDArray[np.int64]  # index into OWNERSHIPS
    rival: NDArray[np.int64]  # index into RIVALS; -1: none
    feature: NDArray[np.int64]  # index into FEATURES

    @property
    def count(self) -> int:
        return len(self.keys)

    def blocks(self, rng: np.random.Generator) -> Iterator[tuple[int, int, np.random.Generator]]:
        """The companies in parts, from and to, each with a stream of chance of its own."""
        begins = range(0, self.count, BLOCK)
        for begin, own in zip(begins, rng.spawn(len(begins)), strict=True):
            yield begin, min(begin + BLOCK, self.count), own

    def calendar(self, index: NDArray[np.int64]) -> dict[Calendar, Flags]:
        """Which of these companies keep which calendar; every one keeps one."""
        own = np.array([s.calendar == "retail" for s in SEGMENTS])[self.segment[index]]
        west = self.western[index] & ~own
        return {"retail": own, "west": west, "china": ~own & ~west}

    def days(
        self, rng: np.random.Generator, company: NDArray[np.int64], first: Days, last: Days
    ) -> Days:
        """One day in each [first, last) on which these companies do things, by their calendars."""
        day = np.zeros(len(company), np.int64)
        for calendar, mine in self.calendar(company).items():
            day[mine] = draw_days(rng, first[mine], last[mine], calendar)
        return day


def make_companies(rng: np.random.Generator, count: int) -> Companies:
    """``count`` companies: sizes of a long tail, groups among the large, some silent."""
    share = np.array([one.share for one in SEGMENTS])
    segment = rng.choice(len(SEGMENTS), count, p=share / share.sum())
    division, place = _trade_and_place(rng, segment)
    countries = np.array(["CN" if code.isdigit() else code for code in PLACES], object)[place]
    western = countries != "CN"
    size = np.array([one.size for one in SEGMENTS])[segment]
    # A lognormal body with a Pareto tail: most are small, a few are giants.
    tail = 1 + rng.pareto(1.15, count) * (rng.random(count) < 0.12)
    employees = np.clip(np.round(np.exp(rng.normal(size, 1.3)) * tail), 1, 180_000)
    parent, root = _groups(rng, employees)
    division = np.where((parent >= 0) & (rng.random(count) < 0.6), division[root], division)
    since, until, dormant = _life(rng, count)
    late_share = np.array([one.late for one in SEGMENTS])[segment]
    activity = np.array([one.activity for one in SEGMENTS])[segment]
    activity = activity * rng.lognormal(0, 0.7, count) * employees**0.18
    regions = code_list("regions")
    cities = [_city(regions.label(code, "zh"), code) for code in PLACES]
    founded_age = rng.gamma(2.2, 5.0, count) * 365
    young = segment == 1
    founded_age = np.where(young, rng.gamma(2.0, 2.2, count) * 365, founded_age) + 400
    return Companies(
        keys=np.array([f"ACC-{i + 1:06}" for i in range(count)], object),
        names=company_names(
            rng, [DIVISIONS[k] for k in division], list(countries), [cities[k] for k in place], root
        ),
        segment=segment,
        division=division,
        place=place,
        western=western,
        ahead=np.array([_AHEAD.get(c, 0 if c == "CN" else 7) for c in countries], np.int64),
        employees=employees,
        founded=(np.where(since >= 0, np.minimum(since, END), END) - founded_age).astype(np.int64),
        parent=parent,
        root=root,
        customer_since=since,
        active_until=until,
        dormant=dormant,
        late=rng.random(count) < late_share,
        activity=activity,
        ownership=draw_ownership(rng, segment, western),
        rival=draw_rivals(rng, segment),
        feature=draw_features(rng, segment),
    )


def _trade_and_place(
    rng: np.random.Generator, segment: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    count = len(segment)
    division = np.zeros(count, np.int64)
    place = np.zeros(count, np.int64)
    china = np.array([w for _, w in CHINA] + [0.0] * len(WEST))
    anywhere = china / china.sum() * 0.66
    west = np.array([0.0] * len(CHINA) + [w for _, w in WEST])
    anywhere = anywhere + west / west.sum() * 0.34
    for k, one in enumerate(SEGMENTS):
        mine = np.flatnonzero(segment == k)
        trades = np.array([DIVISIONS.index(d) for d in one.divisions])
        division[mine] = trades[rng.integers(0, len(trades), len(mine))]
        weight = anywhere
        if one.places:
            chosen = np.isin(PLACES, one.places)
            weight = np.where(chosen, anywhere, 0) / anywhere[chosen].sum() * 0.9 + anywhere * 0.1
        place[mine] = rng.choice(len(PLACES), len(mine), p=weight / weight.sum())
    return division, place


def _groups(
    rng: np.random.Generator, employees: Numbers
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Parents and roots. Heads are among the largest; some subsidiaries have their own."""
    count = len(employees)
    parent = np.full(count, NEVER)
    root = np.arange(count)
    heads = np.argsort(-employees, kind="stable")[: max(1, count // 40)]
    rest = np.setdiff1d(np.arange(count), heads)
    members = rng.permutation(rest)[: count // 8]
    if len(members) == 0:
        return parent, root
    weight = 1 / np.arange(1, len(heads) + 1) ** 0.7
    root[members] = heads[rng.choice(len(heads), len(members), p=weight / weight.sum())]
    parent[members] = root[members]
    # A third hang below a member that came earlier in the same group, so trees get deep.
    order = members[np.argsort(root[members], kind="stable")]
    same = root[order[1:]] == root[order[:-1]]
    deeper = same & (rng.random(len(same)) < 0.34)
    parent[order[1:][deeper]] = order[:-1][deeper]
    return parent, root


def _life(rng: np.random.Generator, count: int) -> tuple[Days, Days, Flags]:
    """Since when they are customers (-1: not yet), until when they were active, who fell silent."""
    span = 7 * 365
    since = (END - 30 - span + span * rng.random(count) ** 0.62).astype(np.int64)
    since = np.where(rng.random(count) < 0.2, NEVER, since)
    could = (since >= 0) & (since < END - 420)
    dormant = could & (rng.random(count) < 0.14)
    first = np.maximum(since + 90, START + 200)
    stop = first + ((END - 150 - first) * rng.random(count)).astype(np.int64)
    return since, np.where(dormant, stop, END), dormant


def _city(label: str, code: str) -> str:
    """The short Chinese name under which companies of a place register: 上海, 杭州."""
    if not code.isdigit():
        return ""
    if code[:2] in ("11", "12", "31", "50"):
        label = code_list("regions").label(code[:2] + "0000", "zh")
    for unit in ("特别行政区", "省", "市"):
        label = label.removesuffix(unit)
    return label
