"""The SQL engines behind one small protocol, and the one compiler from trees to SQL."""

from __future__ import annotations

from typing import Literal

from holbein.engine.base import Engine

EngineName = Literal["duckdb", "spark", "clickhouse"]


def open_engine(name: EngineName) -> Engine:
    """A fresh connection to the engine that a workspace names; loaded on first use."""
    if name == "spark":
        from holbein.engine.spark import Spark

        return Spark()
    if name == "clickhouse":
        from holbein.engine.clickhouse import ClickHouse

        return ClickHouse()
    from holbein.engine.duckdb import DuckDB

    return DuckDB()
