"""Code lists: regions and industries as trees of codes with labels in English and Chinese.

``code_list("regions")`` has countries (ISO 3166 alpha-2) at the top and, below CN, provincial
units, cities, and the districts of the direct municipalities (GB/T 2260).
``code_list("industries")`` has sections A to T and their divisions (GB/T 4754-2017). Where the
facts come from is said in ``data/README.md``. Every name that a list understands is a key of one
dictionary, made on first use.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Literal

from holbein.errors import DefinitionError, near

_FILES = ("regions", "industries")

_PEOPLES = (
    "维吾尔", "壮族", "回族", "朝鲜族", "土家族", "苗族", "藏族", "羌族", "彝族", "布依族", "侗族",
    "哈尼族", "傣族", "白族", "景颇族", "傈僳族", "蒙古族", "蒙古", "哈萨克", "柯尔克孜", "黎族",
)  # fmt: skip
_UNITS = (
    "特别行政区", "自治区", "自治州", "自治县", "地区", "新区", "林区",
    "省", "市", "盟", "区", "县",
)  # fmt: skip
# What people write behind an English place name, by its level: 1 province, 2 city, 3 district.
_ENGLISH_UNITS: Mapping[int, tuple[str, ...]] = {
    1: ("province", "municipality", "city", "autonomous region", "sar"),
    2: ("city", "prefecture", "autonomous prefecture", "league", "municipality"),
    3: ("district", "county", "new area", "city", "autonomous county"),
}


@dataclass(frozen=True)
class Code:
    """One code of a list. ``level`` is 0 at the top and grows downwards."""

    code: str
    parent: str | None
    en: str
    zh: str
    level: int


class CodeTable:
    """A list of codes; it fulfils ``conditions.vocabulary.CodeList``.

    Names are matched without regard to case, accents, apostrophes, dots and spaces. A name that
    several codes share means the one of the highest level, and none if several are as high.
    """

    def __init__(self, name: str, codes: Iterable[Code], also: Iterable[tuple[str, str]]) -> None:
        self.name = name
        self.codes: Mapping[str, Code] = {one.code: one for one in codes}
        below: dict[str, set[str]] = {code: {code} for code in self.codes}
        for code in self.codes:
            for higher in self._above(code):
                below[higher].add(code)
        self._below = {code: frozenset(found) for code, found in below.items()}
        self._also = tuple(also)

    @cached_property
    def _keys(self) -> Mapping[str, str | None]:
        """Every folded name and the code that it means: made when a name is first looked for, which
        who only shows labels never does."""
        return self._all_keys(self._also)

    def resolve(self, text: str) -> str | None:
        """The code that ``text`` names, as a code or as a label in either language, or None."""
        return self._keys.get(_fold(text))

    def parent(self, code: str) -> str | None:
        """The code directly above, or None at the top and for what the list does not hold."""
        found = self.codes.get(code)
        return found.parent if found else None

    def within(self, code: str) -> frozenset[str]:
        """``code`` itself and every code below it."""
        return self._below.get(code, frozenset((code,)))

    def label(self, code: str, language: Literal["en", "zh"]) -> str:
        """The label of ``code``; what the list does not hold is its own label."""
        found = self.codes.get(code)
        if found is None:
            return code
        return found.zh if language == "zh" else found.en

    def _above(self, code: str) -> Iterator[str]:
        higher = self.codes[code].parent
        while higher is not None:
            yield higher
            higher = self.codes[higher].parent

    def _all_keys(self, also: Iterable[tuple[str, str]]) -> dict[str, str | None]:
        """Every folded name and the code that it means (None: it could mean several).

        Surer names come first: a full label is never taken for the short form of another.
        """
        every = list(self.codes.values())
        tiers: list[list[tuple[str, str]]] = [
            [(one.code, one.code) for one in every],
            [(name, one.code) for one in every for name in (one.en, one.zh)],
            [(name, code) for code, name in also],
            [(name, one.code) for one in every for name in _short(one)],
            [(name, one.code) for one in every for name in self._with_place(one)],
        ]
        keys: dict[str, str | None] = {}
        for tier in tiers:
            meant: dict[str, set[str]] = defaultdict(set)
            for name, code in tier:
                meant[_fold(name)].add(code)
            for key, found in meant.items():
                if key and key not in keys:
                    keys[key] = self._highest(found)
        return keys

    def _highest(self, found: set[str]) -> str | None:
        top = min(self.codes[code].level for code in found)
        highest = [code for code in found if self.codes[code].level == top]
        return highest[0] if len(highest) == 1 else None

    def _with_place(self, one: Code) -> Iterator[str]:
        """``浙江省杭州市``, ``Suzhou, Anhui``: a place behind or before the one that holds it."""
        if one.parent is None or one.level < 2:
            return
        holder = self.codes[one.parent]
        for outer in (holder.zh, *_short_chinese(holder.zh)):
            for inner in (one.zh, *_short_chinese(one.zh)):
                yield outer + inner
        for name in (one.en, _plain(one.en)):
            yield f"{name}, {_plain(holder.en)}"


@cache
def code_list(name: str) -> CodeTable:
    """The code list ``regions`` or ``industries``; read on first use and kept."""
    if name not in _FILES:
        raise DefinitionError(
            f"there is no code list {name!r}",
            hint=near(name, _FILES) or "code lists are " + " and ".join(_FILES),
        )
    level = _region_level if name == "regions" else _industry_level
    codes = [
        Code(row["code"], row["parent"] or None, row["en"], row["zh"], level(row["code"]))
        for row in _rows(f"{name}.csv")
    ]
    return CodeTable(name, codes, [(row["code"], row["name"]) for row in _rows(f"{name}_also.csv")])


def _rows(file: str) -> list[dict[str, str]]:
    text = resources.files("holbein.refine").joinpath("data", file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _region_level(code: str) -> int:
    if not code.isdigit():
        return 0
    if code.endswith("0000"):
        return 1
    return 2 if code.endswith("00") else 3


def _industry_level(code: str) -> int:
    return 1 if code.isdigit() else 0


def _fold(text: str) -> str:
    """The form in which names are compared."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("&", " and ")
    return re.sub(r"[\s'’‘`.,，、;:_\-()（）]|[\u0300-\u036f]", "", plain)


def _plain(label: str) -> str:
    """An English label without the place in brackets that tells it from its namesakes."""
    return re.sub(r" \(.*\)$", "", label)


def _short(one: Code) -> Iterator[str]:
    """Shorter and longer forms in which a label is written."""
    if one.code.isdigit() and len(one.code) == 6:
        yield from _short_chinese(one.zh)
        yield _plain(one.en)
        for unit in _ENGLISH_UNITS[one.level]:
            yield f"{_plain(one.en)} {unit}"
    elif one.zh.endswith("业") and len(one.zh) > 3:
        yield one.zh.removesuffix("业")


def _short_chinese(label: str) -> Iterator[str]:
    """``广西壮族自治区`` as ``广西壮族`` and ``广西``. A name keeps at least two characters."""
    for unit in _UNITS:
        if label.endswith(unit) and len(label) - len(unit) >= 2:
            short = label.removesuffix(unit)
            break
    else:
        return
    yield short
    while ends := [one for one in _PEOPLES if short.endswith(one) and len(short) > len(one) + 1]:
        short = short.removesuffix(ends[0])
        yield short
