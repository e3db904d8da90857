"""Compiling with numba, where arrays lie, and sharing work among cores: what all kernels need.

A column's address is all that a kernel is given; each thread that runs it keeps the arrays. Columns
are whole words of 64 subjects, so that nothing beyond their end is read.

Waking a thread takes as long as many a question. So whoever asks calls others and begins, and these
help as soon as they come: each takes the next words from a *turn*, until none are left.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from holbein.index.cores import CORES, helpers
from holbein.index.instructions import added

_KERNELS = ("compiled.py", "counting.py", "instructions.py", "kernels.py", "program.py")
"""What is compiled into one another: numba would look only at the file of each kernel itself."""


def _cache_folder() -> str:
    """Where compiled kernels are kept: for each state of these files a folder of its own."""
    made_of = hashlib.sha256()
    for name in _KERNELS:
        made_of.update((Path(__file__).parent / name).read_bytes())
    caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    given = os.environ.get("NUMBA_CACHE_DIR") or Path(caches) / "holbein" / "kernels"
    return str(Path(given) / made_of.hexdigest()[:16])


numba.config.CACHE_DIR = _cache_folder()

_WORTH = 1 << 18
"""Words read, of all columns together: for each so many it is worth waking another thread."""
_MOST, _LEAST = 16_384, 256
"""So many words are taken at a time at most, so that none waits for the last, and at least. The
more, the better the processor foresees what is read next."""
_NEXT, _STEP, _WORDS, _DONE = 0, 1, 2, 16
"""Where in a turn it says which word is next, how many are taken at a time, how many there are, and
how many threads are done; the last in another cache line, for it is watched."""
_LOOKS = 20_000
"""So often a thread looks whether others are done before it sleeps: some 100 microseconds."""
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
def _seen(turn: Any, many: int) -> bool:
    """Whether so many threads are done, or soon are."""
    looks = 0
    while looks < _LOOKS and added(turn.ctypes.data + _DONE * 8, 0) < many:
        looks += 1
    return looks < _LOOKS


def threads(words: int) -> int:
    """How many share a work in which so many words are read."""
    return min(CORES, 1 + words // _WORTH)


def together(
    kernel: Callable[..., None], words: int, given: tuple[Any, ...], outs: Any, kept: object
) -> None:
    """Calls a kernel with a turn of so many words, with what is given, and with one of ``outs``:
    in this thread, and for each further of these in another that helps, if it comes. ``kept``:
    whatever has arrays of which only the address is given."""
    turn = np.zeros(_DONE + 1, np.int64)
    blocks = words // (4 * len(outs) * _LEAST)
    turn[_STEP], turn[_WORDS] = min(_MOST, max(1, blocks) * _LEAST), words
    helping = []
    with suppress(RuntimeError):  # no thread can be had, as when the process is about to end
        for out in outs[1:]:
            helping.append(helpers().submit(_helped, kernel, (turn, *given, out), kept))
    kernel(turn, *given, outs[0])
    came = [one for one in helping if not one.cancel()]
    if came and not _seen(turn, 1 + len(came)):
        for one in came:
            one.result()


def _helped(kernel: Callable[..., None], given: tuple[Any, ...], kept: object) -> None:
    """Keeps the arrays until the kernel returns, also where whoever asked has been interrupted."""
    kernel(*given)


def warm() -> None:
    """Compiles what no kernel does by itself."""
    _seen(np.zeros(_DONE + 1, np.int64), 0)
