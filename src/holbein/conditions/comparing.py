"""How two values compare, after the reference: order, labels, codes and patterns."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from holbein.conditions import tree
from holbein.conditions.vocabulary import CodeList
from holbein.conditions.world import Value


def compare(left: Value, sign: tree.CompareSign, right: Value) -> bool:
    """False where either side is missing."""
    if left is None or right is None:
        return False
    if sign == "=":
        return left == right
    if sign in (">", ">="):
        return compare(right, "<" if sign == ">" else "<=", left)
    if isinstance(left, float) and isinstance(right, float):
        return left < right or (sign == "<=" and left == right)
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        return left < right or (sign == "<=" and left == right)
    raise TypeError("only numbers and dates have an order; the tree was not bound")


def labels(found: Value) -> tuple[str, ...]:
    """A category as one label, categories as theirs, missing as none."""
    if isinstance(found, str):
        return (found,)
    return found if isinstance(found, tuple) else ()


def below(code: str, top: str, codes: CodeList | None) -> bool:
    """Whether ``code`` is ``top`` or lies below it, climbing from ``code``."""
    if code == top:
        return True
    above = codes.parent(code) if codes else None
    return above is not None and below(above, top, codes)


def _fold(text: str) -> str:
    """Lower case, character by character, so that lengths stay as they are."""
    if text.isascii():
        return text.lower()
    return "".join("i" if one == "\u0130" else one.lower() for one in text)


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether the pattern matches a whole text; a backslash makes any character itself."""
    regex = ""
    rest = iter(pattern)
    for one in rest:
        if one == "%":
            regex += ".*"
        elif one == "_":
            regex += "."
        else:
            regex += re.escape(_fold(next(rest, one) if one == "\\" else one))
    matches = re.compile(regex, re.DOTALL).fullmatch
    return lambda text: matches(_fold(text)) is not None


def like(text: str, pattern: str) -> bool:
    """Whether the pattern matches the whole text."""
    return matcher(pattern)(text)
