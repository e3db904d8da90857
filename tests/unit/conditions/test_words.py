"""Conditions in words: what is said in both languages, and that nothing stays untranslated."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import polib
import pytest
from hypothesis import given

import holbein.conditions
from holbein.conditions import tree
from holbein.conditions.bind import bind
from holbein.conditions.text import parse, parse_measure
from holbein.conditions.tree import SubjectKind
from holbein.conditions.words import measure_words, remarks, sentence, words
from holbein.errors import HolbeinError
from holbein.language import LOCALE, translator
from tests.support.any_trees import conditions, measures
from tests.support.vocabularies import VOCABULARY

SAID: list[tuple[SubjectKind, str, str, str]] = [
    ("enterprise", "industry = 'Software' AND province IN ('Zhejiang', 'Jiangsu') AND employees BETWEEN 50 AND 500",
     "industry is Software, province is Zhejiang or Jiangsu, and employees is between 50 and 500",
     "行业是Software，省份是Zhejiang或Jiangsu，且员工数在50到500之间"),
    ("enterprise", "count(login, '30 days') >= 3",
     "login happened at least 3 times in the last 30 days", "近30天登录至少3次"),
    ("enterprise", "count(login, '7 days') > 0",
     "login happened at least once in the last 7 days", "近7天登录至少1次"),
    ("enterprise", "count(login, '1 day') = 0", "login did not happen in the last day", "近1天没有登录"),
    ("enterprise", "count(login) = 0", "login never happened", "从未登录"),
    ("enterprise", "count_days(login, '30 days') >= 10",
     "login happened on at least 10 days in the last 30 days", "近30天至少10天有登录"),
    ("enterprise", "count(login, '24 hours') BETWEEN 2 AND 5",
     "login happened 2 to 5 times in the last 24 hours", "近24小时登录2到5次"),
    ("enterprise", "count(orders, '90 days') = 0",
     "there were no orders in the last 90 days", "近90天没有订单"),
    ("enterprise", "NOT count(orders) >= 3", "there were fewer than 3 orders", "订单数少于3"),
    ("enterprise", "sum(orders.amount, '90 days') > 10000",
     "total amount of orders in the last 90 days is more than 10,000", "近90天订单金额合计大于10000"),
    ("enterprise", "sum(orders.amount, '90 days', status = 'paid') > 0.5",
     "total amount of orders (status is paid) in the last 90 days is more than 0.5",
     "近90天状态是已付的订单金额合计大于0.5"),
    ("enterprise", "sum(orders.amount, '90 days') < 0.7 * sum(orders.amount, '90 days', before => '90 days')",
     "total amount of orders in the last 90 days is less than 0.7 times total amount of orders "
     "in the 90 days before the last 90 days",
     "近90天订单金额合计小于近90天之前的90天订单金额合计的0.7倍"),
    ("enterprise", "count(visit, before => '1 month') > 2",
     "visit happened more than 2 times before the last month", "近1个月之前访问超过2次"),
    ("enterprise", "days_since(login) > 60", "the latest login was more than 60 days ago",
     "最近一次登录距今超过60天"),
    ("enterprise", "days_since(orders, '1 year') <= 1",
     "the latest entry in orders was at most 1 day ago in the last year", "近1年最近一次订单距今至多1天"),
    ("enterprise", "days_until(renewal_date) < 30", "renewal date is less than 30 days from now",
     "距续约日不到30天"),
    ("person", "years_since(birth_date) BETWEEN 25 AND 30", "date of birth is 25 to 30 years ago",
     "出生日期距今25到30年"),
    ("enterprise", "first(orders.product) = 'Chai'", "first product of orders is Chai", "首次订单的产品是Chai"),
    ("enterprise", "count_distinct(orders.category, '1 year') >= 4",
     "number of different values of category of orders in the last year is at least 4",
     "近1年订单的不同品类数不低于4"),
    ("enterprise", "any_role(title LIKE '%CFO%' AND count(login, '7 days') >= 1)",
     "a current role meets (title contains “CFO” and login happened at least once in the last 7 days)",
     "至少有一个现任角色满足（职务包含“CFO”，且近7天登录至少1次）"),
    ("enterprise", "NOT any_role(title LIKE 'C%')", "no current role meets (title begins with “C”)",
     "没有现任角色满足（职务以“C”开头）"),
    ("enterprise", "role_share(active) >= 0.5",
     "share of current roles that meet (active is yes) is at least 50%",
     "现任角色中满足（活跃为“是”）的占比不低于50%"),
    ("person", "enterprise(industry = 'Retail')", "a current enterprise meets (industry is Retail)",
     "现任职的某家企业满足（行业是Retail）"),
    ("enterprise", "sequence(visit(page = '/pricing'), orders, within => '30 days')",
     "visit (page is /pricing) followed by orders within 30 days", "30天内先后发生：页面是/pricing的访问→订单"),
    ("enterprise", "became(value_tier, 'high', '7 days')", "value tier became High in the last 7 days",
     "近7天价值等级变为高"),
    ("enterprise", "bucket('spring') < 0.1", "it is in the first 10% of the random split “spring”",
     "属于随机分组“spring”的前10%"),
    ("enterprise", "NOT in_audience('key accounts')", "it is not in the audience “Key accounts”",
     "不属于人群“重点客户”"),
    ("enterprise", "favourites CONTAINS 'Seafood' AND region IS NULL",
     "favourite categories include Seafood and region is not known", "偏好品类包含Seafood，且地区未知"),
    ("enterprise", "region WITHIN '310000'", "region is within Shanghai", "地区属于上海"),
    ("enterprise", "NOT key_account", "key account is no or not known", "重点客户不为“是”"),
    ("enterprise", "renewal_date >= DATE '2024-02-29'", "renewal date is on or after 2024-02-29",
     "续约日不早于2024年2月29日"),
    ("enterprise", "50 < employees", "employees is more than 50", "员工数大于50"),
    ("enterprise", "industry = 'Food, drink'", "industry is “Food, drink”", "行业是“Food, drink”"),
    ("enterprise", "TRUE", "all enterprises", "所有企业"),
    ("person", "FALSE", "no people at all", "没有任何人员"),
    ("enterprise", "region = '上海' OR employees > 500 AND key_account",
     "region is Shanghai or (employees is more than 500 and key account is yes)",
     "地区是上海，或（员工数大于500，且重点客户为“是”）"),
    ("enterprise", "industry NOT IN ('a', 'b', 'c') AND (region = '上海' OR employees > 500)",
     "industry is none of a, b or c; and (region is Shanghai or employees is more than 500)",
     "行业不是a、b或c，且（地区是上海，或员工数大于500）"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "english", "chinese"), SAID)
def test_what_is_said(kind: SubjectKind, text: str, english: str, chinese: str) -> None:
    condition = bind(parse(text), kind, VOCABULARY)
    assert words(condition, kind, VOCABULARY, "en") == english
    assert words(condition, kind, VOCABULARY, "zh") == chinese


def test_nesting_is_told_apart() -> None:
    texts = ["a AND (b OR c)", "(a AND b) OR c", "NOT (a AND b) OR c", "NOT (a AND b OR c)"]
    for language in ("en", "zh"):
        said = {words(parse(text), "enterprise", VOCABULARY, language) for text in texts}
        assert len(said) == len(texts)


def test_measures_and_sentences() -> None:
    measure = parse_measure("avg(orders.amount, '3 months') / count(login)")
    assert measure_words(measure, "enterprise", VOCABULARY, "en") == (
        "average amount of orders in the last 3 months divided by number of times that login happened"
    )
    assert (
        measure_words(measure, "enterprise", VOCABULARY, "zh")
        == "近3个月订单平均金额与登录次数之比"
    )
    condition = parse("employees > 5")
    assert sentence(condition, "enterprise", VOCABULARY, "en") == (
        "Enterprises where employees is more than 5."
    )
    assert sentence(condition, "enterprise", VOCABULARY, "zh") == (
        "满足以下条件的企业：员工数大于5。"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("days_since(login) > 60", ["Enterprises without any login are left out."]),
        ("count(login) = 0", []),
        ("employees > 5 AND NOT employees < 5",
         ["Enterprises whose value is missing (employees) are taken in as well."]),
        ("NOT days_since(login, '7 days') > 3",
         ["Enterprises without any login in the last 7 days are taken in as well."]),
        ("all_roles(active)",
         ["Enterprises without a current role do not count as having all roles meet it."]),
        ("NOT any_role(active)", ["Enterprises without any current role are taken in as well."]),
        ("any_role(days_since(login) > 3)", ["Roles without any login are left out."]),
    ],
)  # fmt: skip
def test_remarks_say_what_a_reader_may_not_expect(text: str, said: list[str]) -> None:
    condition = bind(parse(text), "enterprise", VOCABULARY)
    assert remarks(condition, "enterprise", VOCABULARY, "en") == said
    chinese = remarks(condition, "enterprise", VOCABULARY, "zh")
    assert len(chinese) == len(said)
    assert all(one.endswith("。") for one in chinese)


@given(conditions)
def test_any_condition_has_words(condition: tree.Condition) -> None:
    for language in ("en", "zh"):
        assert words(condition, "enterprise", VOCABULARY, language)
        assert sentence(condition, "enterprise", VOCABULARY, language)
        remarks(condition, "enterprise", VOCABULARY, language)


@given(measures)
def test_any_measure_has_words(measure: tree.Measure) -> None:
    for language in ("en", "zh"):
        assert isinstance(measure_words(measure, "enterprise", VOCABULARY, language), str)


def _messages() -> tuple[set[str], set[tuple[str, str]]]:
    """The templates in the source: arguments of say and mark, of many and pair."""
    single: set[str] = set()
    several: set[tuple[str, str]] = set()
    folder = Path(holbein.conditions.__file__).parent
    for name in ("wording", "clauses", "words", "remarks"):
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = [
                one.value
                for one in node.args
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            if called in ("say", "mark") and texts:
                single.add(texts[0])
            elif called in ("many", "pair") and len(texts) == 2:
                several.add((texts[0], texts[1]))
    return single, several


def test_every_template_is_in_the_chinese_catalogue_with_its_parts() -> None:
    single, several = _messages()
    catalogue = polib.pofile(str(LOCALE / "zh" / "LC_MESSAGES" / "conditions.po"))
    known = {one.msgid: one.msgstr for one in catalogue if not one.msgid_plural}
    plural = {
        (one.msgid, one.msgid_plural): one.msgstr_plural[0] for one in catalogue if one.msgid_plural
    }
    assert single == set(known)
    assert several == set(plural)
    parts = re.compile(r"{\w+}")
    for message, chinese in known.items():
        assert sorted(parts.findall(message)) == sorted(parts.findall(chinese)), message
    for (_, message), chinese in plural.items():
        assert sorted(parts.findall(message)) == sorted(parts.findall(chinese)), message


def test_translators() -> None:
    assert translator("en", "conditions").gettext("yes") == "yes"
    assert translator("zh", "conditions").gettext("yes") == "是"
    assert translator("zh").gettext("no such text") == "no such text"
    assert translator("en").ngettext("{n} day", "{n} days", 2) == "{n} days"
    assert translator("zh", "conditions").ngettext("{n} day", "{n} days", 1) == "{n}天"
    with pytest.raises(HolbeinError, match="en, zh"):
        translator("fr")
