"""Static lists: an audience frozen, a file imported, and what audiences there are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from holbein.audiences.matching import Example, Matched, Matcher
from holbein.audiences.reading import Sheet, read
from holbein.conditions.limits import check_kind
from holbein.conditions.tree import InAudience, SubjectKind
from holbein.conditions.vocabulary import AudienceSpec
from holbein.errors import HolbeinError, NotFoundError, near
from holbein.store.lists import Lists

if TYPE_CHECKING:
    from holbein.query import Query

_SAMPLE = 2_000
"""Rows on which the column that holds the keys is chosen."""


_TOLD = 5
"""Examples of each sort in the printed report."""


@dataclass(frozen=True)
class ImportReport:
    """What became of an imported file: ``rows`` are matched + doubled + unknown + ambiguous +
    empty. Examples name rows by the file's own numbers, the title row being 1."""

    name: str
    kind: SubjectKind
    column: str
    rows: int
    matched: int
    doubled: int
    unknown: int
    ambiguous: int
    empty: int
    unknown_examples: tuple[Example, ...] = ()
    ambiguous_examples: tuple[Example, ...] = ()
    doubled_examples: tuple[Example, ...] = ()

    def lines(self) -> list[str]:
        """The report as people read it, one thing a line."""
        matched = f"{self.matched:,} of {self.rows:,} rows matched"
        out = [f"{self.name}: {matched}, by the column {self.column}"]
        for count, what, examples in (
            (self.doubled, "named a subject again", self.doubled_examples),
            (self.unknown, "not known here", self.unknown_examples),
            (self.ambiguous, "mean several subjects: write source:key", self.ambiguous_examples),
            (self.empty, "without a key", ()),
        ):
            if count:
                told = ", ".join(f"row {one.row} {one.key!r}" for one in examples[:_TOLD])
                more = " …" if count > _TOLD and told else ""
                out.append(f"  {count:,} {what}" + (f": {told}{more}" if told else ""))
        return out


def audiences(query: Query) -> list[tuple[AudienceSpec, int]]:
    """All audiences with their present sizes, dynamic and static, sorted by name."""
    return [
        (spec, query.count(query.bind(InAudience(name), spec.kind), spec.kind))
        for name, spec in sorted(query.vocabulary.audiences.items())
    ]


def freeze(query: Query, lists: Lists, name: str, new: str) -> int:
    """Keep the present members of the audience ``name`` as the static list ``new``.

    Returns how many they are. Raises NotFoundError for an unknown audience, HolbeinError where
    ``new`` cannot be the list's name.
    """
    kind = query.audience(name).kind
    check_name(query, lists, kind, new)
    ids = query.ids(query.bind(InAudience(name), kind), kind)
    made_from = f"audience {name} as of {query.as_of.day.isoformat()}"
    lists.write(new, kind, ids, title=new, made_from=made_from)
    return len(ids)


def import_file(
    query: Query,
    lists: Lists,
    name: str,
    path: Path,
    kind: SubjectKind,
    column: str | None = None,
) -> ImportReport:
    """Make the static list ``name`` of the subjects that a CSV, Excel or Parquet file names.

    ``column`` holds their keys: Holbein ids (``E17``), ``source:key``, or bare keys, mixed as they
    come; without it, the column of which the most rows match. A row whose key is unknown, or that
    of several subjects, is left out and told. A list of that name is replaced. Raises HolbeinError
    for a file that cannot be read, or of which nothing matches; then no list changes.
    """
    check_name(query, lists, kind, name)
    sheet = read(path)
    matcher = Matcher(query, kind)
    if sheet.first_row > 1 and any(matcher.find(cell) for cell in sheet.names):
        sheet = _without_titles(sheet)
    place = _named(sheet, column, path) if column is not None else _likely(sheet, matcher)
    found = matcher.match(sheet.columns[place], sheet.first_row) if place is not None else None
    if found is None or not found.ids:
        raise HolbeinError(
            f"no row names {_a(kind)} of this workspace",
            place=str(path),
            hint=_hint(found, sheet, column),
        )
    assert place is not None
    shown = sheet.names[place] or f"column {place + 1}"
    ids = pa.array(sorted(found.ids), pa.int64())
    file = path.name.encode("utf-8", "backslashreplace").decode()
    lists.write(name, kind, ids, title=name, made_from=f"file {file}, {shown}")
    return ImportReport(
        name,
        kind,
        shown,
        sheet.rows,
        len(found.ids),
        found.doubled,
        found.unknown,
        found.ambiguous,
        found.empty,
        found.unknown_examples,
        found.ambiguous_examples,
        found.doubled_examples,
    )


def check_name(query: Query, lists: Lists, kind: SubjectKind, name: str) -> None:
    """Raises HolbeinError where ``name`` cannot be that of a static list of the kind."""
    check_kind(kind)
    if not name.strip() or not name.isprintable() or name != name.strip() or len(name) > 100:
        raise HolbeinError(
            "this is no name for a list", hint="use up to 100 letters, digits, spaces and signs"
        )
    known = query.vocabulary.audiences
    defined = {*(one for one in known if known[one].where is not None), *query.unfit.errors}
    held = lists.kinds()
    taken = {one.lower(): one for one in (*held, *defined)}.get(name.lower(), name)
    message = None
    if taken != name:  # no run would accept both
        what = "audience" if taken in defined else "list"
        message = f"{name!r} differs only in case from the {what} {taken!r}"
    elif name in defined:
        message = f"{name!r} is the name of an audience in the definitions"
    elif held.get(name, kind) != kind:
        message = f"there is a list {name!r} already, and it holds the kind {held[name]}"
    if message is not None:
        raise HolbeinError(message, hint="choose another name")


def _without_titles(sheet: Sheet) -> Sheet:
    """A file without a title row: the row that was taken for one is a row like the others."""
    columns = tuple((first, *rest) for first, rest in zip(sheet.names, sheet.columns, strict=True))
    return Sheet(tuple("" for _ in sheet.names), columns, 1)


def _named(sheet: Sheet, column: str, path: Path) -> int:
    if column not in sheet.names:
        raise NotFoundError(
            f"the file has no column {column[:80]!r}",
            place=str(path),
            hint=near(column, (one for one in sheet.names if one)),
        )
    return sheet.names.index(column)


def _likely(sheet: Sheet, matcher: Matcher) -> int | None:
    """The column of which the most rows match; the first of equals; None where none does."""
    hits = [
        sum(len(matcher.find(one)) == 1 for one in column[:_SAMPLE]) for column in sheet.columns
    ]
    if not any(hits):  # the sample may be all strangers
        hits = [sum(len(matcher.find(one)) == 1 for one in column) for column in sheet.columns]
    return hits.index(max(hits)) if any(hits) else None


def _hint(found: Matched | None, sheet: Sheet, column: str | None) -> str:
    if not sheet.rows:
        return "the file has no rows below its titles"
    if found is not None and found.ambiguous:
        return "its keys are those of several subjects: write them as source:key"
    if column is not None:
        return f"is {column!r} the column with the keys?"
    return "one column must hold Holbein ids such as E17, source:key, or a source's keys"


def _a(kind: SubjectKind) -> str:
    return f"an {kind}" if kind == "enterprise" else f"a {kind}"
