"""One browser for all pages, and the pages, each written once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from holbein.conditions.vocabulary import Language
from holbein.portraits import (
    GroupPortrait,
    SubjectPortrait,
    comparison_page,
    group_page,
    overlap_page,
    subject_page,
)
from holbein.workspace import Workspace
from tests.support.pages import made_of
from tests.support.skips import chromium
from tests.unit.portraits import samples
from tests.unit.portraits.samples import HOSTILE
from tests.unit.query.little import little

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LANGUAGES: tuple[Language, ...] = ("en", "zh")
DAY = dt.date(2026, 6, 30)


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
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The little workspace. Read only."""
    return little(tmp_path_factory.mktemp("web") / "little")


@pytest.fixture(scope="session")
def portraits(workspace: Workspace) -> dict[tuple[str, str], SubjectPortrait | GroupPortrait]:
    made = {}
    for language in LANGUAGES:
        for name, one in made_of(workspace, language).items():
            made[name, language] = one
    return made


@pytest.fixture(scope="session")
def files(
    workspace: Workspace,
    portraits: dict[tuple[str, str], SubjectPortrait | GroupPortrait],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        name: subject_page(one) if isinstance(one, SubjectPortrait) else group_page(one)
        for name, one in portraits.items()
    }
    for language in LANGUAGES:
        pages["comparison", language] = comparison_page(
            workspace.compare("sector = 'software'", "employees >= 500", lang=language)
        )
        few, bad = samples.overlap(language), samples.overlap(language, HOSTILE[3:])
        pages["overlap", language] = overlap_page(few, DAY, "12", language)
        pages["worst overlap", language] = overlap_page(bad, DAY, "12", language)
    written = {}
    for (name, language), page in pages.items():
        written[name, language] = folder / f"{name}-{language}.html"
        written[name, language].write_text(page, encoding="utf-8")
    return written
