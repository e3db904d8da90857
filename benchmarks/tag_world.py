"""A seeded world of enterprises, persons, roles and events, for measuring tags.

The events are drawn day by day and written as they come, so that the memory needed depends on the
number of people and on the busiest day, not on the number of events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from holbein.store.numbers import Decimals

LAST_DAY = date(2024, 12, 31)
DAYS = 730
ROW_GROUP = 1_000_000

CITIES = [
    "Amsterdam",
    "Berlin",
    "Brussels",
    "Copenhagen",
    "Dublin",
    "Lisbon",
    "London",
    "Madrid",
    "Paris",
    "Rome",
    "Vienna",
    "Warsaw",
]
INDUSTRIES = [
    "Banking",
    "Care",
    "Education",
    "Energy",
    "Farming",
    "Retail",
    "Software",
    "Transport",
]
TITLES = ["Analyst", "Buyer", "Director", "Engineer", "Manager", "Planner"]
NAMES = ("visit", "use", "login", "purchase")
PAGES = tuple(f"/page/{number:02d}" for number in range(1, 21))
FEATURES = [
    "alerts",
    "api",
    "audit",
    "board",
    "calendar",
    "chat",
    "export",
    "forms",
    "import",
    "map",
    "notes",
    "reports",
    "search",
    "share",
    "tasks",
]

_VISIT, _USE, _LOGIN, _PURCHASE = range(4)
_SHARE_OF_NAMES = (0.55, 0.30, 0.10, 0.05)
_WEEK = np.array([1.15, 1.20, 1.20, 1.15, 1.00, 0.45, 0.40])  # Monday first
_EPOCH = date(1970, 1, 1)
_LAST = (LAST_DAY - _EPOCH).days
_FIRST = _LAST - DAYS + 1
_SLOTS = 12  # tickets in the draw of who acts, for a role of average activity

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def make(folder: Path, people: int, events: int, seed: int = 1) -> None:
    """Write enterprise, person, role and stream.event as Parquet files into the folder."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    enterprises = max(people // 5, 1)
    _write(folder / "enterprise.parquet", _enterprises(rng, enterprises))
    _write(folder / "person.parquet", _persons(rng, people))
    roles, starts, ends = _roles(rng, people, enterprises)
    _write(folder / "role.parquet", roles)
    person = roles.column("person").to_numpy()
    enterprise = roles.column("enterprise").to_numpy()
    tickets = _tickets(rng, len(person))
    schema = _event_schema()
    with pq.ParquetWriter(
        folder / "stream.event.parquet",
        schema,
        compression="zstd",
        store_decimal_as_integer=True,
    ) as writer:
        waiting: list[pa.Table] = []
        decimals = Decimals(schema)
        rows = first_row = 0
        for day, count in zip(range(_FIRST, _LAST + 1), _per_day(events), strict=True):
            acting = _acting(rng, tickets, starts, ends, day, int(count))
            waiting.append(_events(rng, schema, first_row, day, acting, person, enterprise))
            first_row += len(acting)
            rows += len(acting)
            if rows >= ROW_GROUP:
                whole = rows - rows % ROW_GROUP
                table = pa.concat_tables(waiting)
                decimals.see(table.slice(0, whole))
                writer.write_table(table.slice(0, whole), row_group_size=ROW_GROUP)
                waiting = [table.slice(whole)]
                rows -= whole
        if rows:
            decimals.see(pa.concat_tables(waiting))
            writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP)
        writer.add_key_value_metadata(decimals.told())


def _write(path: Path, table: pa.Table) -> None:
    """Write one small table."""
    pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)


def _strings(values: Sequence[str], codes: Ints, keep: Bools | None = None) -> pa.Array:
    """The values that the codes point to, null where not kept."""
    mask = None if keep is None else ~keep
    indices = pa.array(codes, pa.int8(), mask=mask)
    return pa.array(values, pa.string()).take(indices)


def _no_times(count: int) -> pa.Array:
    """A column of null timestamps."""
    return pa.nulls(count, pa.timestamp("us"))


def _dates(days: Ints, keep: Bools) -> pa.Array:
    """Days since 1970 as dates, null where not kept."""
    return pa.array(days.astype(np.int32), pa.int32(), mask=~keep).cast(pa.date32())


def _enterprises(rng: np.random.Generator, count: int) -> pa.Table:
    """The enterprises, with a skewed number of employees."""
    return pa.table(
        {
            "id": pa.array(np.arange(1, count + 1)),
            "valid_from": _no_times(count),
            "valid_to": _no_times(count),
            "industry": _strings(INDUSTRIES, rng.integers(0, len(INDUSTRIES), count)),
            "employees": pa.array(np.ceil(rng.lognormal(3.5, 1.2, count))),
        }
    )


def _persons(rng: np.random.Generator, count: int) -> pa.Table:
    """The persons."""
    return pa.table(
        {
            "id": pa.array(np.arange(1, count + 1)),
            "valid_from": _no_times(count),
            "valid_to": _no_times(count),
            "city": _strings(CITIES, rng.integers(0, len(CITIES), count)),
            "age": pa.array(np.clip(np.round(rng.normal(42, 12, count)), 18, 80)),
        }
    )


def _roles(rng: np.random.Generator, people: int, enterprises: int) -> tuple[pa.Table, Ints, Ints]:
    """The roles, and the first and last day on which each may act.

    A quarter of the roles begin to act only within the days, and a quarter stop again. Of the
    first some have a date in since, of the second some in until; a few dates lie in the future.
    """
    second = np.flatnonzero(rng.random(people) < 0.03) if enterprises > 1 else np.empty(0, int)
    first_at = np.floor(enterprises * rng.random(people) ** 1.5).astype(np.int64)
    step = rng.integers(1, max(enterprises, 2), len(second))
    person = np.concatenate([np.arange(people), second]) + 1
    enterprise = np.concatenate([first_at, (first_at[second] + step) % enterprises]) + 1
    count = len(person)

    starts = np.where(rng.random(count) < 0.25, _FIRST + rng.integers(0, DAYS, count), _FIRST)
    lasting = rng.exponential(DAYS / 3, count).astype(np.int64) + 1
    ends = np.where(rng.random(count) < 0.25, np.minimum(starts + lasting, _LAST), _LAST)
    has_since = (starts > _FIRST) & (rng.random(count) < 0.4)
    has_until = (ends < _LAST) & (rng.random(count) < 0.2)
    since, until = starts.copy(), ends + 1
    later = rng.random(count)
    begins_later = (later < 0.001) & ~has_until
    since[begins_later] = _LAST + 1 + rng.integers(0, 90, int(begins_later.sum()))
    starts[begins_later] = _LAST + 1
    ends_later = (later > 0.998) & ~has_until
    until[ends_later] = _LAST + 1 + rng.integers(0, 365, int(ends_later.sum()))
    table = pa.table(
        {
            "id": pa.array(np.arange(1, count + 1)),
            "valid_from": _no_times(count),
            "valid_to": _no_times(count),
            "enterprise": pa.array(enterprise),
            "person": pa.array(person),
            "since": _dates(since, has_since | begins_later),
            "until": _dates(until, has_until | ends_later),
            "title": _strings(TITLES, rng.integers(0, len(TITLES), count)),
        }
    )
    return table, starts, ends


def _tickets(rng: np.random.Generator, roles: int) -> npt.NDArray[np.int32]:
    """The roles, each as often as its (skewed) share in all activity; some not at all."""
    spread = 1.3
    share = rng.lognormal(-spread * spread / 2, spread, roles)
    times = np.floor(share * _SLOTS + rng.random(roles)).astype(np.int64)
    tickets = np.repeat(np.arange(roles, dtype=np.int32), times)
    return tickets if len(tickets) else np.arange(roles, dtype=np.int32)


def _per_day(events: int) -> Ints:
    """How many events each day has: growing threefold over the days, fewer at weekends."""
    days = np.arange(_FIRST, _LAST + 1)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    weight = np.exp(np.log(3.0) * np.arange(DAYS) / DAYS) * _WEEK[weekday]
    until = np.round(events * np.cumsum(weight) / weight.sum()).astype(np.int64)
    return np.diff(until, prepend=0)


def _acting(
    rng: np.random.Generator,
    tickets: npt.NDArray[np.int32],
    starts: Ints,
    ends: Ints,
    day: int,
    count: int,
) -> Ints:
    """The positions of the roles that act on a day, one for each event.

    Draws again for a role that does not act on this day, and after some rounds lets it act, so
    that a very small world ends too.
    """
    acting = tickets[rng.integers(0, len(tickets), count)]
    for _ in range(40):
        wrong = np.flatnonzero((starts[acting] > day) | (ends[acting] < day))
        if not len(wrong):
            break
        acting[wrong] = tickets[rng.integers(0, len(tickets), len(wrong))]
    return acting.astype(np.int64)


def _event_schema() -> pa.Schema:
    """The columns of the events."""
    return pa.schema(
        [
            ("key", pa.string()),
            ("at", pa.timestamp("us")),
            ("known_at", pa.timestamp("us")),
            ("day", pa.date32()),
            ("enterprise", pa.int64()),
            ("person", pa.int64()),
            ("role", pa.int64()),
            ("name", pa.string()),
            ("page", pa.string()),
            ("feature", pa.string()),
            ("minutes", pa.float64()),
            ("amount", pa.decimal128(18, 2)),
        ]
    )


def _keys(first: int, count: int) -> pa.Array:
    """The numbers from first on, as twelve hexadecimal digits each."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    numbers = np.arange(first, first + count, dtype=np.int64)
    letters = digits[(numbers[:, None] >> np.arange(44, -1, -4)) & 15]
    offsets = np.arange(0, 12 * count + 1, 12, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))]
    return pa.Array.from_buffers(pa.string(), count, buffers)


def _amounts(cents: Ints, keep: Bools) -> pa.Array:
    """Whole cents as decimals, null where not kept."""
    wide = np.zeros((len(cents), 2), np.int64)
    wide[:, 0] = cents
    valid = np.packbits(keep, bitorder="little")
    buffers = [pa.py_buffer(valid), pa.py_buffer(wide)]
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), buffers)


def _events(
    rng: np.random.Generator,
    schema: pa.Schema,
    first_row: int,
    day: int,
    acting: Ints,
    person: Ints,
    enterprise: Ints,
) -> pa.Table:
    """The events of one day, in the order of time; times are whole seconds."""
    count = len(acting)
    clock = np.clip(rng.normal(13.5 * 3600, 3.5 * 3600, count), 0, 86_399)
    seconds = np.sort(clock.astype(np.int64)) + day * 86_400
    at = pa.array(seconds * 1_000_000).cast(pa.timestamp("us"))
    name = np.searchsorted(np.cumsum(_SHARE_OF_NAMES[:-1]), rng.random(count), side="right")
    page = np.floor(len(PAGES) * rng.random(count) ** 1.6).astype(np.int64)
    feature = np.floor(len(FEATURES) * rng.random(count) ** 1.4).astype(np.int64)
    timed = (name == _VISIT) | (name == _USE)
    minutes = np.round(rng.exponential(4.0, count), 2)
    cents = np.ceil(rng.lognormal(8.8, 1.0, count)).astype(np.int64)
    columns = [
        _keys(first_row, count),
        at,
        at,
        pa.array(np.full(count, day, np.int32)).cast(pa.date32()),
        pa.array(enterprise[acting]),
        pa.array(person[acting]),
        pa.array(acting + 1),
        _strings(NAMES, name),
        _strings(PAGES, page, name == _VISIT),
        _strings(FEATURES, feature, name == _USE),
        pa.array(minutes, mask=~timed),
        _amounts(cents, name == _PURCHASE),
    ]
    return pa.table(columns, schema=schema)
