"""A seeded world of companies, with what is true of them told beside the data."""

from __future__ import annotations

from holbein.demo.world import AS_OF, Move, Truth, make

__all__ = ["AS_OF", "Move", "Truth", "make"]
