"""The written pages in a real browser: they fit, they ask for nothing, and names stay names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from holbein.portraits import GroupPortrait, SubjectPortrait
from tests.support.pages import MISPLACED, show
from tests.unit.portraits.samples import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

WIDTHS = (375, 1280)
# Whose portraits: of the little workspace, some with hostile names, and two made by hand.
NAMES = (
    "enterprise", "hostile", "long", "person", "role", "audience", "people", "empty", "whole",
    "sample", "worst",
)  # fmt: skip

# How far each text stands out from what lies behind it, by WCAG 2; only where it is too little.
CONTRAST = """
() => {
  const light = (c) => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const found = parts(style.backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !one.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(one).color)), light(behind(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push([walk.currentNode.data.trim().slice(0, 30), ratio]);
  }
  return bad;
}
"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page(
    name: str,
    language: str,
    width: int,
    browser: Browser,
    files: dict[tuple[str, str], Path],
    portraits: dict[tuple[str, str], SubjectPortrait | GroupPortrait],
) -> None:
    file, drawn = files[name, language], portraits[name, language]
    shown = show(browser, file, width)
    page = shown.page
    try:
        # With all of it open, as with all of it closed.
        for state in ("closed", "open"):
            if state == "open":
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, state
            assert page.evaluate(
                "[...document.querySelectorAll('section')].filter(s => s.scrollWidth > s.clientWidth)"
                ".map(s => s.querySelector('h2').textContent)"
            ) == []  # fmt: skip
        title = drawn.name if isinstance(drawn, SubjectPortrait) else drawn.title
        heading = page.locator("h1")
        assert heading.is_visible()
        if title is not None:
            assert (heading.text_content() or "") == title
            assert page.title().startswith(" ".join(title.replace("\u202e", "").split())[:20])
        lead = page.locator(".lead")
        assert lead.is_visible()
        assert lead.text_content() == drawn.sentence
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
        assert shown.requests == [file.as_uri()]
        assert shown.told == []
    finally:
        page.close()


@pytest.mark.parametrize("name", ["hostile", "worst", "role", "person"])
def test_hostile_names_are_inert(
    name: str, browser: Browser, files: dict[tuple[str, str], Path]
) -> None:
    shown = show(browser, files[name, "en"], 1280)
    page = shown.page
    try:
        assert page.title() != "owned"
        for element in ("script", "iframe", "img", "object", "form", "link"):
            assert page.locator(element).count() == 0
        assert page.evaluate(
            "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
            ".filter(name => name.startsWith('on'))"
        ) == []  # fmt: skip
        text = page.locator("body").inner_text()
        assert any(one in text for one in (HOSTILE[0], HOSTILE[1], HOSTILE[2]))
        # The page's own rules forbid what a name that broke out could ask for.
        page.evaluate("""() => {
            const image = document.createElement('img');
            image.src = 'https://example.org/x.png';
            document.body.append(image);
        }""")
        page.wait_for_function("document.images[0].complete")
        assert shown.blocked == ["csp"]
        assert any("Content Security Policy" in one for one in shown.told)
    finally:
        page.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["enterprise", "sample"])
def test_every_text_can_be_read(
    name: str, dark: bool, browser: Browser, files: dict[tuple[str, str], Path]
) -> None:
    shown = show(browser, files[name, "en"], 1280, dark)
    try:
        shown.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert shown.page.evaluate(CONTRAST) == []
    finally:
        shown.page.close()


def test_a_tag_opens_by_mouse_and_by_key(
    browser: Browser, files: dict[tuple[str, str], Path]
) -> None:
    shown = show(browser, files["enterprise", "en"], 375)
    page = shown.page
    try:
        why = page.locator(".why").first
        assert not why.is_visible()
        page.locator("summary").first.click()
        assert why.is_visible()
        page.keyboard.press("Enter")
        assert not why.is_visible()
    finally:
        page.close()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["subject", "audience", "sample", "overlap", "comparison"])
def test_on_paper_nothing_is_cut(
    name: str, language: str, browser: Browser, files: dict[tuple[str, str], Path]
) -> None:
    shown = show(browser, files[name, language], 673)  # A4 less its margins
    try:
        shown.page.emulate_media(media="print")
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= 673
        assert shown.page.evaluate(MISPLACED) == []
        assert shown.page.pdf()[:5] == b"%PDF-"
    finally:
        shown.page.close()
