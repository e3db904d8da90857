"""Static lists: the frozen members of an audience, one file each, replaced whole."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.errors import NotFoundError, StoreError, near
from holbein.store import files, parquet
from holbein.store.locks import brief_lock
from holbein.store.manifest import DamagedError

_SUFFIX = ".parquet"
_KEPT = re.compile(r"[\w -]")
_SPELLED = re.compile(r"(?:%[0-9A-F]{2})+")
_HALVES = re.compile("[\ud800-\udfff]")  # no text of any file system
_LONGEST = 200  # bytes of a file's name, of the 255 that file systems take


@dataclass(frozen=True)
class StaticList:
    """The members of a list: ``ids`` int64, ascending, distinct. ``made_at`` is UTC."""

    kind: SubjectKind
    ids: pa.Array
    title: str
    made_from: str
    """In words: the condition that was frozen, or the file that was imported."""
    made_at: dt.datetime


class Lists:
    """The static lists of a workspace, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """All names, sorted."""
        try:
            with files.guarded(self._folder):
                found = [path.name for path in self._folder.iterdir()]
        except StoreError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return []
            raise
        spelled = {
            one: _name(one.removesuffix(_SUFFIX))
            for one in found
            if one.endswith(_SUFFIX) and not one.startswith(".")
        }
        # What someone else put there has a name that no list of ours is spelled with.
        return sorted(name for one, name in spelled.items() if self._spelled(name) == one)

    def kind(self, name: str) -> SubjectKind:
        """Which subjects a list holds; reads no members. Raises as ``read`` does."""
        return self._facts(self._existing(name))[0]

    def kinds(self) -> dict[str, SubjectKind]:
        """``kind`` of every list."""
        return {name: self.kind(name) for name in self.names()}

    def path(self, name: str) -> Path:
        """The file with a list's members, in the column ``id``. Raises NotFoundError."""
        return self._existing(name)

    def read(self, name: str) -> StaticList:
        """Raises NotFoundError where there is no such list, StoreError where it is damaged."""
        path = self._existing(name)
        kind, title, made_from, made_at = self._facts(path)
        ids = check_list(path)
        return StaticList(kind, ids, title, made_from, made_at)

    def write(
        self,
        name: str,
        kind: SubjectKind,
        ids: pa.Array | pa.ChunkedArray,
        *,
        title: str = "",
        made_from: str = "",
        made_at: dt.datetime | None = None,
    ) -> None:
        """Makes or replaces a list; readers see the old members or the new ones."""
        path = self._path(name)
        at = made_at or dt.datetime.now(dt.UTC).replace(tzinfo=None)
        members = pc.unique(ids.cast(pa.int64())).drop_null()
        table = pa.table({"id": members.take(pc.sort_indices(members))})
        facts = {"kind": kind, "title": title, "made_from": made_from, "made_at": at.isoformat()}
        table = table.replace_schema_metadata({f"holbein.{k}": v for k, v in facts.items()})
        with self._writing():
            temporary = self._folder / ".new"
            try:
                parquet.write_parquet(temporary, table)
                with files.guarded(path):
                    files.move_into_place(temporary, path)
            except BaseException:
                files.discard(temporary)
                raise

    def delete(self, name: str) -> None:
        """Raises NotFoundError where there is no such list."""
        path = self._existing(name)
        with self._writing(), files.guarded(path):
            path.unlink(missing_ok=True)
            files.sync_folder(self._folder)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with files.guarded(self._folder):
            files.make_folder(self._folder)
        with brief_lock(self._folder / ".lock"):
            yield

    @staticmethod
    def _spelled(name: str) -> str:
        spelled = "".join(
            one
            if _KEPT.fullmatch(one)
            else "".join(f"%{byte:02X}" for byte in one.encode("utf-8", "replace"))
            for one in name
        )
        return f"{spelled}{_SUFFIX}"

    def _path(self, name: str) -> Path:
        spelled = self._spelled(name)
        longest = _LONGEST + len(_SUFFIX)
        if not name.strip() or len(spelled.encode()) > longest or _HALVES.search(name):
            raise StoreError(
                f"{name[:40]!r} is no name for a list", hint="give a shorter, plain name"
            )
        return self._folder / spelled

    def _existing(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            raise NotFoundError(f"there is no list {name!r}", hint=near(name, self.names()))
        return path

    @staticmethod
    def _facts(path: Path) -> tuple[SubjectKind, str, str, dt.datetime]:
        try:
            raw = pq.read_schema(path).metadata or {}
            text = {key.decode(): value.decode() for key, value in raw.items()}
            kind = text["holbein.kind"]
            for known in SUBJECT_KINDS:
                if kind == known:
                    at = dt.datetime.fromisoformat(text["holbein.made_at"])
                    return known, text["holbein.title"], text["holbein.made_from"], at
        except (pa.ArrowException, OSError, ValueError, KeyError):
            pass
        raise _damaged(path)


def check_list(path: Path) -> pa.Array:
    """The members in the file of a list. Raises StoreError where it is damaged."""
    try:
        return parquet.read_parquet([path], ["id"])["id"].combine_chunks()
    except DamagedError:
        raise _damaged(path) from None


def _damaged(path: Path) -> StoreError:
    return StoreError(
        "the list is damaged",
        place=str(path),
        hint="delete the file, then freeze or import the list again",
    )


def _name(spelled: str) -> str:
    return _SPELLED.sub(
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), spelled
    )
