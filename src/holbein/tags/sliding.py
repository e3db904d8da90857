"""Figures over facts, made from those of the last version where that costs less.

What adds up (counts, exact sums) slides: the facts that came in are added, those that left a
window are taken back, both reckoned on whole numbers and decimals, so that nothing drifts. The
rest (extremes, distinct values, order) is made anew for the subjects of those facts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from sqlglot import exp

from holbein.conditions.instants import AsOf
from holbein.engine.base import column, table
from holbein.engine.figures import Figures
from holbein.engine.reader import Reader
from holbein.errors import StoreError
from holbein.release import release
from holbein.store.manifest import FileRef
from holbein.store.snapshot import Snapshot, Tables
from holbein.tags.bands import Band, crossed, may_hold

KEPT_FROM = 100_000_000
"""Figures over fewer facts than these are made faster than they are slid (ADR 16)."""

CHANGED = 0.25
"""Where more than this share of a stream's facts is new or gone, figures are made anew."""

How = Literal["kept", "slid", "made"]
OLD, PLUS, MINUS, AFFECTED = "kept figures", "figures in", "figures out", "affected subjects"


@dataclass(frozen=True)
class Change:
    """What is different in a stream: files that both versions share, that came, and that went."""

    shared: tuple[FileRef, ...]
    added: tuple[FileRef, ...]
    removed: tuple[FileRef, ...]

    @property
    def rows(self) -> int:
        """How many facts are in files that came or went."""
        return sum(one.rows for one in (*self.added, *self.removed))


def mark(reader: Reader) -> str:
    """What kept figures are made by: those made by anything else are not gone on from."""
    return f"{reader.engine.dialect.name}, holbein {release()}"


def worth_keeping(figures: Figures, reader: Reader) -> bool:
    """Whether the next run should find these figures."""
    parts = [one for name in figures.streams for one in reader.tables.parts(f"stream.{name}")]
    return sum(one.rows for one in parts) >= KEPT_FROM


def changes(figures: Figures, reader: Reader, last: Snapshot) -> dict[str, Change]:
    """By stream, what has changed since the last version."""
    out = {}
    for name in figures.streams:
        old = {one.sha256: one for one in last.parts(f"stream.{name}")}
        new = {one.sha256: one for one in reader.tables.parts(f"stream.{name}")}
        out[name] = Change(
            tuple(one for key, one in new.items() if key in old),
            tuple(one for key, one in new.items() if key not in old),
            tuple(one for key, one in old.items() if key not in new),
        )
    return out


def how(figures: Figures, reader: Reader, as_of: AsOf, last: Snapshot | None) -> How:
    """The way to make ``figures``: taken over as they are, slid, or from all facts."""
    if last is None or last.as_of.instant > as_of.instant or not last.has(figures.table):
        return "made"
    if last.parts(figures.table)[0].made_of != mark(reader):
        return "made"
    try:
        known = set(last.schema(figures.table).names)
    except StoreError:  # damaged: it can be done without
        return "made"
    if "id" not in known or (figures.columns and not known & set(figures.columns)):
        return "made"
    found = changes(figures, reader, last)
    changed = sum(one.rows for one in found.values())
    rows = sum(one.rows for part in found.values() for one in (*part.shared, *part.added))
    if changed > CHANGED * rows:
        return "made"
    if changed or last.as_of != as_of or not known >= set(figures.columns):
        return "slid"
    return "kept"


def make(figures: Figures, reader: Reader, as_of: AsOf, last: Snapshot | None) -> pa.Table:
    """The figures of everyone: ``id``, ascending, and the columns. Subjects without any may lack a
    row, or have one that says so.
    """
    way = how(figures, reader, as_of, last)
    if way == "made":
        return _from_all(figures, list(figures.columns), reader, as_of)
    assert last is not None
    try:
        if way == "kept":
            last.sound_files(figures.table)
            return last.read(figures.table, ["id", *figures.columns])
        return _slid(figures, reader, as_of, last)
    except StoreError:  # the last version's files are not what they were: it can be done without
        return _from_all(figures, list(figures.columns), reader, as_of)


def select(figures: Figures, names: Sequence[str], reader: Reader, as_of: AsOf) -> exp.Select:
    """The figures of everyone, from all facts."""
    compiler = reader.compiler()
    scope = compiler.everyone(figures.kind, as_of)
    return compiler.finish(figures.build(scope, names))


def _from_all(figures: Figures, names: Sequence[str], reader: Reader, as_of: AsOf) -> pa.Table:
    return reader.query(select(figures, names, reader, as_of)).sort_by("id")


def _slid(figures: Figures, reader: Reader, as_of: AsOf, last: Snapshot) -> pa.Table:
    schema = last.schema(figures.table)
    known = [name for name in figures.columns if name in schema.names]
    additive = [name for name in known if figures.columns[name]]
    others = [name for name in known if not figures.columns[name]]
    fresh = [name for name in figures.columns if name not in schema.names]
    with _Edge(figures, reader, as_of, last) as edge:
        made = []
        if additive:
            made.append(edge.moved(additive))
        if others or not figures.columns:
            made.append(edge.renewed(others))
        if fresh:
            made.append(_from_all(figures, fresh, reader, as_of))
    wanted = ["id", *figures.columns]
    return beside(made).select(wanted)


class _Edge:
    """The facts by which two runs differ, and the figures that follow from them."""

    def __init__(self, figures: Figures, reader: Reader, as_of: AsOf, last: Snapshot) -> None:
        self.figures = figures
        self.reader = reader
        self.as_of = as_of
        self.last = last
        self.schema = last.schema(figures.table)
        self._loaded: list[str] = []
        self._bands: dict[str, list[Band]] = {}

    def __enter__(self) -> _Edge:
        self._attach(OLD, self.last, self.last.parts(self.figures.table))
        for name, change in changes(self.figures, self.reader, self.last).items():
            columns = self.reader.schema(f"stream.{name}").names
            bands = crossed(self.figures.spans, columns, self.last.as_of, self.as_of)
            paths = {
                "shared": self.reader.tables.paths(change.shared),
                "added": self.reader.tables.paths(change.added),
                "removed": self.last.paths(change.removed),
            }
            paths["shared"] = tuple(one for one in paths["shared"] if may_hold(one, bands))
            for what, files in paths.items():
                if files:
                    self.reader.attach(f"{what} {name}", files)
                    self._loaded.append(f"{what} {name}")
            self._bands[name] = bands
        return self

    def __exit__(self, *error: object) -> None:
        for name in self._loaded:
            self.reader.drop(name)

    def _attach(self, name: str, tables: Tables, refs: Sequence[FileRef]) -> None:
        self.reader.attach(name, tables.paths(refs))
        self._loaded.append(name)

    def _load(self, name: str, rows: pa.Table) -> None:
        self.reader.load(name, rows)
        self._loaded.append(name)

    # --- which facts ----------------------------------------------------------------------------

    def _facts(self, stream: str, *, now: bool) -> exp.Query:
        """The facts of a stream that count differently now, or counted differently then."""
        dialect = self.reader.engine.dialect
        crossed_here = exp.or_(*(one.holds(dialect) for one in self._bands[stream]))
        selects = [
            exp.select("*").from_(table(name, "f")).where(where)
            for name, where in (
                (f"shared {stream}", crossed_here),
                (f"{'added' if now else 'removed'} {stream}", exp.true()),
            )
            if name in self._loaded
        ]
        if not selects:
            own = exp.select("*").from_(table(f"stream.{stream}", "f"))
            return own.where(exp.false())
        out: exp.Query = selects[0]
        for one in selects[1:]:
            out = exp.union(out, one, distinct=False)
        return out

    # --- figures --------------------------------------------------------------------------------

    def moved(self, names: Sequence[str]) -> pa.Table:
        """Columns that add up: what they were, and what came in, less what went out."""
        self._load(PLUS, self._of_edge(names, now=True))
        self._load(MINUS, self._of_edge(names, now=False))
        parts = []
        for source in (OLD, PLUS, MINUS):
            values = [
                exp.alias_(
                    exp.Neg(this=column(name, "k")) if source == MINUS else column(name, "k"),
                    name,
                    quoted=True,
                )
                for name in names
            ]
            parts.append(exp.select(column("id", "k"), *values).from_(table(source, "k")))
        together = exp.union(*parts, distinct=False)
        rows = exp.Subquery(this=together, alias=exp.to_identifier("t", quoted=True))
        sums = [exp.alias_(exp.Sum(this=column(name, "t")), name, quoted=True) for name in names]
        found = self.reader.query(
            exp.select(column("id", "t"), *sums).from_(rows).group_by(column("id", "t"))
        )
        kinds = pa.schema([self.schema.field(name) for name in ("id", *names)])
        return found.select(kinds.names).cast(kinds).sort_by("id")

    def _of_edge(self, names: Sequence[str], *, now: bool) -> pa.Table:
        instead = {f"stream.{name}": f"edge {name}" for name in self.figures.streams}
        compiler = self.reader.compiler(instead=instead)
        scope = compiler.everyone(self.figures.kind, self.as_of if now else self.last.as_of)
        first = {f"edge {name}": self._facts(name, now=now) for name in self.figures.streams}
        return self.reader.query(compiler.finish(self.figures.build(scope, names), first))

    def renewed(self, names: Sequence[str]) -> pa.Table:
        """Columns that do not add up: made anew for the subjects of the facts that moved."""
        ids = [
            self._subjects(name, now=now) for name in self.figures.streams for now in (True, False)
        ]
        bodies: exp.Query = ids[0]
        for one in ids[1:]:
            bodies = exp.union(bodies, one)
        chosen = (
            exp.select(column("id", "i"))
            .distinct()
            .from_(exp.Subquery(this=bodies, alias=exp.to_identifier("i", quoted=True)))
        )
        self._load(AFFECTED, self.reader.query(chosen))
        compiler = self.reader.compiler()
        affected = exp.select(column("id")).from_(table(AFFECTED))
        scope = compiler.some(self.figures.kind, self.as_of, affected)
        anew = self.reader.query(compiler.finish(self.figures.build(scope, names)))
        others = exp.select(*(column(name, "k") for name in ("id", *names))).from_(table(OLD, "k"))
        gone = exp.In(this=column("id", "k"), query=exp.Subquery(this=affected.copy()))
        old = self.reader.query(others.where(exp.Not(this=gone)))
        return pa.concat_tables([old, anew.select(old.column_names).cast(old.schema)]).sort_by("id")

    def _subjects(self, stream: str, *, now: bool) -> exp.Query:
        rows = exp.Subquery(
            this=self._facts(stream, now=now), alias=exp.to_identifier("f", quoted=True)
        )
        borne = column(self.figures.kind, "f")
        known = exp.Not(this=exp.Is(this=borne.copy(), expression=exp.null()))
        return exp.select(exp.alias_(borne, "id", quoted=True)).from_(rows).where(known)


def beside(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of distinct ids as one: a row for every id of any, missing where a table lacks it."""
    if len(tables) == 1:
        return tables[0]
    ids = np.unique(np.concatenate([one["id"].to_numpy() for one in tables]))
    out = pa.table({"id": pa.array(ids, pa.int64())})
    for one in tables:
        placed = aligned(one, ids)
        for name in one.column_names:
            if name != "id":
                out = out.append_column(name, placed[name])
    return out


def aligned(values: pa.Table, ids: np.ndarray) -> pa.Table:
    """The rows of a table with ascending, distinct ids for ``ids``; missing where it lacks one."""
    mine = values["id"].to_numpy()
    if not len(mine):
        places = pa.nulls(len(ids), pa.int64())
    else:
        row = np.minimum(np.searchsorted(mine, ids), len(mine) - 1)
        places = pa.array(row, pa.int64(), mask=mine[row] != ids)
    return values.take(places)
