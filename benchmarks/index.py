"""The index beside what a user would pick instead, over the same data: ``--only index``.

Each way lives in a process of its own, loaded before anything is timed, and tells how long its
answers took; all ways take turns over each question. Where the memory of a world is too much for
all at once, one way after another is loaded and asked.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import index_ours, index_world, measure
from benchmarks.index_questions import Count, Question, questions

TURN = 0.2
"""Seconds that a way may repeat its answer within a turn."""
REPEATS = 15
OURS = "Holbein"


class Way(Protocol):
    """How questions are answered."""

    def work(self, question: Question) -> Any:
        """What answers the question, or None where it cannot."""

    def answer(self, question: Question, found: Any) -> Any:
        """What was found: a number, counts by tag and value, or a table."""


def _way(name: str, folder: Path) -> Way:
    from benchmarks import index_frames, index_sql
    from holbein.store import Store

    ways: Mapping[str, Any] = {
        OURS: index_ours.Holbein,
        "codes alone": index_ours.Codes,
        "DuckDB": index_sql.DuckDB,
        "chDB": index_sql.ClickHouse,
        "Polars": index_frames.Polars,
        "Roaring": index_frames.Roaring,
    }
    way: Way = ways[name](Store(folder / "data").current())
    return way


WAYS = (OURS, "codes alone", "DuckDB", "chDB", "Polars", "Roaring")


# --- in the process of a way ----------------------------------------------------------------------


def _serve(name: str, folder: Path, people: int, pipe: Connection) -> None:
    began = time.perf_counter()
    way = _way(name, folder)
    pipe.send(time.perf_counter() - began)
    known = questions(people)
    works = {one.name: (one, way.work(one)) for one in known}
    while (asked := pipe.recv()) is not None:
        question, work = works[asked]
        pipe.send(None if work is None else _turn(way, question, work))


def _turn(way: Way, question: Question, work: Any) -> tuple[str, float]:
    """The answer, and the median of what it took, repeated for a moment."""
    taken: list[float] = []
    while not taken or (sum(taken) < TURN and len(taken) < REPEATS):
        began = time.perf_counter()
        found = work()
        taken.append(time.perf_counter() - began)
    return told(way.answer(question, found)), statistics.median(taken)


def told(answer: Any) -> str:
    """The same for the same answers."""
    if isinstance(answer, int):
        return f"{answer:,}"
    if isinstance(answer, pa.Table):
        return f"{answer.num_rows:,} rows, {_digest(_plain(answer).to_pydict())}"
    ordered = {
        tag: sorted(counts.items(), key=lambda one: str(one[0])) for tag, counts in answer.items()
    }
    total = sum(next(iter(answer.values())).values())
    return f"{total:,}, {_digest(ordered)}"


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:6]


def _plain(table: pa.Table) -> pa.Table:
    """Ascending by id, with numbers as doubles and labels as texts, whoever gave it."""
    out = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_integer(column.type):
            column = column.cast(pa.float64())
        elif not pa.types.is_floating(column.type) and not pa.types.is_date(column.type):
            text = column.cast(pa.large_string())
            column = pc.if_else(pc.equal(text, ""), None, text)
        out[name] = column
    return pa.table(out).sort_by("id")


# --- in the process that asks ---------------------------------------------------------------------


@dataclass
class Asked:
    """What each way took for a question, by turns."""

    question: Question
    answers: dict[str, str] = field(default_factory=dict)
    taken: dict[str, list[float]] = field(default_factory=dict)

    def note(self, way: str, told: tuple[str, float] | None, *, timed: bool) -> None:
        """An answer. Raises AssertionError where another way said something else."""
        if told is None:
            return
        answer, seconds = told
        self.answers[way] = answer
        assert len(set(self.answers.values())) == 1, f"{self.question.name}: {self.answers}"
        if timed:
            self.taken.setdefault(way, []).append(seconds)

    def seconds(self, way: str) -> float | None:
        """The median of the turns; None where the way has no answer."""
        return statistics.median(self.taken[way]) if way in self.taken else None


@contextmanager
def _asking(names: Sequence[str], folder: Path, people: int) -> Iterator[dict[str, Connection]]:
    """The ways of these names, loaded one after another."""
    spawning = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pipes: dict[str, Connection] = {}
        for name in names:
            pipe, theirs = spawning.Pipe()
            process = spawning.Process(target=_serve, args=(name, folder, people, theirs))
            process.start()
            theirs.close()
            stack.callback(process.join)
            stack.callback(pipe.close)
            stack.callback(pipe.send, None)
            pipe.recv()
            pipes[name] = pipe
        yield pipes


def measured(folder: Path, people: int, rounds: int, ways: Sequence[str] = WAYS) -> list[Asked]:
    """Every question asked of all ways, with answers that were found equal."""
    out = [Asked(one) for one in questions(people)]
    together = people <= index_world.MANY
    for names in [ways] if together else [[one] for one in ways]:
        with _asking(names, folder, people) as pipes:
            for asked in out:
                for number in range(rounds + 1):
                    for name, pipe in pipes.items():
                        pipe.send(asked.question.name)
                        asked.note(name, pipe.recv(), timed=number > 0)
    return out


# --- what is told ---------------------------------------------------------------------------------


def figures(folder: Path, people: int, rounds: int) -> str:
    """All of it, as Markdown."""
    made = index_ours.made(folder, people)
    opened = index_ours.opened(folder)
    asked = measured(folder, people, rounds)
    counts = [one.question for one in asked if isinstance(one.question, Count)]
    through = index_ours.facade(folder, counts, rounds)
    kinds = index_world.columns(people)
    order = "by turns" if people <= index_world.MANY else "one way after another"
    return (
        f"{people:,} people with {len(kinds['person'])} tags, "
        f"{max(people // 20, 2):,} enterprises, {made['roles']:,.0f} roles. {measure.machine()}.\n"
        f"The index is made in {made['index']:.0f} s (the tables in {made['tables']:.0f}), with "
        f"{made['peak'] / 1e9:.1f} GB of memory at most; it has {made['bytes'] / 1e9:.2f} GB "
        f"(the tables as Parquet {made['table_bytes'] / 1e9:.2f}).\n"
        f"Opening all of it takes {1000 * opened['seconds']:.0f} ms, reads "
        f"{opened['read'] / 1e6:.1f} MB (aim: 10) and adds {opened['held'] / 1e6:.0f} MB to the "
        f"memory of the process, which is then {opened['whole'] / 1e6:.0f} MB (aim: 200); "
        f"with a first count, which takes {1000 * opened['count_seconds']:.0f} ms more, "
        f"{opened['count_whole'] / 1e6:.0f} MB, of which {opened['count_mapped'] / 1e6:.0f} are "
        "mapped files.\n\n"
        f"Medians of {rounds} rounds, {order}, in milliseconds; in brackets, how many times as "
        f"long as Holbein; all answers agree.\n\n{_table(asked)}\n\n"
        "In words, through `holbein.open(…).count(…)`: parsing, checking and all that is not the "
        f"index itself (aim: at most 3 ms), the workspace being open or opened for it:\n\n"
        f"{_facade_table(through)}\n"
    )


def _table(asked: Sequence[Asked]) -> str:
    heads = ["", "answer", *WAYS, "wanted"]
    lines = [f"| {' | '.join(heads)} |", "| --- " + "| ---: " * (len(heads) - 2) + "| --- |"]
    for one in asked:
        ours = one.seconds(OURS)
        assert ours is not None
        cells = [_cell(one.seconds(way), ours if way != OURS else None) for way in WAYS]
        answer = one.answers[OURS].split(", ")[0]  # without the checksum of a longer one
        told = [one.question.name, answer, *cells, one.question.wanted]
        lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines)


def _cell(seconds: float | None, ours: float | None) -> str:
    if seconds is None:
        return ""
    digits = 3 if seconds < 0.001 else 2 if seconds < 0.01 else 1
    told = f"{1000 * seconds:,.{digits}f}"
    return told if ours is None else f"{told} ({seconds / ours:,.1f})"


def _facade_table(through: Mapping[str, Sequence[float]]) -> str:
    rows = (
        f"| {name} | {' | '.join(f'{1000 * one:.2f}' for one in taken)} |"
        for name, taken in through.items()
    )
    heads = ["ms", "in words", "of it words", "opened for it", "of it words and opening"]
    return "\n".join([f"| {' | '.join(heads)} |\n| --- " + "| ---: " * 4 + "|", *rows])
