"""An overlay: what has changed of some subjects since a version, laid over its columns.

Columns of which nothing has changed stay as they are. A column that is asked for and has changed is
made once: its codes with those of the changed places in them, and of its bitmaps, slices and
numbers what is asked for. So the answers are those of a version that had the changes in it, at the
cost of the columns touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.index import masks, relations
from holbein.index.columns import ARROW, Column
from holbein.index.encode import bins_of, encode
from holbein.index.masks import Mask, padded
from holbein.index.relations import GROUP, ID, LINKS, NOBODY, ROLES, Structure, places_among
from holbein.index.source import Source

_NO_IDS = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Changes:
    """Of one kind: ``rows`` with ``id`` and the attributes and tags that are others now (of a new
    subject, all that it has; of a role also ``enterprise``, ``person``, ``since``, ``until``), and
    the ids of those who are ``gone``. Ids of new subjects are larger than all before."""

    rows: pa.Table
    gone: NDArray[np.int64] = field(default_factory=lambda: _NO_IDS)


class Overlaid:
    """Columns with changes laid over them. Relations between companies stay as they are."""

    def __init__(self, base: Source, changes: Mapping[SubjectKind, Changes]) -> None:
        """Raises ValueError where an id is neither known nor larger than all that are."""
        self._base = base
        self._changes = changes
        self._columns: dict[tuple[SubjectKind, str], Column] = {}
        self._structures: dict[tuple[SubjectKind, str], Structure] = {}

    @property
    def vocabulary(self) -> Vocabulary:
        return self._base.vocabulary

    @property
    def as_of(self) -> AsOf:
        return self._base.as_of

    # --- columns ----------------------------------------------------------------------------------

    def column(self, kind: SubjectKind, name: str) -> Column:
        """An attribute or tag."""
        key = kind, name
        if key not in self._columns:
            self._columns[key] = self._column(kind, name)
        return self._columns[key]

    def _column(self, kind: SubjectKind, name: str) -> Column:
        base, size = self._base.column(kind, name), len(self.structure(kind, ID)["id"])
        changes = self._changes.get(kind)
        if changes is None or (name not in changes.rows.column_names and size == base.size):
            return base
        places, type_ = self._places(kind), ARROW[base.type]
        if name not in changes.rows.column_names:  # those who are known keep what they have
            places = places[places >= base.size]
            return patched(base, size, places, pa.nulls(len(places), type_))
        values = pa.concat_arrays(changes.rows[name].cast(type_).chunks or [pa.array([], type_)])
        return patched(base, size, places, values)

    def _places(self, kind: SubjectKind) -> NDArray[np.int64]:
        """Where the changed subjects stand."""
        ids = np.asarray(self._changes[kind].rows["id"].to_numpy(), np.int64)
        return places_among(ids, self.structure(kind, ID)["id"])

    # --- structures -------------------------------------------------------------------------------

    def structure(self, kind: SubjectKind, name: str) -> Structure:
        """A numbering or relation."""
        key = kind, name
        if key not in self._structures:
            make: Mapping[str, Callable[[SubjectKind], Structure]] = {
                ID: self._numbering,
                LINKS: self._links,
                ROLES: self._members,
                GROUP: self._group,
            }
            self._structures[key] = make[name](kind)
        return self._structures[key]

    def _numbering(self, kind: SubjectKind) -> Structure:
        base, changes = self._base.structure(kind, ID), self._changes.get(kind)
        if changes is None:
            return base
        known: NDArray[np.int64] = base["id"]
        ids = np.unique(np.asarray(changes.rows["id"].to_numpy(), np.int64))
        new = ids[places_among(ids, known) < 0]
        if len(known) and len(new) and new[0] < known[-1]:
            raise ValueError(f"{kind} {new[0]} is neither known nor new")
        every = np.concatenate([known, new])
        live = masks.full(len(every))
        if "live" in base:
            held = masks.unpack(base["live"], len(known))
            live = masks.pack(np.concatenate([held, np.ones(len(new), np.bool_)]))
        there = masks.from_places(places_among(ids, every), len(every))
        gone = places_among(changes.gone, every)
        left = masks.from_places(gone[gone >= 0], len(every))
        return {"size": np.array([len(every)]), "id": every, "live": (live | there) & ~left}

    def _links(self, kind: SubjectKind) -> Structure:
        base = self._base.structure("role", LINKS)
        size = len(self.structure("role", ID)["id"])
        changes = self._changes.get("role")
        out = {name: _longer(base[name], size) for name in ("enterprise", "person")}
        before = len(self._base.structure("role", ID)["id"])
        flags = {
            name: np.append(masks.unpack(base[name], before), np.zeros(size - before, np.bool_))
            for name in ("begun", "current")
        }
        if changes is not None:
            self._relink(changes.rows, out, flags)
        live = self.structure("role", ID).get("live")
        held = {name: masks.pack(one) for name, one in flags.items()}
        if live is not None:
            held = {name: one & live for name, one in held.items()}
        return {**out, **held}

    def _relink(
        self,
        rows: pa.Table,
        out: Mapping[str, NDArray[np.uint32]],
        flags: Mapping[str, NDArray[np.bool_]],
    ) -> None:
        places, day = self._places("role"), pa.scalar(self.as_of.day, pa.date32())
        for name, kind in (("enterprise", "enterprise"), ("person", "person")):
            if name in rows.column_names:
                known = self.structure(kind, ID)["id"]  # type: ignore[arg-type]
                asked = np.asarray(pc.fill_null(rows[name], 0).to_numpy(), np.int64)
                found = places_among(asked, known)
                out[name][places] = np.where(found < 0, NOBODY, found)
        since, until = (self.column("role", name).take(places) for name in ("since", "until"))
        for name, lasting in relations.lasting(since, until, day).items():
            flags[name][places] = lasting

    def _members(self, kind: SubjectKind) -> Structure:
        links = self.structure("role", LINKS)
        roles = len(self.structure("role", ID)["id"])
        others = len(self.structure(kind, ID)["id"])
        return relations.members(links[kind], links["current"], roles, others)

    def _group(self, kind: SubjectKind) -> Structure:
        base = self._base.structure(kind, GROUP)
        before, size = (
            len(self._base.structure(kind, ID)["id"]),
            len(self.structure(kind, ID)["id"]),
        )
        root = _longer(base["root"], size)
        root[before:size] = np.arange(before, size)
        return {**base, "parent": _longer(base["parent"], size), "root": root}


def _longer(targets: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    out = np.full(padded(size), NOBODY, np.uint32)
    out[: len(targets)] = targets[: len(out)]
    return out


# --- one column -----------------------------------------------------------------------------------


def patched(base: Column, size: int, places: NDArray[np.int64], values: pa.Array) -> Column:
    """A column with other values at some places, and ``size`` places."""
    if base.layout != "labels":
        return encode(_replaced(base, size, places, values), base.type)
    codes = base.codes[: base.size]
    known = base.values
    if base.type == "number":
        values = pc.add(values, 0.0)  # minus zero is zero
    fresh = values.filter(pc.is_valid(values))
    if base.type == "number":
        fresh = fresh.filter(pc.is_finite(fresh))
        if len(fresh) < len(values) - values.null_count or base.finite < base.distinct:
            return encode(_replaced(base, size, places, values), base.type)
    every = pc.unique(pa.concat_arrays([known, fresh]))
    every = every.take(pc.sort_indices(every)) if base.type != "boolean" else known
    moved = np.append(0, 1 + pc.index_in(known, value_set=every).to_numpy())  # old code → new code
    new = 1 + pc.fill_null(pc.index_in(values, value_set=every), -1).to_numpy()
    distinct = len(every)
    width = np.uint8 if distinct < 1 << 8 else np.uint16 if distinct < 1 << 16 else None
    if width is None:
        return encode(_replaced(base, size, places, values), base.type)
    held = np.zeros(padded(size), width)
    held[: base.size] = codes if distinct == base.distinct else moved.astype(width)[codes]
    held[places] = new
    sections = _Patched(base, held, moved, places, new.astype(np.int64), size, every)
    about = {**base.about, "size": size, "distinct": distinct, "finite": distinct}
    return Column(sections, {**about, "slices": sections.slices})


def _replaced(base: Column, size: int, places: NDArray[np.int64], values: pa.Array) -> pa.Array:
    """All values, the old and the new."""
    old = base.take(np.arange(base.size))
    row = np.full(size, -1, np.int64)
    row[: base.size] = np.arange(base.size)
    row[places] = base.size + np.arange(len(places))
    return pa.concat_arrays([old, values.cast(old.type)]).take(pa.array(row, mask=row < 0))


class _Patched(Mapping[str, NDArray[Any]]):
    """The sections of labels with some others in them, each made when it is asked for."""

    def __init__(
        self,
        base: Column,
        codes: NDArray[Any],
        moved: NDArray[np.int64],
        places: NDArray[np.int64],
        new: NDArray[np.int64],
        size: int,
        values: pa.Array,
    ) -> None:
        self._base = base
        self._codes = codes
        self._old = dict(zip(moved.tolist(), range(len(moved)), strict=True))
        self._places, self._new, self._size = places, new, size
        self._values = values
        self._made: dict[str, NDArray[Any]] = {"codes": codes}
        bits = len(values).bit_length()
        self.slices = bits if base.about.get("slices", 0) and bits <= 6 else 0
        """How many bit slices there are."""
        own = ("bitmap.", "slice.", "bins", "sketch")
        self._names = [one for one in base.sections if not one.startswith(own)]
        self._names += ["bins", "sketch"] if codes.itemsize > 1 else []
        self._names += [f"slice.{one}" for one in range(self.slices)]
        if base.bitmap(0) is not None:
            self._names += [f"bitmap.{one}" for one in range(len(values) + 1)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> NDArray[Any]:
        what, _, number = name.partition(".")
        if what == "bitmap":
            return self._bitmap(int(number))
        codes = self._codes[: self._size]
        if what == "slice":
            return masks.pack(np.bitwise_and(codes, 1 << int(number)))
        if what == "bins":
            return bins_of(self["counts"])
        if what == "sketch":
            sketch: NDArray[np.uint8] = self["bins"][self._codes]
            return sketch
        if what == "counts":
            return np.bincount(codes, minlength=len(self._values) + 1).astype(np.int64)
        return self._dictionary[name]

    @cached_property
    def _dictionary(self) -> Mapping[str, NDArray[Any]]:
        """The values, as a column of them has them."""
        return encode(self._values, self._base.type).sections

    def _bitmap(self, code: int) -> Mask:
        old = self._old.get(code)
        out = masks.nobody(self._size)
        if old is not None:
            before = self._base.bitmap(old)
            assert before is not None
            out[: len(before)] = before
        changed = masks.from_places(self._places, self._size)
        return (out & ~changed) | masks.from_places(self._places[self._new == code], self._size)
