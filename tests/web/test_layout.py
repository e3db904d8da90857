"""Pages on a desk and in a hand, by day and by night: nothing lies over anything, axe is content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.pages import MISPLACED, faults_by_axe, show

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

NAMES = (
    "subject", "enterprise", "person", "role", "worst", "sample", "audience", "people",
    "worst group", "overlap", "worst overlap", "crossed", "comparison",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_in_order(
    name: str, language: str, browser: Browser, files: dict[tuple[str, str], Path]
) -> None:
    file = files[name, language]
    shown = show(browser, file, 1440)
    page = shown.page
    try:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="light")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(MISPLACED) == []
            assert faults_by_axe(page) == []
            page.emulate_media(color_scheme="dark")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert faults_by_axe(page, "color-contrast") == []  # the night changes colours only
        assert shown.requests == [file.as_uri()]
        assert shown.told == []
    finally:
        page.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_measured_would_be_found(
    width: int, browser: Browser, files: dict[tuple[str, str], Path]
) -> None:
    shown = show(browser, files["subject", "en"], width)
    page = shown.page
    try:
        page.evaluate("document.querySelector('h1').style.marginTop = '-3rem'")
        page.evaluate("document.querySelector('section').style.overflow = 'hidden'")
        page.evaluate("document.querySelector('section h2').style.marginInlineStart = '-5rem'")
        page.evaluate("document.querySelector('.lead').style.color = 'gray'")
        kinds = {one[0] for one in page.evaluate(MISPLACED)}
        assert {"overlaps", "is cut off"} <= kinds
        assert any(one.startswith("color-contrast") for one in faults_by_axe(page))
    finally:
        page.close()
