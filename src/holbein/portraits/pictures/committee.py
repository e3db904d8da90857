"""The committee map: a lane for each part in a purchase, and in it the people who have it."""

from __future__ import annotations

import math

from holbein.portraits.html import Child, Html, el
from holbein.portraits.one.committee import DAYS, Committee, Lane, Seat, gaps
from holbein.portraits.pictures.svg import rect
from holbein.portraits.sheet import own, section
from holbein.portraits.speech import Speech

_BARS = 4


def committee_map(speech: Speech, found: Committee) -> Html:
    """The section of a page."""
    t = speech.t
    busiest = max((seat.facts for lane in found.lanes for seat in lane.seats), default=0)
    lanes = [_lane(speech, one, busiest) for one in found.lanes]
    gap: Child = None
    if said := gaps(speech, found):
        gap = el("p", own(said), class_="gap")
    more = found.seats - found.shown
    left = el("p", t("and {count} more").format(count=f"{more:,}"), class_="soft") if more else None
    small = t("bars: facts in the last {days} days").format(days=DAYS)
    return section(
        t("Buying committee"), gap, el("ul", lanes, class_="committee"), left, small=small
    )


def _lane(speech: Speech, lane: Lane, busiest: int) -> Html:
    inside: Child
    if lane.seats:
        inside = el("ul", [_seat(speech, one, busiest) for one in lane.seats], class_="seats")
    else:
        inside = el("p", speech.t("Nobody known"), class_="nobody")
    name = "missing" if not lane.seats else None if lane.part else "loose"
    return el("li", el("h3", own(lane.title)), inside, class_=name)


def _seat(speech: Speech, seat: Seat, busiest: int) -> Html:
    t = speech.t
    if seat.last is None:
        said = t("never seen")
    elif seat.facts == 0:
        said = t("last seen {day}").format(day=speech.day(seat.last))
    else:
        count = t("1 fact") if seat.facts == 1 else t("{count} facts")
        said = count.format(count=speech.number(seat.facts))
    return el(
        "li",
        _bars(seat.facts, busiest),
        el(
            "div",
            el("b", own(seat.name)),
            el("span", own(seat.title), class_="soft") if seat.title else None,
            el("span", said, class_="pulse"),
        ),
        class_="quiet" if seat.facts == 0 else None,
    )


def _bars(facts: int, busiest: int) -> Html:
    """As many of four bars as the share of the busiest one's facts; the number stands beside it."""
    full = math.ceil(_BARS * facts / busiest) if busiest else 0
    return el(
        "svg",
        [
            rect(5 * at, 12 - 3 * at, 3.6, 4 + 3 * at, name="full" if at < full else "hollow")
            for at in range(_BARS)
        ],
        viewBox="0 0 20 16",
        class_="strength",
        aria_hidden="true",
    )
