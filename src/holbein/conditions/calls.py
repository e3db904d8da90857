"""The functions of a condition's text: one reader per shape of argument list."""

from __future__ import annotations

from typing import cast

from holbein.conditions import limits, tree
from holbein.conditions.cursor import SQL_ONLY, Cursor
from holbein.conditions.functions import (
    AGGREGATES,
    COUNT_FUNCTIONS,
    ELAPSED_FUNCTIONS,
    FUNCTIONS,
    RELATED_FUNCTIONS,
    SHARE_FUNCTION,
    WITHOUT_COLUMN,
)
from holbein.conditions.tokens import Token
from holbein.errors import near


class Calls(Cursor):
    """What reads a function, from its name on. Expressions are read by the class that inherits."""

    def condition(self, least: int = 0) -> tree.Condition:
        """A condition whose operators bind at least as tightly as ``least``; 0 is any."""
        raise NotImplementedError

    def measure(self, least: int = 0) -> tree.Measure:
        """A measure, likewise."""
        raise NotImplementedError

    def literal(self) -> tree.Literal:
        """A value as such."""
        raise NotImplementedError

    def call(self) -> tree.Node:
        """A function, from its name on."""
        token = self.advance()
        name = token.word
        self.advance()
        if name in AGGREGATES and name not in ELAPSED_FUNCTIONS:
            return self.aggregate(name, token)
        if name in ELAPSED_FUNCTIONS:
            return self.elapsed(name, token)
        if name in RELATED_FUNCTIONS:
            return tree.Related(*RELATED_FUNCTIONS[name], self.inner(name))
        if name in COUNT_FUNCTIONS:
            return tree.RelatedCount(COUNT_FUNCTIONS[name], self.inner(name))
        if name == SHARE_FUNCTION:
            return tree.RelatedShare("role", self.inner(name))
        if name == "sequence":
            return self.sequence(token)
        if name == "in_audience":
            return tree.InAudience(self.quoted_argument(name, "in_audience('key accounts')"))
        if name == "bucket":
            return tree.Bucket(self.quoted_argument(name, "bucket('spring campaign')"))
        if name == "became":
            return self.became()
        if name in SQL_ONLY:
            raise self.fail(
                f"{token.text.upper()} is SQL, but no part of a condition",
                token.start,
                "a condition compares attributes, tags and aggregates",
            )
        raise self.fail(
            f"there is no function {token.text[:60]}",
            token.start,
            near(token.text, FUNCTIONS)
            or "functions are for example count, sum, days_since, any_role and in_audience",
        )

    def close(self, name: str, usage: str) -> None:
        if self.token.word == ",":
            raise self.fail(f"{name} has too many arguments", self.token.start, f"write {usage}")
        self.expect(")", f"')' of {name}")

    def inner(self, name: str) -> tree.Condition:
        """The one condition inside a quantifier."""
        if self.token.word == ")":
            raise self.fail(
                f"{name} needs a condition in its parentheses",
                self.token.start,
                f"write {name}(TRUE) if there is nothing to ask",
            )
        node = self.condition()
        self.close(name, f"{name}(one condition); join several with AND")
        return node

    def quoted_argument(self, name: str, usage: str) -> str:
        if self.token.kind != "string":
            raise self.fail(f"{name} needs one text in quotes", self.token.start, f"write {usage}")
        token = self.advance()
        if not token.text:
            raise self.fail("the text is empty", token.start, f"write {usage}")
        self.close(name, usage)
        return token.text

    def name(self, wanted: str) -> str:
        """A name as such: of a stream, event, column or tag."""
        token = self.token
        if token.kind not in ("name", "quoted"):
            raise self.unexpected(wanted)
        if not token.text:
            raise self.fail("a name is empty", token.start, "write the name")
        return self.advance().text

    def window(self, wanted: str) -> tree.Window:
        token = self.token
        if token.kind != "string":
            raise self.fail(
                f"{wanted} is a stretch of time in quotes",
                token.start,
                "write for example '90 days'",
            )
        return self.checked(self.advance(), limits.window)

    def aggregate(self, name: str, token: Token) -> tree.Aggregate:
        which = cast(tree.AggregateName, name)
        with_column = which not in WITHOUT_COLUMN
        usage = f"{name}({'orders.amount' if with_column else 'orders'}, '90 days')"
        if self.token.kind not in ("name", "quoted"):
            what = "a column of a stream" if with_column else "a stream or an event"
            raise self.fail(f"{name} needs {what}", self.token.start, f"write for example {usage}")
        start = self.token.start
        stream = self.name("a stream or an event")
        column = None
        if self.take("."):
            column = self.name("a column")
        if self.peek(0).kind == "end":
            raise self.unexpected("',' or ')'")
        if self.token.word not in (",", ")"):
            hint = "a name has at most two parts" if self.token.word == "." else None
            raise self.fail(
                f"{self.quoted(self.token)} is unexpected in {name}",
                self.token.start,
                hint or f"write for example {usage}; filters follow behind a comma",
            )
        if with_column and column is None:
            raise self.fail(
                f"{name} needs a column of a stream, and {stream} has no dot",
                start,
                f"write it as stream.column, for example {usage}",
            )
        if column is not None and not with_column:
            instead = "count_distinct" if name != "days_since" else "days_since(max"
            ending = ")" if name == "days_since" else ""
            raise self.fail(
                f"{name} takes a stream or an event, without a column",
                start,
                f"write {name}({stream}), or {instead}({stream}.{column}){ending}",
            )
        window, before, where = self.options(name)
        return tree.Aggregate(which, stream, column, window, before, where)

    def options(
        self, name: str
    ) -> tuple[tree.Window | None, tree.Window | None, tree.Condition | None]:
        """What follows an aggregate's stream: a window, ``before =>``, a filter; in any order."""
        window: tree.Window | None = None
        before: tree.Window | None = None
        where: tree.Condition | None = None
        while self.take(","):
            start = self.token.start
            if self.peek().word == "=>":
                self.keyword("before", name)
                self.once(before, "before", start)
                before = self.window("before")
            elif self.token.kind == "string" and self.peek().word in (",", ")"):
                self.once(window, "a window", start)
                window = self.window("a window")
            elif self.token.kind == "number" and self.peek().word in (",", ")"):
                self.window("a window")
            else:
                self.once(where, "a filter", start, "join conditions with AND")
                where = self.condition()
        self.expect(")", "',' or ')'")
        return window, before, where

    def once(self, had: object, what: str, start: int, hint: str = "leave one out") -> None:
        if had is not None:
            raise self.fail(f"{what} is given twice", start, hint)

    def keyword(self, wanted: str, name: str) -> None:
        token = self.advance()
        self.advance()
        if token.text.lower() != wanted:
            raise self.fail(
                f"{name} has no argument named {token.text[:40]}",
                token.start,
                f"write {wanted} => '90 days'",
            )

    def elapsed(self, name: str, token: Token) -> tree.Elapsed | tree.Aggregate:
        unit, direction = ELAPSED_FUNCTIONS[name]
        named = self.token.kind in ("name", "quoted")
        if name in AGGREGATES and named and self.peek().word in (",", "."):
            return self.aggregate(name, token)
        if self.token.word == ")":
            raise self.fail(f"{name} needs a date", self.token.start, f"write {name}(renewal_date)")
        of = self.measure()
        self.close(name, f"{name}(one date)")
        return tree.Elapsed(unit, direction, of)

    def sequence(self, token: Token) -> tree.Sequence:
        usage = "write for example sequence(visit, trial, within => '7 days')"
        steps: list[tree.Step] = []
        within: tree.Window | None = None
        while self.token.word != ")" or not steps:
            start = self.token.start
            if self.peek().word == "=>":
                self.keyword("within", "sequence")
                self.once(within, "within", start)
                within = self.window("within")
            elif self.token.kind not in ("name", "quoted"):
                raise self.fail("sequence needs streams or events", start, usage)
            else:
                steps.append(self.step())
            if not self.take(","):
                break
        self.expect(")", "',' or ')'")
        if len(steps) < 2:
            raise self.fail("a sequence needs at least two steps", token.start, usage)
        return tree.Sequence(tuple(steps), within)

    def step(self) -> tree.Step:
        stream = self.name("a stream or an event")
        where = None
        if self.take("("):
            where = self.inner(stream)
        return tree.Step(stream, where)

    def became(self) -> tree.Became:
        usage = "became(value_tier, 'high', '7 days')"
        if self.token.kind not in ("name", "quoted"):
            raise self.fail("became needs a tag", self.token.start, f"write {usage}")
        tag = self.name("a tag")
        self.expect(",", f"a comma, as in {usage}")
        value = self.literal()
        self.expect(",", f"a comma and a window, as in {usage}")
        window = self.window("a window")
        self.close("became", usage)
        return tree.Became(tag, value, window)
