"""The portrait of one subject: what it says, and what it rests on."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from holbein.errors import HolbeinError, NotFoundError
from holbein.portraits import SubjectPortrait, portrait
from holbein.portraits.one.subject import TagLine
from holbein.query import Query
from holbein.workspace import Workspace
from tests.unit.portraits.samples import HOSTILE
from tests.unit.query.little import AS_OF, COMPANY_LIST, ORDER_LIST, orders_of, revenue, tier


def tag(p: SubjectPortrait, name: str) -> TagLine:
    return next(one for group in p.categories for one in group.tags if one.name == name)


@pytest.fixture(scope="module")
def first(query: Query) -> SubjectPortrait:
    return portrait(query, "enterprise", "crm:C001")


def test_the_sentence_in_both_languages(query: Query) -> None:
    company = next(
        one
        for one in COMPANY_LIST
        if one.sector == "software" and tier(one.key) == "high" and one.employees
    )
    english = portrait(query, "enterprise", f"crm:{company.key}").sentence
    chinese = portrait(query, "enterprise", f"crm:{company.key}", "zh").sentence
    assert english.startswith("Software company in Pudong, Shanghai, ")
    assert f"{company.employees:,} employee" in english
    assert "high value" in english
    assert chinese.startswith("上海市浦东新区的软件企业，")
    assert f"员工{company.employees:,}人" in chinese
    assert "高价值" in chinese
    assert "prefers" in english
    assert "偏好" in chinese


def test_people_who_decide_are_counted_by_what_they_are_and_not_by_its_title(query: Query) -> None:
    # p1 decides now; r4 is over, and r5 has not begun.
    assert portrait(query, "enterprise", "crm:C001").sentence.endswith(
        "two people known, of whom one decides."
    )
    assert portrait(query, "enterprise", "crm:C001", "zh").sentence.endswith(
        "已知2位联系人，其中1位有决策权。"
    )


def test_names_ids_and_the_version(first: SubjectPortrait) -> None:
    assert (first.kind, first.id, first.name) == ("enterprise", "E1", "Company 1")
    assert (first.as_of, first.version, first.language) == (AS_OF, "2", "en")
    assert [(one.source, one.key) for one in first.aliases] == [("crm", "C001")]


def test_attributes_are_titled_and_readable(query: Query) -> None:
    for language, expected in (
        ("en", {"Trade": "banking", "Region": "Pudong", "Founded": "2 February 1991"}),
        ("zh", {"行业": "银行", "地区": "浦东新区", "成立时间": "1991年2月2日"}),
    ):
        found = {
            one.title: one.text
            for one in portrait(query, "enterprise", "crm:C001", language).attributes
        }
        assert found.items() >= expected.items()
        assert "name" not in {
            one.name for one in portrait(query, "enterprise", "crm:C001", language).attributes
        }


def test_tags_come_by_category_the_commonest_first(query: Query) -> None:
    for language in ("en", "zh"):
        groups = portrait(query, "enterprise", "crm:C004", language).categories
        assert [one.name for group in groups for one in group.tags] == [
            "trade", "place", "size", "tier", "revenue", "likes", "busy", "last_order",
        ]  # fmt: skip
        assert groups[-1].path == ()
    assert groups[0].path == ("基本画像",)
    assert groups[2].path == ("价值", "订单")


def test_the_figures_behind_a_number(query: Query) -> None:
    for company in ("C001", "C003", "C004"):
        line = tag(portrait(query, "enterprise", f"crm:{company}"), "revenue")
        orders = orders_of(company, 90)
        assert line.value == pytest.approx(revenue(company))
        assert line.evidence.definition == "Total amount of orders in the last 90 days"
        (figure,) = line.evidence.figures
        assert figure.value == pytest.approx(revenue(company))
        assert figure.facts == len(orders)
        assert figure.first == (orders[0].day if orders else None)
        assert figure.last == (orders[-1].day if orders else None)


def test_a_rule_is_told_in_words_with_the_figures_that_it_compares(query: Query) -> None:
    line = tag(portrait(query, "enterprise", "crm:C004"), "tier")
    assert line.evidence.definition == (
        "High value: revenue in 90 days is at least 800; low value: revenue in 90 days is more than 0;"
        " no orders in 90 days: otherwise"
    )
    assert [(one.words, one.value) for one in line.evidence.figures] == [
        ("Revenue in 90 days", pytest.approx(revenue("C004")))
    ]
    assert line.description == "Set by hand <b>once</b>."
    chinese = tag(portrait(query, "enterprise", "crm:C004", "zh"), "tier")
    assert chinese.evidence.definition == (
        "高价值：近90天成交额不低于800；低价值：近90天成交额大于0；近90天无订单：其他情况"
    )


def test_long_definitions_are_not_cut(query: Query) -> None:
    line = tag(portrait(query, "enterprise", "crm:C004"), "tier")
    assert len(line.evidence.definition) > 120
    assert "…" not in line.evidence.definition


def test_a_date_and_a_flag_are_told_by_their_facts(query: Query) -> None:
    p = portrait(query, "enterprise", "crm:C004")
    last = orders_of("C004")[-1].day
    assert tag(p, "last_order").value == last
    assert tag(p, "last_order").text == f"{last.day} {last:%B} {last.year}"
    busy = tag(p, "busy")
    assert busy.sensitivity == "personal"
    assert busy.evidence.figures[0].facts == len(orders_of("C004", 30))


def test_changes_say_when_and_from_what(query: Query) -> None:
    def before(company: str) -> str:
        first = dt.date(2026, 5, 31) - dt.timedelta(days=89)
        amount = sum(
            o.amount
            for o in ORDER_LIST
            if o.company == company and first <= o.day <= dt.date(2026, 5, 31)
        )
        return "high" if amount >= 800 else "low" if amount > 0 else "none"

    titles = {"high": "high value", "low": "low value", "none": "no orders in 90 days"}
    seen = set()
    for company in (one.key for one in COMPANY_LIST[:16]):
        line = tag(portrait(query, "enterprise", f"crm:{company}"), "tier")
        if before(company) == tier(company):
            assert (line.changed, line.before) == (None, None)
        else:
            assert (line.changed, line.before) == (AS_OF, titles[before(company)])
        seen.add(before(company) == tier(company))
    assert seen == {True, False}


def test_roles_current_first_and_none_that_has_not_begun(
    first: SubjectPortrait, query: Query
) -> None:
    told = [
        (one.person.name if one.person else "", one.title, one.buying_role, one.current)
        for one in first.roles
    ]
    assert told == [
        ("Maria Anders", "CFO", "Decides", True),
        ("王晓敏", "采购经理", "Buys", True),
        (HOSTILE[1], HOSTILE[2], "Uses", False),
    ]
    chinese = portrait(query, "enterprise", "crm:C001", "zh").roles
    assert [one.buying_role for one in chinese] == ["决策者", "采购者", "使用者"]
    assert chinese[0].since == dt.date(2019, 2, 1)


def test_families_have_names(query: Query, first: SubjectPortrait) -> None:
    assert [one.name for one in first.ancestors] == []
    assert {one.name for one in first.subsidiaries} == {
        portrait(query, "enterprise", "crm:C006").name,
        COMPANY_LIST[6].name,
    }
    eight = portrait(query, "enterprise", "crm:C008")
    assert [one.name for one in eight.ancestors][-1] == "Company 1"
    assert eight.subsidiary_count == 0


def test_the_timeline_is_the_newest_first_and_readable(query: Query) -> None:
    for language, titles, page in (
        ("en", {"Orders", "Sign-in", "Page view"}, "Page: /pricing"),
        ("zh", {"订单", "登录", "浏览"}, "页面：/pricing"),
    ):
        found = portrait(query, "enterprise", "crm:C001", language).timeline
        days = [one.day for one in found]
        assert days == sorted(days, reverse=True)
        assert {one.title for one in found} == titles
        assert page in {one.text for one in found}
    order = orders_of("C001")[0]
    text = next(one.text for one in found if one.key == order.key)
    known = order.settled is not None and order.settled <= AS_OF
    assert ("状态" in text) == known
    assert "金额" in text


def test_a_person_and_a_role(query: Query) -> None:
    person = portrait(query, "person", "p2")
    assert person.name == "王晓敏"
    assert person.sentence.startswith("Female, Owner at ")
    assert [one.enterprise.name for one in person.roles if one.enterprise][1] == "Company 1"
    role = portrait(query, "role", "r1", "zh")
    assert role.name == "Maria Anders · Company 1"
    assert role.sentence == "任职于Company 1，职务为CFO，有采购决策权。"
    assert tag(role, "signs_in").text == "是"
    past = portrait(query, "role", "r4")
    assert past.name == f"{HOSTILE[1]} @ Company 1"
    assert past.roles[0].current is False


def test_a_subject_without_anything_but_its_name(query: Query) -> None:
    p = portrait(query, "enterprise", "X900")
    assert p.name == "Only in the ERP"
    assert p.roles == p.timeline == p.ancestors == p.subsidiaries == ()
    assert p.sentence == "Company, no orders in 90 days."


def test_it_is_json(first: SubjectPortrait) -> None:
    data = json.loads(json.dumps(first.as_json(), ensure_ascii=False))
    assert data["as_of"] == "2026-06-30"
    assert data["categories"][0]["tags"][0]["evidence"]["figures"]
    assert data["roles"][0]["until"] is None


def test_unknown_subjects_and_languages_are_refused(query: Query) -> None:
    with pytest.raises(NotFoundError, match="names 2 subjects"):
        portrait(query, "enterprise", "C002")
    with pytest.raises(NotFoundError, match="there is no person"):
        portrait(query, "person", "nobody")
    with pytest.raises(NotFoundError, match="there is no enterprise E9999"):
        portrait(query, "enterprise", 9999)
    with pytest.raises(HolbeinError, match="use en or zh"):
        portrait(query, "enterprise", "crm:C001", "fr")


def test_an_earlier_run_is_told_as_it_was(workspace: Workspace) -> None:
    now = workspace.portrait("enterprise", "crm:C001")
    then = workspace.portrait("enterprise", "crm:C001", run=1)
    assert (then.version, then.as_of) == ("1", dt.date(2026, 5, 31))
    assert {one.title for one in then.timeline} == {"Orders"}
    assert len(now.timeline) > len(then.timeline)


def test_a_role_that_has_not_begun_is_not_called_a_former_one(query: Query) -> None:
    role = portrait(query, "role", "r5")
    assert role.sentence == "Clerk at Company 1, not begun yet."
    chinese = portrait(query, "role", "r5", "zh")
    assert chinese.sentence == "将任职于Company 1，职务为Clerk，尚未到任。"
    assert role.roles[0].current is False
    person = portrait(query, "person", "p4")
    assert [one.title for one in person.roles] == ["Head of sales"]
