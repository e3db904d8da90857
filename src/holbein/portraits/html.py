"""HTML built from Python: what is text is escaped, always, since only ``Html`` passes as markup."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias


class Html(str):
    """Markup that is safe to send. Made by ``el`` and ``raw`` only."""

    __slots__ = ()


Child: TypeAlias = "Html | str | Iterable[Child] | None"

_VOID = frozenset({"meta", "br", "hr", "col"})


def raw(markup: str) -> Html:
    """Markup of our own that holds nothing of anyone else's: a stylesheet, a drawing."""
    return Html(markup)


def text(value: str) -> Html:
    """Any text, as text. Characters that HTML forbids become the replacement character."""
    kept = "".join(
        one if one in "\t\n\r" or not (ord(one) < 32 or 0x7F <= ord(one) < 0xA0) else "\ufffd"
        for one in value
    )
    return Html(html.escape(kept, quote=True))


def el(name: str, /, *children: Child, **attributes: str | bool | None) -> Html:
    """An element. ``class_`` is class, ``data_label`` is data-label.

    Attributes that are None or False are left out.
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        parts.append(" " + key.rstrip("_").replace("_", "-"))
        if value is not True:
            parts.append(f'="{text(value)}"')
    parts.append(">")
    if name in _VOID:
        return Html("".join(parts))
    for child in children:
        parts.append(join(child))
    parts.append(f"</{name}>")
    return Html("".join(parts))


def join(child: Child) -> Html:
    """A child or several, one after another; None is nothing."""
    if child is None:
        return Html("")
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return text(child)
    return Html("".join(join(one) for one in child))
