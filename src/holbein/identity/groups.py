"""Groups of companies: who stands above whom, at any distance."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def in_a_circle(children: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """True of the links (each child at most once) that lead back to where they began."""
    above = dict(zip(children.tolist(), parents.tolist(), strict=True))
    left: dict[int, int] = {}
    for parent in above.values():
        left[parent] = left.get(parent, 0) + 1
    # Those with nobody below are in no circle; take them away, again and again.
    ends = [child for child in above if child not in left]
    while ends:
        parent = above.pop(ends.pop())
        left[parent] -= 1
        if not left[parent] and parent in above:
            ends.append(parent)
    return np.isin(children, np.fromiter(above, np.int64, len(above)))


DEEPEST = 100
"""No group has so many levels; a table in which everyone is the parent of the next one has."""


def too_deep(children: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """True of the links (no circles) of those who have more than ``DEEPEST`` others above them."""
    order = np.argsort(children)
    sorted_children, sorted_parents = children[order], parents[order]
    bottom, above = children, parents
    for _ in range(DEEPEST):
        if not len(bottom):
            break
        place = np.minimum(np.searchsorted(sorted_children, above), len(children) - 1)
        higher = sorted_children[place] == above
        bottom, above = bottom[higher], sorted_parents[place[higher]]
    return np.isin(children, bottom)


def ancestors(children: np.ndarray, parents: np.ndarray) -> pa.Table:
    """The table ``ancestor``: enterprise, ancestor, distance (1 is the parent); no circles."""
    order = np.argsort(children)
    children, parents = children[order], parents[order]
    found: list[tuple[np.ndarray, np.ndarray, int]] = []
    below, above, distance = children, parents, 1
    while len(below):
        found.append((below, above, distance))
        place = np.minimum(np.searchsorted(children, above), len(children) - 1)
        higher = children[place] == above
        below, above, distance = below[higher], parents[place[higher]], distance + 1
    empty = [np.zeros(0, np.int64)]
    table = pa.table(
        {
            "enterprise": pa.array(np.concatenate([one[0] for one in found] or empty)),
            "ancestor": pa.array(np.concatenate([one[1] for one in found] or empty)),
            "distance": pa.array(
                np.concatenate([np.full(len(one[0]), one[2]) for one in found] or empty), pa.int32()
            ),
        }
    )
    return table.sort_by([("enterprise", "ascending"), ("distance", "ascending")])
