"""The catalogue: types inferred in order, names that clash, and where a mistake lies."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from holbein.catalog import Catalogue, build, load
from holbein.catalog.kinds import AttributeOf, Band, Flag, Imported, Preference, Rule, Statistic
from holbein.conditions import tree
from holbein.errors import DefinitionError
from tests.unit.catalog.conftest import INSPECTION

Make = Callable[..., Catalogue]


def refused(make: Make, *args: object, **kwargs: object) -> str:
    with pytest.raises(DefinitionError) as caught:
        make(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("definition", "type_", "codes", "meaning"),
    [
        ("attribute: city", "category", "regions", AttributeOf),
        ("attribute: founded", "date", None, AttributeOf),
        ("value: \"sum(orders.amount, '90 days')\"", "number", None, Statistic),
        ("value: last(orders.product)", "category", None, Statistic),
        ("value: first(orders.city)", "category", "regions", Statistic),
        ("value: last(orders.paid)", "boolean", None, Statistic),
        ("value: max(orders.at)", "date", None, Statistic),
        ("value: days_since(login)", "number", None, Statistic),
        ("value: days_since(founded)", "number", None, Statistic),
        ("value: city", "category", "regions", Statistic),
        ("where: listed AND count(login) > 3", "boolean", None, Flag),
        ("cases: [{x: listed}, {else: y}]", "category", None, Rule),
        ("band: {of: employees, below: [{s: 10}, {m: 20}]}", "category", None, Band),
        ("prefers: {stream: orders, by: product}", "category", None, Preference),
        ("prefers: {stream: orders, by: city, top: 3, weight: amount, window: 1 year, half_life: 90 days, where: paid}", "categories", "regions", Preference),
        ("prefers: {stream: visit, by: page}", "category", None, Preference),
        ("imported: {file: f.csv, source: crm, id: id}", "boolean", None, Imported),
        ("imported: {file: f.csv, source: crm, id: id, value: v}", "category", None, Imported),
        ("type: number\n  imported: {file: f.csv, source: crm, id: id, value: v}", "number", None, Imported),
    ],
)  # fmt: skip
def test_types_follow_from_definitions(
    catalogue: Make, definition: str, type_: str, codes: str | None, meaning: type
) -> None:
    made = catalogue(f"- tag: t\n  {definition}\n- {{tag: known, where: t IS NULL}}")
    tag = made.tags[0]
    assert (tag.name, tag.type, tag.codes and tag.codes.name) == ("t", type_, codes)
    assert isinstance(tag.definition, meaning)
    spec = made.vocabulary.fields["enterprise"]["t"]
    assert (spec.type, spec.codes, spec.is_tag) == (tag.type, tag.codes, True)


def test_conditions_are_bound(catalogue: Make) -> None:
    made = catalogue(
        "- {tag: local, where: \"city = '上海市'\"}\n"
        "- {tag: idle, value: days_since(login)}\n"
        "- {tag: paid_for, prefers: {stream: orders, by: product, where: \"city WITHIN '上海市'\"}}"
    )
    local, idle, paid_for = made.tags
    assert local.definition == Flag(tree.Compare(tree.Field("city"), "=", tree.Text("310000")))
    assert idle.definition == Statistic(tree.Aggregate("days_since", "login"))
    assert isinstance(paid_for.definition, Preference)
    assert paid_for.definition.where == tree.Within(tree.Field("city"), "310000")


def test_tags_come_behind_what_they_use(catalogue: Make) -> None:
    made = catalogue(
        "- {tag: last, where: \"in_audience('good') AND any_role(chief)\"}\n"
        "- {tag: tier, cases: [{high: revenue > 5}, {else: low}]}\n"
        "- {tag: revenue, value: sum(orders.amount)}\n"
        "- {tag: chief, on: role, where: \"title LIKE '%chief%' AND enterprise(tier = 'high')\"}",
        "- {audience: good, where: \"tier = 'high'\"}",
    )
    assert [tag.name for tag in made.tags] == ["revenue", "tier", "chief", "last"]
    by_name = {tag.name: tag for tag in made.tags}
    assert by_name["tier"].uses == {("enterprise", "revenue")}
    assert by_name["chief"].uses == {("enterprise", "tier")}
    assert by_name["last"].uses == {("enterprise", "tier"), ("role", "chief")}
    assert made.vocabulary.audiences["good"].where is not None
    assert made.tag("role", "chief") is by_name["chief"]
    assert made.tag("person", "chief") is None


def test_an_order_that_is_free_is_that_of_kinds_and_declarations(catalogue: Make) -> None:
    made = catalogue(
        "- {tag: r, on: role, where: 'TRUE'}\n- {tag: b, where: 'TRUE'}\n- {tag: a, where: 'TRUE'}\n"
        "- {tag: p, on: person, where: 'TRUE'}"
    )
    assert [tag.name for tag in made.tags] == ["b", "a", "p", "r"]


def test_a_cycle_is_told_with_its_path(catalogue: Make) -> None:
    message = refused(
        catalogue,
        "- {tag: fine, where: listed}\n- {tag: a, where: b}\n- {tag: b, value: c}\n"
        "- {tag: c, where: \"in_audience('d')\"}\n- {tag: after, where: a}",
        "- {audience: d, where: a}",
    )
    assert message == (
        "tags/a.yaml:3: tag 'a' depends on itself: a (tags/a.yaml:3) → b (tags/a.yaml:4) → "
        "c (tags/a.yaml:5) → audience 'd' (audiences/a.yaml:2) → a "
        "(take the reference out of one of them)"
    )


def test_cycles_of_one_and_of_two_kinds(catalogue: Make) -> None:
    assert "a (tags/a.yaml:2) → a" in refused(catalogue, "- {tag: a, where: a}")
    assert "a (tags/a.yaml:2) → a" in refused(
        catalogue, "- {tag: a, where: \"became(a, TRUE, '7 days')\"}"
    )
    message = refused(
        catalogue, "- {tag: a, where: any_role(a)}\n- {tag: a, on: role, where: enterprise(a)}"
    )
    assert "enterprise a (tags/a.yaml:2) → role a (tags/a.yaml:3) → enterprise a" in message
    two = refused(
        catalogue,
        "- {tag: a, where: b}\n- {tag: b, where: a}\n- {tag: c, where: d}\n- {tag: d, where: c}\n"
        "- {tag: e, where: a OR nothing}",
    )
    assert two.count("depends on itself") == 2
    assert len(two.splitlines()) == 2


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ("- tag: t\n  where: employes > 5", "tags/a.yaml:3, in employes: tag 't': enterprises have no attribute or tag employes (did you mean employees?)"),
        ("- tag: t\n  where: employees >", "tags/a.yaml:3, line 1, column 12: tag 't': "),
        ("- tag: t\n  where: |\n    employees > 5\n    AND AND", "tags/a.yaml:3, line 2, column 5: tag 't': "),
        ("- tag: t\n  where: employees = 'x'", "tags/a.yaml:3, in "),
        ("- tag: t\n  value: sum(orders.amout)", "did you mean amount?"),
        ("- tag: t\n  value: sum(order.amount)", "did you mean orders?"),
        ("- tag: t\n  on: person\n  value: count(orders)", "tags/a.yaml:4, in count(orders): tag 't': orders says nothing of people"),
        ("- tag: t\n  attribute: industri", "tags/a.yaml:3: tag 't': the kind enterprise has no attribute 'industri' (did you mean industry?)"),
        ("- tag: t\n  attribute: birth_date", "it is an attribute of kind person"),
        ("- {tag: s, where: listed}\n- tag: t\n  attribute: s", "tags/a.yaml:4: tag 't': 's' is a tag, not an attribute (write value: \"s\")"),
        ("- tag: t\n  cases:\n    - x: listed\n    - y: lsted\n    - else: z", "tags/a.yaml:5, in "),
        ("- tag: t\n  band:\n    below: [{s: 5}]\n    of: founded", "tags/a.yaml:5: tag 't': a band is cut from numbers"),
        ("- tag: t\n  band: {of: industry, below: [{s: 5}]}", "a band is cut from numbers"),
        ("- tag: t\n  prefers: {stream: orders, by: amount}", "has the type number, and one prefers categories"),
        ("- tag: t\n  prefers: {stream: orders, by: produkt}", "did you mean product?"),
        ("- tag: t\n  prefers: {stream: oders, by: product}", "did you mean orders?"),
        ("- tag: t\n  prefers: {stream: orders, by: product, weight: city}", "must be a number"),
        ("- tag: t\n  prefers: {stream: orders, by: product, window: soon}", "'soon' is no stretch of time"),
        ("- tag: t\n  prefers: {stream: orders, by: product, half_life: 3 hours}", "days or longer"),
        ("- tag: t\n  prefers: {stream: orders, by: product, where: payd}", "did you mean paid?"),
        ("- tag: t\n  prefers: {stream: orders, by: product, where: listed}", "sees only the columns"),
        ("- tag: t\n  on: role\n  prefers: {stream: orders, by: product}", "orders says nothing of roles"),
        ("- tag: t\n  imported: {file: f, source: crn, id: i}", "tags/a.yaml:3: tag 't': there is no source 'crn' (did you mean crm?)"),
        ("- tag: t\n  type: number\n  imported: {file: f, source: crm, id: i}", "tags/a.yaml:3: tag 't': without a value column"),
        ("- tag: t\n  where: listed\n  values: {yes: ja}", "tags/a.yaml:4: tag 't': values names 'yes'"),
        ("- tag: t\n  value: employees\n  values: {a: b}", "a number has no values to title"),
        ("- tag: industry\n  attribute: industry", "tags/a.yaml:2: tag 'industry' is named like the attribute 'industry'"),
        ("- tag: Industry\n  where: listed", "differs only in case from the attribute 'industry'"),
        ("- tag: id\n  where: listed", "no tag can be named 'id'"),
        ("- tag: person\n  on: role\n  where: 'TRUE'", "no tag can be named 'person'"),
        ("- tag: since\n  on: role\n  where: 'TRUE'", "is named like the attribute 'since'"),
        ("- tag: t\n  where: in_audience('gone')", "there is no audience 'gone'"),
        ("- {tag: tier, cases: [{high: listed}, {else: low}]}\n- tag: t\n  where: tier = 'hihg'", "did you mean high?"),
        ("- tag: t\n  where: \"(SELECT 1)\"", "tags/a.yaml:3, line 1, column 2"),
    ],
)  # fmt: skip
def test_mistakes_in_tags(catalogue: Make, tags: str, told: str) -> None:
    message = refused(catalogue, tags)
    assert told in message
    assert "\n" not in message


def test_what_rests_on_a_mistake_is_not_told_as_another(catalogue: Make) -> None:
    message = refused(
        catalogue,
        "- {tag: a, where: nothing}\n- {tag: b, where: a}\n- {tag: c, where: b OR nothing}\n"
        "- {tag: d, where: nothing_else}",
        "- {audience: x, where: c}\n- {audience: y, where: listd}",
    )
    assert [line.partition(",")[0] for line in message.splitlines()] == [
        "tags/a.yaml:2", "tags/a.yaml:5", "audiences/a.yaml:3",
    ]  # fmt: skip
    assert "did you mean listed?" in message


def test_static_lists_are_audiences(catalogue: Make) -> None:
    made = catalogue(
        "- {tag: t, where: \"in_audience('key accounts')\"}", lists={"key accounts": "enterprise"}
    )
    assert made.vocabulary.audiences["key accounts"].where is None
    message = refused(catalogue, "", "- {audience: Mine, where: listed}", lists={"mine": "role"})
    assert message.startswith("audiences/a.yaml:2: audience 'Mine' is named like the list 'mine'")


def test_a_stream_named_like_an_event_is_refused(catalogue: Make) -> None:
    clash = dataclasses.replace(INSPECTION, events=frozenset({"orders"}))
    message = refused(catalogue, inspection=clash)
    assert message.startswith("sources/a.yaml:7: the stream 'orders' is named like an event")


def test_titles_and_values(catalogue: Make) -> None:
    made = catalogue(
        "- {tag: revenue_90d, value: sum(orders.amount)}\n"
        "- {tag: place, attribute: city}\n"
        "- {tag: tier, title: 等级, cases: [{high: listed}, {middle: listed}, {else: high}], values: {high: 高}}\n"
        "- {tag: same, value: tier}",
        "- {audience: key accounts, where: listed}",
    )
    revenue, place, tier, same = made.tags
    assert revenue.titles == {"en": "revenue 90d"}
    assert place.titles == {"en": "city", "zh": "城市"}
    assert tier.titles == {"zh": "等级"}
    assert dict(tier.values) == {"high": {"zh": "高"}, "middle": {}}
    assert same.values == tier.values
    vocabulary = made.vocabulary
    assert vocabulary.streams["orders"].titles == {"en": "sales", "zh": "销售"}
    assert vocabulary.fields["person"]["name"].titles["zh"] == "姓名"
    assert vocabulary.fields["enterprise"]["name"].titles["zh"] == "名称"
    assert vocabulary.fields["role"]["since"].type == "date"
    assert vocabulary.events["login"] == {"en": "login", "zh": "登录"}
    assert vocabulary.audiences["key accounts"].titles == {"en": "key accounts"}


def test_facts_of_a_tag_are_carried_over(catalogue: Make) -> None:
    tag = catalogue(
        "- tag: t\n  where: listed\n  category: value/orders\n  owner: sales\n  description: why\n"
        "  sensitivity: personal\n  sentence: who"
    ).tags[0]
    assert tag.category == ("value", "orders")
    assert (tag.owner, tag.description, tag.sensitivity) == ("sales", "why", "personal")
    assert (tag.sentence, tag.place) == ("who", "tags/a.yaml:2")


def test_a_thousand_tags_in_a_chain(catalogue: Make) -> None:
    """Deep dependencies are ordered without recursion."""
    tags = "\n".join(f"- {{tag: t{n}, where: t{n + 1}}}" for n in range(1_000))
    made = catalogue(f"{tags}\n- {{tag: t1000, where: listed}}")
    assert [tag.name for tag in made.tags[:2]] == ["t1000", "t999"]
    assert made.tags[-1].name == "t0"


def test_attributes_of_two_mappings_that_differ_only_in_case(
    workspace: Callable[..., Path],
) -> None:
    folder = workspace(
        sources="sources:\n"
        "- {source: a, from: x, people: {table: t, id: i, Name: n}}\n"
        "- {source: b, from: x, roles: {table: t, enterprise: e, person: {id: i, name: n}}}\n"
    )
    with pytest.raises(DefinitionError) as caught:
        build(load(folder), INSPECTION, {})
    assert str(caught.value).startswith(
        "sources/a.yaml:3: the attribute 'name' of kind person differs only in case from 'Name' "
        "at sources/a.yaml:2"
    )
