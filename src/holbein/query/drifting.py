"""How the make-up of a group changed in one tag, and by what: other members, or other values.

Between then and now lies a state in between: those who left are exchanged for those who entered,
and those who stayed have their values of then. From then to there only the members changed, from
there to now only the values of the same members. Each step has its population stability index
(``catalog.profiles.psi``), of the twelve most frequent labels, the others, and missing; of numbers
and dates by the tenths of then. Dates that most of those who stayed have kept are taken as they
are; others, such as that of the last order, move with the as-of day, and are counted from it.

A small group's index is large by chance. Between two separate draws of n and m subjects it is about
(1/n + 1/m) times a chi-square of as many degrees of freedom as there are bins but one: Yurdakul and
Naranjo, Statistical Properties of the Population Stability Index, Journal of Risk Model Validation
14 (2020).
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.catalog.profiles import Profile, Spread, psi
from holbein.query.figures import EPOCH

STEADY, SHIFTED = 0.1, 0.25
"""Below the one nothing has happened, above the other the population has shifted: Siddiqi, Credit
Risk Scorecards (2006)."""
_LABELS = 12
_TENTHS = np.arange(1, 10) / 10
_OFTEN = 1.645
"""The normal quantile that chance exceeds once in twenty."""


@dataclass(frozen=True)
class Column:
    """A tag's values of all members at one time, which of these stayed, and the as-of day."""

    values: pa.ChunkedArray
    stayed: NDArray[np.bool_]
    day: dt.date


@dataclass(frozen=True)
class Drifted:
    """``psi`` from then to now; its two steps; what chance alone would reach once in twenty; and
    for how many of those who stayed the value is another one.
    """

    psi: float
    members: float
    values: float
    chance: float
    changed: int

    @property
    def level(self) -> str:
        """``steady``, ``moved`` or ``shifted``."""
        if self.psi < STEADY or self.psi <= self.chance:
            return "steady"
        return "moved" if self.psi <= SHIFTED else "shifted"


def drifted(then: Column, now: Column) -> Drifted:
    """How a tag changed. Those who stayed are in the same order in both."""
    type_ = then.values.type
    profile = _numbers if pa.types.is_floating(type_) or pa.types.is_date32(type_) else _labels
    before, between, after = profile(then, now)
    bins = _bins(before, after)
    return Drifted(
        psi(before, after),
        psi(before, between),
        psi(between, after),
        _chance(bins, before.subjects, after.subjects),
        _changed(then, now),
    )


def _chance(bins: int, then: int, now: int) -> float:
    """By the approximation of Wilson and Hilferty to the chi-square quantile."""
    free = bins - 1
    if free < 1 or not then or not now:
        return 0.0
    part = 2 / (9 * free)
    return free * (1 - part + _OFTEN * math.sqrt(part)) ** 3 * (1 / then + 1 / now)


def _bins(then: Profile, now: Profile) -> int:
    def of(one: Profile) -> list[int]:
        shown = one.spread.counts if one.spread is not None else (*one.labels.values(), one.others)
        return [one.subjects - one.known, *shown]

    return sum(any(pair) for pair in zip(of(then), of(now), strict=True))


def _changed(then: Column, now: Column) -> int:
    old, new = (one.values.filter(pa.array(one.stayed)).combine_chunks() for one in (then, now))
    if pa.types.is_list(old.type):
        return _changed_lists(old, new)
    differ = pc.fill_null(pc.not_equal(old, new), False)
    come_or_gone = pc.xor(pc.is_null(old), pc.is_null(new))
    return int(pc.sum(pc.or_(differ, come_or_gone), min_count=0).as_py())


def _changed_lists(old: pa.ListArray, new: pa.ListArray) -> int:
    lengths, others = (pc.fill_null(pc.list_value_length(one), -1).to_numpy() for one in (old, new))
    alike = pa.array(lengths == others)
    before, after = old.filter(alike), new.filter(alike)
    differ = pc.not_equal(pc.list_flatten(before), pc.list_flatten(after))
    changed = pc.list_parent_indices(before).filter(differ)
    return int((lengths != others).sum()) + len(pc.unique(changed))


def _labels(then: Column, now: Column) -> tuple[Profile, Profile, Profile]:
    kept, left = _counted(then, stayed=True), _counted(then, stayed=False)
    there, new = _counted(now, stayed=True), _counted(now, stayed=False)
    states = (kept, left), (kept, new), (there, new)
    often = Counter[str]()
    for state in (states[0], states[2]):
        for part in state:
            often.update(part.labels)
    named = [one for one, _ in sorted(often.items(), key=lambda o: (-o[1], o[0]))[:_LABELS]]
    before, between, after = (_together(parts, named) for parts in states)
    return before, between, after


@dataclass(frozen=True)
class _Counted:
    subjects: int
    known: int
    labels: Counter[str]


def _counted(one: Column, *, stayed: bool) -> _Counted:
    values = one.values.filter(pa.array(one.stayed if stayed else ~one.stayed))
    subjects = len(values)
    if pa.types.is_list(values.type):
        lengths = pc.fill_null(pc.list_value_length(values), 0)
        known = pc.sum(pc.greater(lengths, 0), min_count=0).as_py()
        values = pc.list_flatten(values)
    else:
        known = subjects - values.null_count
    found = pc.value_counts(values.drop_null().cast(pa.string()))
    labels = dict(zip(*(o.to_pylist() for o in found.flatten()), strict=True)) if len(found) else {}
    return _Counted(subjects, known, Counter(labels))


def _together(parts: Iterable[_Counted], named: list[str]) -> Profile:
    subjects = known = 0
    all_: Counter[str] = Counter()
    for one in parts:
        subjects, known = subjects + one.subjects, known + one.known
        all_.update(one.labels)
    labels = {one: all_[one] for one in named}
    return Profile(subjects, known, labels, all_.total() - sum(labels.values()), len(all_))


def _numbers(then: Column, now: Column) -> tuple[Profile, Profile, Profile]:
    moves = 2 * _changed(then, now) > then.stayed.sum()
    old, new = (_days(one, one.day if moves else EPOCH) for one in (then, now))
    known = old[np.isfinite(old)]
    if not len(known):
        known = new[np.isfinite(new)]
    edges = np.unique(np.quantile(known, _TENTHS)) if len(known) else np.empty(0)
    kept, left = old[then.stayed], old[~then.stayed]
    there, entered = new[now.stayed], new[~now.stayed]
    states = ((kept, left), (kept, entered), (there, entered))
    before, between, after = (_spread(np.concatenate(parts), edges) for parts in states)
    return before, between, after


def _days(one: Column, zero: dt.date) -> NDArray[np.float64]:
    """Numbers as they are, dates as days from ``zero`` on; missing is NaN."""
    if not pa.types.is_date32(one.values.type):
        return np.asarray(one.values.to_numpy(), np.float64)
    days = one.values.cast(pa.int32()).cast(pa.float64()).to_numpy()
    return np.asarray(days - (zero - EPOCH).days, np.float64)


def _spread(values: NDArray[np.float64], edges: NDArray[np.float64]) -> Profile:
    known = values[np.isfinite(values)]
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    spread = Spread(0.0, 0.0, 0.0, (), tuple(edges.tolist()), tuple(counts.tolist()))
    return Profile(len(values), len(known), spread=spread)
