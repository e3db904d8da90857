"""Titles of values that a mapping declares, from the file to whoever reads."""

from __future__ import annotations

from pathlib import Path

import pytest

import holbein
from holbein.catalog.names import value_titles
from holbein.conditions.vocabulary import FieldSpec
from holbein.errors import HolbeinError
from holbein.query import Query
from holbein.refine.codes import code_list
from tests.support.workspaces import write_workspace

CSV = (
    "id,kind,staff,active,town,joined\n1,a,5,yes,Shanghai,2020-01-01\n2,b,7,no,Beijing,2021-01-01\n"
)


def workspace(folder: Path, *attributes: str) -> holbein.Workspace:
    lines = "".join(f"        {one}\n" for one in attributes)
    write_workspace(
        folder,
        {
            "holbein.yaml": "name: Titles\n",
            "companies.csv": CSV,
            "sources/crm.yaml": "sources:\n  - source: crm\n    from: .\n    enterprises:\n"
            "        table: companies\n        id: id\n" + lines,
        },
    )
    return holbein.open(folder)


def test_attributes_columns_and_events_have_titled_values(query: Query) -> None:
    sector = query.spec("enterprise", "sector")
    assert sector.titles == {"en": "Trade", "zh": "行业"}
    assert sector.values["bank"] == {"en": "banking", "zh": "银行"}
    status = query.vocabulary.streams["orders"].columns["status"]
    assert status.values["late"] == {"en": "late", "zh": "逾期"}
    assert query.vocabulary.events["visit"] == {"en": "page view", "zh": "浏览"}
    # A tag that takes an attribute over takes the titles of its values over as well.
    assert query.spec("enterprise", "trade").values == sector.values


def test_conditions_are_told_in_titles(tmp_path: Path) -> None:
    own = workspace(
        tmp_path, "kind: {column: kind, values: {a: {en: first, zh: 甲类}, b: {en: second}}}"
    )
    own.run(as_of="2026-06-30")
    assert own.explain("kind = 'a'").splitlines() == [
        "kind is first",
        "This is answered from the index alone.",
    ]
    assert own.explain("kind = 'a'", lang="zh") == "kind是甲类\n全部由索引回答。"
    assert own.count("kind = 'a'") == 1
    with pytest.raises(HolbeinError, match="has no value 'c'"):
        own.count("kind = 'c'")


def test_the_titles_of_a_boolean(tmp_path: Path) -> None:
    own = workspace(
        tmp_path, "active: {column: active, type: boolean, values: {true: {en: on the books}}}"
    )
    own.run(as_of="2026-06-30")
    assert own.portrait("enterprise", "1").attributes[0].text == "on the books"
    assert own.portrait("enterprise", "2").attributes[0].text == "No"


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (
            "staff: {column: staff, type: number, values: {5: {en: five}}}",
            "a number has no values to title",
        ),
        ("staff: {column: staff, values: {5: {en: five}}}", "a number has no values to title"),
        ("joined: {column: joined, values: {x: {en: x}}}", "a date has no values to title"),
        ("active: {column: active, type: boolean, values: {yes: {en: y}}}", "true or false"),
        ("active: {column: active, values: {yes: {en: y}}}", "true or false"),
        ("town: {column: town, codes: regions, values: {x: {en: x}}}", "have their titles already"),
        ("city: {column: town, values: {x: {en: x}}}", "have their titles already"),
        ("kind: {column: kind, values: {a: {fr: x}}}", "none of the languages"),
        ("kind: {column: kind, values: [a]}", "values"),
    ],
)
def test_values_that_cannot_be_titled_are_told_with_their_place(
    tmp_path: Path, attribute: str, message: str
) -> None:
    own = workspace(tmp_path, "name: id", attribute)
    with pytest.raises(HolbeinError, match=message) as caught:
        own.check()
    assert "crm.yaml:8" in str(caught.value)


def test_declared_codes_and_standard_titles() -> None:
    declared = FieldSpec("gender", "category", values={"f": {"en": "woman", "zh": ""}})
    assert value_titles(declared, "f") == {"en": "woman"}
    assert value_titles(declared, "female") is None
    assert value_titles(FieldSpec("gender", "category"), "female") == {"en": "female", "zh": "女"}
    assert value_titles(FieldSpec("Gender", "category"), "x") is None
    regions = FieldSpec("place", "category", codes=code_list("regions"))
    assert value_titles(regions, "310115") == {"en": "Pudong", "zh": "浦东新区"}
    assert value_titles(FieldSpec("own", "category"), "x") is None
