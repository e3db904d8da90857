"""What is told of numbers and dates from their counts, against numpy over the values themselves."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from holbein.query.numbers import EPOCH, QUANTILES, edges_of, numbers

FEW = st.sampled_from([0.0, 0.1, 0.25, -3.5, 7.0, 1e6])
MANY = st.floats(-1e9, 1e9, allow_nan=False).map(lambda one: round(one, 2) + 0.0)
ROWS = st.lists(st.tuples(st.none() | FEW | MANY, st.booleans()), max_size=80)


@given(ROWS)
def test_counts_tell_what_the_values_tell(rows: list[tuple[float | None, bool]]) -> None:
    values = pa.chunked_array([pa.array([one for one, _ in rows], pa.float64())])
    mine = np.array([inside for _, inside in rows], bool)
    found = numbers(values, mine)
    for side, known in (
        (found.base, [one for one, _ in rows if one is not None]),
        (found.group, [one for one, inside in rows if inside and one is not None]),
        (found.rest, [one for one, inside in rows if not inside and one is not None]),
    ):
        spread = found.spread(side)
        assert spread["n"] == len(known)
        if not known:
            assert set(spread.values()) == {0, None}
            continue
        expected = np.quantile(known, [*QUANTILES.values()])
        assert [spread[name] for name in QUANTILES] == expected.tolist()
        assert (spread["min"], spread["max"]) == (min(known), max(known))
        assert np.isclose(spread["mean"], np.mean(known), rtol=1e-12, atol=1e-6)


@given(st.lists(st.dates(dt.date(1890, 1, 1), dt.date(2100, 1, 1)), min_size=1, max_size=40))
def test_dates_stay_dates(days: list[dt.date]) -> None:
    found = numbers(pa.chunked_array([pa.array(days)]), np.ones(len(days), bool))
    spread = found.spread(found.base)
    middle = np.quantile([(one - EPOCH).days for one in days], 0.5)
    assert spread["p50"] == EPOCH + dt.timedelta(days=round(middle))
    bands = found.quarters()
    counts = found.base.between(edges_of([high for _, high in bands[:-1]]))
    for (low, high), count in zip(bands, counts, strict=True):
        inside = [o for o in days if (low is None or o >= low) and (high is None or o < high)]
        assert count == len(inside)
