"""Who writes and who reads: locks that the operating system frees when their process dies."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import json
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from holbein.errors import BusyError, StoreError
from holbein.store.files import guarded

# Windows has none: there readers work, and writers are refused below.
fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None

_held: set[int] = set()
"""File descriptors of this process's writer locks."""


def _forget_in_child() -> None:
    # A forked child shares the parent's lock and would keep it after the parent's death.
    for handle in _held:
        with contextlib.suppress(OSError):
            os.close(handle)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)


def _try_lock(handle: int, *, shared: bool) -> bool:
    if fcntl is None:
        return shared
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> str:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return f"process {int(note['pid'])}, since {note['since']!s} UTC,"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"  # it has the lock, but has not yet written who it is


@contextlib.contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """The one right to write, for as long as the block runs or this process lives.

    Raises BusyError, at once, where another process (or this one) has it.
    """
    if fcntl is None:
        raise StoreError("this system has no file locks to write under", hint="use Linux or macOS")
    with guarded(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    _held.add(handle)
    try:
        with guarded(path):
            if not _try_lock(handle, shared=False):
                raise BusyError(
                    f"{_holder(path)} is writing to this workspace",
                    hint="wait until it ends, then try again",
                )
            since = dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(" ", "seconds")
            os.ftruncate(handle, 0)
            os.pwrite(handle, json.dumps({"pid": os.getpid(), "since": since}).encode(), 0)
        yield
    finally:
        if handle in _held:  # not in a child forked inside the block: closed there already
            _held.discard(handle)
            os.close(handle)


@contextlib.contextmanager
def brief_lock(path: Path) -> Iterator[None]:
    """One writer after another, for steps of milliseconds: waits its turn."""
    with guarded(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            with guarded(path):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Lease:
    """A shared hold on a file: while it lives, ``take_away`` in any process leaves the file alone.

    Released by ``close``, by the garbage collector, and with the process, however it ends.
    """

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError where the file is gone or just going."""
        handle = os.open(path, os.O_RDONLY)
        self._close = weakref.finalize(self, os.close, handle)
        # Between opening and locking the file may have been taken away: then it has no name.
        if not _try_lock(handle, shared=True) or os.fstat(handle).st_nlink == 0:
            self._close()
            raise FileNotFoundError(path)
        self._handle = handle

    @property
    def alive(self) -> bool:
        return self._close.alive

    def content(self) -> bytes:
        """The whole of the held file."""
        with os.fdopen(os.dup(self._handle), "rb") as file:
            file.seek(0)
            return file.read()

    def close(self) -> None:
        self._close()


def take_away(path: Path) -> bool:
    """Deletes a file unless a Lease in any process holds it; says whether it is gone."""
    if fcntl is None:
        return False
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        if not _try_lock(handle, shared=False):
            return False
        path.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)
