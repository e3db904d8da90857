"""Faults put into the compiler are noticed: the suite could not pass with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.agree import DISAGREED
from tests.support.faults import FAULTS, Fault, planted
from tests.support.workspaces import ROOT


def test_there_are_thirty_and_no_two_are_alike() -> None:
    assert len(FAULTS) >= 30
    assert len({one.name for one in FAULTS}) == len(FAULTS)
    assert len({(one.file, one.old, one.new) for one in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_is_noticed(fault: Fault, tmp_path: Path) -> None:
    source = planted(fault, tmp_path)
    probe = subprocess.run(
        [sys.executable, "-m", "tests.support.agree"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(source), str(ROOT)])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert probe.returncode == DISAGREED, probe.stdout + probe.stderr
