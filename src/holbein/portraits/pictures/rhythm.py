"""The timeline as a drawing: a lane for each stream, a bar for each month."""

from __future__ import annotations

import datetime as dt

from holbein.portraits.html import Html, el
from holbein.portraits.one.rhythm import Lane, Rhythm
from holbein.portraits.pictures.svg import drawing, rect, tip
from holbein.portraits.sheet import own
from holbein.portraits.speech import Speech

_WIDE, _HIGH = 960, 48


def rhythm_lanes(speech: Speech, found: Rhythm) -> Html:
    """Every stream of the last months, each on its own scale: one order is not one login."""
    t = speech.t
    first, last = _month(speech, found.months[0]), _month(speech, found.months[-1])
    older = None
    if found.earlier:
        count = t("1 fact") if found.earlier == 1 else t("{count} facts")
        told = count.format(count=speech.number(found.earlier))
        older = el("p", t("{facts} before {month}").format(facts=told, month=first), class_="note")
    return el(
        "div",
        [_lane(speech, found, one) for one in found.lanes],
        el("p", el("span", first), el("span", last), class_="axis"),
        older,
        class_="rhythm",
    )


def _lane(speech: Speech, found: Rhythm, lane: Lane) -> Html:
    t = speech.t
    most = max(lane.months)
    step = _WIDE / len(lane.months)
    bars = []
    for at, (month, count) in enumerate(zip(found.months, lane.months, strict=True)):
        if month.month == 1 and at:
            bars.append(rect(at * step - 1, 0, 2, _HIGH, name="year"))
        if count:
            high = max(_HIGH * count / most, 3)
            told = tip(_month(speech, month), speech.number(count))
            bars.append(
                rect(at * step + step * 0.12, _HIGH - high, step * 0.76, high, told, name="month")
            )
    busiest = _month(speech, found.months[lane.months.index(most)])
    facts = t("1 fact") if lane.total == 1 else t("{count} facts")
    said = facts.format(count=speech.number(lane.total))
    peak = t("most in {month}: {count}").format(month=busiest, count=speech.number(most))
    return el(
        "div",
        el(
            "p",
            el("b", own(lane.title)),
            el("span", f"{said} · {peak}", class_="soft"),
            class_="row",
        ),
        drawing(_WIDE, _HIGH, bars, label=f"{lane.title}: {said}; {peak}", name="months",
                stretched=True),
    )  # fmt: skip


def _month(speech: Speech, month: dt.date) -> str:
    """March 2026, 2026年3月."""
    if speech.language == "zh":
        return f"{month.year}年{month.month}月"
    return speech.day(month).split(" ", 1)[1]
