from __future__ import annotations

from pathlib import Path

import pytest

from holbein.query import Query
from holbein.workspace import Workspace
from tests.unit.query.little import little


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The little workspace. Read only."""
    return little(tmp_path_factory.mktemp("portraits") / "little")


@pytest.fixture(scope="session")
def query(workspace: Workspace) -> Query:
    return workspace.query


@pytest.fixture
def own(tmp_path: Path) -> Workspace:
    """The little workspace, to be changed."""
    return little(tmp_path / "little")


@pytest.fixture(scope="session")
def workspace_folder(workspace: Workspace) -> str:
    """Where the little workspace is, for commands."""
    return str(workspace.folder)
