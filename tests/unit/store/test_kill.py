"""Kill -9 at random moments, while other processes read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "soak" / "kill.py"


def battery(kills: int, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(SCRIPT), "--kills", str(kills), *more]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=900)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
def test_ten_kills():
    done = battery(10, "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none broken" in done.stdout


@pytest.mark.soak
def test_a_hundred_kills():
    done = battery(100)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
