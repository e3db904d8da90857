"""Asking an engine what a condition selects, as of one instant and as of many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa
from sqlglot import exp

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import Condition, SubjectKind, Window
from holbein.engine import bands, ordered
from holbein.engine.base import Engine, column, table
from holbein.engine.compile import Compiler, Layout

ASKED = "asked pairs"


@contextmanager
def narrow_bands() -> Iterator[None]:
    """Facts are read in bands between the edges of all windows, however short."""
    kept = bands.FIRST_CUT, bands.APART, ordered.RECENT
    bands.FIRST_CUT, bands.APART, ordered.RECENT = 1, 1.0, Window(3, "day")
    try:
        yield
    finally:
        bands.FIRST_CUT, bands.APART, ordered.RECENT = kept


def selected(
    engine: Engine, layout: Layout, condition: Condition, kind: SubjectKind, as_of: AsOf
) -> set[int]:
    """The ids that a bound condition selects."""
    compiler = Compiler(layout)
    scope = compiler.everyone(kind, as_of)
    found = engine.query(compiler.finish(scope.select({}, scope.condition(condition))))
    ids = found["id"].to_pylist()
    assert len(ids) == len(set(ids)), "a subject stands twice in the answer"
    return set(ids)


def selected_pairs(
    engine: Engine,
    layout: Layout,
    condition: Condition,
    kind: SubjectKind,
    ids: Iterable[int],
    instants: Iterable[AsOf],
) -> set[tuple[int, AsOf]]:
    """Of all pairs of an id and an instant, those that a bound condition selects."""
    pairs = [(id_, as_of) for id_ in ids for as_of in instants]
    engine.load(
        ASKED,
        pa.table(
            {
                "id": pa.array([id_ for id_, _ in pairs], pa.int64()),
                "instant": pa.array([one.instant for _, one in pairs], pa.timestamp("us")),
                "day": pa.array([one.day for _, one in pairs], pa.date32()),
            }
        ),
    )
    compiler = Compiler(layout)
    chosen = exp.select(*(column(one) for one in ("id", "instant", "day"))).from_(table(ASKED))
    scope = compiler.pairs(kind, chosen)
    found = engine.query(compiler.finish(scope.select({}, scope.condition(condition))))
    rows = zip(*(found[one].to_pylist() for one in ("id", "instant", "day")), strict=True)
    listed = [(id_, AsOf(instant, day)) for id_, instant, day in rows]
    assert len(listed) == len(set(listed)), "a pair stands twice in the answer"
    return set(listed)
