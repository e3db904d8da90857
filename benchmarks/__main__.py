"""``make bench``: figures side by side with what a user would pick instead.

``make bench ARGS="--record docs/benchmarks.md"`` keeps them, with the machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import conditions, measure, world


def main() -> None:
    options = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    options.add_argument("--customers", type=int, default=50_000)
    options.add_argument("--orders", type=int, default=2_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--record", type=Path, help="a Markdown file to write the figures to")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        told = figures(Path(name), chosen.customers, chosen.orders, chosen.rounds)
    sys.stdout.write(told)
    if chosen.record:
        chosen.record.write_text("# Benchmarks\n\n" + told, encoding="utf-8")


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
