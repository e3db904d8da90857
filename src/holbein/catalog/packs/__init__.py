"""Packs: sets of tags by trade, as plain YAML, and what puts them into a workspace.

A pack speaks of *parts*: the stream of orders, its amount, who decides. ``fitting`` finds what a
workspace calls them, ``adding`` writes the tags that find all their parts.
"""

from __future__ import annotations

from holbein.catalog.packs.adding import Added, add
from holbein.catalog.packs.pack import Need, Pack, load_pack, names

__all__ = ["Added", "Need", "Pack", "add", "load_pack", "names"]
