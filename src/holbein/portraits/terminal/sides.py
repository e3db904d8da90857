"""Two sides next to each other on a terminal: the parts that comparisons and drift share."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from holbein.portraits.group.contrast import Distribution, NumberSummary
from holbein.portraits.group.histograms import blocks
from holbein.portraits.pages.sides import shown
from holbein.portraits.speech import Speech

_VALUES = 6
_TITLE = 24


def grid(first: str, *titles: str) -> Table:
    """A table whose first column is text and whose others are figures."""
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", padding=(0, 1), show_edge=False)
    table.add_column(Text(first), ratio=1, overflow="fold")
    for title in titles:
        table.add_column(Text(title), justify="right", overflow="fold", max_width=_TITLE)
    return table


def distribution_view(one: Distribution, first: str, second: str, speech: Speech) -> RenderableType:
    """The commonest values of a tag, with the share of both sides."""
    table = grid(one.title, first, second)
    for cell in one.cells[:_VALUES]:
        table.add_row(
            Text(cell.text, style="dim" if cell.value is None else ""),
            Text.assemble(speech.share(cell.share), (f" {cell.group:,}", "dim")),
            Text.assemble(speech.share(cell.base_share), (f" {cell.base:,}", "dim")),
        )
    return Padding(table, (0, 0, 1, 0))


def numbers_view(
    numbers: Iterable[NumberSummary], first: str, second: str, speech: Speech
) -> RenderableType:
    """The quantiles of numbers and dates on both sides."""
    table = grid(speech.t("Numbers and dates"), "", "10%", speech.t("Median"), "90%", "")
    for one in numbers:
        shapes = blocks([o.group for o in one.bands]), blocks([o.base for o in one.bands])
        sides = (one.group, first, ""), (one.base, second, "dim")
        for (spread, name, style), shape in zip(sides, shapes, strict=True):
            figures = [shown(v, speech) for v in (spread.p10, spread.p50, spread.p90)]
            table.add_row(
                Text(one.title if not style else ""),
                Text(name, style=style),
                *(Text(figure, style=style) for figure in figures),
                Text(shape, style=style),
            )
    return table
