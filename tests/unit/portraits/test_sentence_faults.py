"""Faults put into the sentence are noticed by its rules, whatever parts chance has made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.faults import Fault, planted
from tests.support.sentence_faults import SENTENCE_FAULTS
from tests.support.workspaces import ROOT

RULES = "tests/unit/portraits/test_sentence_rules.py::test_any_parts_of_sound_labels"


def test_no_two_are_alike() -> None:
    assert len({one.name for one in SENTENCE_FAULTS}) == len(SENTENCE_FAULTS)
    assert len({(one.file, one.old, one.new) for one in SENTENCE_FAULTS}) == len(SENTENCE_FAULTS)


def rules_of(fault: Fault) -> list[str]:
    """The tests that could notice it: a module of one language is judged in that one."""
    for word, language in (("english", "en"), ("chinese", "zh")):
        if fault.file.startswith(word):
            return [f"{RULES}[{language}]"]
    return [RULES]


@pytest.mark.parametrize("fault", SENTENCE_FAULTS, ids=lambda one: one.name)
def test_a_fault_is_noticed(fault: Fault, tmp_path: Path) -> None:
    source = planted(fault, tmp_path)
    rules = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *rules_of(fault)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(source), str(ROOT)]),
            "HYPOTHESIS_PROFILE": "unshrunk",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert rules.returncode == pytest.ExitCode.TESTS_FAILED, rules.stdout + rules.stderr
