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


SUBTLE = {
    "no clipping at the month's end",
    "the median is the mean",
    "a window begins a day early",
    "before in hours takes its end in",
    "changes of a day too many",
    "decimals are cut, not rounded",
    "a value of the day before is distinct, too",
    "medians add up over bands",
    "arithmetic may be infinite",
    "a window of minutes loses its first day where clocks change",
}
"""Half a minute each until they are noticed: `make soak` tries them."""


def test_the_subtle_ones_are_faults() -> None:
    assert {one.name for one in FAULTS} >= SUBTLE


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(one, id=one.name, marks=[pytest.mark.soak] if one.name in SUBTLE else [])
        for one in FAULTS
    ],
)
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
