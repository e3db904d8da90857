"""The threads that help whoever asks, one for each core that this process may use.

What runs in one of them must not wait for another: all may be waiting.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def helpers() -> ThreadPoolExecutor:
    """They begin when they are first asked for."""
    return ThreadPoolExecutor(CORES)


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=helpers.cache_clear)
