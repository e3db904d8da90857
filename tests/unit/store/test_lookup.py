"""Lookups: the rows of a subject, found among all, equal to a look at every row."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holbein.errors import StoreError
from holbein.store import Build, FileRef, Snapshot, lookup
from holbein.store.lookup import KEYS, PEERS, ROWS, lookup_keys
from holbein.store.parquet import check_content

MANY = 7 * ROWS
"""Rows that fill some blocks."""


def facts(count: int, subjects: int, seed: int = 1) -> pa.Table:
    """A stream whose facts bear enterprises and people, by chance, and neither now and then."""
    chance = random.Random(seed)
    ids = [None, *range(1, subjects + 1)]
    return pa.table(
        {
            "key": [f"f{number}" for number in range(count)],
            "at": pa.array([dt.datetime(2024, 1, 1)] * count, pa.timestamp("us")),
            "enterprise": pa.array(chance.choices(ids, k=count), pa.int64()),
            "person": pa.array(chance.choices(ids, k=count), pa.int64()),
            "role": pa.nulls(count, pa.int64()),
            "labels": pa.array(chance.choices([None, [], ["a"], ["a", "b"]], k=count)),
        }
    )


def same_rows(found: pa.Table, expected: pa.Table) -> bool:
    by: list[tuple[str, str]] = [(found.column_names[0], "ascending")]
    return bool(found.sort_by(by).equals(expected.sort_by(by)))


def scanned(rows: pa.Table, key: str, values: list) -> pa.Table:
    return rows.filter(pc.is_in(rows[key], value_set=pa.array(values, rows[key].type)))


@pytest.mark.parametrize("subjects", [1, 40, MANY])
def test_a_subjects_facts_are_those_that_a_scan_finds(store, day, subjects):
    rows = facts(MANY, subjects)
    with store.begin("f", day(1)) as build:
        build.write("stream.orders", rows)
        snapshot = build.publish()
    for key in ("enterprise", "person", "role"):
        for values in ([1], [subjects], [2, 3, subjects + 1], [], [0, -1]):
            assert same_rows(
                snapshot.find("stream.orders", key, values), scanned(rows, key, values)
            )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_the_keys_are(tmp_path_factory, data):
    from holbein.store.lookup import found, write_lookup
    from holbein.store.manifest import LookupRef

    ids = st.none() | st.integers(-3, 3) | st.sampled_from([2**63 - 1, -(2**63)])
    texts = st.none() | st.sampled_from(["", "a", "A", "é", "\U0001f600", "z" * 300])
    count = data.draw(st.sampled_from([0, 1, 5, ROWS, 3 * ROWS + 1]))
    pool = data.draw(st.lists(st.tuples(ids, texts), min_size=1, max_size=8))
    drawn = random.Random(data.draw(st.integers(0, 9))).choices(pool, k=count)
    table = pa.table(
        {
            "number": pa.array(range(count), pa.int64()),
            "id": pa.array([one for one, _ in drawn], pa.int64()),
            "key": pa.array([one for _, one in drawn], pa.string()),
        }
    )
    path = tmp_path_factory.mktemp("lookup") / "rows.lookup"
    written = write_lookup(path, table, ["id", "key"])
    ref = LookupRef(
        path="files/rows.lookup", sha256=written.sha256, bytes=written.bytes,
        footer=written.footer, seal=written.seal, keys=written.keys,
    )  # fmt: skip
    for key, values in (("id", [0, 1, 2**63 - 1]), ("key", ["", "A", "é"]), ("key", ["z" * 300])):
        assert same_rows(found(path, ref, key, values), scanned(table, key, values))


def test_equal_rows_give_equal_lookups(store, day):
    paths = []
    for number in (1, 2):
        with store.begin(str(number), day(number)) as build:
            build.write("stream.orders", facts(MANY, 9))
            (part,) = build.publish().parts("stream.orders")
            paths.append(part.lookup.path)
    assert paths[0] == paths[1]


@pytest.mark.parametrize("ids", [[1, 2, 3], [3, 2, 1]])
@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.date32(), pa.string()])
def test_what_lies_below_missing_values_is_not_written(store, day, ids, kind):
    """A masked value may stay in memory, where nothing shows it."""
    paths = []
    for number, hidden in enumerate((41, 42), 1):
        raw = pa.array([1, hidden, 3], pa.int32()).cast(kind)
        valid = pa.array([True, False, True]).buffers()[1]
        masked = pa.Array.from_buffers(kind, 3, [valid, *raw.buffers()[1:]])
        with store.begin(str(number), day(number)) as build:
            build.write("person", pa.table({"id": ids, "value": masked}))
            (part,) = build.publish().parts("person")
        paths.append((part.path, part.lookup.path))
    assert paths[0] == paths[1]


def test_a_tag_may_be_called_as_one_likes(store, day):
    keys = pa.chunked_array([["a", "b"]])
    with store.begin("f", day(1)) as build:
        tags = pa.table({"id": [1, 2], "peers": ["x", "y"], "key": ["z", "z"]})
        build.write("tags.enterprise", tags, beside={PEERS: keys})
        snapshot = build.publish()
    assert snapshot.find("tags.enterprise", PEERS, ["b"])["peers"].to_pylist() == ["y"]


def test_rows_are_found_by_a_column_of_which_the_lookup_has_no_index(store, day):
    with store.begin("f", day(1)) as build:
        build.write("role", pa.table({"id": [1, 2], "person": pa.array([1.0, 2.0])}))
        snapshot = build.publish()
    assert snapshot.find("role", "person", [2])["id"].to_pylist() == [2]


def test_more_text_than_one_array_holds(store, day, monkeypatch):
    """With a small bound in place of 2 GB."""
    monkeypatch.setattr(lookup, "_LARGE", 1_000)
    whole = facts(MANY, 40)
    rows = pa.concat_tables([whole.slice(0, 5_000), whole.slice(5_000)])
    with store.begin("f", day(1)) as build:
        build.write("stream.orders", rows)
        snapshot = build.publish()
    found = snapshot.find("stream.orders", "person", [7, 9])
    assert found.schema.equals(rows.schema)
    assert same_rows(found, scanned(rows, "person", [7, 9]))


def test_a_part_is_searched_as_well_as_the_next(store, day):
    first, second = facts(500, 9, seed=1), facts(500, 9, seed=2)
    with store.begin("f", day(1)) as build:
        parts = [build.write_part("stream.orders", one, "m", ()) for one in (first, second)]
        build.assemble("stream.orders", parts)
        snapshot = build.publish()
    both = pa.concat_tables([first, second])
    found = snapshot.find("stream.orders", "person", [4])
    assert sorted(found["key"].to_pylist()) == sorted(
        scanned(both, "person", [4])["key"].to_pylist()
    )


def test_only_known_tables_are_looked_up(store, day):
    with store.begin("f", day(1)) as build:
        build.write("quarantine", pa.table({"id": [1]}))
        build.write("role", pa.table({"id": [1.5]}))  # an id is a whole number
        snapshot = build.publish()
    assert [part.lookup for name in snapshot.tables() for part in snapshot.parts(name)] == [
        None
    ] * 2
    assert set(KEYS) >= {"enterprise", "person", "role", "alias", "stream", "tags"}
    assert lookup_keys("stream.x", pa.schema([("person", pa.int64())])) == ("person",)


def test_what_no_lookup_has_is_read_through(store, day):
    with store.begin("f", day(1)) as build:
        build.write("quarantine", pa.table({"source": ["a", "b", "a"], "row": [1, 2, 3]}))
        snapshot = build.publish()
    assert snapshot.find("quarantine", "source", ["a"])["row"].to_pylist() == [1, 3]


# --- damage ---------------------------------------------------------------------------------------


def lookup_of(snapshot: Snapshot, table: str) -> tuple[Path, FileRef]:
    (part,) = snapshot.parts(table)
    assert part.lookup is not None
    return snapshot.files(table)[0].parent / Path(part.lookup.path).name, part


@pytest.mark.parametrize("seed", range(60))
def test_no_flipped_bit_gives_a_wrong_answer(store, day, seed):
    """Each in a process's first look, since what was read once is kept."""
    rows = facts(MANY, 60)
    with store.begin("f", day(1)) as build:
        build.write("stream.orders", rows)
        snapshot = build.publish()
    path, _ = lookup_of(snapshot, "stream.orders")
    chance = random.Random(seed)
    broken = bytearray(path.read_bytes())
    broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    path.write_bytes(broken)
    for key in ("enterprise", "person"):
        for value in (1, 30, 60):
            found = snapshot.find("stream.orders", key, [value])
            assert same_rows(found, scanned(rows, key, [value]))
    with pytest.raises(StoreError, match="damaged"):
        snapshot.verify()


@pytest.mark.parametrize("left", [None, 0, 1, 1_000, -1])
def test_a_cut_lookup_is_done_without(store, day, left):
    rows = facts(MANY, 60)
    with store.begin("f", day(1)) as build:
        build.write("stream.orders", rows)
        snapshot = build.publish()
    path, part = lookup_of(snapshot, "stream.orders")
    whole = path.read_bytes()
    if left is None:
        path.unlink()
    else:
        path.write_bytes(whole[:left])
    found = snapshot.find("stream.orders", "enterprise", [5])
    assert same_rows(found, scanned(rows, "enterprise", [5]))
    with store.begin("g", day(2)) as build:
        assert not build.sound(part)
        assert not build.reuse("stream.orders")  # and so the next run makes it again
        build.write("stream.orders", rows)
        build.publish().close()
    assert path.read_bytes() == whole


def test_rows_that_are_damaged_themselves_are_never_told(store, day):
    with store.begin("f", day(1)) as build:
        build.write("stream.orders", facts(MANY, 60))
        snapshot = build.publish()
    lookup, _ = lookup_of(snapshot, "stream.orders")
    (table,) = snapshot.files("stream.orders")
    lookup.unlink()
    broken = bytearray(table.read_bytes())
    broken[len(broken) // 2] ^= 1
    table.write_bytes(broken)
    with pytest.raises(StoreError, match="damaged"):
        snapshot.find("stream.orders", "enterprise", [5])


def test_a_damaged_lookup_costs_no_alias_and_no_change(store, publish, day):
    """The rows are whole: ids must go on, and the log must not have a gap."""
    publish(1, change=1).close()
    with store.begin("f", day(2)) as build:
        build.write(
            "alias", pa.table({"kind": ["enterprise"], "source": ["a"], "key": ["k"], "id": [7]})
        )
        build.publish().close()
    with store.current() as snapshot:
        for name in ("alias", "changes"):
            lookup_of(snapshot, name)[0].unlink()
    with store.begin("g", day(3)) as build:
        assert build.aliases()["id"].to_pylist() == [7]
        build.write("alias", build.aliases())
        with build.publish() as after:
            assert after.read("changes")["id"].to_pylist() == [1]
            assert after.find("changes", "id", [1]).num_rows == 1
            assert after.manifest.marks == []
            path, part = lookup_of(after, "changes")  # no run would write these rows again
            check_content(path, part.lookup)


def test_a_change_log_from_before_there_were_lookups_gets_them(store, publish, day, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(Build, "_write_lookup", lambda *_: None)
        publish(1, change=1).close()
    with store.begin("g", day(2)) as build, build.publish() as after:
        assert lookup_of(after, "changes")[0].exists()
        assert after.find("changes", "id", [1]).num_rows == 1
