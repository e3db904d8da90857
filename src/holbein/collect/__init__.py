"""Sources: looking at them, and taking from them what the definitions map.

``inspect`` first, then a ``Collector`` with what that found; ``fingerprint`` tells whether any file
has changed since.
"""

from __future__ import annotations

from holbein.collect.changed import fingerprint
from holbein.collect.collecting import Collector, Stream
from holbein.collect.facts import NOTHING, Apart
from holbein.collect.inspecting import inspect
from holbein.collect.made_of import FORMAT
from holbein.collect.seen import Seen

__all__ = ["Apart", "Collector", "FORMAT", "NOTHING", "Seen", "Stream", "fingerprint", "inspect"]
