"""The rules of the sentence, over the demo's subjects and over parts that chance has made.

No slot is empty, nothing is said twice, marks stand alone and are those of the language, numbers
agree with what they count, only what has a declared place is said, and it stays short.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import holbein
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Language, Type, Vocabulary
from holbein.demo.world import make
from holbein.portraits.one import portrait as portraits
from holbein.portraits.speech import Speech
from holbein.portraits.words.parts import PLACES, Parts, gather, job
from holbein.portraits.words.sentence import sentence
from holbein.query import Query

LANGUAGES: tuple[Language, ...] = ("en", "zh")
MANY = max(800, settings.default.max_examples)
HAN = r"[\u3400-\u9fff]"
ONE_AND_MANY = re.compile(
    r"\b(no|one|two|three|four|five|six|seven|eight|nine|ten|\d(?:[\d,]*\d)?) "
    r"(renewal|order|employee|login|ticket|child|person|people|children)(s?)\b"
)


EMPTY = {
    "en": re.compile(
        r"\b(None|nan|null)\b|\(\s*\)|^(and\b|people known)|(?<!all )of whom decides?\b"
        r"|(\b(in|at|of|and|the|on|a|prefers|likes|uses|works|formerly)|:)\s*$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"（\s*）|、和|^[的和、]|[于在为]的|的的|为为|和和|已知位|其中位|身高厘米|占比%"
        r"|(的|于|在|和|、|：|(?<!华)为|现任|曾任|将任|担任|偏好|偏爱|喜欢)$"
    ),
}
"""Phrases in which something was to stand that does not."""


def width(text: str) -> float:
    return sum(1 if "\u2e80" <= one <= "\uffef" else 0.5 for one in text)


def broken(text: str, language: Language) -> list[str]:
    """The rules that hold whatever labels say."""
    if not text:
        return []
    end = (".", "…") if language == "en" else ("。", "…")
    rules = {
        "its end": text.endswith(end) and not re.search(r"[.,;:!?，；：、。\s]$", text[:-1]),
        "its beginning": text[0] not in " .,;:，；：。、" and text == text.strip(),
        "one line, nothing without shape": not re.search(
            r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|  ", text
        ),
        "marks alone": not re.search(r"[,;，；。、]\s*[,;，；。、]|\s[,;，；。、]", text),
        "its length": len(text.split()) < 60 if language == "en" else width(text) <= 160,
    }
    return [name for name, holds in rules.items() if not holds]


def faults(text: str, language: Language) -> list[str]:
    """The rules that hold where labels are sound as well."""
    out = broken(text, language)
    if not text:
        return out
    phrases = re.split(r",(?!\d) ?|[;，；] ?", text.rstrip(".。"))
    folded = [one.casefold() for one in phrases]
    words = [re.findall(r"[\w'-]+|:", one) for one in folded]
    rules = {
        "no phrase twice": len(set(folded)) == len(folded),
        "no word twice": not any(a == b for said in words for a, b in itertools.pairwise(said))
        and not re.search(rf"({HAN}{{2,}})\1", text)
        and text.count("现任") < 2,
        "no empty slot": not any(
            not one.strip() or EMPTY["en"].search(one) or EMPTY["zh"].search(one) for one in phrases
        ),
        "nothing counted that is not there": not re.search(r"no people known|(?<!\d)0[位次]", text),
        "agreement": all(
            (number == "one") == (not plural and noun not in ("people", "children"))
            for number, noun, plural in ONE_AND_MANY.findall(text)
        )
        and not re.search(
            r"of whom one decide\b|of whom (?!one )\S+ decides|person known, of", text
        ),
        "marks of English": language == "zh" or not re.search("[，；：。、]", text),
        "marks of Chinese": language == "en"
        or not re.search(rf"{HAN}\s*[,;:!?(]|[,;:!?)]\s*{HAN}|[;!?]|, ", text),
    }
    return out + [name for name, holds in rules.items() if not holds]


# --- the demo's subjects --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Query:
    folder = tmp_path_factory.mktemp("sentences") / "demo"
    make(folder, enterprises=150, seed=11)
    workspace = holbein.open(folder)
    workspace.run()
    return workspace.query


@pytest.mark.parametrize("kind", SUBJECT_KINDS)
def test_the_demo_told_with_parts_missing(demo: Query, kind: SubjectKind) -> None:
    chance = random.Random(f"sentences of {kind}")
    placed = {n for (on, n), info in demo.tags.items() if on == kind and info.sentence}
    for id in range(1, 61):
        missing = chance.choice([0.0, 0.2, 0.5, 0.9])
        for language in LANGUAGES:
            painter = portraits._Painter(demo, Speech(language, demo.vocabulary), kind, id)
            roles = painter._roles() if chance.random() > missing else ()
            painter.values = {
                name: value if chance.random() > missing or name == "buying_role" else None
                for name, value in painter.values.items()
            }
            parts = painter._parts(roles)
            assert {one.name for said in parts.said.values() for one in said} <= placed
            told = sentence(parts, language)
            assert faults(told, language) == [], told


# --- parts made by chance -------------------------------------------------------------------------

WORDS = {
    "en": [
        "amber",
        "birch",
        "cedar",
        "delta",
        "ember",
        "fjord",
        "grove",
        "heron",
        "inlet",
        "jetty",
        "kiosk",
        "lotus",
        "maple",
        "north",
    ],
    "zh": [
        "琥珀",
        "白桦",
        "雪松",
        "三角",
        "余烬",
        "峡湾",
        "树林",
        "苍鹭",
        "水湾",
        "码头",
        "亭子",
        "莲花",
        "枫树",
        "北方",
    ],
}
JOBS = {"en": ("pier master", "CFO"), "zh": ("财务总监", "产品经理", "CFO")}
ENTERPRISES = {"en": ("Oriel Ltd", "Quay"), "zh": ("云汉科技", "Quay Ltd")}
TITLES: dict[Language, dict[Type, tuple[str, ...]]] = {
    "en": {
        "category": ("Market", "Size", "Favourite brand", "Most used feature"),
        "categories": ("Markets", "Size", "Favourite brands", "Interests"),
        "number": ("Renewals", "Orders in 90 days", "Employees", "Height (cm)", "Share (%)"),
        "date": ("Customer since", "Renewal date"),
    },
    "zh": {
        "category": ("市场", "规模", "偏爱的品牌", "最常用功能"),
        "categories": ("市场", "规模", "偏爱的品牌", "兴趣爱好"),
        "number": ("续约次数", "近90天登录次数", "员工人数", "身高（厘米）", "占比（%）"),
        "date": ("成为客户时间", "续约日期"),
    },
}
LONG = {
    "en": "quartz river stone tower under velvet winter yonder",
    "zh": "石英河流石塔之下的天鹅绒与冬天远方的和风铁砧",
}
TYPES: tuple[Type, ...] = ("boolean", "category", "categories", "number", "date")
ANY_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(list(" ,;.:，。；、()（）<>&\"'\n\t\u202e\u200b\u05d0\u0627财务aA1…")),
    ),
    max_size=90,
)


def _awkward(language: Language, title: str, text: str) -> list[str]:
    """Sound labels that are harder to tell: long ones, with marks, with the title's own words."""
    if language == "en":
        return [f"{LONG[language]} {text}", f"{title.split()[-1].lower()} {text}"]
    return [LONG[language] + text, f"{text}, {text}湾", f"{text} (港)"]


@st.composite
def fields(draw: st.DrawFn, language: Language, hostile: bool) -> tuple[object, ...]:
    """A kind, its fields with values, and a place for some of them."""
    kind = draw(st.sampled_from(SUBJECT_KINDS))
    words = draw(st.permutations(WORDS[language]))
    wordy = not hostile and draw(st.integers(0, 3)) == 0
    specs, values, places = {}, {}, {}
    for number in range(draw(st.integers(0, 9))):
        type = draw(st.sampled_from(TYPES))
        named = ("x",) if type == "boolean" else TITLES[language][type]
        title = draw(ANY_TEXT if hostile else st.sampled_from(named))
        texts = [draw(ANY_TEXT) if hostile else words[number], words[9 + number % 5]]
        if not hostile and type != "boolean" and (wordy or draw(st.booleans())):
            awkward = _awkward(language, title, texts[0])
            texts[0] = awkward[0] if wordy else draw(st.sampled_from(awkward))
        declared = draw(st.booleans())
        titles = {one: {language: one} for one in texts} if declared else {}
        name = f"tag_{number}"
        if type == "boolean":
            title = texts[0] or "x"
            titles = {}
        specs[name] = FieldSpec(name, type, {language: title}, titles)
        values[name] = {
            "boolean": True,
            "category": texts[0],
            "categories": texts,
            "number": draw(st.sampled_from([0, 1, 2, 3, 11, 1234, 2.5, -4, math.nan])),
            "date": dt.date(2000 + number, 3, 1 + number),
        }[type]
        if draw(st.integers(0, 5)) == 0:
            values[name] = None
        places[name] = draw(st.sampled_from([*PLACES, None]))
    title_of = ANY_TEXT if hostile else st.sampled_from(["", *JOBS[language]])
    at = ANY_TEXT if hostile else st.sampled_from(["", *ENTERPRISES[language]])
    jobs = [
        tuple(one for _ in range(draw(st.integers(0, 2))) if (one := job(draw(title_of), draw(at))))
        for _ in range(3)
    ]
    buying = draw(st.sampled_from([None, "decides", "blocks", "odd"]))
    people = draw(st.sampled_from([0, 1, 2, 5, 40]))
    deciders = draw(st.integers(0, people))
    return kind, specs, values, places, jobs, buying, people, deciders


def built(drawn: tuple[object, ...], language: Language) -> Parts:
    kind, specs, values, places, jobs, buying, people, deciders = drawn
    vocabulary = Vocabulary({"enterprise": {}, "person": {}, "role": {}, kind: specs}, {})  # type: ignore[dict-item]
    said = gather(Speech(language, vocabulary), kind, values, places)  # type: ignore[arg-type]
    return Parts(kind, said, *jobs, buying, people, deciders)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=MANY)
@given(data=st.data())
def test_any_parts_of_sound_labels(language: Language, data: st.DataObject) -> None:
    drawn = data.draw(fields(language, hostile=False))
    told = sentence(built(drawn, language), language)
    assert faults(told, language) == [], told
    # A figure at the beginning would not say whose it is.
    assert drawn[0] != "person" or language == "zh" or not told[:1].isdigit(), told
    silent = undeclared(drawn[2], drawn[3])  # type: ignore[arg-type]
    assert not [one for one in silent if one in told], told


def undeclared(values: Mapping[str, object], places: Mapping[str, object]) -> list[str]:
    """The labels that only values without a place have."""

    def labels(placed: bool) -> set[str]:
        said: Sequence[object] = [
            v for name, v in values.items() if (places[name] is not None) == placed
        ]
        return {
            one for v in said for one in (v if isinstance(v, list) else [v]) if isinstance(one, str)
        }

    return sorted(labels(False) - labels(True))


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_any_parts_of_any_labels(language: Language, data: st.DataObject) -> None:
    told = sentence(built(data.draw(fields(language, hostile=True)), language), language)
    assert broken(told, language) == [], told
    told.encode()
