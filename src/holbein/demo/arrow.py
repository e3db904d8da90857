"""Arrays of numpy as Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def coded(index: NDArray[np.int64], labels: Sequence[str] | NDArray[np.object_]) -> pa.Array:
    """Labels by index, null where it is negative; a dictionary array of the labels in use."""
    missing = index < 0
    used = np.zeros(len(labels), bool)
    used[index[~missing]] = True
    place = (np.cumsum(used) - 1).astype(np.int32)
    codes = place[np.where(missing, 0, index)] if len(labels) else index.astype(np.int32)
    chosen = np.asarray(labels, object)[used]
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=missing), pa.array(chosen, pa.string())
    )


def money(cents: NDArray[np.int64]) -> pa.Array:
    """Cents as decimal(18, 2)."""
    whole = pc.cast(pa.array(cents), pa.decimal128(19, 0))
    return pc.cast(pc.multiply(whole, pa.scalar(Decimal("0.01"))), pa.decimal128(18, 2))


def dates(days: NDArray[np.int64], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Days since 1970 as dates."""
    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())


def numbered(prefix: str, count: int, behind: int = 0) -> pa.Array:
    """TR-00000001, TR-00000002 and so on; the first stands behind so many others."""
    numbers = pa.array(np.arange(behind + 1, behind + count + 1))
    number = pc.utf8_lpad(pc.cast(numbers, pa.string()), 8, "0")
    return pc.binary_join_element_wise(prefix, number, "-")


def iso_days(days: NDArray[np.int64]) -> list[str | None]:
    """Days since 1970 as ISO dates, None where negative."""
    texts: list[str] = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    return [text if day >= 0 else None for day, text in zip(days.tolist(), texts, strict=True)]
