"""The keys under which peers stand together: the same from columns as from values."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from holbein.catalog.peers import peer_key
from holbein.conditions.instants import AsOf
from holbein.tags.peers import peer_keys

AS_OF = AsOf(dt.datetime(2024, 7, 1), dt.date(2024, 6, 30))
TEXTS = st.none() | st.text(alphabet="a1:行\U0001f600", max_size=4)


class Tables:
    """The one table that is read."""

    as_of = AS_OF

    def __init__(self, states: pa.Table) -> None:
        self.states = states

    def read(self, table: str, columns: list[str]) -> pa.Table:
        assert table == "enterprise"
        return self.states.select(columns)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12), st.randoms())
def test_a_key_stands_for_its_values_and_no_others(rows: list, chance) -> None:
    """One field is an attribute, whose table stands in another order, the other a tag."""
    ids = list(range(1, len(rows) + 1))
    order = chance.sample(range(len(rows)), len(rows))
    missing = pa.nulls(len(rows), pa.timestamp("us"))
    states = pa.table(
        {
            "id": pa.array([ids[one] for one in order], pa.int64()),
            "valid_from": missing,
            "valid_to": missing,
            "industry": pa.array([rows[one][0] for one in order], pa.string()),
        }
    )
    tags = pa.table({"id": ids, "size": pa.array([size for _, size in rows], pa.string())})
    found = peer_keys(Tables(states), "enterprise", tags, ("industry", "size"), AS_OF).to_pylist()
    assert found == [None if None in one else peer_key(one) for one in rows]
    whole = [one for one in rows if None not in one]
    assert len({peer_key(one) for one in whole}) == len(set(whole))


def test_an_attribute_is_that_of_the_instant() -> None:
    day = dt.datetime(2024, 3, 1)
    later = dt.datetime(2024, 9, 1)
    states = pa.table(
        {
            "id": pa.array([1, 1, 1], pa.int64()),
            "valid_from": pa.array([None, day, later], pa.timestamp("us")),
            "valid_to": pa.array([day, later, None], pa.timestamp("us")),
            "industry": ["before", "now", "to come"],
        }
    )
    tags = pa.table({"id": [1, 2]})
    found = peer_keys(Tables(states), "enterprise", tags, ("industry",), AS_OF)
    assert found.to_pylist() == [peer_key(["now"]), None]
