"""The states of subjects: which attributes they had when."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.instants import AsOf


def valid(states: pa.Table, as_of: AsOf) -> pa.Table:
    """Those rows of a table of states that are of an instant: of each subject one at most."""
    now = pa.scalar(as_of.instant, pa.timestamp("us"))
    begun = pc.fill_null(pc.less(states["valid_from"], now), True)
    lasts = pc.fill_null(pc.greater_equal(states["valid_to"], now), True)
    return states.filter(pc.and_(begun, lasts))
