"""Overlays: what is not told of a subject stays as it was."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from holbein.conditions import tree
from holbein.conditions.instants import end_of
from holbein.conditions.world import RoleLink, State, World
from holbein.index import twins
from holbein.index.index import Index
from holbein.index.overlay import Changes
from tests.support.indexes import source
from tests.support.tables import tables
from tests.support.worlds import WORDS

DAY = dt.date(2024, 6, 30)
ANY = tree.Related("any", "role", tree.TRUE)
EVER = tree.Related("any", "role_ever", tree.TRUE)
LASTS = tree.Missing(tree.Field("until"))


@pytest.fixture
def base() -> Index:
    """Two companies, of which the first has a role for whoever it is."""
    world = World(
        zone=ZoneInfo("UTC"),
        states={
            "enterprise": {1: (State(None, None, {}),), 2: (State(None, None, {}),)},
            "person": {1: (State(None, None, {}),)},
            "role": {1: (State(None, None, {"title": "CFO"}),)},
        },
        roles={1: RoleLink(1, 1, dt.date(2024, 1, 1), None)},
        parents={},
        streams={},
        tags={},
        audiences={},
        changes=(),
    )
    return Index(source(tables(world, WORDS), end_of(DAY, ZoneInfo("UTC")), WORDS), kernels=twins)


def overlaid(base: Index, gone: tuple[int, ...] = (), **rows: list[object]) -> Index:
    kinds = {"until": pa.date32(), "since": pa.date32(), "title": pa.string()}
    held = {name: pa.array(one, kinds.get(name, pa.int64())) for name, one in rows.items()}
    changes = Changes(pa.table(held), np.array(gone, np.int64))
    return base.overlaid({"role": changes})


def counts(index: Index) -> tuple[int, int, int]:
    """Companies that have a role, or ever had one; roles without an end."""
    return (
        index.count(ANY, "enterprise"),
        index.count(EVER, "enterprise"),
        index.count(LASTS, "role"),
    )


def test_a_role_that_ends_is_nobodys(base: Index) -> None:
    assert counts(base) == (1, 1, 1)
    assert counts(overlaid(base, id=[1], until=[DAY])) == (0, 1, 0)
    assert counts(overlaid(base, id=[1], until=[DAY + dt.timedelta(1)])) == (1, 1, 0)
    assert counts(overlaid(base, id=[1], since=[DAY + dt.timedelta(1)])) == (0, 0, 1)
    assert counts(base) == (1, 1, 1)


def test_a_new_role_without_dates_is_current(base: Index) -> None:
    more = overlaid(base, id=[2], enterprise=[2], person=[1])
    assert counts(more) == (2, 2, 2)
    assert more.column("role", "title").take(np.array([0, 1])).to_pylist() == ["CFO", None]


def test_a_role_that_is_told_otherwise_stays_where_it_is(base: Index) -> None:
    assert counts(overlaid(base, id=[1], title=["CEO"])) == (1, 1, 1)
    assert counts(overlaid(base, (1,), id=[], title=[])) == (0, 0, 0)


def test_who_is_gone_may_return(base: Index) -> None:
    without = overlaid(base, (1,), id=[], title=[])
    again = overlaid(without, id=[1], enterprise=[2], person=[1], title=["CEO"])
    assert counts(again) == (1, 1, 1)
    assert again.ids("enterprise", again.places(again.mask(ANY, "enterprise"), "enterprise")) == [2]


def test_an_id_that_is_neither_known_nor_new_is_refused(base: Index) -> None:
    more = overlaid(base, id=[5], enterprise=[2], person=[1])
    with pytest.raises(ValueError, match="role 3 is neither known nor new"):
        overlaid(more, id=[3], title=["x"]).count(tree.TRUE, "role")
