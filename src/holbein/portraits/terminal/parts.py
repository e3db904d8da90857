"""What views on a terminal share: title, headings, pairs, the foot.

Names come from strangers: they are given to rich as Text, in which square brackets are brackets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from holbein.portraits.speech import Speech

BAR = 20
ACCENT = "green"


def title_line(name: str, aside: str) -> RenderableType:
    """The name, with a line to the end of the row."""
    return Rule(Text.assemble((name, "bold"), (f"  {aside}", "dim")), align="left", style="yellow")


def heading(text: str) -> RenderableType:
    """Above a part of the view."""
    return Padding(Text(text, style="bold yellow"), (1, 0, 0, 0))


def pairs(
    rows: Iterable[tuple[str, str]], key_style: str = "dim", value_style: str = ""
) -> RenderableType:
    """Two columns: what, and its text."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(max_width=32, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for key, value in rows:
        table.add_row(Text(key, style=key_style), Text(value, style=value_style))
    return Padding(table, (0, 0, 0, 2))


def shown(value: float | dt.date | None, speech: Speech) -> str:
    """A number or a date, as figures are written."""
    if value is None:
        return "–"
    return value.isoformat() if isinstance(value, dt.date) else speech.number(value)


def foot(speech: Speech, as_of: dt.date, version: str, aside: str) -> RenderableType:
    """As of when, and of which version."""
    said = [
        speech.t("As of {day}").format(day=speech.day(as_of)),
        speech.t("Version {version}").format(version=version),
        aside,
    ]
    return Padding(Text(" · ".join(one for one in said if one), style="dim"), (1, 0, 0, 0))
