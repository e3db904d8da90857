"""Static lists: an audience frozen, a file imported, and what audiences there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from holbein.audiences.importing import incoming
from holbein.audiences.report import ImportReport
from holbein.conditions.limits import check_kind
from holbein.conditions.tree import InAudience, SubjectKind
from holbein.conditions.vocabulary import AudienceSpec, Language
from holbein.errors import HolbeinError
from holbein.progress import Progress, quiet
from holbein.store.lists import Lists

if TYPE_CHECKING:
    from holbein.query import Query


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
    key: str | None = None,
    rejects: Path | None = None,
    language: Language = "en",
    progress: Progress = quiet,
    sheet: str | int | None = None,
) -> ImportReport:
    """Make the static list ``name`` of the subjects that a CSV, Excel, Parquet or JSON file names.

    ``key`` is the column with their keys: Holbein ids (``E17``), ``source:key``, bare keys, or
    values of an attribute that tells subjects apart; without it, the column of which the most rows
    match. A row whose key is unknown, or that of several subjects, is left out and told, and
    written to ``rejects``. ``sheet`` of an Excel file, by name or number, else the first. A list of
    that name is replaced. Raises HolbeinError for a file that cannot be read, or of which nothing
    matches; then no list changes.
    """
    check_name(query, lists, kind, name)
    found = incoming(query, path, kind, key, rejects, progress, sheet)
    ids = pa.array(found.matched.ids[found.matched.taken])
    if rejects is not None:
        found.write_rejects(rejects, language)
    lists.write(name, kind, ids, title=name, made_from=f"file {found.file}, {found.column}")
    return found.report(name)


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
