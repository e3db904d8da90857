"""`import holbein` is light: what takes long to load, or may be absent, loads on first use."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"pandas", "django", "numba", "pyspark", "chdb", "duckdb"}

SAY_WHAT_IS_LOADED = """
import json, sys
{statement}
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after ``statement``."""
    answer = subprocess.run(
        [sys.executable, "-c", SAY_WHAT_IS_LOADED.format(statement=statement)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(answer.stdout))


def test_the_probe_sees_what_is_loaded() -> None:
    assert "duckdb" in loaded_by("import duckdb")


@pytest.mark.parametrize("statement", ["import holbein", "import holbein.cli"])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    assert not HEAVY & loaded_by(statement)


def test_every_public_name_is_there() -> None:
    import holbein

    assert holbein.__all__
    for name in holbein.__all__:
        assert getattr(holbein, name) is not None
