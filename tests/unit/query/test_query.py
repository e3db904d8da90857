"""Counts, lists, values and facts of a version, answered a second time in plain Python."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from holbein.conditions.text import parse, parse_measure
from holbein.conditions.tree import TRUE, SubjectKind
from holbein.errors import ConditionError, HolbeinError, NotFoundError
from holbein.query import Query
from holbein.query import by_engine as module
from tests.unit.query import little
from tests.unit.query.little import (
    AS_OF,
    COMPANY_LIST,
    EVENTS,
    ORDER_LIST,
    OTHERS,
    ROLES,
    Company,
    orders_of,
    revenue,
    tier,
)


def ids(query: Query, kind: SubjectKind, *keys: str) -> list[int]:
    return [query.resolve(kind, f"crm:{one}") for one in keys]


def keys(query: Query, condition: str, kind: SubjectKind = "enterprise") -> set[str]:
    """The crm keys of those who meet a condition."""
    found = query.aliases(kind, query.ids(query.bind(condition, kind), kind)).to_pylist()
    return {one["key"] for one in found if one["source"] == "crm"}


def likes(company: str) -> list[str]:
    by_product: Counter[str] = Counter()
    for one in orders_of(company):
        if one.product is not None:
            by_product[one.product] += int(one.amount * 100)
    return sorted(by_product, key=lambda product: (-by_product[product], product))[:2]


CONDITIONS: list[tuple[str, Callable[[Company], bool]]] = [
    ("TRUE", lambda c: True),
    ("FALSE", lambda c: False),
    ("sector = 'software'", lambda c: c.sector == "software"),
    ("sector <> 'software'", lambda c: c.sector != "software"),
    ("sector IS NULL", lambda c: c.sector is None),
    ("NOT employees > 1000", lambda c: not (c.employees is not None and c.employees > 1000)),
    ("employees BETWEEN 100 AND 900", lambda c: c.employees is not None and 100 <= c.employees <= 900),
    ("founded < DATE '2000-01-01'", lambda c: c.founded is not None and c.founded < dt.date(2000, 1, 1)),
    ("region WITHIN 'Shanghai'", lambda c: c.region == "310115"),
    ("tier = 'high' AND busy", lambda c: tier(c.key) == "high" and bool(orders_of(c.key, 30))),
    ("count(orders, '45 days') >= 2", lambda c: len(orders_of(c.key, 45)) >= 2),
    ("likes CONTAINS 'Chai'", lambda c: "Chai" in likes(c.key)),
    ("count(orders, status = 'late') > 0", lambda c: any(
        o.status == "late" and o.settled is not None and o.settled <= AS_OF for o in orders_of(c.key))),
    ("any_role(buying_role = 'decides')", lambda c: any(
        r.current and r.company == c.key and r.buying_role == "decides" for r in ROLES)),
    ("parent(TRUE)", lambda c: c.parent is not None),
    ("any_descendant(TRUE)", lambda c: any(o.parent == c.key for o in COMPANY_LIST)),
    ("in_audience('software') AND NOT in_audience('big')", lambda c: c.sector == "software" and not (
        c.employees is not None and c.employees >= 1000)),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS, ids=[one for one, _ in CONDITIONS])
def test_counts_and_ids_agree_with_plain_python(
    query: Query, condition: str, holds: Callable[[Company], bool]
) -> None:
    expected = {one.key for one in COMPANY_LIST if holds(one)}
    bound = query.bind(condition, "enterprise")
    found = query.ids(bound, "enterprise").to_pylist()
    assert keys(query, condition) == expected
    assert found == sorted(set(found))
    assert query.count(bound, "enterprise") == len(found)


def test_every_part_of_a_condition_is_counted_by_itself(query: Query) -> None:
    written = (
        "(sector = 'software' OR NOT tier = 'high') AND count(orders, '45 days') >= 2 "
        "AND any_role(buying_role = 'decides' AND NOT title IS NULL)"
    )
    bound = query.bind(written, "enterprise")
    counted = query.node_counts(bound, "enterprise")
    assert counted == query.engine.node_counts(bound, "enterprise")
    assert counted["enterprise", bound] == query.count(bound, "enterprise")
    assert {kind for kind, _ in counted} == {"enterprise", "role"}
    for (kind, one), count in counted.items():
        assert count == query.count(one, kind)


def test_values_come_by_id_for_all_some_or_a_condition(query: Query) -> None:
    everyone = query.values("enterprise", ["name", "revenue", "tier"])
    assert everyone["id"].to_pylist() == list(range(1, len(COMPANY_LIST) + len(OTHERS) + 1))
    by_id = {row["id"]: row for row in everyone.to_pylist()}
    for company in COMPANY_LIST:
        row = by_id[query.resolve("enterprise", f"crm:{company.key}")]
        assert row["name"] == company.name
        assert row["revenue"] == pytest.approx(revenue(company.key))
        assert row["tier"] == tier(company.key)
    some = query.values("enterprise", ["name"], [3, 1, 3, 999])
    assert some["id"].to_pylist() == [1, 3]
    assert query.values("enterprise", [], pa.array([], pa.int64())).num_rows == 0
    met = query.values("enterprise", ["tier"], query.bind("tier = 'high'", "enterprise"))
    assert set(met["tier"].to_pylist()) == {"high"}


def test_many_ids_are_loaded_as_a_table(query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = list(range(2, 60))
    few = query.values("enterprise", ["name"], wanted)
    monkeypatch.setattr(module, "INLINE", 10)
    assert query.values("enterprise", ["name"], wanted).equals(few)
    measured = query.measures("enterprise", {"n": parse_measure("count(orders)")}, wanted)
    assert measured["id"].to_pylist() == wanted
    # A second question finds no rest of the first.
    assert query.values("enterprise", ["name"], [1, *wanted])["id"].to_pylist() == [1, *wanted]


def test_unknown_names_are_told_with_the_near_ones(query: Query) -> None:
    with pytest.raises(NotFoundError, match="revenu") as caught:
        query.values("enterprise", ["revenu"])
    assert "revenue" in str(caught.value)
    with pytest.raises(NotFoundError):
        query.spec("person", "revenue")
    with pytest.raises(HolbeinError, match="kind"):
        query.bind("TRUE", "company")  # type: ignore[arg-type]


def test_conditions_are_texts_or_trees_and_are_checked(query: Query) -> None:
    tree = parse("sector = 'software'")
    assert query.bind(tree, "enterprise") == query.bind("sector = 'software'", "enterprise")
    with pytest.raises(ConditionError, match="sector"):
        query.bind("sektor = 'software'", "enterprise")
    with pytest.raises(ConditionError, match="has no value"):
        query.bind("sector = 'sofware'", "enterprise")
    with pytest.raises(ConditionError, match="write 'software'"):
        query.bind("sector = '软件'", "enterprise")


# --- subjects -----------------------------------------------------------------------------------


def test_a_subject_is_named_by_id_key_or_source_and_key(query: Query) -> None:
    first = query.resolve("enterprise", "crm:C001")
    assert query.resolve("enterprise", "C001") == first
    assert query.resolve("enterprise", f"E{first}") == first
    assert query.resolve_all("enterprise", ["C001", "crm:C001", "C003"]) == [
        first, first, query.resolve("enterprise", "C003"),
    ]  # fmt: skip


def test_many_subjects_are_resolved_as_one_is(query: Query) -> None:
    written = [f"crm:{one.key}" for one in COMPANY_LIST] + ["X900", "E7", "C003", "C003"]
    assert query.resolve_all("enterprise", written) == [
        query.resolve("enterprise", one) for one in written
    ]
    assert query.resolve_all("enterprise", []) == []
    for wrong in ("C002", "nobody", "E5", "\ud800", "E9999"):
        with pytest.raises(NotFoundError) as one:
            query.resolve("enterprise", wrong)
        with pytest.raises(NotFoundError) as many:
            query.resolve_all("enterprise", ["C001", wrong])
        assert str(many.value) == str(one.value)
    with pytest.raises(NotFoundError, match="an id is a text"):
        query.resolve_all("enterprise", ["C001", 7])  # type: ignore[list-item]


def test_a_key_of_two_subjects_is_refused_until_one_says_which(query: Query) -> None:
    with pytest.raises(NotFoundError, match="names 2 subjects") as caught:
        query.resolve("enterprise", "C002")
    assert "source:key" in str(caught.value)
    assert query.resolve("enterprise", "crm:C002") != query.resolve("enterprise", "erp:C002")


def test_a_key_that_looks_like_an_id_is_ambiguous_too(query: Query) -> None:
    with pytest.raises(NotFoundError, match="names 2 subjects"):
        query.resolve("enterprise", "E5")
    assert query.resolve("enterprise", "erp:E5") != 5


@pytest.mark.parametrize("written", ["", "C0O1", "E0", "E-1", "P1", "crm:", "\ud800", "x" * 500])
def test_an_unknown_subject_is_told_without_a_traceback(query: Query, written: str) -> None:
    with pytest.raises(NotFoundError):
        query.resolve("enterprise", written)


def test_a_near_key_of_a_company_is_told_and_one_of_a_person_is_not(query: Query) -> None:
    with pytest.raises(NotFoundError) as caught:
        query.resolve("enterprise", "X90")
    assert "X900" in str(caught.value)
    with pytest.raises(NotFoundError) as caught:
        query.resolve("person", "p9")
    assert "p1" not in str(caught.value)


def test_aliases_of_some_and_of_all(query: Query) -> None:
    found = query.aliases("enterprise", [query.resolve("enterprise", "crm:C002")]).to_pylist()
    assert [(one["source"], one["key"]) for one in found] == [("crm", "C002")]
    assert query.aliases("enterprise").num_rows == len(COMPANY_LIST) + len(OTHERS)
    assert query.aliases("role").num_rows == len(ROLES)


def test_roles_of_a_company_and_of_a_person(query: Query) -> None:
    company, person = ids(query, "enterprise", "C001")[0], ids(query, "person", "p4")[0]
    names = {query.resolve("role", f"crm:{one.key}"): one for one in ROLES}
    current = query.roles(enterprise=company).to_pylist()
    assert {names[one["id"]].key for one in current} == {"r1", "r2"}
    ever = query.roles(enterprise=company, ever=True).to_pylist()
    # r5 has not begun yet.
    assert {names[one["id"]].key: one["current"] for one in ever} == {
        "r1": True, "r2": True, "r4": False,
    }  # fmt: skip
    mine = query.roles(person=person, ever=True).to_pylist()
    assert [(names[one["id"]].key, one["current"], one["until"]) for one in mine] == [
        ("r6", True, dt.date(2026, 7, 1))
    ]
    with pytest.raises(TypeError):
        query.roles()


def test_families_are_told_nearest_first(query: Query) -> None:
    one, six, seven, eight, ten = ids(query, "enterprise", "C001", "C006", "C007", "C008", "C010")
    assert query.family(one) == ([], sorted([six, seven]))
    assert query.family(eight) == ([six, one], [])
    assert query.family(six) == ([one], [eight])
    assert query.family(ten) == ([], [])


# --- facts and changes ----------------------------------------------------------------------------


def test_changes_are_what_the_second_run_found_different(query: Query) -> None:
    def before(company: str) -> str:
        first = little.BEFORE - dt.timedelta(days=89)
        amount = sum(
            o.amount for o in ORDER_LIST if o.company == company and first <= o.day <= little.BEFORE
        )
        return "high" if amount >= 800 else "low" if amount > 0 else "none"

    expected = {
        (c.key, before(c.key), tier(c.key)) for c in COMPANY_LIST if before(c.key) != tier(c.key)
    }
    names = {query.resolve("enterprise", f"crm:{one.key}"): one.key for one in COMPANY_LIST}
    second = [
        row for row in query.changes("enterprise", tag="tier").to_pylist() if row["day"] == AS_OF
    ]
    assert {
        (names[r["id"]], json.loads(r["old"]), json.loads(r["new"])) for r in second
    } == expected
    one = second[0]["id"]
    mine = query.changes("enterprise", one).to_pylist()
    assert {row["id"] for row in mine} == {one}
    assert [row["at"] for row in mine] == sorted(row["at"] for row in mine)
    assert query.changes("person").num_rows == 0


# --- groups -----------------------------------------------------------------------------------------


def test_distributions_count_group_and_base(query: Query) -> None:
    group = query.bind("sector = 'software'", "enterprise")
    base = query.bind("employees >= 100", "enterprise")
    in_base = [one for one in COMPANY_LIST if one.employees is not None and one.employees >= 100]
    in_group = [one for one in in_base if one.sector == "software"]
    found = query.distribution("enterprise", ["tier", "likes", "busy", "sector"], group, base)

    def counted(name: str) -> dict[Any, tuple[int, int]]:
        return {row["value"]: (row["group"], row["base"]) for row in found[name].to_pylist()}

    def expected(of: Callable[[Company], list[Any]]) -> dict[Any, tuple[int, int]]:
        few, all_ = (Counter(v for one in them for v in of(one)) for them in (in_group, in_base))
        return {value: (few[value], n) for value, n in all_.items()}

    assert counted("tier") == expected(lambda c: [tier(c.key)])
    assert counted("likes") == expected(lambda c: list(likes(c.key)) or [None])
    assert counted("busy") == expected(lambda c: [bool(orders_of(c.key, 30))])
    assert counted("sector") == expected(lambda c: [c.sector])
    bases = found["tier"]["base"].to_pylist()
    assert bases == sorted(bases, reverse=True)


def test_a_group_is_never_more_than_its_base(query: Query) -> None:
    base = query.bind("sector = 'retail'", "enterprise")
    found = query.distribution("enterprise", ["sector"], TRUE, base)["sector"].to_pylist()
    number = sum(one.sector == "retail" for one in COMPANY_LIST)
    assert found == [{"value": "retail", "group": number, "base": number}]


def test_quantiles_agree_with_numpy(query: Query) -> None:
    group = query.bind("sector = 'software'", "enterprise")
    found = query.quantiles("enterprise", ["employees", "founded", "last_order"], group)
    for who, them in (
        ("group", [one for one in COMPANY_LIST if one.sector == "software"]),
        ("base", list(COMPANY_LIST)),
    ):
        numbers = [one.employees for one in them if one.employees is not None]
        spread = found["employees"][who]
        assert spread["n"] == len(numbers)
        assert spread["p50"] == pytest.approx(np.median(numbers))
        assert spread["p10"] == pytest.approx(np.quantile(numbers, 0.1))
        assert (spread["min"], spread["max"]) == (min(numbers), max(numbers))
        assert spread["mean"] == pytest.approx(np.mean(numbers))
        dates = sorted(one.founded for one in them if one.founded is not None)
        assert (found["founded"][who]["min"], found["founded"][who]["max"]) == (dates[0], dates[-1])
        assert isinstance(found["founded"][who]["p50"], dt.date)
        last = [orders_of(one.key)[-1].day for one in them if orders_of(one.key)]
        assert found["last_order"][who]["n"] == len(last)
        assert found["last_order"][who]["max"] == max(last)


def test_quantiles_of_nobody_are_missing(query: Query) -> None:
    nobody = query.bind("FALSE", "enterprise")
    found = query.quantiles("enterprise", ["employees"], nobody)["employees"]
    assert found["group"]["n"] == 0
    assert found["group"]["p50"] is None
    assert found["base"]["n"] > 0


def test_measures_of_some(query: Query) -> None:
    one, four = ids(query, "enterprise", "C001", "C004")
    measures = {
        "n": parse_measure("count(orders)"),
        "most": parse_measure("max(orders.amount)"),
        "logins": parse_measure("count(login)"),
    }
    rows = {
        row["id"]: row for row in query.measures("enterprise", measures, [four, one]).to_pylist()
    }
    for id_, key in ((one, "C001"), (four, "C004")):
        mine = orders_of(key)
        assert rows[id_]["n"] == len(mine)
        assert rows[id_]["most"] == (float(max(o.amount for o in mine)) if mine else None)
    logins = [e for e in EVENTS if e.name == "login" and e.role in ("r1", "r2") and e.day <= AS_OF]
    assert rows[one]["logins"] == len(logins)
