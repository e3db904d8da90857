"""Where things lie in the data folder, and which version is in force."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from holbein.errors import StoreError
from holbein.store import files, manifest
from holbein.store.manifest import REBUILDS, DamagedError, FileRef, Manifest, Stored

_POINTER = re.compile(rb"([1-9][0-9]{0,8}) ([0-9a-f]{16})\n")
_VERSION = re.compile(r"[0-9]{6,9}")


def _check(number: int) -> str:
    # A flipped bit must not point at another version.
    return hashlib.sha256(str(number).encode()).hexdigest()[:16]


class Layout:
    """The paths below a data folder, and the little that is read and written there by hand.

    A version is published once ``current`` says its number or a higher one: so whatever a crash
    left above that number was never in force.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions = folder / "versions"
        self.files = folder / "files"
        self.build = folder / "build"
        self.lists = folder / "lists"
        self.current = folder / "current"
        self.lock = folder / "lock"

    def manifest(self, number: int) -> Path:
        return self.versions / f"{number:06d}" / "manifest.json"

    def file(self, ref: Stored) -> Path:
        return self.folder / ref.path

    def pointer(self) -> int | None:
        """The number of the version in force; None before the first."""
        try:
            with files.guarded(self.current):
                content = self.current.read_bytes()
        except StoreError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise
        match = _POINTER.fullmatch(content)
        if match is None or match[2].decode() != _check(int(match[1])):
            raise DamagedError("the pointer is damaged", place=str(self.current), hint=REBUILDS)
        return int(match[1])

    def point_at(self, number: int) -> None:
        """Puts a version in force: the one step that publishes."""
        files.replace_file(self.current, f"{number} {_check(number)}\n".encode())

    def numbers(self) -> list[int]:
        """Every version that has a manifest, published or not, ascending."""
        try:
            names = [entry.name for entry in self.versions.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        found = [int(name) for name in names if _VERSION.fullmatch(name)]
        return sorted(number for number in found if self.manifest(number).exists())

    def last(self) -> int | None:
        """The number of the version in force, for a writer, who must go on even where the pointer
        is lost: then every whole manifest counts as published (its files were safe before it)."""
        try:
            pointer = self.pointer()
        except DamagedError:
            numbers = self.numbers()
            return numbers[-1] if numbers else None
        if pointer is None:
            # A crash before the very first publish leaves one manifest; more mean a lost pointer.
            numbers = self.numbers()
            return numbers[-1] if len(numbers) > 1 else None
        return pointer

    def load(self, number: int) -> Manifest:
        """A version's manifest. Raises FileNotFoundError where there is none."""
        path = self.manifest(number)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise files.storage_error(error, path) from error
        return manifest.load(content, path)

    def sweep(self, also: Iterable[FileRef] = ()) -> None:
        """Removes files that no manifest and none of ``also`` speak of. Only under the writer lock.

        Nothing is removed while a manifest cannot be read: what it needs is not known.
        """
        wanted = {one.path for ref in also for one in ref.files()}
        for number in self.numbers():
            try:
                wanted.update(one.path for one in self.load(number).files())
            except (FileNotFoundError, StoreError):
                return
        if not self.files.is_dir():
            return
        for path in self.files.iterdir():
            if f"files/{path.name}" not in wanted:
                files.discard(path)
