"""A subject's own facts, and measures over them, against the engine's answers."""

from __future__ import annotations

import pytest

from holbein.catalog.behind import bases
from holbein.conditions.bind import bind_measure
from holbein.conditions.text import parse_measure
from holbein.conditions.tree import Aggregate, SubjectKind
from holbein.query import Query
from holbein.query.own import Own
from tests.unit.query.little import AS_OF, COMPANY_LIST, ORDER_LIST, orders_of


def own(query: Query, kind: SubjectKind, key: str) -> Own:
    number = query.resolve(kind, f"crm:{key}")
    rows = query.values(kind, list(query.vocabulary.fields[kind]), [number]).to_pylist()
    return Own(query, kind, number, rows[0])


def test_facts_are_the_newest_first_and_none_of_the_future(query: Query) -> None:
    company = own(query, "enterprise", "C001")
    found = company.newest()
    events = {"e1", "e2", "e3"}  # e4 happened at the first moment after as-of
    expected = {(o.key, "orders") for o in orders_of("C001")} | {(e, "event") for e in events}
    assert {(one.fact.key, one.stream) for one in found} == expected
    moments = [one.fact.at for one in found]
    assert moments == sorted(moments, reverse=True)
    assert company.newest(2) == found[:2]
    assert {one.fact.key for one in own(query, "person", "p1").newest()} == {"e1", "e2"}


def test_facts_tell_only_what_could_be_known(query: Query) -> None:
    told = 0
    for company in COMPANY_LIST[:20]:
        for one in own(query, "enterprise", company.key).newest():
            order = next((o for o in ORDER_LIST if o.key == one.fact.key), None)
            if order is None:
                continue
            known = order.settled is not None and order.settled <= AS_OF
            assert one.fact.values.get("status") == (order.status if known else None)
            assert one.fact.values.get("product") == order.product
            assert float(str(one.fact.values["amount"])) == pytest.approx(float(order.amount))
            assert one.day == order.day
            told += 1
    assert told > 20


MEASURES = [
    "sum(orders.amount, '90 days')", "sum(orders.amount, '1 year', before => '1 month')",
    "count(orders)", "count(orders, '36 hours')", "avg(orders.amount)", "median(orders.amount)",
    "count_days(orders, '2 months')", "count_distinct(orders.product)", "days_since(orders)",
    "first(orders.product)", "last(orders.product)", "max(orders.amount, '90 days')",
    "count(orders, '1 year', product IN ('Tea', 'Chai'))", "count(orders, status IS NULL)",
    "years_since(founded)", "employees / 3",
]  # fmt: skip


@pytest.mark.parametrize("text", MEASURES)
def test_measures_are_what_the_engine_says(query: Query, text: str) -> None:
    measure = bind_measure(parse_measure(text), "enterprise", query.vocabulary).measure
    numbers = [query.resolve("enterprise", f"crm:{one.key}") for one in COMPANY_LIST]
    rows = query.measures("enterprise", {"value": measure}, numbers).to_pylist()
    expected = {row["id"]: row["value"] for row in rows}
    for company, number in zip(COMPANY_LIST, numbers, strict=True):
        found = own(query, "enterprise", company.key).value(measure)
        assert found == (pytest.approx(expected[number]) if expected[number] is not None else None)


def test_what_a_tag_rests_on_is_found_in_its_definition(query: Query) -> None:
    found = bases(query.tags["enterprise", "likes"], ["Tea"], query.vocabulary)
    assert len(found) == 2
    assert all(isinstance(one.asked, Aggregate) for one in found)
