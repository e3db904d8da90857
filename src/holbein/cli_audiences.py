"""The commands around audiences: to list, to freeze, to bring in, to find others like them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from holbein.cli_options import (
    HERE,
    Folder,
    Json,
    Key,
    Kind,
    Language,
    Rejects,
    Run,
    Sheet,
    language_of,
    opened,
)
from holbein.telling import errors, out, print_json, progress, tell_import, write_page

audience_app = typer.Typer(help="Saved conditions and static lists.", no_args_is_help=True)


@audience_app.command("list")
def audience_list(workspace: Folder = HERE, lang: Language = None, number: Run = None) -> None:
    """All audiences with their sizes."""
    from holbein.portraits.terminal.catalogue import show_audiences

    found = opened(workspace, number)
    show_audiences(found.audiences(number), out, language_of(found, lang))
    if number is not None:
        return
    unfit = found.query.unfit
    for error in (*unfit.errors.values(), unfit.unreadable):
        if error is not None:
            errors.print(f"note: left out: {error}", markup=False)


@audience_app.command("freeze")
def audience_freeze(
    name: str,
    new: Annotated[str, typer.Option("--as", help="The name of the static list.")],
    workspace: Folder = HERE,
) -> None:
    """Keep an audience's present members as a static list."""
    number = opened(workspace).freeze(name, new)
    errors.print(f"{new}: {number:,} members", markup=False)


@audience_app.command("split")
def audience_split(
    name: str,
    parts: Annotated[int, typer.Option("--into", help="Into so many parts.")],
    new: Annotated[str, typer.Option("--as", help="The static lists are NEW 1, NEW 2, …")],
    salt: Annotated[str, typer.Option("--salt", help="Another text makes other parts.")] = "split",
    workspace: Folder = HERE,
) -> None:
    """Keep an audience in parts of about the same size, always the same ones, as static lists."""
    for one in opened(workspace).split(name, new, parts, salt):
        out.print(f"{one.name}: {one.size:,} members  {one.condition}", markup=False)


@audience_app.command("like")
def audience_like(
    name: str,
    new: Annotated[str, typer.Option("--as", help="The name of the static list.")],
    size: Annotated[
        int | None, typer.Option("--size", help="How many to find; else as many as there are.")
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", help="An audience to look among; else everyone.")
    ] = None,
    workspace: Folder = HERE,
    lang: Language = None,
) -> None:
    """Find those who are most like an audience, keep them as a static list, and say by what."""
    from holbein.portraits.terminal.catalogue import show_alike

    found = opened(workspace)
    spoken = language_of(found, lang)
    alike = found.find_alike(name, new, size=size, base=base, lang=spoken)
    show_alike(alike, new, out, spoken)


@audience_app.command("overlap")
def audience_overlap(
    names: Annotated[list[str], typer.Argument(help="Two to ten audiences of one kind.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page.")] = None,
    workspace: Folder = HERE,
    lang: Language = None,
) -> None:
    """Which members audiences have in common: every intersection, the largest first."""
    from holbein.portraits import overlap_page
    from holbein.portraits.terminal.catalogue import show_overlap

    found = opened(workspace)
    spoken = language_of(found, lang)
    common = found.overlap(names)
    if html is not None:
        query = found.query
        write_page(html, overlap_page(common, query.as_of.day, query.version, spoken))
        errors.print(f"wrote {html}", markup=False)
    if as_json:
        print_json(common.as_json())
    elif html is None:
        show_overlap(common, out, spoken)


@audience_app.command("history")
def audience_history(
    name: str,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with who they were.")] = False,
    workspace: Folder = HERE,
    lang: Language = None,
) -> None:
    """An audience from run to run: its size, how many entered it and how many left."""
    from holbein.portraits.terminal.catalogue import show_history

    found = opened(workspace)
    past = found.audience_history(name)
    if as_json:
        print_json(past.as_json())
    else:
        show_history(past, out, language_of(found, lang))


@audience_app.command("import")
def audience_import(
    name: str,
    file: Path,
    on: Annotated[Kind, typer.Option("--on", help="Whom the file lists.")],
    key: Key = None,
    sheet: Sheet = None,
    rejects: Rejects = None,
    as_json: Json = False,
    workspace: Folder = HERE,
    lang: Language = None,
) -> None:
    """Make a static list from a file of ids or keys, and say what matched."""
    found = opened(workspace)
    spoken = language_of(found, lang)
    with progress() as told:
        report = found.import_list(name, file, on.value, key, rejects, spoken, told, sheet)
    tell_import(report, rejects, as_json, spoken)
