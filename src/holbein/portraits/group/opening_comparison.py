"""The sentence that opens the comparison of two groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from holbein.conditions.tree import SubjectKind
from holbein.portraits.group.opening import CHINESE, ENGLISH
from holbein.portraits.speech import Speech, clean
from holbein.portraits.words.english import listed, mid

if TYPE_CHECKING:
    from holbein.portraits.group.comparison import Side
    from holbein.portraits.group.contrast import Telling

_NAMED = 3
_TITLE = 40
"""Characters of a title in the sentence."""


def side_titles(first: Side, second: Side, speech: Speech) -> tuple[str, str]:
    """What the two sides are called."""
    t = speech.t
    return first.title or t("The first group"), second.title or t("The second group")


def compared(
    kind: SubjectKind,
    first: Side,
    second: Side,
    both: int,
    telling: Sequence[Telling],
    speech: Speech,
) -> str:
    """How many are in one, in the other and in both, and what tells the two apart."""
    say = _chinese if speech.language == "zh" else _english
    return say(kind, first, second, both, telling, speech)


def _english(
    kind: SubjectKind,
    first: Side,
    second: Side,
    both: int,
    telling: Sequence[Telling],
    speech: Speech,
) -> str:
    one, other = (
        f"“{clean(side.title, _TITLE)}”" if side.title else name
        for side, name in ((first, "the first group"), (second, "the second group"))
    )

    def many(number: int) -> str:
        return f"{number:,} {ENGLISH[kind][number != 1]}"

    for side, name, rest in ((first, one, other), (second, other, one)):
        if not side.size:
            return f"Nobody is in {name}, so there is nothing to compare with."
        if not first.only and not second.only:
            return (
                f"{_capital(one)} and {other} hold the same {many(both)}: nothing tells them apart."
            )
        if not side.only:
            return (
                f"Everyone in {name} ({many(side.size)}) is also in {rest}: hold {name} against"
                f" {rest} as its base instead."
            )
    text = f"{many(first.only)} {_are(first.only)} only in {one}, {second.only:,} only in {other}"
    if both:
        text += f"; {both:,} {_are(both)} in both and left out on either side"
    if not telling:
        return f"{text}. No tag tells the two clearly apart."
    told = [f"{mid(trait.title)} ({_figures(trait, speech)})" for trait in telling[:_NAMED]]
    return f"{text}. What tells the first from the second most: {listed(told)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _figures(one: Telling, speech: Speech) -> str:
    if one.number is not None:
        middle, usual = (speech.quantity(of.p50) for of in (one.number.group, one.number.base))
        if middle == usual:
            return f"larger in {speech.share(one.number.above)} of pairs"
        return f"median {middle} against {usual}"
    cell = one.cell
    assert cell is not None
    text = mid(cell.text) if one.type == "boolean" else cell.text
    return f"{text}: {speech.share(cell.share)} against {speech.share(cell.base_share)}"


def _chinese(
    kind: SubjectKind,
    first: Side,
    second: Side,
    both: int,
    telling: Sequence[Telling],
    speech: Speech,
) -> str:
    unit, noun = CHINESE[kind]
    each = unit or noun
    one, other = (
        f"“{clean(side.title, _TITLE)}”" if side.title else name
        for side, name in ((first, "第一组"), (second, "第二组"))
    )
    for side, name, rest in ((first, one, other), (second, other, one)):
        if not side.size:
            return f"{name}中没有{noun}，无从比较。"
        if not first.only and not second.only:
            return f"{one}与{other}由相同的{both:,}{unit}{noun}组成，没有差异。"
        if not side.only:
            return (
                f"{name}的{side.size:,}{unit}{noun}全部也在{rest}中，请改以{rest}为基准来看{name}。"
            )
    text = f"仅属于{one}的有{first.only:,}{unit}{noun}，仅属于{other}的有{second.only:,}{each}"
    if both:
        text += f"；同属两者的{both:,}{each}不参与比较"
    if not telling:
        return f"{text}。没有能明显区分两者的标签。"
    told = "；".join(
        f"{trait.title}（{_chinese_figures(trait, speech)}）" for trait in telling[:_NAMED]
    )
    return f"{text}。前者与后者差异最大的是{told}。"


def _chinese_figures(one: Telling, speech: Speech) -> str:
    if one.number is not None:
        middle, usual = (speech.quantity(of.p50) for of in (one.number.group, one.number.base))
        if middle == usual:
            return f"两两比较时{speech.share(one.number.above)}更大"
        return f"中位数为{middle}，后者为{usual}"
    cell = one.cell
    assert cell is not None
    return f"{cell.text}：占{speech.share(cell.share)}，后者为{speech.share(cell.base_share)}"
