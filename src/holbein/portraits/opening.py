"""The sentence that opens the portrait of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holbein.portraits.speech import Speech

if TYPE_CHECKING:
    from holbein.portraits.group import GroupPortrait, Telling

_NAMED = 3

_ENGLISH = {
    "enterprise": ("enterprise", "enterprises"),
    "person": ("person", "people"),
    "role": ("role", "roles"),
}
_CHINESE = {"enterprise": ("家", "企业"), "person": ("", "人"), "role": ("个", "任职")}


def opening(group: GroupPortrait, speech: Speech) -> str:
    """How many they are, of how many, and what sets them apart."""
    return _chinese(group, speech) if speech.language == "zh" else _english(group, speech)


def _english(group: GroupPortrait, speech: Speech) -> str:
    one, many = _ENGLISH[group.kind]
    if not group.base_size:
        return f"The base holds no {many}."
    if not group.size:
        return f"None of the {group.base_size:,} {many} in the base is in it."
    noun = one if group.size == 1 else many
    if group.size == group.base_size:
        return f"{group.size:,} {noun}: all of the base, so nothing sets them apart."
    of = "all " if group.base_condition is None else "the base's "
    text = f"{group.size:,} {noun}, {speech.share(group.share)} of {of}{group.base_size:,}"
    if not group.telling:
        return f"{text}. No tag sets them clearly apart from the rest."
    named = [_trait(one) for one in group.telling[:_NAMED]]
    figures = [_english_figures(one, speech) for one in group.telling[:_NAMED]]
    told = "; ".join(f"{name} ({figure})" for name, figure in zip(named, figures, strict=True))
    return f"{text}. What sets them apart most: {told}."


def _english_figures(one: Telling, speech: Speech) -> str:
    cell = one.cell
    against = f"{speech.share(cell.share)} against {speech.share(cell.base_share)} in the base"
    return f"{against}, TGI {speech.number(round(cell.tgi or 0))}"


def _chinese(group: GroupPortrait, speech: Speech) -> str:
    unit, noun = _CHINESE[group.kind]
    if not group.base_size:
        return f"对比基准中没有{noun}。"
    base = "全部" if group.base_condition is None else "基准"
    if not group.size:
        return f"{base}{group.base_size:,}{unit}{noun}中，没有符合条件的。"
    if group.size == group.base_size:
        return f"共{group.size:,}{unit}{noun}，即{base}对象，因此无从比较差异。"
    share = speech.share(group.share)
    text = f"共{group.size:,}{unit}{noun}，占{base}{group.base_size:,}{unit}{noun}的{share}"
    if not group.telling:
        return f"{text}。与其余{noun}相比，没有明显不同的标签。"
    told = "；".join(
        f"{_trait(one, '较少见的', '：')}（占{speech.share(one.cell.share)}，"
        f"基准为{speech.share(one.cell.base_share)}，"
        f"TGI {speech.number(round(one.cell.tgi or 0))}）"
        for one in group.telling[:_NAMED]
    )
    return f"{text}。最突出的特征：{told}。"


def _trait(one: Telling, seldom: str = "seldom ", between: str = ": ") -> str:
    """``Industry: Software``; of a boolean that is true, its title alone."""
    name = one.title if one.cell.value is True else f"{one.title}{between}{one.cell.text}"
    return name if (one.cell.z or 0) > 0 else seldom + name
