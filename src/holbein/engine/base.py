"""What an engine is: something that reads Parquet and Arrow and answers SQL.

All SQL is built as sqlglot expressions by ``compile`` and its neighbours. Where engines differ,
the words are the engine's own: a ``Dialect`` gives one expression for each thing that cannot be
said the same way everywhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from sqlglot import exp

from holbein.conditions.tree import Window


class Dialect(Protocol):
    """An engine's own words, as expressions; arguments are expressions of the plain types."""

    @property
    def name(self) -> str:
        """What sqlglot calls it."""

    def day(self, value: dt.date) -> exp.Expr:
        """A date literal."""

    def instant(self, value: dt.datetime) -> exp.Expr:
        """A timestamp literal, in UTC."""

    def minus(self, day: exp.Expr, window: Window) -> exp.Expr:
        """A date, ``window`` earlier; months and years are clipped at the month's end."""

    def plus(self, day: exp.Expr, window: Window) -> exp.Expr:
        """A date, ``window`` later."""

    def earlier(self, instant: exp.Expr, window: Window) -> exp.Expr:
        """A timestamp, so many hours or minutes earlier."""

    def later(self, instant: exp.Expr, window: Window) -> exp.Expr:
        """A timestamp, so many hours or minutes later."""

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Whole days from one date to another; negative where ``end`` comes first."""

    def finite(self, number: exp.Expr) -> exp.Expr:
        """True where a double is neither NaN nor infinite."""

    def wide(self, integer: exp.Expr) -> exp.Expr:
        """A 64-bit integer such that the sum of very many does not overflow."""

    def like(self, value: exp.Expr, pattern: str) -> exp.Expr:
        """Text against a LIKE pattern in lower case, whose escape is the backslash."""

    def fraction(self, text: exp.Expr) -> exp.Expr:
        """The first 52 bits of a text's MD5 as a double in [0, 1)."""

    def has(self, labels: exp.Expr, values: Sequence[str]) -> exp.Expr:
        """True where a list of labels holds any of ``values``."""

    def unlabelled(self, labels: exp.Expr) -> exp.Expr:
        """True where a list of labels is missing."""

    def no_labels(self) -> exp.Expr:
        """A list of labels that is missing."""

    def holds(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """True where ``text`` has ``part`` in it, exactly."""

    def inside(self, text: exp.Expr) -> exp.Expr:
        """``text`` without its first and its last character."""

    def extreme(self, value: exp.Expr, order: Sequence[exp.Expr], *, last: bool) -> exp.Expr:
        """An aggregate: ``value`` of the first (or last) row by ``order``."""

    def median(self, value: exp.Expr) -> exp.Expr:
        """An aggregate: the median; of an even count, the mean of the middle two."""

    def bits(self, place: exp.Expr) -> exp.Expr:
        """An aggregate: a number that has a bit for each of the integers, which go from 0 to 61."""

    def ones(self, bits: exp.Expr, mask: int) -> exp.Expr:
        """How many bits a number has in common with ``mask``."""

    def listed(self, value: exp.Expr, order: exp.Expr) -> exp.Expr:
        """An aggregate: all values in one list, by ``order`` (a distinct integer)."""


class Engine(Protocol):
    """A connection to an engine. Not shared between threads: ``cursor`` gives another one."""

    @property
    def dialect(self) -> Dialect:
        """Its own words."""

    def attach(self, name: str, files: Sequence[Path]) -> None:
        """Make Parquet files readable as the table ``name``, in place of what had that name."""

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable as ``name``, in place of what had that name."""

    def hold(self, name: str, select: exp.Query) -> None:
        """Make the rows of a SELECT readable as ``name``, computed once."""

    def drop(self, name: str) -> None:
        """Forget a table that was loaded."""

    def query(self, select: exp.Query) -> pa.Table:
        """The rows of a SELECT."""

    def cursor(self) -> Engine:
        """A second connection to the same tables."""

    def close(self) -> None:
        """Let go of everything."""


def digest(said: object) -> str:
    """A short name for what ``repr`` tells in full: for relations and columns of one query."""
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def table_name(name: str) -> str:
    """How a table of a version is called in SQL (engines refuse dots)."""
    return name.replace(".", "__")


def list_table(audience: str) -> str:
    """The table of a static list. Its name may be any text, and differ from another in case only,
    which engines disregard.
    """
    return f"list.{hashlib.sha256(audience.encode()).hexdigest()[:24]}"


def column(name: str, table: str | None = None) -> exp.Column:
    """A quoted column."""
    return exp.column(exp.to_identifier(name, quoted=True), table=table, quoted=True)


def table(name: str, alias: str | None = None) -> exp.Expr:
    """A quoted table of a version, by its name with dots, or a common table expression."""
    found = exp.Table(this=exp.to_identifier(table_name(name), quoted=True))
    return exp.alias_(found, alias, quoted=True, table=True) if alias else found


def function(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function call that sqlglot passes on untouched."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def text(value: str) -> exp.Expr:
    """A text literal."""
    return exp.Literal.string(value)


def whole(value: int) -> exp.Expr:
    """An integer literal."""
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def double(value: exp.Expr) -> exp.Expr:
    """A double, whatever number it was."""
    return exp.cast(value, exp.DataType.Type.DOUBLE)


def date(value: dt.date) -> exp.Expr:
    """A date literal, as most engines have it."""
    return exp.cast(text(value.isoformat()), exp.DataType.Type.DATE)


def timestamp(value: dt.datetime) -> exp.Expr:
    """A timestamp literal, in UTC, as most engines have it."""
    return exp.cast(text(value.isoformat(sep=" ")), exp.DataType.Type.TIMESTAMPNTZ)


def missing(value: exp.Expr) -> exp.Expr:
    """True where a value is missing."""
    return exp.Is(this=value, expression=exp.null())


def both(*conditions: exp.Expr | None) -> exp.Expr:
    """All of the conditions that are there; TRUE where none is."""
    given = [exp.paren(one) for one in conditions if one is not None]
    return exp.and_(*given) if given else exp.true()
