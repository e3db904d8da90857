"""Small direct tests of the reference evaluator, on trees made by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from holbein.conditions import reference, tree
from holbein.conditions.instants import AsOf, at_instant, end_of
from holbein.conditions.reference import Fact, RoleLink, State, Value, World
from holbein.conditions.spans import completed, shift
from holbein.conditions.vocabulary import FieldSpec, StreamSpec, Vocabulary
from tests.support.codes import REGIONS

UTC = ZoneInfo("UTC")
VOCABULARY = Vocabulary(
    fields={
        "enterprise": {
            "region": FieldSpec("region", "category", codes=REGIONS),
            "name": FieldSpec("name", "category"),
            "size": FieldSpec("size", "number"),
        },
        "person": {},
        "role": {"since": FieldSpec("since", "date")},
    },
    streams={
        "orders": StreamSpec(
            "orders", frozenset({"enterprise"}), {"amount": FieldSpec("amount", "number")}
        )
    },
)
NOW = end_of(dt.date(2024, 3, 31), UTC)


def order(key: str, amount: Value, at: dt.datetime = dt.datetime(2024, 3, 1)) -> Fact:
    return Fact(key, at, at, 1, None, None, {"amount": amount}, {})


def world(values: dict[str, Value] | None = None, *orders: Fact) -> World:
    return World(
        zone=UTC,
        states={
            "enterprise": {1: (State(None, None, values or {}),)},
            "person": {1: (State(None, None, {}),)},
            "role": {1: (State(None, None, {}),)},
        },
        roles={1: RoleLink(1, 1, dt.date(2024, 1, 1), None)},
        parents={},
        streams={"orders": orders},
        tags={},
        audiences={},
        changes=(),
    )


def value(measure: tree.Measure, there: World, as_of: AsOf = NOW) -> Value:
    return reference.value(measure, "enterprise", 1, there, as_of, VOCABULARY)


def holds(condition: tree.Condition, there: World, as_of: AsOf = NOW) -> bool:
    return reference.matches(condition, "enterprise", 1, there, as_of, VOCABULARY)


def total(name: tree.AggregateName) -> tree.Aggregate:
    return tree.Aggregate(name, "orders", "amount")


def test_sums_of_decimals_are_exact_and_rounded_once() -> None:
    many = [order(str(n), Decimal("0.10")) for n in range(1_000)]
    assert value(total("sum"), world(None, *many)) == 100.0
    big = [order("a", Decimal("99999999999999.9999")), order("b", Decimal("-99999999999999.9998"))]
    assert value(total("sum"), world(None, *big)) == 0.0001


def test_sums_of_nothing_are_zero_and_the_rest_is_missing() -> None:
    there = world(None, order("a", None), order("b", float("nan")))
    assert value(total("sum"), there) == 0.0
    assert value(total("count_distinct"), there) == 0.0
    assert value(tree.Aggregate("count", "orders"), there) == 2.0
    for name in ("avg", "min", "max", "median", "first", "last"):
        assert value(total(name), there) is None


def test_a_sum_beyond_the_doubles_is_missing() -> None:
    there = world(None, order("a", 1e308), order("b", 1e308))
    assert value(total("sum"), there) is None
    assert value(total("avg"), there) is None


@pytest.mark.parametrize(
    ("left", "sign", "right", "expected"),
    [
        (1.0, "/", 0.0, None),
        (0.0, "/", 0.0, None),
        (1e308, "*", 10.0, None),
        (1e308, "+", 1e308, None),
        (1.0, "-", 3.0, -2.0),
        (1.0, "/", 4.0, 0.25),
    ],
)
def test_arithmetic(
    left: float, sign: tree.ArithmeticSign, right: float, expected: float | None
) -> None:
    measure = tree.Arithmetic(tree.Number(left), sign, tree.Number(right))
    assert value(measure, world()) == expected


def test_numbers_come_out_as_floats() -> None:
    found = value(tree.Field("size"), world({"size": Decimal("2.50")}))
    assert found == 2.5
    assert type(found) is float
    assert type(value(tree.Field("size"), world({"size": 3}))) is float


def test_within_climbs_from_the_value_and_takes_labels_too() -> None:
    there = world({"region": "330106"})
    for top in ("330106", "330100", "330000", "Zhejiang", "浙江省"):
        assert holds(tree.Within(tree.Field("region"), top), there)
    assert not holds(tree.Within(tree.Field("region"), "310000"), there)
    assert not holds(tree.Within(tree.Field("region"), "330106"), world({"region": "330100"}))


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("İstanbul", "i%", True),
        ("İ", "_", True),
        ("ΟΔΟΣ", "οδοσ", True),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("a%c", "a\\%c", True),
        ("abc", "a\\%c", False),
        ("abc", "\\a\\b\\c", True),
        ("", "%", True),
        ("", "_", False),
        ("ab", "%%b%", True),
    ],
)
def test_like(text: str, pattern: str, expected: bool) -> None:
    assert holds(tree.Like(tree.Field("name"), pattern), world({"name": text})) is expected


def test_a_role_knows_its_bounds() -> None:
    since = tree.Compare(tree.Field("since"), "=", tree.Day(dt.date(2024, 1, 1)))
    assert reference.select(since, "role", world(), NOW, VOCABULARY) == {1}
    assert holds(tree.Related("any", "role", since), world())


def test_as_of_in_the_middle_of_a_microsecond_before_midnight() -> None:
    midnight = dt.datetime(2024, 3, 1)
    there = world(None, order("a", 1, midnight))
    count = tree.Compare(tree.Aggregate("count", "orders"), "=", tree.Number(1))
    assert not holds(count, there, at_instant(midnight, UTC))
    assert holds(count, there, at_instant(midnight + dt.timedelta(microseconds=1), UTC))


def test_an_unbound_tree_is_a_mistake_of_the_caller() -> None:
    text = tree.Compare(tree.Field("name"), "<", tree.Text("b"))
    with pytest.raises(TypeError, match="not bound"):
        holds(text, world({"name": "a"}))
    with pytest.raises(TypeError, match="no stream"):
        value(tree.Aggregate("count", "login"), world())


@pytest.mark.parametrize(
    ("day", "count", "unit", "expected"),
    [
        ("2024-03-31", -1, "month", "2024-02-29"),
        ("2023-03-31", -1, "month", "2023-02-28"),
        ("2024-02-29", 1, "year", "2025-02-28"),
        ("2024-02-29", -12, "month", "2023-02-28"),
        ("2024-01-31", 13, "month", "2025-02-28"),
        ("2024-01-01", -1, "month", "2023-12-01"),
        ("2024-01-08", -1, "week", "2024-01-01"),
        ("0001-01-01", -1, "day", "0001-01-01"),
        ("0050-06-01", -100, "year", "0001-01-01"),
        ("9999-12-01", 1, "month", "9999-12-31"),
    ],
)
def test_shift(day: str, count: int, unit: tree.Unit, expected: str) -> None:
    assert shift(dt.date.fromisoformat(day), count, unit) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("start", "end", "unit", "expected"),
    [
        ("2024-01-31", "2024-02-29", "month", 1),
        ("2024-01-31", "2024-02-28", "month", 0),
        ("2024-02-29", "2024-01-31", "month", -1),
        ("2000-02-29", "2023-02-28", "year", 23),
        ("2000-02-29", "2023-02-27", "year", 22),
        ("2024-03-01", "2024-02-29", "year", 0),
        ("2024-03-01", "2024-02-29", "day", -1),
        ("0001-01-01", "9999-12-31", "year", 9998),
    ],
)
def test_completed(start: str, end: str, unit: tree.Unit, expected: int) -> None:
    found = completed(dt.date.fromisoformat(start), dt.date.fromisoformat(end), unit)
    assert found == expected
