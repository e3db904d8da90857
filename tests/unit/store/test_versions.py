"""Publishing, reading, sharing, the change log's chain, resuming, deleting."""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from holbein.errors import NotFoundError, StoreError
from holbein.store import Build, FileRef, Piece, Store


def test_nothing_published_yet(store, day):
    with pytest.raises(StoreError, match="holbein run"):
        store.current()
    with pytest.raises(NotFoundError, match="holbein run"):
        store.snapshot(1)
    assert store.versions() == []
    assert store.predecessor(day(1)) is None
    assert store.prune() == []
    assert not store.folder.exists()


def test_a_version_is_read_back(store, day):
    table = pa.table({"id": [1, 2], "name": ["a", None]})
    with store.begin("f", day(2)) as build:
        build.write("enterprise", table)
        build.write("stream.orders", table)
        assert build.has("enterprise")
        assert build.read("enterprise", ["name"]) == table.select(["name"])
        made = build.publish(
            zone="Asia/Shanghai",
            vocabulary={"fields": {"地区": 1.5}},
            tags=[{"tag": "tier"}],
            marks=["attributes as of today"],
            sources={"northwind": "abc"},
            costs={"seconds": 1.25},
        )
    assert made.number == 1
    with store.current() as snapshot:
        assert snapshot.manifest == made.manifest
        assert snapshot.as_of == day(2)
        assert snapshot.tables() == ("enterprise", "stream.orders")
        assert snapshot.read("enterprise") == table
        assert snapshot.read("enterprise", ["name", "id"]).column_names == ["name", "id"]
        assert snapshot.rows("enterprise") == 2
        assert snapshot.manifest.vocabulary == {"fields": {"地区": 1.5}}
        assert snapshot.manifest.zone == "Asia/Shanghai"
        assert snapshot.manifest.previous is None
        assert not snapshot.has("person")
        with pytest.raises(StoreError, match="did you mean enterprise"):
            snapshot.files("enterprises")
        with pytest.raises(StoreError, match="no column nam"):
            snapshot.read("enterprise", ["nam"])
        snapshot.verify()
    with pytest.raises(StoreError, match="closed"):
        snapshot.files("enterprise")
    with pytest.raises(AttributeError):
        snapshot.number = 3


def test_what_is_not_published_is_not_seen(store, publish, day):
    publish(1, role=1)
    with store.begin("f", day(2)) as build:
        build.write("role", pa.table({"id": [9]}))
        assert store.current().number == 1
    assert store.current().number == 1
    assert [one.number for one in store.versions()] == [1]
    with pytest.raises(NotFoundError, match="kept are 1"):
        store.snapshot(2)


def test_a_finished_build_takes_no_more(store, day):
    with store.begin("f", day(1)) as build:
        build.publish()
        with pytest.raises(StoreError, match="finished"):
            build.write("role", pa.table({"id": [1]}))
        with pytest.raises(StoreError, match="finished"):
            build.publish()


@pytest.mark.parametrize("name", ["", "..", "a/b", "../current", ".role", "stream.", "a.b.c", "1"])
def test_names_that_are_no_tables(store, day, name):
    with store.begin("f", day(1)) as build, pytest.raises(StoreError, match="no name of a table"):
        build.write(name, pa.table({"id": [1]}))


def test_names_in_any_script(store, day):
    name = "stream.订单" + "很" * 100
    with store.begin("f", day(1)) as build:
        build.write(name, pa.table({"id": [1]}))
        assert build.publish().read(name).num_rows == 1


def test_reuse_shares_the_file(store, publish, day):
    first = publish(1, role=1, person=2)
    second = publish(2, role=None, person=3)
    assert first.files("role") == second.files("role")
    assert first.files("person") != second.files("person")
    with store.begin("f", day(3)) as build:
        assert not build.reuse("enterprise")
        assert build.reuse("role", made_of=None)
        assert not build.reuse("person", made_of="x")
        build.write("person", pa.table({"id": [1]}), made_of="x")
        build.publish()
    with store.begin("g", day(3)) as build:
        assert build.reuse("person", made_of="x")
        assert not build.reuse("person", made_of="y")


def test_equal_rows_share_a_file_however_they_arrive(store, day):
    rows = pa.table({"id": list(range(300_000)), "v": [f"x{i % 7}" for i in range(300_000)]})
    paths = []
    for number, size in enumerate([300_000, 1_000, 131_072, 77_777], start=1):
        parts = [rows.slice(start, size) for start in range(0, 300_000, size)]
        with store.begin(f"{number}", day(number)) as build:
            build.write("role", pa.concat_tables(parts))
            paths.append(build.publish().files("role"))
    assert len(set(paths)) == 1
    facts = pq.ParquetFile(paths[0][0]).metadata
    assert [facts.row_group(i).num_rows for i in range(facts.num_row_groups)] == [
        131_072,
        131_072,
        37_856,
    ]
    assert facts.row_group(0).column(0).compression == "ZSTD"


def test_an_empty_table(store, day):
    schema = pa.schema([("id", pa.int64()), ("tags", pa.list_(pa.string()))])
    with store.begin("f", day(1)) as build:
        build.write("role", schema.empty_table())
        snapshot = build.publish()
    assert snapshot.has("role")
    assert snapshot.read("role").schema == schema


# --- earlier versions -----------------------------------------------------------------------------


def test_predecessor_is_by_as_of_not_by_number(store, publish, day):
    publish(10, role=1)
    publish(5, role=2)
    publish(10, role=3)
    publish(20, role=4)
    assert store.predecessor(day(5)) is None
    assert store.predecessor(day(6)).number == 2
    assert store.predecessor(day(10)).number == 2
    assert store.predecessor(day(11)).number == 3
    assert store.current().number == 4
    assert [one.previous for one in store.versions()] == [None, None, 2, 3]
    assert store.snapshot(2).read("role")["value"].to_pylist() == [2, 2, 2]


def test_the_change_log_is_a_chain(store, publish, day):
    publish(1, change=1)
    publish(2, change=2)
    publish(3)  # nothing of its own
    wrong = publish(4, change=40)
    again = publish(4, change=4)  # a second run as of the same day does not build on the first
    last = publish(5, change=5)
    assert [wrong.read("changes")["id"].to_pylist(), again.read("changes")["id"].to_pylist()] == [
        [1, 2, 40],
        [1, 2, 4],
    ]
    assert last.read("changes")["id"].to_pylist() == [1, 2, 4, 5]
    assert len(last.files("changes")) == 4
    for one in (wrong, again):
        one.close()
    gc.collect()
    assert store.prune(keep=1) == [1, 2, 3, 4]
    last.verify()
    assert last.read("changes")["id"].to_pylist() == [1, 2, 4, 5]
    with store.begin("f", day(6)) as build:
        assert build.has("changes")
        assert build.read("changes", ["id"])["id"].to_pylist() == [1, 2, 4, 5]


# --- resuming -------------------------------------------------------------------------------------


def test_a_crashed_build_goes_on(store, publish, day):
    publish(1, role=1)
    rows = pa.table({"id": [1]})
    with pytest.raises(ZeroDivisionError), store.begin("f", day(2)) as build:
        build.write("enterprise", rows)
        build.reuse("role")
        raise ZeroDivisionError
    assert store.current().number == 1
    assert store.prune() == []  # and deleting leaves the unfinished build alone
    with store.begin("f", day(2)) as build:
        assert build.resumed
        assert build.done("enterprise")
        assert build.done("role")
        assert not build.done("person")
        build.write("person", rows)
        assert build.done("person")
        snapshot = build.publish()
    assert snapshot.tables() == ("enterprise", "person", "role")
    assert snapshot.number == 2
    snapshot.verify()


def test_tables_that_nobody_asked_for_are_not_published(store, day):
    with store.begin("f", day(1)) as build:
        build.write("person", pa.table({"id": [1]}))
    with store.begin("f", day(1)) as build:
        build.write("role", pa.table({"id": [1]}))
        assert build.publish().tables() == ("role",)


@pytest.mark.parametrize("other", [("g", 2), ("f", 3)])
def test_another_build_is_thrown_away(store, day, other):
    with store.begin("f", day(2)) as build:
        build.write("person", pa.table({"id": [1]}))
    with store.begin(other[0], day(other[1])) as build:
        assert not build.resumed
        assert not build.done("person")
        assert list((store.folder / "files").iterdir()) == []


@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_a_damaged_table_of_a_crashed_build_is_made_again(store, day, harm):
    with store.begin("f", day(1)) as build:
        build.write("person", pa.table({"id": [1]}))
        (path,) = build.files("person")
    content = bytearray(path.read_bytes())
    if harm == "cut":
        path.write_bytes(content[:-9])
    elif harm == "flip":
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
    else:
        path.unlink()
    with store.begin("f", day(1)) as build:
        assert not build.done("person")
        build.write("person", pa.table({"id": [1]}))
        build.publish().verify()


def test_a_torn_note_costs_one_table(store, day):
    with store.begin("f", day(1)) as build:
        build.write("person", pa.table({"id": [1]}))
        build.write("role", pa.table({"id": [1]}))
    log = store.folder / "build" / "progress.jsonl"
    log.write_bytes(log.read_bytes()[:-30])
    with store.begin("f", day(1)) as build:
        assert build.done("person")
        assert not build.done("role")
        build.write("role", pa.table({"id": [1]}))
    with store.begin("f", day(1)) as build:
        assert build.done("person")
        assert build.done("role")


# --- deleting -------------------------------------------------------------------------------------


def left(store: Store) -> list[int]:
    return [one.number for one in store.versions()]


def file_names(folder: Path) -> set[str]:
    return {path.name for path in (folder / "files").iterdir()}


def test_prune_keeps_what_is_held(store, publish):
    for at in range(1, 7):
        publish(at, role=at, person=None if at > 1 else 7).close()
    reader = store.snapshot(2)
    assert store.prune(keep=2, hold=lambda one: one.as_of.day == dt.date(2024, 1, 1)) == [3, 4]
    assert left(store) == [1, 2, 5, 6]
    reader.verify()
    with pytest.raises(NotFoundError, match="kept are 1 to 2, 5 to 6"):
        store.snapshot(3)
    reader.close()
    assert store.prune(keep=0) == [1, 2]
    assert left(store) == [5, 6]
    needed = set()
    for number in (5, 6):
        with store.snapshot(number) as kept:
            kept.verify()
            needed |= {Path(one.path).name for one in kept.manifest.files()}
    assert file_names(store.folder) == needed
    assert {path.name for path in (store.folder / "versions").iterdir()} == {"000005", "000006"}


def test_a_second_run_of_the_day_after_pruning_loses_no_change(store, publish):
    for at in range(1, 4):
        publish(at, change=at).close()
    store.prune()
    publish(3, change=30).close()
    store.prune()
    with publish(3, change=33) as snapshot:
        assert snapshot.read("changes")["id"].to_pylist() == [1, 2, 33]


def test_a_forgotten_reader_lets_go(store, publish):
    publish(1, role=1).close()
    publish(2, role=2).close()
    publish(3, role=2).close()
    reader = store.snapshot(1)
    assert store.prune() == []
    del reader
    gc.collect()
    assert store.prune() == [1]


def test_numbers_are_not_given_twice(store, publish):
    publish(1, role=1).close()
    publish(1, role=2).close()
    assert store.prune() == [1]
    assert publish(3, role=3).number == 3


# --- tables of several parts ----------------------------------------------------------------------


def part(build: Build, name: str, ids: list[int]) -> FileRef:
    piece = Piece(name=name, made_of=f"of {name}", rows=len(ids))
    return build.write_part("stream.orders", pa.table({"id": ids}), f"of {name}", [piece])


def test_a_table_of_several_parts_shares_the_old_ones(store, day):
    with store.begin("f", day(1)) as build:
        build.assemble("stream.orders", [part(build, "a", [3, 1]), part(build, "b", [2])])
        assert build.read("stream.orders")["id"].to_pylist() == [3, 1, 2]
        first = build.publish()
    with store.begin("f", day(2)) as build:
        old = build.newest.parts("stream.orders")
        assert [one.pieces[0].name for one in old] == ["a", "b"]
        assert all(build.sound(one) for one in old)
        build.assemble("stream.orders", [*old, part(build, "c", [7])])
        assert [one.made_of for one in build.parts("stream.orders")] == ["of a", "of b", "of c"]
        second = build.publish()
    assert second.files("stream.orders")[:2] == first.files("stream.orders")
    assert second.rows("stream.orders") == 4
    first.close()
    store.prune()
    second.verify()
    assert second.read("stream.orders")["id"].to_pylist() == [3, 1, 2, 7]


def test_a_crashed_build_keeps_tables_that_are_assembled(store, day):
    with store.begin("f", day(1)) as build:
        build.assemble("stream.orders", [part(build, "a", [1]), part(build, "b", [2])])
        path = build.file(part(build, "c", [3]))  # and falls before it is part of anything
    with store.begin("f", day(1)) as build:
        assert build.done("stream.orders")
        assert not path.exists()
        assert build.publish().read("stream.orders")["id"].to_pylist() == [1, 2]


def test_one_damaged_part_is_told_from_the_sound_ones(store, day):
    with store.begin("f", day(1)) as build:
        build.assemble("stream.orders", [part(build, "a", [1]), part(build, "b", [2])])
        snapshot = build.publish()
    path = snapshot.files("stream.orders")[1]
    path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(StoreError, match="damaged"):
        snapshot.sound_files("stream.orders")
    with store.begin("f", day(2)) as build:
        assert [build.sound(one) for one in build.newest.parts("stream.orders")] == [True, False]
        assert not build.reuse("stream.orders")


def test_a_manifest_of_one_file_a_table_is_still_read(store, publish):
    publish(1, role=1).close()
    path = store.folder / "versions" / "000001" / "manifest.json"
    body = json.loads(path.read_text())
    body["tables"] = {name: parts[0] for name, parts in body["tables"].items()}
    body |= {"format": 1}
    del body["checksum"]
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    path.write_text(json.dumps({"checksum": hashlib.sha256(text.encode()).hexdigest(), **body}))
    with store.current() as snapshot:
        assert snapshot.read("role").num_rows == 3
