"""DuckDB, the default engine: in memory, over the version's Parquet files."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from holbein.conditions.tree import Window
from holbein.engine import base
from holbein.engine.base import date, double, function, missing, table_name, text, timestamp, whole
from holbein.errors import HolbeinError, StoreError

if TYPE_CHECKING:
    import duckdb


class DuckDBDialect:
    """DuckDB's own words."""

    name = "duckdb"

    def day(self, value: dt.date) -> exp.Expr:
        return date(value)

    def instant(self, value: dt.datetime) -> exp.Expr:
        return timestamp(value)

    def _shift(self, start: exp.Expr, window: Window, sign: type[exp.Binary]) -> exp.Expr:
        span = exp.Interval(this=text(str(window.count)), unit=exp.var(window.unit.upper()))
        return sign(this=exp.paren(start), expression=span)

    def _shifted_day(self, day: exp.Expr, window: Window, sign: type[exp.Binary]) -> exp.Expr:
        # Days are added as numbers: DuckDB takes intervals of 30 days and of a month for the same,
        # and answers both with one where they stand in one query.
        if window.unit in ("day", "week"):
            days = window.count * (7 if window.unit == "week" else 1)
            return exp.paren(sign(this=exp.paren(day), expression=whole(days)))
        return exp.cast(self._shift(day, window, sign), exp.DataType.Type.DATE)

    def minus(self, day: exp.Expr, window: Window) -> exp.Expr:
        return self._shifted_day(day, window, exp.Sub)

    def plus(self, day: exp.Expr, window: Window) -> exp.Expr:
        return self._shifted_day(day, window, exp.Add)

    def earlier(self, instant: exp.Expr, window: Window) -> exp.Expr:
        return self._shift(instant, window, exp.Sub)

    def later(self, instant: exp.Expr, window: Window) -> exp.Expr:
        return self._shift(instant, window, exp.Add)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return function("date_diff", text("day"), start, end)

    def finite(self, number: exp.Expr) -> exp.Expr:
        return function("isfinite", number)

    def wide(self, integer: exp.Expr) -> exp.Expr:
        return integer  # sums of these are HUGEINT

    def like(self, value: exp.Expr, pattern: str) -> exp.Expr:
        like = exp.Like(this=function("lower", value), expression=text(pattern))
        return exp.Escape(this=like, expression=text("\\"))

    def fraction(self, text_: exp.Expr) -> exp.Expr:
        digits = function("substr", function("md5", text_), whole(1), whole(13))
        number = exp.cast(exp.DPipe(this=text("0x"), expression=digits), exp.DataType.Type.BIGINT)
        return exp.Div(this=double(number), expression=double(whole(2**52)))

    def has(self, labels: exp.Expr, values: Sequence[str]) -> exp.Expr:
        if len(values) == 1:
            return function("list_contains", labels, text(values[0]))
        return function("list_has_any", labels, exp.array(*(text(one) for one in values)))

    def unlabelled(self, labels: exp.Expr) -> exp.Expr:
        return missing(labels)

    def no_labels(self) -> exp.Expr:
        return exp.null()

    def holds(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return function("contains", text, part)

    def inside(self, text: exp.Expr) -> exp.Expr:
        length = exp.Sub(this=function("length", text.copy()), expression=whole(2))
        return function("substring", text, whole(2), length)

    def extreme(self, value: exp.Expr, order: Sequence[exp.Expr], *, last: bool) -> exp.Expr:
        return function("arg_max" if last else "arg_min", value, function("row", *order))

    def median(self, value: exp.Expr) -> exp.Expr:
        return function("median", value)

    def bits(self, place: exp.Expr) -> exp.Expr:
        one = exp.cast(whole(1), exp.DataType.Type.BIGINT)
        bit = exp.BitwiseLeftShift(this=one, expression=exp.cast(place, exp.DataType.Type.INT))
        return function("bit_or", exp.paren(bit))

    def ones(self, bits: exp.Expr, mask: int) -> exp.Expr:
        return function("bit_count", exp.paren(exp.BitwiseAnd(this=bits, expression=whole(mask))))

    def listed(self, value: exp.Expr, order: exp.Expr) -> exp.Expr:
        ordered = exp.Order(this=value, expressions=[exp.Ordered(this=order)])
        return function("list", ordered)


class DuckDB:
    """A DuckDB database in memory. It reads no file but those that it is given."""

    dialect = DuckDBDialect()

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self._given = connection

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        """Made when first asked: what is said of one subject needs none."""
        return connect() if self._given is None else self._given

    def attach(self, name: str, files: Sequence[Path]) -> None:
        listed = exp.array(*(text(str(one)) for one in files))
        rows = exp.select("*").from_(function("read_parquet", listed))
        self._create("VIEW", name, rows)

    def load(self, name: str, table: pa.Table) -> None:
        passed = f"arrow of {name}"
        self._connection.register(passed, table)
        try:
            rows = exp.select("*").from_(exp.to_identifier(passed, quoted=True))
            self._create("TABLE", name, rows)
        finally:
            self._connection.unregister(passed)

    def hold(self, name: str, select: exp.Query) -> None:
        self.drop(name)
        made = f"CREATE TABLE {base.table(name).sql('duckdb')} AS {select.sql('duckdb')}"
        with _told():
            self._connection.execute(made)

    def _create(self, kind: str, name: str, rows: exp.Query) -> None:
        self.drop(name)
        made = exp.Create(this=base.table(name), kind=kind, expression=rows)
        self._connection.execute(made.sql("duckdb"))

    def drop(self, name: str) -> None:
        kinds = self._connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = ?",
            [table_name(name)],
        ).fetchall()
        for (kind,) in kinds:
            gone = exp.Drop(tables=[base.table(name)], kind="VIEW" if kind == "VIEW" else "TABLE")
            self._connection.execute(gone.sql("duckdb"))

    def query(self, select: exp.Query) -> pa.Table:
        with _told():
            return self._connection.sql(select.sql("duckdb")).to_arrow_table()

    def cursor(self) -> DuckDB:
        return DuckDB(self._connection.cursor())

    def close(self) -> None:
        if self._given is not None or "_connection" in vars(self):
            self._connection.close()


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory, set as Holbein wants it."""
    import duckdb

    connection = duckdb.connect(
        config={
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
            # What memory does not hold: not into the folder that the user stands in.
            "temp_directory": str(Path(tempfile.gettempdir()) / f"holbein-{os.getpid()}"),
        }
    )
    connection.execute(f"SET perfect_ht_threshold = {_dense_bits(connection)}")
    return connection


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Says in plain words what DuckDB says of damaged files and of questions too large for it."""
    import duckdb

    try:
        yield
    except duckdb.IOException as error:
        raise StoreError(
            "a file of this version cannot be read",
            hint="`holbein run` makes a new version; " + str(error).splitlines()[0],
        ) from error
    except (duckdb.BinderException, duckdb.OutOfMemoryException) as error:
        if isinstance(error, duckdb.BinderException) and "depth" not in str(error):
            raise
        raise HolbeinError(
            "the question is too large for the engine",
            hint="ask less in one condition: name parts of it as tags or audiences",
        ) from error


_STATE = 512
"""Bytes that the aggregates of one subject may take."""


def _dense_bits(connection: duckdb.DuckDBPyConnection) -> int:
    """Of how many bits the ids may be that groups are held by in an array, not in a hash table:
    much faster, but each thread holds a place for every id. A quarter of the memory is for that.
    """
    threads, memory = connection.execute(
        "SELECT current_setting('threads'), current_setting('memory_limit')"
    ).fetchall()[0]
    said = re.fullmatch(r"([\d.]+)\s*(\w*)", memory)
    size = float(said[1]) * _UNITS.get(said[2], 1.0) if said else _UNITS["GiB"]
    return max(12, min(24, int(math.log2(size / 4 / _STATE / max(1, threads)))))


_UNITS = {"KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40}
