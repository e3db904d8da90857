"""The meaning of SQL and Python tags: what they read, and the code that they run, vetted.

Nothing is run here. A Python file is read, compiled and searched for the function's name; a query
is parsed.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from holbein.catalog.custom_forms import PythonForm, SqlForm
from holbein.catalog.definitions import TagDefinition
from holbein.catalog.kinds import Definition, PythonFunction, SqlQuery, Tag
from holbein.catalog.vetting import vet
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Vocabulary
from holbein.errors import ConditionError, near

T = TypeVar("T")
Step = Callable[..., T]
Read = tuple[SubjectKind, str]

LARGEST = 1_000_000
"""Bytes of a Python file."""


def reads_of(tag: TagDefinition) -> tuple[Read, ...]:
    """The attributes and tags that a SQL or Python tag says it reads; whether they exist or not."""
    if tag.python is not None:
        return tuple((tag.on, name) for name in tag.python.reads)
    return tuple(_read(one, tag.on) for one in tag.sql.reads) if tag.sql is not None else ()


def _read(written: str, kind: SubjectKind) -> Read:
    before, dot, name = written.partition(".")
    for one in SUBJECT_KINDS:
        if dot and one == before:
            return one, name
    return kind, written


def meaning(
    tag: TagDefinition, vocabulary: Vocabulary, folder: Path, step: Callable[..., object]
) -> Definition:
    """What the tag is. ``step`` runs a function that raises ConditionError, and says which key of
    the tag is at fault.
    """
    if tag.python is not None:
        python = tag.python
        step(lambda: _known_fields(reads_of(tag), vocabulary), "python", "reads")
        made = step(lambda: source(folder, python.file), "python", "file")
        assert isinstance(made, bytes)
        step(lambda: _has_function(made, python), "python", "function")
        digest = hashlib.sha256(made).hexdigest()
        return PythonFunction(python.file, python.function, python.reads, digest, python.limits)
    form = tag.sql
    assert form is not None
    reads = reads_of(tag)
    step(lambda: _known_tags(reads, vocabulary), "sql", "reads")
    query = step(lambda: _query(form, tables(reads, vocabulary), reads), "sql", "query")
    assert isinstance(query, SqlQuery)
    return query


def _query(form: SqlForm, known: Iterable[str], reads: tuple[Read, ...]) -> SqlQuery:
    vetted = vet(form.query, dict.fromkeys(known))
    return SqlQuery(vetted.query, vetted.tables, reads, form.limits)


def tables(reads: Iterable[Read], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The tables that a query may name: states, tags that it reads, groups, streams."""
    tagged = (f"tags_{kind}" for kind in SUBJECT_KINDS if any(one == kind for one, _ in reads))
    return tuple(dict.fromkeys((*SUBJECT_KINDS, "ancestor", *tagged, *vocabulary.streams)))


def _known_fields(reads: Iterable[Read], vocabulary: Vocabulary) -> None:
    for kind, name in reads:
        _known(kind, name, vocabulary.fields.get(kind, {}), "attribute or tag")


def _known_tags(reads: Iterable[Read], vocabulary: Vocabulary) -> None:
    for kind, name in reads:
        fields = vocabulary.fields.get(kind, {})
        if name in fields and not fields[name].is_tag:
            raise ConditionError(
                f"{name!r} is an attribute, and reads names the tags of the tables tags_KIND",
                hint=f"leave it out: the table {kind} has it",
            )
        _known(kind, name, {one: spec for one, spec in fields.items() if spec.is_tag}, "tag")


def _known(kind: SubjectKind, name: str, fields: Mapping[str, FieldSpec], what: str) -> None:
    if name not in fields:
        hint = near(name, fields) or "those of the kind are " + (", ".join(sorted(fields)[:20]))
        raise ConditionError(f"the kind {kind} has no {what} {name[:60]!r}", hint=hint)


# --- Python files ---------------------------------------------------------------------------------


def source(folder: Path, file: str) -> bytes:
    """The content of a workspace's Python file. Raises ConditionError where it is none, or lies
    outside.
    """
    path = folder / file
    hint = "paths start at the workspace's folder"
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(folder.resolve()):
            raise ConditionError(
                f"{file} leads out of the workspace", hint="put the file itself there, no link"
            )
        if not real.is_file():
            raise ConditionError(f"{file} is no file", hint="name a file that ends in .py")
        with real.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise ConditionError(f"there is no file {file}", hint=hint) from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        told = error.strerror if isinstance(error, OSError) and error.strerror else "a circle"
        raise ConditionError(f"{file[:80]} can't be read: {told}", hint=hint) from None
    if len(content) > LARGEST:
        raise ConditionError(f"{file} has more than {LARGEST:,} bytes", hint="split it")
    return content


def _has_function(content: bytes, form: PythonForm) -> None:
    """Compiles the file, without running it, and looks for the function at its top level."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content, form.file)
            compile(content, form.file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise ConditionError(
            f"{form.file} is no Python: {getattr(error, 'msg', None) or error}",
            place=f"{form.file}:{line}" if line else None,
            hint="correct it; `python FILE` says more",
        ) from None
    names = set(_names(tree))
    if form.function not in names:
        raise ConditionError(
            f"{form.file} has no function {form.function}",
            hint=near(form.function, names) or f"write def {form.function}(table):",
        )


def _names(tree: ast.Module) -> Iterator[str]:
    """What the file calls its functions, and whatever else it may have put a function under."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name


def contents(tags: Iterable[Tag]) -> list[str]:
    """What the Python files of the tags hold, as hashes: for a run's fingerprint."""
    return [one.definition.sha256 for one in tags if isinstance(one.definition, PythonFunction)]
