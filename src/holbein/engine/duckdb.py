"""DuckDB, the default engine: in memory, over the version's Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from holbein.conditions.tree import Window
from holbein.engine.base import double, function, table_name, text, whole
from holbein.errors import StoreError

if TYPE_CHECKING:
    import duckdb


class DuckDBDialect:
    """DuckDB's own words."""

    name = "duckdb"

    def _shift(
        self, start: exp.Expression, window: Window, sign: type[exp.Binary]
    ) -> exp.Expression:
        span = exp.Interval(this=text(str(window.count)), unit=exp.var(window.unit.upper()))
        return sign(this=exp.paren(start), expression=span)

    def minus(self, day: exp.Expression, window: Window) -> exp.Expression:
        return exp.cast(self._shift(day, window, exp.Sub), exp.DataType.Type.DATE)

    def plus(self, day: exp.Expression, window: Window) -> exp.Expression:
        return exp.cast(self._shift(day, window, exp.Add), exp.DataType.Type.DATE)

    def earlier(self, instant: exp.Expression, window: Window) -> exp.Expression:
        return self._shift(instant, window, exp.Sub)

    def later(self, instant: exp.Expression, window: Window) -> exp.Expression:
        return self._shift(instant, window, exp.Add)

    def days_between(self, start: exp.Expression, end: exp.Expression) -> exp.Expression:
        return function("date_diff", text("day"), start, end)

    def finite(self, number: exp.Expression) -> exp.Expression:
        return function("isfinite", number)

    def like(self, value: exp.Expression, pattern: str) -> exp.Expression:
        like = exp.Like(this=function("lower", value), expression=text(pattern))
        return exp.Escape(this=like, expression=text("\\"))

    def fraction(self, text_: exp.Expression) -> exp.Expression:
        digits = function("substr", function("md5", text_), whole(1), whole(13))
        number = exp.cast(exp.DPipe(this=text("0x"), expression=digits), exp.DataType.Type.BIGINT)
        return exp.Div(this=double(number), expression=double(whole(2**52)))

    def has(self, labels: exp.Expression, values: Sequence[str]) -> exp.Expression:
        if len(values) == 1:
            return function("list_contains", labels, text(values[0]))
        return function("list_has_any", labels, exp.array(*(text(one) for one in values)))

    def holds(self, text: exp.Expression, part: exp.Expression) -> exp.Expression:
        return function("contains", text, part)

    def extreme(
        self, value: exp.Expression, order: Sequence[exp.Expression], *, last: bool
    ) -> exp.Expression:
        return function("arg_max" if last else "arg_min", value, function("row", *order))

    def median(self, value: exp.Expression) -> exp.Expression:
        return function("median", value)

    def quantile(self, value: exp.Expression, share: float) -> exp.Expression:
        return function("quantile_cont", value, exp.Literal.number(share))

    def listed(self, value: exp.Expression, order: exp.Expression) -> exp.Expression:
        ordered = exp.Order(this=value, expressions=[exp.Ordered(this=order)])
        return function("list", ordered)

    def unfolded(self, labels: exp.Expression) -> exp.Expression:
        return function("unnest", labels)


class DuckDB:
    """A DuckDB database in memory. It reads no file but those that it is given."""

    dialect = DuckDBDialect()

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        if connection is None:
            import duckdb

            connection = duckdb.connect(config={"python_enable_replacements": False})
        self._connection = connection

    def attach(self, name: str, files: Sequence[Path]) -> None:
        listed = exp.array(*(text(str(one)) for one in files)).sql("duckdb")
        self._replace(name, f"VIEW {{}} AS SELECT * FROM read_parquet({listed})")

    def load(self, name: str, table: pa.Table) -> None:
        passed = f"arrow of {name}"
        self._connection.register(passed, table)
        try:
            source = exp.to_identifier(passed, quoted=True).sql("duckdb")
            self._replace(name, f"TABLE {{}} AS SELECT * FROM {source}")
        finally:
            self._connection.unregister(passed)

    def _replace(self, name: str, definition: str) -> None:
        self.drop(name)
        known = exp.to_identifier(table_name(name), quoted=True).sql("duckdb")
        self._connection.execute("CREATE " + definition.format(known))

    def drop(self, name: str) -> None:
        kinds = self._connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = ?",
            [table_name(name)],
        ).fetchall()
        known = exp.to_identifier(table_name(name), quoted=True).sql("duckdb")
        for (kind,) in kinds:
            self._connection.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {known}")

    def query(self, select: exp.Query) -> pa.Table:
        import duckdb

        try:
            return self._connection.sql(select.sql("duckdb")).to_arrow_table()
        except duckdb.IOException as error:
            raise StoreError(
                "a file of this version cannot be read",
                hint="`holbein run` makes a new version; " + str(error).splitlines()[0],
            ) from error

    def cursor(self) -> DuckDB:
        return DuckDB(self._connection.cursor())

    def close(self) -> None:
        self._connection.close()
