"""Whether a difference between groups is more than chance, and what is worth comparing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Vocabulary

SMALL = 5
"""Where fewer subjects than these are to be expected, the normal approximation does not hold; and
of fewer than these nothing is told, for single subjects rule them."""
FALSE = 0.05
"""Of the differences that are told, this share at most is expected to be chance."""
TOO_MANY = 200
"""Attributes with more values than these tell subjects apart, not groups."""
_NAMES = frozenset({"name", "phone", "telephone", "mobile", "email", "mail", "fax", "address",
                    "postal_code", "postcode", "zip", "website", "url"})  # fmt: skip


def comparable(vocabulary: Vocabulary, kind: SubjectKind) -> list[str]:
    """The attributes and tags of a kind that groups have in common: all but names and addresses."""
    return [one for one in vocabulary.fields[kind] if one.lower() not in _NAMES]


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


def expected(a: int, a_size: int, b: int, b_size: int) -> float:
    """How many of ``a_size`` would have a value by chance that ``a + b`` of both samples have."""
    return (a + b) * a_size / (a_size + b_size) if a_size + b_size else 0.0


def difference_p(a: int, a_size: int, b: int, b_size: int) -> float | None:
    """How often chance alone would make two shares as different: ``a / a_size``, ``b / b_size``.

    By the z score; where fewer than five are expected, twice the exact tail of the hypergeometric
    distribution (Fisher's exact test; Agresti, Categorical Data Analysis, 3rd edition, 3.5). None
    where there is no difference to judge.
    """
    z = z_score(a, a_size, b, b_size)
    if z is None:
        return None
    if expected(a, a_size, b, b_size) >= SMALL:
        return p_value(z)
    every, count = a_size + b_size, a + b
    most, least = min(a_size, count), max(0, a_size - (every - count))
    further = range(a, most + 1) if z > 0 else range(least, a + 1)
    whole = _log_choose(every, a_size)
    tail = sum(
        math.exp(_log_choose(count, k) + _log_choose(every - count, a_size - k) - whole)
        for k in further
    )
    return min(1.0, 2 * tail)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


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
