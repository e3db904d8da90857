"""The sentence: whatever is missing, what is left reads as one."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from holbein.conditions.vocabulary import FieldSpec, Language
from holbein.portraits.speech import Speech
from holbein.portraits.words.parts import Job, Parts, Said, gather, said
from holbein.portraits.words.sentence import sentence
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


def label(title: str, text: str, name: str = "x") -> Said:
    """A value with a title written for people."""
    return one(title, text, declared=True, name=name)


def day(title: str, value: dt.date) -> Said:
    return one(title, str(value), "date", value=value)


def number(title: str, value: int) -> Said:
    return one(title, f"{value:,}", "number", value=float(value))


def place(*labels: str) -> Said:
    return Said("region", "Location", "category", "110105", labels, True)


FOUNDED, SINCE = dt.date(2012, 4, 1), dt.date(2021, 9, 1)
EN = Parts(
    "enterprise",
    {
        "who": (one("Industry", "Software"),),
        "where": (place("Pudong", "Shanghai"),),
        "size": (
            label("Size", "200 to 499 people"),
            day("Founded", FOUNDED),
            day("Customer since", SINCE),
        ),
        "activity": (
            label("Activity", "Very active"),
            dataclasses.replace(label("Loyalty", "Loyal"), figure=number("Renewals", 3)),
        ),
        "preference": (label("Favourite category", "analytics add-ons"),),
        "risk": (label("Payment", "pays on time"),),
        "people": (label("Buying committee", "no one from finance"),),
    },
    people=5,
    deciders=2,
)
ZH = Parts(
    "enterprise",
    {
        "who": (one("行业", "软件业"),),
        "where": (place("浦东新区", "上海市"),),
        "size": (
            label("规模", "200至499人"),
            day("成立时间", FOUNDED),
            day("成为客户时间", SINCE),
        ),
        "activity": (
            label("活跃度", "非常活跃"),
            dataclasses.replace(label("忠诚度", "忠诚客户"), figure=number("续约次数", 3)),
        ),
        "preference": (label("偏好品类", "分析插件"),),
        "risk": (label("付款习惯", "付款准时"),),
        "people": (label("采购决策链", "缺少财务联系人"),),
    },
    people=5,
    deciders=2,
)
PERSON_EN = Parts(
    "person",
    {
        "who": (label("Gender", "Female"), label("Age group", "25 to 30")),
        "where": (place("Wangjing", "Beijing"),),
        "size": (
            number("Height (cm)", 170),
            label("Salary", "15,000 to 20,000 a month"),
            label("School", "graduate of a 211 university"),
            label("Marriage", "unmarried"),
        ),
        "preference": (
            label("Interests", "reading"),
            one("Has a mortgage", "Has a mortgage", "boolean", value=True),
            label("Brands liked", "Starbucks"),
        ),
        "activity": (one("Often works late", "Often works late", "boolean", value=True),),
    },
    jobs=(Job("product manager", ""),),
)
PERSON_ZH = Parts(
    "person",
    {
        "who": (label("性别", "女"), label("年龄段", "25至30岁")),
        "where": (place("望京", "北京"),),
        "size": (
            number("身高（厘米）", 170),
            label("月薪", "月入1.5万至2万"),
            label("毕业院校", "211院校毕业"),
            label("婚姻状况", "未婚"),
        ),
        "preference": (
            label("兴趣爱好", "阅读"),
            one("有房贷", "有房贷", "boolean", value=True),
            label("偏爱的品牌", "星巴克"),
        ),
        "activity": (one("经常加班", "经常加班", "boolean", value=True),),
    },
    jobs=(Job("产品经理", ""),),
)


def test_an_enterprise() -> None:
    assert sentence(EN, "en") == (
        "Software company in Pudong, Shanghai, 200 to 499 people, founded 2012, customer since"
        " 2021, very active, loyal (three renewals), prefers analytics add-ons, pays on time;"
        " five people known, of whom two decide, no one from finance."
    )
    assert sentence(ZH, "zh") == (
        "上海市浦东新区的软件企业，200至499人，2012年成立，2021年成为客户，非常活跃，"
        "忠诚客户（续约3次），偏好分析插件，付款准时；已知5位联系人，其中2位有决策权，缺少财务联系人。"
    )


def test_a_person() -> None:
    assert sentence(PERSON_EN, "en") == (
        "Female, 25 to 30, product manager in Wangjing, Beijing, 170 cm, 15,000 to 20,000 a month,"
        " graduate of a 211 university, unmarried, likes reading, has a mortgage, likes Starbucks,"
        " often works late."
    )
    assert sentence(PERSON_ZH, "zh") == (
        "女，25至30岁，北京望京的产品经理，身高170厘米，月入1.5万至2万，211院校毕业，未婚，"
        "喜欢阅读，有房贷，偏爱星巴克，经常加班。"
    )


def test_of_nothing_nothing_is_said() -> None:
    assert sentence(Parts("enterprise"), "en") == ""
    assert sentence(Parts("person"), "zh") == ""


@pytest.mark.parametrize(
    ("people", "deciders", "en", "zh"),
    [
        (1, 0, "One person known.", "已知1位联系人。"),
        (1, 1, "One person known, who decides.", "已知1位联系人，有决策权。"),
        (3, 0, "Three people known.", "已知3位联系人。"),
        (3, 1, "Three people known, of whom one decides.", "已知3位联系人，其中1位有决策权。"),
        (3, 3, "Three people known, all of whom decide.", "已知3位联系人，均有决策权。"),
        (3, 9, "Three people known, all of whom decide.", "已知3位联系人，均有决策权。"),
        (
            1200,
            11,
            "1,200 people known, of whom 11 decide.",
            "已知1,200位联系人，其中11位有决策权。",
        ),
    ],
)
def test_people_are_counted(people: int, deciders: int, en: str, zh: str) -> None:
    parts = Parts("enterprise", people=people, deciders=deciders)
    assert (sentence(parts, "en"), sentence(parts, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("title", "value", "en"),
    [
        ("Employees", 1.0, "one employee"),
        ("Subsidiaries", 1.0, "one subsidiary"),
        ("Employees", 0.0, "no employees"),
        ("Logins in 30 days", 12.0, "12 logins in 30 days"),
        ("Logins in 30 days", 1.0, "one login in 30 days"),
        ("Sales", 1000.0, "sales of 1,000"),
        ("Status", 3.0, "status of 3"),
        ("Revenue (CNY)", 2.5, "revenue of CNY 2.5"),
        ("Age in years", 17.0, "age in years of 17"),
        ("Number of orders", 4.0, "four orders"),
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
    for label, head in (
        ("批发业", "批发企业。"),
        ("农副食品加工业", "农副食品加工企业。"),
        ("农业", "农业企业。"),
        ("重工业", "重工业企业。"),
        ("林业", "林业企业。"),
    ):
        assert sentence(Parts("enterprise", {"who": (one("i", label),)}), "zh") == head


@pytest.mark.parametrize(
    ("label", "head"),
    [
        ("Textiles", "Textile company."),
        ("Motor vehicles", "Motor vehicle company."),
        ("Computers and electronics", "Computer and electronics company."),
        ("Internet services", "Internet services company."),
        ("Retail trade", "Retail company."),
        ("Schools and training", "Education and training company."),
        ("Repair of vehicles and goods", "Vehicle and goods repair company."),
        ("Other finance", "Finance company."),
        ("Other", "Company."),
        ("Retailers", "Retailer."),
        ("Agencies", "Agency."),
        ("Bank of China", "Bank of China."),
        ("State bodies", "State body."),
        ("Internet of things", "Internet of things company."),
        ("卫生", "医疗卫生机构。"),
        ("教育", "教育机构。"),
        ("开采专业及辅助性活动", "采矿服务企业。"),
        ("其他金融业", "金融企业。"),
        ("其他", "企业。"),
        ("国际组织", "国际组织。"),
        ("中国共产党机关", "中国共产党机关。"),
    ],
)
def test_what_a_company_of_an_industry_is_called(label: str, head: str) -> None:
    parts = Parts("enterprise", {"who": (one("i", label),)})
    assert sentence(parts, "en" if label.isascii() else "zh") == head


def test_nothing_is_said_of_people_of_whom_nothing_is_known() -> None:
    # That the company has no decision maker would be a guess; that none is known is not.
    for language, title, told in (
        ("en", "Buying committee", "buying committee: no one from finance"),
        ("zh", "采购决策链", "采购决策链：缺少财务联系人"),
    ):
        lacking = label(title, told.split(": ")[-1].split("：")[-1])
        whole = label(title, f"{title}完整" if language == "zh" else "buying committee complete")
        for said_of, more in ((lacking, told), (whole, whole.labels[0])):
            parts = Parts("enterprise", {"people": (said_of,)})
            mark = "." if language == "en" else "。"
            assert sentence(parts, language).casefold() == more.casefold() + mark  # type: ignore[arg-type]
            parts = dataclasses.replace(parts, people=2)
            known = "Two people known, " if language == "en" else "已知2位联系人，"
            assert sentence(parts, language) == known + said_of.labels[0] + mark  # type: ignore[arg-type]


def test_a_figure_does_not_begin_a_sentence_about_a_person() -> None:
    for who, told in (
        ("40 to 49", "Person, 40 to 49, married."),
        ("under 25", "Person, under 25, married."),
        ("female", "Female, married."),
    ):
        parts = Parts(
            "person",
            {"who": (label("Age group", who),), "size": (label("Marriage", "married"),)},
        )
        assert sentence(parts, "en") == told


def test_where_someone_works_is_told_without_a_title_too() -> None:
    female = {"who": (label("Gender", "female"),)}
    parts = Parts("person", female, jobs=(Job("CFO", "Acme"), Job("", "Bolt")))
    assert sentence(parts, "en") == "Female, CFO at Acme, works at Bolt."
    assert sentence(Parts("person", female, jobs=(Job("", "Acme"),)), "en") == (
        "Female, works at Acme."
    )
    assert sentence(Parts("person", female, coming_jobs=(Job("", "Acme"),)), "en") == (
        "Female, will work at Acme."
    )


def test_a_second_job_is_held_at_the_same_time() -> None:
    parts = Parts("person", jobs=(Job("财务总监", "云汉科技"), Job("顾问", "明石软件")))
    assert sentence(parts, "zh") == "现任云汉科技财务总监，同时担任明石软件顾问。"
    parts = Parts("person", jobs=(Job("财务总监", "云汉科技"), Job("Advisor", "Acme")))
    assert sentence(parts, "zh") == "现任云汉科技财务总监，同时任职于Acme，职务为Advisor。"


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("续约次数", "无续约记录。"),
        ("近30天登录次数", "近30天无登录记录。"),
        ("近3个月下单次数", "近3个月无下单记录。"),
    ],
)
def test_what_never_happened_has_no_number_in_chinese(title: str, told: str) -> None:
    assert sentence(Parts("enterprise", {"activity": (number(title, 0),)}), "zh") == told


def test_a_title_that_a_value_brings_is_not_said_again() -> None:
    graded = Parts("enterprise", {"size": (label("规模", "中等"),)})
    assert sentence(graded, "zh") == "规模中等。"


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
    assert sentence(parts, "en") == "Company in Pudong, Shanghai."
    parts = Parts(
        "enterprise", gather(Speech("zh", vocabulary), "enterprise", {"region": "310115"}, {})
    )
    assert sentence(parts, "zh") == "位于上海市浦东新区的企业。"


def test_what_says_no_more_than_another_phrase_is_left_out() -> None:
    for language, less, more, told in (
        ("en", "active", "very active", "Company, very active, expanding."),
        ("zh", "活跃", "非常活跃", "非常活跃，成长。"),
    ):
        growing = label("Trend", "expanding" if language == "en" else "成长")
        said_twice = (label("a", less), growing, label("b", more), label("c", less))
        parts = Parts("enterprise", {"activity": said_twice[:3], "risk": said_twice[3:]})
        assert sentence(parts, language) == told  # type: ignore[arg-type]


def test_what_was_said_of_an_enterprise_is_not_said_again_of_its_people() -> None:
    for language, told in (("en", "Company, no one from finance; two people known."),
                           ("zh", "缺少财务联系人；已知2位联系人。")):  # fmt: skip
        lacking = label("a", "no one from finance" if language == "en" else "缺少财务联系人")
        parts = Parts("enterprise", {"risk": (lacking,), "people": (lacking,)}, people=2)
        assert sentence(parts, language) == told  # type: ignore[arg-type]


def test_no_word_is_said_twice_where_a_title_meets_its_value() -> None:
    parts = Parts("enterprise", {"activity": (one("Plan", "plan B"),)})
    assert sentence(parts, "en") == "Company, plan B."


def test_several_values_are_listed() -> None:
    for language, told in (("en", "Likes a1, b2 and c3."), ("zh", "喜欢a1、b2和c3。")):
        title = "Interests" if language == "en" else "兴趣"
        tastes = Said("x", title, "categories", [], ("a1", "b2", "c3", "d4"), True)
        parts = Parts("person", {"preference": (tastes,)})
        assert sentence(parts, language) == told  # type: ignore[arg-type]


def test_marks_of_labels_are_those_of_chinese() -> None:
    typed = label("行业", "餐饮, 零售 (连锁)")
    parts = Parts("enterprise", {"activity": (typed,)})
    assert sentence(parts, "zh") == "餐饮，零售（连锁）。"
    counted = Parts("enterprise", {"activity": (number("订单数", 1200),)})
    assert sentence(counted, "zh") == "订单数为1,200。"
