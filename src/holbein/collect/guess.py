"""What type a column is, where its definition does not say; and why, in words for ``check``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from holbein.collect import times
from holbein.collect.raw import as_text, chunked, distinct, present_text, words_of
from holbein.conditions.vocabulary import Type
from holbein.refine import values as parse

_CODE_WORDS: Final = frozenset(
    {"id", "ids", "code", "codes", "no", "nr", "zip", "zipcode", "postcode", "postalcode",
     "postal", "phone", "tel", "telephone", "mobile", "fax", "sku", "uuid", "guid"}
)  # fmt: skip
_CHINESE_CODES: Final = re.compile("(编码|代码|编号|邮编|电话|手机|传真|号码|号)$")
_TEXT_TYPES: Final = re.compile("CHAR|TEXT|CLOB")
_MONEY_TYPES: Final = re.compile(r"^(MONEY|SMALLMONEY|CURRENCY|DECIMAL|DEC)\b")
_DATE_TYPES: Final = re.compile("DATE|TIME")
_FEW: Final = 20
_FIRST: Final = 1000
"""So many distinct values are tried first: they settle most columns."""

_LISTED: Final = r"^\[.*\]$"
_LEADING_ZERO: Final = r"^[+-]?0\d"
_LONG: Final = r"^\+|\d{16}"
_DAY_NUMBER: Final = re.compile(r"(?:19|20|21)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class Guess:
    """``note`` says why. ``empty``: no value was there to guess from."""

    type: Type
    note: str
    money: bool = False
    empty: bool = False


def guess(name: str, values: pa.ChunkedArray, declared: str | None = None) -> Guess:
    """The type of the column ``name`` with these values; ``declared`` is a database's word."""
    kind = values.type
    if pa.types.is_boolean(kind):
        return Guess("boolean", "stored as true and false")
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return Guess("categories", "stored as lists")
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return Guess("date", "stored as dates")
    if len(values) == values.null_count:
        return _of_nothing(kind, declared)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _of_numbers(name, values, declared)
    return _of_text(name, values, declared)


def _of_nothing(kind: pa.DataType, declared: str | None) -> Guess:
    stored = declared or ""
    if _DATE_TYPES.search(stored):
        return Guess("date", f"declared {stored}; no values yet", empty=True)
    if "BOOL" in stored:
        return Guess("boolean", f"declared {stored}; no values yet", empty=True)
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if numeric or re.search("INT|REAL|FLOA|DOUB|NUM|DEC|MONEY", stored):
        return Guess("number", "stored as numbers; no values yet", empty=True)
    return Guess("category", "no values yet", empty=True)


def _of_numbers(name: str, values: pa.ChunkedArray, declared: str | None) -> Guess:
    stored = declared or ""
    whole = pa.types.is_integer(values.type) or _all(
        pc.equal(pc.trunc(values.cast(pa.float64(), safe=False)), values.cast(pa.float64()))
    )
    if "BOOL" in stored and set(distinct(values).to_pylist()) <= {0, 1}:
        return Guess("boolean", f"declared {stored}, with 0 and 1")
    if whole and named_like_code(name):
        return Guess("category", "whole numbers under the name of a code")
    if whole and _all_day_numbers(as_text(values)):
        return Guess("date", "numbers of eight digits, all of them days")
    if whole and _DATE_TYPES.search(stored):
        return Guess("date", f"declared {stored}")
    decimal = pa.types.is_decimal(values.type) and 0 < values.type.scale <= 4
    if decimal or _MONEY_TYPES.match(stored):
        return Guess("number", "decimals, held exactly", money=True)
    return Guess("number", "whole numbers" if whole else "numbers")


def named_like_code(name: str) -> bool:
    """Whether a column of this name holds codes, even if they look like numbers."""
    words = words_of(name)
    return bool((words and words[-1] in _CODE_WORDS) or _CHINESE_CODES.search(name))


def _of_text(name: str, values: pa.ChunkedArray, declared: str | None) -> Guess:
    text = chunked(distinct(present_text(as_text(values))))
    if not len(text):
        return _of_nothing(values.type, declared)
    if parse.all_booleans(text.slice(0, 10).to_pylist()) and parse.all_booleans(text.to_pylist()):
        return Guess("boolean", "all values say yes or no")
    as_stored = declared if declared and _TEXT_TYPES.search(declared) else None
    numbers = _numbers(name, text, as_stored)
    if numbers is not None:
        return numbers
    if _all_lists(text.slice(0, _FEW)) and _all_lists(text):
        return Guess("categories", "lists, as JSON has them")
    return _dates(text) or Guess("category", f"declared {as_stored}" if as_stored else "text")


def _numbers(name: str, text: pa.ChunkedArray, as_stored: str | None) -> Guess | None:
    """A guess for a column in which all is written as numbers; None where it is not."""
    for part in (text.slice(0, _FEW), text.slice(0, _FIRST), text):
        if not _all_numbers(part):
            return None
    if _any(pc.match_substring_regex(text, _LEADING_ZERO)):
        return Guess("category", "numbers with leading zeros: codes")
    if _any(pc.match_substring_regex(text, _LONG)):
        return Guess("category", "numbers too long to count with: codes")
    whole = _all(pc.match_substring_regex(text, r"^-?\d+$"))
    if whole and named_like_code(name):
        return Guess("category", "whole numbers under the name of a code")
    if whole and _all_day_numbers(text):
        return Guess("date", "numbers of eight digits, all of them days")
    if as_stored is not None:
        return Guess("category", f"declared {as_stored}")
    currencies = {parse.currency(one) for one in text.slice(0, _FIRST).to_pylist()} - {None}
    if len(currencies) > 1:
        return Guess("category", "amounts in several currencies, which can't be added")
    if currencies:
        return Guess("number", f"amounts in {currencies.pop()}", money=True)
    mark = parse.decimal_mark(text.slice(0, _FIRST).to_pylist())
    if mark == ",":
        return Guess("number", "numbers with a decimal comma")
    pointed = text.filter(pc.match_substring(text, "."))
    if len(pointed) and _all(pc.match_substring_regex(pointed, r"^[+-]?\d{1,3}(\.\d{3})+$")):
        return Guess("number", "numbers with a decimal point, though points for thousands fit too")
    return Guess("number", "whole numbers" if whole else "numbers")


def _all_lists(text: pa.ChunkedArray) -> bool:
    """Whether all are lists of single values: ``["a", "b"]``."""
    if not _all(pc.match_substring_regex(text, _LISTED)):
        return False
    try:
        lists = [json.loads(one) for one in text.to_pylist()]
    except (ValueError, RecursionError):
        return False
    return not any(isinstance(one, list | dict) for found in lists for one in found)


def _all_numbers(text: pa.ChunkedArray) -> bool:
    try:
        text.cast(pa.float64())
    except pa.ArrowInvalid:
        texts = text.to_pylist()
        mark = parse.decimal_mark(texts)
        return all(parse.number(one, mark) is not None for one in texts)
    return True


def _all_day_numbers(text: pa.ChunkedArray) -> bool:
    if _any(pc.not_equal(pc.binary_length(text), 8)):
        return False
    return all(
        _DAY_NUMBER.fullmatch(one) is not None and parse.moment(one) is not None
        for one in distinct(text).to_pylist()
    )


def _dates(text: pa.ChunkedArray) -> Guess | None:
    if _all_iso(text):
        return Guess("date", "dates")
    first = text.slice(0, _FIRST).to_pylist()
    if not any(_date(one, None) for one in first[:20]):
        return None
    texts = text.to_pylist()
    order = parse.day_order(texts)
    unread = sum(not _date(one, order) for one in texts)
    # A few slips of the pen (a 30 February, a year 0) do not make a column of dates one of labels.
    if unread * 20 > len(texts):
        return None
    note = "dates"
    if order is not None:
        names = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}
        note = f"dates, taken as {names[order.order]}"
        note += (
            ": the only order that fits the column"
            if order.sure
            else ", though another order fits as well: write years first to be sure"
        )
    if unread:
        note += f"; {unread} of {len(texts)} distinct values are none and go to quarantine"
    return Guess("date", note)


def _all_iso(text: pa.ChunkedArray) -> bool:
    """Whether Arrow reads all: most columns of dates need not be looked at one by one."""
    try:
        moments = text.cast(pa.timestamp("us")).cast(pa.int64())
    except pa.ArrowInvalid:
        return False
    return bool(times.in_range(moments.to_numpy()).all())


def _date(text: str, order: parse.Order | None) -> bool:
    return parse.moment(text, order.order if order else "dmy") is not None or (
        order is None and parse.moment(text, "mdy") is not None
    )


def _all(values: pa.ChunkedArray) -> bool:
    return pc.all(values).as_py() is not False


def _any(values: pa.ChunkedArray) -> bool:
    return pc.any(values).as_py() is True
