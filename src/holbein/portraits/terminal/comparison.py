"""The comparison of two groups on a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from holbein.conditions.vocabulary import Vocabulary
from holbein.portraits.group.comparison import Comparison
from holbein.portraits.group.opening_comparison import side_titles
from holbein.portraits.pages.sides import told_of
from holbein.portraits.speech import Speech, score
from holbein.portraits.terminal.parts import ACCENT, foot, heading, title_line
from holbein.portraits.terminal.prose import Prose
from holbein.portraits.terminal.sides import distribution_view, grid, numbers_view

_NO_VOCABULARY = Vocabulary(fields={}, streams={})


def show_comparison(one: Comparison, console: Console) -> None:
    """Print what tells two groups apart."""
    console.print(comparison_view(one))


def comparison_view(one: Comparison) -> RenderableType:
    """What ``show_comparison`` prints."""
    speech = Speech(one.language, _NO_VOCABULARY)
    t = speech.t
    first, second = side_titles(one.first, one.second, speech)
    parts: list[RenderableType] = [
        title_line(f"{first} : {second}", speech.subject_kind(one.kind)),
        Padding(Prose(one.sentence), (1, 0, 0, 0)),
    ]
    if one.telling:
        table = grid(t("What"), first, second, "z")
        for trait in one.telling:
            what, mine, other = told_of(trait, speech)
            table.add_row(
                Text.assemble((f"{trait.title}  ", "dim"), (what, "bold")),
                Text(mine),
                Text(other),
                Text(score(trait.z), style=ACCENT if trait.z > 0 else "red"),
            )
        parts += [heading(t("What tells them apart")), table]
    if one.first.only and one.second.only:
        parts.append(Text(""))
        parts += [distribution_view(o, first, second, speech) for o in one.distributions]
        if one.numbers:
            parts.append(numbers_view(one.numbers, first, second, speech))
    parts += [Padding(Text(o, style="red"), (1, 0, 0, 0)) for o in one.held]
    parts.append(foot(speech, one.as_of, one.version, ""))
    return Group(*parts)
