"""``make bench``: figures side by side with what a user would pick instead.

``make bench ARGS="--record docs/benchmarks.md"`` keeps them, with the machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import conditions, incremental, index, measure, portraits, tags, world

PARTS = ("conditions", "tags", "incremental", "portrait", "index")


def main() -> None:
    options = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    options.add_argument("--customers", type=int, default=50_000)
    options.add_argument("--orders", type=int, default=2_000_000)
    options.add_argument("--people", type=int, help="1,000,000; of the index 10,000,000")
    options.add_argument("--events", type=int, default=50_000_000)
    options.add_argument("--enterprises", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", choices=PARTS, help="one part of it")
    options.add_argument("--record", type=Path, help="a Markdown file to write the figures to")
    chosen = options.parse_args()
    told = []
    for part in PARTS if chosen.only is None else (chosen.only,):
        with tempfile.TemporaryDirectory() as name:
            told.append(_told(part, Path(name), chosen))
        sys.stdout.write(told[-1])
    if chosen.record:
        chosen.record.write_text("# Benchmarks\n\n" + "\n".join(told), encoding="utf-8")


def _told(part: str, folder: Path, chosen: argparse.Namespace) -> str:
    if part == "tags":
        title, text = (
            "Tags of a run",
            tags.figures(folder, chosen.people or 1_000_000, chosen.events, chosen.rounds),
        )
    elif part == "incremental":
        title, text = (
            "A run for one new day",
            incremental.figures(folder, chosen.people or 1_000_000, chosen.events),
        )
    elif part == "index":
        people = chosen.people or 10_000_000
        title, text = "The index", index.figures(folder, people, chosen.rounds)
    elif part == "portrait":
        title, text = "The first portrait", portraits.figures(folder, chosen.enterprises)
    else:
        title, text = "Conditions", figures(folder, chosen.customers, chosen.orders, chosen.rounds)
    return f"## {title}\n\n{text}"


def figures(folder: Path, customers: int, orders: int, rounds: int) -> str:
    """All figures on a fresh world in ``folder``, as Markdown."""
    import holbein

    world.make(folder, customers, orders)
    workspace = holbein.open(folder)
    began = time.perf_counter()
    workspace.run(as_of=world.AS_OF)
    ran = time.perf_counter() - began
    measured = [
        measure.side_by_side(name, ways, rounds)
        for name, ways in conditions.ways(workspace, folder).items()
    ]
    return (
        f"{customers:,} customers, {orders:,} orders. {measure.machine()}.\n"
        f"The run from Parquet files to the published version, with four tags: {ran:.1f} s.\n\n"
        f"Counting who meets a condition, the median of {rounds} rounds taken by turns; answers "
        f"checked equal.\n\n{measure.table(measured)}\n"
    )


if __name__ == "__main__":
    main()
