"""The sentence that opens a group seen through its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holbein.portraits.group.opening import CHINESE, ENGLISH
from holbein.portraits.speech import Speech
from holbein.portraits.words.english import listed, mid

if TYPE_CHECKING:
    from holbein.portraits.group.through import Through, Told

_NAMED = 3


def seen_through(one: Through, speech: Speech) -> str:
    """How many roles, people and enterprises these are, and what sets the related apart."""
    return _chinese(one, speech) if speech.language == "zh" else _english(one, speech)


def _english(one: Through, speech: Speech) -> str:
    def counted(number: int, single: str, several: str) -> str:
        return f"{number:,} {single if number == 1 else several}"

    text = counted(one.size, *ENGLISH[one.kind])
    if one.size and one.group.roles:
        others = one.group.enterprises if one.other == "enterprise" else one.group.people
        roles = counted(one.group.roles, "current role", "current roles")
        with_ = "at" if one.other == "enterprise" else "of"
        text += f" with {roles} {with_} {counted(others, *ENGLISH[one.other])}"
    if one.without:
        text += f"; {one.without:,} of them {'has' if one.without == 1 else 'have'} none"
    if not one.telling:
        return f"{text}. No tag of these {ENGLISH[one.other][1]} sets the group clearly apart."
    told = [f"{mid(trait.title)} ({_figures(trait, speech)})" for trait in one.telling[:_NAMED]]
    return f"{text}. What sets these {ENGLISH[one.other][1]} apart most: {listed(told)}."


def _figures(one: Told, speech: Speech) -> str:
    cell = one.cell
    shares = f"{speech.share(cell.share)} of roles against {speech.share(cell.base_share)}"
    return f"{cell.value}: {shares}"


def _chinese(one: Through, speech: Speech) -> str:
    unit, noun = CHINESE[one.kind]
    each = unit or noun
    other_unit, other_noun = CHINESE[one.other]
    text = f"共{one.size:,}{unit}{noun}"
    if one.size and one.group.roles:
        others = one.group.enterprises if one.other == "enterprise" else one.group.people
        text += f"，现任角色{one.group.roles:,}个，涉及{others:,}{other_unit}{other_noun}"
    if one.without:
        text += f"；其中{one.without:,}{each}没有现任职务"
    if not one.telling:
        return f"{text}。没有能明显区分该群体的{other_noun}标签。"
    told = "；".join(
        f"{trait.title}（{trait.cell.value}：占任职的{speech.share(trait.cell.share)}，"
        f"基准为{speech.share(trait.cell.base_share)}）"
        for trait in one.telling[:_NAMED]
    )
    return f"{text}。这些{other_noun}中差异最大的是{told}。"
