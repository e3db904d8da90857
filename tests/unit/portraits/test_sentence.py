"""The sentence: whatever is missing, what is left reads as one."""

from __future__ import annotations

import itertools
import random

import pytest

from holbein.conditions.vocabulary import FieldSpec, Language
from holbein.portraits.parts import Job, Parts, Said, gather, said
from holbein.portraits.sentence import sentence
from holbein.portraits.speech import Speech
from holbein.refine.codes import code_list
from tests.support.vocabularies import VOCABULARY


def one(
    title: str,
    label: str,
    kind: str = "category",
    declared: bool = False,
    name: str = "x",
    value: object = None,
) -> Said:
    return Said(name, title, kind, label if value is None else value, (label,), declared)  # type: ignore[arg-type]


EN = Parts(
    "enterprise",
    {
        "who": (one("Industry", "Software"),),
        "where": (Said("region", "Region", "category", "310115", ("Pudong", "Shanghai"), True),),
        "size": (one("Employees", "250", "number", name="employees", value=250.0),),
        "activity": (one("Activity", "Very active", declared=True),),
        "preference": (Said("likes", "Likes", "categories", [], ("analytics", "training")),),
        "risk": (one("Payment", "pays on time", declared=True),),
    },
    people=5,
    deciders=2,
)
ZH = Parts(
    "enterprise",
    {
        "who": (one("行业", "软件"),),
        "where": (Said("region", "地区", "category", "310115", ("浦东新区", "上海市"), True),),
        "size": (one("规模", "中型", declared=True), one("员工数", "250", "number", value=250.0)),
        "activity": (one("活跃度", "非常活跃", declared=True),),
        "preference": (Said("likes", "偏好", "categories", [], ("分析插件", "培训")),),
        "risk": (one("付款习惯", "付款准时", declared=True),),
    },
    people=5,
    deciders=2,
)


def test_the_whole_sentence() -> None:
    assert sentence(EN, "en") == (
        "Software company in Pudong, Shanghai, 250 employees, very active, prefers analytics and"
        " training, pays on time; five people known, of whom two decide."
    )
    assert sentence(ZH, "zh") == (
        "上海市浦东新区的中型软件企业，员工250人，非常活跃，偏好分析插件和培训，付款准时；"
        "已知5人，其中2人有决策权。"
    )


@pytest.mark.parametrize(("whole", "language"), [(EN, "en"), (ZH, "zh")])
def test_any_part_may_be_absent(whole: Parts, language: Language) -> None:
    places = list(whole.said)
    for count in range(len(places) + 1):
        for kept in itertools.combinations(places, count):
            for people, deciders in ((0, 0), (1, 0), (1, 1), (5, 5), (5, 0)):
                parts = Parts(
                    "enterprise", {p: whole.said[p] for p in kept}, people=people, deciders=deciders
                )  # type: ignore[misc]
                text = sentence(parts, language)
                if not kept and not people:
                    assert text == ""
                    continue
                assert text[-1] == ("." if language == "en" else "。")
                assert text[:1] == text[:1].upper()
                for wrong in (
                    " ,",
                    ",,",
                    " ;",
                    ";;",
                    ",;",
                    ", ;",
                    "  ",
                    "，，",
                    "，；",
                    "；；",
                    "..",
                    "。。",
                    "None",
                    "的的",
                ):
                    assert wrong not in text, text
                assert text[:1] not in ",;.，；。 "


def test_of_nothing_nothing_is_said() -> None:
    assert sentence(Parts("enterprise"), "en") == ""
    assert sentence(Parts("person"), "zh") == ""


@pytest.mark.parametrize(
    ("people", "deciders", "en", "zh"),
    [
        (1, 0, "One person known.", "已知1人。"),
        (1, 1, "One person known, who decides.", "已知1人，有决策权。"),
        (3, 0, "Three people known.", "已知3人。"),
        (3, 1, "Three people known, of whom one decides.", "已知3人，其中1人有决策权。"),
        (3, 3, "Three people known, all of whom decide.", "已知3人，均有决策权。"),
        (3, 9, "Three people known, all of whom decide.", "已知3人，均有决策权。"),
        (1200, 11, "1,200 people known, of whom 11 decide.", "已知1,200人，其中11人有决策权。"),
    ],
)
def test_people_are_counted(people: int, deciders: int, en: str, zh: str) -> None:
    parts = Parts("enterprise", people=people, deciders=deciders)
    assert (sentence(parts, "en"), sentence(parts, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("title", "value", "en"),
    [
        ("Employees", 1.0, "1 employee"),
        ("Subsidiaries", 1.0, "1 subsidiary"),
        ("Employees", 0.0, "no employees"),
        ("Logins in 30 days", 12.0, "12 logins in 30 days"),
        ("Logins in 30 days", 1.0, "1 login in 30 days"),
        ("Sales", 1000.0, "sales of 1,000"),
        ("Status", 3.0, "status of 3"),
        ("Revenue (CNY)", 2.5, "revenue (CNY) of 2.5"),
        ("Age in years", 17.0, "age in years of 17"),
        ("Number of orders", 4.0, "4 orders"),
    ],
)
def test_numbers_agree_with_their_nouns(title: str, value: float, en: str) -> None:
    text = f"{value:,.1f}".removesuffix(".0")
    parts = Parts(
        "enterprise",
        {"who": (one("i", "Bank"),), "size": (one(title, text, "number", value=value),)},
    )
    assert sentence(parts, "en") == f"Bank, {en}."


def test_a_company_is_not_called_a_company_twice() -> None:
    for label, head in (
        ("Bank", "Bank."),
        ("Retail", "Retail company."),
        ("Holding company", "Holding company."),
    ):
        assert sentence(Parts("enterprise", {"who": (one("i", label),)}), "en") == head
    for label, head in (("银行", "银行。"), ("零售", "零售企业。"), ("软件公司", "软件公司。")):
        assert sentence(Parts("enterprise", {"who": (one("i", label),)}), "zh") == head


def test_countries_that_have_an_article() -> None:
    for label, told in (
        ("United Kingdom", "in the United Kingdom"),
        ("Netherlands", "in the Netherlands"),
        ("Germany", "in Germany"),
        ("Dominican Republic", "in the Dominican Republic"),
        ("Unitedville", "in Unitedville"),
    ):
        where = Said("country", "Country", "category", label, (label,), True)
        assert sentence(Parts("enterprise", {"where": (where,)}), "en") == f"Company {told}."


def test_a_person_is_told_by_what_they_do() -> None:
    parts = Parts(
        "person", {"who": (one("Gender", "Female", declared=True),)}, jobs=(Job("CFO", "Acme"),)
    )
    assert sentence(parts, "en") == "Female, CFO at Acme."
    assert sentence(parts, "zh") == "Female，任职于Acme，职务为CFO。"
    past = Parts("person", past_jobs=(Job("财务总监", "云汉科技"), Job("x", "y")))
    assert sentence(past, "en") == "Formerly 财务总监 at 云汉科技."
    assert sentence(past, "zh") == "曾任云汉科技财务总监。"
    assert sentence(Parts("person", jobs=(Job("", "Acme"),)), "en") == "Person at Acme."


def test_what_a_role_does_in_buying_is_said_of_present_ones() -> None:
    present = Parts("role", jobs=(Job("CFO", "Acme"),), buying_role="decides")
    assert sentence(present, "en") == "CFO at Acme, decides on purchases."
    assert sentence(present, "zh") == "任职于Acme，职务为CFO，有采购决策权。"
    past = Parts("role", past_jobs=(Job("CFO", "Acme"),), buying_role="decides")
    assert sentence(past, "en") == "Formerly CFO at Acme."
    assert sentence(past, "zh") == "曾任职于Acme，职务为CFO。"


def test_the_sentence_does_not_grow_without_end() -> None:
    long = tuple(one(f"Title {n}", " ".join(["word"] * 9), name=f"n{n}") for n in range(9))
    parts = Parts(
        "enterprise",
        {"who": long, "activity": long, "preference": long, "risk": long, "people": long},
        people=9,
    )
    assert len(sentence(parts, "en").split()) <= 60
    chinese = tuple(one(f"标题{n}", "字" * 30, name=f"n{n}") for n in range(9))
    parts = Parts("enterprise", {"who": chinese, "activity": chinese, "risk": chinese}, people=9)
    assert len(sentence(parts, "zh")) <= 160


# --- gathering ------------------------------------------------------------------------------------


def speech(language: Language) -> Speech:
    return Speech(language, VOCABULARY)


def test_values_are_named_by_their_titles() -> None:
    tier = FieldSpec(
        "tier", "category", {"en": "Tier"}, {"high": {"en": "high value", "zh": "高价值"}}
    )
    found = said(speech("zh"), tier, "high")
    assert found is not None
    assert (found.title, found.labels, found.declared) == ("Tier", ("高价值",), True)
    unknown = said(speech("en"), tier, "odd")
    assert unknown is not None
    assert (unknown.labels, unknown.declared) == (("odd",), False)
    gender = said(speech("zh"), FieldSpec("gender", "category"), "female")
    assert gender is not None
    assert (gender.title, gender.labels, gender.declared) == ("性别", ("女",), True)


def test_what_is_not_so_is_said_only_where_there_are_words_for_it() -> None:
    plain = FieldSpec("active", "boolean", {"en": "Active"})
    titled = FieldSpec("active", "boolean", {"en": "Active"}, {"false": {"en": "gone quiet"}})
    assert said(speech("en"), plain, False) is None
    assert said(speech("en"), plain, True).labels == ("Active",)  # type: ignore[union-attr]
    assert said(speech("en"), titled, False).labels == ("gone quiet",)  # type: ignore[union-attr]
    for nothing in (None, []):
        assert said(speech("en"), plain, nothing) is None


def test_places_are_named_narrowest_first_and_once() -> None:
    regions = code_list("regions")
    fields = {
        "country": FieldSpec("country", "category"),
        "region": FieldSpec("region", "category", codes=regions),
    }
    vocabulary = type(VOCABULARY)({"enterprise": fields, "person": {}, "role": {}}, {})
    values = {"country": "China", "region": "310115"}
    parts = Parts("enterprise", gather(Speech("en", vocabulary), "enterprise", values, {}))
    assert sentence(parts, "en") == "Company in Pudong, Shanghai, China."
    parts = Parts(
        "enterprise", gather(Speech("zh", vocabulary), "enterprise", {"region": "310115"}, {})
    )
    assert sentence(parts, "zh") == "位于中国上海市浦东新区的企业。"


def test_random_values_never_break_the_sentence() -> None:
    chance = random.Random(3)
    letters = "aB é中，。;,.(\n\u202e<'"
    for _ in range(300):

        def text() -> str:
            return "".join(chance.choice(letters) for _ in range(chance.randrange(0, 60)))

        fields = {
            name: FieldSpec(name, "category", {"en": text(), "zh": text()})
            for name in ("industry", "city", "size")
        }
        vocabulary = type(VOCABULARY)({"enterprise": fields, "person": {}, "role": {}}, {})
        values = {name: text() or None for name in fields}
        for language in ("en", "zh"):
            speaker = Speech(language, vocabulary)  # type: ignore[arg-type]
            found = gather(speaker, "enterprise", values, {"size": "activity"})
            told = sentence(Parts("enterprise", found), language)  # type: ignore[arg-type]
            assert told.endswith((".", "。"))
            assert "\n" not in told
            assert "\u202e" not in told
