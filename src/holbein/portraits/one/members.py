"""What stands behind a figure, in a few words: its facts, or the related subjects that it asks."""

from __future__ import annotations

import datetime as dt

from holbein.portraits.one.evidence import Figure, Members
from holbein.portraits.speech import Speech

_NAMED = 3


def behind_figure(speech: Speech, figure: Figure) -> str:
    """``12 facts, 3 May 2024 to 1 June 2025``; ``2 of 5: Li Wei, Anna Berg``; or nothing."""
    if figure.facts is not None:
        return facts_behind(speech, figure.facts, figure.first, figure.last)
    return _met(speech, figure.members) if figure.members is not None else ""


def facts_behind(speech: Speech, count: int, first: dt.date | None, last: dt.date | None) -> str:
    """``12 facts, 3 May 2024 to 1 June 2025``."""
    if not count:
        return speech.t("no facts")
    told = speech.t("1 fact") if count == 1 else speech.t("{count} facts")
    told = told.format(count=speech.number(count))
    if first is None or last is None:
        return told
    comma = "，" if speech.language == "zh" else ", "
    return told + comma + speech.span(first, last)


def _met(speech: Speech, members: Members) -> str:
    said = speech.t("{met} of {all}").format(met=f"{members.met:,}", all=f"{members.all:,}")
    names = [one.subject.name for one in members.listed if one.met][:_NAMED]
    if not names:
        return said
    listed = ("、" if speech.language == "zh" else ", ").join(names)
    if members.met > len(names):
        listed += "…"
    return said + ("：" if speech.language == "zh" else ": ") + listed
