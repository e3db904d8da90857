"""The sentence that opens the portrait of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holbein.portraits.speech import Speech
from holbein.portraits.words.english import listed, mid

if TYPE_CHECKING:
    from holbein.portraits.group.contrast import Telling
    from holbein.portraits.group.portrait import GroupPortrait

_NAMED = 3

ENGLISH = {
    "enterprise": ("enterprise", "enterprises"),
    "person": ("person", "people"),
    "role": ("role", "roles"),
}
CHINESE = {"enterprise": ("家", "企业"), "person": ("", "人"), "role": ("个", "任职")}


def opening(group: GroupPortrait, speech: Speech) -> str:
    """How many they are, of how many, and what sets them apart."""
    return _chinese(group, speech) if speech.language == "zh" else _english(group, speech)


def _english(group: GroupPortrait, speech: Speech) -> str:
    one, many = ENGLISH[group.kind]
    if not group.base_size:
        return f"The base holds no {many}."
    if not group.size:
        of = f"{group.base_size:,} {many}" if group.base_size > 1 else one
        return f"None of the {of} in the base is in it."
    noun = one if group.size == 1 else many
    if group.size == group.base_size:
        return f"{group.size:,} {noun}: all of the base, so nothing sets them apart."
    of = "all " if group.base_condition is None else "the base's "
    text = f"{group.size:,} {noun}, {speech.share(group.share)} of {of}{group.base_size:,}"
    if not group.telling:
        return f"{text}. No tag sets them clearly apart from the rest."
    told = [
        f"{mid(trait.title)} ({_figures(trait, speech, 'in the base' if not number else '')})"
        for number, trait in enumerate(group.telling[:_NAMED])
    ]
    return f"{text}. What sets {'it' if group.size == 1 else 'them'} apart most: {listed(told)}."


def _figures(one: Telling, speech: Speech, where: str) -> str:
    if one.number is not None:
        middle, usual = (speech.quantity(of.p50) for of in (one.number.group, one.number.base))
        if middle == usual:
            return f"larger in {speech.share(one.number.above)} of pairs"
        return " ".join(part for part in (f"median {middle} against {usual}", where) if part)
    cell = one.cell
    assert cell is not None
    text = mid(cell.text) if one.type == "boolean" else cell.text
    against = " ".join(part for part in (speech.share(cell.base_share), where) if part)
    index = speech.number(round(cell.tgi or 0))
    return f"{text}: {speech.share(cell.share)} against {against}, TGI {index}"


def _chinese(group: GroupPortrait, speech: Speech) -> str:
    unit, noun = CHINESE[group.kind]
    if not group.base_size:
        return f"对比基准中没有{noun}。"
    base = "全部" if group.base_condition is None else "基准"
    if not group.size:
        return f"{base}{group.base_size:,}{unit}{noun}中，没有符合条件的。"
    if group.size == group.base_size:
        return f"共{group.size:,}{unit}{noun}，即{base}中的所有对象，因此无从比较差异。"
    share = speech.share(group.share)
    text = f"共{group.size:,}{unit}{noun}，占{base}{group.base_size:,}{unit}{noun}的{share}"
    if not group.telling:
        return f"{text}。与其余{noun}相比，没有明显不同的标签。"
    told = "；".join(
        f"{one.title}（{_chinese_figures(one, speech)}）" for one in group.telling[:_NAMED]
    )
    return f"{text}。差异最大的是{told}。"


def _chinese_figures(one: Telling, speech: Speech) -> str:
    if one.number is not None:
        middle, usual = (speech.quantity(of.p50) for of in (one.number.group, one.number.base))
        if middle == usual:
            return f"两两比较时{speech.share(one.number.above)}更大"
        return f"中位数为{middle}，基准为{usual}"
    cell = one.cell
    assert cell is not None
    index = speech.number(round(cell.tgi or 0))
    against = speech.share(cell.base_share)
    return f"{cell.text}：占{speech.share(cell.share)}，基准为{against}，TGI {index}"
