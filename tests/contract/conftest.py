"""The engines that the one suite runs on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from holbein.engine import open_engine
from holbein.engine.base import Engine


@pytest.fixture(scope="session", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A connection to each engine in turn."""
    opened = _small_spark() if request.param == "spark" else open_engine(request.param)
    yield opened
    opened.close()


def _small_spark() -> Engine:
    """A session for tables of some rows: two tasks at most, where a cluster's has hundreds."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("holbein tests")
    for name, value in {
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.codegen.wholeStage": "false",
        "spark.driver.memory": "2g",
    }.items():
        builder = builder.config(name, value)
    builder.getOrCreate()
    return open_engine("spark")
