"""A small workspace in memory: definitions as text, and what its sources are said to hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from holbein.catalog import Catalogue, Column, Inspection, StreamColumns, build, load
from holbein.conditions.tree import SubjectKind
from tests.support.workspaces import write_workspace

SOURCES = """\
sources:
  - source: crm
    from: crm
    enterprises: {table: customers, id: id, name: name, industry: branch, city: city, employees: n}
    roles: {table: contacts, enterprise: customer, person: {id: id, name: name}, title: title}
    streams:
      orders: {table: orders, key: id, at: at, enterprise: customer, title: {en: sales, zh: 销售}}
      event: {table: events, key: id, at: at, role: contact}
"""


def _columns(**types: str) -> dict[str, Column]:
    lists = {"city": "regions", "industry": "industries"}
    return {
        name: Column(name, type_, codes=lists.get(name))  # type: ignore[arg-type]
        for name, type_ in types.items()
    }


INSPECTION = Inspection(
    attributes={
        "enterprise": _columns(
            name="category", industry="category", city="category", employees="number",
            founded="date", listed="boolean",
        ),
        "person": _columns(name="category", birth_date="date"),
        "role": _columns(title="category"),
    },
    streams={
        "orders": StreamColumns(
            frozenset({"enterprise"}),
            _columns(product="category", city="category", amount="number", paid="boolean"),
        ),
        "event": StreamColumns(
            frozenset({"enterprise", "person", "role"}), _columns(name="category", page="category")
        ),
    },
    events=frozenset({"login", "visit"}),
    notes=(),
)  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Callable[..., Path]:
    """``workspace(tags="…", sources="…")``: a folder with one file per section."""

    def make(settings: str = "name: Acme\n", **sections: str) -> Path:
        files = {"holbein.yaml": settings}
        files.update({f"{section}/a.yaml": text for section, text in sections.items()})
        return write_workspace(tmp_path / "ws", files)

    return make


@pytest.fixture
def catalogue(workspace: Callable[..., Path]) -> Callable[..., Catalogue]:
    """``catalogue(tags="- tag: …", audiences="- …")``: built over ``INSPECTION``."""

    def make(
        tags: str = "",
        audiences: str = "",
        lists: Mapping[str, SubjectKind] | None = None,
        inspection: Inspection = INSPECTION,
    ) -> Catalogue:
        folder = workspace(
            sources=SOURCES, tags=f"tags:\n{tags}\n", audiences=f"audiences:\n{audiences}\n"
        )
        return build(load(folder), inspection, lists or {})

    return make
