"""Bad input, part 2: conditions. Unknown names, type errors, SQL that is no condition, hostile text.
One clear error that names the place, with a hint.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import holbein
from holbein.conditions import tree
from holbein.conditions.bind import bind, bind_measure
from holbein.conditions.functions import FUNCTIONS, KEYWORDS
from holbein.conditions.text import parse, parse_literal, parse_measure
from holbein.conditions.vocabulary import Vocabulary
from holbein.errors import ConditionError
from tests.support import bad_input
from tests.support.bad_input import accepted, command, in_force, process, refused


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_input.make(tmp_path_factory.mktemp("conditions") / "good")


@pytest.fixture(scope="module")
def vocabulary(good: Path) -> Vocabulary:
    return holbein.open(good).query.vocabulary


# The condition, and what the error says: the place first.
UNKNOWN = {
    "attribute": ("contry = 'x'", "in contry:", "did you mean country?"),
    "nothing near": ("zzz", "in zzz:", "holbein tags"),
    "another kind's": ("title = 'Boss'", "in title:", "any_role(title …)"),
    "a column": ("amount > 5", "in amount:", "last(orders.amount)"),
    "stream": ("count(order) > 0", "in count(order):", "did you mean orders?"),
    "stream as attribute": ("orders > 1", "in orders:", "count(orders) > 0"),
    "column of a stream": ("sum(orders.amoun) > 0", "in sum(orders.amoun):", "did you mean amount?"),
    "attribute in a filter": ("count(orders, country = 'x') > 0", "in country:", "outside of the aggregate"),
    "function": ("any_roles(TRUE)", "line 1, column 1:", "did you mean any_role?"),
    "relation": ("person(TRUE)", "in person(TRUE):", "any_role(person(…))"),
    "audience": ("in_audience('big one')", "in in_audience('big one'):", "did you mean big ones?"),
    "audience of another kind": ("in_audience('bosses')", "in in_audience('bosses'):", "any_role(in_audience('bosses'))"),
    "label": ("tier = 'hihg'", "in tier = 'hihg':", "did you mean high?"),
    "code": ("region WITHIN 'x'", "in region WITHIN 'x':", "a full label"),
    "step": ("sequence(orders, order)", "in sequence(orders, order):", "did you mean orders?"),
    "argument": ("count(orders, befor => '5 days') > 0", "line 1, column 15:", "before => '90 days'"),
}  # fmt: skip
TYPES = {
    "text and number": ("country = 5", "in country = 5:", "write '5'"),
    "number and text": ("employees = 'x'", "in employees = 'x':", "write a number"),
    "number in quotes": ("employees > '50'", "in employees > '50':", "without quotes"),
    "truth and text": ("big = 'true'", "in big = 'true':", "TRUE or FALSE without quotes"),
    "date and number": ("founded > 5", "in founded > 5:", "days_since"),
    "no date": ("founded = '1999'", "in founded = '1999':", "DATE '2024-02-29'"),
    "week of a year": ("founded = '2024-W01-1'", "in founded = '2024-W01-1':", "DATE '2024-02-29'"),
    "order of texts": ("country > 'a'", "in country > 'a':", "IN or LIKE"),
    "labels compared": ("products = 'Tea'", "in products = 'Tea':", "products CONTAINS"),
    "label contained": ("country CONTAINS 'x'", "in country CONTAINS 'x':", "country = 'x'"),
    "number is LIKE": ("employees LIKE '5%'", "in employees LIKE '5%':", "=, < or >"),
    "no codes": ("country WITHIN 'x'", "in country WITHIN 'x':", "= or IN"),
    "value for a condition": ("employees", "in employees:", "employees > 0"),
    "text for a condition": ("'x'", "line 1, column 1:", "name = 'x'"),
    "condition for a value": ("(big AND big) > 1", "line 1, column 1:", "do not chain"),
    "sum of texts": ("sum(orders.product) > 0", "in sum(orders.product):", "count_distinct"),
    "sum and text": ("employees + 'x' > 0", "in employees + 'x':", ""),
    "list of two types": ("employees IN (1, 'a')", "in employees IN (1, 'a'):", "write a number"),
    "days since a text": ("days_since(country) > 5", "in days_since(country):", ""),
    "changes of an attribute": ("became(country, 'x', '7 days')", "in became(country, 'x', '7 days'):", "name a tag"),
    "changes by the hour": ("became(tier, 'high', '7 hours')", "in became(tier, 'high', '7 hours'):", "days or longer"),
    "hours and days": ("count(orders, '5 days', before => '5 hours') > 0", "in count(orders, '5 days', before => '5 hours'):", "both in hours"),
}  # fmt: skip
SQL = {
    "select": ("SELECT 1", "line 1, column 1: SELECT is SQL"),
    "subquery": ("country IN (SELECT 1)", "line 1, column 13: SELECT is SQL"),
    "compared subquery": ("employees > (SELECT 1)", "line 1, column 14: SELECT is SQL"),
    "exists": ("EXISTS (SELECT 1)", "line 1, column 1: EXISTS is SQL"),
    "union": ("big UNION SELECT 1", "line 1, column 5: UNION is SQL"),
    "case": ("CASE WHEN big THEN 1 ELSE 0 END = 1", "line 1, column 1: CASE is SQL"),
    "cast": ("CAST(employees AS INT) > 1", "line 1, column 1: CAST is SQL"),
    "short cast": ("employees::int > 1", "line 1, column 10:", "values are not cast"),
    "two statements": ("big; DROP TABLE x", "line 1, column 4:", "one condition only"),
    "a semicolon": ("big;", "line 1, column 4:", "one condition only"),
    "comment": ("big -- x", "line 1, column 5: -- begins a comment"),
    "long comment": ("big /* x */", "line 1, column 5: /* begins a comment"),
    "null": ("country = NULL", "line 1, column 11:", "IS NULL"),
    "coalesce": ("COALESCE(employees, 1) > 1", "line 1, column 1: COALESCE is SQL"),
    "interval": ("founded > INTERVAL 5", "line 1, column 11: INTERVAL is SQL"),
    "ilike": ("country ILIKE 'x'", "line 1, column 9:", "already ignores case"),
    "escape": ("country LIKE 'x' ESCAPE '!'", "line 1, column 18: ESCAPE is SQL", "backslash"),
    "double pipe": ("country || 'x' = 'y'", "line 1, column 9:", "write OR"),
    "parameter": ("country = $1", "line 1, column 11:", "remove it"),
    "qualified": ("crm.companies.country = 'x'", "line 1, column 1:", "have no dot"),
    "chained": ("1 < employees < 5", "line 1, column 15:", "BETWEEN"),
    "array": ("country = ['x']", "line 1, column 11:", "in parentheses"),
}  # fmt: skip
HOSTILE = {
    "1,000 parentheses": ("(" * 1_000 + "big" + ")" * 1_000, "line 1, column 101:", "nests more than 100 deep"),
    "1,000 functions": ("parent(" * 1_000 + "big" + ")" * 1_000, "nests more than 100 deep"),
    "1,000 NOTs": ("NOT " * 1_000 + "big", "line 1, column 401:", "nests more than 100 deep"),
    "NOTs and parentheses": ("NOT (" * 60 + "big" + ")" * 60, "nests more than 100 deep"),
    "10,000 values": (f"employees IN ({', '.join(map(str, range(10_000)))})", "line 1, column 14:", "more than 1,000 values", "holbein audience import"),
    "1 MB": ("big AND " * 125_000 + "big", "the condition has 1,000,003 characters", "holbein audience import"),
    "1 MB of nothing": (" " * 1_000_000, "the condition has 1,000,000 characters"),
    "nothing": ("", "the condition is empty", "write TRUE"),
    "blanks": (" \t\n ", "the condition is empty"),
    "null byte": ("big\0", "the character U+0000 cannot be used"),
    "null byte in a value": ("country = 'a\0b'", "the character U+0000 cannot be used"),
    "lone surrogate": ("country = '\ud800'", "the character U+D800 cannot be used"),
    "bytes of the shell": ("country = '\udcff'", "the character U+DCFF cannot be used"),
    "right-to-left mark": ("\u202ebig", "line 1, column 1: the character U+202E is not part"),
    "invisible blank": ("big\u200b", "line 1, column 4: the character U+200B is not part"),
    "wide digits": ("employees > １", "line 1, column 13:", "is no number"),
    "Arabic digits": ("employees > ١", "line 1, column 13:", "is no number"),
    "wide signs": ("employees ＞ 1", "line 1, column 11:", "write the ASCII >"),
    "an open quote": ("country = 'x", "line 1, column 11:", "no closing quote"),
    "an open name": ('"big', "line 1, column 1:", "no closing quote"),
    "a huge number": ("employees > 1e999", "line 1, column 13:", "too large"),
    "year 0": ("founded > DATE '0000-01-01'", "line 1, column 16:", "is no date"),
    "year 10000": ("founded > DATE '10000-01-01'", "line 1, column 16:", "is no date"),
    "29 February": ("founded > DATE '1900-02-29'", "line 1, column 16:", "is no date"),
    "no stretch": ("count(orders, '7 dayz') > 0", "line 1, column 15:", "is no stretch of time"),
    "a stretch of nothing": ("count(orders, '0 days') > 0", "line 1, column 15:", "out of range"),
    "a stretch of ages": ("count(orders, '999999999 days') > 0", "line 1, column 15:", "out of range"),
    "a lone backslash": ("country LIKE '\\'", "line 1, column 14:", "escapes nothing"),
    "the second line": ("big AND\n  bigg AND\n ,", "line 3, column 2:"),
}  # fmt: skip
UNFINISHED = {
    text: (text, place)
    for text, place in {
        "NOT": "line 1, column 4",
        "big AND": "line 1, column 8",
        "big OR OR big": "line 1, column 8",
        "(big": "line 1, column 5",
        "big)": "line 1, column 4",
        "count(orders": "line 1, column 13",
        "country IN ('x',)": "line 1, column 17",
        "employees BETWEEN 1": "line 1, column 20",
        "sequence(orders, orders": "line 1, column 24",
    }.items()
}

ENTRIES = {
    "unknown names": UNKNOWN,
    "type errors": TYPES,
    "SQL but no condition": SQL,
    "hostile": HOSTILE,
    "unfinished": UNFINISHED,
}
CASES = [
    pytest.param(entry, *case, id=f"{entry}: {name}")
    for entry, cases in ENTRIES.items()
    for name, case in ((name, (case[0], case[1:])) for name, case in cases.items())
]
# What should follow is said where something is unfinished; here nothing else can be advised.
NO_HINT = {"employees + 'x' > 0", "days_since(country) > 5", "big AND\n  bigg AND\n ,"}


@pytest.mark.parametrize(("entry", "text", "told"), CASES)
def test_what_is_no_condition_is_refused_everywhere(
    good: Path, entry: str, text: str, told: tuple[str, ...]
) -> None:
    hint = entry != "unfinished" and text not in NO_HINT
    said = refused(command("count", "-w", str(good), "--", text), *told, hint=hint)
    assert said.startswith(f"error: {told[0]}") or "nests more than" in said
    for before in (["select"], ["explain"], ["explain", "--lang", "zh"]):
        assert command(*before, "-w", str(good), "--", text).errors == [said]
    found = holbein.open(good)
    for ask in (found.count, found.select, found.explain, found.group_portrait):
        with pytest.raises(ConditionError) as caught:
            ask(text)
        assert f"error: {caught.value}" == said
    in_force(good)


@pytest.mark.parametrize(
    "text", ["contry", "country = 5", "SELECT 1", "(" * 1_000, "big\u200b", b"\xff"]
)
def test_in_a_process_of_its_own(good: Path, text: str | bytes) -> None:
    refused(process("count", text, folder=good))
    in_force(good)


def test_a_letter_that_the_terminal_lacks_is_no_traceback(good: Path) -> None:
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    refused(process("count", "行业 = 5", folder=good, environment=environment), "\\u884c\\u4e1a")
    accepted(process("explain", "big", "--lang", "zh", folder=good, environment=environment))


def test_what_is_odd_but_right_is_answered(good: Path) -> None:
    """Marks inside of values may be in the data; the ends of the calendar are dates."""
    for text, count in {
        "country = '\u202eabc'": 0,
        "country = '😀\t'": 0,
        "founded <= DATE '9999-12-31' AND founded >= DATE '0001-01-01'": 2,
        "employees / 0 > 1 OR employees * 1e308 * 1e308 > 1": 0,
        "NOT " * 90 + "big": 2,
        "(" * 100 + "big" + ")" * 100: 2,
        f"employees IN ({', '.join(map(str, range(1_000)))})": 3,
        "big" + " OR big" * 1_000: 2,
        "-5 < employees": 3,
    }.items():
        assert accepted(command("count", "-w", str(good), "--", text)) == f"{count}\n"


# --- token soup -----------------------------------------------------------------------------------

WORDS = [
    *KEYWORDS, *(word.upper() for word in KEYWORDS), *FUNCTIONS,
    *("big", "employees", "revenue", "tier", "country", "region", "founded", "products", "title", "since",
      "orders", "amount", "product", "at", "orders.amount", "orders.product", "orders.at", "before", "within"),
    *("'x'", "'high'", "'90 days'", "'5 hours'", "'2024-02-29'", "'310000'", "'big ones'", "'%a%'", "''", "'\\'"),
    *("0", "1", "-1", "0.5", "1e308", "1e-300", "9" * 30, "5days", '"a"', '""', "'", '"'),
    *("=", "<>", "!=", "<", "<=", ">", ">=", "=>", "+", "-", "*", "/", "(", ")", "(", ")", ",", ".", ";", "--"),
    *("SELECT", "CASE", "CAST", "EXISTS", "UNION", "\u202e", "\0", "\ud800", "１", "é", "🎉", "\n", "\t"),
]  # fmt: skip
SOUP = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=16).flatmap(
    lambda words: st.sampled_from([" ".join(words), "".join(words)])
)
KINDS = st.sampled_from(tree.SUBJECT_KINDS)


@given(text=SOUP, kind=KINDS)
@settings(max_examples=max(1_500, settings().max_examples))
def test_any_soup_of_words_is_a_condition_or_one_clear_error(
    vocabulary: Vocabulary, text: str, kind: tree.SubjectKind
) -> None:
    for read, check in ((parse, bind), (parse_measure, bind_measure), (parse_literal, None)):
        try:
            node = read(text)
            if check is not None:
                check(node, kind, vocabulary)  # type: ignore[operator]
        except ConditionError as error:
            assert error.message
            assert len(str(error)) < 1_000
