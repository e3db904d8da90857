"""The arithmetic of group portraits: shares, TGI, and whether a difference is more than chance."""

from __future__ import annotations

import math

SMALL = 5
"""A cell of fewer subjects is never ranked: chance and single subjects rule it."""
CHANCE = 1.96
"""Beyond this |z|, chance alone would show such a difference in less than one case of twenty."""


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
