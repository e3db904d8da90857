"""Arrays of numpy as Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def coded(index: NDArray[np.int64], labels: Sequence[str] | NDArray[np.object_]) -> pa.Array:
    """Labels by index, null where it is negative; a dictionary array."""
    codes = pa.array(index.astype(np.int32), mask=index < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(labels, pa.string()))


def money(cents: NDArray[np.int64]) -> pa.Array:
    """Cents as decimal(18, 2)."""
    whole = pc.cast(pa.array(cents), pa.decimal128(19, 0))
    return pc.cast(pc.multiply(whole, pa.scalar(Decimal("0.01"))), pa.decimal128(18, 2))


def iso_days(days: NDArray[np.int64]) -> list[str | None]:
    """Days since 1970 as ISO dates, None where negative."""
    texts: list[str] = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    return [text if day >= 0 else None for day, text in zip(days.tolist(), texts, strict=True)]
