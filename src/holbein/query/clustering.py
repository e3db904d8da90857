"""Whether two samples differ whose members come in clusters, as the people of one enterprise do."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FEWEST = 20
"""With fewer clusters on a side the variance below is too small by chance: Cameron and Miller, A
Practitioner's Guide to Cluster-Robust Inference, Journal of Human Resources 50 (2015)."""


def clustered_z(
    values: NDArray[np.float64], mine: NDArray[np.bool_], cluster: NDArray[np.int64]
) -> float | None:
    """The score of the difference of two means, with the variance of Liang and Zeger (Biometrika
    73, 1986) and the usual correction for few clusters.

    None where a side has fewer than twenty clusters, or there is no difference to judge.
    """
    size, rest = int(mine.sum()), int((~mine).sum())
    there = np.bincount(cluster[mine]) > 0, np.bincount(cluster[~mine]) > 0
    if min(int(one.sum()) for one in there) < FEWEST:
        return None
    means = values[mine].mean(), values[~mine].mean()
    off = np.where(mine, (values - means[0]) / size, -(values - means[1]) / rest)
    count = int((np.bincount(cluster) > 0).sum())
    variance = float((np.bincount(cluster, weights=off) ** 2).sum())
    variance *= count / (count - 1) * (size + rest - 1) / (size + rest - 2)
    return float(means[0] - means[1]) / math.sqrt(variance) if variance > 0 else None
