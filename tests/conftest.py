"""What every test shares: data, hypothesis profiles, and plain words about what was skipped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.support import skips, workspaces

hypothesis.settings.register_profile(
    "ci", derandomize=True, deadline=None, print_blob=True, database=None
)
hypothesis.settings.register_profile(  # for who asks only whether there is a counterexample
    "unshrunk", parent=hypothesis.settings.get_profile("ci"), phases=[hypothesis.Phase.generate]
)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=2_000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


# --- data ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Northwind as an SQLite file. Read it; do not write to it."""
    script = workspaces.shared_data("northwind", "create.sql")
    target = tmp_path_factory.mktemp("northwind") / "northwind.sqlite"
    return workspaces.sqlite_from_script(script, target)


@pytest.fixture
def northwind_folder(northwind: Path, tmp_path: Path) -> Path:
    """A fresh workspace with the guide's definitions over Northwind; nothing has run in it."""
    return workspaces.northwind_workspace(tmp_path / "northwind", northwind)


# --- what this machine lacks ----------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what cannot run here."""
    for item in items:
        if reason := skips.skip_for(item):
            item.add_marker(pytest.mark.skip(reason=reason))


class SparkApart(LoadScopeScheduling):
    """Gives all tests of Spark to one worker, since each worker would start a JVM of its own.

    By their names: pytest 9.2 no longer lets xdist write a group into them.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "spark" if "spark" in nodeid.lower() else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SparkApart:
    return SparkApart(config, log)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return told.removeprefix("Skipped: ")


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With HOLBEIN_NO_SKIP=1 a skip is a failure (an expected failure is not a skip)."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = _reason(report)
    if not skips.refuses(reason):
        return
    report.outcome = "failed"
    report.longrepr = f"skipped, and HOLBEIN_NO_SKIP is set: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was skipped, how much of it, and why."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        counts[_reason(report)] += 1
    terminalreporter.section("what was skipped, and why", sep="-")
    if not counts:
        terminalreporter.write_line("nothing was skipped")
    for reason, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count:5d}  {reason}")
