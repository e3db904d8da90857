"""Tags that are code of the workspace's own: SQL and Python, each run in a process apart.

Whatever goes wrong within the code is a TagError, which names the tag and says what to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlglot import exp

from holbein.catalog.custom import source
from holbein.catalog.kinds import Definition, Limits, PythonFunction, SqlQuery, Tag
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.engine.base import column, table
from holbein.engine.reader import Reader
from holbein.errors import ConditionError, TagError
from holbein.tags.sandbox import process
from holbein.tags.sandbox.process import Ended
from holbein.tags.values import checked, typed

SHOWN = 200
"""Characters of what strangers say, in a message."""

_OF_THE_QUERY: Final = ("BinderException", "CatalogException", "ParserException")
"""DuckDB's errors that speak of the query; the others may quote what is in the data."""


def is_custom(definition: Definition) -> bool:
    """Whether such a tag is computed here, and not by an engine's query."""
    return isinstance(definition, SqlQuery | PythonFunction)


def compute(tag: Tag, reader: Reader, as_of: AsOf, folder: Path) -> pa.Table:
    """``id`` and ``value`` of every subject of the tag's kind, ascending by id.

    The tags that it reads stand in the reader. ``folder`` is the workspace's. Raises TagError for
    all that is wrong with the tag; no process and no file of it is left behind.
    """
    definition = tag.definition
    assert isinstance(definition, SqlQuery | PythonFunction)
    try:
        with process.job_folder() as job:
            if isinstance(definition, PythonFunction):
                return _call(definition, tag, reader, as_of, folder, job)
            return _ask(definition, tag, reader, as_of, job)
    except TagError as error:
        message = f"tag {tag.name!r}: {error.message}"
        told = TagError(message, place=error.place, hint=error.hint)
        raise (told.at(tag.place) if tag.place else told) from error.__cause__


def _call(
    definition: PythonFunction, tag: Tag, reader: Reader, as_of: AsOf, folder: Path, job: Path
) -> pa.Table:
    _lay_code(definition, folder, job)
    given = _fields(definition.reads, tag.kind, reader, as_of)
    with (
        pa.OSFile(str(job / "input.arrow"), "wb") as file,
        pa.ipc.new_file(file, given.schema) as writer,
    ):
        writer.write_table(given)
    told = {
        "what": "python",
        "file": Path(definition.path).name,
        "function": definition.function,
    }
    ended = process.run(job, told, definition.limits)
    made = _result(job, ended, definition.limits, lambda error: _of_python(error, definition))
    if made.column_names != ["value"]:
        raise _unusable()
    if len(made) != len(given):
        raise TagError(
            f"{definition.function} gives {len(made):,} values for {len(given):,} rows",
            place=definition.path,
            hint="give one value for each row, in the order of the table; None where there is none",
        )
    return pa.table({"id": given["id"], "value": checked(made["value"], tag.type)})


def _ask(definition: SqlQuery, tag: Tag, reader: Reader, as_of: AsOf, job: Path) -> pa.Table:
    from holbein.engine.sealed import seal, tables_at

    everyone = _fields((), tag.kind, reader, as_of)["id"]
    reads: dict[SubjectKind, list[str]] = {
        kind: [name for one, name in definition.reads if one == kind] for kind in SUBJECT_KINDS
    }
    found = tables_at(definition.tables, reads, reader, as_of)
    files: dict[str, tuple[Path, ...]] = {}
    for _, name in found.values():
        what, _, kind = name.partition(".")
        if what == "tags":
            files[name] = (_lay_tags(kind, reads, reader, job),)
        else:
            files[name] = reader.tables.sound_files(name)
    sealed = seal(
        {name: select for name, (select, _) in found.items()},
        files,
        definition.query,
        as_of,
        memory=definition.limits.memory,
        folder=job,
        rows=len(everyone) + 1,
    )
    told = {
        "what": "sql",
        "config": dict(sealed.config),
        "prepare": sealed.prepare,
        "query": sealed.query,
    }
    ended = process.run(job, told, definition.limits)
    made = _result(job, ended, definition.limits, _of_sql)
    return _placed(made, tag, everyone)


# --- what the code is given -----------------------------------------------------------------------


def _lay_code(definition: PythonFunction, folder: Path, job: Path) -> None:
    """A copy of the file as it was checked: what runs is what the version says it is."""
    try:
        content = source(folder, definition.path)
    except ConditionError as error:
        raise TagError(error.message, hint=error.hint) from None
    if hashlib.sha256(content).hexdigest() != definition.sha256:
        raise TagError(
            "the file was edited while the run went on", place=definition.path, hint="run again"
        )
    (job / "code").mkdir()
    (job / "code" / Path(definition.path).name).write_bytes(content)


def _fields(names: tuple[str, ...], kind: SubjectKind, reader: Reader, as_of: AsOf) -> pa.Table:
    """id and the attributes and tags named, of every subject of the kind, ascending by id."""
    compiler = reader.compiler()
    scope = compiler.everyone(kind, as_of)
    select = scope.select({f"v{number}": scope.field(one) for number, one in enumerate(names)})
    found = reader.query(compiler.finish(select)).sort_by("id")
    specs = reader.vocabulary.fields[kind]
    values = (typed(found[f"v{at}"], specs[one].type) for at, one in enumerate(names))
    return pa.table([found["id"], *values], names=["id", *names])


def _lay_tags(kind: str, reads: Mapping[SubjectKind, list[str]], reader: Reader, job: Path) -> Path:
    names = next(found for one, found in reads.items() if one == kind)
    select = exp.select(*(column(one) for one in ("id", *names))).from_(table(f"tags.{kind}"))
    path = job / f"tags_{kind}.parquet"
    pq.write_table(reader.query(select).sort_by("id"), path)
    return path


# --- what comes back ------------------------------------------------------------------------------


def _result(
    job: Path, ended: Ended, limits: Limits, told: Callable[[Mapping[str, Any]], TagError]
) -> pa.Table:
    """The worker's table; it may be anything, and is looked at closely."""
    if ended.end == "time":
        raise TagError(
            f"it takes longer than {limits.seconds:,} seconds",
            hint="make it faster, or raise its time:",
        )
    kind = ended.error.get("kind") if ended.error is not None else None
    if ended.end == "memory" or kind == "memory":
        raise TagError(
            f"it needs more than {limits.memory // 10**6:,} MB of memory",
            hint="let it hold less at once, or raise its memory:",
        )
    if ended.end == "processes":
        raise TagError("it starts too many processes", hint="let it do its work in one")
    if ended.error is not None:
        raise told(ended.error)
    path = job / "result.arrow"
    if ended.end != "exit" or ended.code != 0 or not path.is_file():
        raise TagError(_how(ended), hint="let it return its values")
    try:
        if path.is_symlink() or path.stat().st_size > limits.memory:
            raise _unusable()
        with pa.OSFile(str(path)) as file:
            made = pa.ipc.open_file(file).read_all()
        made.validate(full=True)
    except (pa.ArrowException, OSError, ValueError):
        raise _unusable() from None
    return made


def _how(ended: Ended) -> str:
    if ended.end == "lost":
        return "its process was lost"
    how = f"code {ended.code}" if ended.code >= 0 else f"signal {-ended.code}"
    said = f", and last said: {_shown(ended.said)}" if ended.said else ""
    return f"its process ended with {how} and gave no result{said}"


def _unusable() -> TagError:
    return TagError("its result cannot be read", hint="let it return plain values")


def _shown(said: object) -> str:
    text = " ".join("".join(one if one.isprintable() else " " for one in str(said)).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _of_python(error: Mapping[str, Any], definition: PythonFunction) -> TagError:
    name, file = definition.function, definition.path
    if error.get("kind") == "no function":
        return TagError(f"{file} has no function {name}", hint=f"write def {name}(table):")
    if error.get("kind") == "no values":
        return TagError(
            f"{name} gives a {_shown(error.get('type'))} that is no column of values",
            place=file,
            hint="give one value for each row: an Arrow array, a numpy array or a list",
        )
    line = error.get("line")
    return TagError(
        f"{name} raised {_shown(error.get('said'))}",
        place=f"{file}:{line}" if isinstance(line, int) else file,
        hint="correct the function",
    )


def _of_sql(error: Mapping[str, Any]) -> TagError:
    what, said = error.get("type"), str(error.get("said"))
    if what == "OutOfMemoryException":
        return TagError(
            "the query needs more memory, or more of the disk, than it may have",
            hint="let it hold less at once, or raise its memory:",
        )
    if what in _OF_THE_QUERY:
        return TagError(f"DuckDB says: {_shown(said.splitlines()[0])}", hint="correct the query")
    kind = said.partition(":")[0] if said.partition(":")[0].endswith("Error") else str(what)
    return TagError(
        f"the query fails on the data ({_shown(kind)})",
        hint="where a value cannot be converted, TRY_CAST makes it missing",
    )


def _placed(made: pa.Table, tag: Tag, everyone: pa.ChunkedArray) -> pa.Table:
    """The query's values, each at its subject; missing where it has none."""
    names = [one.lower() for one in made.column_names]
    if sorted(names) != ["id", "value"]:
        raise TagError(
            f"the query gives the columns {_shown(', '.join(names))}",
            hint="select two columns, named id and value",
        )
    ids, values = (made.column(names.index(one)) for one in ("id", "value"))
    if not pa.types.is_integer(ids.type):
        raise TagError(
            f"its ids are of Arrow's type {_shown(ids.type)}, and ids are whole numbers",
            hint=f"select the column {tag.kind} of a stream, or id of the table {tag.kind}",
        )
    hint = f"select {tag.kind} AS id, once each: GROUP BY, and WHERE {tag.kind} IS NOT NULL"
    if ids.null_count:
        raise TagError(f"{ids.null_count:,} of its rows have no id", hint=hint)
    if pc.count_distinct(ids).as_py() != len(ids):
        raise TagError("it gives the same id several times", hint=hint)
    strangers = pc.sum(pc.invert(pc.is_in(ids.cast(pa.int64()), value_set=everyone))).as_py() or 0
    if strangers:
        raise TagError(
            f"{strangers:,} of its ids are of no {tag.kind}",
            hint=f"are they of another kind? {hint}",
        )
    rows = pc.index_in(everyone, value_set=ids.cast(pa.int64()))
    return pa.table({"id": everyone, "value": checked(values, tag.type).take(rows)})
