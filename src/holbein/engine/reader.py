"""A version's tables on an engine: what a SELECT names is attached when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.engine.base import Engine, table_name
from holbein.engine.compile import Compiler, Layout, TagExpression
from holbein.errors import NotFoundError
from holbein.store.snapshot import Tables

KNOWN = "known."
LIST = "list."

EMPTY: Mapping[str, pa.Schema] = {
    "changes": pa.schema(
        [
            ("at", pa.timestamp("us")),
            ("day", pa.date32()),
            ("kind", pa.string()),
            ("tag", pa.string()),
            ("id", pa.int64()),
            ("old", pa.string()),
            ("new", pa.string()),
        ]
    ),
}
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
        self._static = static
        self._attached: set[str] = set()
        self._names = {
            table_name(name): name
            for name in (
                *SUBJECT_KINDS,
                *(f"{what}.{kind}" for what in ("tags", "imported") for kind in SUBJECT_KINDS),
                *(f"stream.{stream}" for stream in vocabulary.streams),
                *(f"{LIST}{audience}" for audience in vocabulary.audiences),
                *("ancestor", "alias", "changes", "quarantine", "unattached"),
            )
        }
        self._layout: Layout | None = None

    def compiler(self, tag: TagExpression | None = None) -> Compiler:
        """A compiler for one query; ``tag`` where tags are computed instead of read."""
        if self._layout is None:
            self._layout = Layout(
                self.vocabulary,
                self.engine.dialect,
                flat=frozenset(kind for kind in SUBJECT_KINDS if self._is_flat(kind)),
                delayed={name: self._delayed(name) for name in self.vocabulary.streams},
            )
        found = self._layout
        return Compiler(Layout(found.vocabulary, found.dialect, found.flat, found.delayed, tag))

    def query(self, select: exp.Query) -> pa.Table:
        """The rows of a SELECT over the version's tables."""
        shared = {cte.alias for cte in select.find_all(exp.CTE)}
        for one in select.find_all(exp.Table):
            if one.name not in shared:
                self._attach(one.name)
        return self.engine.query(select)

    def load(self, name: str, table: pa.Table) -> None:
        """Make a table readable, in place of the version's own of that name."""
        self.engine.load(name, table)
        self._names[table_name(name)] = name
        self._attached.add(table_name(name))

    def drop(self, name: str) -> None:
        """Forget a table that was loaded."""
        self.engine.drop(name)
        self._attached.discard(table_name(name))

    def _attach(self, written: str) -> None:
        if written in self._attached:
            return
        name = self._names[written]
        if name.startswith(LIST):
            self.engine.attach(name, [self._static(name.removeprefix(LIST))])
        elif name in EMPTY and not self.tables.has(name):
            self.engine.load(name, EMPTY[name].empty_table())
        else:
            self.engine.attach(name, self.tables.files(name))
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
        names = pq.read_schema(self.tables.files(f"stream.{stream}")[0]).names
        return frozenset(one.removeprefix(KNOWN) for one in names if one.startswith(KNOWN))
