"""Spark, a way out to a cluster: the same definitions, the same Parquet files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from holbein.conditions.tree import Window
from holbein.engine.base import date, double, function, missing, table_name, text, timestamp, whole
from holbein.errors import MissingExtraError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class SparkDialect:
    """Spark's own words."""

    name = "spark"

    def day(self, value: dt.date) -> exp.Expr:
        return date(value)

    def instant(self, value: dt.datetime) -> exp.Expr:
        return timestamp(value)

    def _shifted_day(self, day: exp.Expr, window: Window, sign: int) -> exp.Expr:
        if window.unit in ("day", "week"):
            days = window.count * (7 if window.unit == "week" else 1)
            return function("date_add", day, whole(sign * days))
        months = window.count * (12 if window.unit == "year" else 1)
        return function("add_months", day, whole(sign * months))

    def minus(self, day: exp.Expr, window: Window) -> exp.Expr:
        return self._shifted_day(day, window, -1)

    def plus(self, day: exp.Expr, window: Window) -> exp.Expr:
        return self._shifted_day(day, window, 1)

    def _span(self, window: Window) -> exp.Expr:
        return exp.Interval(this=text(str(window.count)), unit=exp.var(window.unit.upper()))

    def earlier(self, instant: exp.Expr, window: Window) -> exp.Expr:
        return exp.Sub(this=instant, expression=self._span(window))

    def later(self, instant: exp.Expr, window: Window) -> exp.Expr:
        return exp.Add(this=instant, expression=self._span(window))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return function("datediff", end, start)

    def finite(self, number: exp.Expr) -> exp.Expr:
        infinite = double(text("Infinity"))
        return exp.and_(
            exp.Not(this=function("isnan", number)),
            exp.LT(this=function("abs", number.copy()), expression=infinite),
        )

    def wide(self, integer: exp.Expr) -> exp.Expr:
        return exp.cast(integer, "DECIMAL(20, 0)")

    def like(self, value: exp.Expr, pattern: str) -> exp.Expr:
        # Java writes these two letters in lower case by their place in the word.
        plain = function("translate", value, text("\u03a3\u0130"), text("\u03c3i"))
        like = exp.Like(this=function("lower", plain), expression=text(pattern))
        return exp.Escape(this=like, expression=text("\\"))

    def fraction(self, text_: exp.Expr) -> exp.Expr:
        digits = function("substr", function("md5", text_), whole(1), whole(13))
        number = double(function("conv", digits, whole(16), whole(10)))
        return exp.Div(this=number, expression=double(whole(2**52)))

    def has(self, labels: exp.Expr, values: Sequence[str]) -> exp.Expr:
        return function("arrays_overlap", labels, function("array", *map(text, values)))

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
        return function("max_by" if last else "min_by", value, function("struct", *order))

    def median(self, value: exp.Expr) -> exp.Expr:
        return function("median", value)

    def bits(self, place: exp.Expr) -> exp.Expr:
        one = exp.cast(whole(1), exp.DataType.Type.BIGINT)
        return function("bit_or", function("shiftleft", one, place))

    def ones(self, bits: exp.Expr, mask: int) -> exp.Expr:
        wide = exp.cast(whole(mask), exp.DataType.Type.BIGINT)
        return function("bit_count", exp.paren(exp.BitwiseAnd(this=bits, expression=wide)))

    def listed(self, value: exp.Expr, order: exp.Expr) -> exp.Expr:
        pair = function("named_struct", text("place"), order, text("label"), value)
        pairs = function("array_sort", function("collect_list", pair))
        return exp.Dot(this=pairs, expression=exp.to_identifier("label", quoted=True))


class Spark:
    """A Spark session, the one that is active or a local one."""

    dialect = SparkDialect()

    def __init__(self, session: SparkSession | None = None) -> None:
        self._session = session or _session()

    def attach(self, name: str, files: Sequence[Path]) -> None:
        frame = self._session.read.parquet(*(str(one) for one in files))
        frame.createOrReplaceTempView(f"`{_escaped(name)}`")

    def load(self, name: str, table: pa.Table) -> None:
        frame = self._session.createDataFrame(table)
        frame.createOrReplaceTempView(f"`{_escaped(name)}`")

    def hold(self, name: str, select: exp.Query) -> None:
        self.load(name, self.query(select))

    def drop(self, name: str) -> None:
        self._session.catalog.dropTempView(table_name(name))

    def query(self, select: exp.Query) -> pa.Table:
        return self._session.sql(select.sql("spark")).toArrow()

    def cursor(self) -> Spark:
        return Spark(self._session.newSession())

    def close(self) -> None:
        """The session belongs to the process, and ends with it."""


def _escaped(name: str) -> str:
    return table_name(name).replace("`", "``")


def _session() -> SparkSession:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtraError(
            "this workspace says `engine: spark`, and Spark is not installed",
            hint="pip install 'holbein[spark]', with Java 17 or later on the machine",
        ) from error
    builder = SparkSession.builder.appName("holbein")
    return (
        builder.config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.timestampType", "TIMESTAMP_NTZ")
        .getOrCreate()
    )
