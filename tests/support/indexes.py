"""Random worlds as indexes see them: with holes, under an overlay, or many times over.

Each is made from a random world and the tables of a version. What the index then says is what the
reference says of the world that is left, or of the one that was copied.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.conditions.world import RoleLink, State, World
from holbein.index import masks
from holbein.index.building import Builder
from holbein.index.columns import Column
from holbein.index.index import Index
from holbein.index.masks import Mask
from holbein.index.overlay import Changes
from holbein.index.source import Held
from holbein.store.states import valid
from tests.support.tables import tables

Ids = NDArray[np.int64]
Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class Memory:
    """Tables in memory, as what is built from."""

    tables: Tables
    as_of: AsOf

    def has(self, table: str) -> bool:
        return table in self.tables

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        found = self.tables[table]
        return found if columns is None else found.select(columns)


def source(
    made: Tables,
    as_of: AsOf,
    vocabulary: Vocabulary,
    before: Callable[[SubjectKind], Ids | None] = lambda kind: None,
) -> Held:
    """The columns of some tables; ``before``: an earlier numbering."""
    return Held(Builder(Memory(made, as_of), vocabulary, before))


def ids_in(world: World, kind: SubjectKind) -> Ids:
    """All subjects of a kind, ascending."""
    return np.array(sorted(world.states[kind]), np.int64)


# --- holes ----------------------------------------------------------------------------------------


def thinned(rng: random.Random, world: World) -> World:
    """The same without a seventh of all people and roles, and of the companies that stand alone;
    whose role it was goes with him."""
    above = {*world.parents, *world.parents.values()}
    gone = {
        kind: {one for one in ids if rng.random() < 1 / 7 and not (kind == "enterprise" and one in above)}
        for kind, ids in world.states.items()
    }  # fmt: skip
    gone["role"] |= {
        one
        for one, link in world.roles.items()
        if link.enterprise in gone["enterprise"] or link.person in gone["person"]
    }
    return replace(
        world,
        states={
            kind: {one: held for one, held in states.items() if one not in gone[kind]}
            for kind, states in world.states.items()
        },
        roles={one: link for one, link in world.roles.items() if one not in gone["role"]},
    )


def first_of(world: World, kept: Mapping[SubjectKind, int]) -> World:
    """Only the first so many of each kind, and the roles that link them."""
    roles = {
        one: link
        for one, link in world.roles.items()
        if one <= kept["role"]
        and link.enterprise <= kept["enterprise"]
        and link.person <= kept["person"]
    }
    states = {
        kind: {one: held for one, held in states.items() if one <= kept[kind]}
        for kind, states in world.states.items()
    }
    states["role"] = {one: states["role"][one] for one in roles}
    parents = {one: above for one, above in world.parents.items() if one <= kept["enterprise"]}
    return replace(world, states=states, roles=roles, parents=parents)


# --- overlays -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Overlay:
    """A world as it was before, and what has changed since."""

    before: World
    changes: Callable[[AsOf], Mapping[SubjectKind, Changes]]


def overlay(
    rng: random.Random, full: World, world: World, vocabulary: Vocabulary
) -> tuple[Overlay, World]:
    """A world from which ``world`` came about, and ``world`` as it is then (new companies belong to
    no group): some were others, some new ones lacked, some of ``full`` were still there."""
    last = {kind: sorted(world.states[kind])[-3:] for kind in SUBJECT_KINDS}
    parents = {
        one: above
        for one, above in world.parents.items()
        if one not in last["enterprise"] and above not in last["enterprise"]
    }
    world = replace(world, parents=parents)
    newest = {kind: min(ids) for kind, ids in last.items()}
    there = {
        kind: [one for one in full.states[kind] if one < newest[kind]] for kind in SUBJECT_KINDS
    }
    changed = {
        kind: {one for one in world.states[kind] if one >= newest[kind] or rng.random() < 0.2}
        for kind in SUBJECT_KINDS
    }
    changed["role"] |= {
        one
        for one, link in world.roles.items()
        if link.enterprise >= newest["enterprise"] or link.person >= newest["person"]
    }
    states: dict[SubjectKind, dict[int, tuple[State, ...]]] = {}
    tags: dict[SubjectKind, dict[int, Mapping[str, object]]] = {}
    for kind in SUBJECT_KINDS:
        other = {
            one: rng.choice(there[kind]) if one in changed[kind] else one for one in there[kind]
        }
        states[kind] = {one: full.states[kind][as_] for one, as_ in other.items()}
        tags[kind] = {one: full.tags[kind][as_] for one, as_ in other.items()}
    roles = {
        one: _moved(rng, full.roles[one], there) if one in changed["role"] else full.roles[one]
        for one in there["role"]
    }
    before = replace(full, states=states, tags=tags, roles=roles, parents=parents)
    made = tables(world, vocabulary)

    def changes(as_of: AsOf) -> Mapping[SubjectKind, Changes]:
        return {
            kind: Changes(
                _rows(made, kind, changed[kind], as_of, vocabulary),
                np.setdiff1d(there[kind], [*world.states[kind]]).astype(np.int64),
            )
            for kind in SUBJECT_KINDS
        }

    return Overlay(before, changes), world


def _moved(
    rng: random.Random, link: RoleLink, there: Mapping[SubjectKind, Sequence[int]]
) -> RoleLink:
    since = rng.choice((link.since, link.until, None))
    return RoleLink(rng.choice(there["enterprise"]), rng.choice(there["person"]), since, None)


def _rows(
    made: Tables, kind: SubjectKind, changed: set[int], as_of: AsOf, vocabulary: Vocabulary
) -> pa.Table:
    """All that those who changed have now."""
    ids = np.array(sorted(changed), np.int64)
    now = valid(made[kind], as_of)
    first = made[kind]
    columns = {"id": pa.array(ids)}
    for name, spec in vocabulary.fields[kind].items():
        of_role = kind == "role" and name in ("since", "until")
        table = made[f"tags.{kind}"] if spec.is_tag else first if of_role else now
        columns[name] = _looked_up(table, name, ids)
    if kind == "role":
        for name in ("enterprise", "person"):
            columns[name] = _looked_up(first, name, ids)
    return pa.table(columns)


def _looked_up(table: pa.Table, name: str, ids: Ids) -> pa.ChunkedArray:
    rows = pc.index_in(pa.array(ids), value_set=table["id"].combine_chunks())
    return table[name].take(rows)


# --- many times over ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Copies:
    """Every subject of a world many times over, under new ids in any order."""

    tables: Tables
    new: Mapping[SubjectKind, NDArray[np.int64]]
    """By kind, the new ids of each of those of the world (their rank), a row for each copy."""
    old: Mapping[SubjectKind, Ids]

    def of(self, kind: SubjectKind, ids: set[int]) -> Ids:
        """The copies of some subjects."""
        rank = np.flatnonzero(np.isin(self.old[kind], [*ids]))
        return np.sort(self.new[kind][:, rank], axis=None)


def copied(rng: random.Random, world: World, vocabulary: Vocabulary, times: int) -> Copies:
    """So many copies of a world, each with relations of its own."""
    drawn = np.random.default_rng(rng.randrange(1 << 30))
    old = {kind: ids_in(world, kind) for kind in SUBJECT_KINDS}
    new = {
        kind: 1 + drawn.permutation(len(ids) * times).reshape(times, len(ids))
        for kind, ids in old.items()
    }
    made = tables(world, vocabulary)

    def renamed(ids: pa.ChunkedArray, kind: SubjectKind) -> pa.Array:
        rank = np.searchsorted(old[kind], ids.to_numpy())
        return pa.array(new[kind][:, rank].ravel())

    out = {}
    for name in (*SUBJECT_KINDS, *(f"tags.{kind}" for kind in SUBJECT_KINDS), "ancestor"):
        table = pa.concat_tables([made[name]] * times)
        for column in table.column_names:
            kind = column if column in SUBJECT_KINDS else name.removeprefix("tags.")
            if column == "ancestor":
                kind = "enterprise"
            if column in ("id", "ancestor", *SUBJECT_KINDS):
                place = table.column_names.index(column)
                table = table.set_column(place, column, renamed(made[name][column], kind))  # type: ignore[arg-type]
        out[name] = table if name == "ancestor" else table.sort_by("id")
    return Copies(out, new, old)


def places_of(index: Index, condition: object, kind: SubjectKind) -> Ids:
    """The ids that an index selects."""
    return index.ids(kind, index.places(index.mask(condition, kind), kind))  # type: ignore[arg-type]


def known_mask(column: Column) -> Mask:
    """Who has a value; of numbers, a finite one."""
    if column.layout in ("texts", "lists"):
        return column.sections["some" if column.layout == "lists" else "known"]
    if column.layout == "numbers":
        return masks.pack(column.sections["sketch"] != 0)
    codes = column.codes[: column.size]
    return masks.pack((codes != 0) & (codes <= column.finite))
