"""The kernels of the index beside their twins, where numba is installed."""

from __future__ import annotations

from types import ModuleType

import pytest

from holbein.index import twins
from holbein.index.index import fast, has_numba

AT_HAND: tuple[ModuleType, ...] = (twins, fast()) if has_numba() else (twins,)
"""What runs programs here."""


def either(argument: str) -> pytest.MarkDecorator:
    """A test for the twins, and for the kernels where they are to be had."""
    fast_one = pytest.param(AT_HAND[-1], marks=pytest.mark.numba)
    return pytest.mark.parametrize(argument, [twins, fast_one], ids=["twins", "kernels"])
