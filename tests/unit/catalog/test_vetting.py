"""Which queries of SQL tags pass, and as what text."""

from __future__ import annotations

import random
import re

import pytest

from holbein.catalog.vetting import vet
from holbein.errors import ConditionError
from tests.support.queries import HONEST, HOSTILE, TABLES


def test_there_are_enough_of_both() -> None:
    assert len(HOSTILE) >= 60
    assert len(HONEST) >= 25


@pytest.mark.parametrize("query", HOSTILE, ids=lambda one: " ".join(one.split())[:50])
def test_a_hostile_query_is_refused_before_it_runs(query: str) -> None:
    with pytest.raises(ConditionError) as caught:
        vet(query, TABLES)
    assert caught.value.hint
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("query", HONEST, ids=lambda one: one[:50])
def test_what_passes_is_the_text_that_is_run(query: str) -> None:
    vetted = vet(query, TABLES)
    assert vet(vetted.query, TABLES) == vetted
    assert set(vetted.tables) <= set(TABLES)


@pytest.mark.parametrize("seed", range(5))
def test_a_hostile_part_is_found_wherever_it_stands(seed: int) -> None:
    """Parts that are refused alone, put into honest queries in place of a number or a table."""
    rng = random.Random(seed)
    for _ in range(40):
        query = rng.choice(HONEST)
        bad = rng.choice(
            ("getenv('x')", "(SELECT size FROM read_text('x'))", "current_date", "random()")
        )
        numbers = [one.span() for one in re.finditer(r"(?<![\w'.\[])\d+(?![\w'.%])", query)]
        tables = [one.span(1) for one in re.finditer(r"(?:FROM|JOIN) (orders|enterprise)\b", query)]
        if numbers and rng.random() < 0.5:
            start, end = rng.choice(numbers)
        elif tables:
            start, end = rng.choice(tables)
            bad = rng.choice(
                (
                    "glob('*')",
                    "'x.csv'",
                    '"x.csv"',
                    "duckdb_tables",
                    "read_csv('x')",
                    "(FROM 'x.csv')",
                )
            )
        else:
            continue
        spoilt = query[:start] + bad + query[end:]
        with pytest.raises(ConditionError):
            vet(spoilt, TABLES)
