"""The written pages in a real browser: they fit, they ask for nothing, and names stay names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from holbein.portraits import (
    GroupPortrait,
    SubjectPortrait,
    group_page,
    group_portrait,
    portrait,
    subject_page,
)
from holbein.workspace import Workspace
from tests.support.skips import chromium
from tests.unit.portraits import samples
from tests.unit.portraits.samples import HOSTILE
from tests.unit.query.little import little

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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


@dataclass
class Shown:
    """An open page, and what it did while it opened."""

    page: Page
    requests: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    blocked: list[str | None] = field(default_factory=list)


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
        for name, one in _made(workspace, language).items():
            made[name, language] = one
    return made


def _made(workspace: Workspace, language: Any) -> dict[str, SubjectPortrait | GroupPortrait]:
    query = workspace.query
    return {
        "enterprise": portrait(query, "enterprise", "crm:C001", language),
        "hostile": portrait(query, "enterprise", "crm:C002", language),
        "long": portrait(query, "enterprise", "crm:C006", language),
        "person": portrait(query, "person", "p3", language),
        "role": portrait(query, "role", "r4", language),
        "audience": workspace.audience_portrait("software", lang=language),
        "people": group_portrait(query, "gender = 'female'", "person", language=language),
        "empty": group_portrait(query, "FALSE", "enterprise", language=language),
        "whole": group_portrait(query, "TRUE", "enterprise", language=language, title=HOSTILE[4]),
        "sample": samples.group(language),
        "worst": samples.hostile(language),
    }


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


def show(browser: Browser, file: Path, width: int, dark: bool = False) -> Shown:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    shown = Shown(page)
    page.on("request", lambda one: shown.requests.append(one.url))
    page.on("requestfailed", lambda one: shown.blocked.append(one.failure))
    page.on("console", lambda one: shown.told.append(one.text))
    page.on("pageerror", lambda one: shown.told.append(str(one)))
    page.on("dialog", lambda one: shown.told.append(f"dialog: {one.message}"))
    page.goto(file.as_uri())
    return shown


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


def test_on_paper_nothing_is_cut(browser: Browser, files: dict[tuple[str, str], Path]) -> None:
    shown = show(browser, files["audience", "zh"], 700)
    try:
        shown.page.emulate_media(media="print")
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= 700
        assert shown.page.pdf()[:5] == b"%PDF-"
    finally:
        shown.page.close()
