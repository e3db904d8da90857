"""Versions of a workspace's tables: written once, published in one step, read whole."""

from holbein.store.build import Build
from holbein.store.lists import Lists, StaticList
from holbein.store.manifest import ColumnRef, FileRef, Manifest, Piece
from holbein.store.sections import Sections
from holbein.store.snapshot import Snapshot, Tables
from holbein.store.store import Store

__all__ = [
    "Build",
    "ColumnRef",
    "FileRef",
    "Lists",
    "Manifest",
    "Piece",
    "Sections",
    "Snapshot",
    "StaticList",
    "Store",
    "Tables",
]
