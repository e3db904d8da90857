"""Pages as a browser shows them: whose they are, and what is measured of what is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holbein.portraits import GroupPortrait, SubjectPortrait, group_portrait, portrait
from holbein.workspace import Workspace
from tests.unit.portraits import samples
from tests.unit.portraits.samples import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def made_of(workspace: Workspace, language: Any) -> dict[str, SubjectPortrait | GroupPortrait]:
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
        "subject": samples.subject(language),
        "sample": samples.group(language),
        "worst": samples.hostile(language),
        "crossed": workspace.group_portrait(
            "employees >= 500", "enterprise", lang=language, cross=("sector", "tier")
        ),
        "worst group": samples.hostile_group(language),
    }


@dataclass
class Shown:
    """An open page, and what it did while it opened."""

    page: Page
    requests: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    blocked: list[str | None] = field(default_factory=list)


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


# Texts that lie over one another, stick out of what cuts them off, or leave the window. A text is
# measured line by line; what is hidden, or is only for those who listen, is left out.
MISPLACED = """
() => {
  const found = [], lines = [];
  const wide = document.documentElement.clientWidth;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility() || parent.closest('title, desc')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const said = node.data.trim().slice(0, 40);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      // Half of the leading belongs to no letter.
      lines.push({node, said, left: box.left, right: box.right,
        top: box.top + box.height * 0.2, bottom: box.bottom - box.height * 0.2});
      if (box.left < -1 || box.right > wide + 1) found.push(['leaves the window', said]);
      for (let at = parent; at; at = at.parentElement) {
        const cuts = at.tagName === 'svg' || getComputedStyle(at).overflowX !== 'visible';
        if (!cuts) continue;
        const frame = at.getBoundingClientRect();
        if (box.left < frame.left - 1 || box.right > frame.right + 1
            || box.top < frame.top - 3 || box.bottom > frame.bottom + 3) {
          found.push(['is cut off', said]);
        }
      }
    }
  }
  lines.sort((a, b) => a.top - b.top);
  for (let i = 0; i < lines.length; i++) {
    for (let j = i + 1; j < lines.length && lines[j].top < lines[i].bottom - 1; j++) {
      const [a, b] = [lines[i], lines[j]];
      if (a.node === b.node) continue;
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1) {
        found.push(['overlaps', a.said, b.said]);
      }
    }
  }
  return found;
}
"""


@cache
def _axe() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def faults_by_axe(page: Page, *rules: str) -> list[str]:
    """What axe-core finds that is serious or worse; by some of its rules only, if they are named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']}: {node['html'][:120]}: {node['failureSummary'][:200]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
