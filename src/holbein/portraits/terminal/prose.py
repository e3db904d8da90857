"""Sentences on a terminal: lines end between words, and between Chinese characters only where no
mark would begin the next line, nor an opening bracket end one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

_CHINESE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_OPENING = r"（《「『“"
_CLOSING = r"，。；：、！？）》」』”…"
_UNIT = re.compile(
    rf"[{_OPENING}]*(?:[^\s{_CHINESE}{_OPENING}{_CLOSING}]+|[{_CHINESE}])[{_CLOSING}]*|\s+|."
)
"""What stays together: a word or one Chinese character, with the marks around it."""


class Prose:
    """A text that fills the width it is given."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("\n".join(lines(self.text, options.max_width)))


def lines(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most ``width`` cells; only what must stay together is longer."""
    line = ""
    for unit in _UNIT.findall(text):
        if line and cell_len(line + unit.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += unit if line else unit.lstrip()
    if line.strip():
        yield line.rstrip()
