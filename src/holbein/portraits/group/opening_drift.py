"""The sentence that opens the drift of an audience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holbein.portraits.group.opening import CHINESE, ENGLISH
from holbein.portraits.speech import Speech
from holbein.portraits.words.english import listed, mid

if TYPE_CHECKING:
    from holbein.portraits.group.drift import Drift, TagDrift

_NAMED = 3


def drifted_sentence(one: Drift, speech: Speech) -> str:
    """How many they were and are, who came and went, and what changed most."""
    return _chinese(one, speech) if speech.language == "zh" else _english(one, speech)


def _told(one: Drift) -> list[TagDrift]:
    return [tag for tag in one.tags if tag.level != "steady"][:_NAMED]


def _english(one: Drift, speech: Speech) -> str:
    many = ENGLISH[one.kind][one.now.size != 1]
    days = f"on {speech.day(one.now.as_of)}", f"on {speech.day(one.then.as_of)}"
    text = f"{one.now.size:,} {many} {days[0]}, {one.then.size:,} {days[1]}"
    text += f": {one.entered:,} entered, {one.left:,} left"
    if one.gone:
        text += f" ({one.gone:,} of them no longer in the sources)"
    text += f", {one.stayed:,} stayed."
    if one.redefined:
        text += " Its condition was another one then."
    if not (one.then.size and one.now.size):
        return text
    told = _told(one)
    if not told:
        return f"{text} No tag's make-up has changed by more than chance and a PSI of 0.1."
    causes = [f"{mid(tag.title)} (PSI {tag.psi:.2f}, mostly by {_cause(tag)})" for tag in told]
    return f"{text} What changed most: {listed(causes)}."


def _cause(one: TagDrift) -> str:
    return "other members" if one.members >= one.values else "other values of the same members"


def _chinese(one: Drift, speech: Speech) -> str:
    unit, noun = CHINESE[one.kind]
    each = unit or noun
    text = (
        f"{speech.day(one.now.as_of)}共{one.now.size:,}{unit}{noun}，"
        f"{speech.day(one.then.as_of)}为{one.then.size:,}{each}："
        f"新进{one.entered:,}{each}，退出{one.left:,}{each}"
    )
    if one.gone:
        text += f"（其中{one.gone:,}{each}已不在数据源中）"
    text += f"，留存{one.stayed:,}{each}。"
    if one.redefined:
        text += "当时的条件与现在不同。"
    if not (one.then.size and one.now.size):
        return text
    told = _told(one)
    if not told:
        return f"{text}各标签的构成没有超出偶然且PSI高于0.1的变化。"
    causes = "；".join(
        f"{tag.title}（PSI {tag.psi:.2f}，主要因{_chinese_cause(tag)}）" for tag in told
    )
    return f"{text}变化最大的是{causes}。"


def _chinese_cause(one: TagDrift) -> str:
    return "成员更替" if one.members >= one.values else "原有成员的值变化"
