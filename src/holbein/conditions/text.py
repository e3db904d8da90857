"""The text of a condition: an SQL boolean expression, read into the tree and written from it.

The grammar is closed: what is not a node of the tree cannot be read. ``calls`` reads the
functions; ``docs/adr`` says why this is a small parser and not a dialect of an SQL parser.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast, get_args

from holbein.conditions import limits, tree
from holbein.conditions.calls import Calls
from holbein.conditions.cursor import HINTS, SQL_ONLY
from holbein.conditions.functions import KEYWORDS, RELATED_FUNCTIONS
from holbein.conditions.tokens import Token
from holbein.conditions.writing import write
from holbein.errors import ConditionError

__all__ = ["RELATED_FUNCTIONS", "parse", "parse_literal", "parse_measure", "write"]

_CONDITIONS = get_args(get_args(tree.Condition)[0])

# How tightly each operator binds. Comparisons do not chain, so nothing is read twice at _COMPARE.
_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _MINUS = range(1, 8)
_POWERS = {
    "or": _OR, "and": _AND,
    "=": _COMPARE, "<>": _COMPARE, "!=": _COMPARE,
    "<": _COMPARE, "<=": _COMPARE, ">": _COMPARE, ">=": _COMPARE,
    "in": _COMPARE, "between": _COMPARE, "like": _COMPARE, "contains": _COMPARE,
    "within": _COMPARE, "is": _COMPARE, "not": _COMPARE,
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT,
}  # fmt: skip


def parse(text: str) -> tree.Condition:
    """The condition that ``text`` says. Raises ConditionError with the line and column."""
    parser = _Parser(text)
    return cast(tree.Condition, parser.whole(parser.condition))


def parse_measure(text: str) -> tree.Measure:
    """The measure that ``text`` says: ``sum(orders.amount, '90 days')``. Raises ConditionError."""
    parser = _Parser(text)
    return cast(tree.Measure, parser.whole(parser.measure))


def parse_literal(text: str) -> tree.Literal:
    """The literal that ``text`` says: ``'high'``, ``5``, ``TRUE``, ``DATE '2024-02-29'``."""
    parser = _Parser(text)
    return cast(tree.Literal, parser.whole(parser.literal))


class _Parser(Calls):
    """Expressions, by how tightly their operators bind."""

    def whole(self, read: Callable[[], tree.Node]) -> tree.Node:
        """What ``read`` reads, if it reads all of the text."""
        if self.token.kind == "end":
            raise ConditionError(
                "the condition is empty", hint="write TRUE for all subjects, or a condition"
            )
        node: tree.Node
        try:
            node = read()
        except RecursionError:
            raise ConditionError(limits.TOO_DEEP, hint=limits.DEEP_HINT) from None
        if self.index < len(self.tokens) - 1:
            raise self.unexpected("AND, OR, an operator, or the end")
        limits.check_depth(node)
        return node

    def condition(self, least: int = _OR) -> tree.Condition:
        start = self.token.start
        return self.as_condition(self.expression(least), start)

    def as_condition(self, node: tree.Node, start: int) -> tree.Condition:
        """A bare boolean name is ``name = TRUE``; TRUE and FALSE are conditions as well."""
        if isinstance(node, _CONDITIONS):
            return cast(tree.Condition, node)
        if isinstance(node, tree.Field):
            return tree.Compare(node, "=", tree.Truth(True))
        if isinstance(node, tree.Truth):
            return tree.TRUE if node.value else tree.FALSE
        shown = self.shown(start)
        if self.token.kind == "name" and self.token.word not in KEYWORDS:
            raise self.unexpected("an operator")
        raise self.fail(
            f"{shown} is a value, and a condition is needed here",
            start,
            self.comparing(node, shown),
        )

    def comparing(self, node: tree.Node, shown: str) -> str:
        if isinstance(node, tree.Text):
            return f"write what it is compared with, as in name = {shown}"
        if len(shown) >= 40 or isinstance(node, tree.Day):
            return "compare it with a value"
        return f"compare it: {shown} > 0"

    def measure(self, least: int = _OR) -> tree.Measure:
        start = self.token.start
        return self.as_measure(self.expression(least), start)

    def as_measure(self, node: tree.Node, start: int) -> tree.Measure:
        if not isinstance(node, _CONDITIONS):
            return cast(tree.Measure, node)
        raise self.fail(
            f"{self.shown(start)} is true or false, and a value is needed here",
            start,
            "comparisons do not chain: join them with AND, or write BETWEEN … AND …",
        )

    def expression(self, least: int) -> tree.Node:
        """What follows, as far as its operators bind at least as tightly as ``least``."""
        start = self.token.start
        left = self.prefix()
        while (power := _POWERS.get(self.token.word, 0)) >= least:
            if power == _COMPARE:
                left = self.comparison(self.as_measure(left, start))
            elif power in (_OR, _AND):
                items = [self.as_condition(left, start)]
                word = self.token.word
                while self.take(word):
                    items.append(self.condition(power + 1))
                left = (tree.And if power == _AND else tree.Or)(tuple(items))
            else:
                sign = cast(tree.ArithmeticSign, self.advance().word)
                left = tree.Arithmetic(self.as_measure(left, start), sign, self.measure(power + 1))
        return left

    def prefix(self) -> tree.Node:
        token = self.token
        if token.kind == "number":
            return self.number(1)
        if token.kind == "string":
            self.advance()
            return tree.Text(token.text)
        if token.kind == "quoted":
            return self.field()
        if token.word == "(":
            return self.parentheses()
        if token.word == "-":
            self.advance()
            of = self.measure(_MINUS)
            if not isinstance(of, tree.Number):
                raise self.fail(
                    "a minus sign stands only before a number",
                    token.start,
                    f"write 0 - {self.shown(token.end)}",
                )
            return tree.Number(-of.value)
        if token.kind != "name":
            raise self.unexpected("a name, a value or '('")
        if token.word == "not":
            self.advance()
            return tree.Not(self.condition(_NOT))
        if token.word in ("true", "false"):
            self.advance()
            return tree.Truth(token.word == "true")
        following = self.peek()
        if token.word == "date" and following.kind == "string":
            return self.day()
        if following.word == "(" and token.word not in _POWERS:
            return self.call()
        if token.word in KEYWORDS and token.word != "date":
            raise self.unexpected("a name or a value")
        return self.field()

    def parentheses(self) -> tree.Node:
        opened = self.advance()
        node = self.expression(_OR)
        if self.token.word == ",":
            hint = "write name IN ('a', 'b')"
            raise self.fail("a list stands only behind IN", opened.start, hint)
        self.expect(")")
        return node

    def number(self, sign: int) -> tree.Number:
        token = self.advance()
        value = float(token.text)
        if not math.isfinite(value):
            raise self.fail("the number is too large", token.start, "write one below 1e308")
        return tree.Number(sign * value)

    def day(self) -> tree.Day:
        self.advance()
        token = self.advance()
        day = limits.day(token.text)
        if day is None:
            raise self.fail(
                f"'{token.text[:20]}' is no date",
                token.start,
                "write for example DATE '2024-02-29'",
            )
        return tree.Day(day)

    def field(self) -> tree.Field:
        token = self.advance()
        if self.token.word == ".":
            raise self.fail(
                f"{self.shown(token.start, self.peek().end)}: a column of a stream stands only "
                "inside an aggregate",
                token.start,
                "write for example sum(orders.amount, '90 days'); attributes and tags have no dot",
            )
        if not token.text:
            raise self.fail("a name is empty", token.start, "write the name")
        return tree.Field(token.text)

    def comparison(self, left: tree.Measure) -> tree.Condition:
        """A comparison, from its operator on."""
        token = self.advance()
        word = token.word
        negated = word == "not"
        if negated:
            word = self.token.word
            if word not in ("in", "between", "like", "contains", "within"):
                raise self.unexpected("IN, BETWEEN, LIKE, CONTAINS or WITHIN")
            self.advance()
        made: tree.Condition
        if word == "in":
            made = tree.In(left, self.values())
        elif word == "between":
            low = self.measure(_SUM)
            self.expect("and", "AND and the upper end")
            made = tree.Between(left, low, self.measure(_SUM))
        elif word == "like":
            pattern = self.string("a pattern in quotes, such as '%CFO%',")
            self.checked(pattern, limits.check_pattern)
            made = tree.Like(left, pattern.text)
        elif word == "contains":
            made = tree.Contains(left, self.string("a label in quotes").text)
        elif word == "within":
            made = tree.Within(left, self.string("a code or label in quotes").text)
        elif word == "is":
            negated = self.take("not")
            self.expect("null", "NULL (for TRUE and FALSE, = instead of IS)")
            made = tree.Missing(left)
        else:
            negated = word in ("<>", "!=")
            sign = "=" if negated else word
            made = tree.Compare(left, cast(tree.CompareSign, sign), self.measure(_SUM))
        if _POWERS.get(self.token.word) == _COMPARE:
            raise self.fail(
                f"'{self.token.text}' follows a comparison that is already complete",
                self.token.start,
                HINTS["="]
                if self.token.word == word == "="
                else "join comparisons with AND, or write BETWEEN … AND …",
            )
        return tree.Not(made) if negated else made

    def string(self, wanted: str) -> Token:
        if self.token.kind != "string":
            raise self.unexpected(wanted)
        return self.advance()

    def values(self) -> tuple[tree.Literal, ...]:
        opened = self.token
        self.expect("(", "a list in parentheses")
        if self.token.word == ")":
            raise self.fail("the list is empty", opened.start, "name at least one value")
        out = [self.literal()]
        while self.take(","):
            if len(out) == limits.MAX_VALUES:
                raise self.fail(
                    f"the list has more than {limits.MAX_VALUES:,} values",
                    opened.start,
                    limits.LIST_HINT,
                )
            out.append(self.literal())
        self.expect(")", "',' or ')'")
        return tuple(out)

    def literal(self) -> tree.Literal:
        """A value as such: not a name, not a calculation."""
        token = self.token
        if token.kind == "number":
            return self.number(1)
        if token.kind == "string":
            return tree.Text(self.advance().text)
        if token.word == "-" and self.peek().kind == "number":
            self.advance()
            return self.number(-1)
        if token.word in ("true", "false"):
            return tree.Truth(self.advance().word == "true")
        if token.word == "date" and self.peek().kind == "string":
            return self.day()
        if token.kind in ("name", "quoted") and token.word not in SQL_ONLY | {"null"}:
            raise self.fail(
                f"{self.shown(token.start, token.end)} is a name, and a value is needed here",
                token.start,
                f"write values in quotes: '{token.text[:40]}'",
            )
        raise self.unexpected("a value")
