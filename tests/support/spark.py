"""Spark as the tests use it: one small local session in a process."""

from __future__ import annotations

from holbein.engine import open_engine
from holbein.engine.base import Engine


def small_spark() -> Engine:
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
