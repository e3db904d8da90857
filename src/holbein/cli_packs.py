"""The commands around packs: sets of tags by trade, to list, to read and to add."""

from __future__ import annotations

from typing import Annotated

import typer

from holbein.cli_options import HERE, Folder
from holbein.errors import HolbeinError
from holbein.telling import counted, errors
from holbein.workspace import open_workspace

pack_app = typer.Typer(help="Sets of tags by trade, ready to be added.", no_args_is_help=True)


@pack_app.command("list")
def pack_list() -> None:
    """The packs: what they are called, how many tags they have, what these need."""
    from holbein.catalog.packs import load_pack, names

    for pack in map(load_pack, names()):
        number = counted(len(pack.blocks), "tag", "tags")
        print(f"{pack.name}: {pack.told()} / {pack.told('zh')}, {number}")
        print(f"    needs {', '.join(pack.needs)}")


@pack_app.command("show")
def pack_show(name: str) -> None:
    """A pack's YAML, with the usual names: what could stand in tags/ as it is."""
    from holbein.catalog.packs import load_pack

    pack = load_pack(name)
    print(pack.about)
    print("# What it needs; what a workspace calls otherwise is told with --use:")
    for part, need in pack.needs.items():
        print(f"#   {part}: {need.told()}")
    print(pack.plain(), end="")


@pack_app.command("add")
def pack_add(
    name: str,
    use: Annotated[
        list[str] | None,
        typer.Option("--use", help="What a part is called here, as orders=invoices."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="A tag to leave out.")
    ] = None,
    workspace: Folder = HERE,
) -> None:
    """Write a pack's tags into the workspace; the next run computes them."""
    added = open_workspace(workspace).add_pack(name, _pairs(use or []), without or [])
    number = counted(len(added.tags), "tag", "tags")
    errors.print(f"added {number} to {added.place}; `holbein run` computes them", markup=False)
    for line in added.lines():
        errors.print(line, markup=False)


def _pairs(texts: list[str]) -> dict[str, str]:
    """``PART=NAME`` as pairs."""
    pairs: dict[str, str] = {}
    for text in texts:
        part, sign, name = (one.strip() for one in text.partition("="))
        if not part or not sign or not name:
            raise HolbeinError(
                f"{text[:80]!r} does not say what is called how", hint="write --use orders=invoices"
            )
        if pairs.setdefault(part, name) != name:
            raise HolbeinError(f"--use names {part[:80]} twice", hint="keep one of them")
    return pairs
