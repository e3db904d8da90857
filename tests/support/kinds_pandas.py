"""The kinds of tags in pandas and plain Python, written from docs/semantics.md: a second opinion.

Facts are frames with the columns ``day``, ``at`` and ``key``, all of them before as-of; amounts are
whole numbers of ten-thousandths, so that their sums are exact. Slow, and meant to be read.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

TEN_THOUSANDTHS = 10_000

Values = dict[str, Any]
"""By the subject's key; who has no value is not in it."""


def lately(facts: pd.DataFrame, day: pd.Timestamp, **length: int) -> pd.DataFrame:
    """The facts of the window that ends on ``day``: ``days=90``, ``years=1``."""
    return facts[(facts["day"] > day - pd.DateOffset(**length)) & (facts["day"] <= day)]


# --- rankings -------------------------------------------------------------------------------------


def _peers(values: Mapping[str, Any], labels: pd.DataFrame | None) -> dict[str, list[str]]:
    """Those with a value and the same labels, themselves included."""
    known = [key for key, value in values.items() if not pd.isna(value)]
    if labels is None:
        return dict.fromkeys(known, known)
    rows = {key: tuple(labels.loc[key]) for key in known if not labels.loc[key].isna().any()}
    return {key: [other for other in rows if rows[other] == rows[key]] for key in rows}


def percentiles(values: Mapping[str, Any], labels: pd.DataFrame | None = None) -> Values:
    """100 × (peers with a smaller value + half of those with the same) / peers."""
    out = {}
    for key, peers in _peers(values, labels).items():
        below = sum(values[one] < values[key] for one in peers)
        same = sum(values[one] == values[key] for one in peers)
        out[key] = 100 * (below + same / 2) / len(peers)
    return out


def ranks(
    values: Mapping[str, Any],
    ids: Mapping[str, int],
    labels: pd.DataFrame | None = None,
    *,
    highest: bool = True,
) -> Values:
    """Places among the peers, from 1; ties by id."""
    out = {}
    for key, peers in _peers(values, labels).items():
        by_id = sorted(peers, key=ids.__getitem__)
        in_order = sorted(by_id, key=lambda one: values[one], reverse=highest)
        if highest:  # what sorts in reverse keeps the order of equal ones
            assert in_order == sorted(by_id, key=lambda one: -values[one])
        out[key] = in_order.index(key) + 1
    return out


# --- rfm ------------------------------------------------------------------------------------------

# Rows: recency 5 to 1; columns: the mean of the other two, 1 to 5.
SEGMENTS = {
    5: ["new", "potential_loyalist", "potential_loyalist", "champions", "champions"],
    4: ["promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"],
    3: ["about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"],
    2: ["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"],
    1: ["lost", "lost", "at_risk", "at_risk", "cannot_lose"],
}


def scores(
    facts: pd.DataFrame, who: str, day: pd.Timestamp, amount: str | None = None, bins: int = 5
) -> dict[str, tuple[int, int, int]]:
    """Recency, frequency and monetary score of everyone with a fact."""
    groups = facts.dropna(subset=[who]).groupby(who)
    recency = {key: (day - last).days for key, last in groups["day"].max().items()}
    frequency = groups.size().to_dict()
    monetary = groups[amount].sum().to_dict() if amount else frequency

    def score(worse: int) -> int:
        return 1 + bins * worse // len(recency)

    return {
        str(key): (
            score(sum(other > recency[key] for other in recency.values())),
            score(sum(other < frequency[key] for other in frequency.values())),
            score(sum(other < monetary[key] for other in monetary.values())),
        )
        for key in recency
    }


def segment(score: tuple[int, int, int]) -> str:
    """The name of a cell; the mean of the last two with a half rounded up."""
    recency, frequency, monetary = score
    return SEGMENTS[recency][math.floor((frequency + monetary) / 2 + 0.5) - 1]


def digits(score: Iterable[int]) -> str:
    return "".join(map(str, score))


# --- life cycle -----------------------------------------------------------------------------------


def stages(
    facts: pd.DataFrame, who: str, day: pd.Timestamp, amount: str | None = None, **period: int
) -> Values:
    """The stage of everyone who ever had a fact. ``period`` is such as ``days=90``."""

    def ago(periods: int) -> pd.Timestamp:
        return day - pd.DateOffset(**{unit: n * periods for unit, n in period.items()})

    return {
        str(key): found
        for key, own in facts.dropna(subset=[who]).groupby(who)
        if (found := _stage(own, [ago(n) for n in range(6)], amount))
    }


def _stage(own: pd.DataFrame, ends: Sequence[pd.Timestamp], amount: str | None) -> str | None:
    days = own["day"]
    # in_period[0] is the last one.
    in_period = [own[(days > ends[n + 1]) & (days <= ends[n])] for n in range(4)]
    now, then = (_volume(in_period[n], amount) for n in (0, 1))
    there = [len(one) > 0 for one in in_period]
    before = days <= ends[1]
    if not any(there):
        return "lost"
    if not there[0]:
        return "dormant"
    if not before.any():
        return "new"
    if not ((days > ends[3]) & before).any():
        return "won_back"
    if now < 0.7 * then:
        return "declining"
    if then > 0 and now > 1.3 * then:
        return "growing"
    return "loyal" if all(there) else "active"


def _volume(facts: pd.DataFrame, amount: str | None) -> float:
    return len(facts) if amount is None else facts[amount].sum() / TEN_THOUSANDTHS


# --- preference -----------------------------------------------------------------------------------


def preferred(
    facts: pd.DataFrame,
    who: str,
    by: str,
    day: pd.Timestamp,
    *,
    top: int,
    weight: str | None = None,
    half_life: float | None = None,
) -> dict[str, list[str]]:
    """The labels that weigh most, each fact weighing 1 or its weight, less with its age."""
    totals: dict[str, Counter[str]] = {}
    needed = [who, by] if weight is None else [who, by, weight]
    for fact in facts.dropna(subset=needed).to_dict("records"):
        weighs = 1.0 if weight is None else fact[weight] / TEN_THOUSANDTHS
        if half_life is not None:
            weighs *= 0.5 ** ((day - fact["day"]).days / half_life)
        totals.setdefault(fact[who], Counter())[fact[by]] += weighs  # type: ignore[assignment]
    out = {}
    for key, labels in totals.items():
        best = sorted(labels, key=lambda one: (-labels[one], one))
        if kept := [one for one in best if labels[one] > 0][:top]:
            out[key] = kept
    return out


def firsts(lists: Mapping[str, list[str]]) -> Values:
    """The best of each, where only one is kept."""
    return {key: labels[0] for key, labels in lists.items()}


# --- roll-ups -------------------------------------------------------------------------------------


def commonest(labels: Iterable[Any]) -> Any:
    """The most frequent label, ties by the label; None where there is none."""
    counts = Counter(one for one in labels if not pd.isna(one))
    return min(counts, key=lambda one: (-counts[one], one), default=None)


def first_of(order: Sequence[str], labels: Iterable[Any]) -> str | None:
    """The first label of ``order`` that anyone has."""
    held = set(labels)
    return next((one for one in order if one in held), None)
