"""The engines that the one suite runs on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from holbein.engine import open_engine
from holbein.engine.base import Engine
from tests.support.spark import small_spark


@pytest.fixture(
    scope="session",
    params=[
        "duckdb",
        pytest.param("spark", marks=pytest.mark.spark),
        pytest.param("clickhouse", marks=pytest.mark.clickhouse),
    ],
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A connection to each engine in turn."""
    opened = small_spark() if request.param == "spark" else open_engine(request.param)
    yield opened
    opened.close()
