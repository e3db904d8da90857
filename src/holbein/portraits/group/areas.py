"""Codes of a group rolled up: companies by province and country, by section and division.

A list of codes is a tree, and what a tag or attribute holds may be any of its codes: a district, a
city, a province. Each counts for itself and for all above it, so that the whole tree can be drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec
from holbein.portraits.figures import share, tgi
from holbein.portraits.speech import Speech

if TYPE_CHECKING:
    from holbein.query import Query
    from holbein.query.sides import Sides


@dataclass(frozen=True)
class Area:
    """A code with all below it, in the group and in the base; ``inside`` are those right below."""

    code: str
    text: str
    group: int
    base: int
    share: float | None
    base_share: float | None
    tgi: float | None
    inside: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Areas:
    """The upper two levels of a list of codes (``regions``, ``industries``) as a field has them."""

    name: str
    title: str
    codes: str
    tops: tuple[Area, ...]
    """Those that anyone of the base is in, the largest in the group first."""


def areas(
    query: Query,
    speech: Speech,
    kind: SubjectKind,
    names: Sequence[str],
    sides: Sides,
) -> tuple[Areas, ...]:
    """One for each list of codes: of the first field by it of which the base has any value."""
    out: dict[str, Areas] = {}
    for name in names:
        spec = query.spec(kind, name)
        if spec.codes is None or spec.type != "category" or spec.codes.name in out:
            continue
        rows = sides.labels(name).to_pylist()
        if tops := _tops(speech, spec, rows, (sides.size, sides.every)):
            title = speech.field_title(spec)
            out[spec.codes.name] = Areas(spec.name, title, spec.codes.name, tops)
    return tuple(out.values())


def _tops(
    speech: Speech,
    spec: FieldSpec,
    rows: Sequence[dict[str, object]],
    sizes: tuple[int, int],
) -> tuple[Area, ...]:
    codes = spec.codes
    assert codes is not None
    group: Counter[str] = Counter()
    base: Counter[str] = Counter()
    below: dict[str | None, set[str]] = {}
    for row in rows:
        code = row["value"]
        above = None
        for one in _chain(spec, code) if isinstance(code, str) else ():
            group[one] += int(str(row["group"]))
            base[one] += int(str(row["base"]))
            below.setdefault(above, set()).add(one)
            above = one

    def area(code: str, *, top: bool) -> Area:
        inside = [area(one, top=False) for one in below.get(code, ())] if top else []
        size, base_size = sizes
        return Area(
            code,
            speech.label(spec, code),
            group[code],
            base[code],
            share(group[code], size),
            share(base[code], base_size),
            tgi(group[code], size, base[code], base_size),
            _largest_first(inside),
        )

    return _largest_first([area(one, top=True) for one in below.get(None, ())])


def _chain(spec: FieldSpec, code: str) -> list[str]:
    """The code of the uppermost level, and that of the next, if it is so deep."""
    assert spec.codes is not None
    chain = [code]
    while (higher := spec.codes.parent(chain[0])) is not None:
        chain.insert(0, higher)
    return chain[:2]


def _largest_first(found: list[Area]) -> tuple[Area, ...]:
    return tuple(sorted(found, key=lambda one: (-one.group, -one.base, one.code)))
