"""What is said of a tag that could not be computed, and of those that depend on one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from holbein.catalog.taginfo import Held, TagInfo
from holbein.conditions.tree import SubjectKind
from holbein.portraits.speech import Speech, clean

_REASON = 500


def brief(held: Held | None, is_behind: bool, speech: Speech) -> str:
    """A few words for a table; empty where all is well."""
    t = speech.t
    if held is not None:
        if held.day is None:
            return t("held: no values yet")
        return t("held: values of {day}").format(day=speech.day(held.day))
    return t("rests on held values") if is_behind else ""


def note(held: Held | None, behind: Iterable[str], speech: Speech) -> str:
    """A sentence; ``behind`` are the titles of the held tags that it depends on. Empty where all is
    well."""
    t = speech.t
    if held is not None:
        reason = clean(held.reason, _REASON)
        if held.day is None:
            said = t("It could not be computed and has no values yet: {reason}")
            return said.format(reason=reason)
        said = t("It could not be computed and keeps its values of {day}: {reason}")
        return said.format(day=speech.day(held.day), reason=reason)
    names = ("、" if speech.language == "zh" else ", ").join(behind)
    return t("It rests on values that are held: {tags}").format(tags=names) if names else ""


def note_of(info: TagInfo, infos: Mapping[tuple[SubjectKind, str], TagInfo], speech: Speech) -> str:
    """``note`` of a tag among the tags of its version."""
    return note(info.held, (_named(one, infos, speech) for one in info.behind), speech)


def _named(
    tag: tuple[SubjectKind, str],
    infos: Mapping[tuple[SubjectKind, str], TagInfo],
    speech: Speech,
) -> str:
    kind, name = tag
    spec = speech.vocabulary.fields[kind].get(name)
    title = speech.field_title(spec) if spec is not None else clean(name)
    held = brief(infos[tag].held, False, speech) if tag in infos else ""
    inside = "（{}）" if speech.language == "zh" else " ({})"
    return title + (inside.format(held) if held else "")
