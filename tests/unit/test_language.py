"""Every text that the source translates has its Chinese, and nothing else is in the files."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest

from holbein.errors import HolbeinError
from holbein.language import LANGUAGES, LOCALE, translator
from holbein.portraits.speech import CATEGORIES

SOURCE = LOCALE.parent
FILES = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
# What marks a text of the source as one to translate, and how many of its arguments are texts.
MARKS = {
    "_": 1, "t": 1, "say": 1, "mark": 1, "gettext": 1, "pair": 2, "many": 2, "ngettext": 2,
}  # fmt: skip
ROOMS = ("audiences", "conditions", "portraits", "query", "tags")


def texts_of(room: str) -> Iterator[tuple[str, ...]]:
    """The texts of a room that are marked, as (text,) or (one, several)."""
    for path in sorted((SOURCE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            first = node.args[: MARKS.get(name, 0)]
            said = [one.value for one in first if isinstance(one, ast.Constant)]
            if said and all(isinstance(one, str) for one in said):
                yield tuple(str(one) for one in said)


@cache
def used(room: str) -> frozenset[tuple[str, ...]]:
    return frozenset(texts_of(room))


def entries(path: Path) -> list[polib.POEntry]:
    return list(polib.pofile(str(path)))


def key(entry: polib.POEntry) -> tuple[str, ...]:
    return (entry.msgid, entry.msgid_plural) if entry.msgid_plural else (entry.msgid,)


def test_every_room_that_speaks_has_a_file_in_every_language() -> None:
    expected = {(language, room) for language in LANGUAGES if language != "en" for room in ROOMS}
    assert {(path.parents[1].name, path.stem) for path in FILES} == expected


def test_no_other_room_translates_texts() -> None:
    others = [one.name for one in SOURCE.iterdir() if one.is_dir() and one.name not in ROOMS]
    assert {room: [*texts_of(room)] for room in others if [*texts_of(room)]} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_is_found_in_the_source(room: str) -> None:
    assert len(used(room)) > 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_all_texts_of_the_source_are_there_and_no_others(path: Path) -> None:
    known = {key(one) for one in entries(path) if not one.msgctxt}
    assert sorted(used(path.stem) - known) == [], "not translated"
    assert sorted(known - used(path.stem)) == [], "no longer used"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_nothing_is_empty_fuzzy_obsolete_or_there_twice(path: Path) -> None:
    seen: set[tuple[str | None, str]] = set()
    for one in entries(path):
        assert not one.fuzzy, one.msgid
        assert not one.obsolete, one.msgid
        assert one.translated(), one.msgid
        assert (one.msgctxt, one.msgid) not in seen, one.msgid
        seen.add((one.msgctxt, one.msgid))


def places(text: str) -> list[str]:
    """The names of the places to fill, each as often as it stands there."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_the_places_to_fill_agree(path: Path) -> None:
    for one in entries(path):
        translations = one.msgstr_plural.values() if one.msgid_plural else [one.msgstr]
        for translation in translations:
            # A text for one may leave the number out; its translation serves any number.
            allowed = [places(text) for text in key(one)]
            assert places(translation) in allowed, one.msgid


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_a_chinese_text_has_no_half_width_punctuation_between_its_characters(path: Path) -> None:
    for one in entries(path):
        for translation in one.msgstr_plural.values() if one.msgid_plural else [one.msgstr]:
            for sign in (",", ";", "!", "?"):
                assert sign not in translation, translation


def test_the_commonest_words_of_categories_are_translated() -> None:
    portraits = next(path for path in FILES if path.stem == "portraits")
    known = [one.msgid for one in entries(portraits) if one.msgctxt == "category"]
    assert sorted(known) == sorted(CATEGORIES)
    contexts = {one.msgctxt for path in FILES for one in entries(path) if one.msgctxt}
    assert contexts == {"category"}


def test_the_same_word_can_mean_two_things() -> None:
    said = translator("zh", "portraits")
    assert said.gettext("Group") == "群体"
    assert said.pgettext("category", "Group") == "集团"
    assert said.pgettext("category", "Nothing of ours") == "Nothing of ours"
    assert translator("en", "portraits").pgettext("category", "Group") == "Group"


def test_english_needs_no_file_and_other_languages_are_refused() -> None:
    assert translator("en").gettext("{n} days") == "{n} days"
    assert translator("en").ngettext("{n} day", "{n} days", 1) == "{n} day"
    assert translator("zh").ngettext("{n} day", "{n} days", 3) == "{n}天"
    with pytest.raises(HolbeinError, match="does not speak 'fr'"):
        translator("fr")
