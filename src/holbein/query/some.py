"""Some subjects by their places in columns: those of the index, or such as are made of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.conditions.tree import Condition, SubjectKind
from holbein.conditions.vocabulary import FieldSpec
from holbein.index import Index
from holbein.index.columns import Column
from holbein.index.encode import encode
from holbein.index.masks import Places


@dataclass(frozen=True)
class Some:
    """Some subjects, their ids ascending, at their places in columns."""

    ids: NDArray[np.int64]
    places: Places
    column: Callable[[str], Column]


def some_of(index: Index, kind: SubjectKind, who: Condition) -> Some:
    """Those who meet a condition."""
    places = index.places(index.mask(who, kind), kind)
    return Some(index.ids(kind, places), places, lambda name: index.column(kind, name))


def some_in(table: pa.Table, specs: Mapping[str, FieldSpec]) -> Some:
    """Those in a table, which becomes columns."""
    ids = table["id"].to_numpy()
    held = cache(lambda name: encode(table[name], specs[name].type))
    return Some(ids, np.arange(len(ids)), held)
