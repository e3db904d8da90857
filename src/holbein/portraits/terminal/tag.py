"""One tag on a terminal: what it says, of how many, since when, from what and for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from holbein.catalog.kinds import Guard
from holbein.conditions.vocabulary import Vocabulary
from holbein.language import mark
from holbein.portraits.held import note
from holbein.portraits.speech import Speech, clean, language_of
from holbein.portraits.terminal.parts import ACCENT, BAR, foot, heading, pairs, shown, title_line

if TYPE_CHECKING:
    from holbein.catalog.lineage import Link
    from holbein.query.history import Point, TagPage
    from holbein.query.numbers import Bin

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
_RUNS = 12
_SENSITIVITY = {
    "public": mark("Public"),
    "internal": mark("Internal"),
    "personal": mark("Personal"),
    "sensitive": mark("Sensitive"),
}
_WHAT = {
    "tag": mark("tag"),
    "attribute": mark("attribute"),
    "stream": mark("stream"),
    "audience": mark("audience"),
    "file": mark("file"),
}


def show_tag(page: TagPage, console: Console, language: str = "en") -> None:
    """Print everything of one tag."""
    console.print(tag_view(page, Speech(language_of(language), _NO_VOCABULARY)))


def tag_view(page: TagPage, speech: Speech) -> RenderableType:
    """What ``show_tag`` prints."""
    t, tag = speech.t, page.summary
    parts: list[RenderableType] = [
        title_line(speech.title(tag.title, tag.tag), f"{tag.tag} · {speech.subject_kind(tag.on)}")
    ]
    words = clean(tag.words.get(speech.language, ""), 1000)
    parts += [Padding(Text(one), (1, 0, 0, 0)) for one in (words, tag.description) if one]
    behind = (name for _, name in tag.behind)
    if said := note(tag.held, behind, speech):
        parts.append(Padding(Text(said, style="red"), (1, 0, 0, 0)))
    parts += [Text(""), pairs(_particulars(page, speech))]
    rows = [*(_bins(page.bins, speech) if page.bins else _labels(page, speech))]
    if rows:
        parts += [heading(t("Distribution")), _bars(rows, tag.subjects, speech)]
    if page.history:
        parts += [heading(t("Runs")), _history(page.history, speech)]
    for said, links in ((t("Made from"), page.reads), (t("Used by"), page.read_by)):
        if links:
            parts += [heading(said), _tree(links, speech)]
    parts.append(foot(speech, page.as_of, str(page.run), ""))
    return Group(*parts)


def _particulars(page: TagPage, speech: Speech) -> Iterator[tuple[str, str]]:
    t, tag = speech.t, page.summary
    yield t("Type"), speech.type(tag.type)
    if tag.category:
        yield t("Category"), " › ".join(speech.category(tag.category))
    if tag.owner:
        yield t("Owner"), clean(tag.owner)
    yield t("Sensitivity"), t(_SENSITIVITY.get(tag.sensitivity, tag.sensitivity))
    if page.guard is not None:
        yield t("Guard"), _guard(page.guard, speech)
    yield (
        t("Coverage"),
        t("{share}: {known} of {all}").format(
            share=speech.share(tag.coverage),
            known=speech.number(tag.subjects),
            all=speech.number(page.total),
        ),
    )
    if page.last_change is None:
        yield t("Last change"), t("none seen yet")
        return
    count = speech.number(page.changed)
    yield (
        t("Last change"),
        t("{day}; in this run for {count}").format(day=speech.day(page.last_change), count=count),
    )


def _guard(guard: Guard, speech: Speech) -> str:
    told = []
    if guard.coverage is not None:
        points = f"{100 * guard.coverage:g}"
        told.append(speech.t("coverage may move by {points} points").format(points=points))
    if guard.psi is not None:
        told.append(speech.t("PSI up to {limit}").format(limit=f"{guard.psi:g}"))
    return " · ".join(told)


def _labels(page: TagPage, speech: Speech) -> Iterator[tuple[str, int]]:
    tag = page.summary
    if tag.type in ("number", "date"):
        return
    for value, count in tag.distribution.items():
        titled = tag.labels.get(value)
        if titled:
            yield speech.title(titled, value), count
        elif tag.type == "boolean":
            yield speech.yes_no(value == "true"), count
        else:
            yield clean(value, 40), count


def _bins(bins: Iterable[Bin], speech: Speech) -> Iterator[tuple[str, int]]:
    for one in bins:
        low, high = shown(one.low, speech), shown(one.high, speech)
        if one.low is None and one.high is None:
            continue
        if one.low is None:
            said = speech.t("under {bound}").format(bound=high)
        elif one.high is None:
            said = speech.t("from {bound}").format(bound=low)
        else:
            said = speech.t("{low} to {high}").format(low=low, high=high)
        yield said, one.count


def _bars(rows: Sequence[tuple[str, int]], known: int, speech: Speech) -> RenderableType:
    """The longest bar is that of the commonest."""
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(max_width=40, min_width=12, overflow="fold")
    table.add_column(width=BAR)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    most = max(count for _, count in rows)
    for said, count in rows:
        table.add_row(
            Text(said),
            Text("━" * round(BAR * count / most) if most else "", style=ACCENT),
            Text(speech.share(count / known if known else None)),
            Text(speech.number(count), style="dim"),
        )
    return Padding(table, (0, 0, 0, 1))


def _history(points: Sequence[Point], speech: Speech) -> RenderableType:
    """The newest run first."""
    t = speech.t
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", padding=(0, 1), show_edge=False)
    for said in (t("Run"), t("As of"), t("Coverage"), "", "PSI", t("Changed for")):
        table.add_column(Text(said), no_wrap=True, justify="right" if said else "left")
    for one in points[: -_RUNS - 1 : -1]:
        table.add_row(
            Text(str(one.run)),
            Text(one.as_of.isoformat(), style="dim"),
            Text(speech.share(one.coverage)),
            Text("━" * round(BAR * one.coverage), style=ACCENT),
            Text("–" if one.psi is None else f"{one.psi:.2f}"),
            Text(speech.number(one.changed), style="dim"),
        )
    return table


def _tree(links: Iterable[Link], speech: Speech) -> RenderableType:
    root = Tree("", hide_root=True, guide_style="dim")

    def grow(under: Tree, some: Iterable[Link]) -> None:
        for one in some:
            grow(under.add(_link(one, speech)), one.links)

    grow(root, links)
    return Padding(root, (0, 0, 0, 2))


def _link(link: Link, speech: Speech) -> Text:
    thing = link.thing
    said = [speech.t(_WHAT[thing.what])]
    if thing.on is not None:
        said.append(speech.subject_kind(thing.on))
    columns = f": {', '.join(link.columns)}" if link.columns else ""
    name = clean(thing.name)
    titled = speech.title(link.titles, thing.name) if link.titles else name
    aside = f"  {name}" if titled != name else ""
    return Text.assemble(
        titled, (f"{aside}{columns}", "dim"), (f"  {' · '.join(said)}", "dim italic")
    )
