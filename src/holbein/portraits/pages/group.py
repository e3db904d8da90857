"""The portrait of a group as one self-contained HTML page."""

from __future__ import annotations

import datetime as dt

from holbein.conditions.vocabulary import Vocabulary
from holbein.portraits.group.contrast import (
    Cell,
    Distribution,
    NumberSummary,
    Spread,
    Telling,
)
from holbein.portraits.group.histograms import histogram
from holbein.portraits.group.portrait import GroupPortrait
from holbein.portraits.html import Child, Html, el
from holbein.portraits.pages.crosses import crosses_sections
from holbein.portraits.pictures.areas import area_pictures
from holbein.portraits.sheet import document, own, percent, section
from holbein.portraits.speech import Speech, score

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
_WIDE = 1000
"""Units of a drawing's width; the page stretches it."""


def group_page(portrait: GroupPortrait) -> str:
    """A whole HTML document: no script, no request, readable on a phone and on paper."""
    page = _Page(portrait)
    title = portrait.title or page.t("Group portrait")
    return document(page.speech, title, page.header(), page.main(), page.foot())


class _Page:
    def __init__(self, portrait: GroupPortrait) -> None:
        self.p = portrait
        self.speech = Speech(portrait.language, _NO_VOCABULARY)
        self.t = self.speech.t

    def header(self) -> Html:
        t, p, speech = self.t, self.p, self.speech
        base = p.base_condition or t("everyone")
        over = f"{t('Group portrait')} · {speech.subject_kind(p.kind)}"
        return el(
            "header",
            el("div", speech.share(p.share), class_="frame share", aria_hidden="true"),
            el(
                "div",
                el("p", over, class_="over"),
                el("h1", own(p.title or t("Who they are"))),
                el("p", p.sentence, class_="lead"),
                el(
                    "div",
                    _number(speech.number(p.size), t("in the group")),
                    _number(speech.number(p.base_size), t("in the base")),
                    _number(speech.share(p.share), t("share of the base")),
                    class_="size",
                ),
                _meter(p.share),
                el(
                    "p",
                    el("span", t("Group: {words}").format(words=p.condition)),
                    el("span", t("Base: {words}").format(words=base)),
                    el("span", t("As of {day}").format(day=speech.day(p.as_of))),
                    el("span", t("Version {version}").format(version=p.version)),
                    class_="marks",
                ),
            ),
            class_="top",
        )

    def main(self) -> Html:
        p = self.p
        parts: list[Child] = [self.telling(), *crosses_sections(p, self.speech)]
        parts += [area_pictures(self.speech, one) for one in p.areas]
        cards = [self.distribution(one) for one in p.distributions]
        cards += [self.number(one) for one in p.numbers]
        if cards:
            parts.append(self.key())
            parts.append(el("div", cards, class_="grid"))
        parts += [el("p", own(one), class_="soft") for one in p.held]
        return el("main", el("div", parts, class_="column"), class_="whole")

    def foot(self) -> Child:
        return el(
            "p",
            self.t(
                "TGI: the share in the group over the share in the base, times 100. Above the rest:"
                " of so many pairs the group's value is the larger. Ranked by z: the two-proportion"
                " test of the group against the rest of the base, and for numbers and dates that of"
                " Mann and Whitney. {count} differences were tested; of the ones shown, 5% at most"
                " are expected to be chance (Benjamini and Hochberg)."
            ).format(count=f"{self.p.tested:,}"),
        )

    def key(self) -> Html:
        return el(
            "p",
            el("span", el("i"), self.t("Group")),
            el("span", el("i", class_="base"), self.t("Base")),
            class_="key",
        )

    def telling(self) -> Html:
        t = self.t
        if not self.p.telling:
            text = t("Nothing sets this group clearly apart from the rest of the base.")
            if not self.p.size:
                text = t("Nobody is in the group.")
            return section(t("What sets them apart"), el("p", text, class_="empty"))
        items = [self.trait(rank, one) for rank, one in enumerate(self.p.telling, 1)]
        return section(t("What sets them apart"), self.key(), el("ol", items, class_="telling"))

    def trait(self, rank: int, one: Telling) -> Html:
        t, speech = self.t, self.speech
        what: Child
        drawn: Child
        if one.cell is not None:
            what, drawn = own(one.cell.text), _bars(one.cell)
            against = t("{share} of the group, {base_share} of the base").format(
                share=speech.share(one.cell.share), base_share=speech.share(one.cell.base_share)
            )
            index, of = speech.number(round(one.cell.tgi or 0)), "TGI"
        else:
            assert one.number is not None
            middle, usual = (speech.quantity(of.p50) for of in (one.number.group, one.number.base))
            what, drawn = t("Median {value}").format(value=middle), _boxes(one.number)
            against = t("{value} in the base").format(value=usual)
            index, of = speech.share(one.number.above), t("above the rest")
        return el(
            "li",
            el("span", str(rank), class_="rank"),
            el(
                "div",
                el("div", own(one.title), class_="soft"),
                el("b", what),
                drawn,
                el("span", against, class_="soft"),
            ),
            el(
                "div",
                el("span", index, class_="up" if one.z > 0 else "down"),
                el("small", f"{of} · z\u00a0{score(one.z)}"),
                class_="index",
            ),
        )

    def distribution(self, one: Distribution) -> Html:
        items = [self.cell(cell) for cell in one.cells]
        more = None
        if one.more:
            text = self.t("and {count} more values").format(count=f"{one.more:,}")
            more = el("p", text, class_="note")
        small = " › ".join(one.category) or None
        return section(one.title, el("ul", items, class_="bars"), more, small=small)

    def cell(self, cell: Cell) -> Html:
        index: Child = None
        if cell.tgi is not None and cell.value is not None:
            index = [" · TGI ", el("b", self.speech.number(round(cell.tgi)))]
        figures = el("span", el("b", self.speech.share(cell.share)), f" ({cell.group:,})", index)
        label = own(cell.text) if cell.value is not None else el("span", cell.text, class_="soft")
        return el("li", el("div", label, figures, class_="row"), _bars(cell))

    # --- numbers and dates ------------------------------------------------------------------------

    def number(self, one: NumberSummary) -> Html:
        t = self.t
        rows = [
            el(
                "tr",
                el("th", title, scope="row"),
                el("td", self._shown(getattr(one.group, name)), class_="figure"),
                el("td", self._shown(getattr(one.base, name)), class_="figure"),
                class_="middle" if name == "p50" else None,
            )
            for name, title in (
                ("p90", "90%"), ("p75", "75%"), ("p50", t("Median")),
                ("p25", "25%"), ("p10", "10%"),
            )
        ]  # fmt: skip
        titles = [el("th", name, scope="col", class_="figure") for name in (t("Group"), t("Base"))]
        head = el("tr", el("th", t("Quantile"), scope="col"), titles)
        counts = t("{group} of the group and {base} of the base have a value").format(
            group=self.speech.number(one.group.n), base=self.speech.number(one.base.n)
        )
        small = " › ".join(one.category) or None
        table = el("table", el("thead", head), el("tbody", rows), class_="quantiles")
        note = el("p", counts, class_="note")
        return section(one.title, _boxes(one), histogram(one.bands), table, note, small=small)

    def _shown(self, value: float | dt.date | None) -> str:
        if value is None:
            return "–"
        return value.isoformat() if isinstance(value, dt.date) else self.speech.number(value)


def _meter(share: float | None) -> Html:
    return el("div", el("i", style=f"width:{percent(share)}"), class_="meter", aria_hidden="true")


def _number(figure: str, title: str) -> Html:
    return el("div", el("b", figure), el("span", title))


def _bars(cell: Cell) -> Html:
    return el(
        "div",
        el("div", style=f"width:{percent(cell.share)}", class_="bar" if cell.share else "bar none"),
        el("div", style=f"width:{percent(cell.base_share)}", class_="bar base"),
        aria_hidden="true",
    )


def _place(value: float | dt.date) -> float:
    return float(value.toordinal()) if isinstance(value, dt.date) else value


def _boxes(one: NumberSummary) -> Html | None:
    """From the 10% to the 90% quantile as a line, the middle half as a box, the median as a gap."""
    ends = [v for s in (one.group, one.base) for v in (s.p10, s.p90) if v is not None]
    if not ends:
        return None
    low, high = min(map(_place, ends)), max(map(_place, ends))
    width = (high - low) or 1.0

    def x(value: float | dt.date | None) -> float:
        return (_place(value) - low) / width * _WIDE if value is not None else 0.0

    def box(spread: Spread, top: int, name: str) -> Html | None:
        if not spread.n:
            return None
        left, right, middle = x(spread.p25), x(spread.p75), x(spread.p50)
        ends = (x(spread.p10), x(spread.p90))
        return el(
            "g",
            _rect(ends[0], top + 9, max(ends[1] - ends[0], 2), 2),
            _rect(left, top, max(right - left, 6), 20),
            el("rect", x=f"{middle - 2:.1f}", y=f"{top}", width="4", height="20", class_="median"),
            class_=name,
        )

    return el(
        "svg",
        box(one.group, 0, "group"),
        box(one.base, 30, "base"),
        viewBox=f"0 0 {_WIDE} 50",
        preserveAspectRatio="none",
        class_="box",
        aria_hidden="true",
    )


def _rect(x: float, y: float, width: float, height: float) -> Html:
    placed = {"x": x, "y": y, "width": width, "height": height}
    return el("rect", stroke="none", **{name: f"{one:.1f}" for name, one in placed.items()})
