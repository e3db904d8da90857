"""The first portrait of a process, timed by part: ``python -m benchmarks --only portrait``.

Each subject is portrayed in a process of its own, over a version that was opened for it. What
counts is the library's time: Python's start and the imports named here are over before the clock
begins. The files may be in the system's cache, as they are of a version just written.
"""

from __future__ import annotations

import functools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import measure

SUBJECTS = 25
"""Of each kind, spread over all of them."""
AIM = 100
"""Milliseconds, at 100,000 enterprises."""
KINDS = ("enterprise", "person", "role")
ALL = "in all"
WORK = "of the processor, all cores"
"""What a busy machine tells more truly than the clock."""
SLOWEST = "in all, the slowest"


def figures(folder: Path, enterprises: int) -> str:
    """Makes the demo world in ``folder`` and tells what portraits of it cost."""
    import holbein
    from holbein.demo.world import AS_OF, make

    make(folder, enterprises)
    counts = holbein.open(folder).run(as_of=AS_OF).manifest.subjects
    columns = {kind: _measured(folder, kind, counts[kind]) for kind in KINDS}
    ends = (ALL, SLOWEST, WORK)
    parts = list(
        dict.fromkeys(part for one in columns.values() for part in one if part not in ends)
    )
    lines = ["| ms | " + " | ".join(KINDS) + " |", "| --- " + "| ---: " * len(KINDS) + "|"]
    for part in (*parts, *ends):
        lines.append(
            f"| {part} | " + " | ".join(f"{columns[k].get(part, 0):,.1f}" for k in KINDS) + " |"
        )
    return (
        f"The demo world of {enterprises:,} enterprises. {measure.machine()}.\n"
        f"The first portrait of a fresh process, medians of {SUBJECTS} subjects of each kind, each "
        f"part without those inside it. The aim is {AIM} ms at 100,000 enterprises.\n\n"
        + "\n".join(lines)
        + "\n"
    )


def _measured(folder: Path, kind: str, count: int) -> dict[str, float]:
    """The median of each part over some of so many subjects, and the slowest, in milliseconds."""
    ids = [1 + count * number // SUBJECTS for number in range(SUBJECTS)]
    found = [_in_a_process(folder, kind, id) for id in ids]
    parts = dict.fromkeys(part for one in found for part in one)
    medians = {part: statistics.median(one.get(part, 0) for one in found) for part in parts}
    return {**medians, SLOWEST: max(one[ALL] for one in found)}


def _in_a_process(folder: Path, kind: str, id: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.portraits", str(folder), kind, str(id)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    out: dict[str, float] = json.loads(told)
    return out


# --- in the process -----------------------------------------------------------------------------


class _Clock:
    """Milliseconds by part, each without the parts inside it."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inner: list[float] = [0.0]

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            took = 1000 * (time.perf_counter() - began)
            self.spent[name] = self.spent.get(name, 0) + took - self._inner.pop()
            self._inner[-1] += took

    def watch(self, owner: Any, name: str, part: str) -> None:
        work: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(work)
        def timed(*args: Any, **named: Any) -> Any:
            with self.part(part):
                return work(*args, **named)

        setattr(owner, name, timed)


def _portray(folder: str, kind: Any, id: int) -> None:
    import pandas  # noqa: F401  # pyarrow looks for it where it is there, as beside the tests

    import holbein
    from holbein import query as queries
    from holbein.portraits.one import evidence
    from holbein.portraits.one import portrait as one
    from holbein.query.facts_of import FactsOf
    from holbein.query.query import Query

    clock = _Clock()
    for owner, name, part in (
        (queries, "open_query", "opening the version"),
        (Query, "resolve", "finding the subject"),
        (Query, "values", "attributes and tags"),
        (Query, "aliases", "keys of the sources"),
        (Query, "roles", "roles"),
        (Query, "family", "group"),
        (Query, "changes", "what changed"),
        (evidence, "asked", "what related subjects say"),
        (FactsOf, "of", "own facts"),
        (one, "evidence", "figures and words"),
        (one, "timeline", "timeline"),
        (one, "committee", "committee"),
        (one, "standings", "standing among all"),
        (one, "peers", "peers"),
        (one, "sentence", "sentence"),
    ):
        clock.watch(owner, name, part)
    began, worked = time.perf_counter(), time.process_time()
    with clock.part("the rest"):
        workspace = holbein.open(folder)
        workspace.portrait(kind, f"{kind[0].upper()}{id}")
    clock.spent[ALL] = 1000 * (time.perf_counter() - began)
    clock.spent[WORK] = 1000 * (time.process_time() - worked)
    sys.stdout.write(json.dumps(clock.spent))


if __name__ == "__main__":
    _portray(sys.argv[1], sys.argv[2], int(sys.argv[3]))
