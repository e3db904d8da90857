"""Tags by the planner, by hand-written SQL, and by one query for each tag.

The SQL was written beforehand by someone who had not seen the planner's. All read the same Parquet
files (``tag_world``), hand their tags over as Arrow, and must agree.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from benchmarks import tag_world
from holbein import catalog
from holbein.catalog.catalogue import Catalogue
from holbein.catalog.inspection import Column, Inspection, StreamColumns
from holbein.conditions.instants import AsOf, end_of
from holbein.engine.duckdb import DuckDB, connect
from holbein.engine.reader import Reader
from holbein.progress import quiet
from holbein.store.manifest import FileRef
from holbein.tags import planner

AS_OF = end_of(dt.date(2024, 12, 31), ZoneInfo("UTC"))
HERE = Path(__file__).parent

SOURCES = """
sources:
  - source: world
    from: tables/
    enterprises: {table: enterprise, id: id, industry: industry, employees: employees}
    people: {table: person, id: id, city: city, age: age}
    roles: {table: role, id: id, enterprise: enterprise, person: person, title: title}
    streams:
      event:
        table: event
        key: key
        at: at
        role: role
        columns: {name: name, page: page, feature: feature, minutes: minutes, amount: amount}
"""

TAGS = """
tags:
  - {tag: visits_7d, on: person, value: "count(visit, '7 days')"}
  - {tag: visits_30d, on: person, value: "count(visit, '30 days')"}
  - {tag: visits_90d, on: person, value: "count(visit, '90 days')"}
  - {tag: events_30d, on: person, value: "count(event, '30 days')"}
  - {tag: events_180d, on: person, value: "count(event, '180 days')"}
  - {tag: minutes_30d, on: person, value: "sum(event.minutes, '30 days')"}
  - {tag: minutes_90d, on: person, value: "sum(event.minutes, '90 days')"}
  - {tag: minutes_before, on: person, value: "sum(event.minutes, '90 days', before => '90 days')"}
  - {tag: trend, on: person, value: "minutes_90d / minutes_before"}
  - {tag: days_active_90d, on: person, value: "count_days(event, '90 days')"}
  - {tag: last_login, on: person, value: "days_since(login)"}
  - {tag: longest_90d, on: person, value: "max(event.minutes, '90 days')"}
  - {tag: average_90d, on: person, value: "avg(event.minutes, '90 days')"}
  - {tag: features_90d, on: person, value: "count_distinct(use.feature, '90 days')"}
  - {tag: last_page, on: person, value: "last(visit.page)"}
  - {tag: favourite_feature, on: person, prefers: {stream: use, by: feature, window: 180 days}}
  - {tag: active, on: person, where: "visits_30d >= 3"}
  - tag: activity
    on: person
    band: {of: minutes_90d, below: [{low: 10}, {middle: 60}], else: high}
  - tag: stage
    on: person
    cases:
      - {new: "count(event) > 0 AND count(event) = count(event, '90 days')"}
      - {active: "visits_30d > 0"}
      - {quiet: "events_180d > 0"}
      - {else: gone}
  - {tag: purchases_1y, on: person, value: "count(purchase, '365 days')"}
  - {tag: e_visits_30d, value: "count(visit, '30 days')"}
  - {tag: e_visits_90d, value: "count(visit, '90 days')"}
  - {tag: e_minutes_30d, value: "sum(event.minutes, '30 days')"}
  - {tag: e_minutes_90d, value: "sum(event.minutes, '90 days')"}
  - {tag: e_days_active_90d, value: "count_days(event, '90 days')"}
  - {tag: e_last_seen, value: "days_since(event)"}
  - {tag: e_spend_1y, value: "sum(purchase.amount, '365 days')"}
  - {tag: e_tier, cases: [{high: "e_spend_1y >= 2000"}, {middle: "e_spend_1y >= 500"}, {else: low}]}
  - {tag: e_active_roles, value: "count_roles(count(event, '30 days') > 0)"}
  - {tag: e_share_active, value: "role_share(count(event, '30 days') > 0)"}
"""


CUT_FROM_SUMS = {"activity"}
BESIDE_BOUNDS = 2e-5
"""The share of subjects whose label may differ in these: plain sums of doubles fall on either side
of a bound, by the order in which they were added up. All else must be equal."""


class Files:
    """The world's files as a version's tables."""

    def __init__(self, folder: Path, as_of: AsOf = AS_OF) -> None:
        self.folder = folder
        self.as_of = as_of

    def has(self, table: str) -> bool:
        return (self.folder / f"{table}.parquet").exists() or table == "ancestor"

    def files(self, table: str) -> tuple[Path, ...]:
        return (self.folder / f"{table}.parquet",)

    def sound_files(self, table: str) -> tuple[Path, ...]:
        return self.files(table)

    def parts(self, table: str) -> tuple[FileRef, ...]:
        rows = pq.read_metadata(self.files(table)[0]).num_rows
        return (FileRef(path=f"files/{table.replace('.', '-')}", sha256=table, rows=rows, bytes=0),)

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        return pq.read_table(self.files(table)[0], columns=columns)


def catalogue(folder: Path, tags: str = TAGS) -> Catalogue:
    """The tags over a world, checked; ``folder`` is one to write definitions into."""
    for name, text in {
        "holbein.yaml": "name: tags\n", "sources/world.yaml": SOURCES, "tags/tags.yaml": tags
    }.items():  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    columns = {
        "name": Column("name", "category"),
        "page": Column("page", "category"),
        "feature": Column("feature", "category"),
        "minutes": Column("minutes", "number"),
        "amount": Column("amount", "number", money=True),
    }
    inspection = Inspection(
        attributes={
            "enterprise": {
                "industry": Column("industry", "category"),
                "employees": Column("employees", "number"),
            },
            "person": {"city": Column("city", "category"), "age": Column("age", "number")},
            "role": {"title": Column("title", "category")},
        },
        streams={"event": StreamColumns(frozenset({"enterprise", "person", "role"}), columns)},
        events=frozenset({"visit", "use", "login", "purchase"}),
        notes=(),
    )
    return catalog.build(catalog.load(folder), inspection, {})


IN_SQL: list[float] = []
"""What each statement took since the list was emptied, its rows handed over as Arrow, in s."""


def _asked(connection: duckdb.DuckDBPyConnection, statement: str) -> pa.Table:
    began = time.perf_counter()
    found = connection.sql(statement).to_arrow_table()
    IN_SQL.append(time.perf_counter() - began)
    return found


class Timed(DuckDB):
    """The engine, which notes what its statements take."""

    def query(self, select: exp.Query) -> pa.Table:
        began = time.perf_counter()
        found = super().query(select)
        IN_SQL.append(time.perf_counter() - began)
        return found

    def hold(self, name: str, select: exp.Query) -> None:
        began = time.perf_counter()
        super().hold(name, select)
        IN_SQL.append(time.perf_counter() - began)


def planned(found: Catalogue, folder: Path) -> dict[str, pa.Table]:
    """All tags, by the planner: a table per kind."""
    engine = Timed()
    try:
        reader = Reader(engine, Files(folder), found.vocabulary, lambda name: Path(name))
        work = planner.Work(found.tags, reader, AS_OF)
        done = planner.compute(work, planner.plan(work), quiet)
    finally:
        engine.close()
    assert not done.held, done.held
    return {str(kind): table for kind, table in done.tables.items()}


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """The world's files, in a database with the planner's own settings."""
    connection = connect()
    for name in ("enterprise", "person", "role", "stream.event"):
        path = str(folder / f"{name}.parquet").replace("'", "''")
        view = name.replace(".", "__")
        connection.execute(f"CREATE VIEW {view} AS SELECT * FROM read_parquet('{path}')")
    return connection


def by_hand(folder: Path) -> dict[str, pa.Table]:
    """All tags, by two statements of an expert."""
    person, enterprise = (HERE / "tags_by_hand.sql").read_text().split("-- enterprise\n")
    connection = _connect(folder)
    return {
        kind: _asked(connection, one)
        for kind, one in (("person", person), ("enterprise", enterprise))
    }


def one_by_one(
    folder: Path, names: Callable[[str], bool] = lambda name: True
) -> dict[str, pa.Table]:
    """The tags, by one statement each: id and value."""
    connection = _connect(folder)
    found = {}
    for name, one in statements().items():
        if names(name):
            found[name] = _asked(connection, one)
    return found


def statements() -> dict[str, str]:
    """The statement of each tag."""
    text = (HERE / "tags_one_by_one.sql").read_text()
    parts = [one for one in text.split("\n-- ") if one.strip()]
    out = {}
    for part in parts:
        name, _, body = part.removeprefix("-- ").partition("\n")
        if body.strip() and name.strip().replace("_", "a").isalnum():
            out[name.strip()] = body
    return out


def check_equal(left: dict[str, pa.Table], right: dict[str, pa.Table]) -> int:
    """How many tags agree; AssertionError where one does not."""
    agreed = 0
    for kind, mine in left.items():
        mine, other = mine.sort_by("id"), right[kind].sort_by("id")
        assert mine["id"].to_pylist() == other["id"].to_pylist(), kind
        for name in other.column_names[1:]:
            a, b = mine[name].to_numpy(), other[name].to_numpy()
            if a.dtype == object or b.dtype == object or b.dtype == bool:
                a = mine[name]
                b = other[name]
                if pa.types.is_decimal(b.type):
                    b = b.cast(pa.float64())
                if pa.types.is_floating(a.type):
                    _close(name, a.to_numpy(), b.to_numpy())
                else:
                    differ = sum(x != y for x, y in zip(a.to_pylist(), b.to_pylist(), strict=True))
                    allowed = BESIDE_BOUNDS * len(a) if name in CUT_FROM_SUMS else 0
                    assert differ <= allowed, f"{kind} {name}: {differ} differ"
            else:
                _close(name, a, b)
            agreed += 1
    return agreed


def _close(name: str, a: np.ndarray, b: np.ndarray) -> None:
    a, b = a.astype(float), b.astype(float)
    assert np.array_equal(np.isnan(a), np.isnan(b)), name
    assert np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True), name


# --- side by side ---------------------------------------------------------------------------------


WINDOWS = (7, 14, 30, 60, 90, 180, 365)


def hundreds() -> str:
    """Three hundred tags such as a catalogue has: what people and companies did over the usual
    windows, and bands, rules and flags on top of that.
    """
    out = ["tags:"]

    def add(name: str, kind: str, form: str) -> None:
        out.append(f"  - {{tag: {kind[0]}_{name}, on: {kind}, {form}}}")

    for kind in ("person", "enterprise"):
        for event in ("visit", "use", "login", "purchase", "event"):
            add(f"{event}_since", kind, f'value: "days_since({event})"')
            for days in WINDOWS:
                add(f"{event}_{days}", kind, f"value: \"count({event}, '{days} days')\"")
        for figure in ("sum", "avg", "max"):
            for days in WINDOWS:
                measure = f"{figure}(event.minutes, '{days} days')"
                add(f"{figure}_{days}", kind, f'value: "{measure}"')
        for days in WINDOWS:
            add(f"spent_{days}", kind, f"value: \"sum(event.amount, '{days} days')\"")
            add(f"days_{days}", kind, f"value: \"count_days(event, '{days} days')\"")
            add(f"features_{days}", kind, f"value: \"count_distinct(use.feature, '{days} days')\"")
            add(f"busy_{days}", kind, f'where: "{kind[0]}_visit_{days} >= {days // 7 + 1}"')
            band = f"of: {kind[0]}_sum_{days}, below: [{{low: {days}}}, {{middle: {3 * days}}}]"
            add(f"level_{days}", kind, f"band: {{{band}, else: high}}")
            cases = f'{{bought: "{kind[0]}_purchase_{days} > 0"}}, {{else: no}}'
            add(f"buyer_{days}", kind, f"cases: [{cases}]")
            share = f"{kind[0]}_visit_{days} / {kind[0]}_event_{days}"
            add(f"share_{days}", kind, f'value: "{share}"')
            add(f"pages_{days}", kind, f"value: \"count_distinct(visit.page, '{days} days')\"")
            add(f"user_{days}", kind, f'where: "{kind[0]}_use_{days} >= {days // 14 + 1}"')
            band = f"of: {kind[0]}_spent_{days}, below: [{{none: 0.01}}, {{some: 100}}]"
            add(f"spender_{days}", kind, f"band: {{{band}, else: much}}")
            add(f"rank_{days}", kind, f"ranks: {{of: {kind[0]}_event_{days}}}")
        add("last_page", kind, 'value: "last(visit.page)"')
        add("last_feature", kind, 'value: "last(use.feature)"')
        add("first_page", kind, 'value: "first(visit.page)"')
        add("favourite", kind, "prefers: {stream: use, by: feature, window: 180 days}")
    for event in ("visit", "use", "login", "purchase", "event"):
        for days in (30, 60, 90):
            add(f"{event}_{days}", "role", f"value: \"count({event}, '{days} days')\"")
    for days in (30, 60, 90):
        add(f"roles_{days}", "enterprise", f'value: "count_roles(r_event_{days} > 0)"')
        add(f"half_{days}", "enterprise", f'where: "role_share(r_visit_{days} > 0) >= 0.5"')
    return "\n".join(out) + "\n"


COUNTS_AND_SUMS = re.compile(r"^(e_)?(visits|events|minutes|purchases)_\w+$")
"""The tags of which each is one count or one sum."""


def figures(folder: Path, people: int, events: int, rounds: int) -> str:
    """What each way takes, as Markdown; answers are checked equal before."""
    world = folder / "world"
    world.mkdir(parents=True)
    tag_world.make(world, people, events)
    all_ = catalogue(folder / "all")
    plain = [one for one in re.findall(r"tag: (\w+)", TAGS) if COUNTS_AND_SUMS.match(one)]
    few = catalogue(folder / "few", _only(plain))
    many = catalogue(folder / "many", hundreds())
    made = planned(all_, world)
    agreed = check_equal(made, by_hand(world)) + _check_singles(made, one_by_one(world))
    ways: dict[str, Callable[[], object]] = {
        "planner": lambda: planned(all_, world),
        "by hand": lambda: by_hand(world),
        "one query per tag": lambda: one_by_one(world),
        "planner, counts and sums": lambda: planned(few, world),
        "one query per count or sum": lambda: one_by_one(world, plain.__contains__),
        "planner, 300 tags": lambda: planned(many, world),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            IN_SQL.clear()
            began = time.perf_counter()
            way()
            taken[name].append((time.perf_counter() - began, sum(IN_SQL)))
    whole, in_sql = (
        {name: statistics.median(one[part] for one in each) for name, each in taken.items()}
        for part in (0, 1)
    )
    rows = "\n".join(f"| {name} | {in_sql[name]:.2f} | {whole[name]:.2f} |" for name in ways)
    compared = [
        ("planner / by hand", "planner", "by hand", "at most 1.25"),
        ("planner / one query per tag", "planner", "one query per tag", "at most 0.8"),
        (
            f"the {len(plain)} counts and sums / one query each",
            "planner, counts and sums",
            "one query per count or sum",
            "at most 0.55",
        ),
        (
            f"{len(many.tags)} tags / {len(all_.tags)} tags",
            "planner, 300 tags",
            "planner",
            "300 tags: at most 6",
        ),
    ]
    told = "\n".join(
        f"| {name} | {in_sql[mine] / in_sql[its]:.2f} | {whole[mine] / whole[its]:.2f} | {bound} |"
        for name, mine, its, bound in compared
    )
    return (
        f"{people:,} people, {events:,} events, 30 tags; {agreed} comparisons agree. Medians of "
        f"{rounds} rounds taken by turns. All ways ask a database with the same settings, the "
        "planner's own. Whole: with planning, order by id and types as a version keeps them, which "
        f"the planner alone does.\n\n| | SQL, s | whole, s |\n| --- | ---: | ---: |\n{rows}\n\n"
        f"| ratio | SQL | whole | wanted |\n| --- | ---: | ---: | --- |\n{told}\n"
    )


def _only(names: Sequence[str]) -> str:
    lines = [
        line for line in TAGS.splitlines()
        if any(f"tag: {name}," in line for name in names) or line == "tags:"
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _check_singles(made: dict[str, pa.Table], singles: dict[str, pa.Table]) -> int:
    for name, table in singles.items():
        kind = next(kind for kind, tags in made.items() if name in tags.column_names)
        other = table.rename_columns(["id", name])
        check_equal({kind: made[kind].select(["id", name])}, {kind: other})
    return len(singles)
