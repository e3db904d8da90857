"""Cut and flipped files, full disks, and a crash between any two steps."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from holbein.errors import StoreError
from holbein.store import Store, ids
from holbein.store.manifest import FORMAT


def sweep_errors(store: Store) -> str | None:
    """What a reader of everything is told."""
    try:
        with store.current() as snapshot:
            snapshot.verify()
    except StoreError as error:
        return str(error)
    return None


@pytest.fixture
def filled(store, publish) -> Store:
    publish(1, change=1, role=1, alias_like=5).close()
    publish(2, change=2, role=2, alias_like=None).close()
    assert sweep_errors(store) is None
    return store


def files_in_force(store: Store) -> list[Path]:
    with store.current() as snapshot:
        tables = [path for table in snapshot.tables() for path in snapshot.files(table)]
    number = f"{snapshot.number:06d}"
    return [*tables, store.folder / "versions" / number / "manifest.json", store.folder / "current"]


def test_every_flipped_bit_is_found(filled):
    chance = random.Random(3)
    for path in files_in_force(filled):
        whole = path.read_bytes()
        for _ in range(25):
            place = chance.randrange(len(whole))
            broken = bytearray(whole)
            broken[place] ^= 1 << chance.randrange(8)
            path.write_bytes(broken)
            told = sweep_errors(filled)
            if told is None:  # white space between the manifest's fields
                assert path.name == "manifest.json"
                assert chr(whole[place]).isspace()
            else:
                assert str(path) in told
                assert "holbein run" in told
                assert "Traceback" not in told
        path.write_bytes(whole)
    assert sweep_errors(filled) is None


def test_every_cut_is_found(filled):
    chance = random.Random(4)
    for path in files_in_force(filled):
        whole = path.read_bytes()
        for size in {0, 1, len(whole) - 1, chance.randrange(len(whole))}:
            path.write_bytes(whole[:size])
            told = sweep_errors(filled)
            assert told is not None
            assert str(path) in told
        path.unlink()
        assert sweep_errors(filled) is not None
        path.write_bytes(whole)
    assert sweep_errors(filled) is None


def test_reading_finds_damaged_pages_without_verify(store, day):
    with store.begin("f", day(1)) as build:
        build.write("role", pa.table({"id": list(range(5000))}))
        snapshot = build.publish()
    (path,) = snapshot.files("role")
    whole = path.read_bytes()
    broken = bytearray(whole)
    broken[len(whole) // 3] ^= 1
    path.write_bytes(broken)
    with pytest.raises(StoreError, match="damaged"):
        snapshot.read("role")


def test_the_next_run_makes_damaged_files_again(filled, publish, day):
    with filled.current() as snapshot:
        for table in ("role", "alias_like"):
            (path,) = snapshot.files(table)
            path.write_bytes(b"\0" * path.stat().st_size)
    with filled.begin("f", day(2)) as build:
        assert not build.reuse("role")
        assert not build.reuse("alias_like")
    publish(2, change=2, role=2, alias_like=5)
    assert sweep_errors(filled) is None


@pytest.mark.parametrize("content", [None, b"", b"2\n", b"1 0123456789abcdef\n", b"\xff\0"])
def test_a_lost_pointer_does_not_lose_the_versions(filled, publish, content):
    pointer = filled.folder / "current"
    if content is None:
        pointer.unlink()
    else:
        pointer.write_bytes(content)
    assert sweep_errors(filled) is not None
    assert publish(3, role=3).number == 3
    assert [one.number for one in filled.versions()] == [1, 2, 3]
    assert sweep_errors(filled) is None


def test_a_damaged_manifest_does_not_stop_the_next_run(filled, publish):
    (filled.folder / "versions" / "000002" / "manifest.json").write_text("{}")
    assert "manifest" in (sweep_errors(filled) or "")
    assert publish(3, change=3, role=3).number == 3
    assert filled.current().read("changes")["id"].to_pylist() == [1, 3]
    assert filled.prune() == [2]


def test_a_gap_in_the_change_log_is_told(filled, publish):
    with filled.current() as snapshot:
        snapshot.files("changes")[0].unlink()
    with publish(3, change=3) as snapshot:
        assert snapshot.read("changes")["id"].to_pylist() == [2, 3]
        assert snapshot.manifest.marks == ["a damaged part of the change log is left out"]


def test_ids_survive_a_damaged_alias_table(store, day):
    for at, keys in enumerate([["a"], ["a", "b", "c"], ["d"]], start=1):
        with store.begin(str(at), day(at)) as build:
            alias = ids.assign(
                build.aliases(), [("enterprise", "crm", pa.array(keys))], build.last_ids
            )
            build.write("alias", alias)
            with build.publish() as snapshot:
                if at == 2:
                    assert snapshot.manifest.last_ids == {"enterprise": 3}
                    path = snapshot.files("alias")[0]
                    path.write_bytes(path.read_bytes()[:-1])
    with store.current() as snapshot:
        found = {row["key"]: row["id"] for row in snapshot.read("alias").to_pylist()}
    assert found == {"a": 1, "d": 4}  # b and c are lost, but 2 and 3 never mean another company


def test_a_refusal_is_not_taken_for_damage(filled, day, monkeypatch):
    """A writer that cannot open the last version must not begin again with the first id."""
    real = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "manifest.json":
            raise OSError(errno.EMFILE, "")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StoreError, match="too many open files"), filled.begin("f", day(9)):
        pass


def test_what_a_newer_holbein_wrote_is_left_alone(filled, day):
    path = filled.folder / "versions" / "000002" / "manifest.json"
    path.write_text(path.read_text().replace(f'"format": {FORMAT}', f'"format": {FORMAT + 1}'))
    assert "update Holbein" in (sweep_errors(filled) or "")
    with pytest.raises(StoreError, match="update Holbein"), filled.begin("f", day(9)):
        pass


# --- disks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "only be read"), (errno.EACCES, "permission")],
)
def test_a_refusing_disk_at_any_step(filled, day, monkeypatch, number, words):
    """Fails the nth sync, for every n, until a build passes: each time one clear error, and the
    last version stays in force; the next attempt goes on."""
    real = os.fsync
    for failing in range(100):
        left = failing

        def refuse(handle: int) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(number, os.strerror(number))
            real(handle)

        before = filled.current().number
        monkeypatch.setattr(os, "fsync", refuse)
        try:
            with filled.begin(f"{failing // 3}", day(5)) as build:
                for table in ("role", "person"):
                    if not build.done(table):
                        build.write(table, pa.table({"id": [failing // 3]}))
                for kind in ("enterprise", "person", "role"):
                    build.write_column(kind, "#id", {"ids": np.array([failing // 3])}, {})
                build.publish().close()
        except StoreError as error:
            assert words in str(error)
            assert "stays in force" in str(error)
        else:
            break
        finally:
            monkeypatch.setattr(os, "fsync", real)
        # The very last sync, of the folder after the swap, may fail with the swap done.
        assert filled.current().number in {before, before + 1}
        assert sweep_errors(filled) is None
    assert failing > 8
    assert not list(filled.folder.glob("files/.*"))


FILL = """
import resource, sys
import numpy as np
import pyarrow as pa
from holbein.conditions.instants import AsOf
from holbein.errors import StoreError
from holbein.store import Store
import datetime as dt, random
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
numbers = [random.random() for _ in range(100_000)]
try:
    with Store(sys.argv[1]).begin("f", AsOf(dt.datetime(2024, 2, 1), dt.date(2024, 1, 31))) as build:
        if sys.argv[2] == "table":
            build.write("role", pa.table({"id": numbers}))
        else:
            build.write_column("role", "#id", {"ids": np.array(numbers)}, {})
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on a file's size")
@pytest.mark.parametrize("what", ["table", "column"])
def test_a_disk_that_is_really_full(filled, what):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(filled.folder), what],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert "the disk is full" in done.stdout, done.stderr
    assert done.stderr == ""
    assert sweep_errors(filled) is None
    assert [path.name for path in (filled.folder / "build").iterdir()] == ["progress.jsonl"]


def test_a_file_where_the_folder_should_be(tmp_path, day):
    (tmp_path / "data").write_text("")
    store = Store(tmp_path / "data")
    with pytest.raises(StoreError), store.begin("f", day(1)):
        pass
    with pytest.raises(StoreError):
        store.current()


class PowerCut(BaseException):
    """The end of a process at a step: nothing after it happens, not even tidying."""


def test_a_crash_between_any_two_steps(filled, day, monkeypatch, tmp_path):
    """Stops before the nth step that changes the disk, for every n; a copy of the folder at that
    moment is what the next process finds."""
    steps = ["fsync", "replace", "unlink", "mkdir", "rmdir"]
    real = {name: getattr(os, name) for name in steps}
    for failing in range(200):
        work = tmp_path / f"work{failing}"
        shutil.copytree(filled.folder, work)
        store, frozen = Store(work), tmp_path / f"frozen{failing}"
        left = failing

        def step(name: str):
            def run(*given, **named):
                nonlocal left
                left -= 1
                if left == -1:
                    shutil.copytree(work, frozen)
                    left = -(10**9)
                    for one in steps:
                        monkeypatch.setattr(os, one, real[one])
                    raise PowerCut
                return real[name](*given, **named)

            return run

        for name in steps:
            monkeypatch.setattr(os, name, step(name))
        with contextlib.suppress(PowerCut):
            build_and_prune(store, day(5))
        for name in steps:
            monkeypatch.setattr(os, name, real[name])
        if not frozen.exists():
            break
        after = Store(frozen)
        assert sweep_errors(after) is None
        with after.current() as snapshot:
            assert snapshot.number in {2, 3}
        build_and_prune(after, day(5))
        with after.current() as snapshot:
            assert snapshot.read("role")["id"].to_pylist() == [5]
            columns = [snapshot.columns(kind)["#id"] for kind in ("role", "person")]
            ids = [snapshot.sections(one)["ids"].tolist() for one in columns]
            assert ids == [[5], [5, 6]]
        assert sweep_errors(after) is None
        needed = {file.path for one in after.versions() for file in one.files()}
        assert len(list((frozen / "files").iterdir())) == len(needed)
        shutil.rmtree(work)
        shutil.rmtree(frozen)
    assert failing > 20


def build_and_prune(store: Store, as_of) -> None:
    with store.begin("f", as_of) as build:
        for table in ("role", "person"):
            if not build.done(table):
                build.write(table, pa.table({"id": [5], "is": [table]}))
        build.write_column("role", "#id", {"ids": np.array([5])}, {}, "role")
        if not build.reuse_column("person", "#id", "person"):
            build.write_column("person", "#id", {"ids": np.array([5, 6])}, {}, "person")
        build.publish().close()
    store.prune()
