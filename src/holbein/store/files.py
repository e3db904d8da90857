"""Files that survive a crash: synced, replaced in one step; and what the disk refuses, in words."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from holbein.errors import StoreError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_DENIED = {errno.EACCES, errno.EPERM}
_IN_FORCE = "the last version stays in force"


def storage_error(error: OSError, path: Path) -> StoreError:
    """What the operating system refused, in our words."""
    place = str(error.filename or path)
    if error.errno in _FULL:
        return StoreError(
            "the disk is full", place=place, hint=f"free some space and run again; {_IN_FORCE}"
        )
    if error.errno == errno.EROFS:
        return StoreError(
            "the disk can only be read", place=place, hint=f"mount it for writing; {_IN_FORCE}"
        )
    if error.errno in _DENIED:
        return StoreError(
            "no permission", place=place, hint=f"give this user the right to it; {_IN_FORCE}"
        )
    if error.errno in {errno.EMFILE, errno.ENFILE}:
        return StoreError(
            "too many open files", place=place, hint="close snapshots, or raise the limit"
        )
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        file = next((one for one in (Path(place), *Path(place).parents) if one.is_file()), None)
        if file is not None:
            return StoreError(
                "this is a file, and Holbein keeps a folder of that name here",
                place=str(file),
                hint="move it away",
            )
    reason = os.strerror(error.errno) if error.errno else str(error)
    return StoreError(f"cannot be read or written: {reason}", place=place, hint=_IN_FORCE)


@contextlib.contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turns the operating system's refusals inside the block into a StoreError at ``path``."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable. A file system without this keeps them by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """The folder and those above it, durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def write_synced(path: Path, content: bytes) -> None:
    """The file with its content on the disk. Not atomic: write to a temporary name."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def move_into_place(temporary: Path, path: Path) -> None:
    """One durable step: ``path`` is the synced ``temporary``, or still what it was."""
    temporary.replace(path)
    sync_folder(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """The whole new content or the whole old one. For one writer at a time."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        write_synced(temporary, content)
        move_into_place(temporary, path)
    except BaseException:
        discard(temporary)
        raise


def discard(path: Path) -> None:
    """Removes a file or folder if it is there; what cannot go is left for the next sweep."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


class HashedFile(io.RawIOBase):
    """A file to write to that knows the checksum of what was meant to be written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=1 << 20)
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self._file.write(data)
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        return self.size

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()
        super().close()


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
