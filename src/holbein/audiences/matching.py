"""Matching keys of a file to subjects: by Holbein's id, by ``source:key``, or by a bare key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holbein.conditions.tree import SubjectKind
from holbein.store.ids import parse_id

if TYPE_CHECKING:
    from holbein.query import Query

EXAMPLES = 20
"""How many of the rows that did not match a report names."""

_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Example:
    """A row of the file and the key in it."""

    row: int
    key: str


@dataclass(frozen=True)
class Matched:
    """What became of each row. The counts add up to the number of rows."""

    ids: frozenset[int]
    empty: int
    doubled: int
    """Rows that name a subject which a row before them named."""
    unknown: int
    ambiguous: int
    """Rows whose key is that of several subjects."""
    unknown_examples: tuple[Example, ...]
    ambiguous_examples: tuple[Example, ...]
    doubled_examples: tuple[Example, ...]


class Matcher:
    """All keys of one kind in one version."""

    def __init__(self, query: Query, kind: SubjectKind) -> None:
        self._kind = kind
        self._alive = frozenset(query.values(kind, [])["id"].to_pylist())
        self._by_key: dict[str, frozenset[int]] = {}
        aliases = query.aliases(kind)
        for id, source, key in zip(
            *(aliases[name].to_pylist() for name in ("id", "source", "key")), strict=True
        ):
            if id in self._alive:
                for written in (key, f"{source}:{key}"):
                    self._by_key[written] = self._by_key.get(written, _NONE) | {id}

    def find(self, text: str) -> frozenset[int]:
        """The subjects that ``text`` may mean: none, one or several."""
        found = self._by_key.get(text, _NONE)
        parsed = parse_id(text)
        if parsed is not None and parsed[0] == self._kind and parsed[1] in self._alive:
            found |= {parsed[1]}
        return found

    def match(self, keys: Sequence[str], first_row: int) -> Matched:
        """What each of ``keys`` means; ``first_row`` is the file's number of the first of them."""
        ids: set[int] = set()
        empty = 0
        unknown: list[Example] = []
        ambiguous: list[Example] = []
        doubled: list[Example] = []
        counts = {"unknown": 0, "ambiguous": 0, "doubled": 0}

        def note(name: str, examples: list[Example], row: int, key: str) -> None:
            counts[name] += 1
            if len(examples) < EXAMPLES:
                examples.append(Example(row, key[:100]))

        for row, key in enumerate(keys, start=first_row):
            if not key:
                empty += 1
                continue
            found = self.find(key)
            if not found:
                note("unknown", unknown, row, key)
            elif len(found) > 1:
                note("ambiguous", ambiguous, row, key)
            elif found <= ids:
                note("doubled", doubled, row, key)
            else:
                ids |= found
        return Matched(
            frozenset(ids),
            empty,
            counts["doubled"],
            counts["unknown"],
            counts["ambiguous"],
            tuple(unknown),
            tuple(ambiguous),
            tuple(doubled),
        )
