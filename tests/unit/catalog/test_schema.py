"""The exported JSON Schema knows every form, and definitions go through their own dump."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from holbein.catalog import load, schema
from holbein.catalog.definitions import (
    FORMS,
    SECTIONS,
    AudienceDefinition,
    SourceDefinition,
    TagDefinition,
)
from holbein.catalog.standard import STANDARD_CODES, codes_for, titles_of
from tests.support.workspaces import EXAMPLES
from tests.unit.catalog.conftest import SOURCES


def test_every_section_has_a_schema() -> None:
    whole = schema()
    json.dumps(whole)
    for section in SECTIONS:
        one = schema(section)
        assert one["additionalProperties"] is False
        json.dumps(one)
    tag = schema("tags")["$defs"]["TagDefinition"]
    assert tag["required"] == ["tag"]
    assert set(FORMS) <= set(tag["properties"])
    assert tag["properties"]["title"]["anyOf"][0] == {"type": "string"}
    assert "else" in schema("tags")["$defs"]["BandForm"]["properties"]
    source = schema("sources")["$defs"]
    assert set(source["SourceDefinition"]["required"]) == {"source", "from"}
    assert source["SubjectMapping"]["additionalProperties"]["anyOf"][0] == {"type": "string"}
    assert "items" not in source["SourceDefinition"]["properties"]["roles"]["anyOf"][0]


def test_definitions_go_through_their_own_dump(workspace: Callable[..., Path]) -> None:
    tags = (
        "tags:\n- {tag: a, band: {of: x, below: [{s: 5}], else: l}, category: p/q}\n"
        "- {tag: b, imported: {file: f, source: crm, id: [x, y]}, type: boolean}\n"
        "- {tag: c, prefers: {stream: s, by: c, half_life: 9 days}}\n- {tag: d, cases: [{x: y}]}\n"
        "- {tag: e, type: date, sql: {dialect: duckdb, query: q, reads: role.x, memory: 2 GB}}\n"
        "- {tag: f, type: number, python: {file: a/b.py, function: c, reads: [d], time: 1 hour}}\n"
    )
    audiences = "audiences:\n- {audience: a, where: b}\n"
    found = load(workspace(sources=SOURCES, tags=tags, audiences=audiences))
    for model, listed in (
        (SourceDefinition, found.sources),
        (TagDefinition, found.tags),
        (AudienceDefinition, found.audiences),
    ):
        for one in listed:
            again = model.model_validate_json(
                one.model_dump_json(by_alias=True, exclude_unset=True)
            )
            assert again == one
            assert hash(again) == hash(one)
            assert again.place == ""


@pytest.mark.parametrize(
    "folder", [one for one in EXAMPLES.glob("*") if (one / "holbein.yaml").exists()]
)
def test_the_examples_load(folder: Path) -> None:
    assert load(folder).tags


def test_standard_names() -> None:
    assert titles_of("buying_role", {}) == {"en": "buying role", "zh": "采购角色"}
    assert titles_of("Industry", {})["zh"] == "行业"
    assert titles_of("my_own", {}) == {"en": "my own"}
    assert titles_of("industry", {"en": "Branch"}) == {"en": "Branch"}
    assert codes_for("city", None) == "regions"
    assert codes_for("city", "none") is None
    assert codes_for("branch", "industries") == "industries"
    assert codes_for("name", None) is None
    assert set(STANDARD_CODES.values()) == {"regions", "industries"}
