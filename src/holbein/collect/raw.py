"""What a source gives: columns as it stores them, and where each row stands."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.progress import Progress, quiet
from holbein.records import PlaceOf, Rows
from holbein.refine.values import MISSING

Mask = np.ndarray[Any, np.dtype[np.bool_]]

_MISSING: Final = pa.array(sorted(MISSING), pa.string())
_PLAIN_SCALE: Final = 6
"""Decimals with more digits than these Arrow may write as 5E-7."""
_BYTES: Final = (
    pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)  # fmt: skip


@dataclass(frozen=True)
class Unread:
    """A row that could not be taken apart: where, why, and its text."""

    place: str
    reason: str
    text: str


@dataclass(frozen=True)
class Raw:
    """The columns asked for, all rows, in the source's order.

    ``place_of`` turns row numbers (0 is the first row) into "customers.csv:17", "Orders row 16".
    """

    table: pa.Table
    place_of: PlaceOf
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class Stored:
    """A column as a source stores it. ``declared``: the type that a database says it has."""

    name: str
    declared: str | None = None


@dataclass(frozen=True)
class Looked:
    """A first look at a table: its columns, some or all of its rows, and what else was found out.

    ``whole`` False: ``table`` holds only the first rows; ``distinct`` reads a column to its end.
    """

    columns: tuple[Stored, ...]
    table: pa.Table
    whole: bool
    distinct: Callable[[str], pa.Array]
    notes: tuple[str, ...] = field(default=())


class Origin(Protocol):
    """A table, a file or a query that a mapping reads. Errors are SourceErrors without place."""

    label: str

    def columns(self) -> tuple[Stored, ...]:
        """All of its columns, in order."""

    def look(self, names: Sequence[str]) -> Looked:
        """The columns ``names``, as far as guessing their types needs."""

    def read(self, names: Sequence[str], progress: Progress = quiet) -> Raw:
        """The columns ``names``, all rows."""


def numbered(label: str) -> PlaceOf:
    """Places of rows that have no lines: "Orders row 17"."""
    return lambda rows: [f"{label} row {int(row) + 1}" for row in rows]


def mask_of(values: pa.ChunkedArray | pa.Array) -> Mask:
    """An Arrow boolean column as a numpy mask; missing is False."""
    found: Mask = np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)
    return found


def valid_mask(values: pa.ChunkedArray) -> Mask:
    """Where a column has a value."""
    return mask_of(values.is_valid())


def chunked(values: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in the form that all others have."""
    return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])


def as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Any plain column as text: 7 and 7.0 are both "7", true is "true", days are ISO.

    A floating column keeps a fraction as Python writes it. Bytes that are not UTF-8 are read with
    a replacement character, which no key may hold (see ``keys``). Lists and structs become JSON.
    """
    kind = values.type
    if pa.types.is_string(kind):
        return values
    if pa.types.is_dictionary(kind):
        return as_text(chunked(values.cast(kind.value_type)))
    if pa.types.is_floating(kind):
        return _floats_as_text(values)
    if pa.types.is_decimal(kind):
        return _decimals_as_text(values)
    if pa.types.is_timestamp(kind):
        return _timestamps_as_text(values)
    if any(is_bytes(kind) for is_bytes in _BYTES):
        return _by_python(values, lambda one: one.decode("utf-8", "replace"))
    if pa.types.is_nested(kind):
        return _by_python(values, lambda one: json.dumps(one, ensure_ascii=False, default=str))
    try:
        return values.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _by_python(values, str)


def _decimals_as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if 0 <= values.type.scale <= _PLAIN_SCALE:
        return _without_tail(values.cast(pa.string()))
    return _without_tail(_by_python(values, lambda one: format(one, "f")))


def _timestamps_as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Those with a zone in UTC: Arrow looks for zones in the system, which may have none."""
    text = _without_tail(values.cast(pa.timestamp(values.type.unit)).cast(pa.string()))
    return text if values.type.tz is None else pc.binary_join_element_wise(text, "Z", "")


def _without_tail(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Fractions without the zeros that a type's digits add: 7.00 is 7, 7.50 is 7.5."""
    return pc.replace_substring_regex(
        pc.replace_substring_regex(text, r"(\.\d*?)0+$", r"\1"), r"\.$", ""
    )


def _floats_as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    wide = values.cast(pa.float64())
    small = pc.less(pc.abs(wide), 2.0**63)
    whole = pc.and_(pc.and_(pc.is_finite(wide), small), pc.equal(pc.trunc(wide), wide))
    nothing = pa.scalar(None, pa.float64())
    as_whole = pc.if_else(whole, wide, nothing).cast(pa.int64()).cast(pa.string())
    rest = pc.if_else(pc.or_(whole, pc.is_nan(wide)), nothing, wide)
    if rest.null_count == len(rest):
        return chunked(as_whole)
    return chunked(pc.coalesce(as_whole, _by_python(chunked(rest), repr)))


def _by_python(values: pa.ChunkedArray, to_text: Callable[[Any], str]) -> pa.ChunkedArray:
    texts = [None if one is None else to_text(one) for one in values.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def present_text(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text column in which every spelling of nothing is missing, blanks at the ends cut off."""
    bare = pc.utf8_trim_whitespace(text)
    nothing = pc.is_in(bare, value_set=_MISSING)
    if not pc.any(nothing).as_py():
        return chunked(bare)
    return chunked(pc.if_else(nothing, pa.scalar(None, pa.string()), bare))


def distinct(values: pa.ChunkedArray) -> pa.Array:
    """The distinct values of a column, without missing, in the order of their first appearance."""
    return pc.unique(values).drop_null()


def row_json(table: pa.Table, rows: Rows) -> list[str]:
    """Rows as JSON text, for the quarantine."""
    if not len(rows):
        return []
    some = table.take(pa.array(rows, pa.int64()))
    columns = [_for_json(column) for column in some.columns]
    names = some.column_names
    return [
        json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False, default=_plain)
        for values in zip(*columns, strict=True)
    ]


def _for_json(column: pa.ChunkedArray) -> list[Any]:
    # Python has no times outside the years 1 to 9999, and JSON no NaN and no infinity.
    if pa.types.is_temporal(column.type):
        return list(as_text(column).to_pylist())
    values: list[Any] = column.to_pylist()
    if pa.types.is_floating(column.type):
        return [one if one is None or math.isfinite(one) else str(one) for one in values]
    return values


def _plain(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


def words_of(name: str) -> list[str]:
    """The words of a column's name, in lower case: ``OrderID`` has "order" and "id"."""
    return [word.lower() for word in _WORD.findall(name)]


def snake_case(name: str) -> str:
    """``OrderDate`` and ``Order Date`` as ``order_date``; empty where nothing is left to name."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name.strip())
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", spaced)
    plain = re.sub(r"\W+", "_", spaced).strip("_").lower()
    plain = re.sub(r"_{2,}", "_", plain)
    return f"n{plain}" if plain[:1].isdigit() else plain
