"""Kill -9 at random moments, while other processes read: of the store, and of whole runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "soak"
BATTERIES = ("kill.py", "kill_run.py")


def battery(script: str, kills: int, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(SCRIPTS / script), "--kills", str(kills), *more]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=900, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("script", BATTERIES)
@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
def test_ten_kills(script: str) -> None:
    done = battery(script, 10, "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none broken" in done.stdout


@pytest.mark.soak
@pytest.mark.parametrize("script", BATTERIES)
def test_a_hundred_kills(script: str) -> None:
    done = battery(script, 100)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
