"""The one dependency graph of tags and audiences: what must be known before what."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from holbein.catalog.problems import Problems
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind


@dataclass(frozen=True)
class Node:
    """A tag or an audience."""

    what: Literal["tag", "audience"]
    kind: SubjectKind
    name: str


@dataclass(frozen=True)
class Item:
    """A node, where it is declared, and what it reads (nodes outside of the graph do not count)."""

    node: Node
    place: str
    reads: frozenset[Node]


def order(items: Iterable[Item], problems: Problems) -> tuple[Node, ...]:
    """The nodes, each behind all that it reads; else by kind, then as declared.

    A cycle is noted with its path. Its members are left out, and so is what reads them.
    """
    declared = list(items)
    known: Mapping[Node, Item] = {item.node: item for item in declared}
    rank = {
        item.node: (SUBJECT_KINDS.index(item.node.kind), number)
        for number, item in enumerate(declared)
    }
    readers: dict[Node, list[Node]] = defaultdict(list)
    waiting: dict[Node, int] = {}
    for node, item in known.items():
        inside = [one for one in item.reads if one in known]
        waiting[node] = len(inside)
        for one in inside:
            readers[one].append(node)

    ready = [(rank[node], node) for node, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    done: set[Node] = set()
    broken: set[Node] = set()
    ordered: list[Node] = []
    while len(done) < len(known):
        if not ready:
            cycle = _cycle(known, rank, done)
            _note(cycle, known, problems)
            broken.update(cycle)
            # Its members are let through, so that what does not depend on them is still checked.
            for node in cycle:
                heapq.heappush(ready, (rank[node], node))
        _, node = heapq.heappop(ready)
        if node in done:
            continue
        done.add(node)
        if broken.intersection(known[node].reads):
            broken.add(node)
        if node not in broken:
            ordered.append(node)
        for reader in readers[node]:
            waiting[reader] -= 1
            if waiting[reader] == 0:
                heapq.heappush(ready, (rank[reader], reader))
    return tuple(ordered)


def _cycle(
    known: Mapping[Node, Item], rank: Mapping[Node, tuple[int, int]], done: set[Node]
) -> list[Node]:
    """A cycle among the nodes that are left, each followed by one that it reads."""

    def next_of(node: Node) -> Node:
        return min(
            (one for one in known[node].reads if one in known and one not in done),
            key=rank.__getitem__,
        )

    node = min((one for one in known if one not in done), key=rank.__getitem__)
    path: dict[Node, int] = {}
    while node not in path:
        path[node] = len(path)
        node = next_of(node)
    cycle = [one for one, number in path.items() if number >= path[node]]
    first = cycle.index(min(cycle, key=rank.__getitem__))
    return cycle[first:] + cycle[:first]


def _note(cycle: list[Node], known: Mapping[Node, Item], problems: Problems) -> None:
    first = cycle[0]
    same_kind = len({one.kind for one in cycle}) == 1
    names = [_shown(one, same_kind) for one in cycle]
    steps = [f"{name} ({known[one].place})" for name, one in zip(names, cycle, strict=True)]
    problems.add(
        f"{first.what} {first.name!r} depends on itself: " + " → ".join([*steps, names[0]]),
        known[first].place,
        "take the reference out of one of them",
    )


def _shown(node: Node, same_kind: bool) -> str:
    name = node.name if node.what == "tag" else f"audience {node.name!r}"
    return name if same_kind else f"{node.kind} {name}"
