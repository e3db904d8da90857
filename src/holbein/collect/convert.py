"""A column as it is stored → the column as Holbein holds it.

What is written plainly is converted by Arrow, all at once; the rest is parsed once for each
distinct value. Nothing is guessed here but what only a whole column can tell: the order of day
and month, and the decimal mark.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.inspection import Column, Habit
from holbein.collect import times
from holbein.collect.raw import (
    Mask,
    as_text,
    chunked,
    distinct,
    mask_of,
    present_text,
    valid_mask,
)
from holbein.collect.times import OUTSIDE, Micros
from holbein.conditions.vocabulary import Type
from holbein.refine import values as parse
from holbein.refine.codes import code_list

MONEY: Final = pa.decimal128(18, 4)
ARROW: Final[dict[Type, pa.DataType]] = {
    "boolean": pa.bool_(),
    "category": pa.string(),
    "categories": pa.list_(pa.string()),
    "number": pa.float64(),
    "date": pa.date32(),
}
_PLAIN_NUMBER: Final = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
_LIST_MARKS: Final = re.compile(r"[;；|、\n]")
_COMMAS: Final = re.compile(r"[,，]")
_LARGEST: Final = Decimal(10) ** 14
_CENT: Final = Decimal("0.0001")


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type in which a column's values are held."""
    return MONEY if column.money else ARROW[column.type]


@dataclass(frozen=True)
class Typed:
    """A converted column. ``bad``: which values are there but can't be read; they are missing in
    ``values``.
    """

    values: pa.ChunkedArray
    bad: Mask

    @property
    def sound(self) -> bool:
        """Whether all could be read."""
        return not self.bad.any()


NO_HABIT: Final = Habit()


def convert(raw: pa.ChunkedArray, column: Column, zone: ZoneInfo, habit: Habit = NO_HABIT) -> Typed:
    """``raw`` in the type of ``column``. Dates with a zone become days in ``zone``.

    ``habit`` decides what this column alone leaves open.
    """
    if pa.types.is_null(raw.type):
        return Typed(chunked(raw.cast(arrow_type(column))), np.zeros(len(raw), dtype=bool))
    if column.money:
        return _money(raw, habit)
    if column.type == "number":
        return _numbers(raw, habit)
    if column.type == "boolean":
        return _booleans(raw)
    if column.type == "date":
        return days(raw, zone, habit)
    if column.type == "categories":
        return _categories(raw, column.codes)
    return _category(raw, column.codes)


# --- text -----------------------------------------------------------------------------------


def _by_distinct(
    text: pa.ChunkedArray, read: Callable[[str], Any], to: pa.DataType
) -> pa.ChunkedArray:
    """``text`` parsed once for each distinct value; missing where ``read`` gives None."""
    known = distinct(text)
    parsed = pa.array([read(one) for one in known.to_pylist()], to)
    return chunked(parsed.take(pc.index_in(text, value_set=known).combine_chunks()))


def _bad(text: pa.ChunkedArray, values: pa.ChunkedArray) -> Mask:
    return valid_mask(text) & ~valid_mask(values)


def _category(raw: pa.ChunkedArray, codes: str | None) -> Typed:
    text = present_text(as_text(raw))
    if codes is not None:
        resolve = code_list(codes).resolve
        text = _by_distinct(text, lambda one: resolve(one) or one, pa.string())
    return Typed(text, np.zeros(len(raw), dtype=bool))


def _categories(raw: pa.ChunkedArray, codes: str | None) -> Typed:
    resolve = code_list(codes).resolve if codes is not None else lambda one: None

    def tidy(found: list[str | None]) -> list[str] | None:
        bare = {one.strip() for one in found if one is not None} - parse.MISSING
        return sorted({resolve(one) or one for one in bare}) or None

    if pa.types.is_list(raw.type) or pa.types.is_large_list(raw.type):
        plain = [
            None if one is None else tidy([None if part is None else str(part) for part in one])
            for one in raw.to_pylist()
        ]
        return Typed(
            pa.chunked_array([pa.array(plain, ARROW["categories"])]), np.zeros(len(raw), dtype=bool)
        )
    text = present_text(as_text(raw))
    lists = _by_distinct(text, lambda one: tidy(list(split_list(one))), ARROW["categories"])
    return Typed(lists, np.zeros(len(raw), dtype=bool))


def split_list(text: str) -> list[str]:
    """``a; b``, ``a|b``, ``a、b`` or, without these, ``a, b`` as its parts; a JSON list as well."""
    if text.startswith("[") and text.endswith("]"):
        if (listed := _json_list(text)) is not None:
            return listed
        text = text[1:-1].replace('"', "").replace("'", "")  # as Python writes lists
    marks = _LIST_MARKS if _LIST_MARKS.search(text) else _COMMAS
    return marks.split(text)


def _json_list(text: str) -> list[str] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    plain = [one for one in found if one is not None]
    return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in plain]


def _booleans(raw: pa.ChunkedArray) -> Typed:
    if pa.types.is_boolean(raw.type):
        return Typed(raw, np.zeros(len(raw), dtype=bool))
    text = present_text(as_text(raw))
    values = _by_distinct(text, parse.boolean, pa.bool_())
    return Typed(values, _bad(text, values))


# --- numbers ------------------------------------------------------------------------------------


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _numbers(raw: pa.ChunkedArray, habit: Habit) -> Typed:
    if _is_number(raw.type):
        return Typed(_finite(raw.cast(pa.float64(), safe=False)), np.zeros(len(raw), dtype=bool))
    text = present_text(as_text(raw))
    try:
        values = _odd_numbers(text, habit) if habit.comma else text.cast(pa.float64())
    except pa.ArrowInvalid:
        values = _odd_numbers(text, habit)
    return Typed(_finite(values), _bad(text, values))


def _odd_numbers(text: pa.ChunkedArray, habit: Habit) -> pa.ChunkedArray:
    plain, odd = _parted(text)
    mark = _mark_of(text, odd, habit)
    if mark == ",":
        return _by_distinct(text, lambda one: parse.number(one, mark), pa.float64())
    rest = _by_distinct(odd, parse.number, pa.float64())
    return chunked(pc.coalesce(plain.cast(pa.float64()), rest))


def _mark_of(text: pa.ChunkedArray, odd: pa.ChunkedArray, habit: Habit) -> parse.DecimalMark:
    """Only odd values with a comma raise the question; the whole column answers it."""
    if habit.comma:
        return parse.decimal_mark(distinct(text).to_pylist(), ",")
    if pc.any(pc.match_substring_regex(odd, "[,，]")).as_py() is not True:
        return "."
    return parse.decimal_mark(distinct(text).to_pylist())


def _parted(text: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """The numbers that Arrow reads, and the rest, each missing where the other is not."""
    plain = pc.match_substring_regex(text, _PLAIN_NUMBER)
    nothing = pa.scalar(None, pa.string())
    return chunked(pc.if_else(plain, text, nothing)), chunked(pc.if_else(plain, nothing, text))


def _finite(values: pa.ChunkedArray) -> pa.ChunkedArray:
    values = pc.add(values, 0.0)  # engines do not agree on whether -0 is 0
    finite = pc.is_finite(values)
    if pc.all(finite).as_py() is not False:
        return values
    return chunked(pc.if_else(finite, values, pa.scalar(None, pa.float64())))


def _money(raw: pa.ChunkedArray, habit: Habit) -> Typed:
    """Amounts, rounded half even to four digits; larger than 10^14 can't be held and are bad."""
    if _is_number(raw.type):
        text = as_text(raw)
        text = chunked(pc.if_else(pc.is_in(text, pa.array(["inf", "-inf"])), None, text))
    else:
        text = present_text(as_text(raw))
    try:
        if habit.comma and not _is_number(raw.type):
            raise pa.ArrowInvalid("points may stand for thousands")
        wide = pc.round(text.cast(pa.decimal128(38, 12)), 4, "half_to_even")
        values = wide.cast(MONEY)
    except pa.ArrowInvalid:
        mark = _mark_of(text, _parted(text)[1], habit)
        values = _by_distinct(text, lambda one: _amount(one, mark), MONEY)
    return Typed(chunked(values), _bad(text, chunked(values)))


def _amount(text: str, mark: parse.DecimalMark) -> Decimal | None:
    found = parse.money(text, mark)
    if found is None or not found.copy_abs() < _LARGEST:
        return None
    rounded = found.quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return rounded if rounded.copy_abs() < _LARGEST else None


# --- dates and times ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Moments:
    """Times as the column gives them: local ones, and those with a zone, in UTC."""

    values: Micros
    has_zone: Mask
    missing: Mask
    bad: Mask


def days(raw: pa.ChunkedArray, zone: ZoneInfo, habit: Habit = NO_HABIT) -> Typed:
    """Dates, as date32. A time with a zone lies on a day of the workspace's zone."""
    found = _moments(raw, habit)
    local = found.values
    bad = found.bad
    if found.has_zone.any():
        local = local.copy()
        local[found.has_zone] = times.to_local(local[found.has_zone], zone)
        bad = bad | (found.has_zone & (local == OUTSIDE) & ~found.missing)
    return Typed(chunked(times.dates(local, found.missing | bad)), bad)


def instants(raw: pa.ChunkedArray, zone: ZoneInfo, habit: Habit = NO_HABIT) -> Typed:
    """Instants, as timestamp[us] in UTC without zone. What has no zone is local; a date is its
    midnight. Bad is also what leaves the years 1 to 9999 on its way to UTC.
    """
    found = _moments(raw, habit)
    values = found.values.copy()
    local = ~found.has_zone & ~found.missing & ~found.bad
    values[local] = times.to_utc(values[local], zone)
    bad = found.bad | (~found.missing & (values == OUTSIDE))
    return Typed(chunked(times.timestamps(values, found.missing | bad)), bad)


def _moments(raw: pa.ChunkedArray, habit: Habit) -> _Moments:
    kind = raw.type
    if pa.types.is_null(kind):
        raw = chunked(raw.cast(pa.string()))
    elif pa.types.is_temporal(kind) and not pa.types.is_time(kind):
        return _stored_times(raw)
    elif _is_number(kind):
        return _parsed(_finite(raw.cast(pa.float64(), safe=False)), parse.moment_of_number)
    text = present_text(as_text(raw))
    if (plain := _plain_moments(text)) is not None:
        return plain
    found = parse.day_order(distinct(text).to_pylist())
    order = found.order if found else "dmy"
    if habit.order is not None and not (found and found.sure):
        order = habit.order
    return _parsed(text, lambda one: parse.moment(one, order))


def _plain_moments(text: pa.ChunkedArray) -> _Moments | None:
    for to in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return _within(text.cast(to), to.tz is not None)
        except pa.ArrowInvalid:
            continue
    return None


def habit_of(raw: pa.ChunkedArray, column: Column) -> Habit | None:
    """What one file tells of how its column is written; None where nothing is left open."""
    if not pa.types.is_string(raw.type):
        return None
    text = present_text(raw)
    if column.type == "date" and _plain_moments(text) is None:
        order = parse.day_order(distinct(text).to_pylist())
        return Habit(order.order, order.sure) if order else None
    if column.type == "number" and _mark_of(text, _parted(text)[1], NO_HABIT) == ",":
        return Habit(comma=True)
    return None


def _within(values: pa.ChunkedArray, zoned: bool) -> _Moments:
    """What Arrow read, less what lies outside the years 1 to 9999."""
    plain = _int64(values)
    missing = ~valid_mask(values)
    bad = ~missing & ~times.in_range(plain)
    return _Moments(plain, np.full(len(plain), zoned), missing, bad)


def _int64(values: pa.ChunkedArray) -> Micros:
    whole = values.cast(pa.int64()).fill_null(0)
    return np.asarray(whole.to_numpy(), dtype=np.int64)


def _stored_times(raw: pa.ChunkedArray) -> _Moments:
    kind = raw.type
    if pa.types.is_date32(kind):
        plain, factor = _int64(raw.cast(pa.int32())), times.DAY
    elif pa.types.is_date64(kind):
        plain, factor = _int64(raw), 1000
    elif pa.types.is_timestamp(kind):
        plain = _int64(raw)
        factor = {"s": 10**6, "ms": 1000, "us": 1, "ns": 0}[kind.unit]
    else:  # durations are no times
        return _Moments(
            np.zeros(len(raw), np.int64), np.zeros(len(raw), bool), ~valid_mask(raw),
            valid_mask(raw),
        )  # fmt: skip
    missing = ~valid_mask(raw)
    if factor == 0:
        values, too_far = plain // 1000, np.zeros(len(plain), dtype=bool)
    else:
        most = np.int64(2**62 // factor)
        too_far = (plain > most) | (plain < -most)
        values = np.where(too_far, 0, plain) * factor
    bad = ~missing & (too_far | ~times.in_range(values))
    zoned = pa.types.is_timestamp(kind) and kind.tz is not None
    return _Moments(values, np.full(len(values), zoned), missing, bad)


def _parsed(column: pa.ChunkedArray, read: Callable[[Any], dt.datetime | None]) -> _Moments:
    known = distinct(column)
    count = len(known)
    values, zoned, unread = np.zeros(count + 1, np.int64), np.zeros(count + 1, bool), [True] * count
    for place, one in enumerate(known.to_pylist()):
        found = read(one)
        if found is None:
            continue
        try:
            if found.tzinfo is not None:
                found = found.astimezone(dt.UTC).replace(tzinfo=None)
                zoned[place] = True
        except OverflowError:
            continue
        values[place] = times.micros(found)
        unread[place] = False
    places = pc.fill_null(pc.index_in(column, value_set=known), count).to_numpy()
    bad = np.array([*unread, False])[places]
    missing = ~mask_of(column.is_valid())
    return _Moments(values[places], zoned[places], missing, bad)
