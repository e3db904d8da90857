"""The arithmetic of group portraits: shares, TGI, and whether a difference is more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

SMALL = 5
"""A cell of fewer subjects is never ranked: chance and single subjects rule it."""
FALSE = 0.05
"""Of the differences that are told, this share at most is expected to be chance."""


def share(part: int, whole: int) -> float | None:
    """``part / whole``; None of nothing."""
    return part / whole if whole else None


def tgi(group: int, group_size: int, base: int, base_size: int) -> float | None:
    """The target group index: 100 × (group / group size) / (base / base size).

    100 is the base's own share, 200 twice that. None where the base has no such subject or one of
    the two is empty.
    """
    if not base or not base_size or not group_size:
        return None
    return 100 * (group / group_size) / (base / base_size)


def z_score(a: int, a_size: int, b: int, b_size: int) -> float | None:
    """The two-proportion z score of ``a / a_size`` against ``b / b_size``, two separate samples.

        p = (a + b) / (a_size + b_size)
        z = (a / a_size - b / b_size) / sqrt(p (1 - p) (1 / a_size + 1 / b_size))

    The pooled form, as in Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions,
    3rd edition, section 3.1, without continuity correction. None where a sample is empty or all of
    both, or none of both, has the value: then there is no difference to judge.
    """
    if not a_size or not b_size:
        return None
    pooled = (a + b) / (a_size + b_size)
    variance = pooled * (1 - pooled) * (1 / a_size + 1 / b_size)
    if variance <= 0:
        return None
    return (a / a_size - b / b_size) / math.sqrt(variance)


def p_value(z: float) -> float:
    """How often chance alone would show a z score as far from 0 as this one, on either side."""
    return math.erfc(abs(z) / math.sqrt(2))


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Each p value's q value: the share of chance findings to be expected, at most, among all those
    with a p value no greater than this one.

    After Benjamini and Hochberg, Controlling the False Discovery Rate, Journal of the Royal
    Statistical Society B 57 (1995), in the order given. It holds for tests that are independent or
    agree with each other, as those of the values of a tag and of like tags do.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    out = [0.0] * len(p_values)
    least = 1.0
    for rank, place in zip(range(len(order), 0, -1), order, strict=True):
        least = min(least, p_values[place] * len(order) / rank)
        out[place] = least
    return out
