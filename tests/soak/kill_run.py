"""Kill -9 against ``holbein run``: a run is killed at random moments while others read.

    python tests/soak/kill_run.py --kills 100 [--seed 7] [--folder DIR]

A writer process runs a small demo world as of one day after another, reading some of the files of
its orders again each time. It is killed, at random moments, and started again. Meanwhile reader
processes open the workspace over and over; each time they must find one whole version: every checksum
right, and the very answers of an undisturbed run as of the same day. After each kill the parent
compares the version in force with the undisturbed one, table by table, by hash (decimals exact, floats
to 1e-9).
Ends with 1 and a line on standard error at the first deviation.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import holbein
from holbein.demo.world import make
from holbein.errors import HolbeinError
from holbein.store import Snapshot

FIRST = dt.date(2026, 1, 1)
DAYS = 6
"""After so many days the writer begins again with the first: later versions, earlier instants."""
ENTERPRISES = 25
FILES = 5
QUESTIONS = (
    ("enterprise", "sum(orders.amount, '90 days') > 1000"),
    ("role", "count(login, '30 days') >= 1 AND enterprise(employees > 100)"),
    ("enterprise", "activity = 'low' AND NOT in_audience('dormant')"),
)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=30 * (number % DAYS))


def hashed(table: pa.Table) -> str:
    """The content of a table: decimals exact, floats to nine digits."""
    digest = hashlib.sha256(str(table.schema.names).encode())
    for column in table.columns:
        if pa.types.is_floating(column.type):
            numbers = column.to_numpy(zero_copy_only=False)
            texts = ["" if np.isnan(one) else f"{one:.9e}" for one in numbers]
            digest.update("\n".join(texts).encode())
        else:
            digest.update(json.dumps(column.to_pylist(), default=str).encode())
    return digest.hexdigest()


def content(snapshot: Snapshot) -> dict[str, str]:
    """Of every table but the change log, which depends on the runs before."""
    names = [one for one in snapshot.tables() if one != "changes"]
    tables = {name: snapshot.read(name) for name in names}
    # In which order facts stand in the parts depends on which were read when.
    return {
        name: hashed(one.sort_by("key") if name.startswith("stream.") else one)
        for name, one in tables.items()
    }


def answers(workspace: holbein.Workspace) -> list[int]:
    query = workspace.query
    return [query.count(query.bind(asked, kind), kind) for kind, asked in QUESTIONS]  # type: ignore[arg-type]


def split(folder: Path) -> None:
    """The orders in several files, however many the demo has made of them."""
    orders = folder / "raw" / "orders"
    table = pq.read_table(orders)
    shutil.rmtree(orders)
    orders.mkdir()
    size = table.num_rows // FILES + 1
    for number in range(FILES):
        pq.write_table(table.slice(number * size, size), orders / f"{number}.parquet")


def expected(folder: Path) -> dict[str, dict[str, object]]:
    """What undisturbed runs give, by day."""
    workspace = holbein.open(folder)
    out: dict[str, dict[str, object]] = {}
    for number in range(DAYS):
        with workspace.run(as_of=day(number)) as snapshot:
            out[day(number).isoformat()] = {
                "tables": content(snapshot), "answers": answers(workspace),
            }  # fmt: skip
    return out


def write(folder: Path) -> None:
    workspace = holbein.open(folder)
    versions = workspace.store.versions()
    number = versions[-1].number if versions else 0
    print("ready", flush=True)
    while True:
        # A file as of another time is read again, and those behind it; a run taken up after a kill
        # finds the same.
        os.utime(folder / "raw" / "orders" / f"{number % FILES}.parquet", (number, number))
        workspace.run(as_of=day(number)).close()
        workspace.store.prune(keep=2)
        print("published", flush=True)
        number += 1


def read(folder: Path) -> None:
    """Reads until a file says stop; prints how often, and how many versions it saw."""
    told = json.loads((folder.parent / "expected.json").read_text())
    workspace = holbein.open(folder)
    times, seen = 0, set()
    print("ready", flush=True)
    while not (folder / "stop").exists():
        query = workspace.query
        as_of = query.as_of.day.isoformat()
        found = [query.count(query.bind(asked, kind), kind) for kind, asked in QUESTIONS]  # type: ignore[arg-type]
        assert found == told[as_of]["answers"], f"version {query.version} answers {found}"
        query.snapshot.verify()
        seen.add(query.version)
        times += 1
        time.sleep(random.choice([0.0, 0.05, 0.3]))
    print(times, len(seen), flush=True)


def start(what: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, what, "--folder", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready", "a process did not begin"


def battery(kills: int, folder: Path, chance: random.Random) -> str:
    clean, disturbed = folder / "clean", folder / "disturbed"
    make(clean, enterprises=ENTERPRISES, seed=1)
    split(clean)
    # The same bytes with the same times: nothing but the kills tells the two apart.
    shutil.copytree(clean, disturbed)
    told = expected(clean)
    (folder / "expected.json").write_text(json.dumps(told))
    workspace = holbein.open(disturbed)
    workspace.run(as_of=day(0)).close()
    reading = [start("read", disturbed) for _ in range(2)]
    for one in reading:
        ready(one)
    published = left = 0
    for _ in range(kills):
        with start("write", disturbed) as writer:
            ready(writer)
            time.sleep(chance.random() * 4)
            assert writer.poll() is None, "the writer failed"
            writer.kill()
            assert writer.stdout is not None
            published += writer.stdout.read().count("published")
        for one in reading:
            assert one.poll() is None, "a reader failed"
        left += (disturbed / "data" / "build").is_dir()
        with workspace.store.current() as snapshot:
            snapshot.verify()
            as_of = snapshot.as_of.day.isoformat()
            found = content(snapshot)
            wrong = [name for name in found if found[name] != told[as_of]["tables"][name]]  # type: ignore[index]
            assert not wrong, f"version {snapshot.number} as of {as_of}: {wrong} as never built"
            assert found.keys() == told[as_of]["tables"].keys()  # type: ignore[attr-defined]
    (disturbed / "stop").touch()
    results = [one.communicate(timeout=120)[0].split() for one in reading]
    assert all(one.returncode == 0 for one in reading), "a reader failed"
    times = sum(int(one[0]) for one in results)
    assert times > 0, "nobody read"
    number = workspace.run(as_of=day(0)).number  # and it still goes on
    assert left > 0 or kills < 10, "no kill fell into a run"
    return (
        f"{kills} kills, {left} of them in a run, {published} runs published, version {number}, "
        f"{times} reads, none broken"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["battery", "write", "read"], default="battery")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    try:
        if asked.what == "write":
            write(asked.folder)
        elif asked.what == "read":
            read(asked.folder)
        else:
            with tempfile.TemporaryDirectory() as made:
                seed = asked.seed if asked.seed is not None else random.randrange(10**6)
                print(f"seed {seed}", flush=True)
                print(battery(asked.kills, asked.folder or Path(made), random.Random(seed)))
    except (AssertionError, HolbeinError) as error:
        print(f"{asked.what}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # see holbein.cli.entry
