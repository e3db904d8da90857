"""The threads that help whoever asks, one for each of the processor's cores."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

CORES = os.cpu_count() or 1


@cache
def helpers() -> ThreadPoolExecutor:
    """They begin when they are first asked for."""
    return ThreadPoolExecutor(CORES)


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=helpers.cache_clear)
