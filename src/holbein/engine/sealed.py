"""A DuckDB that answers one SELECT of a stranger: over views, and without a way out.

Nothing is run here. ``seal`` says how a connection is to be made, what is to be run on it first,
and then the query; the sandbox does so in a process of its own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import sqlglot
from sqlglot import exp

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.engine.base import column, date, function, table, table_name, text, timestamp
from holbein.engine.compile import Compiler
from holbein.engine.duckdb import DuckDBDialect
from holbein.engine.facts import FactRows
from holbein.engine.reader import Reader

DUCKDB = "duckdb"


@dataclass(frozen=True)
class Sealed:
    """How to connect, what to run before, and the query."""

    config: Mapping[str, str | bool | int]
    prepare: tuple[str, ...]
    query: str


def seal(
    views: Mapping[str, exp.Query],
    files: Mapping[str, Sequence[Path]],
    query: str,
    as_of: AsOf,
    *,
    memory: int,
    folder: Path,
    rows: int,
) -> Sealed:
    """``query`` over ``views``, which alone may read the ``files`` (by the tables' names).

    No more than ``rows`` rows are given. ``folder`` is for what memory does not hold.
    """
    paths = {
        table_name(name): [str(one.absolute()) for one in found] for name, found in files.items()
    }
    allowed = exp.array(*(text(one) for found in paths.values() for one in found))
    prepare = [
        _set("allowed_paths", allowed),
        _set("enable_external_access", exp.false()),
        *(_view(name, view, paths) for name, view in views.items()),
        _macro("as_of", timestamp(as_of.instant)),
        _macro("as_of_day", date(as_of.day)),
        _set("lock_configuration", exp.true()),
    ]
    inner = sqlglot.parse_one(query, read=DUCKDB)
    assert isinstance(inner, exp.Query)
    outer = exp.select("*").from_(inner.subquery("found")).limit(rows)
    config: dict[str, str | bool | int] = {
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "threads": min(4, os.cpu_count() or 1),
        "memory_limit": f"{memory * 8 // 10}B",
        "temp_directory": str(folder / "spill"),
        "max_temp_directory_size": f"{memory}B",
    }
    return Sealed(
        config, tuple(one.sql(DUCKDB) for one in prepare), outer.sql(DUCKDB, identify=True)
    )


def _set(name: str, value: exp.Expr) -> exp.Expr:
    return exp.Set(expressions=[exp.SetItem(this=exp.EQ(this=exp.var(name), expression=value))])


def _view(name: str, rows: exp.Query, paths: Mapping[str, Sequence[str]]) -> exp.Expr:
    """``rows`` under a name, the version's tables in it read from their files."""

    def read(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Table) or node.name not in paths:
            return node
        listed = exp.array(*(text(one) for one in paths[node.name]))
        alias = node.args.get("alias") or exp.TableAlias(this=node.this.copy())
        return exp.Table(this=function("read_parquet", listed), alias=alias)

    named = exp.Table(this=exp.to_identifier(name, quoted=True))
    return exp.Create(this=named, kind="VIEW", expression=rows.transform(read))


def _macro(name: str, value: exp.Expr) -> exp.Expr:
    named = exp.UserDefinedFunction(this=exp.to_identifier(name), wrapped=True)
    return exp.Create(this=named, kind="MACRO", expression=value)


# --- the tables of a version, as they were known at an instant ------------------------------------


def tables_at(
    names: Sequence[str], tags: Mapping[SubjectKind, Sequence[str]], reader: Reader, as_of: AsOf
) -> dict[str, tuple[exp.Query, str]]:
    """Each of ``names`` as a SELECT that shows nothing of the future, and the table that it reads.

    A kind has one row for each subject, with the attributes of its state then; a stream has the
    facts that had happened and were known; tags_KIND has the ``tags`` of the kind.
    """
    compiler = Compiler(replace(reader.compiler().layout, dialect=DuckDBDialect()))
    out: dict[str, tuple[exp.Query, str]] = {}
    for name in names:
        kind = next((one for one in SUBJECT_KINDS if name in (one, f"tags_{one}")), None)
        if name == "ancestor":
            out[name] = exp.select("*").from_(table("ancestor")), "ancestor"
        elif kind is None:
            out[name] = _stream(name, compiler, as_of), f"stream.{name}"
        elif name == kind:
            out[name] = _states(kind, Compiler(compiler.layout), as_of), kind
        else:
            held = [column(one) for one in ("id", *tags[kind])]
            out[name] = exp.select(*held).from_(table(f"tags.{kind}")), f"tags.{kind}"
    return out


def _states(kind: SubjectKind, compiler: Compiler, as_of: AsOf) -> exp.Query:
    scope = compiler.everyone(kind, as_of)
    fields = scope.vocabulary.fields[kind]
    values = {name: scope.field(name) for name, spec in fields.items() if not spec.is_tag}
    if kind == "role":
        sides = ("enterprise", "person")
        links = exp.select(*(column(one) for one in ("id", *sides))).distinct().from_(table(kind))
        alias = scope.join(compiler.share(links, "links"))
        values |= {side: column(side, alias) for side in sides}
    return compiler.finish(scope.select(values))


def _stream(name: str, compiler: Compiler, as_of: AsOf) -> exp.Query:
    spec = compiler.layout.vocabulary.streams[name]
    borne = [kind for kind in SUBJECT_KINDS if kind in spec.bears]
    rows = FactRows(compiler.everyone(borne[0], as_of), name)
    seen = (
        exp.LT(this=column(one, "f"), expression=timestamp(as_of.instant))
        for one in ("at", "known_at")
    )
    columns = (exp.alias_(rows.value(one), one, quoted=True) for one in spec.columns)
    keys = (column(one, "f") for one in ("key", "at", "day", *borne))
    return exp.select(*keys, *columns).from_(table(f"stream.{name}", "f")).where(*seen)
