"""The index of Holbein, asked as its rivals are, and what it takes to build and to open it."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa

from benchmarks import index_world
from benchmarks.index_questions import CODES, SELECTED, THREE, Count, Portrait, Question, chosen
from benchmarks.index_sql import Tallies, Work
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import Condition, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.index import Index
from holbein.index.columns import Column
from holbein.index.index import Source
from holbein.index.relations import ID, Structure, places_among
from holbein.index.writing import Stored, write_index
from holbein.store import Build, Snapshot


class Holbein:
    """The index over a published version."""

    def __init__(self, snapshot: Snapshot) -> None:
        people = snapshot.manifest.subjects["person"]
        self.vocabulary = index_world.vocabulary(people)
        self.index = Index(self.source(snapshot))
        self._chosen = chosen(people)

    def source(self, snapshot: Snapshot) -> Source:
        """Where its columns come from."""
        return Stored(snapshot, self.vocabulary)

    def work(self, question: Question) -> Work | None:
        """What answers the question: bound conditions are given, as SQL is to the others."""
        index = self.index
        if isinstance(question, Count):
            tree = self._bound(question.text, question.kind)
            return lambda: index.count(tree, question.kind)
        if isinstance(question, Portrait):
            group, tags = self._bound(question.text, "person"), question.tags
            return lambda: index.tally("person", tags, [index.mask(group, "person")])
        return self._selected

    def _bound(self, text: str, kind: SubjectKind) -> Any:
        from holbein.conditions.bind import bind
        from holbein.conditions.text import parse

        return bind(parse(text), kind, self.vocabulary)

    def _selected(self) -> pa.Table:
        places = places_among(self._chosen, self.index.structure("person", ID)["id"])
        return pa.table({"id": self._chosen} | self.index.take("person", SELECTED, places))

    def answer(self, question: Question, found: Any) -> int | Tallies | pa.Table:
        """What was found, as everyone tells it."""
        if not isinstance(question, Portrait):
            return found
        out: Tallies = {}
        for name, counts in found.items():
            values = [None, *self.index.column("person", name).values.to_pylist()]
            out[name] = {v: int(n) for v, n in zip(values, counts[0], strict=True) if n}
        return out


class Codes(Holbein):
    """The same without bitmaps and bit slices, where that makes a difference worth knowing."""

    def source(self, snapshot: Snapshot) -> Source:
        """Where its columns come from."""
        return _Plain(super().source(snapshot))

    def work(self, question: Question) -> Work | None:
        """What answers the question."""
        return super().work(question) if question.name == CODES else None


class _Plain:
    """Columns of which only the codes are known."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._columns: dict[tuple[SubjectKind, str], Column] = {}

    @property
    def vocabulary(self) -> Vocabulary:
        return self._source.vocabulary

    @property
    def as_of(self) -> AsOf:
        return self._source.as_of

    def column(self, kind: SubjectKind, name: str) -> Column:
        """An attribute or tag."""
        if (kind, name) not in self._columns:
            held = self._source.column(kind, name)
            plain = {
                one: held.sections[one]
                for one in held.sections
                if not one.startswith(("bitmap.", "slice."))
            }
            self._columns[kind, name] = Column(plain, {**held.about, "slices": 0})
        return self._columns[kind, name]

    def structure(self, kind: SubjectKind, name: str) -> Structure:
        """A numbering or relation."""
        return self._source.structure(kind, name)


# --- through the facade ---------------------------------------------------------------------------


def facade(folder: Path, questions: Sequence[Count], rounds: int) -> dict[str, tuple[float, ...]]:
    """Seconds of each question: in words, of a workspace that is open and of one opened for it, and
    what these take beside the index's own time within the same call. Medians of turns."""
    import holbein

    workspace = holbein.open(folder)
    out: dict[str, tuple[float, ...]] = {}
    for one in questions:
        taken = []
        for _ in range(5 * rounds + 1):
            whole, beside = _beside(lambda one=one: workspace.count(one.text, on=one.kind))
            opened = _beside(lambda one=one: holbein.open(folder).count(one.text, on=one.kind))
            taken.append((whole, beside, *opened))
        out[one.name] = tuple(map(statistics.median, zip(*taken[1:], strict=True)))
    return out


def _beside(work: Work) -> tuple[float, float]:
    """Seconds in all, and those that were not spent in the index."""
    inside = 0.0
    count = Index.count

    def timed(index: Index, condition: Condition, kind: SubjectKind) -> int:
        nonlocal inside
        began = time.perf_counter()
        found = count(index, condition, kind)
        inside += time.perf_counter() - began
        return found

    with mock.patch.object(Index, "count", timed):
        began = time.perf_counter()
        work()
        whole = time.perf_counter() - began
    return whole, whole - inside


# --- making and opening ---------------------------------------------------------------------------


def made(folder: Path, people: int) -> dict[str, float]:
    """Publishes a world in a process of its own; seconds and bytes of its index."""
    return _apart("make", str(folder), str(people))


def opened(folder: Path) -> dict[str, float]:
    """What opening it takes, in a process of its own."""
    return _apart("open", str(folder))


def _apart(*words: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.index_ours", *words]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    out: dict[str, float] = json.loads(told)
    return out


def _make(folder: Path, people: int) -> dict[str, float]:
    found: dict[str, float] = {}
    began = time.perf_counter()

    def index(build: Build, vocabulary: Vocabulary) -> None:
        found["tables"] = time.perf_counter() - began
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        started = time.perf_counter()
        write_index(build, vocabulary)
        found["index"] = time.perf_counter() - started
        found["peak"] = _memory("VmHWM")

    with index_world.publish(folder, people, index) as snapshot:
        refs = [ref for kind in snapshot.manifest.index.values() for ref in kind]
        found["roles"] = snapshot.manifest.subjects["role"]
        found["bytes"] = sum(ref.bytes for ref in refs)
        tables = [ref for parts in snapshot.manifest.tables.values() for ref in parts]
        found["table_bytes"] = sum(ref.bytes for ref in tables)
    return found


def _open(folder: Path) -> dict[str, float]:
    """Bytes and memory, first of opening all columns, then of one count too; what numba and other
    modules take to load is not counted as reading."""
    import holbein
    from holbein.conditions.tree import SUBJECT_KINDS
    from holbein.index import kernels
    from holbein.query import open_query

    assert kernels
    workspace = holbein.open(folder)
    before, began = (_read(), _memory("VmRSS")), time.perf_counter()
    with workspace.store.current() as snapshot:
        query = open_query(snapshot, workspace.store, folder)
        assert query.index is not None
        for kind in SUBJECT_KINDS:
            for name in query.vocabulary.fields[kind]:
                query.index.column(kind, name)
        took = time.perf_counter() - began
        after = _read(), _memory("VmRSS")
        began = time.perf_counter()
        workspace.count(THREE, on="person")
        counted = time.perf_counter() - began
        return {
            "seconds": took,
            "read": after[0] - before[0],
            "held": after[1] - before[1],
            "whole": after[1],
            "count_seconds": counted,
            "count_whole": _memory("VmRSS"),
            "count_mapped": _memory("RssFile"),
        }


def _memory(what: str) -> int:
    """Bytes, of those that Linux tells of this process."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"{what}:\s+(\d+) kB", told)
    assert found is not None
    return int(found[1]) * 1024


def _read() -> int:
    """How many bytes this process has read; of what it has mapped, none count."""
    return int(Path("/proc/self/io").read_text(encoding="ascii").split()[1])


if __name__ == "__main__":
    words = sys.argv[1:]
    done = _make(Path(words[1]), int(words[2])) if words[0] == "make" else _open(Path(words[1]))
    sys.stdout.write(json.dumps(done))
