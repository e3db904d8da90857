from __future__ import annotations

from pathlib import Path

import pytest

from holbein.query import Query
from holbein.workspace import Workspace
from tests.unit.query.little import little


@pytest.fixture(scope="session")
def query(tmp_path_factory: pytest.TempPathFactory) -> Query:
    """Questions to the little workspace. Read only."""
    return little(tmp_path_factory.mktemp("audiences") / "little").query


@pytest.fixture
def own(tmp_path: Path) -> Workspace:
    """The little workspace, to be changed."""
    return little(tmp_path / "little")
