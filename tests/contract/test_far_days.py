"""Days far from now are days like any other: engines count them from 1970, and some not far."""

from __future__ import annotations

import datetime as dt
from itertools import product
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from sqlglot import exp

from holbein.conditions.instants import end_of
from holbein.conditions.spans import completed, shift
from holbein.conditions.tree import Compare, Day, Elapsed, Field, Unit, Window
from holbein.conditions.vocabulary import FieldSpec, Vocabulary
from holbein.conditions.world import State, World
from holbein.engine.base import Engine, column, table
from holbein.engine.compile import Compiler
from tests.support.asking import selected
from tests.support.tables import load

DAYS = tuple(
    map(
        dt.date.fromisoformat,
        (
            "0101-01-01", "1582-10-04", "1582-10-15", "1600-02-29", "1849-12-31", "1896-02-29",
            "1899-12-31", "1900-01-01", "1925-01-01", "1969-12-31", "1970-01-01", "2000-02-29",
            "2149-06-07", "2262-04-12", "2283-11-12", "2299-12-31", "2300-01-01", "9899-12-31",
        ),
    )
)  # fmt: skip
WINDOWS: tuple[tuple[int, Unit], ...] = ((1, "day"), (9, "week"), (13, "month"), (99, "year"))


def test_windows(engine: Engine) -> None:
    engine.load("far", pa.table({"day": pa.array(DAYS, pa.date32())}))
    for count, unit in WINDOWS:
        for sign, shifted in ((-1, engine.dialect.minus), (1, engine.dialect.plus)):
            later = exp.alias_(shifted(column("day"), Window(count, unit)), "later")
            found = engine.query(exp.select(column("day"), later).from_(table("far"))).to_pylist()
            assert {row["day"]: row["later"] for row in found} == {
                day: shift(day, sign * count, unit) for day in DAYS
            }


def test_ages(engine: Engine) -> None:
    born = FieldSpec("born", "date")
    vocabulary = Vocabulary({"enterprise": {"born": born}, "person": {}, "role": {}}, {})
    states = {id_: (State(None, None, {"born": day}),) for id_, day in enumerate(DAYS)}
    world = World(ZoneInfo("UTC"), {"enterprise": states}, {}, {}, {}, {}, {}, ())
    layout = load(engine, world, vocabulary)
    as_of = end_of(dt.date(2024, 2, 29), world.zone)
    for unit, direction in product(("day", "month", "year"), ("since", "until")):
        compiler = Compiler(layout)
        scope = compiler.everyone("enterprise", as_of)
        age = scope.measure(Elapsed(unit, direction, Field("born")))  # type: ignore[arg-type]
        found = engine.query(compiler.finish(scope.select({"age": age}))).to_pylist()
        ends = [(day, as_of.day) if direction == "since" else (as_of.day, day) for day in DAYS]
        assert {row["id"]: row["age"] for row in found} == {
            id_: completed(start, end, unit)  # type: ignore[arg-type]
            for id_, (start, end) in enumerate(ends)
        }
    for id_, day in enumerate(DAYS):
        born_before = Compare(Field("born"), "<", Day(day))
        assert selected(engine, layout, born_before, "enterprise", as_of) == set(range(id_))


@pytest.mark.parametrize("year", [1, 1582, 1677, 1899, 2262, 2299, 9999])
def test_instants(engine: Engine, year: int) -> None:
    at = dt.datetime(year, 7, 4, 12, 30, 15, 123456)
    engine.load("far", pa.table({"at": pa.array([at], pa.timestamp("us"))}))
    same = exp.EQ(this=column("at"), expression=engine.dialect.instant(at))
    back = engine.dialect.earlier(column("at"), Window(30, "hour"))
    forth = engine.dialect.later(column("at"), Window(90, "minute"))
    columns = {"at": column("at"), "same": same, "back": back, "forth": forth}
    chosen = [exp.alias_(one, name, quoted=True) for name, one in columns.items()]
    assert engine.query(exp.select(*chosen).from_(table("far"))).to_pylist() == [
        {
            "at": at,
            "same": True,
            "back": at - dt.timedelta(hours=30),
            "forth": at + dt.timedelta(minutes=90),
        }
    ]
