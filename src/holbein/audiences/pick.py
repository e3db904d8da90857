"""Some of those who meet a condition: the first by a tag, some of each group, a draw by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import Bucket, Condition, SubjectKind
from holbein.errors import HolbeinError

if TYPE_CHECKING:
    from holbein.query import Query


@dataclass(frozen=True)
class Pick:
    """``limit`` subjects: those whose attribute or tag ``by`` is largest (or ``lowest``), of those
    who have it at all; without ``by`` a draw by chance, which is the same each time for a ``salt``.
    ``per``: so many of each value of that attribute or tag, missing being one of them.
    """

    limit: int
    by: str | None = None
    lowest: bool = False
    per: str | None = None
    salt: str = "draw"


def picked(query: Query, kind: SubjectKind, condition: Condition, pick: Pick) -> pa.Array:
    """The ids of those taken, in the order of ``by`` (equals by id); of a draw ascending.

    Raises HolbeinError for a limit below 1, and for tags that have no order or several labels.
    """
    if pick.limit < 1:
        raise HolbeinError(f"nobody is asked for: {pick.limit}", hint="give a limit of 1 or more")
    if pick.by is not None and query.spec(kind, pick.by).type in ("category", "categories"):
        raise HolbeinError(
            f"the labels of {pick.by} have no order", hint="take a number, a date, or yes and no"
        )
    if pick.per is not None and query.spec(kind, pick.per).type == "categories":
        raise HolbeinError(
            f"{pick.per} may have several values at once", hint="take a tag with one value"
        )
    if pick.lowest and pick.by is None:
        raise HolbeinError("lowest of what?", hint="say by which tag, with by")
    names = list(dict.fromkeys(one for one in (pick.by, pick.per) if one is not None))
    table = query.values(kind, names, condition)
    if pick.by is not None:
        table = table.filter(pc.is_valid(table[pick.by]))
        rank = _ranked(table[pick.by], lowest=pick.lowest).to_numpy()
    else:
        rank = query.measures(kind, {"draw": Bucket(pick.salt)}, table["id"])["draw"].to_numpy()
    table = table.take(pa.array(np.lexsort((table["id"].to_numpy(), rank))))
    if pick.per is None:
        table = table.slice(0, pick.limit)
    else:
        groups = pc.dictionary_encode(table[pick.per].combine_chunks(), null_encoding="encode")
        table = table.filter(pa.array(_places(groups.indices.to_numpy()) < pick.limit))
    if pick.by is None:
        table = table.sort_by("id")
    return table["id"].combine_chunks()


def _ranked(values: pa.ChunkedArray, *, lowest: bool) -> pa.Array:
    """The place of each value among the others, equal ones alike."""
    return pc.rank(values, "ascending" if lowest else "descending", tiebreaker="min")


def _places(groups: np.ndarray) -> np.ndarray:
    """Of each row, how many before it are of the same group."""
    order = np.argsort(groups, kind="stable")
    sorted_ = groups[order]
    first = np.searchsorted(sorted_, sorted_, side="left")
    out = np.empty(len(groups), np.int64)
    out[order] = np.arange(len(groups)) - first
    return out
