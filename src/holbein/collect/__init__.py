"""Sources: looking at them, and taking from them what the definitions map.

>>> inspection = inspect(definitions)                                  # doctest: +SKIP
>>> collected = collect(definitions, inspection, settings.zone)        # doctest: +SKIP
"""

from __future__ import annotations

from holbein.collect.collected import Collected, Facts, Subjects
from holbein.collect.collecting import collect
from holbein.collect.inspecting import inspect

__all__ = ["Collected", "Facts", "Subjects", "collect", "inspect"]
