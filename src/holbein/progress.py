"""How long work tells how far it has come."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""Called with a step, how much of it is done, and of how much (None: not known)."""


def quiet(step: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""
