"""Masks: which subjects of a kind, as packed bits.

A mask is an array of ``uint64`` words; the subject at place p is bit ``p & 63`` of word ``p >> 6``.
Bits past the last subject, and those of places that stand for nobody, are 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint64]
Places = NDArray[np.int64]
WORD = 64
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def width(size: int) -> int:
    """How many words a mask of so many places has."""
    return -(-size // WORD)


def padded(size: int) -> int:
    """So many places are in whole words."""
    return width(size) * WORD


def pack(flags: NDArray[Any]) -> Mask:
    """A mask from booleans, one for each place."""
    out = np.zeros(width(len(flags)), np.uint64)
    bits = np.packbits(flags, bitorder="little")
    out.view(np.uint8)[: len(bits)] = bits
    return out


def unpack(mask: Mask, size: int) -> NDArray[np.bool_]:
    """Booleans, one for each place."""
    return np.unpackbits(mask.view(np.uint8), count=size, bitorder="little").view(np.bool_)


def full(size: int) -> Mask:
    """Everyone."""
    out = np.full(width(size), _ALL, np.uint64)
    if size % WORD:
        out[-1] = np.uint64((1 << size % WORD) - 1)
    return out


def nobody(size: int) -> Mask:
    """No one."""
    return np.zeros(width(size), np.uint64)


def from_places(places: NDArray[Any], size: int) -> Mask:
    """A mask of the subjects at some places, in any order."""
    flags = np.zeros(padded(size), np.bool_)
    flags[places] = True
    return pack(flags)


def count(mask: Mask) -> int:
    """How many are in it."""
    return int(np.bitwise_count(mask).sum(dtype=np.int64))


def places_of(mask: Mask, size: int) -> Places:
    """The places of those in it, ascending."""
    words = np.flatnonzero(mask)
    if len(words) * 8 < len(mask):  # few: only words with somebody in them are looked at
        flags = np.unpackbits(mask[words].view(np.uint8), bitorder="little").reshape(-1, WORD)
        row, bit = np.nonzero(flags)
        return words[row] * WORD + bit
    return np.flatnonzero(unpack(mask, size))


def holds(mask: Mask, places: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether those at some places are in it."""
    found: NDArray[np.bool_] = (mask[places >> 6] >> (places & 63).astype(np.uint64)) & np.uint64(1)
    return found.astype(np.bool_)
