"""What people told of themselves: height, school, family, income, home, taste, and their hours.

Drawn jointly, as lives are: the older are married and have children and a mortgage, schooling and
rank raise the salary, and what people like goes with age and gender. Not everyone told everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.demo.arrow import coded
from holbein.demo.companies import NEVER, PLACES, Companies, Flags, Numbers
from holbein.demo.people import Indices, People, Roles
from holbein.demo.rhythm import END

SCHOOLS = ("985", "211", "double_first_class", "ordinary", "leading", "university")
"""Four tiers of Chinese universities, the highest that applies, and two of others."""
MARRIAGES = ("unmarried", "married", "divorced")

# By place: where people there live, or say they do.
DISTRICTS: dict[str, tuple[str, ...]] = {
    "110105": ("Wangjing", "Guomao", "Sanlitun"),
    "110108": ("Zhongguancun", "Wudaokou", "Shangdi"),
    "310115": ("Lujiazui", "Zhangjiang", "Jinqiao"),
    "310104": ("Xujiahui", "Caohejing"),
    "310112": ("Xinzhuang", "Qibao"),
    "310106": ("Jing'an Temple", "Daning"),
    "440300": ("Nanshan", "Futian", "Longhua"),
    "440100": ("Tianhe", "Haizhu", "Panyu"),
    "441900": ("Songshan Lake", "Nancheng"),
    "440600": ("Chancheng", "Qiandeng Lake"),
    "330100": ("Binjiang", "Xihu", "Qianjiang New City"),
    "330200": ("Yinzhou", "Haishu"),
    "320500": ("Suzhou Industrial Park", "Gusu"),
    "320100": ("Jianye", "Xianlin"),
    "320200": ("Liangxi", "Taihu New City"),
    "510100": ("Tianfu New Area", "Chunxi Road"),
    "500112": ("Zhaomushan", "Lijia"),
    "420100": ("Optics Valley", "Hankou"),
    "610100": ("Qujiang", "Xiaozhai"),
    "370200": ("Shinan", "Laoshan"),
    "410100": ("Zhengdong New District",),
    "430100": ("Yuelu", "Wuyi Square"),
    "350200": ("Siming", "Huli"),
    "810000": ("Central", "Kwun Tong"),
    "GB": ("Camden", "Canary Wharf"),
    "US": ("Brooklyn", "Back Bay"),
    "DE": ("Kreuzberg", "Schwabing"),
    "FR": ("La Défense",),
    "NL": ("Zuidas",),
    "SE": ("Södermalm",),
}

INTERESTS: tuple[tuple[str, float, float, float], ...] = (
    # Share, and how much more so for women and with each ten years of age (logarithms).
    ("reading", 1.0, 0.2, 0.1), ("films", 0.9, 0.1, -0.2), ("music", 0.9, 0.0, -0.2),
    ("travel", 1.1, 0.3, 0.0), ("cooking", 0.7, 0.4, 0.2), ("running", 0.8, -0.2, 0.0),
    ("fitness", 0.8, 0.0, -0.3), ("hiking", 0.6, 0.0, 0.2), ("football", 0.5, -1.3, -0.1),
    ("basketball", 0.5, -1.3, -0.4), ("gaming", 0.8, -0.8, -0.7), ("photography", 0.6, -0.2, 0.1),
    ("yoga", 0.5, 1.5, 0.0), ("tea", 0.5, -0.2, 0.6), ("investing", 0.6, -0.4, 0.4),
    ("gardening", 0.3, 0.4, 0.6),
)  # fmt: skip
BRANDS: tuple[tuple[str, float, float, float, float], ...] = (
    # Share; for women, with each ten years, and with the salary.
    ("Starbucks", 1.2, 0.3, -0.2, 0.3), ("Luckin", 1.0, 0.1, -0.5, -0.2),
    ("Nike", 0.9, -0.2, -0.2, 0.1), ("Adidas", 0.7, -0.1, -0.2, 0.0),
    ("Li-Ning", 0.7, -0.1, -0.1, -0.2), ("Uniqlo", 0.9, 0.3, -0.1, -0.1),
    ("Apple", 1.2, 0.1, -0.1, 0.5), ("Huawei", 1.1, -0.3, 0.3, 0.1),
    ("Xiaomi", 0.8, -0.5, -0.2, -0.3), ("IKEA", 0.7, 0.4, 0.0, 0.0),
    ("Lego", 0.4, -0.2, 0.1, 0.3), ("Tesla", 0.4, -0.4, 0.0, 0.8),
)  # fmt: skip
_MARKS = ("; ", ";", "、", "|", ", ")
"""How several answers are parted: as people type."""


@dataclass(frozen=True)
class Lives:
    """One entry per person; ``told`` says what of it stands in the file, column by column."""

    height: Indices
    school: Indices  # -1: no university
    marriage: Indices
    children: Indices
    district: Indices  # -1: none that is known by name
    salary: Indices  # a month, in CNY
    mortgage: Flags
    interests: Flags  # people by INTERESTS
    brands: Flags  # people by BRANDS
    late: Flags  # works into the night


_NAMED: tuple[str, ...] = tuple(name for names in DISTRICTS.values() for name in names)


def make_lives(
    rng: np.random.Generator, companies: Companies, people: People, roles: Roles
) -> Lives:
    """A life for everyone, told or not."""
    count = len(people.home)
    age = np.where(people.birth == NEVER, rng.normal(39, 9, count), (END - people.birth) / 365.25)
    decades = (np.clip(age, 22, 66) - 38) / 10
    women, west = people.female, people.western
    tall = np.where(women, 160.5, 172.5) + np.where(west, 5.5, 0.0) - 1.2 * decades
    degree = np.where(people.education == NEVER, 2, people.education)
    school = _schools(rng, degree, west)
    salary = _salaries(rng, companies, people, roles, degree, school, decades)
    wed = rng.random(count) < 1 / (1 + np.exp(-(age - 30.5) / 2.6))
    parted = wed & (rng.random(count) < 0.025 + 0.03 * np.maximum(decades, 0))
    fertile = np.clip((age - 27) / 8, 0, 1) * np.where(west, 1.6, 1.25)
    children = np.where(wed, np.minimum(rng.poisson(fertile), 4), 0)
    pays = 0.9 * wed + 0.6 * (children > 0) + 0.9 * np.log(salary / 15_000) - 0.9 * decades**2
    rich = np.log(salary / 15_000)
    return Lives(
        height=np.round(rng.normal(tall, np.where(women, 5.3, 6.0))).astype(np.int64),
        school=school,
        marriage=np.where(parted, 2, wed.astype(np.int64)),
        children=children,
        district=_districts(rng, companies.place[people.home]),
        salary=salary,
        mortgage=rng.random(count) < 1 / (1 + np.exp(0.6 - pays)),
        interests=_likes(rng, [one[1:] for one in INTERESTS], women, decades, rich),
        brands=_likes(rng, [one[1:] for one in BRANDS], women, decades, rich),
        late=rng.random(count) < np.where(decades < 0, 0.16, 0.07),
    )


def _schools(rng: np.random.Generator, degree: Indices, west: Flags) -> Indices:
    """By the highest degree: of masters and doctors more come from the known universities."""
    draw = rng.random(len(degree))
    chinese = np.array([[0.05, 0.14, 0.20], [0.16, 0.36, 0.44], [0.34, 0.62, 0.72]])
    steps = chinese[np.clip(degree - 2, 0, 2)]
    tier = (draw[:, np.newaxis] > steps).sum(axis=1)
    leading = draw < np.array([0.1, 0.3, 0.5])[np.clip(degree - 2, 0, 2)]
    return np.where(degree < 2, NEVER, np.where(west, np.where(leading, 4, 5), tier))


def _salaries(
    rng: np.random.Generator, companies: Companies, people: People, roles: Roles,
    degree: Indices, school: Indices, decades: Numbers,
) -> Indices:  # fmt: skip
    """A month's pay: by degree, school, rank, age and the size of the company."""
    rank = np.full(len(degree), 3)
    np.minimum.at(rank, roles.person, roles.seniority)
    log = np.log(9_500) + np.array([-0.35, -0.15, 0.1, 0.3, 0.5])[degree]
    log = log + np.isin(school, (0, 1, 4)) * 0.18 + np.array([1.15, 0.7, 0.35, 0.0])[rank]
    log = log + 0.18 * np.minimum(decades, 1) + 0.04 * np.log(companies.employees[people.home])
    log = log + np.where(people.western, 0.75, 0.0) + rng.normal(0, 0.26, len(degree))
    return np.asarray(np.round(np.exp(log) / 100).astype(np.int64) * 100)


def _districts(rng: np.random.Generator, place: Indices) -> Indices:
    first, many, begun = [], [], 0
    for code in PLACES:
        many.append(len(DISTRICTS.get(code, ())))
        first.append(begun)
        begun += many[-1]
    known = np.array(many)[place]
    chosen = np.array(first)[place] + (rng.random(len(place)) * known).astype(np.int64)
    # In the order of DISTRICTS by PLACES, which is not the order in which they are written.
    order = np.array([_NAMED.index(n) for code in PLACES for n in DISTRICTS.get(code, ())])
    return np.where(known > 0, order[np.minimum(chosen, len(order) - 1)], NEVER)


def _likes(
    rng: np.random.Generator, taste: list[tuple[float, ...]],
    women: Flags, decades: Numbers, rich: Numbers,
) -> Flags:  # fmt: skip
    """One to three of each, more often what goes with the person."""
    out = np.zeros((len(women), len(taste)), bool)
    most = rng.choice([1, 2, 3], len(women), p=[0.4, 0.4, 0.2])
    for begin in range(0, len(women), 1 << 17):
        part = slice(begin, begin + (1 << 17))
        score = np.stack([
            np.log(share) + her * women[part] + older * decades[part]
            + (more[0] * rich[part] if more else 0.0)
            for share, her, older, *more in taste
        ], axis=1)  # fmt: skip
        # The largest after adding Gumbel noise are a draw without replacement by weight.
        score = score - np.log(-np.log(rng.random(score.shape)))
        rank = (-score).argsort(axis=1).argsort(axis=1)
        out[part] = rank < most[part, np.newaxis]
    return out


def profiles(rng: np.random.Generator, people: People, lives: Lives) -> pa.Table:
    """What was told, as one table: person_id, school_tier, marital_status, children, district,
    height, monthly_salary, mortgage, interests, favourite_brands. A sixth told nothing.
    """
    told = np.flatnonzero(rng.random(len(people.home)) < 0.84)

    def gone(share: float) -> NDArray[np.bool_]:
        return rng.random(len(told)) < share

    def column(values: NDArray[np.generic], share: float) -> pa.Array:
        return pa.array(values[told], mask=gone(share))

    def label(index: Indices, labels: tuple[str, ...], share: float) -> pa.Array:
        return coded(np.where(gone(share), NEVER, index[told]), labels)

    return pa.table({
        "person_id": pa.array(people.keys[told], pa.string()),
        "school_tier": label(lives.school, SCHOOLS, 0.12),
        "marital_status": label(lives.marriage, MARRIAGES, 0.15),
        "children": column(lives.children, 0.25),
        "district": label(lives.district, _NAMED, 0.2),
        "height": column(lives.height, 0.3),
        "monthly_salary": column(lives.salary, 0.35),
        "mortgage": column(lives.mortgage, 0.3),
        "interests": _typed(rng, lives.interests[told], [one[0] for one in INTERESTS], gone(0.2)),
        "favourite_brands": _typed(rng, lives.brands[told], [one[0] for one in BRANDS], gone(0.25)),
    })  # fmt: skip


def _typed(
    rng: np.random.Generator, likes: Flags, labels: list[str], gone: NDArray[np.bool_]
) -> pa.Array:
    """Several answers in one text, parted in one way or another."""
    mark = rng.integers(0, len(_MARKS), len(likes))
    code = likes @ (1 << np.arange(len(labels)))
    _, first, where = np.unique(code * len(_MARKS) + mark, return_index=True, return_inverse=True)
    texts = [_MARKS[mark[i]].join(labels[k] for k in np.flatnonzero(likes[i])) for i in first]
    return coded(np.where(gone, NEVER, where), texts).dictionary_decode()
