"""DuckDB and ClickHouse over the tables of ``index_world``, in memory as either likes it best.

Labels are ENUMs, whole numbers and ids short integers; in ClickHouse, what no one lacks cannot be
NULL. Of what was tried for group portraits (a query for each tag, their union, histograms, a
temporary table), GROUPING SETS took least in both, or as little as anything.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from benchmarks.index_questions import SELECTED, Count, Portrait, Question, chosen
from benchmarks.index_world import DAY, Column, columns
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.store import Snapshot

Work = Callable[[], Any]
Tallies = dict[str, dict[Any, int]]

CURRENT = f"(since IS NULL OR since <= DATE '{DAY}') AND (until IS NULL OR until > DATE '{DAY}')"


def links(kind: SubjectKind) -> tuple[str, ...]:
    """The columns that lead to other subjects."""
    return ("enterprise", "person") if kind == "role" else ()


def files(snapshot: Snapshot, kind: SubjectKind) -> Iterator[tuple[str, str]]:
    """The files of attributes and of tags, with the same subjects in the same order."""
    both = snapshot.files(kind), snapshot.files(f"tags.{kind}")
    return ((str(one), str(other)) for one, other in zip(*both, strict=True))


def asked(question: Question, selected: Sequence[str] = SELECTED) -> str:
    """The query for it; ``selected``: what is written for the columns of a selection."""
    if isinstance(question, Count):
        return question.sql
    if isinstance(question, Portrait):
        tags = ", ".join(question.tags)
        sets = ", ".join(f"({one})" for one in question.tags)
        return (
            f"SELECT GROUPING({tags}), count(*), {tags} FROM person WHERE {question.sql} "
            f"GROUP BY GROUPING SETS ({sets})"
        )
    names = ", ".join(("id", *selected))
    return f"SELECT {names} FROM person WHERE id IN (SELECT id FROM chosen)"


def tallies(rows: Sequence[Sequence[Any]], tags: Sequence[str], missing: Any = None) -> Tallies:
    """The counts of each value, of rows of GROUPING SETS."""
    found: Tallies = {one: {} for one in tags}
    for which, count, *values in rows:
        # Of the bits, the last tag's being the lowest, that of the tag in question alone is off.
        at = len(tags) - (~int(which) & ((1 << len(tags)) - 1)).bit_length()
        value = values[at]
        found[tags[at]][None if value == missing else value] = int(count)
    return found


class DuckDB:
    """In-memory tables; all cores."""

    def __init__(self, snapshot: Snapshot) -> None:
        import duckdb

        people = snapshot.manifest.subjects["person"]
        self._connection = duckdb.connect()
        self._connection.execute("SET enable_progress_bar = false")
        for kind in SUBJECT_KINDS:
            self._load(snapshot, kind, columns(people)[kind])
        ids = pa.table({"id": pa.array(chosen(people), pa.int32())})
        self._connection.register("given", ids)
        self._connection.execute("CREATE TABLE chosen AS SELECT id FROM given")

    def _load(self, snapshot: Snapshot, kind: SubjectKind, all_: Sequence[Column]) -> None:
        held = ", ".join(
            [f"{one}::INTEGER AS {one}" for one in ("id", *links(kind))]
            + [f"{one.name}::{self._type(one)} AS {one.name}" for one in all_]
        )
        where = CURRENT if kind == "role" else "true"
        for number, (one, other) in enumerate(files(snapshot, kind)):
            into = f"INSERT INTO {kind}" if number else f"CREATE TABLE {kind} AS"
            self._connection.execute(
                f"{into} SELECT {held} FROM (SELECT a.*, b.* EXCLUDE (id) FROM "
                f"read_parquet('{one}') a POSITIONAL JOIN read_parquet('{other}') b) WHERE {where}"
            )

    def _type(self, one: Column) -> str:
        if one.type in ("category", "categories"):
            values = ", ".join(f"'{value}'" for value in one.values)
            return f"ENUM ({values})" + ("[]" if one.type == "categories" else "")
        if one.type == "number":
            return "SMALLINT" if one.whole else "DOUBLE"
        return "BOOLEAN" if one.type == "boolean" else "DATE"

    def work(self, question: Question) -> Work:
        """What answers the question."""
        sql = asked(question)
        if isinstance(question, Count | Portrait):
            return lambda: self._connection.execute(sql).fetchall()
        return lambda: self._connection.sql(sql).to_arrow_table()

    def answer(self, question: Question, found: Any) -> int | Tallies | pa.Table:
        """What was found, as everyone tells it."""
        if isinstance(question, Count):
            return int(found[0][0])
        return tallies(found, question.tags) if isinstance(question, Portrait) else found


class ClickHouse:
    """Tables of its engine Memory, which answers some times as fast as MergeTree does."""

    def __init__(self, snapshot: Snapshot) -> None:
        from chdb.session import Session

        people = snapshot.manifest.subjects["person"]
        self._labels = {one.name for one in columns(people)["person"] if one.type == "category"}
        self._folder = tempfile.TemporaryDirectory()
        self._session = Session(self._folder.name)
        for kind in SUBJECT_KINDS:
            self._load(snapshot, kind, columns(people)[kind])
        self._session.query("CREATE TABLE chosen (id Int32) ENGINE = Memory")
        ids = ", ".join(f"({one})" for one in chosen(people))
        self._session.query(f"INSERT INTO chosen VALUES {ids}")

    def _load(self, snapshot: Snapshot, kind: SubjectKind, all_: Sequence[Column]) -> None:
        own = ("id", *links(kind))
        types = ", ".join(
            [f"{one} Int32" for one in own] + [f"{one.name} {self._type(one)}" for one in all_]
        )
        self._session.query(f"CREATE TABLE {kind} ({types}) ENGINE = Memory")
        held = ", ".join([*own, *(self._held(one) for one in all_)])
        where = CURRENT if kind == "role" else "true"
        for one, other in files(snapshot, kind):
            self._session.query(
                f"INSERT INTO {kind} SELECT {held} FROM file('{one}', Parquet) AS a "
                f"INNER JOIN file('{other}', Parquet) AS b USING (id) WHERE {where} "
                "SETTINGS join_algorithm = 'full_sorting_merge'"
            )

    def _type(self, one: Column) -> str:
        if one.type == "category":  # its own way to say that there is none is an empty text
            values = ", ".join(f"'{value}' = {at}" for at, value in enumerate(("", *one.values)))
            return f"Enum{8 if len(one.values) < 127 else 16}({values})"
        if one.type == "categories":
            return "Array(LowCardinality(String))"
        plain = {"boolean": "Bool", "date": "Date32"}
        kind = plain.get(one.type, "Int16" if one.whole else "Float64")
        return f"Nullable({kind})" if one.missing else kind

    def _selected(self, name: str) -> str:
        """Enums would come out as their numbers."""
        return f"toString({name}) AS {name}" if name in self._labels else name

    def _held(self, one: Column) -> str:
        if one.type == "category":
            return f"ifNull({one.name}, '')"
        return one.name if one.missing else f"assumeNotNull({one.name})"

    def work(self, question: Question) -> Work:
        """What answers the question."""
        sql = asked(question, [self._selected(one) for one in SELECTED])
        if isinstance(question, Count | Portrait):
            return lambda: str(self._session.query(sql, "JSONCompactEachRow"))
        return lambda: pa.ipc.open_file(
            pa.py_buffer(self._session.query(sql, "Arrow").bytes())
        ).read_all()

    def answer(self, question: Question, found: Any) -> int | Tallies | pa.Table:
        """What was found, as everyone tells it."""
        if not isinstance(question, Count | Portrait):
            return found
        rows = [json.loads(line) for line in found.splitlines()]
        if isinstance(question, Count):
            return int(rows[0][0])
        return tallies(rows, question.tags, missing="")
