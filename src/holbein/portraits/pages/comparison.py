"""The comparison of two groups as one self-contained HTML page."""

from __future__ import annotations

from holbein.conditions.vocabulary import Vocabulary
from holbein.portraits.group.comparison import Comparison
from holbein.portraits.group.opening_comparison import side_titles
from holbein.portraits.html import Child, Html, el
from holbein.portraits.pages.sides import Sides
from holbein.portraits.sheet import document, own
from holbein.portraits.speech import Speech

_NO_VOCABULARY = Vocabulary(fields={}, streams={})


def comparison_page(one: Comparison) -> str:
    """A whole HTML document: no script, no request, readable on a phone and on paper."""
    speech = Speech(one.language, _NO_VOCABULARY)
    titles = side_titles(one.first, one.second, speech)
    sides = Sides(*titles, speech)
    cards = [sides.distribution(o) for o in one.distributions]
    cards += [sides.number(o) for o in one.numbers]
    t = speech.t
    parts: list[Child] = [
        sides.telling(
            one.telling, t("What tells them apart"), t("No tag tells the two clearly apart.")
        ),
        [sides.key(), el("div", cards, class_="grid")] if cards else None,
        [el("p", own(o), class_="soft") for o in one.held],
    ]
    main = el("main", el("div", parts, class_="column"), class_="whole")
    title = " : ".join(titles)
    return document(speech, title, _header(one, titles, speech), main, _foot(one, speech))


def _header(one: Comparison, titles: tuple[str, str], speech: Speech) -> Html:
    t = speech.t
    figures = [
        (one.first.only, t("only in “{title}”").format(title=titles[0])),
        (one.second.only, t("only in “{title}”").format(title=titles[1])),
        (one.both, t("in both, left out")),
    ]
    conditions = [
        el("span", own(title), ": ", one_.condition)
        for title, one_ in zip(titles, (one.first, one.second), strict=True)
    ]
    return el(
        "header",
        el("div", "A∣B", class_="frame share", aria_hidden="true"),
        el(
            "div",
            el("p", f"{t('Comparison')} · {speech.subject_kind(one.kind)}", class_="over"),
            el("h1", own(titles[0]), " : ", own(titles[1])),
            el("p", one.sentence, class_="lead"),
            el(
                "div",
                [el("div", el("b", speech.number(n)), el("span", own(of))) for n, of in figures],
                class_="size",
            ),
            el(
                "p",
                conditions,
                el("span", t("As of {day}").format(day=speech.day(one.as_of))),
                el("span", t("Version {version}").format(version=one.version)),
                class_="marks",
            ),
        ),
        class_="top",
    )


def _foot(one: Comparison, speech: Speech) -> Html:
    text = speech.t(
        "Shares and quantiles are of those who are in one of the two only. Ranked by z: the"
        " two-proportion test, and for numbers and dates that of Mann and Whitney. {count}"
        " differences were tested; of the ones told, 5% at most are expected to be chance"
        " (Benjamini and Hochberg)."
    )
    return el("p", text.format(count=f"{one.tested:,}"))
