"""The objects of a JSON file as rows of text: a list of them, as the export writes it, or one after
another, as JSON Lines has them.

They are decoded one at a time from a window over the file, so that a gigabyte of them is never
held at once. Nothing is lost between two objects: a cell that holds a list or an object stays as
its JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from holbein.errors import HolbeinError

LONGEST_OBJECT = 1 << 24
_PIECE = 1 << 20
_SPACES = re.compile(r"[ \t\r\n]*")
_LISTED = "write a list of objects: [{…}, …], or an object a line"


def rows(file: IO[str], path: Path, names: list[str]) -> Iterator[list[str]]:
    """The cells of each object, in the order of ``names``, to which new names are added as they
    turn up.

    Raises HolbeinError, with line and row, for what is no JSON, and for JSON that is no list of
    objects.
    """
    window = _Window(file, path)
    places: dict[str, int] = {}
    for found in _values(window):
        if not isinstance(found, dict):
            raise window.wrong("this is no object", _LISTED)
        try:
            cells = [(_sound(name), _cell(value)) for name, value in found.items()]
        except UnicodeEncodeError as error:
            raise window.wrong("a text holds half a character") from error
        row = [""] * len(names)
        for name, cell in cells:
            if name not in places:
                places[name] = len(names)
                names.append(name)
                row.append("")
            row[places[name]] = cell
        yield row


def _values(window: _Window) -> Iterator[Any]:
    if window.next() != "[":
        while window.next():
            found = window.value()
            if window.row == 1 and _wraps(found) and not window.next():
                raise window.wrong("the list stands inside an object", _LISTED)
            yield found
        return
    mark = window.skip()
    if window.next() == "]":
        mark = window.skip()
    while mark != "]":
        yield window.value()
        if window.next() not in (",", "]"):
            raise window.wrong("the list is not closed, or a comma is missing")
        mark = window.skip()
    if window.next():
        raise window.wrong("more stands behind the list")


def _wraps(found: object) -> bool:
    """Whether this is an object around a list of objects, as many an interface answers."""
    return isinstance(found, dict) and any(
        isinstance(one, list) and one and isinstance(one[0], dict) for one in found.values()
    )


class _Window:
    """A part of a text file, and the place in it."""

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file, self._path = file, path
        self._text, self._at, self._line = "", 0, 1
        self.row = 0

    def next(self) -> str:
        """The next character that is no space, which stays; nothing at the end."""
        while True:
            found = _SPACES.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self) -> str:
        """Takes one character."""
        self._at += 1
        return self._text[self._at - 1]

    def value(self) -> Any:
        """Takes the next value."""
        self.next()
        self.row += 1
        while True:
            try:
                found, self._at = _DECODER.raw_decode(self._text, self._at)
                return found
            except json.JSONDecodeError as error:
                if not self._more():
                    self._at = error.pos
                    said = error.msg.removesuffix(" at").removesuffix(" starting")
                    raise self.wrong(said[0].lower() + said[1:]) from error
            except _TwiceError as error:
                what = f"the object names {str(error)[:80]!r} twice"
                raise self.wrong(what, "keep one of them") from error
            except RecursionError as error:
                raise self.wrong("it is nested too deeply") from error

    def _more(self) -> bool:
        """Whether more could be read; the place stays."""
        rest = self._text[self._at :]
        if len(rest) > LONGEST_OBJECT:
            what = f"an object is longer than {LONGEST_OBJECT:,} characters, or it is not closed"
            raise self.wrong(what, _LISTED)
        # As much again as is there, so that what is decoded in vain stays within bounds.
        piece = self._file.read(max(_PIECE, len(rest)))
        if piece:
            self._line += self._text.count("\n", 0, self._at)
            self._text, self._at = rest + piece, 0
        return bool(piece)

    def wrong(self, what: str, hint: str = "write it anew as JSON, or as .csv") -> HolbeinError:
        """What is wrong at this place."""
        line = self._line + self._text.count("\n", 0, self._at)
        place = f"{self._path}, line {line}, row {max(self.row, 1)}"
        return HolbeinError(f"the JSON cannot be read: {what}", place=place, hint=hint)


class _TwiceError(Exception):
    """Two values of an object have one name, and which of them counts would be a guess."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return out


def _fraction(text: str) -> str:
    """As it is written, with all its digits; 7.0 and 7 are both "7", as in other files."""
    number = float(text)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text


# Numbers stay text: no digit is lost, and none is so long that it would have to be computed.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_fraction,
    parse_int=str,
    parse_constant=lambda _: None,
)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _sound(text).strip()


def _sound(text: str) -> str:
    """The text itself. Raises UnicodeEncodeError where an escape left half of a pair."""
    if not text.isascii():
        text.encode("utf-8")
    return text
