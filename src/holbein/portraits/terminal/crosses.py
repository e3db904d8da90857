"""Crosses of two tags on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from holbein.portraits.group.crosses import Cross, CrossCell, CrossTable
from holbein.portraits.group.portrait import GroupPortrait
from holbein.portraits.pages.crosses import index, left_out
from holbein.portraits.speech import Speech, score
from holbein.portraits.terminal.parts import ACCENT, heading
from holbein.query.comparing import FALSE


def crosses_views(p: GroupPortrait, speech: Speech) -> list[RenderableType]:
    """The telling combinations, and the table that was asked for; nothing where there are none."""
    out: list[RenderableType] = []
    if p.crosses:
        title = speech.t("Combinations that tell more than their two tags")
        out += [heading(title), _told(p.crosses, speech)]
    if p.cross is not None:
        title = f"{p.cross.titles[0]} × {p.cross.titles[1]}"
        out += [heading(title), _table(p.cross, speech)]
        out += [Text(f" {one}", style="dim") for one in left_out(p.cross, speech)]
    return out


def _told(crosses: tuple[Cross, ...], speech: Speech) -> RenderableType:
    t = speech.t
    table = _grid(t("What"), t("Group"), t("Base"), t("Expected"), "TGI", "z")
    for one in crosses:
        cell = one.cell
        table.add_row(
            Text.assemble(
                (f"{one.titles[0]} × {one.titles[1]}\n", "dim"),
                (f"{cell.values[0]} × {cell.values[1]}", "bold"),
            ),
            Text(speech.share(cell.share)),
            Text(speech.share(cell.base_share), style="dim"),
            Text(speech.share(cell.expected), style="dim"),
            Text(index(cell, speech), style=_colour(cell)),
            Text(score(cell.score or 0), style="dim"),
        )
    return table


def _table(table: CrossTable, speech: Speech) -> RenderableType:
    out = _grid(table.titles[0], *table.columns)
    for column in out.columns[1:]:
        column.no_wrap = False
    for value, cells in zip(table.rows, table.cells, strict=True):
        out.add_row(
            Text(value),
            *(
                Text.assemble(f"{one.group:,} ", (index(one, speech), _colour(one)))
                for one in cells
            ),
        )
    return out


def _colour(cell: CrossCell) -> str:
    """Of what tells more than its two tags; all else is dim."""
    if cell.q is None or cell.q >= FALSE or not cell.score:
        return "dim"
    return ACCENT if cell.score > 0 else "red"


def _grid(first: str, *titles: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", padding=(0, 1), show_edge=False)
    table.add_column(Text(first), ratio=1, overflow="fold")
    for title in titles:
        table.add_column(Text(title), justify="right", no_wrap=True, overflow="fold")
    return table
