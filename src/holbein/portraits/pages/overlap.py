"""What audiences have in common as one self-contained HTML page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from holbein.conditions.vocabulary import Vocabulary
from holbein.portraits.html import el
from holbein.portraits.pictures.upset import upset
from holbein.portraits.sheet import document
from holbein.portraits.speech import Speech, language_of

if TYPE_CHECKING:
    from holbein.audiences.overlap import Overlap

_NO_VOCABULARY = Vocabulary(fields={}, streams={})


def overlap_page(found: Overlap, as_of: dt.date, version: str, language: str = "en") -> str:
    """A whole HTML document: no script, no request, readable on a phone and on paper."""
    speech = Speech(language_of(language), _NO_VOCABULARY)
    t = speech.t
    title = t("What {count} audiences have in common").format(count=len(found.audiences))
    told = t("{count} in at least one of them").format(count=speech.number(found.together))
    header = el(
        "header",
        el("div", str(len(found.audiences)), class_="frame", aria_hidden="true"),
        el(
            "div",
            el("p", f"{t('Overlap')} · {speech.subject_kind(found.kind)}", class_="over"),
            el("h1", title),
            el("p", told, class_="lead"),
            el(
                "p",
                el("span", t("As of {day}").format(day=speech.day(as_of))),
                el("span", t("Version {version}").format(version=version)),
                class_="marks",
            ),
        ),
        class_="top",
    )
    main = el("main", el("div", upset(speech, found), class_="column"), class_="whole")
    return document(speech, title, header, main, el("p", "Holbein"))
