"""What the drawings share: numbers as SVG writes them, and a labelled frame."""

from __future__ import annotations

from holbein.portraits.html import Child, Html, el


def n(value: float) -> str:
    """A coordinate, to a tenth of a unit."""
    return f"{value:.1f}".removesuffix(".0")


def drawing(
    width: float, height: float, *parts: Child, label: str, name: str, stretched: bool = False
) -> Html:
    """An SVG that tells those who cannot see it what it shows. ``stretched``: it is as wide as its
    place, however that changes its shape, and so may hold no text."""
    return el(
        "svg",
        parts,
        viewBox=f"0 0 {n(width)} {n(height)}",
        preserveAspectRatio="none" if stretched else None,
        role="img",
        aria_label=label,
        class_=name,
    )


def rect(x: float, y: float, width: float, height: float, *inside: Child, name: str | None) -> Html:
    """A rectangle; ``inside`` is its title."""
    return el("rect", inside, x=n(x), y=n(y), width=n(width), height=n(height), class_=name)


def tip(name: str, said: str) -> Html:
    """What is shown where a pointer rests. No element may stand in it, so that characters keep the
    writing direction of ``name`` its own."""
    return el("title", f"\u2068{name}\u2069: {said}")
