"""One writer at a time, whatever happens to it; readers in other processes are respected."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pyarrow as pa
import pytest

from holbein.errors import BusyError
from holbein.store import Store

CHILD = """
import datetime as dt, os, sys, time
from holbein.conditions.instants import AsOf
from holbein.store import Store
store = Store(sys.argv[2])
if sys.argv[1] == "write":
    with store.begin("f", AsOf(dt.datetime(2024, 2, 1), dt.date(2024, 1, 31))) as build:
        if len(sys.argv) > 3:
            runs, told = os.pipe()
            if os.fork() == 0:
                os.close(0)
                os.close(1)
                os.write(told, b".")  # it lives, and has let go of what it inherited
                time.sleep(5)
                os._exit(0)
            os.read(runs, 1)
        print("ready", flush=True)
        time.sleep(60)
else:
    snapshot = store.snapshot(1)
    print("ready", flush=True)
    sys.stdin.readline()
    snapshot.verify()
    print("whole", flush=True)
    time.sleep(60)
"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="no file locks")


@pytest.fixture
def child(store):
    """Starts a process that writes or reads, and returns it once it does."""
    started = []

    def start(*what: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        one = subprocess.Popen(
            [sys.executable, "-c", CHILD, what[0], str(store.folder), *what[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        started.append(one)
        assert one.stdout.readline() == "ready\n"
        return one

    yield start
    for one in started:
        one.kill()
        one.communicate()


@posix
def test_two_writers_in_one_process(store, day):
    with store.begin("f", day(1)):
        told = f"process {os.getpid()}, since 20.* UTC"
        with pytest.raises(BusyError, match=told), store.begin("f", day(1)):
            pass
        raised = []

        def other() -> None:
            try:
                with store.begin("f", day(1)):
                    pass
            except BusyError as error:
                raised.append(error)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert raised
    with store.begin("f", day(1)):
        pass


@posix
def test_another_process_writes(store, publish, day, child):
    publish(1, role=1)
    writer = child("write")
    for _ in range(2):
        told = f"process {writer.pid}, since 20"
        with pytest.raises(BusyError, match=told), store.begin("f", day(2)):
            pass
        with pytest.raises(BusyError, match="wait until it ends"):
            store.prune()
    assert store.current().number == 1  # readers do not wait
    writer.kill()
    writer.wait()
    assert publish(2, role=2).number == 2


@posix
def test_a_killed_writers_forked_child_does_not_keep_the_lock(store, publish, child):
    writer = child("write", "fork")
    writer.kill()
    writer.wait()
    assert publish(2, role=2).number == 1


@posix
def test_a_fork_of_ours_leaves_the_lock_alone(store, day):
    with store.begin("f", day(1)) as build:
        if (forked := os.fork()) == 0:
            os._exit(0)
        os.waitpid(forked, 0)
        with pytest.raises(BusyError), store.begin("f", day(1)):
            pass
        build.write("role", pa.table({"id": [1]}))
        build.publish()


@posix
def test_prune_respects_a_reader_in_another_process_until_it_is_killed(store, publish, child):
    for at in (1, 2, 3):
        publish(at, role=at).close()
    reader = child("read")
    assert store.prune() == []
    reader.stdin.write("\n")
    reader.stdin.flush()
    assert reader.stdout.readline() == "whole\n"
    reader.kill()
    reader.wait()
    assert store.prune() == [1]


def test_a_broken_note_in_the_lock_is_no_matter(store, day):
    store.folder.mkdir()
    (store.folder / "lock").write_text("{")
    with store.begin("f", day(1)):
        (store.folder / "lock").write_text('{"pid": "x"}')
        with pytest.raises(BusyError, match="another process"), store.begin("f", day(1)):
            pass


def test_many_readers_while_versions_come_and_go(store, publish):
    publish(1, role=1).close()
    stop = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        mine = Store(store.folder)
        while not stop.is_set():
            try:
                with mine.current() as snapshot:
                    values = snapshot.read("role")["value"].unique().to_pylist()
                    assert values == [snapshot.number]
            except BaseException as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=read) for _ in range(3)]
    for one in threads:
        one.start()
    for number in range(2, 30):
        publish(1, role=number).close()
        store.prune()
    stop.set()
    for one in threads:
        one.join()
    assert failures == []
