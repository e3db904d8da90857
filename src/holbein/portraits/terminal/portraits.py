"""Portraits on a terminal: the same content as the pages, in the width that there is."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from holbein.conditions.vocabulary import Vocabulary
from holbein.portraits.group.contrast import (
    Cell,
    Distribution,
    NumberSummary,
    Telling,
)
from holbein.portraits.group.histograms import blocks
from holbein.portraits.group.portrait import GroupPortrait
from holbein.portraits.held import brief
from holbein.portraits.one.committee import gaps
from holbein.portraits.one.members import behind_figure, facts_behind
from holbein.portraits.one.peers import Peers
from holbein.portraits.one.subject import SubjectPortrait, TagGroup, TagLine
from holbein.portraits.pages.one import role_time
from holbein.portraits.speech import Speech, score
from holbein.portraits.terminal.crosses import crosses_views
from holbein.portraits.terminal.family import family_view
from holbein.portraits.terminal.parts import ACCENT, BAR, foot, heading, pairs, shown, title_line
from holbein.portraits.terminal.peers import peers_view
from holbein.portraits.terminal.prose import Prose

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
_HAPPENINGS = 8
_VALUES = 6


def show_subject(portrait: SubjectPortrait, console: Console) -> None:
    """Print the portrait of one subject."""
    console.print(subject_view(portrait))


def show_group(portrait: GroupPortrait, console: Console) -> None:
    """Print the portrait of a group."""
    console.print(group_view(portrait))


# Names come from strangers: they are given to rich as Text, in which square brackets are brackets.


def subject_view(p: SubjectPortrait) -> RenderableType:
    """What ``show_subject`` prints."""
    speech = Speech(p.language, _NO_VOCABULARY)
    t = speech.t
    parts: list[RenderableType] = [
        title_line(p.name, f"{speech.subject_kind(p.kind)} {p.id}"),
        *([Padding(Prose(p.sentence), (1, 0, 0, 0))] if p.sentence else []),
    ]
    if p.categories:
        titled = len(p.categories) > 1
        parts += [
            heading(t("Tags")),
            *(_tags(one, titled, p.peers, speech) for one in p.categories),
        ]
    if p.peers:
        parts += peers_view(p.peers, speech)
    if p.attributes:
        parts += [heading(t("Particulars")), pairs((o.title, o.text) for o in p.attributes)]
    if p.roles:
        parts += [
            heading(t("People") if p.kind == "enterprise" else t("Roles")),
            _roles(p, speech),
        ]
    if p.committee and (said := gaps(speech, p.committee)):
        parts.append(Padding(Text(said, style="red"), (0, 0, 0, 2)))
    if p.ancestors or p.subsidiaries:
        parts += [heading(t("Group of companies")), family_view(p, speech)]
    if p.timeline:
        rows = [(speech.day(o.day), f"{o.title}  {o.text}") for o in p.timeline[:_HAPPENINGS]]
        parts += [heading(t("Timeline")), pairs(rows, key_style="yellow")]
    keys = " · ".join(f"{one.source}:{one.key}" for one in p.aliases)
    parts.append(foot(speech, p.as_of, p.version, keys))
    return Group(*parts)


def group_view(p: GroupPortrait) -> RenderableType:
    """What ``show_group`` prints."""
    speech = Speech(p.language, _NO_VOCABULARY)
    t = speech.t
    parts: list[RenderableType] = [
        title_line(p.title or t("Group portrait"), speech.subject_kind(p.kind)),
        Padding(Text(p.condition, style="italic"), (1, 0, 0, 0)),
        Padding(Prose(p.sentence), (1, 0, 0, 0)),
    ]
    if p.telling:
        table = _table(t("What"), t("Group"), t("Base"), "TGI", "z")
        for one in p.telling:
            what, group, base, index = _told(one, speech)
            table.add_row(
                Text.assemble((f"{one.title}  ", "dim"), (what, "bold")),
                Text(group),
                Text(base, style="dim"),
                Text(index, style=ACCENT if one.z > 0 else "red"),
                Text(score(one.z), style="dim"),
            )
        parts += [heading(t("What sets them apart")), table]
    parts += crosses_views(p, speech)
    for one_distribution in p.distributions:
        parts += [heading(one_distribution.title), _distribution(one_distribution, speech)]
    if p.numbers:
        parts += [heading(t("Numbers and dates")), _numbers(p.numbers, speech)]
    parts += [Padding(Text(one, style="red"), (1, 0, 0, 0)) for one in p.held]
    parts.append(foot(speech, p.as_of, p.version, ""))
    return Group(*parts)


def _told(one: Telling, speech: Speech) -> tuple[str, str, str, str]:
    """What sets the group apart, in the group, in the base, and its TGI."""
    if one.cell is not None:
        cell = one.cell
        index = speech.number(round(cell.tgi or 0))
        return cell.text, speech.share(cell.share), speech.share(cell.base_share), index
    assert one.number is not None
    middle, usual = (speech.quantity(of.p50) for of in (one.number.group, one.number.base))
    return speech.t("Median"), middle, usual, "–"


def _tags(group: TagGroup, titled: bool, peers: Peers | None, speech: Speech) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=4, no_wrap=True)
    for one in group.tags:
        table.add_row(
            Text(one.title, style="dim"),
            Text(one.text, style=ACCENT),
            Text(held, style="red")
            if (held := _held(one, speech))
            else Text(_why(one, peers, speech), style="dim"),
        )
    body = Padding(table, (0, 0, 0, 2))
    if not titled:
        return body
    path = " › ".join(group.path) or speech.t("Without category")
    return Group(Padding(Text(path, style="dim italic"), (0, 0, 0, 2)), body)


def _held(tag: TagLine, speech: Speech) -> str:
    """That its value is not of this run, in brief."""
    return brief(tag.held, bool(tag.behind), speech)


def _why(tag: TagLine, peers: Peers | None, speech: Speech) -> str:
    """What it rests on and where it stands among peers, in brief."""
    standing = peers.line(tag.name) if peers else ""
    return " · ".join(one for one in (_rests_on(tag, speech), standing) if one)


def _rests_on(tag: TagLine, speech: Speech) -> str:
    """Its facts, or the related subjects that it asks, else the figures that it compares."""
    figures = tag.evidence.figures
    for one in figures:
        if one.facts is not None:
            facts = facts_behind(speech, one.facts, None, None)
            if one.last is None:
                return facts
            return speech.t("{facts}, last {day}").format(facts=facts, day=one.last.isoformat())
        if one.members is not None:
            return behind_figure(speech, one)
    colon = "：" if speech.language == "zh" else ": "
    told = (f"{one.words}{colon}{one.text}" for one in figures if one.text != tag.text)
    return " · ".join(told)


def _table(*titles: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", padding=(0, 1), show_edge=False)
    for number, title in enumerate(titles):
        if number == 0:
            table.add_column(Text(title), ratio=1, overflow="fold")
        else:
            table.add_column(Text(title), justify="right", no_wrap=True)
    return table


def _roles(p: SubjectPortrait, speech: Speech) -> RenderableType:
    t = speech.t
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", padding=(0, 1), show_edge=False)
    if p.kind != "person":
        table.add_column(Text(t("Person")), overflow="fold")
    if p.kind != "enterprise":
        table.add_column(Text(t("Enterprise")), overflow="fold")
    extra = [
        (name, title)
        for name, title in (("department", t("Department")), ("buying_role", t("Buying role")))
        if any(getattr(one, name) for one in p.roles)
    ]
    for title in (t("Title"), *(title for _, title in extra), t("Time")):
        table.add_column(Text(title), overflow="fold")
    for one in p.roles:
        cells = [Text(one.person.name if one.person else "–")] if p.kind != "person" else []
        if p.kind != "enterprise":
            cells.append(Text(one.enterprise.name if one.enterprise else "–"))
        cells.append(Text(one.title))
        cells.extend(Text(getattr(one, name)) for name, _ in extra)
        cells.append(Text(role_time(speech, one)))
        table.add_row(*cells, style=None if one.current else "dim")
    return table


def _distribution(one: Distribution, speech: Speech) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(max_width=30, min_width=12, overflow="fold")
    table.add_column(width=BAR)
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    for cell in one.cells[:_VALUES]:
        index = "" if cell.tgi is None else f"TGI {speech.number(round(cell.tgi))}"
        table.add_row(
            Text(cell.text, style="dim" if cell.value is None else ""),
            _bar(cell),
            Text(speech.share(cell.share)),
            Text(speech.share(cell.base_share), style="dim"),
            Text(index, style="dim"),
        )
    return Padding(table, (0, 0, 0, 1))


def _bar(cell: Cell) -> Text:
    full = round(BAR * min(1.0, cell.share or 0))
    base = round(BAR * min(1.0, cell.base_share or 0))
    # The group's share as a bar; a dot where the base's own share lies.
    signs = ["━" if place < full else " " for place in range(BAR)]
    text = Text("".join(signs), style=ACCENT)
    if cell.base_share:
        place = min(BAR - 1, max(0, base - 1))
        return Text.assemble(text[:place], ("●", "yellow"), text[place + 1 :])
    return text


def _numbers(numbers: Iterable[NumberSummary], speech: Speech) -> RenderableType:
    t = speech.t
    table = _table(t("What"), "", "10%", t("Median"), "90%", "")
    for one in numbers:
        shapes = blocks([o.group for o in one.bands]), blocks([o.base for o in one.bands])
        sides = (one.group, t("Group"), ""), (one.base, t("Base"), "dim")
        for (spread, name, style), shape in zip(sides, shapes, strict=True):
            figures = [shown(v, speech) for v in (spread.p10, spread.p50, spread.p90)]
            table.add_row(
                Text(one.title if not style else ""),
                Text(name, style=style),
                *(Text(figure, style=style) for figure in figures),
                Text(shape, style=style or ACCENT),
            )
    return table
