"""The catalogue of tags and the list of audiences on a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from holbein.conditions.tree import SUBJECT_KINDS
from holbein.conditions.vocabulary import AudienceSpec, Vocabulary
from holbein.language import mark
from holbein.portraits.held import brief
from holbein.portraits.speech import Speech, category_order, clean, language_of

if TYPE_CHECKING:
    from holbein.audiences.history import AudienceHistory
    from holbein.audiences.lookalikes import LookAlikes
    from holbein.audiences.overlap import Overlap
    from holbein.query.catalogue import TagSummary
    from holbein.query.history import RunSummary

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
_LABELS = 3
_WIDE = 20
"""Cells of the longest bar."""
_TRAITS = 10
_TITLES = (mark("Tag"), mark("Name"), mark("Type"), mark("Coverage"), mark("Values"))


def show_tags(tags: Sequence[TagSummary], console: Console, language: str = "en") -> None:
    """Print the catalogue: of each tag its title, name, type, coverage and commonest values."""
    speech = Speech(language_of(language), _NO_VOCABULARY)
    if not tags:
        console.print(Text(speech.t("There are no tags yet.")))
        return
    for kind in SUBJECT_KINDS:
        mine = [one for one in tags if one.on == kind]
        if not mine:
            continue
        console.print(Padding(Text(speech.subject_kind(kind), style="bold yellow"), (1, 0, 0, 0)))
        table = _table(*(speech.t(one) for one in _TITLES))
        for path in sorted({one.category for one in mine}, key=category_order):
            heading = " › ".join(speech.category(path)) or speech.t("Without category")
            table.add_row(Text(heading, style="dim italic"))
            for one in mine:
                if one.category == path:
                    table.add_row(
                        Padding(Text(speech.title(one.title, one.tag)), (0, 0, 0, 2)),
                        Text(one.tag, style="dim"),
                        Text(speech.type(one.type), style="dim"),
                        Text(speech.share(one.coverage), style="green", justify="right"),
                        Text.assemble((_values(one, speech), "dim"), *_held(one, speech)),
                    )
        console.print(table)


def show_audiences(
    rows: Iterable[tuple[AudienceSpec, int]], console: Console, language: str = "en"
) -> None:
    """Print the audiences with their sizes."""
    speech = Speech(language_of(language), _NO_VOCABULARY)
    listed = list(rows)
    if not listed:
        console.print(Text(speech.t("There are no audiences yet.")))
        return
    titles = (speech.t("Audience"), speech.t("Name"), speech.t("Of"), speech.t("Type"))
    table = _table(*titles, speech.t("Members"))
    table.columns[-1].justify = "right"
    for spec, size in listed:
        table.add_row(
            Text(speech.title(spec.titles, spec.name)),
            Text(clean(spec.name), style="dim"),
            Text(speech.subject_kind(spec.kind), style="dim"),
            Text(speech.t("list") if spec.where is None else speech.t("condition"), style="dim"),
            Text(speech.number(size), style="green"),
        )
    console.print(table)


def show_overlap(overlap: Overlap, console: Console, language: str = "en") -> None:
    """Print every intersection of some audiences: who is in which of them, and in no other."""
    speech = Speech(language_of(language), _NO_VOCABULARY)
    t = speech.t
    for number, one in enumerate(overlap.audiences, start=1):
        size = speech.number(one.size)
        console.print(
            Text.assemble(
                (f"{number:>2}  ", "dim"),
                speech.title(one.titles, one.name),
                (f"  {size}", "green"),
            )
        )
    marks = (str(number) for number in range(1, len(overlap.audiences) + 1))
    table = _table(*marks, t("Members"), t("Share"), "")
    for column in table.columns[-3:-1]:
        column.justify = "right"
    largest = max((one.count for one in overlap.cells), default=0)
    for cell in overlap.cells:
        table.add_row(
            *(
                Text("●" if inside else "·", style="green" if inside else "dim")
                for inside in cell.inside
            ),
            Text(speech.number(cell.count)),
            Text(speech.share(cell.count / overlap.together), style="dim"),
            Text("━" * max(1, round(_WIDE * cell.count / largest)), style="green"),
        )
    console.print(table)
    told = t("{count} in at least one of them").format(count=speech.number(overlap.together))
    console.print(Text(told, style="dim"))


def show_alike(alike: LookAlikes, name: str, console: Console, language: str = "en") -> None:
    """Print how many were found, and the tags that made the resemblance."""
    speech = Speech(language_of(language), _NO_VOCABULARY)
    t = speech.t
    told = t("{name}: {found} of {others} others, who are like {seed}").format(
        name=clean(name),
        found=speech.number(alike.found.num_rows),
        others=speech.number(alike.others),
        seed=speech.number(alike.seed),
    )
    console.print(Text(told))
    table = _table(t("Part"), t("Tag"), t("Value"), t("Those found"), t("The rest"))
    for column in (table.columns[0], *table.columns[3:]):
        column.justify = "right"
    for one in alike.traits[:_TRAITS]:
        table.add_row(
            Text(speech.share(one.part), style="green"),
            Text(clean(one.title), style="dim"),
            Text(clean(one.text)),
            Text(speech.share(one.share)),
            Text(speech.share(one.rest_share), style="dim"),
        )
    console.print(table)


def show_history(past: AudienceHistory, console: Console, language: str = "en") -> None:
    """Print an audience's size from run to run, and how many entered it and left."""
    speech = Speech(language_of(language), _NO_VOCABULARY)
    t = speech.t
    if not past.stands:
        console.print(Text(t("No run has had it yet.")))
        return
    table = _table(t("Run"), t("As of"), t("Members"), t("Entered"), t("Left"), "", "")
    for column in table.columns[:5]:
        column.justify = "right"
    largest = max((one.size for one in past.stands), default=0)
    for one in past.stands:
        moved = (("+", one.entered, "green"), ("−", one.left, "red"))
        table.add_row(
            Text(str(one.run)),
            Text(one.as_of.isoformat(), style="dim"),
            Text(speech.number(one.size)),
            *(
                Text(f"{sign if ids else ''}{len(ids):,}" if ids is not None else "", style=style)
                for sign, ids, style in moved
            ),
            Text("━" * round(_WIDE * one.size / largest) if largest else "", style="green"),
            Text(t("defined anew") if one.redefined else "", style="yellow"),
        )
    console.print(table)


def show_runs(runs: Sequence[RunSummary], console: Console, language: str = "en") -> None:
    """Print the runs whose versions are kept, the newest first."""
    speech = Speech(language_of(language), _NO_VOCABULARY)
    t = speech.t
    if not runs:
        console.print(Text(t("There are no runs yet.")))
        return
    kinds = [kind for kind in SUBJECT_KINDS if any(one.subjects.get(kind) for one in runs)]
    subjects = (speech.subject_kind(kind) for kind in kinds)
    table = _table(t("Run"), t("As of"), t("Made"), *subjects, t("Notes"), t("Seconds"))
    for column in (table.columns[0], *table.columns[3:]):
        column.justify = "right"
    for one in reversed(runs):
        table.add_row(
            Text(str(one.number)),
            Text(one.as_of.isoformat()),
            Text(f"{one.created:%Y-%m-%d %H:%M}", style="dim"),
            *(Text(speech.number(one.subjects.get(kind, 0))) for kind in kinds),
            Text(speech.number(len(one.marks))),
            Text(f"{one.seconds:.1f}", style="dim"),
        )
    console.print(table)


def _table(*titles: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", padding=(0, 1), show_edge=False)
    for title in titles:
        table.add_column(Text(title), overflow="fold")
    return table


def _held(tag: TagSummary, speech: Speech) -> Iterator[tuple[str, str]]:
    """That its values are not those of the run."""
    if said := brief(tag.held, bool(tag.behind), speech):
        yield f"  {said}", "red"


def _values(tag: TagSummary, speech: Speech) -> str:
    """The commonest labels with their share of the known, or the median and the middle half."""
    if tag.type == "boolean":
        share = tag.distribution.get("true", 0) / tag.subjects if tag.subjects else None
        titles = tag.labels.get("true")
        return (
            f"{speech.title(titles, '') if titles else speech.yes_no(True)} {speech.share(share)}"
        )
    spread = tag.distribution
    if tag.type in ("number", "date"):
        if not tag.subjects:
            return ""
        middle, low, high = (_shown(spread[name], speech) for name in ("p50", "p25", "p75"))
        return speech.t("median {middle}, half {low} to {high}").format(
            middle=middle, low=low, high=high
        )
    common = list(spread.items())[:_LABELS]
    told = [
        f"{clean(speech.title(tag.labels.get(name, {}), name) if name in tag.labels else name, 24)}"
        f" {speech.share(n / tag.subjects if tag.subjects else None)}"
        for name, n in common
    ]
    return " · ".join(told) + (" …" if len(spread) > _LABELS else "")


def _shown(value: object, speech: Speech) -> str:
    return value.isoformat() if isinstance(value, dt.date) else speech.number(value)
