"""The versions of a workspace: the one in force, the earlier ones, the next one, and deleting."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from holbein.conditions.instants import AsOf
from holbein.errors import NotFoundError, StoreError
from holbein.store import files
from holbein.store.build import Build
from holbein.store.layout import Layout
from holbein.store.lists import Lists
from holbein.store.locks import take_away, writer_lock
from holbein.store.manifest import DamagedError, Manifest
from holbein.store.progress import Progress
from holbein.store.snapshot import Snapshot

_TRIES = 100


class Store:
    """The data folder of a workspace. Any number of processes may read it; one at a time writes."""

    def __init__(self, folder: Path | str) -> None:
        """``folder`` need not exist: the first build makes it."""
        self.folder = Path(folder).absolute()
        self._layout = Layout(self.folder)
        self.lists = Lists(self._layout.lists)

    # --- reading ----------------------------------------------------------------------------------

    def current(self) -> Snapshot:
        """The version in force. Raises StoreError where nothing was published yet."""
        seen: int | None = None
        for _ in range(_TRIES):
            number = self._layout.pointer()
            if number is None:
                raise StoreError("there is no version yet", hint="run `holbein run` first")
            with contextlib.suppress(FileNotFoundError):
                return self._open(number)
            if number == seen:
                break  # not a version that made way for a newer one just now
            seen = number
        raise StoreError(
            f"version {seen} is in force but its manifest is missing",
            place=str(self._layout.current),
            hint="run `holbein run` to build a new one",
        )

    def in_force(self) -> int | None:
        """The number of the version in force, without opening it; None where there is none."""
        return self._layout.pointer()

    def snapshot(self, number: int) -> Snapshot:
        """One published version. Raises NotFoundError where it was never made or is deleted."""
        last = self._layout.pointer()
        if last is not None and 0 < number <= last:
            with contextlib.suppress(FileNotFoundError):
                return self._open(number)
        have = _ranges([one.number for one in self.versions()])
        raise NotFoundError(
            f"there is no version {number}",
            hint=f"kept are {have}" if have else "run `holbein run` first",
        )

    def versions(self) -> list[Manifest]:
        """The manifests of all published versions, ascending by number; damaged ones left out."""
        return self._manifests(self._layout.pointer())

    def predecessor(self, as_of: AsOf) -> Snapshot | None:
        """The published version as of the latest instant before ``as_of`` (of several runs as of
        the same instant, the last)."""
        return self._predecessor(as_of, self._layout.pointer())

    def _intact(self, table: str, last: int | None) -> Snapshot | None:
        """The newest version whose ``table`` is undamaged: where to go on from after damage to what
        cannot be computed again, such as ``alias``."""
        for manifest in reversed(self._manifests(last)):
            if table not in manifest.tables:
                continue
            snapshot: Snapshot | None = None
            with contextlib.suppress(FileNotFoundError, DamagedError):
                snapshot = self._open(manifest.number)
                snapshot.verify(table, lookups=False)
                return snapshot
            if snapshot is not None:
                snapshot.close()
        return None

    def _open(self, number: int) -> Snapshot:
        path = self._layout.manifest(number)
        try:
            return Snapshot(self._layout, number)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise files.storage_error(error, path) from error

    def _manifests(self, last: int | None) -> list[Manifest]:
        found: list[Manifest] = []
        for number in self._layout.numbers() if last is not None else ():
            if last is not None and number <= last:
                with contextlib.suppress(FileNotFoundError, DamagedError):
                    found.append(self._layout.load(number))
        return found

    def _newest(self, last: int | None) -> Snapshot | None:
        """The version in force, or where it is damaged, the next older that is not."""
        for manifest in reversed(self._manifests(last)):
            with contextlib.suppress(FileNotFoundError, DamagedError):
                return self._open(manifest.number)
        return None

    def _predecessor(self, as_of: AsOf, last: int | None) -> Snapshot | None:
        for _ in range(_TRIES):
            earlier = [one for one in self._manifests(last) if one.as_of.instant < as_of.instant]
            if not earlier:
                return None
            chosen = max(earlier, key=lambda one: (one.as_of.instant, one.number))
            with contextlib.suppress(FileNotFoundError):
                return self._open(chosen.number)
        return None

    # --- writing ----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def begin(self, fingerprint: str, as_of: AsOf) -> Iterator[Build]:
        """The next version, under the writer lock: ``with store.begin(…) as build: …``.

        ``fingerprint`` stands for all that goes in (definitions, sources, as-of, code). A build
        that crashed or failed with the same fingerprint and as-of goes on where it stopped; any
        other is thrown away. Leaving the block without ``publish`` publishes nothing.
        Raises BusyError where another process writes.
        """
        with contextlib.ExitStack() as stack:
            with files.guarded(self.folder):
                files.make_folder(self.folder)
            stack.enter_context(writer_lock(self._layout.lock))
            last = self._layout.last()
            newest = self._newest(last)
            if newest is not None:
                stack.enter_context(newest)
            predecessor = self._predecessor(as_of, last)
            if predecessor is not None:
                stack.enter_context(predecessor)
            with files.guarded(self.folder):
                build = Build(
                    self._layout,
                    fingerprint,
                    as_of,
                    newest,
                    predecessor,
                    lambda table: self._intact(table, last),
                    (last or 0) + 1,
                )
            stack.callback(build.close)
            yield build

    def prune(self, keep: int = 1, hold: Callable[[Manifest], bool] | None = None) -> list[int]:
        """Deletes old versions, and returns their numbers.

        Kept are the ``keep`` newest (the one in force always), the one as of the latest instant and
        the one that the version in force reckons its changes against (a coming run needs them),
        those for which ``hold`` is true (the rules of history), and those that a reader in any
        process holds; and every file that a kept version speaks of. A run as of an earlier instant
        than all that is kept begins a change log of its own.

        Raises BusyError where a build is under way.
        """
        if self._layout.pointer() is None:
            return []
        gone: list[int] = []
        with writer_lock(self._layout.lock), files.guarded(self.folder):
            last = self._layout.pointer()
            published = [n for n in self._layout.numbers() if last is not None and n <= last]
            needed = self._bases(last)
            for number in published[: len(published) - max(keep, 1)]:
                if number in needed:
                    continue
                path = self._layout.manifest(number)
                try:
                    kept = hold is not None and hold(self._layout.load(number))
                except DamagedError:
                    kept = False  # damaged: no reader can have use of it
                if not kept and take_away(path):
                    files.discard(path.parent)
                    gone.append(number)
            if gone:
                files.sync_folder(self._layout.versions)
            noted = (Progress(self._layout).read() or {}).values()
            self._layout.sweep(ref for parts in noted for ref in parts)
        return gone

    def _bases(self, last: int | None) -> set[int | None]:
        """What a coming run may reckon against: the version as of the latest instant, and what the
        one in force was reckoned against."""
        manifests = self._manifests(last)
        if not manifests:
            return set()
        latest = max(manifests, key=lambda one: (one.as_of.instant, one.number))
        return {latest.number, manifests[-1].previous}


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers in few words: ``3, 12 to 41``."""
    told: list[str] = []
    for _, run in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        first, *rest = (number for _, number in run)
        told.append(f"{first} to {rest[-1]}" if rest else str(first))
    return ", ".join(told)
