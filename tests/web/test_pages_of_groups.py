"""Pages of crosses, comparisons, drift and roles in a real browser: in order on a desk and in a hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from holbein.portraits import comparison_page, drift_page, group_page, through_page
from tests.support.pages import MISPLACED, faults_by_axe, show
from tests.unit.query.little import little

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

NAMES = ("cross", "hostile cross", "comparison", "hostile comparison", "drift", "roles", "nobody")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    workspace = little(tmp_path_factory.mktemp("web-groups") / "little")
    folder = tmp_path_factory.mktemp("pages-of-groups")
    out = {}
    for language in ("en", "zh"):
        hostile = workspace.compare("name LIKE '%<%'", "name LIKE '%o%'", lang=language)
        pages = {
            "cross": group_page(
                workspace.audience_portrait("software", lang=language, cross=("employees", "likes"))
            ),
            "hostile cross": group_page(
                workspace.audience_portrait("software", lang=language, cross=("name", "place"))
            ),
            "comparison": comparison_page(
                workspace.compare_audiences("software", "big", lang=language)
            ),
            "hostile comparison": comparison_page(hostile),
            "drift": drift_page(workspace.drift("software", since=1, lang=language)),
            "roles": through_page(workspace.through_roles("TRUE", on="person", lang=language)),
            "nobody": comparison_page(workspace.compare("FALSE", "FALSE", lang=language)),
        }
        for name, page in pages.items():
            out[name, language] = folder / f"{name}-{language}.html"
            out[name, language].write_text(page, "utf-8")
    return out


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_in_order(
    name: str, language: str, width: int, browser: Browser, drawn: dict[tuple[str, str], Path]
) -> None:
    file = drawn[name, language]
    # By day on a desk and by night in a hand: colours and widths do not meet.
    shown = show(browser, file, width, dark=width < 1000)
    page = shown.page
    try:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(MISPLACED) == []
        assert faults_by_axe(page) == []
        for element in ("script", "iframe", "img"):
            assert page.locator(element).count() == 0
        assert shown.requests == [file.as_uri()]
        assert shown.told == []
    finally:
        page.close()
