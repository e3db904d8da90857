"""Rankings, RFM, life cycle and roll-ups: types, titles, what is used, and every wrong combination."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holbein.catalog import Catalogue, kinds
from holbein.catalog.definitions import TagDefinition
from holbein.catalog.lifecycle import STAGES, TITLES
from holbein.catalog.rfm import SEGMENTS
from holbein.conditions.bind import bind
from holbein.conditions.text import parse
from holbein.errors import ConditionError, HolbeinError

Build = Callable[..., Catalogue]

TYPED = {
    "ranks: {of: employees}": "number",
    "ranks: {of: founded, among: [industry, listed], gives: rank, order: lowest}": "number",
    "rfm: {stream: orders, amount: amount}": "category",
    "rfm: {stream: orders, gives: score, bins: 9}": "category",
    "rfm: {stream: orders, gives: recency, bins: 10, window: 1 year, where: paid}": "number",
    "rfm: {stream: login}": "category",
    "lifecycle: {stream: orders, amount: amount, period: 90 days}": "category",
    "rolls_up: {from: roles, by: count}": "number",
    'rolls_up: {from: roles, where: "count(login) > 0", by: share}': "number",
    "rolls_up: {from: people, where: \"name = 'x'\", by: any}": "boolean",
    "rolls_up: {from: subsidiaries, of: employees, by: sum, self: true}": "number",
    'rolls_up: {from: subsidiaries, of: employees, by: avg, where: "listed"}': "number",
    "rolls_up: {from: descendants, of: founded, by: min}": "date",
    "rolls_up: {from: roles_ever, of: title, by: most}": "category",
    "rolls_up: {from: roles_ever, of: title, by: best, order: [CEO, Head]}": "category",
    "rolls_up: {from: parent, of: listed}": "boolean",
    "rolls_up: {from: root, of: founded}": "date",
}


@pytest.mark.parametrize("form", TYPED)
def test_the_type_follows(catalogue: Build, form: str) -> None:
    found = catalogue(tags=f"- {{tag: a, {form}}}").tag("enterprise", "a")
    assert found is not None
    assert found.type == TYPED[form]


def test_codes_and_titles_are_carried_along(catalogue: Build) -> None:
    found = catalogue(
        tags="- {tag: house, on: role, rolls_up: {from: enterprise, of: city}}\n"
        "- {tag: size, band: {of: employees, below: [{small: 9}], else: large}, "
        "values: {small: {en: Small, zh: 小}}}\n"
        "- {tag: best, rolls_up: {from: subsidiaries, of: size, by: best, order: [large, small]}}\n"
    )
    house, best = found.tag("role", "house"), found.tag("enterprise", "best")
    assert house is not None
    assert house.codes is not None
    assert best is not None
    assert list(best.values) == ["large", "small"]
    assert best.values["small"] == {"en": "Small", "zh": "小"}
    assert best.uses == {("enterprise", "size")}
    with pytest.raises(ConditionError, match="has no value 'middle'"):
        bind(parse("best = 'middle'"), "enterprise", found.vocabulary)


def test_built_in_titles_give_way_to_own_ones(catalogue: Build) -> None:
    found = catalogue(
        tags="- {tag: a, rfm: {stream: orders}, values: {champions: {en: Stars}}}\n"
        "- {tag: b, lifecycle: {stream: orders, period: 1 month}}\n"
    )
    segments, stages = found.tag("enterprise", "a"), found.tag("enterprise", "b")
    assert segments is not None
    assert set(segments.values) == set(SEGMENTS)
    assert segments.values["champions"] == {"en": "Stars", "zh": "重要价值客户"}
    assert segments.values["lost"] == {"en": "lost", "zh": "已流失客户"}
    assert stages is not None
    assert {**stages.values} == TITLES
    assert set(STAGES) == set(TITLES)


def test_a_life_cycle_is_a_rule(catalogue: Build) -> None:
    found = catalogue(
        tags="- {tag: busy, where: \"count(orders, '9 days') > 3\"}\n"
        "- {tag: a, lifecycle: {stream: orders, period: 30 days, "
        "stages: {active: busy, growing: null, declining: null, lost: null}}}\n"
    ).tag("enterprise", "a")
    assert found is not None
    assert isinstance(found.definition, kinds.Rule)
    labels = [label for label, _ in found.definition.cases]
    assert labels == ["dormant", "new", "won_back", "loyal", "active"]
    assert found.uses == {("enterprise", "busy")}
    assert list(found.values) == ["new", "active", "loyal", "dormant", "won_back"]


def test_tags_of_other_levels_come_before(catalogue: Build) -> None:
    found = catalogue(
        tags="- {tag: of_all, ranks: {of: logins, among: [trade]}}\n"
        "- {tag: logins, rolls_up: {from: roles, of: seen, by: sum, where: chief}}\n"
        "- {tag: seen, on: role, value: count(login)}\n"
        "- {tag: chief, on: role, where: \"title = 'CEO'\"}\n"
        "- {tag: trade, attribute: industry}\n"
    )
    ranked, logins = found.tag("enterprise", "of_all"), found.tag("enterprise", "logins")
    assert ranked is not None
    assert ranked.uses == {("enterprise", "logins"), ("enterprise", "trade")}
    assert logins is not None
    assert logins.uses == {("role", "seen"), ("role", "chief")}
    with pytest.raises(HolbeinError, match="depends on itself"):
        catalogue(
            tags="- {tag: up, rolls_up: {from: roles, of: down, by: max}}\n"
            "- {tag: down, on: role, rolls_up: {from: enterprise, of: up}}\n"
        )


# What is wrong, and what the error says.
WRONG = {
    "ranks: {of: industry}": ("industry is a text", "give a number or a date"),
    "ranks: {of: employes}": ("no attribute or tag employes", "did you mean employees?"),
    "ranks: {of: employees, among: [founded]}": ("founded is a date", None),
    "ranks: {of: employees, among: [employees]}": ("peers have a label", "cut it into bands"),
    "ranks: {of: employees, among: [city, city]}": ("the label 'city' stands twice", None),
    "ranks: {of: employees, among: []}": ("it is empty", None),
    "ranks: {of: employees, order: lowest}": ("a percentile has no first", "write gives: rank"),
    "ranks: {of: employees, gives: place}": ("'place' is none of percentile, rank", None),
    "rfm: {stream: order}": ("no stream or event order", "did you mean orders?"),
    "rfm: {stream: orders, amount: product}": ("sum is not for category columns", None),
    "rfm: {stream: orders, amount: amont}": ("no column amont", "did you mean amount?"),
    "rfm: {stream: orders, window: soon}": ("no stretch of time", "'90 days'"),
    "rfm: {stream: orders, where: industry = 'x'}": ("industry is an attribute", None),
    "rfm: {stream: orders, bins: 4}": ("the segments are made of 5 bins", "give score"),
    "rfm: {stream: orders, gives: score, bins: 10}": ("one digit", "from 2 to 9"),
    "rfm: {stream: orders, gives: monetary}": ("no monetary score", "add amount"),
    "rfm: {stream: orders, bins: 1}": ("must be at least 2", None),
    "rfm: {stream: orders}, values: {champion: x}": ("not a label", "did you mean champions?"),
    "lifecycle: {stream: orders}": ("period is missing", "add period:"),
    "lifecycle: {stream: order, period: 9 days}": ("no stream or event order", "orders?"),
    "lifecycle: {stream: orders, amount: paid, period: 9 days}": ("sum is not for boolean", None),
    "lifecycle: {stream: orders, period: 9 hours}": ("days or longer", "1 day or more"),
    "lifecycle: {stream: orders, period: 30 years}": ("120 years is out of range", None),
    "lifecycle: {stream: orders, period: 9 days, stages: {lst: null}}": (
        "no stage 'lst'", "did you mean lost?",
    ),
    "lifecycle: {stream: orders, period: 9 days, stages: {lost: employees}}": (
        "employees is a number", "compare it",
    ),
    "lifecycle: {stream: orders, period: 9 days, stages: {lost: '1 ='}}": ("tag 'a'", None),
    "lifecycle: {stream: orders, period: 9 days, stages: {lost: null, new: null, growing: null, "
    "active: null, loyal: null, declining: null, dormant: null, won_back: null}}": (
        "no stage is left", None,
    ),
    "rolls_up: {from: staff, by: count}": ("'staff' is none of roles", None),
    "rolls_up: {from: enterprise, of: employees}": (
        "enterprises have no enterprise to roll up from", "from enterprises: roles",
    ),
    "on: role, rolls_up: {from: roles, by: count}": ("roles have no roles", "enterprise, person"),
    "on: person, rolls_up: {from: enterprise, of: name}": (
        "people have no enterprise", "did you mean enterprises?",
    ),
    "rolls_up: {from: roles, of: title}": ("by is missing", "sum, avg, min, max"),
    "rolls_up: {from: roles, of: title, by: count}": ("summarises a condition", "leave of out"),
    "rolls_up: {from: roles, by: share}": ("share needs a condition", "add where"),
    "rolls_up: {from: roles, by: sum}": ("sum needs a value", "add of"),
    "rolls_up: {from: roles, of: title, by: best}": ("which label is better", "add order"),
    "rolls_up: {from: roles, of: title, by: most, order: [x]}": ("order is for by: best", None),
    "rolls_up: {from: roles, by: count, self: true}": ("not of the same kind", "leave it out"),
    "rolls_up: {from: root, of: city, self: true}": ("hold it already", "leave it out"),
    "rolls_up: {from: parent}": ("of is missing", "add of"),
    "rolls_up: {from: parent, of: city, by: most}": ("there is one parent", "leave by out"),
    "rolls_up: {from: parent, of: city, where: listed}": ("there is one parent", "leave where"),
    "rolls_up: {from: roles, of: title, by: sum}": ("sum is for numbers", "by: best or most"),
    "rolls_up: {from: subsidiaries, of: founded, by: avg}": ("avg is for numbers", "min or max"),
    "rolls_up: {from: subsidiaries, of: listed, by: max}": ("numbers or dates", "under where"),
    "rolls_up: {from: subsidiaries, of: employees, by: most}": ("is for categories", "by: sum"),
    "rolls_up: {from: roles, of: employees, by: sum}": (
        "employees belongs to enterprises", "enterprise(",
    ),
    "rolls_up: {from: subsidiaries, of: city, by: best, order: [Shanghai]}": (
        "order takes codes", "write '310000'",
    ),
    "rolls_up: {from: roles, of: title, by: best, order: [x, x]}": ("stands twice", None),
}  # fmt: skip


@pytest.mark.parametrize("form", WRONG)
def test_what_is_wrong_is_told_with_place_and_hint(catalogue: Build, form: str) -> None:
    with pytest.raises(HolbeinError) as caught:
        catalogue(tags=f"- tag: fine\n  value: employees\n- {{tag: a, {form}}}")
    told, hint = WRONG[form]
    assert told in str(caught.value)
    assert hint is None or hint in str(caught.value)
    assert str(caught.value.place).startswith("tags/a.yaml:4")


def test_an_unknown_label_of_best(catalogue: Build) -> None:
    with pytest.raises(HolbeinError, match=r"a\.yaml:5.*'lrage' is no value.*did you mean large"):
        catalogue(
            tags="- {tag: size, band: {of: employees, below: [{small: 9}], else: large}}\n"
            "- tag: a\n  rolls_up:\n"
            "    {from: subsidiaries, of: size, by: best, order: [lrage, small]}\n"
        )


def test_they_go_through_their_own_dump() -> None:
    for form in (
        {"rolls_up": {"from": "roles", "of": "x", "by": "best", "order": ["a", "b"]}},
        {"rolls_up": {"from": "descendants", "by": "count", "self": True}},
        {"ranks": {"of": "x", "among": ["a"], "gives": "rank", "order": "lowest"}},
        {"rfm": {"stream": "s", "bins": 3, "gives": "score"}},
        {"lifecycle": {"stream": "s", "period": "9 days", "stages": {"lost": None, "new": "x"}}},
    ):
        made = TagDefinition.model_validate({"tag": "t", **form})
        again = TagDefinition.model_validate_json(
            made.model_dump_json(by_alias=True, exclude_unset=True)
        )
        assert again == made
