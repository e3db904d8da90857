"""Relations as arrays of places: whose role it is and where, who is above and below whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.conditions.instants import AsOf
from holbein.index import masks
from holbein.index.masks import Mask, padded

NOBODY = np.uint32(0xFFFF_FFFF)
"""The place of no one."""
ID, LINKS, ROLES, GROUP = "#id", "#links", "#roles", "#group"
"""The structures of a kind; no attribute can have these names."""

_Sections = dict[str, NDArray[Any]]


def places_among(ids: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each id among ascending ones; -1 of those that are not there."""
    if not len(known):
        return np.full(len(ids), -1, np.int64)
    if known[-1] - known[0] == len(known) - 1:  # no gaps
        place = ids - known[0]
        return np.where((place >= 0) & (place < len(known)), place, -1)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[place] == ids, place, -1)


def _targets(ids: pa.ChunkedArray, known: NDArray[np.int64]) -> NDArray[np.uint32]:
    found = places_among(np.asarray(pc.fill_null(ids, 0).to_numpy(), np.int64), known)
    out = np.full(padded(len(found)), NOBODY, np.uint32)
    out[: len(found)] = np.where(found < 0, NOBODY, found)
    return out


def links(
    roles: pa.Table, as_of: AsOf, enterprises: NDArray[np.int64], people: NDArray[np.int64]
) -> _Sections:
    """Of each role, in the order of ``roles`` (enterprise, person, since, until): where and whose
    it is, and whether it has begun and lasts."""
    found = lasting(roles["since"], roles["until"], pa.scalar(as_of.day, pa.date32()))
    return {
        "enterprise": _targets(roles["enterprise"], enterprises),
        "person": _targets(roles["person"], people),
        **{name: masks.pack(one) for name, one in found.items()},
    }


def lasting(
    since: pa.Array | pa.ChunkedArray, until: pa.Array | pa.ChunkedArray, day: pa.Scalar
) -> dict[str, NDArray[np.bool_]]:
    """Which roles have begun on a day, and which of these last."""
    begun = np.asarray(pc.fill_null(pc.less_equal(since, day), True), np.bool_)
    lasts = np.asarray(pc.fill_null(pc.greater(until, day), True), np.bool_)
    return {"begun": begun, "current": begun & lasts}


def members(targets: NDArray[np.uint32], current: Mask, size: int, others: int) -> _Sections:
    """Of each of ``others``, which current roles are theirs: offsets and the roles' places; and the
    most that one has."""
    place = masks.places_of(current, size)
    whose = targets[place]
    place, whose = place[whose < others], whose[whose < others]
    order = np.argsort(whose, kind="stable")
    counts = np.bincount(whose, minlength=others)
    return {
        "offsets": np.append(0, np.cumsum(counts)).astype(np.uint32),
        "most": np.array([counts.max(initial=0)], np.int64),
        "members": place[order].astype(np.uint32),
    }


def group(ancestors: pa.Table, enterprises: NDArray[np.int64]) -> _Sections:
    """Of each enterprise its parent and root; and all pairs of one and what it lies below."""
    size = len(enterprises)
    below = places_among(np.asarray(ancestors["enterprise"].to_numpy(), np.int64), enterprises)
    above = places_among(np.asarray(ancestors["ancestor"].to_numpy(), np.int64), enterprises)
    distance = np.asarray(ancestors["distance"].to_numpy(), np.int64)
    there = (below >= 0) & (above >= 0)
    below, above, distance = below[there], above[there], distance[there]
    parent = np.full(padded(size), NOBODY, np.uint32)
    parent[below[distance == 1]] = above[distance == 1]
    root = np.full(padded(size), NOBODY, np.uint32)
    root[:size] = np.arange(size)
    upwards = np.argsort(distance, kind="stable")  # the farthest is written last
    root[below[upwards]] = above[upwards]
    return {
        "parent": parent,
        "root": root,
        "below": below.astype(np.uint32),
        "above": above.astype(np.uint32),
    }


Structure = Mapping[str, NDArray[Any]]
