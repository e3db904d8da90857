"""Packs: what stands in them, what a workspace calls their parts, and what is written."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from holbein.catalog import Column, Inspection, StreamColumns, build, load
from holbein.catalog.packs import Added, add, load_pack, names
from holbein.catalog.packs.pack import put_in, read_tags
from holbein.errors import DefinitionError, HolbeinError, NotFoundError
from tests.unit.catalog.conftest import INSPECTION, SOURCES

Add = Callable[..., Added]


def stream(*kinds: str, **types: str) -> StreamColumns:
    columns = {name: Column(name, type_) for name, type_ in types.items()}  # type: ignore[arg-type]
    return StreamColumns(frozenset(kinds), columns)  # type: ignore[arg-type]


def with_streams(**streams: StreamColumns) -> Inspection:
    return dataclasses.replace(INSPECTION, streams=streams)


@pytest.fixture
def adding(workspace: Callable[..., Path]) -> Add:
    def make(
        name: str,
        use: Mapping[str, str] | None = None,
        without: Collection[str] = (),
        inspection: Inspection = INSPECTION,
        sources: str = SOURCES,
        tags: str = "",
        again: bool = False,
    ) -> Added:
        folder = workspace(sources=sources, tags=tags)
        if not again:
            (folder / "tags" / f"{name}.yaml").unlink(missing_ok=True)
        definitions = load(folder)
        vocabulary = build(definitions, inspection, {}).vocabulary
        return add(
            folder, load_pack(name), definitions, vocabulary,
            lambda all_: build(all_, inspection, {}), use=use, without=without,
        )  # fmt: skip

    return make


def text_of(tmp_path: Path, name: str) -> str:
    return (tmp_path / "ws" / "tags" / f"{name}.yaml").read_text(encoding="utf-8")


# --- the packs themselves -------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_a_pack_is_plain_yaml_with_titles_in_both_languages(name: str) -> None:
    pack = load_pack(name)
    tags = read_tags(pack.plain(), f"{name}.yaml")
    assert [one.tag for one in tags] == [one.tag for one in pack.blocks]
    assert 12 <= len(tags) <= 26
    assert set(pack.title) == {"en", "zh"}
    assert all(set(one.title) == {"en", "zh"} for one in pack.needs.values())
    for tag in tags:
        assert set(tag.title) == {"en", "zh"}, tag.tag
        assert tag.category, tag.tag
        if tag.lifecycle is None and tag.rfm is None:
            assert set(tag.labels or ()) <= set(tag.values), tag.tag
        assert all(set(titles) == {"en", "zh"} for titles in tag.values.values()), tag.tag
        titles = [title["zh"] for title in (tag.title, *tag.values.values())]
        assert all(re.search("[\u4e00-\u9fff]", one) for one in titles), tag.tag


@pytest.mark.parametrize("name", names())
def test_every_part_is_spoken_of_and_every_name_is_a_part(name: str) -> None:
    pack = load_pack(name)
    spoken = set(re.findall(r"\$(\w+)", "".join(one.text for one in pack.blocks)))
    silent = {part for part, need in pack.needs.items() if need.tags}
    assert spoken | silent == set(pack.needs)
    assert "$" not in pack.plain()
    known = {one.tag for one in pack.blocks}
    assert all(set(need.tags) <= known for need in pack.needs.values())


def test_no_two_packs_share_a_tag() -> None:
    every = [(one.on, one.tag) for name in names() for one in load_pack(name).blocks]
    assert len(set(every)) == len(every)


def test_a_pack_that_there_is_not() -> None:
    with pytest.raises(NotFoundError, match=r"no pack 'lendin' \(did you mean lending\?\)"):
        load_pack("lendin")
    with pytest.raises(NotFoundError, match="the packs are standard, saas"):
        load_pack("../x")


# --- names put in ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("count($a, '7 days')", "login", "count(login, '7 days')"),
        ("count($a, '7 days')", "sign in", "count(\"sign in\", '7 days')"),
        ("count($a)", "order", "count(order)"),
        ("{stream: $a, by: x}", "sign in", "{stream: 'sign in', by: x}"),
        ("  stream: $a\n", "date", "  stream: 'date'\n"),
        ("among: [$a]", "industry", "among: [industry]"),
        ("role = '$a'", "it's", "role = 'it''s'"),
        ('FROM "$a"', "orders", 'FROM "orders"'),
        ("# the $a", "invoices", "# the invoices"),
    ],
)
def test_names_are_quoted_as_the_place_asks_for(text: str, name: str, expected: str) -> None:
    assert put_in(text, {"a": name}) == expected


# --- adding ---------------------------------------------------------------------------------------


def test_what_is_lacking_is_left_out_and_named(adding: Add, tmp_path: Path) -> None:
    added = adding("standard")
    assert added.place == "tags/standard.yaml"
    assert {"active_days_30", "sales_year", "contact_warmth"} <= set(added.tags)
    assert set(added.tags).isdisjoint(added.left_out)
    assert added.left_out["group_sales"] == "no source maps the parent of enterprises"
    assert added.left_out["buying_committee"].startswith(
        "there is no buying_role (category of role"
    )
    assert added.left_out["top_categories"].endswith("--use category=NAME")
    assert "left out buying_committee, committee_reach: there is no buying_role" in "\n".join(
        added.lines()
    )
    text = text_of(tmp_path, "standard")
    assert text.startswith("# Activity, loyalty")
    assert "  # Days are counted, not events" in text
    assert "by what is recent" not in text  # the comment of a tag that was left out
    assert "$" not in text


def test_own_names_are_put_in(adding: Add, tmp_path: Path) -> None:
    streams = with_streams(
        facturas=stream("enterprise", neto="number", familia="category"),
        other=stream("role", neto="number"),
    )
    added = adding("standard", {"category": "familia"}, inspection=streams)
    assert (added.names["orders"], added.names["amount"]) == ("facturas", "neto")
    assert added.guessed == {"orders": "the only one that fits", "amount": "the only one that fits"}
    assert "facturas as orders (the only one that fits)" in added.lines()[0]
    text = text_of(tmp_path, "standard")
    assert "sum(facturas.neto, '90 days')" in text
    assert "      by: familia\n" in text


def test_usual_names_are_known(adding: Add) -> None:
    streams = with_streams(
        invoices=stream("enterprise", total="number", quantity="number"),
        payments=stream("enterprise", total="number"),
    )
    added = adding("standard", inspection=streams)
    assert (added.names["orders"], added.names["amount"]) == ("invoices", "total")
    assert added.guessed == {"orders": "by its name", "amount": "by its name"}


def test_nothing_is_taken_where_several_could_be_meant(adding: Add) -> None:
    streams = with_streams(
        a=stream("enterprise", x="number", y="number"), b=stream("enterprise", z="number"),
        c=stream("enterprise", k="category"),
    )  # fmt: skip
    with pytest.raises(DefinitionError, match="orders could be a or b: --use orders=a"):
        adding("standard", inspection=streams)
    added = adding("standard", {"orders": "a"}, inspection=streams)
    assert added.left_out["sales_year"] == "amount could be x or y: --use amount=x"
    assert "days_since_purchase" in added.tags


def test_an_event_can_be_meant_and_one_with_blanks(adding: Add, tmp_path: Path) -> None:
    events = dataclasses.replace(INSPECTION, events=frozenset({"sign in", "order placed"}))
    added = adding("saas", {"login": "sign in", "orders": "order placed"}, inspection=events)
    assert "count(\"sign in\", '30 days')" in text_of(tmp_path, "saas")
    assert "users_active_30d" in added.tags
    added = adding("standard", {"orders": "order placed"}, inspection=events)
    assert added.left_out["peak_quarter"] == "it is SQL, which knows no events such as order placed"


def test_values_are_held_against_those_that_are_declared(adding: Add) -> None:
    roles = dataclasses.replace(
        INSPECTION,
        attributes={
            **INSPECTION.attributes,
            "role": {"buying_role": Column("buying_role", "category")},
        },
    )
    source = SOURCES.replace("title: title}", "buying_role: part}")
    added = adding("standard", inspection=roles, sources=source)
    assert added.unchecked == ("decides", "influences", "pays")
    assert "no source declares the values 'decides'" in "\n".join(added.lines())
    declared = "buying_role: {column: part, values: {boss: {en: boss}, pays: {en: pays}}}}"
    source = SOURCES.replace("title: title}", declared)
    added = adding("standard", inspection=roles, sources=source)
    assert added.left_out["committee_reach"].startswith("there is no decides (value of buying_role")
    named = {"decides": "boss", "influences": "boss"}
    added = adding("standard", named, inspection=roles, sources=source)
    assert "committee_reach" in added.tags
    assert not added.unchecked
    with pytest.raises(NotFoundError, match=r"no value of buying_role 'bos'.*did you mean boss"):
        adding("standard", {"decides": "bos"}, inspection=roles, sources=source)


def test_tags_can_be_left_out_for_ones_own(adding: Add) -> None:
    own = "tags:\n- {tag: sales_year, value: count(orders)}\n"
    with pytest.raises(
        DefinitionError, match=r"sales_year, at tags/a\.yaml:2 .*--without sales_year"
    ):
        adding("standard", tags=own)
    added = adding("standard", without=["sales_year"], tags=own)
    assert added.left_out["sales_year"] == "as you said"
    assert "last_quarter_share" in added.tags  # which speaks of the workspace's own
    added = adding("standard", without=["sales_year"])
    assert added.left_out["last_quarter_share"] == "it speaks of sales_year"


@pytest.mark.parametrize(
    ("use", "without", "told"),
    [
        ({"order": "orders"}, (), r"no part 'order' \(did you mean orders"),
        ({"orders": "ordres"}, (), r"no stream or event 'ordres' \(did you mean orders"),
        ({"amount": "amuont"}, (), r"no column of orders 'amuont' \(did you mean amount"),
        ({"amount": "product"}, (), "product of orders is of type category, and a number is asked"),
        ({"contact": "orders"}, (), "the facts of orders do not name a role"),
        ({"industry": "employees"}, (), "employees of enterprise is of type number"),
        ({"parent": "x"}, (), "parent has no name to be told"),
        ({"decides": "x"}, (), "there is no buying_role that it could belong to"),
        ({}, ("sales_yaer",), r"no tag 'sales_yaer' \(did you mean sales_year"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    adding: Add, tmp_path: Path, use: Mapping[str, str], without: Collection[str], told: str
) -> None:
    with pytest.raises(HolbeinError, match=told) as caught:
        adding("standard", use, without)
    assert caught.value.hint
    assert not (tmp_path / "ws" / "tags" / "standard.yaml").exists()


def test_no_file_is_written_over(adding: Add, tmp_path: Path) -> None:
    adding("standard")
    before = text_of(tmp_path, "standard")
    with pytest.raises(DefinitionError, match=r"tags/standard\.yaml is there already"):
        adding("standard", again=True)
    assert text_of(tmp_path, "standard") == before


def test_a_pack_that_fits_nothing_says_what_it_needs(adding: Add, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"no tag of the pack lending fits.*no loans"):
        adding("lending")
    assert not (tmp_path / "ws" / "tags" / "lending.yaml").exists()


def test_a_name_that_yaml_cannot_hold(adding: Add) -> None:
    events = dataclasses.replace(INSPECTION, events=frozenset({"a: b"}))
    with pytest.raises(DefinitionError, match="'a: b' cannot be put into a pack"):
        adding("saas", {"login": "a: b"}, inspection=events)
