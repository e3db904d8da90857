"""Where the tests find data, and the workspaces that they make from it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.support.skips import NO_SHARED_DATA

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
SHARED = Path(os.environ.get("HOLBEIN_SHARED_DATA", ROOT.parent / "shared" / "data"))
"""Real data of others, beside the repository and never in it; absent on most machines."""


def shared_data(*parts: str) -> Path:
    """A file or folder of the shared data; the test is skipped where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        name = "/".join(parts)
        pytest.skip(f"{NO_SHARED_DATA}no ../shared/data/{name} beside the repository")
    return path


def sqlite_from_script(script: Path, target: Path) -> Path:
    """The SQLite file ``target``, made by running an SQL script."""
    connection = sqlite3.connect(target)
    try:
        connection.executescript(script.read_text(encoding="utf-8"))
        connection.commit()
    finally:
        connection.close()
    return target


def copy_definitions(source: Path, target: Path) -> Path:
    """A workspace at ``target`` with the definitions of ``source``, and none of its data."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("data", "*.sqlite"))
    return target


def northwind_workspace(target: Path, database: Path) -> Path:
    """The workspace of the guide over a copy of ``database``."""
    copy_definitions(EXAMPLES / "northwind", target)
    shutil.copyfile(database, target / "northwind.sqlite")
    return target


def write_workspace(target: Path, files: dict[str, str]) -> Path:
    """A workspace made of ``files``: path inside it → text."""
    for name, text in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return target
