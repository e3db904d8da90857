"""Leaves: how a comparison is looked up in the column that it speaks of.

A range of numbers or dates, a label, a code and all below it are found in the dictionary. Every
other comparison that speaks of one column with a dictionary is worked out for each of its values.
What speaks of several columns is worked out for each subject (``evaluate``).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from holbein.conditions import tree
from holbein.conditions.instants import AsOf
from holbein.conditions.vocabulary import FieldSpec
from holbein.index import masks, vectors
from holbein.index.columns import Column, day_number
from holbein.index.plan import (
    EVERYONE,
    NOBODY,
    Except,
    Leaf,
    Plan,
    Some,
    bits,
    codes_in,
    numbers_in,
)
from holbein.index.program import RANGE
from holbein.index.vectors import Vector

Comparison = (
    tree.Compare | tree.In | tree.Between | tree.Like | tree.Contains | tree.Within | tree.Missing
)
_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_FACTS = (tree.Aggregate, tree.Bucket)
COUNTS = (tree.RelatedCount, tree.RelatedShare)
_FAR = (*_FACTS, *COUNTS)
_LAST_DAY = 3_652_059
"""The ordinal of the last day that there is, 9999-12-31."""
_FIRST = 719_163
"""The ordinal of 1970-01-01."""


def measures(leaf: Comparison) -> Iterator[tree.Node]:
    """All nodes of the measures that a comparison compares, but not what is counted in them."""
    level: list[tree.Node] = [*tree.children(leaf)]
    while level:
        one = level.pop()
        yield one
        if not isinstance(one, COUNTS):
            level += tree.children(one)


def asks_facts(nodes: Iterable[tree.Node]) -> bool:
    """Whether no column holds what is compared, by the nodes of the measures."""
    return any(isinstance(one, _FACTS) for one in nodes)


def fields(leaf: Comparison) -> set[str]:
    """The attributes and tags that it compares."""
    return {one.name for one in measures(leaf) if isinstance(one, tree.Field)}


def leaf_plan(
    leaf: Comparison,
    nodes: Sequence[tree.Node],
    column: Callable[[str], Column],
    spec: Callable[[str], FieldSpec],
    as_of: AsOf,
) -> Plan | None:
    """How it is looked up; None where it must be worked out for each subject. ``nodes``: those of
    the measures that it compares."""
    if any(isinstance(one, _FAR) for one in nodes):
        return None
    named = {one.name for one in nodes if isinstance(one, tree.Field)}
    if not named:
        return EVERYONE if vectors.meets(leaf, _nothing, as_of)[0] else NOBODY
    if len(named) > 1:
        return None
    (name,) = named
    held = column(name)
    if isinstance(leaf, tree.Contains):
        return _labelled(held, [leaf.value])
    if isinstance(leaf, tree.Within):
        codes = spec(name).codes
        labels = codes.within(leaf.value) if codes is not None else frozenset((leaf.value,))
        return _labelled(held, sorted({*labels, leaf.value}))
    if isinstance(leaf, tree.Missing) and isinstance(leaf.of, tree.Field):
        return _missing(held)
    found = _ranged(leaf, as_of)
    if found is not None and held.type in ("number", "date"):
        parts = tuple(numbers_in(held, *one) for one in found)
        return parts[0] if len(parts) == 1 else Some(parts)
    if held.layout != "labels":
        return None
    truth = _truth(leaf)
    if truth is not None:
        return codes_in(held, [2 if truth else 1])
    if _is_label(leaf):
        return _labelled(held, [one.value for one in _texts(leaf)])
    return _each_value(leaf, held, as_of)


def _nothing(measure: tree.Measure) -> Vector:
    raise TypeError(f"no constant: {measure!r}")


# --- labels ---------------------------------------------------------------------------------------


def _is_label(leaf: Comparison) -> bool:
    """Whether it asks for one of some texts."""
    if isinstance(leaf, tree.Compare):
        sides = {type(leaf.left), type(leaf.right)}
        return sides == {tree.Field, tree.Text}
    if isinstance(leaf, tree.In):
        plain = isinstance(leaf.of, tree.Field)
        return plain and all(isinstance(one, tree.Text) for one in leaf.values)
    return False


def _truth(leaf: Comparison) -> bool | None:
    """What it asks a boolean to be."""
    if not isinstance(leaf, tree.Compare) or leaf.sign != "=":
        return None
    sides = leaf.left, leaf.right
    written = [one.value for one in sides if isinstance(one, tree.Truth)]
    return written[0] if len(written) == 1 else None


def _texts(leaf: Comparison) -> Iterator[tree.Text]:
    return (one for one in tree.children(leaf) if isinstance(one, tree.Text))


def _labelled(held: Column, labels: list[str]) -> Plan | None:
    """Those with one of some labels."""
    if held.layout == "texts":
        return None
    codes = sorted({held.code(one) for one in labels} - {0})
    if held.layout == "labels":
        return codes_in(held, codes)
    return _listed(held, codes)


def _listed(held: Column, codes: list[int]) -> Plan:
    """Those who have one of some labels among theirs."""
    if not codes:
        return NOBODY
    maps = [(code, held.bitmap(code)) for code in codes]
    if maps[0][1] is None:
        return bits(_having(held, codes))
    total = max(1, held.size)
    leaves = tuple(
        bits(one, int(held.counts[code]) / total) for code, one in maps if one is not None
    )
    return leaves[0] if len(leaves) == 1 else Some(leaves)


def _having(held: Column, codes: list[int]) -> masks.Mask:
    flags = np.zeros(held.distinct + 1, np.bool_)
    flags[codes] = True
    entries = np.flatnonzero(flags[held.codes])
    owners = np.searchsorted(held.sections["offsets"], entries, side="right") - 1
    return masks.from_places(owners, held.size)


def _missing(held: Column) -> Plan:
    if held.layout == "texts":
        return Except(bits(held.sections["known"], 0.9))
    if held.layout == "lists":
        return Except(bits(held.sections["some"], 0.9))
    if held.layout == "numbers":
        return Leaf(RANGE, held.sections["sketch"], low=0, high=0, share=0.1, cost=2.0)
    return codes_in(held, [0, *range(held.finite + 1, held.distinct + 1)])


def _each_value(leaf: Comparison, held: Column, as_of: AsOf) -> Plan:
    """By what it says of each value of a dictionary, and of what is missing."""
    if held.type == "category":
        codes = np.arange(held.distinct + 1)
        values = Vector(codes=codes, values=held.values)
    else:
        known = held.numbers.copy()
        known[~np.isfinite(known)] = np.nan
        values = Vector(np.append(np.nan, known))
    met = vectors.meets(leaf, lambda _: values, as_of)
    if len(met) == 1:
        return EVERYONE if met[0] else NOBODY
    return codes_in(held, np.flatnonzero(met).tolist())


# --- ranges ---------------------------------------------------------------------------------------


def _ranged(leaf: Comparison, as_of: AsOf) -> list[tuple[float, float]] | None:
    """The ranges, ends included, of which a number or date (as days) must lie in one."""
    match leaf:
        case tree.Compare(left=left, sign=sign, right=right):
            if _number(left) is not None and _number(right) is None:
                left, right = right, left
                sign = _FLIPPED[sign]  # type: ignore[assignment]
            bound = _number(right)
            if bound is None:
                return None
            return _bounded(left, *_ends(sign, bound), as_of)
        case tree.Between(of=of, low=low, high=high):
            least, most = _number(low), _number(high)
            if least is None or most is None:
                return None
            return _bounded(of, least, most, as_of)
        case tree.In(of=of, values=values):
            numbers = [_number(one) for one in values]
            known = [one for one in numbers if one is not None]
            if len(known) < len(numbers) or not isinstance(of, tree.Field):
                return None
            if len(known) > 8:
                return None
            return [(one, one) for one in known]
    return None


def _number(node: tree.Measure) -> float | None:
    """A number or date that is written out."""
    if isinstance(node, tree.Number):
        return float(node.value)
    return float(day_number(node.value)) if isinstance(node, tree.Day) else None


def _ends(sign: tree.CompareSign, bound: float) -> tuple[float, float]:
    match sign:
        case "=":
            return bound, bound
        case "<":
            return -math.inf, math.nextafter(bound, -math.inf)
        case "<=":
            return -math.inf, bound
        case ">":
            return math.nextafter(bound, math.inf), math.inf
    return bound, math.inf


def _bounded(
    of: tree.Measure, least: float, most: float, as_of: AsOf
) -> list[tuple[float, float]] | None:
    if isinstance(of, tree.Field):
        return [(least, most)]
    if isinstance(of, tree.Elapsed) and isinstance(of.of, tree.Field):
        return [_days(of.unit, of.direction, least, most, as_of)]
    return None


@lru_cache(1024)
def _days(unit: str, direction: str, least: float, most: float, as_of: AsOf) -> tuple[float, float]:
    """Between which days a date lies from or until which so many units are."""
    if direction == "since":
        least, most = -most, -least

    def until(ordinal: int) -> int:
        return vectors.until(ordinal - _FIRST, unit, as_of)

    days = range(1, _LAST_DAY + 1)  # the later the day, the more units until then
    first = bisect_left(days, least, key=until) if math.isfinite(least) else 0
    above = math.floor(most) + 1 if math.isfinite(most) else None
    last = bisect_left(days, above, key=until) if above is not None else len(days)
    return float(first + 1 - _FIRST), float(last - _FIRST)
