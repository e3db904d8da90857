"""The current roles of a group and its base, and what their people or enterprises have.

Roles stand in the order of their ids; a tag of the people or enterprises is a value for each role.
As with ``sides``, columns of the index tell, or tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.conditions.tree import Condition, SubjectKind
from holbein.index import Index, masks
from holbein.index.masks import Places
from holbein.index.relations import ID, LINKS, NOBODY, places_among
from holbein.query import figures
from holbein.query.crossing import (
    Flagged,
    flagged,
    flagged_bands,
    flagged_codes,
    missing,
    missing_codes,
)

Ids = NDArray[np.int64]
_NO_ONE = -1


@dataclass(frozen=True)
class Roles:
    """Of each role whose and where it is, as numbers from 0, and as ids (-1 is no one); and whether
    it is one of the group. ``size`` and ``every``: how many group and base are."""

    people: Places
    enterprises: Places
    person_ids: Ids
    enterprise_ids: Ids
    chosen: NDArray[np.bool_]
    size: int
    every: int

    def ids(self, kind: SubjectKind) -> Ids:
        """Of each role its person or enterprise."""
        return self.person_ids if kind == "person" else self.enterprise_ids


def roles_by_columns(index: Index, kind: SubjectKind, group: Condition, base: Condition) -> Roles:
    """The roles of people or enterprises from the relations of an index."""
    every = index.mask(base, kind)
    mine = index.mask(group, kind) & every
    links = index.structure("role", LINKS)
    current = index.places(links["current"], "role")
    whose = links[kind][current].astype(np.int64)
    there = whose != NOBODY
    current, whose = current[there], whose[there]
    there = masks.holds(every, whose)
    current, whose = current[there], whose[there]

    def places(of: SubjectKind) -> Places:
        found: Places = np.minimum(links[of][current].astype(np.int64), index.size(of))
        return found

    def ids(of: SubjectKind, places: Places) -> Ids:
        return np.append(index.structure(of, ID)["id"], _NO_ONE)[places]

    people, enterprises = places("person"), places("enterprise")
    return Roles(
        people,
        enterprises,
        ids("person", people),
        ids("enterprise", enterprises),
        masks.holds(mine, whose),
        masks.count(mine),
        masks.count(every),
    )


def roles_by_tables(kind: SubjectKind, subjects: pa.Table, links: pa.Table) -> Roles:
    """The same from the ids of the base, with who is in the group, and all current roles."""
    place = pc.index_in(links[kind], value_set=subjects["id"].combine_chunks())
    links = links.filter(pc.is_valid(place))
    mine = subjects[figures.IN_GROUP].to_numpy()
    ids = [pc.fill_null(links[one], _NO_ONE).to_numpy() for one in ("person", "enterprise")]
    people, enterprises = (np.unique(one, return_inverse=True)[1] for one in ids)
    chosen = mine[place.drop_null().to_numpy()]
    return Roles(people, enterprises, ids[0], ids[1], chosen, int(mine.sum()), len(mine))


def values_by_columns(
    index: Index, kind: SubjectKind, name: str, ids: Ids, most: int
) -> tuple[Flagged, Flagged]:
    """Which rows have which of the ``most`` frequent values of the subject of an id, or in which
    quarter they are; and which have none."""
    place = places_among(ids, index.structure(kind, ID)["id"])
    column = index.column(kind, name)
    if column.layout == "labels":
        codes = np.where(place < 0, 0, column.codes[place]).astype(np.int64)
        if column.type not in ("number", "date"):
            return flagged_codes(codes, column.values, most), missing_codes(codes)
        codes = np.where(codes <= column.finite, codes, 0)
        bands = flagged_bands(codes, column.numbers[: column.finite], dates=column.type == "date")
        return bands, missing_codes(codes)
    known = pa.array(place, mask=place < 0)
    values = pa.chunked_array([column.take(np.arange(column.size)).take(known)])
    return flagged(values, most), missing(values)


def values_by_tables(values: pa.Table, name: str, ids: Ids, most: int) -> tuple[Flagged, Flagged]:
    """The same from a table of all subjects."""
    at = pc.index_in(pa.array(ids), value_set=values["id"].combine_chunks())
    column = values[name].take(at)
    return flagged(column, most), missing(column)
