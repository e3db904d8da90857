"""The options that commands share, and opening a workspace for them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from holbein.telling import errors
from holbein.workspace import Workspace, open_workspace


class Kind(StrEnum):
    """The kinds of subjects."""

    enterprise = "enterprise"
    person = "person"
    role = "role"


class Lang(StrEnum):
    """The languages that Holbein speaks."""

    en = "en"
    zh = "zh"


Folder = Annotated[
    Path, typer.Option("-w", "--workspace", help="The workspace's folder.", show_default=False)
]
On = Annotated[Kind, typer.Option("--on", help="Of what the condition speaks.")]
Language = Annotated[
    Lang | None, typer.Option("--lang", help="Else the first of the workspace.", show_default=False)
]
Run = Annotated[
    int | None, typer.Option("--run", help="The version of an earlier run.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Key = Annotated[
    str | None,
    typer.Option(
        "--key", help="The column with the keys; else where most match.", show_default=False
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        "--sheet", help="Of an Excel file, by name or number; else the first.", show_default=False
    ),
]
Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", help="A file for the rows that do not match.", show_default=False),
]
HERE = Path()


def opened(folder: Path, run: int | None = None) -> Workspace:
    """A workspace to be asked; says so where the answers are not of the definitions as they are."""
    found = open_workspace(folder)
    if run is None and found.edited():
        errors.print(
            "note: definitions were edited after the last run; `holbein run` computes them"
        )
    return found


def language_of(workspace: Workspace, asked: Lang | None) -> Literal["en", "zh"]:
    """The language asked for, else the main one of the workspace."""
    return asked.value if asked is not None else workspace.languages[0]
