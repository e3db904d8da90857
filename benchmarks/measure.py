"""Times several ways of doing the same work, side by side, and refuses unequal answers.

The ways take turns within each round, so that a busy moment of the machine falls on all of them.
What counts is the ratio of medians; the times themselves are only as good as the machine.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``seconds`` by way: the median over the rounds; ``first`` is the way they are compared to."""

    name: str
    first: str
    seconds: Mapping[str, float]
    answer: Hashable

    def row(self) -> str:
        """One row of the Markdown table."""
        base = self.seconds[self.first]
        times = " | ".join(f"{1000 * one:,.1f}" for one in self.seconds.values())
        ratios = " | ".join(
            f"{one / base:.2f}" for way, one in self.seconds.items() if way != self.first
        )
        return f"| {self.name} | {self.answer} | {times} | {ratios} |"


def side_by_side(name: str, ways: Mapping[str, Callable[[], Hashable]], rounds: int = 5) -> Figure:
    """Run each way ``rounds`` times by turns, after one turn that is not timed.

    Raises AssertionError if two ways disagree.
    """
    answers = {way: work() for way, work in ways.items()}
    assert len(set(answers.values())) == 1, f"{name}: the answers differ: {answers}"
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            began = time.perf_counter()
            answer = work()
            taken[way].append(time.perf_counter() - began)
            assert answer == answers[way], f"{name}: {way} changed its answer"
    seconds = {way: statistics.median(each) for way, each in taken.items()}
    return Figure(name, next(iter(ways)), seconds, next(iter(answers.values())))


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table; all must compare the same ways."""
    ways = list(figures[0].seconds)
    heads = ["", "answer", *(f"{way}, ms" for way in ways)]
    heads += [f"{way} / {ways[0]}" for way in ways[1:]]
    lines = ["| " + " | ".join(heads) + " |", "| --- " + "| ---: " * (len(heads) - 1) + "|"]
    return "\n".join([*lines, *(one.row() for one in figures)])


def machine() -> str:
    """The machine in one line, without its name."""
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )
