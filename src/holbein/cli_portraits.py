"""The command that portrays: one subject, a group, two groups, a group over time."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from holbein.cli_options import HERE, Folder, Kind, Language, Run, language_of, opened
from holbein.telling import errors, out, print_json, write_page


class Portrayed(StrEnum):
    """Whose portrait: a subject's of some kind, or an audience's."""

    enterprise = "enterprise"
    person = "person"
    role = "role"
    audience = "audience"


def portrait(
    kind: Annotated[Portrayed, typer.Argument(help="Whose portrait.")],
    name: Annotated[str, typer.Argument(help="An id, a source's key, source:key; or an audience.")],
    base: Annotated[
        str | None, typer.Option("--base", help="An audience to compare an audience with.")
    ] = None,
    cross: Annotated[
        tuple[str, str] | None,
        typer.Option("--cross", help="All combinations of two tags of an audience."),
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", help="An audience to tell an audience from.")
    ] = None,
    roles: Annotated[
        bool,
        typer.Option("--roles", help="An audience by whom its roles lead to."),
    ] = False,
    since: Annotated[
        str | None,
        typer.Option("--since", help="How an audience changed since a run, or since a day."),
    ] = None,
    lang: Language = None,
    number: Run = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page.")] = None,
    workspace: Folder = HERE,
) -> None:
    """The portrait of one subject, of an audience, of two, or of what changed in one."""
    from holbein import portraits as views

    of_groups = {
        "--base": base,
        "--cross": cross,
        "--roles": roles or None,
        "--against": against,
        "--since": since,
    }
    given = [option for option, value in of_groups.items() if value is not None]
    if given and kind is not Portrayed.audience:
        raise typer.BadParameter("only audiences have such portraits", param_hint=given[0])
    alone = {"--against", "--since"} & {*given} or {"--roles", "--cross"} <= {*given}
    if alone and len(given) > 1:
        raise typer.BadParameter(f"give it without {given[0]}", param_hint=given[-1])

    def give(as_data: Callable[[], Any], page: Callable[[], str], show: Callable[[], None]) -> None:
        if html is not None:
            write_page(html, page())
            errors.print(f"wrote {html}", markup=False)
        if as_json:
            print_json(as_data())
        elif html is None:
            show()

    found = opened(workspace, number)
    spoken = language_of(found, lang)
    if against is not None:
        two = found.compare_audiences(name, against, spoken, number)
        page = partial(views.comparison_page, two)
        give(two.as_json, page, lambda: views.show_comparison(two, out))
    elif since is not None:
        earlier = int(since) if re.fullmatch("[0-9]{1,18}", since) else since
        change = found.drift(name, earlier, spoken, number)
        give(
            change.as_json, partial(views.drift_page, change), lambda: views.show_drift(change, out)
        )
    elif roles:
        seen = found.audience_through_roles(name, base, spoken, number)
        page = partial(views.through_page, seen)
        give(seen.as_json, page, lambda: views.show_through(seen, out))
    elif kind is Portrayed.audience:
        group = found.audience_portrait(name, base, spoken, number, cross)
        give(group.as_json, partial(views.group_page, group), lambda: views.show_group(group, out))
    else:
        one = found.portrait(Kind(kind.value).value, name, spoken, number)
        give(one.as_json, partial(views.subject_page, one), lambda: views.show_subject(one, out))


def facts(
    kind: Annotated[Kind, typer.Argument(help="Of whom.")],
    name: Annotated[str, typer.Argument(help="An id, a source's key, source:key.")],
    tag: Annotated[str, typer.Argument(help="Which of its tags.")],
    lang: Language = None,
    number: Run = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all facts.")] = False,
    workspace: Folder = HERE,
) -> None:
    """Why a subject has its value of a tag: the figures, and the very facts behind them."""
    from holbein.portraits.terminal.proof import show_proof

    found = opened(workspace, number)
    told = found.facts(kind.value, name, tag, language_of(found, lang), number)
    if as_json:
        print_json(told.as_json())
    else:
        show_proof(told, out)
