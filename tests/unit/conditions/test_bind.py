"""Conditions checked against a vocabulary: what passes, what it becomes, and what each error says."""

from __future__ import annotations

import datetime as dt

import pytest

from holbein.conditions import tree
from holbein.conditions.bind import bind, bind_filter, bind_measure, reads
from holbein.conditions.text import parse, parse_measure, write
from holbein.conditions.tree import SubjectKind
from holbein.errors import ConditionError
from tests.support.vocabularies import VOCABULARY


def bound(text: str, kind: SubjectKind = "enterprise") -> str:
    return write(bind(parse(text), kind, VOCABULARY))


UNCHANGED = [
    "industry = 'x' AND employees BETWEEN 1 AND 3 AND key_account",
    "sum(orders.amount, '90 days', status = 'paid' AND rush) > 0.7 * sum(orders.amount, '90 days')",
    "any_role(title LIKE '%x%' AND count(login) > 1 AND person(gender = 'female'))",
    "any_role(enterprise(parent(root(any_subsidiary(any_descendant(key_account))))))",
    "count_roles(active) >= 2 AND role_share(active) > 0.5 AND count_subsidiaries(TRUE) = 0",
    "became(value_tier, 'high', '7 days') AND became(favourites, 'x', '1 month')",
    "favourites CONTAINS 'x' AND favourites IS NOT NULL AND NOT key_account",
    "in_audience('key accounts') AND any_role(in_audience('finance chiefs'))",
    "sequence(visit(page = 'x'), orders(at > DATE '2024-01-01'), within => '2 hours')",
    "bucket('x') < 0.1 OR first(orders.rush) = TRUE OR count_distinct(orders.at) > 3",
    "years_since(max(orders.due)) > 1 AND min(orders.at) < last(orders.due)",
    "count(\"Signed up\", '3 hours', before => '30 minutes') > 1",
    "count_days(event, name = 'login') > 1",
    "employees > -5 AND 5 < employees AND industry = province",
]  # fmt: skip


@pytest.mark.parametrize("text", UNCHANGED)
def test_what_fits_passes_unchanged(text: str) -> None:
    assert bound(text) == text


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("region = '上海'", "region = '310000'"),
        ("region <> 'Shanghai'", "region <> '310000'"),
        ("'Xuhui' = region", "'310104' = region"),
        ("region IN ('Xuhui', '徐汇', 'Atlantis')", "region IN ('310104', 'Atlantis')"),
        ("region WITHIN 'Shanghai'", "region WITHIN '310000'"),
        ("markets CONTAINS '上海'", "markets CONTAINS '310000'"),
        ("markets WITHIN '上海'", "markets WITHIN '310000'"),
        ("renewal_date > '2024-02-29'", "renewal_date > DATE '2024-02-29'"),
        ("renewal_date IN ('2024-02-29')", "renewal_date IN (DATE '2024-02-29')"),
        ("'2024-02-29' BETWEEN renewal_date AND renewal_date",
         "DATE '2024-02-29' BETWEEN renewal_date AND renewal_date"),
        ("count(orders, due = '9999-12-31') = 0", "count(orders, due = DATE '9999-12-31') = 0"),
        ("days_since('1896-01-01') > 3", "days_since(DATE '1896-01-01') > 3"),
    ],
)  # fmt: skip
def test_texts_become_codes_and_days(text: str, becomes: str) -> None:
    assert bound(text) == becomes


def test_days_since_is_of_a_stream_only_where_no_field_has_the_name() -> None:
    assert bind(parse("days_since(login) > 3"), "person", VOCABULARY) == tree.Compare(
        tree.Aggregate("days_since", "login"), ">", tree.Number(3)
    )
    assert bind_measure(parse_measure("days_since(since)"), "role", VOCABULARY).measure == (
        tree.Elapsed("day", "since", tree.Field("since"))
    )


@pytest.mark.parametrize("text", [*UNCHANGED, "days_since(login) > 3", "region = '上海'"])
def test_binding_twice_or_through_text_changes_nothing_more(text: str) -> None:
    once = bind(parse(text), "enterprise", VOCABULARY)
    assert bind(once, "enterprise", VOCABULARY) == once
    assert bind(parse(write(once)), "enterprise", VOCABULARY) == once


# kind, text, the place that is named, what the message says
WRONG: list[tuple[SubjectKind, str, str, str]] = [
    ("enterprise", "industy = 'x'", "in industy", "did you mean industry"),
    ("enterprise", "Industry = 'x'", "in Industry", "did you mean industry"),
    ("enterprise", "zzz = 'x'", "in zzz", "holbein tags"),
    ("enterprise", "title = 'x'", "in title", "belongs to roles, not to enterprises (write any_role(title …))"),
    ("enterprise", "gender = 'x'", "in gender", "any_role(person(gender …))"),
    ("enterprise", "any_role(industry = 'x')", "in industry", "enterprise(industry …)"),
    ("person", "industry = 'x'", "in industry", "enterprise(industry …)"),
    ("person", "title = 'x'", "in title", "any_role(title …)"),
    ("role", "gender = 'x'", "in gender", "person(gender …)"),
    ("enterprise", "login", "in login", "count(login) > 0"),
    ("enterprise", "amount > 3", "in amount", "last(orders.amount)"),
    ("enterprise", "count(logn) > 1", "in count(logn)", "did you mean login"),
    ("enterprise", "sum(order.amount) > 1", "in sum(order.amount)", "did you mean orders"),
    ("enterprise", "sum(orders.amout) > 1", "in sum(orders.amout)", "did you mean amount"),
    ("enterprise", "sequence(visit, ordrs)", "in sequence(visit, ordrs)", "orders"),
    ("role", "count(orders) > 1", "in count(orders)", "bear enterprises (write enterprise(count(orders) …))"),
    ("role", "sequence(visit, orders)", "in sequence(visit, orders)", "says nothing of roles"),
    ("enterprise", "count(orders, industry = 'x') > 1", "in industry", "outside of the aggregate"),
    ("enterprise", "count(orders, stat = 'x') > 1", "in stat", "did you mean status"),
    ("enterprise", "count(orders, count(login) > 1) > 1", "in count(login)", "outside of the aggregate"),
    ("enterprise", "count(orders, in_audience('x')) > 1", "in in_audience('x')", "outside"),
    ("enterprise", "count(orders, amount + 1 > 2) > 1", "in amount + 1", "outside"),
    ("enterprise", "sum(orders.status) > 1", "in sum(orders.status)", "count_distinct"),
    ("enterprise", "median(orders.at) > 1", "in median(orders.at)", "a date"),
    ("enterprise", "max(orders.product) = 'x'", "in max(orders.product)", "first, last"),
    ("enterprise", "employees = '50'", "in employees = '50'", "without quotes"),
    ("enterprise", "employees IN ('50')", "in employees IN ('50')", "without quotes"),
    ("enterprise", "region = 310000", "in region = 310000", "write '310000'"),
    ("enterprise", "industry < 'x'", "in industry < 'x'", "no order"),
    ("enterprise", "industry BETWEEN 'a' AND 'b'", "in industry BETWEEN 'a' AND 'b'", "no order"),
    ("enterprise", "key_account = 'true'", "in key_account = 'true'", "TRUE or FALSE"),
    ("enterprise", "key_account > TRUE", "in key_account > TRUE", "no order"),
    ("enterprise", "employees", "in employees", "employees > 0"),
    ("enterprise", "renewal_date", "in renewal_date", "days_since(renewal_date)"),
    ("enterprise", "favourites", "in favourites", "CONTAINS"),
    ("enterprise", "favourites = 'x'", "in favourites = 'x'", "favourites CONTAINS"),
    ("enterprise", "favourites IN ('x')", "in favourites IN ('x')", "favourites CONTAINS"),
    ("enterprise", "favourites LIKE 'x'", "in favourites LIKE 'x'", "favourites CONTAINS"),
    ("enterprise", "employees LIKE 'x'", "in employees LIKE 'x'", "a number"),
    ("enterprise", "industry CONTAINS 'x'", "in industry CONTAINS 'x'", "industry = 'x'"),
    ("enterprise", "industry WITHIN 'x'", "in industry WITHIN 'x'", "no list of codes"),
    ("enterprise", "region WITHIN 'nowhere'", "in region WITHIN 'nowhere'", "regions"),
    ("enterprise", "renewal_date = 'soon'", "in renewal_date = 'soon'", "DATE '2024-02-29'"),
    ("enterprise", "renewal_date = '0000-01-01'", "in renewal_date = '0000-01-01'", "no date"),
    ("enterprise", "renewal_date > 3", "in renewal_date > 3", "days_since"),
    ("enterprise", "renewal_date - 1 > 3", "in renewal_date - 1", "days_since"),
    ("enterprise", "days_until(renewal_date) > DATE '2024-01-01'", "in days_until(renewal_date) > DATE '2024-01-01'", "number of days"),
    ("enterprise", "days_since(employees) > 1", "in days_since(employees)", "a date is needed"),
    ("enterprise", "months_since(login) > 1", "in months_since(login)", "max(login.at)"),
    ("enterprise", "value_tier = 'hihg'", "in value_tier = 'hihg'", "did you mean high"),
    ("enterprise", "value_tier = '高'", "in value_tier = '高'", "write 'high'"),
    ("enterprise", "value_tier IN ('zzz')", "in value_tier IN ('zzz')", "high, low"),
    ("enterprise", "count(orders, status = 'payd') > 0", "in status = 'payd'", "did you mean paid"),
    ("enterprise", "became(industry, 'x', '3 days')", "in became(industry, 'x', '3 days')", "only tags"),
    ("enterprise", "became(value_tier, 'high', '3 hours')", "in became(value_tier, 'high', '3 hours')", "days or longer"),
    ("enterprise", "became(value_tier, 3, '3 days')", "in became(value_tier, 3, '3 days')", "'3'"),
    ("enterprise", "in_audience('key acounts')", "in in_audience('key acounts')", "did you mean key accounts"),
    ("enterprise", "in_audience('finance chiefs')", "in in_audience('finance chiefs')", "any_role(in_audience"),
    ("enterprise", "count(login, '3 hours', before => '3 days') > 1", "in count(login, '3 hours', before => '3 days')", "do not mix"),
    ("enterprise", "person(gender = 'female')", "in person(gender = 'female')", "any_role(person"),
    ("enterprise", "enterprise(key_account)", "in enterprise(key_account)", "already"),
    ("person", "person(gender = 'female')", "in person(gender = 'female')", "already"),
    ("person", "parent(key_account)", "in parent(key_account)", "enterprise(…)"),
    ("role", "any_role(active)", "in any_role(active)", "already"),
    ("role", "count_subsidiaries(TRUE) > 1", "in count_subsidiaries(TRUE)", "enterprise(…)"),
    ("enterprise", "bucket('x') = 'x'", "in bucket('x') = 'x'", "a number"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "place", "says"), WRONG)
def test_what_does_not_fit_names_the_place_and_the_way_out(
    kind: SubjectKind, text: str, place: str, says: str
) -> None:
    with pytest.raises(ConditionError) as caught:
        bind(parse(text), kind, VOCABULARY)
    assert caught.value.place == place
    assert says in str(caught.value)


FIELD = tree.Field("industry")
FORMLESS: list[tree.Condition] = [
    tree.In(FIELD, ()),
    tree.In(FIELD, (tree.Text("x"),) * 1_001),
    tree.Compare(tree.Field("employees"), "=", tree.Number(float("nan"))),
    tree.Like(FIELD, "\\"),
    tree.Related("all", "parent", tree.TRUE),
    tree.Sequence((tree.Step("visit"),)),
    tree.Compare(tree.Aggregate("sum", "orders"), "=", tree.Number(1)),
    tree.Compare(tree.Aggregate("count", "orders", "amount"), "=", tree.Number(1)),
    tree.Became("value_tier", tree.Text("high"), tree.Window(0, "day")),
    tree.Became("value_tier", tree.Text("high"), tree.Window(10_001, "day")),
    tree.Compare(tree.Field(""), "=", tree.Number(1)),
    tree.Compare(FIELD, "=", tree.Text("\0")),
]


@pytest.mark.parametrize("condition", FORMLESS)
def test_trees_that_no_text_could_give_are_refused(condition: tree.Condition) -> None:
    with pytest.raises(ConditionError):
        bind(condition, "enterprise", VOCABULARY)


def test_trees_too_deep_are_refused() -> None:
    node: tree.Condition = tree.TRUE
    for _ in range(5_000):
        node = tree.Not(node)
    with pytest.raises(ConditionError, match="100 deep"):
        bind(node, "enterprise", VOCABULARY)


@pytest.mark.parametrize(
    ("text", "type_", "codes"),
    [
        ("region", "category", "regions"),
        ("favourites", "categories", None),
        ("first(orders.rush)", "boolean", None),
        ("max(orders.at)", "date", None),
        ("count(orders)", "number", None),
        ("2 * employees", "number", None),
        ("DATE '2024-02-29'", "date", None),
    ],
)
def test_measures_say_their_type_and_codes(text: str, type_: str, codes: str | None) -> None:
    found = bind_measure(parse_measure(text), "enterprise", VOCABULARY)
    assert found.type == type_
    assert (found.codes.name if found.codes else None) == codes


def test_a_filter_is_checked_against_the_stream() -> None:
    where = bind_filter(parse("due > '2024-02-29'"), "orders", VOCABULARY)
    assert where == tree.Compare(tree.Field("due"), ">", tree.Day(dt.date(2024, 2, 29)))
    with pytest.raises(ConditionError, match="did you mean orders"):
        bind_filter(tree.TRUE, "order", VOCABULARY)


def test_reads_follow_quantifiers_and_name_audiences() -> None:
    found = reads(
        parse(
            "key_account AND days_since(login) > 1 AND days_until(renewal_date) > 1"
            " AND any_role(title = 'x' AND enterprise(parent(industry = 'y')) AND person(gender IS NULL))"
            " AND sum(orders.amount, status = 'paid') > count_roles(active)"
            " AND in_audience('key accounts') AND became(value_tier, 'high', '1 day')"
        ),
        "enterprise",
        VOCABULARY,
    )
    assert found.fields == {
        ("enterprise", "key_account"),
        ("enterprise", "renewal_date"),
        ("enterprise", "industry"),
        ("enterprise", "value_tier"),
        ("role", "title"),
        ("role", "active"),
        ("person", "gender"),
    }
    assert found.streams == {"event", "orders"}
    assert found.audiences == {"key accounts"}
