"""Holbein draws corporate user portraits: of companies, and of the people who act inside them.

import holbein

workspace = holbein.open("acme")
workspace.run()
workspace.count("industry = 'Software' AND count(login, '30 days') >= 3")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holbein.conditions.text import parse, write
    from holbein.errors import (
        BusyError,
        ConditionError,
        DefinitionError,
        HolbeinError,
        NotFoundError,
        SourceError,
        StoreError,
    )
    from holbein.workspace import Workspace
    from holbein.workspace import open_workspace as open

_HOMES = {
    "BusyError": "holbein.errors",
    "ConditionError": "holbein.errors",
    "DefinitionError": "holbein.errors",
    "HolbeinError": "holbein.errors",
    "NotFoundError": "holbein.errors",
    "SourceError": "holbein.errors",
    "StoreError": "holbein.errors",
    "Workspace": "holbein.workspace",
    "open": "holbein.workspace",
    "parse": "holbein.conditions.text",
    "write": "holbein.conditions.text",
}
_OTHER_NAMES = {"open": "open_workspace"}

__all__ = [
    "BusyError",
    "ConditionError",
    "DefinitionError",
    "HolbeinError",
    "NotFoundError",
    "SourceError",
    "StoreError",
    "Workspace",
    "open",
    "parse",
    "write",
]


def __getattr__(name: str) -> Any:
    """Public names are loaded when they are first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'holbein' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), _OTHER_NAMES.get(name, name))
