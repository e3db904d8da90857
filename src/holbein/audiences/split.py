"""Splitting an audience into parts of about the same size, each subject always into the same one.

A subject's part follows from ``bucket(salt)`` alone, so it stays the same from run to run and
whoever else comes or goes; the parts are disjoint, and together they are the audience.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from holbein.audiences.lists import check_name
from holbein.conditions.tree import And, Bucket, Compare, Condition, InAudience, Number
from holbein.conditions.writing import write
from holbein.errors import HolbeinError
from holbein.store.lists import Lists

if TYPE_CHECKING:
    from holbein.query import Query

MOST = 100
"""Of more parts nobody would make use one by one."""


@dataclass(frozen=True)
class Part:
    """One part, kept as the static list ``name``; ``condition`` holds of the same subjects, also in
    later runs."""

    name: str
    size: int
    condition: str


def split(query: Query, lists: Lists, name: str, new: str, parts: int, salt: str) -> list[Part]:
    """Keep the parts of the audience ``name`` as the static lists ``new 1``, ``new 2``, …

    Raises NotFoundError for an unknown audience, HolbeinError for fewer than 2 or more than 100
    parts, and where a list cannot be called so; then nothing is kept.
    """
    kind = query.audience(name).kind
    if not 2 <= parts <= MOST:
        raise HolbeinError(f"{parts} parts cannot be made", hint=f"split into 2 to {MOST} parts")
    names = [f"{new} {number}" for number in range(1, parts + 1)]
    for one in names:
        check_name(query, lists, kind, one if new.strip() else "")
    edges = [number / parts for number in range(parts + 1)]
    trees = [_part(name, salt, low, high) for low, high in pairwise(edges)]
    # As the conditions have it, and refused as they are.
    for tree in trees:
        query.bind(tree, kind)
    ids = query.ids(query.bind(InAudience(name), kind), kind)
    buckets = query.measures(kind, {"bucket": Bucket(salt)}, ids)
    places = np.searchsorted(edges, buckets["bucket"].to_numpy(), side="right") - 1
    day = query.as_of.day.isoformat()
    out = []
    for at, (one, tree) in enumerate(zip(names, trees, strict=True)):
        members = buckets["id"].filter(pa.array(places == at))
        made_from = f"part {at + 1} of {parts} of audience {name} as of {day}"
        lists.write(one, kind, members, title=one, made_from=made_from)
        out.append(Part(one, len(members), write(tree)))
    return out


def _part(name: str, salt: str, low: float, high: float) -> Condition:
    bucket = Bucket(salt)
    return And(
        (
            InAudience(name),
            Compare(bucket, ">=", Number(low)),
            Compare(bucket, "<", Number(high)),
        )
    )
