"""Faults put into the index are noticed by its tests. Minutes, so ``make soak`` does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.faults import Fault, planted
from tests.support.index_faults import INDEX_FAULTS
from tests.support.workspaces import ROOT

TESTS = ("tests/unit/index", "tests/contract/test_index_trees.py")


def test_no_two_are_alike() -> None:
    assert len({one.name for one in INDEX_FAULTS}) == len(INDEX_FAULTS)
    assert len({(one.file, one.old, one.new) for one in INDEX_FAULTS}) == len(INDEX_FAULTS)


@pytest.mark.soak
@pytest.mark.parametrize("fault", INDEX_FAULTS, ids=lambda one: one.name)
def test_a_fault_is_noticed(fault: Fault, tmp_path: Path) -> None:
    source = planted(fault, tmp_path)
    probe = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not duckdb", *TESTS],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(source), str(ROOT)]),
            "HYPOTHESIS_PROFILE": "unshrunk",
            "NUMBA_CACHE_DIR": str(tmp_path),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert probe.returncode == pytest.ExitCode.TESTS_FAILED, probe.stdout + probe.stderr
