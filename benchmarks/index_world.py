"""A seeded world of people, enterprises and roles with many tags, published as a version.

What is drawn depends on the seed, the column and the part, never on which other columns there are;
it is drawn and written some millions of subjects at a time. Values are spread at random over the
subjects, so that no way of storing them gains by runs of equal values.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from holbein.catalog import vocabulary_json
from holbein.conditions.instants import end_of
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Type, Vocabulary
from holbein.identity.groups import ancestors
from holbein.store import Build, Snapshot, Store, lookup

DAY = dt.date(2024, 12, 31)
AS_OF = end_of(DAY, ZoneInfo("UTC"))
PART = 4_000_000
"""So many people are drawn at a time."""
MANY = 20_000_000
"""With more people than these, only the ``LASTING`` columns are made."""

_LAST = (DAY - dt.date(1970, 1, 1)).days
_SLOTS = 1 << 16

Draw = Callable[[np.random.Generator, int], pa.Array]


@dataclass(frozen=True)
class Column:
    """An attribute or a tag: its type, the values of a category, and how it is drawn."""

    name: str
    type: Type
    draw: Draw
    values: tuple[str, ...] = ()
    is_tag: bool = True
    missing: float = 0.0
    """The share of those who have none."""
    whole: bool = False
    """Of a number, whether it is a small whole one."""


# --- how values are drawn -------------------------------------------------------------------------


def _spread(rng: np.random.Generator, count: int, shares: Sequence[float]) -> npt.NDArray[np.int16]:
    """The numbers of values that occur with these shares; the last for the rest."""
    ends = np.round(np.cumsum(shares) * _SLOTS).astype(np.int64).clip(0, _SLOTS)
    slots = np.searchsorted(ends, np.arange(_SLOTS), side="right").astype(np.int16)
    return slots[rng.integers(0, _SLOTS, count, dtype=np.uint16)]


def _without(rng: np.random.Generator, count: int, missing: float) -> npt.NDArray[np.bool_]:
    return rng.random(count, dtype=np.float32) < missing


def flag(name: str, share: float, missing: float = 0.0) -> Column:
    """True for a share of all."""

    def draw(rng: np.random.Generator, count: int) -> pa.Array:
        found = _spread(rng, count, (share, 1 - share - missing))
        return pa.array(found == 0, mask=found == 2)

    return Column(name, "boolean", draw, missing=missing)


def labels(
    name: str, values: int | str, lean: float = 1.0, missing: float = 0.05, *, is_tag: bool = True
) -> Column:
    """One of some values (named, or so many), of which the first are the most frequent."""
    named = _named(name, values)
    weights = np.arange(1, len(named) + 1) ** -lean
    shares = (1 - missing) * weights / weights.sum()

    def draw(rng: np.random.Generator, count: int) -> pa.Array:
        codes = _spread(rng, count, shares)
        return pa.array(named, pa.string()).take(pa.array(codes, mask=codes == len(named)))

    return Column(name, "category", draw, named, is_tag, missing)


def several(name: str, values: int, missing: float = 0.25) -> Column:
    """One to four labels at once."""
    named = _named(name, values)

    def draw(rng: np.random.Generator, count: int) -> pa.Array:
        sizes = 1 + _spread(rng, count, (0.4, 0.3, 0.2, 0.1))
        none = _without(rng, count, missing)
        sizes[none] = 0
        starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        first = np.repeat(rng.integers(0, values, count), sizes)
        nth = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
        # Of each subject no label twice: neighbours of the first, three apart.
        chosen = pa.array(named, pa.string()).take(pa.array((first + 3 * nth) % values))
        return pa.ListArray.from_arrays(
            pa.array(starts.astype(np.int32)), chosen, mask=pa.array(none)
        )

    return Column(name, "categories", draw, named, missing=missing)


def days(name: str, back: int, lean: float, missing: float = 0.0, *, is_tag: bool = True) -> Column:
    """A day at most ``back`` days ago; with a higher ``lean`` more of them lately."""

    def draw(rng: np.random.Generator, count: int) -> pa.Array:
        ago = (rng.random(count, dtype=np.float32) ** lean * back).astype(np.int32)
        none = _without(rng, count, missing)
        return pa.array(_LAST - ago, pa.int32(), mask=none).cast(pa.date32())

    return Column(name, "date", draw, is_tag=is_tag, missing=missing)


def small(
    name: str, mean: float, most: int, missing: float = 0.0, *, is_tag: bool = True
) -> Column:
    """A whole number from nought on, mostly small."""

    def draw(rng: np.random.Generator, count: int) -> pa.Array:
        found = np.floor(rng.standard_exponential(count, dtype=np.float32) * mean)
        found = found.clip(0, most).astype(np.float64)
        return pa.array(found, mask=_without(rng, count, missing))

    return Column(name, "number", draw, is_tag=is_tag, missing=missing, whole=True)


def money(name: str, middle: float, missing: float = 0.0) -> Column:
    """An amount with cents; few are large."""

    def draw(rng: np.random.Generator, count: int) -> pa.Array:
        cents = np.round(np.exp(rng.standard_normal(count, np.float32) * 1.3) * middle * 100)
        return pa.array(cents.astype(np.float64) / 100, mask=_without(rng, count, missing))

    return Column(name, "number", draw, missing=missing)


def _named(name: str, values: int | str) -> tuple[str, ...]:
    if isinstance(values, str):
        return tuple(values.split())
    return tuple(f"{name} {number:03d}" for number in range(1, values + 1))


# --- which columns there are ----------------------------------------------------------------------

PERSON = (
    flag("subscribed", 0.38),
    flag("app_user", 0.55, 0.05),
    flag("verified", 0.71),
    flag("attended", 0.06),
    flag("complained", 0.015),
    flag("vip", 0.004),
    flag("opted_out", 0.09, 0.2),
    flag("reachable", 0.83),
    labels("gender", "male female other", 0.8, 0.12),
    labels("value_tier", "none low middle high", 1.6, 0.0),
    labels("stage", "active quiet lost new returned", 0.9),
    labels("channel", "search referral fair partner mail social"),
    labels("device", "phone desktop tablet", 1.2, 0.15),
    labels("language", 5, 1.6),
    labels("segment", 10, 0.7),
    labels("membership", "basic silver gold platinum", 1.5, 0.3),
    labels("source", 8, 1.1),
    labels("churn", "low middle high", 0.9, 0.1),
    labels("education", 6, 0.6, 0.4),
    labels("job", 12, 0.7, 0.2),
    labels("favourite", 12, 0.9, 0.35),
    labels("payment", 5, 1.2, 0.3),
    labels("province", 34, 0.7, 0.03),
    labels("city", 300, 0.8, 0.04),
    labels("page", 40, 1.0, 0.25),
    labels("age_band", "18-24 25-34 35-44 45-54 55-64 65+", 0.5, 0.15),
    several("interests", 20),
    days("birth_date", 25_000, 1.0, 0.15),
    days("first_seen", 3_650, 1.3),
    days("last_login", 1_200, 2.5, 0.1),
    days("last_order", 1_500, 1.8, 0.4),
    small("orders_1y", 4.0, 200),
    small("logins_30d", 6.0, 120),
    small("tickets_90d", 0.7, 30),
    small("active_days_90d", 15.0, 90),
    small("score", 240.0, 1_000, 0.1),
    money("revenue_1y", 480.0, 0.2),
    money("revenue_all", 1_900.0, 0.05),
    money("basket", 75.0, 0.2),
    money("balance", 260.0, 0.5),
)
ENTERPRISE = (
    labels("industry", 20, 0.8, 0.02, is_tag=False),
    labels("region", 34, 0.7, 0.02, is_tag=False),
    labels("country", 8, 2.0, 0.0, is_tag=False),
    small("employees", 90.0, 5_000, 0.05, is_tag=False),
    days("founded", 15_000, 1.2, 0.1, is_tag=False),
    flag("listed", 0.03),
    labels("tier", "none low middle high", 1.2, 0.0),
    labels("phase", "lead trial customer former", 0.6),
    labels("risk", "low middle high", 1.3, 0.1),
    money("turnover", 20_000.0, 0.2),
    small("tickets", 2.0, 100),
    days("renewal", 700, 1.0, 0.3),
)
ROLE = (
    labels("title", "Buyer Engineer Manager Director Analyst Planner Owner Clerk CFO CTO CEO Chair",
           0.6, 0.1, is_tag=False),
    labels("buying_role", "uses influences decides buys pays blocks", 0.7, 0.4, is_tag=False),
    labels("department", 10, 0.6, 0.2, is_tag=False),
    labels("seniority", "junior middle senior executive board", 0.8, 0.1, is_tag=False),
    flag("active", 0.44),
    labels("engagement", "cold warm hot", 1.0, 0.1),
)  # fmt: skip
LASTING = """
subscribed attended gender value_tier stage channel province city birth_date last_login orders_1y
revenue_1y industry employees tier title buying_role active
"""


def columns(people: int) -> dict[SubjectKind, tuple[Column, ...]]:
    """The attributes and tags by kind, in a world of so many people."""
    whole: dict[SubjectKind, tuple[Column, ...]] = {
        "enterprise": ENTERPRISE,
        "person": PERSON,
        "role": ROLE,
    }
    if people <= MANY:
        return whole
    lasting = LASTING.split()
    return {kind: tuple(one for one in all_ if one.name in lasting) for kind, all_ in whole.items()}


def vocabulary(people: int) -> Vocabulary:
    """What can be asked of such a world."""
    fields: dict[SubjectKind, Mapping[str, FieldSpec]] = {
        kind: {one.name: FieldSpec(one.name, one.type, is_tag=one.is_tag) for one in all_}
        for kind, all_ in columns(people).items()
    }
    return Vocabulary(fields, {})


# --- the version ----------------------------------------------------------------------------------


def publish(
    folder: Path, people: int, index: Callable[[Build, Vocabulary], None], seed: int = 1
) -> Snapshot:
    """A workspace with one version of the world, to which ``index`` has added its own.

    Its tables have no lookups, by which single subjects are found: nothing here asks for one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "holbein.yaml").write_text("name: index\n", encoding="utf-8")
    known = vocabulary(people)
    with mock.patch.object(lookup, "KEYS", {}), Store(folder / "data").begin("w", AS_OF) as build:
        counts = _write_all(build, people, seed)
        index(build, known)
        return build.publish(vocabulary=vocabulary_json.dump(known), subjects=counts)


def _write_all(build: Build, people: int, seed: int) -> dict[str, int]:
    enterprises = max(people // 20, 2)
    counts = {"enterprise": enterprises, "person": people}
    for kind, count in (("enterprise", enterprises), ("person", people)):
        parts = _parts(kind, count, people, seed, lambda *_: {})
        _write(build, kind, parts)
    at = _Roles(people, enterprises, seed)
    _write(build, "role", _parts("role", people, people, seed, at.links))
    build.write("ancestor", _groups(enterprises, seed))
    return {**counts, "role": at.given}


Tables = tuple[pa.Table, pa.Table]
Links = Callable[[int, int], Mapping[str, pa.Array]]


def _write(build: Build, kind: SubjectKind, parts: Iterator[Tables]) -> None:
    """Attributes and tags, part by part."""
    written: tuple[list[pa.Table], ...] = ([], [])
    for number, tables in enumerate(parts):
        for name, table, refs in zip((kind, f"tags.{kind}"), tables, written, strict=True):
            refs.append(build.write_part(name, table, f"part {number}", ()))
    for name, refs in zip((kind, f"tags.{kind}"), written, strict=True):
        build.assemble(name, refs)


def _parts(kind: SubjectKind, count: int, people: int, seed: int, links: Links) -> Iterator[Tables]:
    """Attributes and tags of some millions of subjects after another."""
    last = 0
    for start in range(0, count, PART):
        linked = links(start, min(start + PART, count))
        size = len(linked["person"]) if linked else min(start + PART, count) - start
        ids = pa.array(np.arange(last + 1, last + size + 1))
        last += size
        never = pa.nulls(size, pa.timestamp("us"))
        attributes = {"id": ids, "valid_from": never, "valid_to": never, **linked}
        tags = {"id": ids}
        for one in columns(people)[kind]:
            drawn = one.draw(_rng(seed, f"{kind} {one.name}", start), size)
            (tags if one.is_tag else attributes)[one.name] = drawn
        yield pa.table(attributes), pa.table(tags)


def _rng(seed: int, what: str, start: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(what.encode()), start])


class _Roles:
    """Who acts where: each person somewhere, one in ten at a second, some at a third enterprise."""

    def __init__(self, people: int, enterprises: int, seed: int) -> None:
        self._enterprises = enterprises
        self._seed = seed
        self.given = 0

    def links(self, start: int, end: int) -> Mapping[str, pa.Array]:
        """The roles of some people; most are current, a few have not begun."""
        rng = _rng(self._seed, "links", start)
        own = np.arange(start + 1, end + 1)
        more = own[_without(rng, len(own), 0.1)]
        person = np.concatenate([own, more, more[_without(rng, len(more), 0.5)]])
        count = len(person)
        self.given += count
        # The square of a uniform number leans to the low ones: these are the large enterprises.
        enterprise = 1 + (rng.random(count) ** 2 * self._enterprises).astype(np.int64)
        since = _LAST - rng.integers(-20, 3_000, count)
        until = since + rng.integers(1, 6_000, count)
        ends = _without(rng, count, 0.25)
        return {
            "enterprise": pa.array(enterprise),
            "person": pa.array(person),
            "since": pa.array(since, pa.int32(), mask=_without(rng, count, 0.4)).cast(pa.date32()),
            "until": pa.array(until, pa.int32(), mask=~ends).cast(pa.date32()),
        }


def _groups(enterprises: int, seed: int) -> pa.Table:
    """A tenth of the enterprises belong to another one, which came before them."""
    rng = _rng(seed, "groups", 0)
    child = 2 + np.flatnonzero(_without(rng, enterprises - 1, 0.1))
    return ancestors(child, 1 + (rng.random(len(child)) * (child - 1)).astype(np.int64))
