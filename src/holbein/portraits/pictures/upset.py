"""An UpSet of audiences: a row for each intersection, with a dot for each audience that it is in.

After Lex, Gehlenborg, Strobelt, Vuillemot and Pfister (2014), turned by a quarter, so that the rows
go on below one another on a phone and on paper, and each can say in words what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from holbein.portraits.html import Child, Html, el
from holbein.portraits.pictures.svg import n
from holbein.portraits.sheet import own, percent, section
from holbein.portraits.speech import Speech

if TYPE_CHECKING:
    from holbein.audiences.overlap import Cell, Overlap

_SHOWN = 40
_STEP = 20


def upset(speech: Speech, found: Overlap) -> list[Html]:
    """The sections of a page: the audiences by size, and their intersections."""
    t = speech.t
    titles = [speech.title(one.titles, one.name) for one in found.audiences]
    most = max((one.size for one in found.audiences), default=0)
    sizes = [
        el(
            "li",
            el(
                "div",
                el("span", el("b", f"{at} ", class_="rank"), own(title)),
                el("span", el("b", speech.number(one.size))),
                class_="row",
            ),
            _bar(one.size, most),
        )
        for at, (one, title) in enumerate(zip(found.audiences, titles, strict=True), 1)
    ]
    out = [section(t("Audiences"), el("ul", sizes, class_="bars"))]
    if not found.cells:
        nobody = el("p", t("Nobody is in any of them."), class_="empty")
        return [*out, section(t("What they have in common"), nobody)]
    shown = found.cells[:_SHOWN]
    most = max(one.count for one in shown)
    rows = [_row(speech, one, titles, most, found.together) for one in shown]
    more: Child = None
    if len(found.cells) > _SHOWN:
        count = speech.number(len(found.cells) - _SHOWN)
        more = el("p", t("and {count} smaller ones").format(count=count), class_="note")
    numbers = el("div", _numbers(len(titles)), class_="heads", aria_hidden="true")
    small = t("each in just these and no other")
    listed = el("ul", rows, class_="upset")
    return [*out, section(t("What they have in common"), numbers, listed, more, small=small)]


def _row(speech: Speech, one: Cell, titles: Sequence[str], most: int, together: int) -> Html:
    inside = [title for title, there in zip(titles, one.inside, strict=True) if there]
    words: list[Child] = []
    for title in inside:
        words += [" + " if words else "", own(title)]
    if len(inside) == 1:
        words.append(speech.t(" alone"))
    share = speech.share(one.count / together)
    return el(
        "li",
        _dots(one.inside),
        el(
            "div",
            el(
                "div",
                el("span", words),
                el("span", el("b", speech.number(one.count)), f" · {share}"),
                class_="row",
            ),
            _bar(one.count, most),
        ),
    )


def _bar(count: int, most: int) -> Html:
    width = percent(count / most if most else 0)
    name = "bar" if count else "bar none"
    return el("div", style=f"width:{width}", class_=name, aria_hidden="true")


def _numbers(count: int) -> Html:
    return el(
        "svg",
        [
            el("text", str(at + 1), x=n(_STEP * (at + 0.5)), y="14", text_anchor="middle")
            for at in range(count)
        ],
        viewBox=f"0 0 {n(_STEP * count)} {_STEP}",
        class_=f"dots of{count}",
    )


def _dots(inside: Sequence[bool]) -> Html:
    """The words beside it say the same."""
    places = [_STEP * (at + 0.5) for at in range(len(inside))]
    full = [x for x, there in zip(places, inside, strict=True) if there]
    middle = n(_STEP / 2)
    return el(
        "svg",
        el("line", x1=n(full[0]), x2=n(full[-1]), y1=middle, y2=middle),
        [
            el("circle", cx=n(x), cy=middle, r="5.5", class_="in" if there else "out")
            for x, there in zip(places, inside, strict=True)
        ],
        viewBox=f"0 0 {n(_STEP * len(inside))} {_STEP}",
        class_=f"dots of{len(inside)}",
        aria_hidden="true",
    )
