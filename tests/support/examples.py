"""The fenced blocks of a Markdown page, and how to hold the console's against what really comes.

In what a console block expects, ``...`` stands for any text within a line, and a line that is only
``...`` for any lines, none included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.yaml)\n")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, and the line of the page that it begins on."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The path that a YAML block names in its first line, as a comment."""
        found = _FILE.match(self.text)
        return found[1] if found else None

    @property
    def body(self) -> str:
        """The text without the line that names the file."""
        return _FILE.sub("", self.text, count=1) if self.file else self.text


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start()) + 2)
        for found in _FENCE.finditer(text)
    ]


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output that is shown for it."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def matches(expected: str, output: str) -> bool:
    """True where ``output`` is as shown; blanks at the ends of lines do not count."""
    pattern = ""
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*"
        else:
            parts = (re.escape(part) for part in line.rstrip().split("..."))
            pattern += r"[^\n]*".join(parts) + "\n"
    lines = (line.rstrip() for line in output.rstrip("\n").split("\n"))
    return re.fullmatch(pattern, "\n".join(lines) + "\n") is not None
