"""Numbering: places stay where they are while they can, and nobody shares one."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.conditions.instants import end_of
from holbein.index import masks
from holbein.index.building import FEWEST, Numbering, numbered
from holbein.index.relations import NOBODY, group, links, members, places_among

IDS = st.sets(st.integers(1, 40)) | st.sets(st.integers(-(2**62), 2**62), max_size=20)


def ascending(ids: set[int]) -> np.ndarray:
    return np.array(sorted(ids), np.int64)


def there(one: Numbering) -> list[int]:
    """Who stands somewhere."""
    live = masks.full(one.size) if one.live is None else one.live
    return one.ids[masks.unpack(live, one.size)].tolist()


@given(before=st.none() | IDS, now=IDS)
def test_everyone_has_a_place_and_those_before_keep_theirs(
    before: set[int] | None, now: set[int]
) -> None:
    earlier = None if before is None else ascending(before)
    made = numbered(ascending(now), earlier)
    assert there(made) == sorted(now)
    assert (np.diff(made.ids) > 0).all()
    assert made.live is None or masks.count(made.live) < made.size
    assert made.live is None or made.live.size == masks.width(made.size)
    returned = {one for one in now - (before or set()) if before and one < max(before)}
    many_holes = len(now) < FEWEST * len((before or set()) | now)
    if not before or returned or many_holes:
        assert made.ids.tolist() == sorted(now)  # anew
        assert made.live is None
    else:
        assert made.ids[: len(before)].tolist() == sorted(before)


@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12), data=st.data())
def test_run_after_run(steps: list[tuple[int, int]], data: st.DataObject) -> None:
    """Some go, some come: at most a quarter of the places are holes, and one fingerprint is one
    numbering."""
    now, newest, earlier = set(range(1, 20)), 19, None
    known: dict[str, tuple[list[int], list[int]]] = {}
    for gone, new in steps:
        ids = sorted(now)
        now -= {*data.draw(st.lists(st.sampled_from(ids), max_size=gone))} if ids else set()
        now |= {*range(newest + 1, newest + 1 + new)}
        newest += new
        made = numbered(ascending(now), earlier)
        assert there(made) == sorted(now)
        assert len(now) >= FEWEST * made.size
        told = made.ids.tolist(), there(made)
        assert known.setdefault(made.fingerprint(), told) == told
        earlier = made.ids


def test_a_fingerprint_tells_a_hole_from_a_place() -> None:
    ids = np.arange(8, dtype=np.int64)
    all_, some = Numbering(ids), numbered(ids[1:], ids)
    assert some.live is not None
    assert all_.fingerprint() != some.fingerprint()


@given(known=IDS, asked=st.lists(st.integers(-5, 45) | st.integers(-(2**62), 2**62)))
def test_places_among_ids(known: set[int], asked: list[int]) -> None:
    ids = ascending(known)
    place = {one: at for at, one in enumerate(ids.tolist())}
    found = places_among(np.array(asked, np.int64), ids)
    assert found.tolist() == [place.get(one, -1) for one in asked]


# --- relations ------------------------------------------------------------------------------------

DAY = end_of(dt.date(2024, 2, 29), ZoneInfo("UTC"))
TODAY = DAY.day.toordinal() - 719_163


@given(
    rows=st.lists(
        st.tuples(
            st.integers(1, 6),
            st.none() | st.integers(1, 6),
            st.none() | st.integers(TODAY - 1, TODAY + 1),
            st.none() | st.integers(TODAY - 1, TODAY + 1),
        ),
        max_size=70,
    )
)
def test_whose_role_it_is_and_which_roles_are_whose(
    rows: list[tuple[int, int | None, int | None, int | None]],
) -> None:
    """Some companies and people are not there: then the role leads to nobody."""
    enterprises, people = np.array([1, 3, 4, 6], np.int64), np.array([2, 3], np.int64)
    kinds = (pa.int64(), pa.int64(), pa.date32(), pa.date32())
    columns = [
        pa.array([row[at] for row in rows], pa.int32()).cast(kind)
        if kind == pa.date32()
        else pa.array([row[at] for row in rows], kind)
        for at, kind in enumerate(kinds)
    ]
    table = pa.table(columns, names=["enterprise", "person", "since", "until"])
    made = links(table, DAY, enterprises, people)
    begun = [row[2] is None or row[2] <= TODAY for row in rows]
    current = [begun[at] and (row[3] is None or row[3] > TODAY) for at, row in enumerate(rows)]
    assert masks.unpack(made["begun"], len(rows)).tolist() == begun
    assert masks.unpack(made["current"], len(rows)).tolist() == current
    for at, (name, ids) in enumerate((("enterprise", enterprises), ("person", people))):
        targets = made[name]
        assert (targets[len(rows) :] == NOBODY).all()
        for row, target in zip(rows, targets.tolist(), strict=False):
            assert target == (ids.tolist().index(row[at]) if row[at] in ids else NOBODY)
        held = members(targets, made["current"], len(rows), len(ids))
        for place, one in enumerate(ids.tolist()):
            mine = held["members"][held["offsets"][place] : held["offsets"][place + 1]]
            assert mine.tolist() == [
                i for i, row in enumerate(rows) if current[i] and row[at] == one
            ]


@pytest.mark.parametrize("size", [0, 1, 64, 65])
def test_companies_in_no_group_are_their_own_roots(size: int) -> None:
    empty = pa.table(
        {name: pa.array([], pa.int64()) for name in ("enterprise", "ancestor", "distance")}
    )
    made = group(empty, np.arange(size, dtype=np.int64))
    assert made["root"][:size].tolist() == [*range(size)]
    assert (made["parent"] == NOBODY).all()
    assert len(made["parent"]) == len(made["root"]) == masks.padded(size)


def test_the_farthest_above_is_the_root() -> None:
    rows = [
        (13, 12, 1),
        (13, 11, 2),
        (13, 10, 3),
        (12, 11, 1),
        (12, 10, 2),
        (11, 10, 1),
        (15, 99, 1),
    ]
    table = pa.table([pa.array(one, pa.int64()) for one in zip(*rows[::-1], strict=True)],
                     names=["enterprise", "ancestor", "distance"])  # fmt: skip
    made = group(table, np.array([10, 11, 12, 13, 15], np.int64))
    assert made["root"][:5].tolist() == [0, 0, 0, 0, 4]
    assert made["parent"][:5].tolist() == [NOBODY, 0, 1, 2, NOBODY]
    pairs = sorted(zip(made["below"].tolist(), made["above"].tolist(), strict=True))
    assert pairs == [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]
