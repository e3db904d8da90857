"""One browser for all pages, and the pages, each written once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from holbein.portraits import GroupPortrait, SubjectPortrait, group_page, subject_page
from tests.support.pages import made_of
from tests.support.skips import chromium
from tests.unit.query.little import little

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield found
        found.close()


@pytest.fixture(scope="session")
def portraits(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[tuple[str, str], SubjectPortrait | GroupPortrait]:
    workspace = little(tmp_path_factory.mktemp("web") / "little")
    made = {}
    for language in ("en", "zh"):
        for name, one in made_of(workspace, language).items():
            made[name, language] = one
    return made


@pytest.fixture(scope="session")
def files(
    portraits: dict[tuple[str, str], SubjectPortrait | GroupPortrait],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("pages")
    written = {}
    for (name, language), one in portraits.items():
        page = subject_page(one) if isinstance(one, SubjectPortrait) else group_page(one)
        written[name, language] = folder / f"{name}-{language}.html"
        written[name, language].write_text(page, encoding="utf-8")
    return written
