"""Columns of the index: what was written is read back, what is damaged never, and nothing twice."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as drawn

from holbein.errors import StoreError
from holbein.store import Build, ColumnRef, Snapshot, Store
from holbein.store.manifest import DamagedError
from holbein.store.sections import ALIGNED, GUARD, Sections, foreseen, open_sections, write_sections

COLUMN = {
    "codes": np.arange(5_000, dtype=np.uint16),
    "live": np.full(79, 2**64 - 1, np.uint64),
    "none": np.empty(0, np.float64),
}


def ref_of(path: Path, sections: dict, about: dict) -> ColumnRef:
    written = write_sections(path, sections, about)
    return ColumnRef(path=f"files/{path.name}", name="x", **vars(written))


def written(store: Store, at: object, column: dict = COLUMN, **more: object) -> Snapshot:
    with store.begin(str(random.random()), at) as build:
        build.write_column("role", "title", column, {"values": ["a", "b"]}, **more)
        return build.publish()


def path_of(snapshot: Snapshot, name: str = "title") -> Path:
    return snapshot._layout.file(snapshot.columns("role")[name])


def afresh(store: Store, number: int) -> Sections:
    """As a process that has not looked before: whose earlier looks nobody holds."""
    snapshot = store.snapshot(number)
    return snapshot.sections(snapshot.columns("role")["title"])


# --- there and back -------------------------------------------------------------------------------

KINDS = [np.bool_, *(np.dtype(f"{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8))]
ARRAYS = drawn.arrays(
    st.sampled_from([*KINDS, np.dtype(np.float32), np.dtype(np.float64), np.dtype(">i4")]),
    st.integers(0, 300),
)


@settings(max_examples=80, deadline=None)
@given(
    sections=st.dictionaries(st.text(max_size=9), ARRAYS, max_size=5),
    about=st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.none()), max_size=3),
)
def test_any_arrays_come_back(tmp_path_factory, sections, about):
    path = tmp_path_factory.mktemp("sections") / "x.column"
    ref = ref_of(path, sections, about)
    assert (ref.bytes, ref.sha256) == (
        path.stat().st_size,
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    assert foreseen(sections, about).sha256 == ref.sha256
    found = open_sections(path, ref)
    assert found.about == about
    assert list(found) == list(sections)
    for name, array in sections.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype.newbyteorder("<")


def test_what_is_not_contiguous_is_written_as_it_reads(tmp_path):
    array = np.arange(100)[::-3]
    found = open_sections(tmp_path / "x", ref_of(tmp_path / "x", {"a": array}, {}))
    np.testing.assert_array_equal(found["a"], array)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2)),
        np.array(1),
        np.array(["a"]),
        np.array([{}]),
        np.zeros(2, np.complex128),
    ],
)
def test_only_rows_of_numbers_are_sections(tmp_path, array):
    with pytest.raises(TypeError, match="section a"):
        write_sections(tmp_path / "x", {"a": array}, {})


def test_sections_are_aligned_and_followed_by_zeros(tmp_path):
    path = tmp_path / "x"
    ref = ref_of(path, {**COLUMN, "odd": np.ones(1, np.int8)}, {})
    whole = path.read_bytes()
    ends = 0
    for entry in json.loads(whole[-ref.footer :])["sections"]:
        start, size = entry["offset"], np.dtype(entry["dtype"]).itemsize * entry["length"]
        assert start % ALIGNED == 0
        assert start - ends in {0, *range(GUARD, GUARD + ALIGNED)}
        assert not any(whole[start + size : start + size + GUARD])
        ends = start + size
    assert len(whole) - ref.footer - ends >= GUARD
    for array in open_sections(path, ref).values():
        assert array.ctypes.data % ALIGNED == 0


def test_arrays_can_only_be_read(store, day):
    with written(store, day(1)) as snapshot:
        codes = snapshot.sections(snapshot.columns("role")["title"])["codes"]
    with pytest.raises(ValueError, match="read-only"):
        codes[0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        codes.setflags(write=True)


def test_names_are_told_without_a_touch(store, day):
    snapshot = written(store, day(1))
    sections = snapshot.sections(snapshot.columns("role")["title"])
    assert sections.about == {"values": ["a", "b"]}
    assert [*sections, len(sections), "codes" in sections, "x" in sections] == [
        "codes", "live", "none", 3, True, False,
    ]  # fmt: skip
    assert not sections._touched
    with pytest.raises(KeyError):
        sections["x"]


def test_a_file_is_opened_once_and_let_go(store, day):
    one, two = written(store, day(1)), store.current()
    (ref,) = one.columns("role").values()
    assert one.sections(ref) is one.sections(ref) is two.sections(ref)
    handles = len([*Path("/dev/fd").iterdir()])
    codes = one.sections(ref)["codes"]
    assert len([*Path("/dev/fd").iterdir()]) == handles
    one.close()
    two.close()
    with pytest.raises(StoreError, match="closed"):
        one.sections(ref)
    np.testing.assert_array_equal(codes, COLUMN["codes"])


def test_threads_get_one_array(store, day):
    snapshot = written(store, day(1))
    sections = snapshot.sections(snapshot.columns("role")["title"])
    seen: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: seen.append(sections["codes"])) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(seen) == 8
    assert all(one is seen[0] for one in seen)


def test_names_of_any_kind(store, day):
    names = ["#id", "订单" * 60, "a/b\\c", "{}", "..", "a:b*?"]
    with store.begin("f", day(1)) as build:
        for number, name in enumerate(names):
            build.write_column("role", name, {"n": np.array([number])}, {})
        snapshot = build.publish()
    assert list(snapshot.columns("role")) == names
    for number, ref in enumerate(snapshot.columns("role").values()):
        assert snapshot.sections(ref)["n"].tolist() == [number]
    assert snapshot.columns("person") == {}


# --- from version to version ----------------------------------------------------------------------


def test_an_equal_column_is_not_written_again(store, day, monkeypatch):
    first = written(store, day(1), made_of="x")
    path = path_of(first)
    os.utime(path, ns=(1, 1))
    monkeypatch.setattr(
        "holbein.store.sections.write_sections", lambda *_: pytest.fail("written again")
    )
    second = written(store, day(2), made_of="y")
    assert path_of(second) == path
    assert path.stat().st_mtime_ns == 1
    assert [one.columns("role")["title"].made_of for one in (first, second)] == ["x", "y"]


def test_a_changed_column_is_written_beside_the_old_one(store, day):
    first = written(store, day(1))
    second = written(store, day(2), {**COLUMN, "codes": COLUMN["codes"][::-1]})
    assert path_of(second) != path_of(first)
    assert afresh(store, 1)["codes"][0] == 0
    assert afresh(store, 2)["codes"][0] == 4_999


def test_a_column_is_taken_over_where_it_was_made_of_the_same(store, day):
    first = written(store, day(1), made_of="x")
    with store.begin("g", day(2)) as build:
        assert not build.reuse_column("role", "title", "y")
        assert not build.reuse_column("role", "other", "x")
        assert not build.reuse_column("person", "title", "x")
        assert build.reuse_column("role", "title", "x")
        second = build.publish()
    assert second.columns("role") == first.columns("role")
    with store.begin("h", day(3)) as build:  # and what nobody writes or takes is not there
        assert build.publish().columns("role") == {}


def test_a_column_without_a_fingerprint_is_not_taken_over(store, day):
    written(store, day(1))
    with store.begin("g", day(2)) as build:
        assert not build.reuse_column("role", "title", "")


def test_the_last_one_written_counts(store, day):
    with store.begin("f", day(1)) as build:
        for number in (1, 2):
            build.write_column("role", "title", {"n": np.array([number])}, {})
        snapshot = build.publish()
        with pytest.raises(StoreError, match="finished"):
            build.write_column("role", "title", {}, {})
        with pytest.raises(StoreError, match="finished"):
            build.reuse_column("role", "title", "x")
    (ref,) = snapshot.columns("role").values()
    assert snapshot.sections(ref)["n"].tolist() == [2]


def test_a_reader_keeps_its_version_while_newer_ones_come_and_go(store, day):
    reader = written(store, day(1))
    untouched = reader.sections(reader.columns("role")["title"])
    for number in range(2, 6):
        written(store, day(number), {"codes": np.array([number])}).close()
        store.prune()
    np.testing.assert_array_equal(untouched["codes"], COLUMN["codes"])
    reader.verify()
    path = path_of(reader)
    reader.close()
    store.prune()
    assert not path.exists()
    assert len(list((store.folder / "files").iterdir())) == len(store.versions())
    np.testing.assert_array_equal(untouched["codes"], COLUMN["codes"])  # what was handed out lasts
    with pytest.raises(DamagedError, match="missing"):
        untouched["live"]


def test_a_version_from_before_there_was_an_index(store, publish):
    publish(1, role=1).close()
    path = store.folder / "versions" / "000001" / "manifest.json"
    body = json.loads(path.read_text())
    del body["checksum"], body["index"]
    body["format"] = 3
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    path.write_text(json.dumps({"checksum": hashlib.sha256(text.encode()).hexdigest(), **body}))
    with store.current() as snapshot:
        assert snapshot.columns("role") == {}
        snapshot.verify()
    publish(2, role=None).close()


# --- damage ---------------------------------------------------------------------------------------


@pytest.fixture
def whole(store, day) -> Iterator[Path]:
    with written(store, day(1), made_of="x") as snapshot:
        path = path_of(snapshot)
        snapshot.verify()
    content = path.read_bytes()
    yield path
    with store.begin("mended", day(2)) as build:  # the next run makes what is damaged again
        if not build.reuse_column("role", "title", "x"):
            build.write_column("role", "title", COLUMN, {"values": ["a", "b"]}, made_of="x")
        build.publish().close()
    assert path.read_bytes() == content


def verdict(store: Store) -> dict[str, str]:
    """What a process gets of each section: "right", or what it is told. Never a wrong array."""
    try:
        sections = afresh(store, 1)
    except DamagedError as error:
        return dict.fromkeys(COLUMN, str(error))
    told = {}
    for name, array in COLUMN.items():
        try:
            np.testing.assert_array_equal(sections[name], array)
            told[name] = "right"
        except DamagedError as error:
            told[name] = str(error)
    return told


def flipped(path: Path, place: int, bit: int) -> None:
    broken = bytearray(path.read_bytes())
    broken[place] ^= 1 << bit
    path.write_bytes(broken)


def test_every_flipped_bit_is_found(store, whole):
    chance = random.Random(5)
    content = whole.read_bytes()
    for place in [0, len(content) - 1, *(chance.randrange(len(content)) for _ in range(1_000))]:
        flipped(whole, place, chance.randrange(8))
        told = verdict(store)
        wrong = [one for one in told.values() if one != "right"]
        assert len(wrong) in {1, len(COLUMN)}  # a section, or all for want of a footer
        assert all(str(whole) in one and "holbein run" in one for one in wrong)
        with store.current() as snapshot, pytest.raises(DamagedError, match="damaged"):
            snapshot.verify()
        whole.write_bytes(content)
    assert set(verdict(store).values()) == {"right"}
    flipped(whole, 1_000, 3)


def test_what_is_not_touched_disturbs_nothing(store, whole):
    flipped(whole, 99, 0)  # of the codes
    sections = afresh(store, 1)
    np.testing.assert_array_equal(sections["live"], COLUMN["live"])
    for _ in range(2):  # it is not kept either
        with pytest.raises(DamagedError, match="section codes"):
            sections["codes"]
    np.testing.assert_array_equal(sections["live"], COLUMN["live"])


@pytest.mark.parametrize("left", [None, 0, 1, 1_000, -1])
def test_every_cut_is_found(store, whole, left):
    opened = afresh(store, 1)
    content = whole.read_bytes()
    if left is None:
        whole.unlink()
    else:
        whole.write_bytes(content[:left])
    for name in opened:  # also where it was opened before
        with pytest.raises(DamagedError, match=r"missing|bytes where"):
            opened[name]
    assert "right" not in verdict(store).values()


def test_swapped_files_are_found(store, day):
    with store.begin("f", day(1)) as build:
        for name, step in (("title", 1), ("other", 2)):
            build.write_column("role", name, {"n": np.arange(0, 9 * step, step)}, {})
        snapshot = build.publish()
    one, two = path_of(snapshot), path_of(snapshot, "other")
    assert one.stat().st_size == two.stat().st_size
    spare = one.with_name("spare")
    for old, new in ((one, spare), (two, one), (spare, two)):
        old.rename(new)
    for ref in snapshot.columns("role").values():
        with pytest.raises(DamagedError):
            snapshot.sections(ref)


def test_a_mended_file_is_seen_by_who_has_it_open(store, day, whole):
    flipped(whole, 99, 0)
    sections = afresh(store, 1)
    with pytest.raises(DamagedError):
        sections["codes"]
    with store.begin("g", day(2)) as build:
        assert not build.reuse_column("role", "title", "x")
        build.write_column("role", "title", COLUMN, {"values": ["a", "b"]})  # equal, but not sound
        build.publish().close()
    np.testing.assert_array_equal(sections["codes"], COLUMN["codes"])


def test_a_missing_column_is_not_published(store, day):
    with store.begin("f", day(1)) as build:
        build.write_column("role", "title", COLUMN, {})
        (path,) = (store.folder / "files").iterdir()
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(DamagedError):
            build.publish()
    with pytest.raises(StoreError, match="no version yet"):
        store.current()


# --- accidents while writing ----------------------------------------------------------------------


@pytest.mark.parametrize("failing", range(4))
def test_a_full_disk_leaves_the_old_version(store, day, monkeypatch, failing):
    written(store, day(1)).close()
    real, left = os.fsync, failing

    def refuse(handle: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "")
        real(handle)

    with (
        pytest.raises(StoreError, match="the disk is full"),
        store.begin("f", day(2)) as build,
        monkeypatch.context() as full,
    ):
        full.setattr(os, "fsync", refuse)
        for number in range(2):
            build.write_column("role", "title", {"codes": np.arange(number, 9_000)}, {})
        build.publish()
    assert [path.name for path in (store.folder / "build").iterdir()] == ["progress.jsonl"]
    with store.current() as snapshot:
        assert snapshot.number == 1
        snapshot.verify()
    assert set(verdict(store).values()) == {"right"}


def test_a_crashed_build_begins_its_columns_again(store, day):
    """What it wrote is swept, whether the same build goes on or another begins, or none."""
    old = written(store, day(1))

    def crash(build: Build) -> Path:
        build.write_column("role", "title", {"codes": np.arange(9)}, {})
        (new,) = {*(store.folder / "files").iterdir()} - {path_of(old)}
        (store.folder / "build" / "half-new.column").write_bytes(b"x")
        return new

    with store.begin("f", day(2)) as build:
        new = crash(build)
    with store.begin("f", day(2)) as build:
        assert not new.exists()
        assert not (store.folder / "build" / "half-new.column").exists()
        crash(build)
    store.prune()
    assert not new.exists()
    with store.begin("f", day(2)) as build:
        crash(build)
        after = build.publish()
    assert path_of(after) == new
    after.verify()
    old.verify()
