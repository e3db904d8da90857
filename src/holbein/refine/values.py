"""Dates, numbers, booleans and money as people write them: text in, values out, no I/O.

Every parser takes one text and gives None for what it cannot read; none of them guesses from one
value what only the whole column can tell. That is the task of ``day_order`` and ``decimal_mark``.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Literal

MISSING = frozenset(
    {
        "", "NULL", "null", "N/A", "n/a", "#N/A", "NaN", "nan", "\\N",
        "0000-00-00", "0000-00-00 00:00:00",
    }
)  # fmt: skip
"""Spellings of nothing. "Null" and "Nan" are not among them: people bear these names."""

DayOrder = Literal["dmy", "mdy", "ymd"]
DecimalMark = Literal[".", ","]

_TRUE = frozenset({"true", "yes", "y", "t", "是"})
_FALSE = frozenset({"false", "no", "n", "f", "否"})
_ONE_LETTER = frozenset({"y", "n", "t", "f"})
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june",
            "jul july", "aug august", "sep sept september", "oct october", "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_NUMBERED = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?!\d)")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?=\d{6}(?!\d)|(?!\d))")
_DAY_MONTH = re.compile(r"(\d{1,2})[ \-]([A-Za-z]{3,9})[.,]?[ \-](\d{4}|\d{2})(?!\d)")
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)")
_TIME = re.compile(
    r"(?:[T ]\s*)?(?P<early>上午|下午)?\s*"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"|(?P<compact>\d{6}))"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)


def boolean(text: str) -> bool | None:
    """``yes``, ``TRUE``, ``是``, ``1`` and their opposites."""
    word = text.strip().casefold()
    if word in _TRUE or word == "1":
        return True
    if word in _FALSE or word == "0":
        return False
    return None


def all_booleans(texts: Iterable[str]) -> bool:
    """Whether a column of these values speaks of yes and no. One letter alone proves nothing."""
    words = {text.strip().casefold() for text in texts}
    if not words or not words <= _TRUE | _FALSE:
        return False
    return not words <= _ONE_LETTER or (bool(words & _TRUE) and bool(words & _FALSE))


# --- dates ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """How a column writes dates such as 03/04/2024. ``sure`` False: another order fits as well."""

    order: DayOrder
    sure: bool


def moment(text: str, order: DayOrder = "dmy") -> dt.datetime | None:
    """A date or time; midnight where no time of day is given, aware where a zone is.

    ``order`` decides only what the text leaves open: 03/04/2024. Years are 1 to 9999; a year of
    two digits lies in 1969 to 2068.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _date(plain, order)
    if found is None:
        return None
    (year, month, day), end = found
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    rest = plain[end:]
    if not rest.strip():
        return dt.datetime.combine(date, dt.time())
    time = _TIME.fullmatch(rest.rstrip())
    return _with_time(date, time) if time else None


def _date(text: str, order: DayOrder) -> tuple[tuple[int, int, int], int] | None:
    if match := _NUMBERED.match(text):
        parts = match.group(1), match.group(3), match.group(4)
        numbers = _ordered(parts, order)
        return (numbers, match.end()) if numbers else None
    if match := _CHINESE.match(text) or _COMPACT.match(text):
        return (int(match[1]), int(match[2]), int(match[3])), match.end()
    if match := _DAY_MONTH.match(text):
        month = _MONTHS.get(match[2].lower())
        return ((_year(match[3]), month, int(match[1])), match.end()) if month else None
    if match := _MONTH_DAY.match(text):
        month = _MONTHS.get(match[1].lower())
        return ((int(match[3]), month, int(match[2])), match.end()) if month else None
    return None


def _ordered(parts: tuple[str, str, str], order: DayOrder) -> tuple[int, int, int] | None:
    first, second, third = parts
    if len(first) > 2:
        if len(first) != 4 or len(third) > 2:
            return None
        return int(first), int(second), int(third)
    if len(third) == 4:
        day, month = (second, first) if order == "mdy" else (first, second)
        return int(third), int(month), int(day)
    if len(third) != 2:
        return None
    if order == "ymd":
        return _year(first.zfill(2)), int(second), int(third)
    day, month = (second, first) if order == "mdy" else (first, second)
    return _year(third), int(month), int(day)


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < 69 else 1900)


def _with_time(date: dt.date, time: re.Match[str]) -> dt.datetime | None:
    if compact := time["compact"]:
        hour, minute, second = int(compact[:2]), int(compact[2:4]), int(compact[4:])
    else:
        hour, minute, second = int(time["hour"]), int(time["minute"]), int(time["second"] or 0)
    if half := (time["half"] or time["early"]):
        if not 1 <= hour <= 12:
            return None
        late = half[0] in "Pp下"
        hour = hour % 12 + (12 if late else 0)
    part = int((time["part"] or "0")[:6].ljust(6, "0"))
    try:
        clock = dt.time(hour, minute, second, part, tzinfo=_zone(time["zone"]))
    except ValueError:
        return None
    return dt.datetime.combine(date, clock)


def _zone(text: str | None) -> dt.tzinfo | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return dt.UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    away = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-away if text[0] == "-" else away)


def day_order(texts: Iterable[str]) -> Order | None:
    """The order of day and month that fits the whole column; None where no value leaves it open.

    The order that reads the most values wins; dates with dots are never month first. Where several
    orders read as many, dates with slashes are month first, others day first, and ``sure`` is
    False. A year of two digits in front is considered only where neither of the usual orders reads
    every value.
    """
    fits: dict[DayOrder, int] = {"dmy": 0, "mdy": 0, "ymd": 0}
    open_values = slashes = 0
    for text in texts:
        match = _NUMBERED.match(unicodedata.normalize("NFKC", text).strip())
        if match is None or len(match[1]) > 2:
            continue
        open_values += 1
        slashes += match[2] == "/"
        for order in fits:
            if order == "mdy" and match[2] == ".":
                continue  # nobody who writes dots puts the month first
            fits[order] += _exists(_ordered((match[1], match[3], match[4]), order), match, order)
    if not open_values:
        return None
    best = max(fits["dmy"], fits["mdy"])
    if best < open_values and fits["ymd"] > best:
        return Order("ymd", True)
    if fits["dmy"] == fits["mdy"]:
        return Order("mdy" if slashes * 2 > open_values else "dmy", False)
    return Order("dmy" if fits["dmy"] > fits["mdy"] else "mdy", fits["ymd"] < best)


def _exists(numbers: tuple[int, int, int] | None, match: re.Match[str], order: DayOrder) -> bool:
    if numbers is None or (order == "ymd" and len(match[4]) > 2):
        return False
    try:
        dt.date(*numbers)
    except ValueError:
        return False
    return True


def moment_of_number(number: float) -> dt.datetime | None:
    """20240301 is a day, 20240301093000 a time of it. Otherwise 9 to 11 digits are seconds since
    1970, 12 to 14 milliseconds, 15 to 17 microseconds (aware, in UTC).
    """
    if number != number or abs(number) >= 1e17:
        return None
    if number == int(number) and 1000_00_00 <= number <= 9999_12_31:
        return moment(str(int(number)))
    # Milliseconds of 14 digits would lie behind the year 2286.
    if number == int(number) and number >= 10**13 and (found := moment(str(int(number)))):
        return found
    size = len(str(abs(int(number))))
    scale = 1 if 9 <= size <= 11 else 10**3 if 12 <= size <= 14 else 10**6 if size >= 15 else 0
    if not scale:
        return None
    try:
        since = dt.timedelta(microseconds=round(number * (10**6 // scale)))
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + since
    except OverflowError:
        return None


# --- numbers and money ------------------------------------------------------------------------

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([,.' ])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_INFINITE = frozenset({"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})
_CODES = (
    "CNY RMB USD EUR GBP JPY HKD TWD MOP KRW INR RUB AUD CAD CHF SGD NZD SEK NOK DKK BRL MXN THB "
    "MYR IDR VND PHP ZAR TRY AED SAR ILS PLN CZK HUF RON"
).replace(" ", "|")
_SIGN = r"(?:US|HK|NT|R|A|C)\$|[$€£¥₩₹₽元圆]"
_CURRENCY = re.compile(rf"{_SIGN}|{_CODES}")
_IN_FRONT = re.compile(rf"(?:{_SIGN}|(?:{_CODES})(?![A-Za-z]))\s*")
_BEHIND = re.compile(rf"\s*(?:{_SIGN}|(?:{_CODES}))$")
_CURRENCY_OF = {"¥": "CNY", "元": "CNY", "圆": "CNY", "RMB": "CNY", "US$": "USD"}
_LARGE = {"万": 10**4, "亿": 10**8}
_EXACT = Context(prec=10_000)
"""Decimals are rounded to 28 digits by default, and would be rounded twice."""


def number(text: str, mark: DecimalMark = ".") -> float | None:
    """A number, with thousands separated or not, with a currency or 万 and 亿 or without.

    ``inf`` and its kin are read as infinity, for the caller to drop.
    """
    if text.strip().casefold() in _INFINITE:
        return float("inf")
    exact = money(text, mark)
    return None if exact is None else float(exact)


def money(text: str, mark: DecimalMark = ".") -> Decimal | None:
    """An amount: ``¥1,234.50``, ``(12.00)`` for -12, ``1.5万``, ``-3 EUR``. Not rounded."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    negative = plain.startswith("(") and plain.endswith(")")
    if negative:
        plain = plain[1:-1].strip()
    plain = _without_currency(plain)
    factor = 1
    if plain and plain[-1] in _LARGE:
        factor = _LARGE[plain[-1]]
        plain = plain[:-1].rstrip()
    digits = _digits(plain, mark)
    if digits is None:
        return None
    value = _EXACT.multiply(Decimal(digits), factor)
    return value.copy_negate() if negative else value


def currency(text: str) -> str | None:
    """The currency that an amount names, as written ("$") or by its code, if it names one."""
    found = _CURRENCY.findall(unicodedata.normalize("NFKC", text).upper())
    return _CURRENCY_OF.get(found[0], found[0]) if found else None


def _without_currency(text: str) -> str:
    """``text`` without a currency at either end; a sign in front of it stays."""
    sign = text[:1] if text[:1] in ("-", "+") else ""
    body = text[len(sign) :].lstrip()
    if match := _IN_FRONT.match(body):
        body = body[match.end() :]
    else:
        body = _BEHIND.sub("", body)
    if sign and body[:1] in ("-", "+"):
        return ""
    return sign + body


def _digits(text: str, mark: DecimalMark) -> str | None:
    """``text`` as Python writes a number, or None."""
    if mark == "." and _PLAIN.fullmatch(text):
        return text
    if mark == "," and re.fullmatch(r"[+-]?(?:\d+,?\d*|,\d+)", text):
        return text.replace(",", ".")
    match = _GROUPED.fullmatch(text.replace("\u202f", " ").replace("\u00a0", " "))
    if match is None or match[1] == mark:
        return None
    bare = text.replace("\u202f", " ").replace("\u00a0", " ").replace(match[1], "")
    bare = bare.replace(mark, ".")
    return bare if _PLAIN.fullmatch(bare) else None


def decimal_mark(texts: Iterable[str], usual: DecimalMark = ".") -> DecimalMark:
    """The decimal mark that fits the whole column: a comma only where a value can't be read else
    and no value needs a point (``1.234,50``, ``12,5``). Where all can be read with either, the
    ``usual`` one.
    """
    comma = point = 0
    for text in texts:
        with_point, with_comma = number(text, "."), number(text, ",")
        comma += with_point is None and with_comma is not None
        point += with_comma is None and with_point is not None
    if not comma and not point:
        return usual
    return "," if comma > point else "."
