"""What a page shows of a subject among others: a radar, and the peers that it resembles."""

from __future__ import annotations

from holbein.portraits.html import Child, Html, el
from holbein.portraits.one.standing import Standing, most_telling
from holbein.portraits.one.subject import SubjectPortrait
from holbein.portraits.pictures.radar import radar
from holbein.portraits.sheet import own, section
from holbein.portraits.speech import Speech


def among_others(speech: Speech, p: SubjectPortrait) -> Child:
    """The radar against the peers, where they are known and have the numbers; else against all."""
    t = speech.t
    drawn = None
    if p.peers is not None:
        whom = t("Peers: {count} with the same {words}").format(
            count=speech.number(p.peers.size), words=p.peers.words
        )
        drawn = radar(speech, t("Against its peers"), whom, _against_peers(p))
    if drawn is None:
        drawn = radar(speech, t("Against all others"), speech.subject_kind(p.kind), p.standings)
    return [drawn, _alike(speech, p)]


def _against_peers(p: SubjectPortrait) -> tuple[Standing, ...]:
    tags = {one.name: one for group in p.categories for one in group.tags}
    lines = p.peers.lines if p.peers is not None else ()
    return most_telling(
        [
            Standing(one.tag, tags[one.tag].title, tags[one.tag].text, one.share, one.known)
            for one in lines
            if one.is_rank and one.tag in tags and tags[one.tag].type == "number"
        ]
    )


def _alike(speech: Speech, p: SubjectPortrait) -> Html | None:
    """Whom it resembles, and the values that few share which they have in common."""
    if p.peers is None or not p.peers.alike:
        return None
    items = [
        el(
            "li",
            el("b", own(one.subject.name), " ", el("span", one.subject.id, class_="mono")),
            el("span", own(" · ".join(one.reasons)), class_="soft"),
        )
        for one in p.peers.alike
    ]
    return section(speech.t("Peers that it resembles"), el("ul", items, class_="alike"))
