"""ClickHouse, in this process through chDB: the same definitions, the same Parquet files."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
import uuid
import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlglot import exp

from holbein.conditions.tree import Window
from holbein.engine import base
from holbein.engine.base import double, function, text, whole
from holbein.errors import HolbeinError, MissingExtraError, StoreError

INSTANT = exp.DataType.build("Nullable(DateTime64(6, 'UTC'))", dialect="clickhouse")

SETTINGS: Mapping[str, str | int] = {
    # As everyone else reads SQL.
    "aggregate_functions_null_for_empty": 1,
    "enable_extended_results_for_datetime_functions": 1,
    "join_use_nulls": 1,
    "prefer_column_name_to_alias": 1,
    "session_timezone": "UTC",
    # What is dropped is gone, not kept for some minutes.
    "database_atomic_wait_for_drop_and_detach_synchronously": 1,
    # A run's queries are long, and are ours.
    "max_query_size": 1 << 30,
    "max_parser_depth": 10_000,
    "max_ast_depth": 10_000,
    "max_ast_elements": 10_000_000,
    "max_expanded_ast_elements": 10_000_000,
}
TOO_LARGE = frozenset({161, 162, 167, 168, 173, 191, 241, 306})
"""Codes of too many columns, too deep or too big a query, and of memory that is not there."""
UNREADABLE = frozenset({27, 32, 33, 74, 75, 76, 79, 107, 117, 246, 247, 400, 636, 1001})
"""Codes of a file that is absent, cut off or not Parquet."""


class ClickHouseDialect:
    """ClickHouse's own words.

    Its lists of labels are never NULL: where a list is missing, it is empty. A version knows no
    other empty lists. What it says of a comparison is an integer of eight bits, and ``query`` takes
    these for truth: numbers are wider.
    """

    name = "clickhouse"

    def day(self, value: dt.date) -> exp.Expr:
        return exp.cast(text(value.isoformat()), exp.DataType.Type.DATE32)

    def instant(self, value: dt.datetime) -> exp.Expr:
        return exp.cast(text(value.isoformat(sep=" ")), INSTANT.copy())

    def _shifted(self, start: exp.Expr, window: Window, sign: str) -> exp.Expr:
        return function(f"{sign}{window.unit.capitalize()}s", start, whole(window.count))

    def minus(self, day: exp.Expr, window: Window) -> exp.Expr:
        return self._shifted(day, window, "subtract")

    def plus(self, day: exp.Expr, window: Window) -> exp.Expr:
        return self._shifted(day, window, "add")

    def earlier(self, instant: exp.Expr, window: Window) -> exp.Expr:
        return self._shifted(instant, window, "subtract")

    def later(self, instant: exp.Expr, window: Window) -> exp.Expr:
        return self._shifted(instant, window, "add")

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return function("dateDiff", text("day"), start, end)

    def finite(self, number: exp.Expr) -> exp.Expr:
        return function("isFinite", number)

    def wide(self, integer: exp.Expr) -> exp.Expr:
        return exp.cast(integer, "DECIMAL(20, 0)")

    def like(self, value: exp.Expr, pattern: str) -> exp.Expr:
        # These two letters change with their place in the word, or become two.
        plain = function("translateUTF8", value, text("\u03a3\u0130"), text("\u03c3i"))
        # The backslash is always the escape; before another character it would stand for itself.
        escaped = re.sub(r"\\([^\\%_])", r"\1", pattern, flags=re.DOTALL)
        return exp.Like(this=function("lowerUTF8", plain), expression=text(escaped))

    def fraction(self, text_: exp.Expr) -> exp.Expr:
        first = function("substring", function("MD5", text_), whole(1), whole(8))
        number = function("reinterpretAsUInt64", function("reverse", first))
        bits = function("bitShiftRight", number, whole(12))
        return exp.Div(this=double(bits), expression=double(whole(2**52)))

    def has(self, labels: exp.Expr, values: Sequence[str]) -> exp.Expr:
        return function("hasAny", labels, exp.array(*(text(one) for one in values)))

    def unlabelled(self, labels: exp.Expr) -> exp.Expr:
        return function("empty", labels)

    def no_labels(self) -> exp.Expr:
        return exp.array()

    def holds(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.GT(this=function("position", text, part), expression=whole(0))

    def inside(self, text: exp.Expr) -> exp.Expr:
        length = exp.Sub(this=function("lengthUTF8", text.copy()), expression=whole(2))
        return function("substringUTF8", text, whole(2), length)

    def extreme(self, value: exp.Expr, order: Sequence[exp.Expr], *, last: bool) -> exp.Expr:
        return function("argMax" if last else "argMin", value, function("tuple", *order))

    def median(self, value: exp.Expr) -> exp.Expr:
        half = exp.Literal.number("0.5")
        return exp.ParameterizedAgg(
            this="quantileExactInclusive", expressions=[half], params=[value]
        )

    def bits(self, place: exp.Expr) -> exp.Expr:
        # Shifts are worked out where the place is missing, too, and then it may be negative.
        sound = function("bitAnd", place, whole(63))
        return function(
            "groupBitOr", function("bitShiftLeft", function("toInt64", whole(1)), sound)
        )

    def ones(self, bits: exp.Expr, mask: int) -> exp.Expr:
        common = function("bitAnd", bits, function("toInt64", whole(mask)))
        return exp.cast(function("bitCount", common), exp.DataType.Type.BIGINT)

    def listed(self, value: exp.Expr, order: exp.Expr) -> exp.Expr:
        pairs = function("arraySort", function("groupArray", function("tuple", order, value)))
        return function("tupleElement", pairs, whole(2))


class ClickHouse:
    """A database of its own in the one ClickHouse that a process can hold. It reads no file but
    those that it is given.
    """

    dialect = ClickHouseDialect()

    def __init__(self, database: _Database | None = None) -> None:
        self._database: _Database | None = database or _Database()
        self._connection = _connect()
        self._run(exp.Use(this=exp.to_identifier(self._database.name, quoted=True)))

    def attach(self, name: str, files: Sequence[Path]) -> None:
        self.drop(name)
        self._run(exp.Create(this=base.table(name), kind="VIEW", expression=_rows(files)))

    def load(self, name: str, table: pa.Table) -> None:
        with tempfile.TemporaryDirectory(prefix="holbein-") as folder:
            path = Path(folder) / "table.parquet"
            pq.write_table(table, path)
            self.drop(name)
            self._run(_in_memory(base.table(name), "TABLE", _rows([path])))

    def hold(self, name: str, select: exp.Query) -> None:
        self.load(name, self.query(select))

    def drop(self, name: str) -> None:
        # A view goes like a table.
        self._run(exp.Drop(tables=[base.table(name)], kind="TABLE", exists=True))

    def query(self, select: exp.Query) -> pa.Table:
        asked = select.copy()
        for part in asked.find_all(exp.Select):
            # Of joined tables, a column's name is its table's, too, unless it is given one.
            part.set("expressions", [_named(one) for one in part.expressions])
        # What is asked for more than once is worked out first, and kept: ClickHouse would write it
        # out at each use, and uses within uses multiply. (So they do where it is declared
        # MATERIALIZED: that saves the work of doing it again, but not the planning.)
        uses = Counter(one.name for one in asked.find_all(exp.Table))
        once: dict[str, exp.CTE] = {}
        kept: list[exp.Table] = []
        try:
            for shared in asked.ctes:
                if uses[shared.alias] == 1:
                    once[shared.alias] = shared
                    continue
                named = exp.Table(this=exp.to_identifier(shared.alias, quoted=True))
                self._run(_in_memory(named, "TEMPORARY TABLE", _with(shared.this, once)))
                kept.append(named)
            asked.set("with_", None)
            found = pa.table(self._run(_with(asked, once)))
        finally:
            for one in kept:
                self._run(exp.Drop(tables=[one.copy()], kind="TEMPORARY TABLE"))
        return pa.table([_plain(one) for one in found.columns], names=found.column_names)

    def _run(self, statement: exp.Expr) -> Any:
        try:
            return self._connection.query(statement.sql("clickhouse"), "Arrow")
        except RuntimeError as error:  # of a class that chDB does not export
            code = re.match(r"Code: (\d+)", str(error))
            if code and int(code[1]) in UNREADABLE:
                raise StoreError(
                    "a file of this version cannot be read",
                    hint="`holbein run` makes a new version; " + str(error).splitlines()[0],
                ) from error
            if code and int(code[1]) in TOO_LARGE:
                raise HolbeinError(
                    "the question is too large for the engine",
                    hint="ask less in one condition: name parts of it as tags or audiences",
                ) from error
            raise

    def cursor(self) -> ClickHouse:
        return ClickHouse(self._database)

    def close(self) -> None:
        self._connection.close()
        self._database = None


class _Database:
    """Tables that no one else sees, gone when the last connection to them has been closed."""

    def __init__(self) -> None:
        self.name = f"holbein_{uuid.uuid4().hex}"
        named = exp.to_identifier(self.name, quoted=True)
        connection = _connect()
        connection.query(exp.Create(this=named, kind="DATABASE").sql("clickhouse"))
        gone = exp.Drop(tables=[named], kind="DATABASE").sql("clickhouse")
        weakref.finalize(self, _leave, connection, gone).atexit = False


def _leave(connection: Any, last: str) -> None:
    connection.query(last)
    connection.close()


def _connect() -> Any:
    try:
        import chdb
    except ImportError as error:
        raise MissingExtraError(
            "this workspace says `engine: clickhouse`, and ClickHouse is not installed",
            hint="pip install 'holbein[clickhouse]' (on Linux or macOS)",
        ) from error
    try:
        connection = chdb.connect(":memory:")
    except RuntimeError as error:
        raise HolbeinError(
            "this process uses chDB already, with a folder of its own",
            hint="close that connection, or ask Holbein in another process",
        ) from error
    items = [
        exp.SetItem(this=exp.EQ(this=exp.var(name), expression=exp.convert(value)))
        for name, value in SETTINGS.items()
    ]
    connection.query(exp.Set(expressions=items).sql("clickhouse"))
    return connection


def _rows(files: Sequence[Path]) -> exp.Select:
    """All rows of Parquet files.

    ClickHouse reads a path as a pattern, in which no sign can be escaped. So every sign that means
    something there stands as "any sign", and of what is found the files meant are taken.
    """
    paths = [str(one.absolute()) for one in files]
    patterns = [re.sub(r"[*?{},:]", "?", one.removeprefix("/")) for one in paths]
    pattern = f"/{{{','.join(patterns)}}}" if len(patterns) > 1 else f"/{patterns[0]}"
    found = exp.select("*").from_(function("file", text(pattern), exp.var("Parquet")))
    return found.where(exp.In(this=base.column("_path"), expressions=[text(one) for one in paths]))


def _in_memory(name: exp.Expr, kind: str, rows: exp.Query) -> exp.Create:
    memory = exp.Properties(expressions=[exp.EngineProperty(this=exp.var("Memory"))])
    return exp.Create(this=name, kind=kind, properties=memory, expression=rows)


def _with(query: exp.Query, once: dict[str, exp.CTE]) -> exp.Query:
    """``query`` with those of ``once`` that it needs, which no one else does."""
    needed: list[exp.CTE] = []
    asking: list[exp.Expr] = [query]
    for one in asking:
        for name in [table.name for table in one.find_all(exp.Table)]:
            if name in once:
                needed.append(once.pop(name))
                asking.append(needed[-1].this)
    if needed:
        query.set("with_", exp.With(expressions=needed[::-1]))
    return query


def _named(chosen: exp.Expr) -> exp.Expr:
    return (
        exp.alias_(chosen, chosen.name, quoted=True) if isinstance(chosen, exp.Column) else chosen
    )


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in the types that the other engines answer in."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        return values.cast(pa.timestamp("us"))
    if kind == pa.uint8():  # what a comparison says
        return values.cast(pa.bool_())
    if pa.types.is_unsigned_integer(kind):
        return values.cast(pa.int64())
    if pa.types.is_list(kind):
        empty = pc.equal(pc.list_value_length(values), 0)
        return pc.if_else(empty, pa.scalar(None, kind), values)
    return values
