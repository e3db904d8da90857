"""Phrases of a sentence in either language: none twice, and no more than there is room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


def distinct(phrases: Iterable[str], holds: Callable[[str, str], bool]) -> list[str]:
    """The phrases without those that say no more than another: where one says *active* and one
    *very active*, the second stays, in the place of the first."""
    out: list[str] = []
    for one in phrases:
        if not one or any(holds(old, one) for old in out):
            continue
        if any(holds(one, old) for old in out):
            place = next(n for n, old in enumerate(out) if holds(one, old))
            out = [old for old in out if not holds(one, old)]
            out.insert(place, one)
        else:
            out.append(one)
    return out


def without(
    phrases: Iterable[str], said: Sequence[str], holds: Callable[[str, str], bool]
) -> list[str]:
    """The phrases that say more than what was said before them."""
    return [one for one in phrases if not any(holds(old, one) for old in said)]


def within(phrases: Sequence[str], room: float, width: Callable[[str], float]) -> list[str]:
    """The phrases, in order, that fit into the room; what is too long is left out as a whole."""
    out: list[str] = []
    for one in phrases:
        if width(one) <= room:
            out.append(one)
            room -= width(one)
    return out


def cut(text: str, room: float, width: Callable[[str], float]) -> str:
    """As much of a text as there is room for, with an ellipsis where it goes on."""
    if width(text) <= room:
        return text
    end = len(text)
    while end and width(text[:end]) > room:
        end = text.rfind(" ", 0, end) if " " in text[:end] else end - 1
    return text[:end].rstrip(" ,;，；、") + "…"
