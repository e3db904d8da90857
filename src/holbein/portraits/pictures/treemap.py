"""A treemap: each section a rectangle as large as its share of the group, its divisions inside.

Squarified, after Bruls, Huizing and van Wijk (2000). Words stand in the boxes that have room for
them; all of them stand in the list beside the drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holbein.portraits.group.areas import Area, Areas
from holbein.portraits.html import Html, el
from holbein.portraits.pictures.svg import drawing, n, rect, tip
from holbein.portraits.sheet import own, section
from holbein.portraits.speech import Speech

_LISTED = 10


@dataclass(frozen=True)
class Box:
    """A rectangle, in shares of the whole drawing."""

    x: float
    y: float
    width: float
    height: float


def squarified(sizes: Sequence[float], box: Box) -> list[Box]:
    """A box for each size (descending, all above 0), as near to squares as they go."""
    out: list[Box] = []
    left = sum(sizes)
    at = 0
    while at < len(sizes):
        short = min(box.width, box.height)
        scale = box.width * box.height / left
        row = [sizes[at] * scale]
        while at + len(row) < len(sizes):
            more = [*row, sizes[at + len(row)] * scale]
            if _worst(more, short) > _worst(row, short):
                break
            row = more
        thick = sum(row) / short
        along = 0.0
        for area in row:
            long = area / thick
            if box.width >= box.height:
                out.append(Box(box.x, box.y + along, thick, long))
            else:
                out.append(Box(box.x + along, box.y, long, thick))
            along += long
        left -= sum(sizes[at : at + len(row)])
        at += len(row)
        if box.width >= box.height:
            box = Box(box.x + thick, box.y, box.width - thick, box.height)
        else:
            box = Box(box.x, box.y + thick, box.width, box.height - thick)
    return out


def _worst(row: Sequence[float], short: float) -> float:
    """How far the least square of a row is from one."""
    total = sum(row)
    return max(
        short * short * max(row) / (total * total), total * total / (short * short * min(row))
    )


# --- the drawing ----------------------------------------------------------------------------------

_WIDE, _HIGH = 600, 400
_ROOM = 30
"""Units that a number needs on either side."""
_MORE, _FEWER = 120, 80
"""The index from which on a section is called larger than in the base, or smaller."""


def treemap(speech: Speech, found: Areas) -> Html | None:
    """The section of a page; None where nobody of the group is in any."""
    t = speech.t
    tops = [one for one in found.tops if one.group]
    if not tops:
        return None
    whole = Box(0, 0, _WIDE, _HIGH)
    boxes = squarified([float(one.group) for one in tops], whole)
    drawn = [
        _section(speech, at, one, box)
        for at, (one, box) in enumerate(zip(tops, boxes, strict=True), 1)
    ]
    listed = [_row(speech, at, one) for at, one in enumerate(tops[:_LISTED], 1)]
    more = None
    if len(tops) > _LISTED:
        count = speech.number(len(tops) - _LISTED)
        more = el("p", t("and {count} more").format(count=count), class_="note")
    label = "; ".join(f"{one.text} {speech.share(one.share)}" for one in tops[:_LISTED])
    key = el(
        "p",
        [
            el("span", el("i", class_=name), said)
            for name, said in (
                ("over", t("more than in the base")),
                ("even", t("as in the base")),
                ("under", t("fewer than in the base")),
            )
        ],
        class_="key tree-key",
    )
    return section(
        found.title,
        el(
            "div",
            el("div", drawing(_WIDE, _HIGH, drawn, label=label, name="treemap"), key),
            el("div", el("ol", listed, class_="axes"), more),
            class_="where",
        ),
    )


def _section(speech: Speech, rank: int, one: Area, box: Box) -> Html:
    inside = [part for part in one.inside if part.group]
    sizes = [float(part.group) for part in inside]
    rest = one.group - sum(part.group for part in inside)
    if rest > 0:
        sizes.append(float(rest))
    order = sorted(range(len(sizes)), key=lambda at: -sizes[at])
    placed = squarified([sizes[at] for at in order], box)
    parts = []
    for at, place in zip(order, placed, strict=True):
        part = inside[at] if at < len(inside) else one
        count = part.group if part is not one else rest
        told = tip(part.text, speech.number(count))
        parts.append(rect(place.x, place.y, place.width, place.height, told, name="part"))
    number = None
    if min(box.width, box.height) >= _ROOM:
        number = el("text", str(rank), x=n(box.x + 9), y=n(box.y + 26))
    return el(
        "g",
        parts,
        rect(box.x, box.y, box.width, box.height, name="whole"),
        number,
        class_=_against(one),
    )


def _against(one: Area) -> str:
    if one.tgi is None or _FEWER <= one.tgi <= _MORE:
        return "even"
    return "over" if one.tgi > _MORE else "under"


def _row(speech: Speech, rank: int, one: Area) -> Html:
    index = "–" if one.tgi is None else speech.number(round(one.tgi))
    return el(
        "li",
        el("span", str(rank), class_="rank"),
        el("span", own(one.text)),
        el("span", el("b", speech.share(one.share)), f" · TGI {index}", class_="soft"),
    )
