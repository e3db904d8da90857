"""Sources: looking at them, and taking from them what the definitions map.

``inspect`` first, then ``collect`` with what that found; ``fingerprint`` says whether to.
"""

from __future__ import annotations

from holbein.collect.changed import fingerprint
from holbein.collect.collecting import collect
from holbein.collect.inspecting import inspect
from holbein.records import Collected, Facts, Listed, Subjects

__all__ = ["Collected", "Facts", "Listed", "Subjects", "collect", "fingerprint", "inspect"]
