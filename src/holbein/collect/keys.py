"""Keys: whatever a source writes, as text that stays the same however the source stores it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.collect.raw import Mask, as_text, chunked, mask_of, present_text

_REFUSED: Final = "[\\x00\ufffd]"
"""NUL ends texts in many systems; the replacement character stands for bytes that were no text."""
_FLOAT_OF_INTEGERS: Final = r"^(-?(?:0|[1-9]\d*))\.0+$"


@dataclass(frozen=True)
class Keys:
    """``values``: text, null where missing. ``bad``: keys that can't be used (null as well)."""

    values: pa.ChunkedArray
    bad: Mask


def keys_of(table: pa.Table, columns: Sequence[str]) -> Keys:
    """The key of each row. Several columns are joined by "|", with "|" and "\\" inside escaped.

    A blank or any spelling of nothing is missing; with several columns, if it is so in one.
    """
    parts = [_key_text(table.column(name)) for name in columns]
    bad = np.zeros(table.num_rows, dtype=bool)
    for part in parts:
        bad |= mask_of(pc.match_substring_regex(part, _REFUSED))
    values = parts[0] if len(parts) == 1 else joined(parts)
    if bad.any():
        values = chunked(pc.if_else(pa.array(bad), pa.scalar(None, pa.string()), values))
    return Keys(values, bad)


def joined(parts: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Several texts as one key; null where one of them is."""
    return chunked(pc.binary_join_element_wise(*(_escaped(part) for part in parts), "|"))


def _escaped(part: pa.ChunkedArray) -> pa.ChunkedArray:
    doubled = pc.replace_substring(part, "\\", "\\\\")
    return pc.replace_substring(doubled, "|", "\\|")


def _key_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_null(column.type):
        return chunked(column.cast(pa.string()))
    text = present_text(as_text(column))
    if pa.types.is_string(column.type):
        return _integers(text)
    return text


def _integers(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """ "7.0" as "7": some program wrote a number as a float.

    Each by itself, whatever stands in the other rows: a key that depended on its neighbours would
    change when they do, and its subject would get a new id.
    """
    return chunked(pc.replace_substring_regex(text, _FLOAT_OF_INTEGERS, r"\1"))
