"""Two sides next to each other on a page: the parts that comparisons and drift share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from holbein.portraits.group.contrast import Cell, Distribution, NumberSummary, Telling
from holbein.portraits.group.histograms import histogram
from holbein.portraits.html import Child, Html, el
from holbein.portraits.sheet import own, percent, section
from holbein.portraits.speech import Speech, score

QUANTILES = ("p90", "p75", "p50", "p25", "p10")


class Sides:
    """The two sides of a page, by their titles."""

    def __init__(self, first: str, second: str, speech: Speech) -> None:
        self.first, self.second, self.speech = first, second, speech

    def key(self) -> Html:
        """Which colour is which side."""
        return el(
            "p",
            el("span", el("i"), own(self.first)),
            el("span", el("i", class_="base"), own(self.second)),
            class_="key",
        )

    def telling(self, told: Sequence[Telling], title: str, nothing: str) -> Html:
        """What tells them apart, the clearest first."""
        if not told:
            return section(title, el("p", nothing, class_="empty"))
        items = [self._trait(rank, one) for rank, one in enumerate(told, 1)]
        return section(title, self.key(), el("ol", items, class_="telling"))

    def _trait(self, rank: int, one: Telling) -> Html:
        what, first, second = told_of(one, self.speech)
        drawn: Child = el("br")
        if one.cell is not None:
            drawn = self.bars(one.cell)
        elif one.number is not None:
            drawn = histogram(one.number.bands) or drawn
        return el(
            "li",
            el("span", str(rank), class_="rank"),
            el(
                "div",
                el("span", own(one.title), class_="soft"),
                el("br"),
                el("b", own(what)),
                drawn,
                el("span", f"{first} : {second}", class_="soft"),
            ),
            el(
                "div",
                el("span", score(one.z), class_="up" if one.z > 0 else "down"),
                el("small", "z"),
                class_="index",
            ),
        )

    def distribution(self, one: Distribution, note: Child = None) -> Html:
        """A tag's values, with the share of both sides."""
        items = [self._cell(cell) for cell in one.cells]
        more = None
        if one.more:
            text = self.speech.t("and {count} more values").format(count=f"{one.more:,}")
            more = el("p", text, class_="note")
        small = " › ".join(one.category) or None
        return section(one.title, note, el("ul", items, class_="bars"), more, small=small)

    def _cell(self, cell: Cell) -> Html:
        share = self.speech.share
        figures = el(
            "span",
            el("b", share(cell.share)),
            f" ({cell.group:,}) : {share(cell.base_share)} ({cell.base:,})",
        )
        label = own(cell.text) if cell.value is not None else el("span", cell.text, class_="soft")
        return el("li", el("div", label, figures, class_="row"), self.bars(cell))

    def bars(self, cell: Cell) -> Html:
        """Both shares as bars."""
        own_, other = cell.share, cell.base_share
        return el(
            "div",
            el("div", style=f"width:{percent(own_)}", class_="bar" if own_ else "bar none"),
            el("div", style=f"width:{percent(other)}", class_="bar base"),
            aria_hidden="true",
        )

    def number(self, one: NumberSummary, note: Child = None) -> Html:
        """The quantiles of both sides."""
        t = self.speech.t
        titles = [el("th", own(o), scope="col", class_="figure") for o in (self.first, self.second)]
        rows = [
            el(
                "tr",
                el("th", t("Median") if name == "p50" else f"{name[1:]}%", scope="row"),
                [
                    el("td", shown(getattr(of, name), self.speech), class_="figure")
                    for of in (one.group, one.base)
                ],
                class_="middle" if name == "p50" else None,
            )
            for name in QUANTILES
        ]
        head = el("tr", el("th", t("Quantile"), scope="col"), titles)
        counts = t("{first} and {second} of them have a value").format(
            first=self.speech.number(one.group.n), second=self.speech.number(one.base.n)
        )
        table = el("table", el("thead", head), el("tbody", rows), class_="quantiles")
        small = " › ".join(one.category) or None
        return section(
            one.title,
            note,
            histogram(one.bands),
            table,
            el("p", counts, class_="note"),
            small=small,
        )


def told_of(one: Telling, speech: Speech) -> tuple[str, str, str]:
    """What tells the sides apart, and the figure of each."""
    if one.cell is not None:
        cell = one.cell
        return cell.text, speech.share(cell.share), speech.share(cell.base_share)
    assert one.number is not None
    middle, usual = (speech.quantity(of.p50) for of in (one.number.group, one.number.base))
    return speech.t("Median"), middle, usual


def shown(value: float | dt.date | None, speech: Speech) -> str:
    """A number or a date, as figures are written."""
    if value is None:
        return "–"
    return value.isoformat() if isinstance(value, dt.date) else speech.number(value)
