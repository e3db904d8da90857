"""Histograms of numbers and dates, two sides in the same bands: as a drawing, and as blocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from holbein.portraits.html import Html, el
from holbein.query.numbers import Numbers, Tally, edges_of

_WIDE, _HIGH = 1000, 100
_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Band:
    """How many values lie from ``low`` on and below ``high``; None is without end."""

    low: float | dt.date | None
    high: float | dt.date | None
    group: int
    base: int


def bands(of: Numbers, others: Tally) -> tuple[Band, ...]:
    """The bands of the base, with how many of the group and of ``others`` are in each."""
    cut = of.bins()
    edges = edges_of([one.high for one in cut[:-1]])
    counts = of.group.between(edges), others.between(edges)
    return tuple(
        Band(one.low, one.high, group, base) for one, group, base in zip(cut, *counts, strict=False)
    )


def histogram(cut: Sequence[Band]) -> Html | None:
    """The share of each side in each band; nothing of a single band."""
    if len(cut) < 2:
        return None
    width = _WIDE / len(cut)
    sides = [
        (_shares([one.group for one in cut]), "group"),
        (_shares([o.base for o in cut]), "base"),
    ]
    most = max(max(shares) for shares, _ in sides) or 1.0
    bars = [
        el(
            "g",
            [
                el(
                    "rect",
                    x=f"{(place + 0.1 + 0.4 * side) * width:.1f}",
                    y=f"{_HIGH * (1 - share / most):.1f}",
                    width=f"{0.4 * width:.1f}",
                    height=f"{_HIGH * share / most:.1f}",
                    stroke="none",
                )
                for place, share in enumerate(shares)
            ],
            class_=name,
        )
        for side, (shares, name) in enumerate(sides)
    ]
    return el(
        "svg",
        bars,
        viewBox=f"0 0 {_WIDE} {_HIGH}",
        preserveAspectRatio="none",
        class_="box",
        aria_hidden="true",
    )


def blocks(counts: Sequence[int]) -> str:
    """A histogram in one line of text."""
    most = max(counts, default=0)
    if len(counts) < 2 or not most:
        return ""
    return "".join(_BLOCKS[-(-one * (len(_BLOCKS) - 1) // most)] for one in counts)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts)
    return [one / total if total else 0.0 for one in counts]
