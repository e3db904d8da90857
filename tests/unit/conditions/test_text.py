"""Conditions read from text and written back, and everything that is no condition."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.conditions import tree
from holbein.conditions.text import parse, parse_literal, parse_measure, write
from holbein.errors import ConditionError
from tests.support.any_trees import conditions, measures

FIXED = """\
industry = 'Software' AND province IN ('Shanghai', 'Zhejiang') AND employees BETWEEN 50 AND 500 AND region WITHIN '310000'
count(login, '30 days') >= 3
count_days(login, '30 days') >= 10
sum(orders.amount, '90 days', status = 'paid') > 10000
sum(orders.amount, '90 days') < 0.7 * sum(orders.amount, '90 days', before => '90 days')
days_since(login) > 60
days_until(renewal_date) <= 30
years_since(birth_date) BETWEEN 25 AND 30
first(orders.product) = 'Chai'
last(orders.product) = 'Chai'
count_distinct(orders.category, '1 year') >= 4
any_role(title LIKE '%CFO%' AND count(login, '7 days') >= 1)
all_roles(active)
no_role(active)
any_role_ever(active)
count_roles(buying_role = 'decides') >= 2
role_share(active) >= 0.5
enterprise(industry = 'Retail')
person(gender = 'female')
parent(active)
root(active)
any_subsidiary(active)
any_descendant(active)
count_subsidiaries(TRUE) >= 2
sequence(visit, trial, within => '7 days')
sequence(visit(page = '/pricing'), orders, within => '30 days')
became(value_tier, 'high', '7 days')
bucket('spring campaign') < 0.1
in_audience('key accounts') AND NOT in_audience('competitors')
favourite_categories CONTAINS 'Seafood'
region IS NULL
active
a <> 1 OR b NOT IN (-1, 2) OR c NOT LIKE 'x\\_' OR d IS NOT NULL OR NOT e NOT BETWEEN 1 AND 2
a NOT CONTAINS 'x' AND b NOT WITHIN 'y'
count("Signed up", '1 day', "null" = 1, before => '2 days') > 0
-5 < a - -3 * (2 - (x - 1))
"date" > DATE '2024-02-29'
NOT (a AND b) OR ((c OR d) AND e)
NOT TRUE AND FALSE
name = 'it''s \\ here'""".splitlines()


@pytest.mark.parametrize("text", FIXED)
def test_the_fixed_face_is_read_and_written_alike(text: str) -> None:
    assert write(parse(text)) == text


@given(conditions)
def test_any_condition_comes_back_from_its_text(condition: tree.Condition) -> None:
    assert parse(write(condition)) == condition


@given(measures)
def test_any_measure_comes_back_from_its_text(measure: tree.Measure) -> None:
    assert parse_measure(write(measure)) == measure


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_one_clear_error(text: str) -> None:
    try:
        parse(text)
    except ConditionError as error:
        assert "\n" not in error.message or "\n" in text


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "b",
                "(",
                ")",
                ",",
                ".",
                "'x'",
                "3",
                "-",
                "NOT",
                "AND",
                "OR",
                "=",
                "<",
                "IN",
                "count",
                "sum",
                "=>",
                "'7",
                "days'",
                "BETWEEN",
                "IS",
                "NULL",
                "sequence",
                "any_role",
            ]
        ),
        max_size=20,
    )
)
def test_any_row_of_tokens_is_a_condition_or_one_clear_error(words: list[str]) -> None:
    try:
        condition = parse(" ".join(words))
    except ConditionError:
        return
    assert parse(write(condition)) == condition


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("COUNT(login) > 0", "count(login) > 0"),
        ("a != 1", "a <> 1"),
        ("NOT a = 1", "a <> 1"),
        ("active = true", "active"),
        ("(active)", "active"),
        ("a and b and (c and d)", "a AND b AND c AND d"),
        ("a AND b OR c", "(a AND b) OR c"),
        ("date > 3", '"date" > 3'),
        ("a=1\n  AND\tb", "a = 1 AND b"),
        ("count(orders, before => '1 day', x = 1, '2 Days') > 0",
         "count(orders, '2 days', x = 1, before => '1 day') > 0"),
        ("- 5 < a", "-5 < a"),
        ("a - - 5 > 1", "a - -5 > 1"),
        ("(a + b) + c > a + (b + c)", "a + b + c > a + (b + c)"),
        ("NOT active = FALSE", "active <> FALSE"),
    ],
)  # fmt: skip
def test_other_ways_to_write_the_same(text: str, same: str) -> None:
    assert write(parse(text)) == same


def test_what_the_nodes_are() -> None:
    assert parse("active") == tree.Compare(tree.Field("active"), "=", tree.Truth(True))
    assert parse("TRUE") == tree.TRUE
    assert parse("FALSE") == tree.FALSE
    assert parse("a IS NOT NULL") == tree.Not(tree.Missing(tree.Field("a")))
    assert parse("a > -5") == tree.Compare(tree.Field("a"), ">", tree.Number(-5))
    assert parse_measure("days_since(login)") == tree.Elapsed("day", "since", tree.Field("login"))
    assert parse_measure("days_since(login, '7 days')") == tree.Aggregate(
        "days_since", "login", None, tree.Window(7, "day")
    )
    assert parse_literal("DATE '2024-02-29'") == tree.Day(tree.dt.date(2024, 2, 29))


def test_a_thousand_conditions_joined_are_one_list() -> None:
    condition = parse(" AND ".join(["a = 1"] * 1_000))
    assert isinstance(condition, tree.And)
    assert len(condition.items) == 1_000


# Each with where it is wrong and what the message must say.
WRONG = [
    ("", None, "empty"),
    ("a =", "line 1, column 4", "ends where"),
    ("a = 1 AND\n b = ", "line 2, column 6", "ends where"),
    ("a = 1; DROP TABLE x", "line 1, column 6", "';'"),
    ("(SELECT 1)", "line 1, column 2", "SELECT is SQL"),
    ("a IN (SELECT b FROM c)", "line 1, column 7", "SELECT is SQL"),
    ("EXISTS (SELECT 1)", "line 1, column 1", "EXISTS is SQL"),
    ("CASE WHEN a THEN b END", "line 1, column 1", "CASE is SQL"),
    ("CAST(a AS INT) = 1", "line 1, column 1", "CAST is SQL"),
    ("a::int = 1", "line 1, column 2", "not cast"),
    ("a = 1 -- or not", "line 1, column 7", "comment"),
    ("a /* hidden */ = 1", "line 1, column 3", "comment"),
    ("a = 1 # x", "line 1, column 7", "comment"),
    ("count(*) > 1", "line 1, column 7", "stream or an event"),
    ("a.b.c = 1", "line 1, column 1", "inside an aggregate"),
    ("a.b = 1", "line 1, column 1", "inside an aggregate"),
    ("count_distinct(a.b.c) > 1", "line 1, column 19", "two parts"),
    ("cout(login) > 1", "line 1, column 1", "did you mean count"),
    ("any_rol(a)", "line 1, column 1", "any_role"),
    ("count(login, '90') > 1", "line 1, column 14", "'90 days'"),
    ("count(login, 90) > 1", "line 1, column 14", "'90 days'"),
    ("count(login, '90 dys') > 1", "line 1, column 14", "'90 days'"),
    ("count(login, '0 days') > 1", "line 1, column 14", "out of range"),
    ("count(login, '101 years') > 1", "line 1, column 14", "out of range"),
    ("count(login, '99999999999 days') > 1", "line 1, column 14", "'90 days'"),
    ("count(login, '3 days', '4 days') > 1", "line 1, column 24", "twice"),
    ("count(login, a = 1, b = 2) > 0", "line 1, column 21", "AND"),
    ("count(login, since => '3 days') > 0", "line 1, column 14", "before"),
    ("count() > 1", "line 1, column 7", "count(orders"),
    ("count(login)", "line 1, column 1", "compare it"),
    ("count(orders.amount) > 1", "line 1, column 7", "count_distinct(orders.amount)"),
    ("sum(amount) > 1", "line 1, column 5", "no dot"),
    ("days_since() > 1", "line 1, column 12", "renewal_date"),
    ("days_since(orders.at) > 1", "line 1, column 12", "max(orders.at)"),
    ("days_until(a, b) > 1", "line 1, column 13", "too many"),
    ("any_role()", "line 1, column 10", "any_role(TRUE)"),
    ("any_role(a, b)", "line 1, column 11", "AND"),
    ("sequence(visit)", "line 1, column 1", "two steps"),
    ("sequence(visit, trial, '7 days')", "line 1, column 24", "within =>"),
    ("became(tier, high, '7 days')", "line 1, column 14", "'high'"),
    ("became(tier)", "line 1, column 12", "became(value_tier"),
    ("bucket(x) < 1", "line 1, column 8", "in quotes"),
    ("in_audience(vip)", "line 1, column 13", "in quotes"),
    ("a = NULL", "line 1, column 5", "IS NULL"),
    ("a IS TRUE", "line 1, column 6", "="),
    ("1 < a < 3", "line 1, column 7", "BETWEEN"),
    ("a == 1", "line 1, column 4", "one ="),
    ("(a = 1", "line 1, column 7", "')'"),
    ("a = 1)", "line 1, column 6", "')'"),
    ("a b", "line 1, column 3", "'b'"),
    ("a = 'x", "line 1, column 5", "closing quote"),
    ('a = "x', "line 1, column 5", "closing quote"),
    ("a IN ()", "line 1, column 6", "empty"),
    ("a IN (b)", "line 1, column 7", "'b'"),
    ("a IN 'x'", "line 1, column 6", "parentheses"),
    ("a = (1, 2)", "line 1, column 5", "IN"),
    ("a = 1e999", "line 1, column 5", "too large"),
    ("a LIKE 'x\\'", "line 1, column 8", "backslash"),
    ("a LIKE b", "line 1, column 8", "pattern"),
    ("a ILIKE 'x'", "line 1, column 3", "ignores case"),
    ("a LIKE 'x' ESCAPE '!'", "line 1, column 12", "backslash"),
    ("a > 5days", "line 1, column 5", "no number"),
    ("a = DATE '2024-02-30'", "line 1, column 10", "no date"),
    ("a = DATE '0000-01-01'", "line 1, column 10", "no date"),
    ("a = DATE '20240229'", "line 1, column 10", "no date"),
    ("行业 ＝ 1", "line 1, column 4", "="),
    ("count（login） > 1", "line 1, column 6", "ASCII ("),
    ("a || b = 'c'", "line 1, column 3", "OR"),
    ("-a > 3", "line 1, column 1", "0 - a"),
    ("a = 'x\0y'", None, "U+0000"),
    ("a = '\ud800'", None, "U+D800"),
    ("\"\" = 1", "line 1, column 1", "empty"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "says"), WRONG)
def test_what_is_no_condition_is_one_error_with_its_place(
    text: str, place: str | None, says: str
) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert caught.value.place == place
    assert says in str(caught.value)


HOSTILE = {
    "parentheses": "(" * 1_000 + "a" + ")" * 1_000,
    "open parentheses": "(" * 100_000,
    "functions": "any_role(" * 1_000 + "a" + ")" * 1_000,
    "dates": "date(" * 50 + "a" + ")" * 50,
    "nots": "NOT " * 1_000 + "a",
    "nots and parentheses": "NOT (" * 60 + "a" + ")" * 60,
    "minus signs": "- " * 1_000 + "5 > a",
    "sums": "1" + " + 1" * 20_000 + " > a",
    "sums in parentheses": "(1 + " * 60 + "1" + ")" * 60 + " + 1" * 60 + " > a",
    "quotes": "a = '" + "''" * 49_000,
    "digits": "a = " + "9" * 99_000,
    "digits then a letter": "a = " + "9" * 99_000 + "x",
    "spaces": " " * 100_000,
    "too long": "a" * 100_001,
    "values": "a IN (" + ", ".join(["1"] * 10_000) + ")",
    "percent signs": "a LIKE '" + "%\\" * 40_000 + "'",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_at_once(text: str) -> None:
    start = time.process_time()
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert time.process_time() - start < 5  # seconds; an exponential reader would take years
    assert len(str(caught.value)) < 500


def test_the_list_hint_names_the_way_out() -> None:
    with pytest.raises(ConditionError, match="holbein audience import"):
        parse(HOSTILE["values"])
    parse("a IN (" + ", ".join(["1"] * 1_000) + ")")


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse("(" * 100 + "a" + ")" * 100) == parse("a")
    deep = "any_subsidiary(" * 90 + "a" + ")" * 90
    assert write(parse(deep)) == deep


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(ConditionError, match="text"):
        parse(5)  # type: ignore[arg-type]


def test_a_tree_too_deep_to_write_is_refused() -> None:
    node: tree.Condition = tree.TRUE
    for _ in range(5_000):
        node = tree.Not(node)
    with pytest.raises(ConditionError, match="deep"):
        write(node)
