"""Shows the demo world once it has run: its tags, one company, and the sizes of its audiences."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from holbein.conditions.vocabulary import Language
from holbein.portraits import show_subject, subject_page
from holbein.portraits.terminal.catalogue import show_audiences, show_tags
from holbein.store.ids import format_id
from holbein.workspace import Workspace

PAGE = "portrait-{language}.html"
_LANGUAGES: tuple[Language, ...] = ("en", "zh")
# Much to see: a head of a group with several people, who buy.
_TELLING = "in_audience('key accounts') AND any_subsidiary(TRUE) AND count_roles(TRUE) >= 3"


def show(workspace: Workspace, out: Console) -> list[Path]:
    """Prints the catalogue, a portrait in both languages and the audiences, and writes the portrait
    as pages, whose paths are returned.
    """
    show_tags(workspace.tags(), out)
    name = _someone(workspace)
    pages = []
    for language in _LANGUAGES:
        drawn = workspace.portrait("enterprise", name, language)
        out.print()
        show_subject(drawn, out)
        pages.append(workspace.folder / PAGE.format(language=language))
        pages[-1].write_text(subject_page(drawn), encoding="utf-8")
    out.print()
    show_audiences(workspace.audiences(), out)
    return pages


def _someone(workspace: Workspace) -> str:
    found = workspace.query.ids(workspace.query.bind(_TELLING, "enterprise"), "enterprise")
    # A world of a few companies may have no such one.
    return format_id("enterprise", found[0].as_py() if len(found) else 1)
