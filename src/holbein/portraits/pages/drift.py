"""The drift of an audience as one self-contained HTML page."""

from __future__ import annotations

from holbein.conditions.vocabulary import Vocabulary
from holbein.language import mark
from holbein.portraits.group.drift import Drift, TagDrift
from holbein.portraits.html import Child, Html, el
from holbein.portraits.pages.sides import Sides
from holbein.portraits.sheet import document, own, section
from holbein.portraits.speech import Speech

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
LEVELS = {"steady": mark("steady"), "moved": mark("moved"), "shifted": mark("shifted")}


def drift_page(one: Drift) -> str:
    """A whole HTML document: no script, no request, readable on a phone and on paper."""
    speech = Speech(one.language, _NO_VOCABULARY)
    sides = Sides(*side_days(one, speech), speech)
    cards: list[Child] = []
    for tag in one.tags:
        note = el("p", told(tag, one, speech), class_="note")
        if tag.distribution is not None:
            cards.append(sides.distribution(tag.distribution, note))
        elif tag.number is not None:
            cards.append(sides.number(tag.number, note))
    parts: list[Child] = [
        _table(one, speech),
        [sides.key(), el("div", cards, class_="grid")] if cards else None,
        [el("p", own(o), class_="soft") for o in (*uncompared(one, speech), *one.held)],
    ]
    main = el("main", el("div", parts, class_="column"), class_="whole")
    foot = el("p", speech.t(FOOT))
    return document(speech, one.title, _header(one, speech), main, foot)


FOOT = mark(
    "PSI: the population stability index, of the twelve most frequent labels or the tenths of then;"
    " below 0.1 steady, above 0.25 shifted (Siddiqi), and steady as well where chance alone would"
    " reach it once in twenty. Other members: those who left exchanged for those who entered. Other"
    " values: what changed in those who stayed."
)


def side_days(one: Drift, speech: Speech) -> tuple[str, str]:
    """Now and then, by their days, or by their runs where the day is the same."""
    if one.now.as_of != one.then.as_of:
        return one.now.as_of.isoformat(), one.then.as_of.isoformat()
    say = speech.t("run {run}")
    return say.format(run=one.now.run), say.format(run=one.then.run)


def told(tag: TagDrift, one: Drift, speech: Speech) -> str:
    """What happened to a tag, in a line."""
    return speech.t(
        "PSI {psi} ({level}): other members {members}, other values {values}; {changed} of"
        " {stayed} who stayed have another value"
    ).format(
        psi=f"{tag.psi:.2f}",
        level=speech.t(LEVELS[tag.level]),
        members=f"{tag.members:.2f}",
        values=f"{tag.values:.2f}",
        changed=speech.number(tag.changed),
        stayed=speech.number(one.stayed),
    )


def uncompared(one: Drift, speech: Speech) -> list[str]:
    """What could not be compared, in a line or none."""
    if not one.uncompared:
        return []
    names = ("、" if speech.language == "zh" else ", ").join(one.uncompared)
    return [
        speech.t("Not compared, for only one of the two runs has it: {names}").format(names=names)
    ]


def _table(one: Drift, speech: Speech) -> Html:
    t = speech.t
    if not one.tags:
        return section(t("What changed"), el("p", t("There is no tag to compare."), class_="empty"))
    titles = (t("Other members"), t("Other values"), t("Changed"))
    head = el(
        "tr",
        el("th", t("Tag"), scope="col"),
        el("th", "PSI", scope="col", class_="figure"),
        el("th", "", scope="col"),
        [el("th", o, scope="col", class_="figure") for o in titles],
    )
    rows = [
        el(
            "tr",
            el("td", own(tag.title), data_label=t("Tag")),
            el("td", f"{tag.psi:.2f}", class_="figure", data_label="PSI"),
            el("td", t(LEVELS[tag.level]), class_="soft" if tag.level == "steady" else None),
            [
                el("td", text, class_="figure", data_label=title)
                for text, title in zip(
                    (f"{tag.members:.2f}", f"{tag.values:.2f}", speech.number(tag.changed)),
                    titles,
                    strict=True,
                )
            ],
        )
        for tag in one.tags
    ]
    return section(
        t("What changed"), el("table", el("thead", head), el("tbody", rows), class_="stack")
    )


def _header(one: Drift, speech: Speech) -> Html:
    t = speech.t
    now, then = side_days(one, speech)
    figures = [
        (one.now.size, now),
        (one.then.size, then),
        (one.entered, t("Entered")),
        (one.left, t("Left")),
        (one.stayed, t("stayed")),
    ]
    versions = t("Version {version}").format(version=f"{one.then.run} → {one.now.run}")
    return el(
        "header",
        el("div", "Δ", class_="frame", aria_hidden="true"),
        el(
            "div",
            el("p", f"{t('Drift')} · {speech.subject_kind(one.kind)}", class_="over"),
            el("h1", own(one.title)),
            el("p", one.sentence, class_="lead"),
            el(
                "div",
                [el("div", el("b", speech.number(n)), el("span", of)) for n, of in figures],
                class_="size",
            ),
            el("p", el("span", one.condition), el("span", versions), class_="marks"),
        ),
        class_="top",
    )
