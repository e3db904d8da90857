"""Portraits of groups are the same to the last figure, whether columns or an engine answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import holbein
from holbein.audiences.lookalikes import look_alikes
from holbein.audiences.overlap import overlap
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.demo.world import AS_OF, make
from holbein.errors import HolbeinWarning
from holbein.portraits import group_portrait
from holbein.portraits.group.comparison import compare
from holbein.portraits.group.through import through_roles
from holbein.query import Query, crossing
from holbein.query.catalogue import summaries
from holbein.workspace import Workspace

ASKED: dict[str, Callable[[Query], Any]] = {
    **{
        f"{condition} of {kind}": lambda q, kind=kind, condition=condition: group_portrait(
            q, condition, kind
        ).as_json()
        for kind in SUBJECT_KINDS
        for condition in ("bucket('some') < 0.02", "bucket('half') < 0.5", "TRUE", "FALSE")
    },
    "a base": lambda q: group_portrait(
        q, "employees >= 500", "enterprise", "bucket('base') < 0.7"
    ).as_json(),
    "numbers crossed": lambda q: group_portrait(
        q, "region IS NOT NULL", "enterprise", cross=("employees", "founded")
    ).as_json(),
    "several labels crossed": lambda q: group_portrait(
        q, "employees >= 500", "enterprise", cross=("favourite_products", "sector")
    ).as_json(),
    "two groups": lambda q: compare(
        q, "employees >= 500", "bucket('other') < 0.4", "enterprise"
    ).as_json(),
    "people through roles": lambda q: through_roles(q, "bucket('p') < 0.3", "person").as_json(),
    "companies through roles": lambda q: through_roles(
        q, "employees >= 500", "enterprise", "bucket('base') < 0.7"
    ).as_json(),
    "nobody through roles": lambda q: through_roles(q, "FALSE", "person").as_json(),
    "look-alikes": lambda q: _alike(q, "employees >= 1000", "enterprise"),
    "look-alikes in a base": lambda q: _alike(
        q, "employees >= 1000", "enterprise", "bucket('base') < 0.5"
    ),
    "the catalogue": lambda q: [one.as_json() for one in summaries(q)],
    "an overlap": lambda q: overlap(q, _audiences(q)[:6]).as_json(),
}


def _alike(query: Query, *asked: Any) -> Any:
    condition, kind, *base = asked
    found = look_alikes(query, condition, kind, 50, *base)
    return found.found.to_pylist(), [str(one) for one in found.traits]


def _audiences(query: Query) -> list[str]:
    known = query.vocabulary.audiences.items()
    return [name for name, one in known if one.kind == "enterprise"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("columns") / "demo"
    make(folder, enterprises=800, seed=3)
    workspace = holbein.open(folder)
    workspace.run(as_of=AS_OF)
    return workspace


def _by_engine(workspace: Workspace) -> Query:
    query = holbein.open(workspace.folder).query
    query.__dict__["index"] = None  # as of a version that has none
    return query


@pytest.mark.parametrize("asked", ASKED)
def test_columns_and_engine_tell_the_same(
    world: Workspace, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crossing, "MOST", 500)
    columns, engine = ASKED[asked](world.query), ASKED[asked](_by_engine(world))
    assert json.dumps(columns, default=str) == json.dumps(engine, default=str)


def test_of_a_damaged_column_the_engine_tells(world: Workspace, tmp_path: Path) -> None:
    expected = ASKED["a base"](_by_engine(world))
    copied = Path(shutil.copytree(world.folder, tmp_path / "copied"))
    (path,) = copied.rglob(Path(world.query.snapshot.columns("enterprise")["sector"].path).name)
    whole = path.read_bytes()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.warns(HolbeinWarning, match="the engine answers meanwhile"):
        found = ASKED["a base"](holbein.open(copied).query)
    assert found == expected
