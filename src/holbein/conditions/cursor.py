"""A place in the tokens of a condition, and the errors that speak of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from holbein.conditions import limits
from holbein.conditions.functions import FUNCTIONS
from holbein.conditions.tokens import Token, place, tokenize
from holbein.errors import ConditionError, near

Read = TypeVar("Read")

SQL_ONLY = frozenset(
    {
        "select", "case", "when", "then", "else", "end", "cast", "try_cast", "convert",
        "exists", "any", "some", "all", "union", "with", "join", "from", "where", "group",
        "order", "limit", "having", "over", "interval", "timestamp", "array", "struct", "drop",
        "delete", "insert", "update", "create", "alter", "extract", "coalesce", "if", "nullif",
        "escape", "collate", "as", "distinct", "values",
    }
)  # fmt: skip
HINTS = {
    "ilike": "LIKE already ignores case",
    "rlike": "use LIKE with % and _",
    "regexp": "use LIKE with % and _",
    "similar": "use LIKE with % and _",
    "xor": "write (a OR b) AND NOT (a AND b)",
    "=": "write one = only",
    "escape": "LIKE escapes with a backslash",
    "null": "write IS NULL or IS NOT NULL",
}


class Cursor:
    """One reading of one text. ``token`` is the next token that is not read yet."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise ConditionError(
                f"a condition is a text, and this is {type(text).__name__}",
                hint="write it in quotes, for example \"industry = 'Software'\"",
            )
        self.text = text
        self.tokens = tokenize(text)
        self.index = 0
        self.token = self.tokens[0]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def take(self, word: str) -> bool:
        """Read the next token if it is this sign or keyword."""
        if self.token.word != word:
            return False
        self.advance()
        return True

    def expect(self, word: str, wanted: str | None = None) -> None:
        if not self.take(word):
            raise self.unexpected(wanted or f"'{word}'")

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def shown(self, start: int, end: int | None = None) -> str:
        text = " ".join(self.text[start : self._read_to() if end is None else end].split())
        return text if len(text) <= 60 else f"{text[:57]}…"

    def quoted(self, token: Token) -> str:
        text = self.shown(token.start, token.end)
        return text if token.kind in ("string", "quoted") else f"'{text}'"

    def _read_to(self) -> int:
        return self.tokens[self.index - 1].end if self.index else self.token.end

    def fail(self, message: str, start: int, hint: str | None = None) -> ConditionError:
        return ConditionError(message, place=place(self.text, start), hint=hint)

    def checked(self, token: Token, check: Callable[[str], Read]) -> Read:
        """``check`` of the token's text, its error given the token's place."""
        try:
            return check(token.text)
        except ConditionError as error:
            raise error.at(place(self.text, token.start)) from None

    def unexpected(self, wanted: str) -> ConditionError:
        token = self.token
        before = self.tokens[self.index - 1] if self.index else token
        for one in (before, token):
            if one.word in SQL_ONLY:
                return self.fail(
                    f"{one.text.upper()} is SQL, but no part of a condition",
                    one.start,
                    HINTS.get(one.word, "a condition compares attributes, tags and aggregates"),
                )
        hint = HINTS.get(token.word) or HINTS.get(before.word if token.word == "=" else "")
        if token.kind == "end":
            return self.fail(f"the condition ends where {wanted} should follow", token.start, hint)
        if token.word == ".":
            hint = "a name has at most two parts: stream.column, inside an aggregate"
        elif before.kind == "name" and token.word == "(":
            hint = near(before.text, FUNCTIONS)
        elif before.kind == "number":
            hint = _after_a_number(before.text, token) or hint
        return self.fail(
            f"{self.quoted(token)} is unexpected; {wanted} should follow",
            token.start,
            hint,
        )


def _after_a_number(number: str, token: Token) -> str | None:
    """What a number was meant to be that goes on where none can."""
    if token.word == ",":
        return "numbers have no separators and a decimal point, as 1000 and 10.5"
    if token.kind == "name" and limits.is_window(f"{number} {token.text}"):
        return f"write '{number} {token.text}', in quotes"
    return None
