"""A group seen through its roles, as one self-contained HTML page."""

from __future__ import annotations

from holbein.conditions.vocabulary import Vocabulary
from holbein.language import mark
from holbein.portraits.group.through import Through, ThroughCell, ThroughTag, Told
from holbein.portraits.html import Child, Html, el
from holbein.portraits.sheet import document, own, percent, section
from holbein.portraits.speech import Speech, score

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
FOOT = mark(
    "Counted are current roles: shares are of all current roles of the group, and of the base;"
    " beside each stand the people and the enterprises. Ranked by z, which takes the roles at one"
    " enterprise as a cluster (Liang and Zeger). {count} differences were tested; of the ones told,"
    " 5% at most are expected to be chance (Benjamini and Hochberg)."
)


def through_page(one: Through) -> str:
    """A whole HTML document: no script, no request, readable on a phone and on paper."""
    speech = Speech(one.language, _NO_VOCABULARY)
    t = speech.t
    head = t("What sets them apart")
    told: Child = el("p", t("Nothing sets this group clearly apart from the rest of the base."))
    if one.telling:
        items = [_told(rank, each, speech) for rank, each in enumerate(one.telling, 1)]
        told = el("ol", items, class_="telling")
    cards = [_tag(each, speech) for each in one.tags]
    parts: list[Child] = [section(head, told), el("div", cards, class_="grid") if cards else None]
    main = el("main", el("div", parts, class_="column"), class_="whole")
    foot = el("p", t(FOOT).format(count=f"{one.tested:,}"))
    return document(speech, title_of(one, speech), _header(one, speech), main, foot)


def title_of(one: Through, speech: Speech) -> str:
    """What the group is called."""
    return one.title or speech.t("Group portrait")


def whom(cell: ThroughCell, speech: Speech) -> str:
    """How many roles, people and enterprises of the group these are."""
    return speech.t("roles {roles}, people {people}, enterprises {enterprises}").format(
        roles=f"{cell.group.roles:,}",
        people=f"{cell.group.people:,}",
        enterprises=f"{cell.group.enterprises:,}",
    )


def _told(rank: int, one: Told, speech: Speech) -> Html:
    cell = one.cell
    shares = f"{speech.share(cell.share)} : {speech.share(cell.base_share)}"
    index = "–" if cell.tgi is None else speech.number(round(cell.tgi))
    return el(
        "li",
        el("span", str(rank), class_="rank"),
        el(
            "div",
            el("span", own(one.title), class_="soft"),
            el("br"),
            el("b", own(cell.value)),
            _bars(cell),
            el("span", f"{shares} · {whom(cell, speech)}", class_="soft"),
        ),
        el(
            "div",
            el("span", index, class_="up" if (cell.z or 0) > 0 else "down"),
            el("small", f"TGI · z\u00a0{score(cell.z or 0)}"),
            class_="index",
        ),
    )


def _tag(one: ThroughTag, speech: Speech) -> Html:
    items = [
        el(
            "li",
            el(
                "div",
                own(cell.value),
                el(
                    "span",
                    el("b", speech.share(cell.share)),
                    f" : {speech.share(cell.base_share)}",
                ),
                class_="row",
            ),
            _bars(cell),
            el("span", whom(cell, speech), class_="mono"),
        )
        for cell in one.cells
    ]
    more = None
    if one.more:
        text = speech.t("and {count} more values").format(count=f"{one.more:,}")
        more = el("p", text, class_="note")
    small = " › ".join(one.category) or None
    return section(one.title, el("ul", items, class_="bars"), more, small=small)


def _bars(cell: ThroughCell) -> Html:
    return el(
        "div",
        el("div", style=f"width:{percent(cell.share)}", class_="bar" if cell.share else "bar none"),
        el("div", style=f"width:{percent(cell.base_share)}", class_="bar base"),
        aria_hidden="true",
    )


def _header(one: Through, speech: Speech) -> Html:
    t = speech.t
    seen = t("Seen through roles: {kind}").format(kind=speech.subject_kind(one.other))
    figures = [
        (one.size, t("in the group")),
        (one.group.roles, t("current roles")),
        (one.group.people, t("people with these")),
        (one.group.enterprises, t("enterprises with these")),
        (one.without, t("without a current role")),
    ]
    base = one.base_condition or t("everyone")
    return el(
        "header",
        el("div", "⇄", class_="frame", aria_hidden="true"),
        el(
            "div",
            el("p", seen, class_="over"),
            el("h1", own(title_of(one, speech))),
            el("p", one.sentence, class_="lead"),
            el(
                "div",
                [el("div", el("b", speech.number(n)), el("span", of)) for n, of in figures],
                class_="size",
            ),
            el(
                "p",
                el("span", t("Group: {words}").format(words=one.condition)),
                el("span", t("Base: {words}").format(words=base)),
                el("span", t("As of {day}").format(day=speech.day(one.as_of))),
                el("span", t("Version {version}").format(version=one.version)),
                class_="marks",
            ),
        ),
        class_="top",
    )
