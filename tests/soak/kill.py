"""Kill -9 against the store: a writer is killed at random moments while others read.

    python tests/soak/kill.py --kills 100 [--seed 7] [--folder DIR]

A writer process publishes version after version, each built from its number alone, and prunes. It
is killed, at random moments, and started again. Meanwhile reader processes open the version in
force over and over; each time it must be whole: every checksum right, every table and every column
of the index of one number. After each kill the parent also compares the version in force, by
checksum, with the same version built without any disturbance. Ends with 1 and a line on standard
error at the first deviation.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from holbein.conditions.instants import AsOf
from holbein.errors import HolbeinError
from holbein.store import Build, Snapshot, Store
from holbein.store.changes import CHANGES

ROWS = 20_000
TABLES = ("enterprise", "person", "role", "stream.orders")
KEEP = 1


class NoPandas:
    """pyarrow loads pandas, where it is installed, at its first array: longer than our writers live."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ImportError(name)


def as_of(number: int) -> AsOf:
    day = dt.date(2020, 1, 1) + dt.timedelta(days=number)
    return AsOf(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()), day)


def content(name: str, number: int) -> pa.Table:
    """Of a table that tells which version it belongs to in every row."""
    ids = range(ROWS)
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "number": pa.array([number] * ROWS, pa.int64()),
            "label": pa.array([f"{name} {number * one % 9973}" for one in ids]),
        }
    )


def change(number: int) -> pa.Table:
    at = as_of(number)
    rows = [[at.instant], [at.day], ["role"], ["tier"], [number], ["1"], ["2"]]
    return pa.table(rows, schema=CHANGES)


def column(number: int) -> dict[str, np.ndarray]:
    return {"codes": np.full(ROWS, number, np.uint32), "live": np.full(ROWS // 64, number)}


def fill(build: Build) -> None:
    number = build.number
    for name in TABLES:
        if not build.done(name):
            build.write(name, content(name, number))
    if not build.done("ancestor") and not build.reuse("ancestor", made_of="always"):
        build.write("ancestor", content("ancestor", 0), made_of="always")
    if not build.done("changes"):
        build.write("changes", change(number))
    if not build.done("stream.event"):
        build.write("stream.event", content("stream.event", number))
    build.write_column("role", "tier", column(number), {"number": number})
    build.write_column("role", "title", column(0), {})
    if not build.reuse_column("role", "#id", "always"):
        build.write_column("role", "#id", {"ids": np.arange(ROWS)}, {}, "always")


def write(folder: Path, until: int | None = None) -> None:
    store = Store(folder)
    number = next_number(store)
    content("warm up", 0)  # the first array loads what pyarrow loads late
    print("ready", flush=True)
    while until is None or number <= until:
        with store.begin(f"version {number}", as_of(number)) as build:
            assert build.number == number, (build.number, number)
            if build.resumed:
                print("resumed", flush=True)
            fill(build)
            build.publish(tags=[{"tag": "tier", "number": number}]).close()
        store.prune(keep=KEEP)
        number += 1


def next_number(store: Store) -> int:
    versions = store.versions()
    return versions[-1].number + 1 if versions else 1


def check(snapshot: Snapshot) -> None:
    """Raises AssertionError or HolbeinError unless the snapshot is one whole version."""
    number = snapshot.number
    snapshot.verify()
    assert snapshot.as_of == as_of(number), "as-of of another version"
    assert snapshot.manifest.tags == [{"tag": "tier", "number": number}], "tags of another version"
    for name in (*TABLES, "stream.event"):
        numbers = snapshot.read(name, ["number"])["number"].unique().to_pylist()
        assert numbers == [number], f"{name} of version {numbers} in version {number}"
    columns = {name: snapshot.sections(ref) for name, ref in snapshot.columns("role").items()}
    assert columns["tier"].about == {"number": number}, "a column of another version"
    for name, array in column(number).items():
        assert np.array_equal(columns["tier"][name], array), f"{name} of another version"
    assert np.array_equal(columns["#id"]["ids"], np.arange(ROWS)), "other ids"
    assert np.array_equal(columns["title"]["codes"], column(0)["codes"]), "other titles"
    chain = snapshot.read("changes", ["id"])["id"].to_pylist()
    assert chain == list(range(1, number + 1)), f"a gap in the change log: {chain[-3:]}"


def read(folder: Path) -> None:
    """Reads until standard input ends; prints how often, and how many versions it saw."""
    store = Store(folder)
    times, seen = 0, set()
    print("ready", flush=True)
    while not Path(folder / "stop").exists():
        with store.current() as snapshot:
            check(snapshot)
            time.sleep(
                random.choice([0.0, 0.02, 0.5])
            )  # a slow reader still has all of its version
            check(snapshot)
            seen.add(snapshot.number)
            times += 1
    print(times, len(seen), flush=True)


def sums(snapshot: Snapshot) -> dict[str, str]:
    """Of the part that the version made itself: the chain of changes has older ones before it."""
    tables = {name: parts[-1].sha256 for name, parts in snapshot.manifest.tables.items()}
    return tables | {name: one.sha256 for name, one in snapshot.columns("role").items()}


def clean(number: int, folder: Path) -> dict[str, str]:
    """The checksums of a version that nobody disturbs."""
    store = Store(folder)
    with store.begin("first", as_of(0)) as build:
        build.number = number  # as if all those before had been published
        fill(build)
        with build.publish() as snapshot:
            return sums(snapshot)


def start(what: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, what, "--folder", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def battery(kills: int, folder: Path, chance: random.Random, readers: int = 2) -> str:
    data = folder / "data"
    with start("write", data) as first:
        while not (data / "current").exists():
            time.sleep(0.01)
        reading = [start("read", data) for _ in range(readers)]
        for one in reading:
            assert one.stdout is not None
            one.stdout.readline()
        first.kill()
    store = Store(data)
    resumed = 0
    done = 1
    while True:
        with store.current() as snapshot:
            check(snapshot)
            expected = clean(snapshot.number, folder / f"clean{done}")
            assert sums(snapshot) == expected, f"version {snapshot.number} is not as built clean"
        for one in reading:
            assert one.poll() is None, "a reader failed"
        if done == kills:
            break
        with start("write", data) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(chance.random() * 0.5)
            assert writer.poll() is None, "the writer failed"
            writer.kill()
            resumed += writer.stdout.read().count("resumed")
        done += 1
    (data / "stop").touch()
    results = [one.communicate(timeout=120)[0].split() for one in reading]
    assert all(one.returncode == 0 for one in reading), "a reader failed"
    last = next_number(store) - 1
    write(data, until=last + 2)  # and it still goes on
    times = sum(int(one[0]) for one in results)
    assert times > 0, "nobody read"
    assert resumed > 0 or kills < 10, "no kill fell into a build"
    orphans = {path.name for path in (data / "files").iterdir()}
    for manifest in store.versions():
        orphans -= {Path(one.path).name for one in manifest.files()}
    assert not orphans, f"files left behind: {orphans}"
    return f"{kills} kills, {last} versions, {times} reads, {resumed} builds resumed, none broken"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["battery", "write", "read"], default="battery")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    sys.meta_path.insert(0, NoPandas)
    try:
        if asked.what == "write":
            write(asked.folder)
        elif asked.what == "read":
            read(asked.folder)
        else:
            with tempfile.TemporaryDirectory() as made:
                folder = asked.folder or Path(made)
                seed = asked.seed if asked.seed is not None else random.randrange(10**6)
                print(f"seed {seed}", flush=True)
                print(battery(asked.kills, folder, random.Random(seed)))
    except (AssertionError, HolbeinError) as error:
        print(f"{asked.what}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # see holbein.cli.entry
