"""Compiling with numba, where arrays lie, and sharing work among cores: what all kernels need.

A column's address is all that a kernel is given; whoever calls keeps the arrays until it returns.
Columns are whole words of 64 subjects, so that nothing beyond their end is read.

Waking a thread takes as long as many a question. So whoever asks begins at once, and others help
as soon as they come: each takes the next words from a *turn*, until none are left.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from holbein.index.cores import CORES, helpers
from holbein.index.instructions import added


def _cache_folder() -> str:
    given = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return str(Path(given) / "holbein" / "kernels")


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = _cache_folder()

_WORTH = 1 << 18
"""Words read, of all columns together: with so many it is worth waking other threads."""
_LONG, _BLOCK = 16_384, 256
"""So many words are taken at a time, and at least: the longer, the better the processor foresees
what is read next, but none should wait for the last."""
_NEXT, _STEP, _WORDS, _DONE = 0, 1, 2, 8
"""Where in a turn it says which word is next, how many are taken at a time, how many there are, and
who is done; the last in another cache line, for it is watched."""
_WATCH = 20_000
"""So many looks at whether others are done before this thread sleeps: some 50 microseconds."""
jit: Callable[[Any], Any] = numba.njit(nogil=True, cache=True, boundscheck=False)


def address(array: NDArray[Any]) -> int:
    """Where an array lies; whoever asks must keep it."""
    where: int = array.__array_interface__["data"][0]  # sooner than by ctypes
    return where


@jit
def taken(turn: Any) -> tuple[int, int]:
    """The next words, from one to another; the same where none are left."""
    first = added(turn.ctypes.data + _NEXT * 8, turn[_STEP])
    return min(first, turn[_WORDS]), min(first + turn[_STEP], turn[_WORDS])


@jit
def done(turn: Any) -> None:
    """This thread has written all that it will write."""
    added(turn.ctypes.data + _DONE * 8, 1)


@jit
def _watched(turn: Any, threads: int) -> bool:
    looks = 0
    while looks < _WATCH and added(turn.ctypes.data + _DONE * 8, 0) < threads:
        looks += 1
    return looks < _WATCH


def threads(words: int) -> int:
    """How many share a work in which so many words are read."""
    return CORES if words > _WORTH else 1


def together(kernel: Callable[..., None], words: int, given: tuple[Any, ...], outs: Any) -> None:
    """Calls a kernel with a turn of so many words, with what is given, and with one of ``outs``:
    in this thread, and for each further of these in another that helps."""
    turn = np.zeros(_DONE + 1, np.int64)
    blocks = words // (4 * len(outs) * _BLOCK)
    turn[_STEP], turn[_WORDS] = min(_LONG, max(1, blocks) * _BLOCK), words
    helping = [helpers().submit(kernel, turn, *given, out) for out in outs[1:]]
    kernel(turn, *given, outs[0])
    came = [one for one in helping if not one.cancel()]
    if came and not _watched(turn, 1 + len(came)):
        for one in came:
            one.result()


def warm() -> None:
    """Compiles what no kernel does by itself."""
    _watched(np.zeros(_DONE + 1, np.int64), 0)
