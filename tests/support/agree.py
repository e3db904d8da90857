"""Whether DuckDB selects what the reference selects: the worked cases, then random trees.

    python -m tests.support.agree [TREES]

Ends with 0 where all agree, and with 3 and a line at the first that does not.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from itertools import groupby

from holbein.conditions import reference
from holbein.engine import open_engine
from tests.support.asking import narrow_bands, selected
from tests.support.semantics import cases
from tests.support.tables import load
from tests.support.trees import EACH, SEED, WORLDS, drawn_in

DISAGREED = 3


def disagreement(trees: int) -> str | None:
    """The first case or tree on which the two differ."""
    return _in_cases() or _in_trees(trees)


def _in_cases() -> str | None:
    engine = open_engine("duckdb")
    for _, group in groupby(cases(), key=lambda one: id(one.world)):
        together = list(group)
        layout = load(engine, together[0].world, together[0].vocabulary)
        for case in together:
            found = selected(engine, layout, case.bound(), case.kind, case.as_of)
            if found != case.expected:
                return f"case {case.id}"
    return None


def _in_trees(trees: int) -> str | None:
    engine = open_engine("duckdb")
    for number in range(min(WORLDS, trees // EACH)):
        asked = list(drawn_in(SEED, number, EACH))
        layout = load(engine, asked[0].world, asked[0].vocabulary)
        with narrow_bands() if number % 2 else nullcontext():
            for one in asked:
                expected = reference.select(
                    one.condition, one.kind, one.world, one.as_of, one.vocabulary
                )
                if selected(engine, layout, one.condition, one.kind, one.as_of) != expected:
                    return f"tree {one.name}"
    return None


if __name__ == "__main__":
    noticed = disagreement(int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS * EACH)
    print(noticed or "all agree", flush=True)
    os._exit(DISAGREED if noticed else 0)  # see holbein.cli.entry
