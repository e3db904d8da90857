"""Evaluating a condition over columns: who meets it, as a mask.

What lies in columns of the kind at hand becomes one program. What speaks of related subjects is
first answered for these, and carried over along the relation. What speaks of facts, which no column
holds, is asked of the engine. In an AND the programs run first, and what follows is asked only of
those who are still in question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holbein.conditions import tree
from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import Condition, SubjectKind
from holbein.index import leaves, masks, plan, program, related, vectors
from holbein.index.columns import Column
from holbein.index.data import Data
from holbein.index.masks import Mask, Places
from holbein.index.plan import All, Except, Plan, Some
from holbein.index.program import EMPTY, Program, Step
from holbein.index.vectors import Vector

_PLANS = 256
"""So many leaves are remembered: who builds a condition asks most of it again after each click."""
_UNKNOWN: Plan = Some(())
"""This very plan stands for a leaf that is not remembered; None is remembered, too."""
Rows = slice | Places
_SPARSE = 4
"""Where so many times fewer are in question than there are, only these are read."""
_BLOCK = 1 << 20
"""So many subjects are compared at a time, so that memory stays small."""


@dataclass
class Evaluation:
    """One question to the columns."""

    data: Data
    _plans: dict[tuple[SubjectKind, int], Plan | None] = field(default_factory=dict)
    _kept: list[Condition] = field(default_factory=list)
    _audiences: dict[str, Mask] = field(default_factory=dict)
    """Who is in those that ask for others."""

    # --- what is asked ----------------------------------------------------------------------------

    def count(self, condition: Condition, kind: SubjectKind) -> int:
        """How many meet it."""
        near = self.near(condition, kind)
        if near is None:
            return masks.count(self.mask(condition, kind))
        made = self._program(kind, None)
        plan.compiled(near, made)
        made.count(made.answer)
        return int(self.data.kernels(kind).run(made, wanted=False)[0][0])

    def mask(self, condition: Condition, kind: SubjectKind, within: Mask | None = None) -> Mask:
        """Who of those ``within`` meets it; of everyone, by default."""
        near = self.near(condition, kind)
        if near is not None:
            return self._run(near, kind, within)
        match condition:
            case tree.And(items=items):
                return self._all(items, kind, within)
            case tree.Or(items=items):
                return self._any(items, kind, within)
            case tree.Not(item=item):
                base = self.everyone(kind) if within is None else within
                return base & ~self.mask(item, kind, within)
            case tree.Related():
                base = self.everyone(kind) if within is None else within
                return related.reached(self.data, self.mask, condition, kind, base)
            case tree.InAudience(audience=name):
                where = self.data.vocabulary.audiences[name].where
                assert where is not None  # a list would be near
                return self.mask(where, kind, within)
            case tree.Sequence() | tree.Became():
                return self._asked(condition, kind, within)
        leaf = self._with_tags(condition, kind)
        if leaves.asks_facts(leaves.measures(leaf)):
            return self._asked(condition, kind, within)
        return self._compared(leaf, kind, within)

    def everyone(self, kind: SubjectKind) -> Mask:
        """All subjects of a kind."""
        live = self.data.live(kind)
        return masks.full(self.data.size(kind)) if live is None else live

    def node_counts(
        self, condition: Condition, kind: SubjectKind
    ) -> dict[tuple[SubjectKind, Condition], int]:
        """How many meet the condition, and each condition in it by itself."""
        made = self._program(kind, None)
        out: dict[tuple[SubjectKind, Condition], int] = {}
        slots: dict[int, tuple[SubjectKind, Condition]] = {}
        self._each(condition, kind, made, 1, slots, out)
        counts = self.data.kernels(kind).run(made, wanted=False)[0].tolist()
        return out | {node: counts[slot] for slot, node in slots.items()}

    def _each(
        self,
        node: Condition,
        kind: SubjectKind,
        made: Program,
        target: int,
        slots: dict[int, tuple[SubjectKind, Condition]],
        out: dict[tuple[SubjectKind, Condition], int],
    ) -> None:
        """Adds the steps by which ``target`` becomes those who meet a condition, and is counted;
        nobody is left out before. Conditions on other kinds are counted into ``out``."""
        match node:
            case tree.And(items=items) | tree.Or(items=items):
                joins = program.AND if isinstance(node, tree.And) else program.OR
                start = Step(program.OR, target) if joins == program.AND else Step(EMPTY, target)
                made.add(start)
                for one in items:
                    self._each(one, kind, made, target + 1, slots, out)
                    made.add(Step(joins, target, target, target + 1))
            case tree.Not(item=item):
                self._each(item, kind, made, target + 1, slots, out)
                made.add(Step(program.WITHOUT, target, 0, target + 1))
            case _:
                if isinstance(node, tree.Related):
                    out.update(self.node_counts(node.where, TARGETS[kind, node.relation]))
                near = self.near(node, kind)
                known = plan.bits(self.mask(node, kind)) if near is None else near
                plan.compiled(known, made, target)
        slots[made.count(target)] = kind, node

    def asked_of_engine(
        self, condition: Condition, kind: SubjectKind
    ) -> list[tuple[Condition, SubjectKind]]:
        """The parts that no column answers."""
        return self._asking(condition, kind, set())

    def _asking(
        self, condition: Condition, kind: SubjectKind, seen: set[str]
    ) -> list[tuple[Condition, SubjectKind]]:
        """The same, without audiences that were looked into already."""
        match condition:
            case tree.And(items=items) | tree.Or(items=items):
                return [part for one in items for part in self._asking(one, kind, seen)]
            case tree.Not(item=item):
                return self._asking(item, kind, seen)
            case tree.Related(relation=relation, where=where):
                return self._asking(where, TARGETS[kind, relation], seen)
            case tree.InAudience(audience=name):
                where_ = self.data.vocabulary.audiences[name].where
                if where_ is None or name in seen:
                    return []
                seen.add(name)
                return self._asking(where_, kind, seen)
        if self.near(condition, kind) is not None:
            return []
        if isinstance(condition, tree.Sequence | tree.Became):
            return [(condition, kind)]
        leaf = self._with_tags(condition, kind)
        if leaves.asks_facts(leaves.measures(leaf)) or self._reads_texts(leaf, kind):
            return [(condition, kind)]
        counted = [one for one in leaves.measures(leaf) if isinstance(one, leaves.COUNTS)]
        return [
            part
            for one in counted
            for part in self._asking(one.where, TARGETS[kind, one.relation], seen)
        ]

    def _reads_texts(self, leaf: leaves.Comparison, kind: SubjectKind) -> bool:
        """Whether it compares texts as such, or lists, of which each subject has its own."""
        named = (self.data.column(kind, one) for one in leaves.fields(leaf))
        return any(one.layout in ("texts", "lists") for one in named)

    # --- programs ---------------------------------------------------------------------------------

    def near(self, condition: Condition, kind: SubjectKind) -> Plan | None:
        """How columns of this kind alone answer it; None where they do not."""
        key = kind, id(condition)
        if key not in self._plans:
            self._kept.append(condition)  # so that its id stays its own
            self._plans[key] = self._near(condition, kind)
        return self._plans[key]

    def _near(self, condition: Condition, kind: SubjectKind) -> Plan | None:
        match condition:
            case tree.And(items=items) | tree.Or(items=items):
                parts = [self.near(one, kind) for one in items]
                known = tuple(one for one in parts if one is not None)
                if len(known) < len(parts):
                    return None
                return All(known) if isinstance(condition, tree.And) else Some(known)
            case tree.Not(item=item):
                part = self.near(item, kind)
                return None if part is None else Except(part)
            case tree.InAudience(audience=name):
                where = self.data.vocabulary.audiences[name].where
                if where is None:
                    return plan.bits(self.data.listed(name, kind))
                if any(isinstance(one, tree.InAudience) for one in tree.walk(where)):
                    # Written out at each use, a chain of audiences would grow without bounds.
                    if name not in self._audiences:
                        self._audiences[name] = self.mask(where, kind)
                    return plan.bits(self._audiences[name])
                return self.near(where, kind)
            case tree.Related():
                return None
            case tree.Sequence() | tree.Became():
                return self._standing(condition, kind)
        plans, key = self.data.plans, (kind, condition)
        found = plans.get(key, _UNKNOWN)
        if found is _UNKNOWN:
            found = self._leaf(condition, kind)
            if len(plans) >= _PLANS:
                plans.clear()
            plans[key] = found
        return found

    def _leaf(self, condition: leaves.Comparison, kind: SubjectKind) -> Plan | None:
        nodes = [*leaves.measures(condition)]
        if leaves.asks_facts(nodes):
            known_as = self._standing(condition, kind)
            if known_as is not None:
                return known_as
            condition = self._with_tags(condition, kind)
            nodes = [*leaves.measures(condition)]
        return leaves.leaf_plan(
            condition,
            nodes,
            lambda name: self.data.column(kind, name),
            lambda name: self.data.vocabulary.fields[kind][name],
            self.data.as_of,
        )

    def _standing(self, condition: Condition, kind: SubjectKind) -> Plan | None:
        """By a tag that is true just where the condition is."""
        name = self.data.standing(condition, kind)
        if name is None:
            return None
        return self.near(tree.Compare(tree.Field(name), "=", tree.Truth(True)), kind)

    def _with_tags(self, leaf: leaves.Comparison, kind: SubjectKind) -> leaves.Comparison:
        """A comparison that asks a tag where one holds what it would have to reckon from facts."""
        if not leaves.asks_facts(leaves.measures(leaf)):
            return leaf
        return replaced(leaf, lambda node: self.data.standing(node, kind))

    def _program(self, kind: SubjectKind, within: Mask | None) -> Program:
        live = self.data.live(kind) if within is None else within
        return Program(self.data.size(kind), live)

    def _run(self, near: Plan, kind: SubjectKind, within: Mask | None) -> Mask:
        made = self._program(kind, within)
        plan.compiled(near, made)
        found = self.data.kernels(kind).run(made)[1]
        assert found is not None
        mask: Mask = found
        return mask

    # --- and, or ----------------------------------------------------------------------------------

    def _all(self, items: Sequence[Condition], kind: SubjectKind, within: Mask | None) -> Mask:
        near = [one for one in items if self.near(one, kind) is not None]
        far = [one for one in items if self.near(one, kind) is None]
        found = within
        if near:
            parts = tuple(part for one in near if (part := self.near(one, kind)) is not None)
            found = self._run(All(parts), kind, within)
        facts = [one for one in far if asks_engine(one)]
        for one in (one for one in far if not asks_engine(one)):
            found = self.mask(one, kind, found)
        if facts:  # together: the engine reads the facts once
            whole = facts[0] if len(facts) == 1 else tree.And(tuple(facts))
            found = self._facts(whole, kind, found)
        assert found is not None
        return found

    def _facts(self, condition: Condition, kind: SubjectKind, within: Mask | None) -> Mask:
        if isinstance(condition, tree.And):
            return self._asked(condition, kind, within)
        return self.mask(condition, kind, within)

    def _any(self, items: Sequence[Condition], kind: SubjectKind, within: Mask | None) -> Mask:
        left = self.everyone(kind) if within is None else within
        near = tuple(part for one in items if (part := self.near(one, kind)) is not None)
        found = self._run(Some(near), kind, left)
        for one in items:
            if self.near(one, kind) is None:
                found = found | self.mask(one, kind, left & ~found)
        return found

    def _asked(self, condition: Condition, kind: SubjectKind, within: Mask | None) -> Mask:
        if within is not None and not within.any():
            return within
        found = self.data.asked(condition, kind, within)
        return found if within is None else found & within

    # --- comparisons of several columns -----------------------------------------------------------

    def _compared(self, leaf: leaves.Comparison, kind: SubjectKind, within: Mask | None) -> Mask:
        """Worked out for each subject in question."""
        if self._reads_texts(leaf, kind):
            return self._asked(leaf, kind, within)
        size = self.data.size(kind)
        base = self.everyone(kind) if within is None else within
        counted: dict[int, NDArray[np.float64]] = {}

        def met(rows: Rows, many: int) -> NDArray[np.bool_]:
            read = partial(self._vector, kind=kind, rows=rows, counted=counted)
            return np.broadcast_to(vectors.meets(leaf, read, self.data.as_of), many)

        if masks.count(base) * _SPARSE < size:
            places = self.data.kernels(kind).places_of(base, size)
            parts = [places[at : at + _BLOCK] for at in range(0, len(places), _BLOCK)]
            found = [one[met(one, len(one))] for one in parts]
            return masks.from_places(np.concatenate(found) if found else places, size)
        out = masks.nobody(size)
        for first in range(0, size, _BLOCK):
            last = min(first + _BLOCK, size)
            words = masks.pack(met(slice(first, last), last - first))
            out[first // masks.WORD : first // masks.WORD + len(words)] = words
        return out & base

    def _vector(
        self,
        measure: tree.Measure,
        kind: SubjectKind,
        rows: Rows,
        counted: dict[int, NDArray[np.float64]],
    ) -> Vector:
        if isinstance(measure, tree.Field):
            return _values(self.data.column(kind, measure.name), rows)
        assert isinstance(measure, tree.RelatedCount | tree.RelatedShare)
        if id(measure) not in counted:
            counted[id(measure)] = related.counted(self.data, self.mask, measure, kind)
        return Vector(counted[id(measure)][rows])


def asks_engine(condition: Condition) -> bool:
    """Whether it is itself a question about facts."""
    if isinstance(condition, tree.Sequence | tree.Became):
        return True
    kinds = (tree.And, tree.Or, tree.Not, tree.Related, tree.InAudience)
    return not isinstance(condition, kinds) and leaves.asks_facts(leaves.measures(condition))


def _values(held: Column, rows: Rows) -> Vector:
    """A column's values as vectors have them."""
    if held.layout == "numbers":
        found: NDArray[Any] = held.sections["raw"][rows]
        return Vector(np.where(np.isfinite(found), found, np.nan))
    codes = held.codes[rows]
    if held.type == "category":
        return Vector(codes=codes.astype(np.int64), values=held.values)
    known = held.numbers.copy()
    known[~np.isfinite(known)] = np.nan
    return Vector(np.append(np.nan, known)[codes])


def replaced(
    leaf: leaves.Comparison, standing: Callable[[tree.Node], str | None]
) -> leaves.Comparison:
    """A comparison with a tag in the place of each aggregate that a tag holds."""
    from dataclasses import fields as fields_of
    from dataclasses import replace

    def swapped(node: Any) -> Any:
        if isinstance(node, tuple):
            return tuple(swapped(one) for one in node)
        if not isinstance(node, tree.Node):
            return node
        if isinstance(node, tree.Aggregate | tree.Elapsed | tree.Arithmetic | tree.RelatedCount):
            name = standing(node)
            if name is not None:
                return tree.Field(name)
        if isinstance(node, tree.Aggregate | tree.RelatedCount | tree.RelatedShare):
            return node
        changed = {one.name: swapped(getattr(node, one.name)) for one in fields_of(node)}  # type: ignore[arg-type]
        return replace(node, **changed)  # type: ignore[type-var]

    made: leaves.Comparison = swapped(leaf)
    return made
