"""What may stand in a cell of a spreadsheet.

A spreadsheet program that opens a file takes text that begins with ``=``, ``+``, ``-`` or ``@``
for a formula, and a formula can read files, call out and start programs. Names and titles come
from strangers, so such text gets a leading apostrophe, which makes it plain text again. Numbers
(``-5``) and telephones (``+86 21 5555 1234``) begin with the same signs and are left as they are.
"""

from __future__ import annotations

import re
import unicodedata

MARK = "'"
_FORMULA_SIGNS = frozenset("=+-@\u2212")
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d{1,3})?\s?%?")
# One plus, then digits in groups. A minus may not begin it, a sign may not follow a sign.
_TELEPHONE = re.compile(r"\+\s?\(?\d(?:[ .\-/]?\(?\d\)?){4,18}")
# Programs in many countries split a CSV line at semicolons, and broken quoting splits it at line
# ends: what follows one of those inside a text can become a cell of its own.
_AFTER_SEPARATOR = re.compile(r"[;|\t\r\n][^;|\t\r\n]*")


def _first(text: str) -> int:
    """Where the first character stands that is neither space nor invisible; -1 if there is none."""
    for position, character in enumerate(text):
        if not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf", "Zs"):
            return position
    return -1


def is_number_or_telephone(text: str) -> bool:
    """True of text that begins like a formula may, and is only a number or a telephone."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    if not any(character.isdigit() for character in plain):
        return False
    return bool(_NUMBER.fullmatch(plain) or _TELEPHONE.fullmatch(plain))


def _is_formula(text: str) -> bool:
    first = _first(text)
    if first < 0:
        return False
    # NFKC makes one sign of its full-width, small and raised forms.
    sign = unicodedata.normalize("NFKC", text[first])[:1]
    return sign in _FORMULA_SIGNS and not is_number_or_telephone(text[first:])


def neutral(text: str) -> str:
    """``text`` so that no spreadsheet program takes it, or a part of it, for a formula.

    Text without a sign that could begin a formula comes back unchanged.
    """
    out = _AFTER_SEPARATOR.sub(_marked_part, text)
    # A leading tab or line end is dropped by some programs, and so shows what stands behind it.
    if text[:1] in ("\t", "\r", "\n") or _is_formula(text):
        return MARK + out
    return out


def _marked_part(match: re.Match[str]) -> str:
    part = match.group()
    return part[0] + MARK + part[1:] if _is_formula(part[1:]) else part


def plain(text: str) -> str:
    """The text that ``neutral`` was given: used where an exported file comes in again."""
    # The parts first: a mark behind spaces and a line end hides what the whole text begins with.
    return _unmark(_AFTER_SEPARATOR.sub(lambda m: m.group()[0] + _unmark(m.group()[1:]), text))


def _unmark(text: str) -> str:
    rest = text[1:]
    if text[:1] == MARK and (rest[:1] in ("\t", "\r", "\n") or _is_formula(rest)):
        return rest
    return text
