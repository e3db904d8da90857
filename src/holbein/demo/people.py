"""The people inside the companies and their roles: some moved, some serve two companies."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from holbein.demo.companies import NEVER, Companies, Flags
from holbein.demo.names import Names, person_names
from holbein.demo.rhythm import END, START, Days

Indices = NDArray[np.int64]

DEPARTMENTS = (
    "management", "finance", "it", "operations", "marketing", "sales", "procurement", "hr",
)  # fmt: skip
_DEPARTMENT_SHARE = (0.12, 0.09, 0.27, 0.18, 0.13, 0.10, 0.07, 0.04)
SENIORITIES = ("c_level", "director", "manager", "staff")
BUYING_ROLES = ("decides", "influences", "uses", "buys", "pays", "blocks")

# By department, then seniority: the title in English and in Chinese.
_TITLES: dict[str, tuple[tuple[str, str], ...]] = {
    "management": (("CEO", "总经理"), ("Managing Director", "副总经理"),
                   ("Office Manager", "行政经理"), ("Assistant to the CEO", "总经理助理")),
    "finance": (("CFO", "首席财务官（CFO）"), ("Finance Director", "财务总监"),
                ("Finance Manager", "财务经理"), ("Accountant", "会计")),
    "it": (("CIO", "首席信息官（CIO）"), ("Head of IT", "信息中心主任"),
           ("IT Manager", "IT经理"), ("Systems Engineer", "系统工程师")),
    "operations": (("COO", "首席运营官（COO）"), ("Operations Director", "运营总监"),
                   ("Operations Manager", "运营经理"), ("Analyst", "数据分析师")),
    "marketing": (("CMO", "首席市场官（CMO）"), ("Marketing Director", "市场总监"),
                  ("Product Manager", "产品经理"), ("Marketing Specialist", "市场专员")),
    "sales": (("Chief Sales Officer", "销售副总裁"), ("Sales Director", "销售总监"),
              ("Sales Manager", "销售经理"), ("Account Executive", "客户代表")),
    "procurement": (("Chief Procurement Officer", "首席采购官"),
                    ("Procurement Director", "采购总监"), ("Purchasing Manager", "采购经理"),
                    ("Buyer", "采购专员")),
    "hr": (("CHRO", "首席人力资源官"), ("HR Director", "人力资源总监"),
           ("HR Manager", "人事经理"), ("Recruiter", "招聘专员")),
}  # fmt: skip
_TITLE_TABLE = np.array([[_TITLES[d][s] for s in range(4)] for d in DEPARTMENTS], object)


@dataclass(frozen=True)
class People:
    """One entry per person. ``home`` is the company whose place is theirs; -1 birth: not known."""

    keys: Names
    names: Names
    female: Flags
    gender_known: Flags
    birth: Days
    western: Flags
    home: Indices
    education: Indices  # 0 secondary, 1 college, 2 bachelor, 3 master, 4 doctor, -1 not known


@dataclass(frozen=True)
class Roles:
    """One entry per role; indices into People and Companies. Open bounds are -1."""

    person: Indices
    company: Indices
    since: Days
    until: Days
    department: Indices  # -1: not known
    seniority: Indices
    buying: Indices  # -1: not known
    titles: Names
    keys: Names
    engagement: NDArray[np.float64]

    def active(self, companies: Companies, role: Indices) -> tuple[Days, Days]:
        """The half-open days on which roles can act; empty where first >= second."""
        first = np.maximum(self.since[role], START)
        until = self.until[role]
        last = np.where(until == NEVER, END, np.minimum(until, END))
        return first, np.minimum(last, companies.active_until[self.company[role]])


@dataclass(frozen=True)
class Staff:
    """The roles in the order of their companies, and where those of each begin."""

    order: Indices
    counts: Indices
    offset: Indices

    @staticmethod
    def of(roles: Roles, companies: Companies) -> Staff:
        counts = np.bincount(roles.company, minlength=companies.count)
        offset = np.concatenate(([0], np.cumsum(counts)))
        return Staff(np.argsort(roles.company, kind="stable"), counts, offset)

    def between(self, begin: int, end: int) -> Indices:
        """The roles at the companies from ``begin`` up to ``end``."""
        return self.order[self.offset[begin] : self.offset[end]]


@dataclass(frozen=True)
class Moves:
    """What was planted: indices of people, and from where to where."""

    movers: Indices
    left: Indices
    joined: Indices
    days: Days
    two_companies: Indices


def make_people(rng: np.random.Generator, companies: Companies) -> tuple[People, Roles, Moves]:
    """About three people and four roles for each company; large companies have more."""
    count = max(1, companies.count * 3)
    home = _homes(rng, companies, count)
    western = np.where(rng.random(count) < 0.06, ~companies.western[home], companies.western[home])
    female = rng.random(count) < 0.44
    age = np.clip(rng.normal(39, 9, count), 22, 66)
    birth = (END - age * 365.25 - rng.integers(0, 365, count)).astype(np.int64)
    people = People(
        keys=np.array([f"CON-{i + 1:06}" for i in range(count)], object),
        names=person_names(rng, female, western),
        female=female,
        gender_known=rng.random(count) > 0.05,
        birth=np.where(rng.random(count) < 0.15, NEVER, birth),
        western=western,
        home=home,
        education=rng.choice(
            [NEVER, 0, 1, 2, 3, 4], count, p=[0.2, 0.04, 0.14, 0.42, 0.17, 0.03]
        ).astype(np.int64),
    )
    roles, moves = _roles(rng, companies, people)
    return people, roles, moves


def _homes(rng: np.random.Generator, companies: Companies, count: int) -> Indices:
    """The company of each person: nearly all companies have someone, large ones have many."""
    known = np.flatnonzero(rng.random(companies.count) > 0.05)[:count]
    weight = companies.employees**0.42
    more = rng.choice(companies.count, count - len(known), p=weight / weight.sum())
    return np.asarray(np.concatenate((known, more)).astype(np.int64))


def _roles(rng: np.random.Generator, companies: Companies, people: People) -> tuple[Roles, Moves]:
    count = len(people.home)
    fate = rng.choice(
        ["stays", "moves", "two", "rises", "leaves"], count, p=[0.60, 0.13, 0.08, 0.11, 0.08]
    )
    since = (END - 40 - rng.gamma(1.6, 800, count)).astype(np.int64)
    floor = START + 120
    turn = (np.maximum(since, floor) + 30).astype(np.int64)
    turn = turn + (np.maximum(END - 20 - turn, 1) * rng.random(count)).astype(np.int64)
    turn = np.maximum(turn, since + 1)
    ends = np.isin(fate, ("moves", "rises", "leaves"))
    until = np.where(ends, turn, NEVER)
    department = rng.choice(len(DEPARTMENTS), count, p=_DEPARTMENT_SHARE)
    seniority = rng.choice(4, count, p=[0.12, 0.2, 0.3, 0.38])

    again = np.flatnonzero(np.isin(fate, ("moves", "two", "rises")))
    moves, two, rises = (fate[again] == one for one in ("moves", "two", "rises"))
    joined = _other_company(rng, companies, people.home[again], two)
    joined = np.where(rises, people.home[again], joined)
    apart = joined != people.home[again]  # in a world of one company nobody can move
    keep = apart | rises
    again, joined = again[keep], joined[keep]
    moves, two, rises = moves[keep], two[keep], rises[keep]
    gap = np.where(moves, rng.integers(0, 45, len(again)), 0)
    second = np.where(two, (END - 20 - 900 * rng.random(len(again))).astype(np.int64), turn[again])
    second = np.minimum(second + gap, END - 1)
    person = np.concatenate((np.arange(count), again))
    company = np.concatenate((people.home, joined))
    all_since = np.concatenate((since, second))
    all_until = np.concatenate((until, np.full(len(again), NEVER)))
    unknown = rng.random(len(person)) < 0.03
    all_department = np.concatenate((department, department[again]))
    all_seniority = np.concatenate((seniority, np.maximum(seniority[again] - rises, 0)))
    titles = _TITLE_TABLE[all_department, all_seniority, (~companies.western[company]).astype(int)]
    # A role's number does not tell who holds it.
    order = rng.permutation(len(person))
    roles = Roles(
        person=person,
        company=company,
        since=np.where(unknown, NEVER, all_since),
        until=all_until,
        department=np.where(rng.random(len(person)) < 0.04, NEVER, all_department),
        seniority=all_seniority,
        buying=_buying(rng, all_department, all_seniority),
        titles=titles,
        keys=np.empty(len(person), object),
        engagement=rng.lognormal(0, 1.0, len(person)) * (rng.random(len(person)) > 0.13),
    )
    sorted_roles = _take(roles, order)
    sorted_roles.keys[:] = [f"POS-{i + 1:06}" for i in range(len(order))]
    who = again[moves]
    planted = Moves(who, people.home[who], joined[moves], second[moves], again[two])
    return sorted_roles, planted


def _take(roles: Roles, order: Indices) -> Roles:
    return Roles(**{one.name: getattr(roles, one.name)[order] for one in fields(roles)})


def _other_company(
    rng: np.random.Generator, companies: Companies, home: Indices, two: Flags
) -> Indices:
    """Another company: for half of those at two, one of the same group where there is one."""
    other = rng.integers(0, companies.count, len(home))
    other = np.where(other == home, (other + 1) % companies.count, other)
    in_group = two & (companies.root[home] != home) & (rng.random(len(home)) < 0.5)
    return np.where(in_group, companies.root[home], other)


def _buying(rng: np.random.Generator, department: Indices, seniority: Indices) -> Indices:
    """The part a role plays in buying: the higher decide, finance pays, procurement buys."""
    draw = rng.random(len(department))
    name = np.array([BUYING_ROLES.index(one) for one in ("uses", "influences", "decides")])
    by_rank = np.where(
        seniority == 0, name[2], np.where(seniority == 3, name[0], name[(draw < 0.55).astype(int)])
    )
    by_rank = np.where((seniority == 1) & (draw < 0.35), name[2], by_rank)
    finance = (department == DEPARTMENTS.index("finance")) & (seniority > 0)
    by_rank = np.where(finance, BUYING_ROLES.index("pays"), by_rank)
    buys = department == DEPARTMENTS.index("procurement")
    by_rank = np.where(buys, BUYING_ROLES.index("buys"), by_rank)
    by_rank = np.where(rng.random(len(draw)) < 0.03, BUYING_ROLES.index("blocks"), by_rank)
    return np.where(rng.random(len(draw)) < 0.22, NEVER, by_rank)
