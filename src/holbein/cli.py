"""The command line: thin. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer

from holbein import telling
from holbein.asking import day_of
from holbein.cli_audiences import audience_app
from holbein.cli_options import (
    HERE,
    Folder,
    Json,
    Key,
    Kind,
    Lang,
    Language,
    On,
    Rejects,
    Run,
    Sheet,
    language_of,
    opened,
)
from holbein.cli_packs import pack_app
from holbein.cli_portraits import facts, portrait
from holbein.errors import HolbeinError, HolbeinWarning, NotFoundError
from holbein.release import release
from holbein.telling import (
    counted,
    errors,
    out,
    print_json,
    progress,
    summary,
    tell,
    tell_import,
)
from holbein.workspace import open_workspace

app = typer.Typer(
    name="holbein",
    help="Portraits of the companies that you do business with, and of the people inside them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
tag_app = typer.Typer(help="Own tags.", no_args_is_help=True)
quarantine_app = typer.Typer(help="What could not be read.", no_args_is_help=True)
app.add_typer(tag_app, name="tag")
app.add_typer(pack_app, name="pack")
app.add_typer(audience_app, name="audience")
app.add_typer(quarantine_app, name="quarantine")


def main() -> NoReturn:
    """Run the command line, and exit: 0; 1 where the input is at fault; 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Where a terminal's encoding lacks a letter, its number is better than a traceback.
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _warned
    try:
        app(standalone_mode=True, prog_name="holbein")
    except HolbeinError as error:
        for line in str(error).splitlines():
            errors.print(f"error: {line}", markup=False)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        errors.print("stopped; the last version stays in force")
        sys.exit(130)
    sys.exit(0)


def _warned(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """Our own warnings as lines for users; those of libraries speak to developers."""
    if issubclass(category, HolbeinWarning):
        errors.print(f"warning: {message}", markup=False)


def entry() -> NoReturn:
    """``main`` for a process of its own, ended at once.

    Arrow's threads do not always survive the farewells of C++ libraries: under load about one
    process in a hundred that was done died of "terminate called without an active exception", and
    with another exit code. Nothing is left to be done there.
    """
    code: object = 1
    try:
        main()
    except SystemExit as done:
        code = done.code
    with suppress(OSError, ValueError):  # nobody may be listening any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


# --- making versions ------------------------------------------------------------------------------


def _version(asked: bool) -> None:
    if asked:
        print(f"holbein {release()}")
        raise typer.Exit


@app.callback()
def start(
    _: Annotated[
        bool, typer.Option("--version", help="The version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Portraits of the companies that you do business with, and of the people inside them."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A folder that is empty or not there yet.")],
) -> None:
    """Make an empty workspace with commented examples."""
    from holbein.catalog.scaffold import init

    init(folder)
    errors.print(
        f"made {folder}: edit sources/example.yaml, then `holbein check -w {folder}`", markup=False
    )


@app.command()
def check(workspace: Folder = HERE) -> None:
    """Validate the definitions: file, line and hint; and what was guessed."""
    found = open_workspace(workspace).check()
    inspection = found.inspection
    for kind, columns in inspection.attributes.items():
        for column in columns.values():
            _checked(kind, column.name, column.type, column.note)
    for stream, listed in inspection.streams.items():
        for column in listed.columns.values():
            _checked(stream, column.name, column.type, column.note)
    for note in inspection.notes:
        out.print(f"note: {note}", markup=False, soft_wrap=True)
    tags, audiences = len(found.catalogue.tags), len(found.definitions.audiences)
    what = f"{counted(tags, 'tag', 'tags')}, {counted(audiences, 'audience', 'audiences')}"
    out.print(f"all is well: {what}", markup=False)


def _checked(owner: str, name: str, type_: str, note: str | None) -> None:
    guessed = f"  guessed: {note}" if note else ""
    out.print(f"{owner}.{name}  {type_}{guessed}", markup=False, soft_wrap=True)


@app.command()
def run(
    workspace: Folder = HERE,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The day to take as today: YYYY-MM-DD.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read and compute again what has not changed, too.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Tell how the tags are made, and what each step took.")
    ] = False,
) -> None:
    """From the sources to a published version."""
    found = open_workspace(workspace)
    day = day_of(as_of) if as_of is not None else None
    with progress() as told:
        snapshot = found.run(day, full, told, (lambda p: tell(telling.plan(p))) if plan else None)
    tell([*summary(found, snapshot), *(telling.costs(snapshot) if plan else ())])


# --- asking ---------------------------------------------------------------------------------------


@app.command()
def tags(
    workspace: Folder = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON list.")] = False,
    lang: Language = None,
    number: Run = None,
) -> None:
    """The catalogue: type, coverage, distribution."""
    from holbein.portraits.terminal.catalogue import show_tags

    found = opened(workspace, number)
    listed = found.tags(number)
    if as_json:
        print_json([one.as_json() for one in listed])
    else:
        show_tags(listed, out, language_of(found, lang))


@app.command()
def runs(
    workspace: Folder = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON list.")] = False,
    lang: Language = None,
) -> None:
    """The runs whose versions are kept: what --run can name."""
    from holbein.portraits.terminal.catalogue import show_runs

    found = open_workspace(workspace)
    listed = found.runs()
    if as_json:
        print_json([one.as_json() for one in listed])
    else:
        show_runs(listed, out, language_of(found, lang))


@tag_app.command("show")
def tag_show(
    name: str,
    on: On = Kind.enterprise,
    lang: Language = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    number: Run = None,
    workspace: Folder = HERE,
) -> None:
    """Everything of one tag: its values, its history, what it reads and what reads it."""
    from holbein.portraits.terminal.tag import show_tag

    found = opened(workspace, number)
    page = found.tag(name, on.value, number)
    if as_json:
        print_json(page.as_json())
    else:
        show_tag(page, out, language_of(found, lang))


@tag_app.command("add")
def tag_add(
    name: str,
    condition: Annotated[str, typer.Argument(help="A condition, or a measure.")],
    on: On = Kind.enterprise,
    workspace: Folder = HERE,
) -> None:
    """An own tag, written into the workspace; the next run computes it."""
    place = open_workspace(workspace).add_tag(name, condition, on.value)
    errors.print(f"added {name} to {place}; `holbein run` computes it", markup=False)


class ValueType(StrEnum):
    """The types of tags."""

    boolean = "boolean"
    category = "category"
    categories = "categories"
    number = "number"
    date = "date"


@tag_app.command("import")
def tag_import(
    name: str,
    file: Path,
    on: On = Kind.enterprise,
    key: Key = None,
    sheet: Sheet = None,
    value: Annotated[
        str | None, typer.Option("--value", help="The column with the values; else true of all.")
    ] = None,
    type_: Annotated[
        ValueType | None, typer.Option("--type", help="The type of the values; else guessed.")
    ] = None,
    title_en: Annotated[
        str | None, typer.Option("--title-en", help="The tag's title in English.")
    ] = None,
    title_zh: Annotated[
        str | None, typer.Option("--title-zh", help="The tag's title in Chinese.")
    ] = None,
    rejects: Rejects = None,
    as_json: Json = False,
    workspace: Folder = HERE,
    lang: Language = None,
) -> None:
    """A tag from a column of a file, matched by ids or keys; the next run computes it."""
    found = opened(workspace)
    spoken = language_of(found, lang)
    titles = {"en": title_en, "zh": title_zh}
    with progress() as told:
        report = found.import_tag(
            name,
            file,
            on.value,
            key,
            value,
            type_.value if type_ is not None else None,
            {language: title for language, title in titles.items() if title is not None},
            rejects,
            spoken,
            told,
            sheet,
        )
    tell_import(report, rejects, as_json, spoken)


@app.command()
def count(
    condition: str, on: On = Kind.enterprise, number: Run = None, workspace: Folder = HERE
) -> None:
    """How many subjects meet a condition: one integer."""
    found = opened(workspace, number)
    print(found.count(condition, on.value, number))
    tell(telling.held(found, condition, on.value, number))


@app.command()
def select(
    condition: str,
    on: On = Kind.enterprise,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Attributes and tags, separated by commas.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("-o", help="A .csv, .xlsx, .parquet or .json file.")
    ] = None,
    labels: Annotated[
        Lang | None, typer.Option("--labels", help="Titles in place of codes, in a language.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", help="Only so many: by --by, else drawn by chance.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="The largest values of an attribute or tag first.")
    ] = None,
    lowest: Annotated[bool, typer.Option("--lowest", help="The smallest values first.")] = False,
    per: Annotated[
        str | None, typer.Option("--per", help="So many of each value of an attribute or tag.")
    ] = None,
    salt: Annotated[str, typer.Option("--salt", help="Another text draws others.")] = "draw",
    number: Run = None,
    workspace: Folder = HERE,
) -> None:
    """The subjects that meet a condition, as CSV or into a file."""
    from holbein.audiences.pick import Pick
    from holbein.audiences.writer import as_csv

    if limit is None and (by or per or lowest or salt != "draw"):
        raise typer.BadParameter(
            "say how many with --limit", param_hint="--by, --per, --lowest, --salt"
        )
    pick = None if limit is None else Pick(limit, by, lowest, per, salt)

    wanted = [one.strip() for one in columns.split(",")] if columns is not None else None
    found = opened(workspace, number)
    titles: Literal["en", "zh"] | None = labels.value if labels is not None else None
    if file is not None:
        found.select(condition, on.value, wanted, file, titles, number, pick)
        errors.print(f"wrote {file}", markup=False)
    else:
        rows = found.select(condition, on.value, wanted, labels=titles, run=number, pick=pick)
        sys.stdout.write(as_csv(rows))
    tell(telling.held(found, condition, on.value, number, wanted or ()))


@app.command()
def explain(
    condition: str,
    on: On = Kind.enterprise,
    lang: Language = None,
    number: Run = None,
    workspace: Folder = HERE,
) -> None:
    """A condition in words, with what one may not expect of it."""
    found = opened(workspace, number)
    print(found.explain(condition, on.value, language_of(found, lang), number))


app.command()(portrait)
app.command()(facts)


# --- quarantine -----------------------------------------------------------------------------------


@quarantine_app.command("list")
def quarantine_list(workspace: Folder = HERE) -> None:
    """What could not be read, counted by source and reason; and what waits for its subjects."""
    found = open_workspace(workspace)
    rows = found.quarantine()
    counted = rows.group_by(["source", "reason"]).aggregate([([], "count_all")])
    ordered = counted.sort_by([("count_all", "descending"), ("source", "ascending")]).to_pylist()
    for row in ordered:
        print(f"{row['count_all']:>8,}  {row['source']}: {row['reason']}")
    for line in found.waiting():
        errors.print(f"note: {line}; they are kept and tried again", markup=False)
    if not ordered:
        errors.print("nothing is in quarantine")


@quarantine_app.command("show")
def quarantine_show(
    source: Annotated[str | None, typer.Argument(help="Only of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 100,
    workspace: Folder = HERE,
) -> None:
    """The rows themselves, with place and reason, one JSON object a line."""
    rows = open_workspace(workspace).quarantine().to_pylist()
    mine = [row for row in rows if source in (None, row["source"])]
    if source is not None and not mine:
        raise NotFoundError(
            f"nothing of a source {source[:80]!r} is in quarantine",
            hint="`holbein quarantine list` tells what is",
        )
    for row in mine[:limit]:
        print(json.dumps(row, ensure_ascii=False))
    if len(mine) > limit:
        errors.print(f"{len(mine) - limit:,} more: --limit {len(mine)}", markup=False)


@quarantine_app.command("replay")
def quarantine_replay(workspace: Folder = HERE) -> None:
    """Read the sources again, as of the same day: what was mended there leaves the quarantine."""
    found = open_workspace(workspace)
    with found.store.current() as before:
        day, held = before.as_of, before.rows("quarantine")
    with progress() as told:
        snapshot = found.run(day, True, told)
    left = snapshot.rows("quarantine")
    errors.print(f"{held:,} rows before, {left:,} now", markup=False)


# --- the demo world -------------------------------------------------------------------------------


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to make it.")] = Path("holbein-demo"),
    enterprises: Annotated[int, typer.Option(min=20, help="How many companies.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same world.")] = 1,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Make it, show it, and end.")
    ] = False,
) -> None:
    """Make the demo world, run all of it, show it."""
    from holbein.demo import AS_OF, make
    from holbein.demo.show import show

    with progress() as told:
        told("make the world", 0, None)
        make(folder, enterprises=enterprises, seed=seed)
        found = open_workspace(folder)
        snapshot = found.run(AS_OF, progress=told)
    pages = show(found, out)
    tell(summary(found, snapshot))
    for page in pages:
        out.print(f"portrait page: {page.resolve()}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    entry()
