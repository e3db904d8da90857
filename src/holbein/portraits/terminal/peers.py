"""Peers on a terminal: who they are, and which of them a subject resembles."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from holbein.portraits.one.peers import Peers
from holbein.portraits.speech import Speech
from holbein.portraits.terminal.parts import heading, pairs


def peers_view(peers: Peers, speech: Speech) -> list[RenderableType]:
    """How many peers there are, or that they are too few; and those that are most alike."""
    t = speech.t
    said = t("Peers: {count} with the same {words}")
    if peers.is_small:
        said = t("only {count} peers with the same {words}: too few to compare with")
    said = said.format(count=f"{peers.size:,}", words=peers.words)
    out: list[RenderableType] = [Padding(Text(said, style="dim"), (1, 0, 0, 2))]
    if peers.alike:
        rows = [
            (f"{one.subject.name}  {one.subject.id}", " · ".join(one.reasons))
            for one in peers.alike
        ]
        out += [heading(t("Peers that it resembles")), pairs(rows, key_style="")]
    return out
