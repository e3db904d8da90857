"""A store in a fresh folder, and short ways to put versions into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from holbein.conditions.instants import AsOf
from holbein.store import Snapshot, Store
from holbein.store.changes import CHANGES

Publish = Callable[..., Snapshot]
Day = Callable[[int], AsOf]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture
def day() -> Day:
    """As of the end of the nth of January 2024."""

    def made(number: int) -> AsOf:
        return AsOf(dt.datetime(2024, 1, number) + dt.timedelta(days=1), dt.date(2024, 1, number))

    return made


@pytest.fixture
def publish(store: Store, day: Day) -> Publish:
    """Publishes a version as of a day with the given tables: a number fills a table with it, None
    takes it over; ``change`` is an id for the change log."""

    def made(at: int, change: int | None = None, **tables: int | None) -> Snapshot:
        with store.begin(f"{at} {tables}", day(at)) as build:
            for name, value in tables.items():
                if value is None:
                    assert build.reuse(name)
                else:
                    build.write(name, pa.table({"id": [1, 2, 3], "value": [value] * 3}))
            if change is not None:
                row = [[day(at).instant], [day(at).day], ["role"], ["t"], [change], ["1"], ["2"]]
                build.write("changes", pa.table(row, schema=CHANGES))
            return build.publish(zone="Asia/Shanghai")

    return made
