"""What a workspace declares, and the one dependency graph of its tags and audiences.

``load`` reads the definitions, ``build`` checks them against what the sources hold.
"""

from __future__ import annotations

from holbein.catalog.catalogue import Catalogue, build
from holbein.catalog.definitions import Definitions, schema
from holbein.catalog.inspection import Column, Inspection, StreamColumns
from holbein.catalog.kinds import Tag
from holbein.catalog.load import load

__all__ = [
    "Catalogue",
    "Column",
    "Definitions",
    "Inspection",
    "StreamColumns",
    "Tag",
    "build",
    "load",
    "schema",
]
