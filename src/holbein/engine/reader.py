"""A version's tables on an engine: what a SELECT names is attached when it is first asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.engine.base import Engine, list_table, table_name
from holbein.engine.compile import Compiler, Layout, TagExpression
from holbein.engine.exact import Exact
from holbein.errors import NotFoundError
from holbein.store.changes import CHANGES
from holbein.store.lists import check_list
from holbein.store.numbers import numbers
from holbein.store.snapshot import Snapshot, Tables

KNOWN = "known."
EMPTY: Mapping[str, pa.Schema] = {"changes": CHANGES}
"""What a version may lack: it is then empty."""


class Reader:
    """Answers SELECTs over one version, or over the one being built."""

    def __init__(
        self,
        engine: Engine,
        tables: Tables,
        vocabulary: Vocabulary,
        static: Callable[[str], Path],
    ) -> None:
        """``static`` gives the file of a static list, by its audience's name."""
        self.engine = engine
        self.tables = tables
        self.vocabulary = vocabulary
        self.list_file = static
        self._attached: set[str] = set()
        self._layout: Layout | None = None

    @cached_property
    def _lists(self) -> Mapping[str, str]:
        """The audiences, by what the tables of their lists are called."""
        return {list_table(name): name for name in self.vocabulary.audiences}

    @cached_property
    def _names(self) -> dict[str, str]:
        """The tables, by what they are called on the engine."""
        names = (
            *SUBJECT_KINDS,
            *(f"{what}.{kind}" for what in ("tags", "imported") for kind in SUBJECT_KINDS),
            *(f"stream.{stream}" for stream in self.vocabulary.streams),
            *("ancestor", "alias", "changes", "quarantine", "unattached"),
            *self._lists,
        )
        return {table_name(name): name for name in names}

    def compiler(
        self,
        tag: TagExpression | None = None,
        *,
        figures: Mapping[tuple[SubjectKind, str], str] | None = None,
    ) -> Compiler:
        """A compiler for one query; ``tag`` where tags are computed instead of read. ``figures``:
        see ``Layout``.
        """
        return Compiler(dataclasses.replace(self.layout, tag=tag, figures=figures or {}))

    @property
    def layout(self) -> Layout:
        """What the compiler knows of the version's tables."""
        if self._layout is None:
            streams = self.vocabulary.streams
            with self._reading([*SUBJECT_KINDS, *(f"stream.{name}" for name in streams)]):
                self._layout = Layout(
                    self.vocabulary,
                    self.engine.dialect,
                    flat=frozenset(kind for kind in SUBJECT_KINDS if self._is_flat(kind)),
                    delayed={name: self._delayed(name) for name in streams},
                    decimals={name: self._decimals(name) for name in streams},
                    exact={name: self._exact(name) for name in streams},
                )
        return self._layout

    def query(self, select: exp.Query) -> pa.Table:
        """The rows of a SELECT over the version's tables."""
        with self._with_all(select):
            return self.engine.query(select)

    @contextmanager
    def _with_all(self, select: exp.Query) -> Iterator[None]:
        """With every table that a SELECT names attached."""
        shared = {cte.alias for cte in select.find_all(exp.CTE)}
        named = {one.name: None for one in select.find_all(exp.Table) if one.name not in shared}
        with self._reading([self._names[one] for one in named]):
            for one in named:
                self._attach(one)
            yield

    def load(self, name: str, table: pa.Table) -> None:
        """Make a table readable, in place of the version's own of that name."""
        self.engine.load(name, table)
        self._names[table_name(name)] = name
        self._attached.add(table_name(name))

    def hold(self, name: str, select: exp.Query) -> None:
        """Make the rows of a SELECT over the version's tables readable as ``name``."""
        with self._with_all(select):
            self.engine.hold(name, select)
        self._names[table_name(name)] = name
        self._attached.add(table_name(name))

    def drop(self, name: str) -> None:
        """Forget a table that was loaded."""
        self.engine.drop(name)
        self._attached.discard(table_name(name))

    @contextmanager
    def _reading(self, names: Sequence[str]) -> Iterator[None]:
        """Where reading fails, engines say it each in their own words; if a file is not what was
        written, this is what the user is told, with its path."""
        try:
            yield
        except Exception:
            for name in names:
                if name in self._lists:
                    check_list(self.list_file(self._lists[name]))
                elif isinstance(self.tables, Snapshot) and self.tables.has(name):
                    self.tables.verify(name, lookups=False)  # engines read none
            raise

    def _attach(self, written: str) -> None:
        if written in self._attached:
            return
        name = self._names[written]
        if name in self._lists:
            self.engine.attach(name, [self.list_file(self._lists[name])])
        elif name in EMPTY and not self.tables.has(name):
            self.engine.load(name, EMPTY[name].empty_table())
        else:
            self.engine.attach(name, self.tables.sound_files(name))
        self._attached.add(written)

    def _is_flat(self, kind: SubjectKind) -> bool:
        """Whether no state of the kind has a beginning or an end: then each subject has one."""
        if not self.tables.has(kind):
            raise NotFoundError(f"the version has no table {kind}", hint="run `holbein run` again")
        for path in self.tables.files(kind):
            meta = pq.read_metadata(path)
            for name in ("valid_from", "valid_to"):
                place = meta.schema.names.index(name)
                for group in range(meta.num_row_groups):
                    part = meta.row_group(group).column(place)
                    stats = part.statistics
                    if stats is None or stats.null_count != part.num_values:
                        return False
        return True

    def _delayed(self, stream: str) -> frozenset[str]:
        names = self.schema(f"stream.{stream}").names
        return frozenset(one.removeprefix(KNOWN) for one in names if one.startswith(KNOWN))

    def _decimals(self, stream: str) -> frozenset[str]:
        return frozenset(
            one.name for one in self.schema(f"stream.{stream}") if pa.types.is_decimal(one.type)
        )

    def schema(self, name: str) -> pa.Schema:
        """The columns of a table of the version."""
        return pq.read_schema(self.tables.files(name)[0])

    def _exact(self, stream: str) -> Mapping[str, Exact]:
        """How the columns of doubles are added up, by what the files say of their numbers."""
        files = self.tables.files(f"stream.{stream}")
        told = numbers(pq.read_metadata(path) for path in files)
        return {name: Exact.of(one) for name, one in told.items()}
