"""Whether two samples differ whose members come in clusters, as the people of one enterprise do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST = 20
"""With fewer clusters on a side the variance below is too small by chance: Cameron and Miller, A
Practitioner's Guide to Cluster-Robust Inference, Journal of Human Resources 50 (2015)."""


_BLOCK = 4_096
"""So many clusters are taken at a time, that what is reckoned of them stays in the cache."""

Counts = NDArray[np.int64]


def clustered_z(
    mine: NDArray[Any], rest: NDArray[Any], size: Counts, others: Counts
) -> list[float | None]:
    """The scores of the differences of the means of two sides, with the variance of Liang and Zeger
    (Biometrika 73, 1986) and the usual correction for few clusters.

    ``mine`` and ``rest``: of each value (row) the sum in each cluster (column) over the members of
    either side; ``size`` and ``others``: how many these are. None where a side has fewer than
    twenty clusters, or there is no difference to judge.
    """
    if min(int((size > 0).sum()), int((others > 0).sum())) < FEWEST:
        return [None] * len(mine)
    a, b = int(size.sum()), int(others.sum())
    means = mine.sum(axis=1) / a, rest.sum(axis=1) / b
    squared = np.zeros(len(mine))
    for first in range(0, len(size), _BLOCK):
        here = slice(first, first + _BLOCK)
        off = (mine[:, here] - means[0][:, None] * size[here]) / a
        off -= (rest[:, here] - means[1][:, None] * others[here]) / b
        squared += np.einsum("vc,vc->v", off, off)
    count = int((size + others > 0).sum())
    variance = squared * count / (count - 1) * (a + b - 1) / (a + b - 2)
    return [
        float(shift) / math.sqrt(one) if one > 0 else None
        for shift, one in zip(means[0] - means[1], variance, strict=True)
    ]
