"""Who resembles a seed: an additive model over tags, each of which says what it adds.

Seed and rest are told apart by boosting (LogitBoost after Friedman, Hastie and Tibshirani, Additive
Logistic Regression, Annals of Statistics 28, 2000): step by step the tag that explains most of what
is still unexplained adds a weight to each of its values, in log odds, shrunken where few subjects
have the value. So tags that say the same share what they weigh. Only tags by which the seed itself
differs from the rest by more than chance take part.

Among the rest there are members that are merely not in the seed. So those found count as members in
the next round (self-training after Nigam and others, Machine Learning 39, 2000).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holbein.query.comparing import FALSE, adjusted, difference_p

STEPS, RATE, SHRINKAGE = 80, 0.3, 10.0
"""Of the boosting: how many steps, the share of each that is taken, and so many subjects' worth of
doubt in each weight."""
ROUNDS = 3
"""So often those found count as members."""
LIMIT = 4.0
"""No step is larger, in log odds."""
MOST = 40_000
"""The weights are learnt on so many subjects, drawn by chance, where there are more."""

Flags = NDArray[np.bool_]


Codes = NDArray[Any]
Rows = NDArray[np.int64] | slice
Coding = Callable[[Rows], Codes]
_ALL = slice(None)


@dataclass(frozen=True)
class Feature:
    """A tag, or one label of a tag of several. ``codes``: the places in ``values`` of the values
    that the subjects in some rows have."""

    name: str
    label: str | None
    values: tuple[object, ...]
    codes: Coding


@dataclass(frozen=True)
class Resemblance:
    """``scores``: the sum of each subject's weights, which can be compared within one search.
    ``weights``: what each value adds, by feature.
    """

    scores: NDArray[np.float64]
    weights: dict[int, NDArray[np.float64]]


def resemblance(features: Sequence[Feature], seed: Flags, size: int) -> Resemblance:
    """How much all subjects resemble the seed, of whom ``size`` beside it are to be found.

    Without a feature by which the seed differs from the rest, ``weights`` is empty.
    """
    drawn = _drawn(seed)
    some = [one.codes(drawn).astype(np.int64) for one in features]
    lengths = [len(one.values) for one in features]
    mine = seed[drawn]
    wanted = max(1, round(size * (~mine).sum() / (~seed).sum()))
    members = mine
    weights: dict[int, NDArray[np.float64]] = {}
    chosen = _distinctive(some, lengths, mine)
    for _ in range(ROUNDS + 1):
        weights = _boosted(some, lengths, chosen, members)
        # Where most of the rest would count there is nothing left to learn.
        if not weights or 2 * wanted > (~mine).sum():
            break
        scores = np.where(mine, -np.inf, _scored(some.__getitem__, weights, len(drawn)))
        members = mine.copy()
        members[np.argsort(-scores, kind="stable")[:wanted]] = True
    scores = _scored(lambda place: features[place].codes(_ALL), weights, len(seed))
    return Resemblance(scores, weights)


def _drawn(seed: Flags) -> NDArray[np.int64]:
    """The subjects on which the weights are learnt, the same each time: of the seed as many as may
    be, for they are few."""
    if len(seed) <= MOST:
        return np.arange(len(seed))
    draw = np.random.default_rng(0)
    mine, rest = np.flatnonzero(seed), np.flatnonzero(~seed)
    mine = draw.permutation(mine)[: MOST // 2]
    return np.sort(np.concatenate([mine, draw.permutation(rest)[: MOST - len(mine)]]))


def _distinctive(codes: Sequence[Codes], lengths: Sequence[int], members: Flags) -> list[int]:
    """The features that tell members from the rest by more than chance, all tests corrected."""
    size, rest = int(members.sum()), int((~members).sum())
    p_values = []
    for mine, length in zip(codes, lengths, strict=True):
        inside = np.bincount(mine[members], minlength=length)
        outside = np.bincount(mine[~members], minlength=length)
        found = (
            difference_p(int(a), size, int(b), rest) for a, b in zip(inside, outside, strict=True)
        )
        least = min((one for one in found if one is not None), default=1.0)
        p_values.append(min(1.0, least * length))
    return [place for place, q in enumerate(adjusted(p_values)) if q < FALSE]


def _boosted(
    codes: Sequence[Codes],
    lengths: Sequence[int],
    chosen: Sequence[int],
    members: Flags,
) -> dict[int, NDArray[np.float64]]:
    share = members.mean()
    if not chosen or not 0 < share < 1:
        return {}
    odds = np.full(len(members), np.log(share / (1 - share)))
    weights: dict[int, NDArray[np.float64]] = {}
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-odds))
        left, doubt = members - likely, likely * (1 - likely)
        best, place, step = -1.0, -1, np.empty(0)
        for one in chosen:
            total = np.bincount(codes[one], weights=left, minlength=lengths[one])
            worth = np.bincount(codes[one], weights=doubt, minlength=lengths[one]) + SHRINKAGE
            gain = float((total * total / worth).sum())
            if gain > best:
                best, place, step = gain, one, total / worth
        taken = RATE * np.clip(step, -LIMIT, LIMIT)
        weights[place] = weights.get(place, 0.0) + taken
        odds += taken[codes[place]]
    return weights


def _scored(
    codes: Callable[[int], Codes], weights: dict[int, NDArray[np.float64]], count: int
) -> NDArray[np.float64]:
    out = np.zeros(count)
    for place, weight in weights.items():
        out += weight[codes(place)]
    return out
