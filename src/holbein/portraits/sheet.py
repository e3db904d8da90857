"""What both pages share: the frame of an HTML document that needs nothing but itself."""

from __future__ import annotations

from functools import cache
from importlib import resources

from holbein.portraits.html import Child, Html, el, raw
from holbein.portraits.speech import Speech

# No script, no picture, no font, no request: whatever a hostile name might smuggle in stays inert.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@cache
def _style() -> Html:
    folder = resources.files("holbein.portraits")
    sheets = (folder / "page.css", folder / "pictures" / "pictures.css", folder / "narrow.css")
    return raw("".join(one.read_text("utf-8") for one in sheets))


def document(speech: Speech, title: str, header: Html, main: Html, foot: Child) -> str:
    """A whole HTML page as text."""
    language = "zh-CN" if speech.language == "zh" else "en"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", f"{title} · Holbein"),
        el("style", _style()),
    )
    body = el("body", header, main, el("footer", foot))
    return "<!doctype html>\n" + el("html", head, body, lang=language) + "\n"


def own(value: str) -> Html:
    """A name or label of the data's: its writing direction stays its own."""
    return el("bdi", value)


def section(title: str, *children: Child, small: str | None = None) -> Html:
    """A card with a heading."""
    heading = el("h2", title, el("small", small) if small else None)
    return el("section", heading, *children)


def percent(value: float | None) -> str:
    """A share of 1 as a CSS width, within its bounds."""
    return f"{100 * min(1.0, max(0.0, value or 0)):.2f}%"
