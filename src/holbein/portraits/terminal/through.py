"""A group seen through its roles, on a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from holbein.conditions.vocabulary import Vocabulary
from holbein.portraits.group.through import Through, ThroughCell, ThroughTag
from holbein.portraits.pages.through import title_of
from holbein.portraits.speech import Speech, score
from holbein.portraits.terminal.parts import ACCENT, foot, heading, title_line
from holbein.portraits.terminal.prose import Prose
from holbein.portraits.terminal.sides import grid

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
_VALUES = 6


def show_through(one: Through, console: Console) -> None:
    """Print the related of a group by their tags."""
    console.print(through_view(one))


def through_view(one: Through) -> RenderableType:
    """What ``show_through`` prints."""
    speech = Speech(one.language, _NO_VOCABULARY)
    t = speech.t
    seen = t("Seen through roles: {kind}").format(kind=speech.subject_kind(one.other))
    parts: list[RenderableType] = [
        title_line(title_of(one, speech), seen),
        Padding(Text(one.condition, style="italic"), (1, 0, 0, 0)),
        Padding(Prose(one.sentence), (1, 0, 0, 0)),
    ]
    titles = (t("Roles"), t("People"), t("Enterprises"), t("Group"), t("Base"), "TGI", "z")
    if one.telling:
        table = grid(t("What"), *titles)
        for told in one.telling:
            what = Text.assemble((f"{told.title}  ", "dim"), (told.cell.value, "bold"))
            table.add_row(what, *_figures(told.cell, speech))
        parts += [heading(t("What sets them apart")), table]
    parts.append(Text(""))
    parts += [_tag(tag, titles, speech) for tag in one.tags]
    parts.append(foot(speech, one.as_of, one.version, ""))
    return Group(*parts)


def _tag(one: ThroughTag, titles: tuple[str, ...], speech: Speech) -> RenderableType:
    table = grid(one.title, *titles)
    for cell in one.cells[:_VALUES]:
        table.add_row(Text(cell.value), *_figures(cell, speech))
    return Padding(table, (0, 0, 1, 0))


def _figures(cell: ThroughCell, speech: Speech) -> list[Text]:
    count, z = cell.group, cell.z
    return [
        *(Text(f"{one:,}", style="dim") for one in (count.roles, count.people, count.enterprises)),
        Text(speech.share(cell.share)),
        Text(speech.share(cell.base_share), style="dim"),
        Text("–" if cell.tgi is None else speech.number(round(cell.tgi))),
        Text("" if z is None else score(z), style=ACCENT if (z or 0) > 0 else "red"),
    ]
