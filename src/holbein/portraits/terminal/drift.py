"""The drift of an audience on a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from holbein.conditions.vocabulary import Vocabulary
from holbein.portraits.group.drift import Drift
from holbein.portraits.pages.drift import LEVELS, side_days, uncompared
from holbein.portraits.speech import Speech
from holbein.portraits.terminal.parts import foot, heading, title_line
from holbein.portraits.terminal.prose import Prose
from holbein.portraits.terminal.sides import distribution_view, grid, numbers_view

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
_STYLES = {"steady": "dim", "moved": "yellow", "shifted": "red"}


def show_drift(one: Drift, console: Console) -> None:
    """Print how an audience changed from an earlier run."""
    console.print(drift_view(one))


def drift_view(one: Drift) -> RenderableType:
    """What ``show_drift`` prints: all tags, and both sides of those that are not steady."""
    speech = Speech(one.language, _NO_VOCABULARY)
    t = speech.t
    now, then = side_days(one, speech)
    parts: list[RenderableType] = [
        title_line(one.title, speech.subject_kind(one.kind)),
        Padding(Text(one.condition, style="italic"), (1, 0, 0, 0)),
        Padding(Prose(one.sentence), (1, 0, 0, 0)),
    ]
    if one.tags:
        table = grid(t("Tag"), "PSI", "", t("Other members"), t("Other values"), t("Changed"))
        for tag in one.tags:
            style = _STYLES[tag.level]
            table.add_row(
                Text(tag.title),
                Text(f"{tag.psi:.2f}", style=style),
                Text(t(LEVELS[tag.level]), style=style),
                Text(f"{tag.members:.2f}", style="dim"),
                Text(f"{tag.values:.2f}", style="dim"),
                Text(speech.number(tag.changed), style="dim"),
            )
        parts += [heading(t("What changed")), table, Text("")]
    moved = [tag for tag in one.tags if tag.level != "steady"]
    for tag in moved:
        if tag.distribution is not None:
            parts.append(distribution_view(tag.distribution, now, then, speech))
    numbers = [tag.number for tag in moved if tag.number is not None]
    if numbers:
        parts.append(numbers_view(numbers, now, then, speech))
    parts += [Text(line, style="dim") for line in uncompared(one, speech)]
    parts += [Padding(Text(o, style="red"), (1, 0, 0, 0)) for o in one.held]
    parts.append(foot(speech, one.now.as_of, f"{one.then.run} → {one.now.run}", ""))
    return Group(*parts)
