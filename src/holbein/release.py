"""Which Holbein this is."""

from __future__ import annotations

import functools
from importlib.metadata import version


@functools.cache
def release() -> str:
    """The version that is installed; asked for once, since it is read from a file."""
    return version("holbein")
