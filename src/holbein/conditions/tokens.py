"""The text of a condition cut into tokens, and what can be refused by looking at tokens alone.

Cutting takes time linear in the text. Nesting is checked here, before anything recurses.
"""

from __future__ import annotations

import itertools
import re
from typing import Literal, NamedTuple

from holbein.conditions.limits import DEEP_HINT, MAX_DEPTH, MAX_TEXT, TOO_DEEP, check_text
from holbein.errors import ConditionError

TokenKind = Literal["name", "quoted", "string", "number", "sign", "end"]


class Token(NamedTuple):
    """``text`` is what it says: quotes taken off, names as written, signs themselves."""

    kind: TokenKind
    text: str
    word: str
    """Lower-cased text of names that are not quoted, and signs; empty for everything else."""
    start: int
    end: int


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<name>[^\W\d]\w*)
    | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w.])
    | '(?P<string>(?:[^']|'')*+)'
    | "(?P<quoted>(?:[^"]|"")*+)"
    | (?P<comment>--|/\*|\#)
    | (?P<sign>=>|<=|>=|<>|!=|[=<>+\-*/(),.])
    )""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")

# What people type instead, and what they mean.
_INSTEAD = {
    ";": "write one condition only, without ;",
    ":": "values are not cast: write the value as its own type",
    "[": "write lists in parentheses: IN ('a', 'b')",
    "{": "write lists in parentheses: IN ('a', 'b')",
    "`": 'write names that are not plain in double quotes: "Signed up"',
    "&": "write AND",
    "|": "write OR",
    "!": "write NOT or <>",
    "%": "% has a meaning only inside a LIKE pattern",
    "（": "write the ASCII (",
    "）": "write the ASCII )",
    "，": "write the ASCII comma",
    "、": "write the ASCII comma",
    "；": "write one condition only",
    "。": "leave the full stop out",
    "‘": "write the ASCII quote '",
    "’": "write the ASCII quote '",
    "“": "write the ASCII quotes ' for values and \" for names",
    "”": "write the ASCII quotes ' for values and \" for names",
    "＝": "write the ASCII =",
    "＞": "write the ASCII >",
    "＜": "write the ASCII <",
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write <>",
}


def place(text: str, position: int) -> str:
    """``line 2, column 5`` of a position, both counted from 1."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return f"line {line}, column {column}"


def tokenize(text: str) -> list[Token]:
    """The tokens of ``text``, with one of kind ``end`` last. Raises ConditionError."""
    if len(text) > MAX_TEXT:
        raise ConditionError(
            f"the condition has {len(text):,} characters, more than {MAX_TEXT:,}",
            hint="split it into tags; import long lists with `holbein audience import`",
        )
    check_text(text)
    tokens: list[Token] = []
    position = 0
    while found := _TOKEN.match(text, position):
        kind = found.lastgroup
        raw = found[kind] if kind else ""
        end = found.end()
        start = end - len(raw)
        if kind == "name":
            tokens.append(Token("name", raw, raw.lower(), start, end))
        elif kind == "sign":
            tokens.append(Token("sign", raw, raw, start, end))
        elif kind == "number":
            tokens.append(Token("number", raw, "", start, end))
        elif kind == "string":
            tokens.append(Token("string", raw.replace("''", "'"), "", start - 2, end))
        elif kind == "quoted":
            tokens.append(Token("quoted", raw.replace('""', '"'), "", start - 2, end))
        else:
            raise ConditionError(
                f"{raw} begins a comment, and a condition holds none",
                place=place(text, start),
                hint="remove it; write two minus signs apart: 1 - -2",
            )
        position = end
    rest = _SPACE.match(text, position)
    position = rest.end() if rest else position
    if position < len(text):
        raise _unreadable(text, position)
    tokens.append(Token("end", "", "", len(text), len(text)))
    _check_nesting(text, tokens)
    return tokens


def _unreadable(text: str, position: int) -> ConditionError:
    at = place(text, position)
    one = text[position]
    if one == "'":
        return ConditionError(
            "the value that begins here has no closing quote",
            place=at,
            hint="write a quote inside a value twice: 'O''Neill'",
        )
    if one == '"':
        return ConditionError(
            "the name that begins here has no closing quote",
            place=at,
            hint='write a quote inside a name twice: "a ""b"""',
        )
    if one.isdigit() or one == ".":
        word = re.match(r"[\w.]+", text[position : position + 40])
        return ConditionError(
            f"'{word[0] if word else one}' is no number",
            place=at,
            hint="write 90, 0.5 or 1e6; values and stretches of time in quotes: '90 days'",
        )
    # What no one can see, or what turns the line around, is told by its number.
    shown = f"'{one}'" if one.isprintable() else f"the character U+{ord(one):04X}"
    return ConditionError(
        f"{shown} is not part of a condition", place=at, hint=_INSTEAD.get(one, "remove it")
    )


def _check_nesting(text: str, tokens: list[Token]) -> None:
    """Refuse more than ``MAX_DEPTH`` parentheses, NOTs and minus signs inside one another."""
    opened: list[int] = []
    depth = 0
    run = 0  # NOTs and minus signs directly before the token at hand
    for token, following in itertools.pairwise(tokens):
        if token.word == "(":
            opened.append(run + 1)
            depth += run + 1
            run = 0
        elif token.word == ")":
            if opened:
                depth -= opened.pop()
            run = 0
        elif token.word in ("not", "-"):
            run += 1
        elif following.word != "(":
            run = 0
        if depth + run > MAX_DEPTH:
            raise ConditionError(TOO_DEEP, place=place(text, token.start), hint=DEEP_HINT)
