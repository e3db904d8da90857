"""A radar of a subject's numbers against its peers, or all of its kind; a list says the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from holbein.portraits.html import Html, el
from holbein.portraits.one.standing import Standing
from holbein.portraits.pictures.svg import drawing, n
from holbein.portraits.sheet import own, section
from holbein.portraits.speech import Speech

_RADIUS, _MIDDLE = 100, 124
_FEWEST = 3
"""Two axes make no shape."""


def radar(speech: Speech, title: str, whom: str, found: Sequence[Standing]) -> Html | None:
    """The section of a page, against ``whom``; None where there are too few numbers for a shape."""
    if len(found) < _FEWEST:
        return None
    t = speech.t
    listed = [
        el(
            "li",
            el("span", str(at), class_="rank"),
            el("span", own(one.title), " ", el("b", own(one.text))),
            el("span", _told(speech, one), class_="soft"),
        )
        for at, one in enumerate(found, 1)
    ]
    label = "; ".join(f"{one.title}: {_told(speech, one)}" for one in found)
    shape = drawing(2 * _MIDDLE, 2 * _MIDDLE, _web(found), label=label, name="radar")
    note = el(
        "p",
        t("The dashed ring is the median of all who have a value; the rim is the highest."),
        class_="note",
    )
    return section(
        title,
        el("div", shape, el("ol", listed, class_="axes"), class_="spokes"),
        note,
        small=whom,
    )


def _told(speech: Speech, one: Standing) -> str:
    """In tenths, as exact as it is known."""
    if one.below < 0.1:
        return speech.t("lowest tenth")
    if one.below > 0.9:
        return speech.t("highest tenth")
    return speech.t("percentile {number}").format(number=round(100 * one.below))


def _web(found: Sequence[Standing]) -> list[Html]:
    around = range(len(found))
    rings = [
        el("polygon", points=_points([share] * len(found)), class_="ring half" if share == 0.5
           else "ring")
        for share in (0.25, 0.5, 0.75, 1.0)
    ]  # fmt: skip
    spokes = [
        el("line", x1=n(_MIDDLE), y1=n(_MIDDLE), x2=n(x), y2=n(y), class_="ring")
        for x, y in (_place(at, len(found), 1.0) for at in around)
    ]
    dots = [
        el("circle", cx=n(x), cy=n(y), r="3.5", class_="dot")
        for x, y in (_place(at, len(found), one.below) for at, one in enumerate(found))
    ]
    numbers = []
    for at in around:
        x, y = _place(at, len(found), 1.13)
        numbers.append(el("text", str(at + 1), x=n(x), y=n(y + 4), text_anchor="middle"))
    shape = el("polygon", points=_points([one.below for one in found]), class_="shape")
    return [*rings, *spokes, shape, *dots, *numbers]


def _points(shares: Iterable[float]) -> str:
    listed = list(shares)
    places = (_place(at, len(listed), one) for at, one in enumerate(listed))
    return " ".join(f"{n(x)},{n(y)}" for x, y in places)


def _place(at: int, of: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * at / of
    return _MIDDLE + _RADIUS * share * math.sin(angle), _MIDDLE - _RADIUS * share * math.cos(angle)
