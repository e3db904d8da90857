"""The SQL engines behind one small protocol, and the one compiler from trees to SQL."""

from __future__ import annotations

from typing import Literal

from holbein.engine.base import Engine

EngineName = Literal["duckdb", "spark"]


def open_engine(name: EngineName) -> Engine:
    """A fresh connection to the engine that a workspace names; loaded on first use."""
    if name == "spark":
        from holbein.engine.spark import Spark

        return Spark()
    from holbein.engine.duckdb import DuckDB

    return DuckDB()
