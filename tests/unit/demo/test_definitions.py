"""The demo's definitions fit together, and show what the first release can do."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import get_args

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from holbein import catalog, collect
from holbein.catalog import kinds
from holbein.catalog.definitions import FORMS, SentencePlace
from holbein.catalog.names import value_titles
from holbein.conditions.vocabulary import FieldSpec
from holbein.demo.behaviour import EVENTS
from holbein.demo.world import make
from holbein.portraits.speech import Speech


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("definitions") / "demo"
    make(target, enterprises=60, seed=5)
    return target


@pytest.fixture(scope="module")
def definitions(folder: Path) -> catalog.Definitions:
    return catalog.load(folder)


@pytest.fixture(scope="module")
def inspection(definitions: catalog.Definitions) -> catalog.Inspection:
    return collect.inspect(definitions)


@pytest.fixture(scope="module")
def catalogue(
    definitions: catalog.Definitions, inspection: catalog.Inspection
) -> catalog.Catalogue:
    return catalog.build(definitions, inspection, {})


def test_looking_at_the_sources_finds_what_was_written(inspection: catalog.Inspection) -> None:
    assert inspection.events == set(EVENTS)
    assert not inspection.notes
    everyone = {"enterprise", "person", "role"}
    bears = {name: set(stream.bears) for name, stream in inspection.streams.items()}
    of_companies = (
        "contracts", "trades", "holdings", "questionnaires", "loans", "repayments", "invoices",
        "tickets", "campaigns",
    )  # fmt: skip
    companies = {name: {"enterprise"} for name in of_companies}
    assert bears == {"event": everyone, "orders": everyone, **companies}
    assert inspection.streams["orders"].columns["amount"].money


def test_the_definitions_fit_together(catalogue: catalog.Catalogue) -> None:
    assert len(catalogue.tags) >= 30
    assert {tag.kind for tag in catalogue.tags} == {"enterprise", "person", "role"}
    assert len(catalogue.vocabulary.audiences) >= 8
    assert {one.kind for one in catalogue.vocabulary.audiences.values()} == {
        "enterprise", "person", "role",
    }  # fmt: skip


def test_every_form_of_tag_is_shown(definitions: catalog.Definitions) -> None:
    assert {tag.form for tag in definitions.tags} == set(FORMS)


def test_every_title_is_in_both_languages(catalogue: catalog.Catalogue) -> None:
    for tag in catalogue.tags:
        assert set(tag.titles) == {"en", "zh"}, tag.name
        assert tag.category, tag.name
        chinese = Speech("zh", catalogue.vocabulary).category(tag.category)
        assert not any(one.isascii() for one in chinese), tag.category
        for label, titles in tag.values.items():
            assert set(titles) == {"en", "zh"}, f"{tag.name}: {label}"
    for audience in catalogue.vocabulary.audiences.values():
        assert set(audience.titles) == {"en", "zh"}, audience.name


def test_every_label_of_a_computed_tag_has_titles(catalogue: catalog.Catalogue) -> None:
    for tag in catalogue.tags:
        made = tag.definition
        labels: list[str | None] = []
        if isinstance(made, kinds.Rule):
            labels = [label for label, _ in made.cases] + [made.otherwise]
        elif isinstance(made, kinds.Band):
            labels = [label for label, _ in made.below] + [made.otherwise]
        assert {one for one in labels if one} <= set(tag.values), tag.name


def test_the_sentence_of_a_company_has_all_its_places(catalogue: catalog.Catalogue) -> None:
    places = {tag.sentence for tag in catalogue.tags if tag.kind == "enterprise" and tag.sentence}
    assert places == set(get_args(SentencePlace))


def test_nothing_depends_on_the_order_of_files(catalogue: catalog.Catalogue) -> None:
    done: set[tuple[str, str]] = set()
    for tag in catalogue.tags:
        assert tag.uses <= done, tag.name
        done.add((tag.kind, tag.name))


def test_every_attribute_and_column_is_titled_in_both_languages(
    catalogue: catalog.Catalogue,
) -> None:
    for kind, fields in catalogue.vocabulary.fields.items():
        for name, spec in fields.items():
            assert set(spec.titles) == {"en", "zh"}, f"{kind}.{name}"
    for stream in catalogue.vocabulary.streams.values():
        assert set(stream.titles) == {"en", "zh"}, stream.name
        for name, spec in stream.columns.items():
            assert set(spec.titles) == {"en", "zh"}, f"{stream.name}.{name}"
    for name, titles in catalogue.vocabulary.events.items():
        assert set(titles) == {"en", "zh"}, name


def test_every_label_of_the_data_is_titled_in_both_languages(
    folder: Path, catalogue: catalog.Catalogue
) -> None:
    # What is a name of its own needs no translation.
    bare = {"name", "title", "page", "product"}
    with sqlite3.connect(folder / "raw" / "crm.sqlite") as db:
        for kind, table in (("enterprise", "companies"), ("person", "people"), ("role", "roles")):
            known = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
            for name, spec in catalogue.vocabulary.fields[kind].items():  # type: ignore[index]
                if spec.is_tag or spec.type != "category" or name in bare or name not in known:
                    continue
                found = db.execute(f"SELECT DISTINCT {name} FROM {table} WHERE {name} IS NOT NULL")
                _all_titled(name, spec, [value for (value,) in found])
    for stream in (
        "event",
        "orders",
        "trades",
        "holdings",
        "questionnaires",
        "tickets",
        "campaigns",
    ):
        whole = {"event": "events", "orders": "orders"}.get(stream)
        path = folder / "raw" / (whole or f"{stream}.parquet")
        for name, spec in catalogue.vocabulary.streams[stream].columns.items():
            if spec.type == "category" and name not in bare - {"name"}:
                values = pc.unique(pq.read_table(path, columns=[name])[name].cast("string"))
                _all_titled(f"{stream}.{name}", spec, values.drop_null().to_pylist())


def _all_titled(name: str, spec: FieldSpec, values: list[str]) -> None:
    assert values, name
    for value in values:
        code = spec.codes.resolve(value) if spec.codes else None
        assert set(value_titles(spec, code or value) or {}) == {"en", "zh"}, f"{name}: {value}"
