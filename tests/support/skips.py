"""What a machine may lack, and the marks of tests that need it.

A test that needs something optional says so with one of these marks; it is skipped with a plain
reason where the thing is absent, and fails where ``HOLBEIN_NO_SKIP=1`` says that nothing may be.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from holbein.index.index import has_numba

NO_JAVA = "Spark: no Java found (install a Java 17 runtime)"
NO_PYSPARK = "Spark: pyspark is not installed (make spark)"
NO_CHDB = "ClickHouse: chdb is not installed (make clickhouse)"
NO_NUMBA = "the index's kernels: numba is not installed (make fast)"
NO_PLAYWRIGHT = "browser: playwright is not installed"
NO_BROWSER = "browser: no Chromium found (install chromium, or playwright install chromium)"


NO_SHARED_DATA = "shared data: "
"""How the reason begins where data of others is absent, which no one can install."""


def refuses(reason: str) -> bool:
    """True where a test that is skipped for ``reason`` is a failed one."""
    wish = os.environ.get("HOLBEIN_NO_SKIP", "")
    if wish == "but-shared-data":
        return NO_SHARED_DATA not in reason
    return wish not in ("", "0")


@functools.cache
def without_spark() -> str | None:
    """Why Spark cannot run here, or None where it can."""
    if importlib.util.find_spec("pyspark") is None:
        return NO_PYSPARK
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return NO_JAVA
    answer = subprocess.run([java, "-version"], capture_output=True, check=False)  # a stub fails
    return None if answer.returncode == 0 else NO_JAVA


def without_clickhouse() -> str | None:
    """Why ClickHouse cannot run here, or None where it can."""
    return NO_CHDB if importlib.util.find_spec("chdb") is None else None


@functools.cache
def chromium() -> str | None:
    """The path of a Chromium that the machine has, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if importlib.util.find_spec("playwright") is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def without_browser() -> str | None:
    """Why no page can be opened here, or None where one can."""
    if importlib.util.find_spec("playwright") is None:
        return NO_PLAYWRIGHT
    return None if chromium() else NO_BROWSER


def skip_for(item: pytest.Item) -> str | None:
    """Why ``item`` cannot run on this machine, by its marks."""
    if item.get_closest_marker("spark") and (reason := without_spark()):
        return reason
    if item.get_closest_marker("clickhouse") and (reason := without_clickhouse()):
        return reason
    if item.get_closest_marker("numba") and not has_numba():
        return NO_NUMBA
    if item.get_closest_marker("browser") and (reason := without_browser()):
        return reason
    return None
