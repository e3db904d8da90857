"""What a version is made of: its tables' files with checksums, and what readers must know of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pydantic

from holbein.conditions.instants import AsOf
from holbein.errors import StoreError

FORMAT = 4
CHAINED = "changes"
"""The table that begins with the parts of the version before, and adds one of its own."""

_TABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")
REBUILDS = "the next `holbein run` builds it again"


class DamagedError(StoreError):
    """What is on the disk is not what was written. A writer may go on without it; any other
    StoreError (no permission, too many open files) must stop it, or it would forget ids."""


def damaged(path: Path, why: str) -> DamagedError:
    """The one way to say that a file is not what was written."""
    return DamagedError(f"the file is damaged: {why}", place=str(path), hint=REBUILDS)


class _Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Piece(_Model):
    """Rows of a part that come from one place: those behind the pieces before it."""

    name: str
    made_of: str
    """A fingerprint of what they were read from."""
    rows: int


class Stored(_Model):
    """One immutable file."""

    path: Annotated[str, pydantic.Field(pattern=r"^files/[^./\\][^/\\]*$")]
    """Relative to the data folder. Always in its common folder ``files``."""
    sha256: str
    bytes: int


class LookupRef(Stored):
    """The rows of a file once more, to be looked up by subject (``store.lookup``)."""

    footer: int
    """How many bytes at its end say where everything lies."""
    seal: str
    """The SHA-256 of these."""
    keys: tuple[str, ...]
    """By which of its columns rows are found."""


class ColumnRef(Stored):
    """What the index holds of a column, for all subjects of a kind: arrays in one file
    (``store.sections``)."""

    name: str
    footer: int
    """How many bytes at its end say where everything lies."""
    seal: str
    """The SHA-256 of these."""
    made_of: str | None = None
    """A fingerprint of what it was made of, where the run gave one."""


class FileRef(Stored):
    """One Parquet file: a table, or a part of one."""

    rows: int
    lookup: LookupRef | None = None
    """None of tables that are not looked up, and of those made before there were any."""
    made_of: str | None = None
    """A fingerprint of what the table was computed from, where the run gave one."""
    pieces: tuple[Piece, ...] = ()
    """Of a part that is renewed piece by piece: which they are, in the order of their rows."""

    def files(self) -> Iterator[Stored]:
        """It, and its lookup."""
        yield self
        if self.lookup is not None:
            yield self.lookup


def _listed(tables: Any) -> Any:
    """Before format 2, a table was one file."""
    if not isinstance(tables, dict):
        return tables
    return {name: [ref] if isinstance(ref, dict) else ref for name, ref in tables.items()}


class Manifest(_Model):
    """One published version. Instants are UTC without zone."""

    format: int = FORMAT
    number: int
    as_of: AsOf
    created_at: dt.datetime
    zone: str
    previous: int | None = None
    """The latest version as of an earlier instant, when this one was published; may be gone now."""
    fingerprint: str
    """Of all that went in: the one that ``Store.begin`` was given."""
    sources: dict[str, str] = {}
    """A fingerprint per source."""
    tables: Annotated[dict[str, tuple[FileRef, ...]], pydantic.BeforeValidator(_listed)]
    """The parts of each table, in the order of their rows."""
    index: dict[str, tuple[ColumnRef, ...]] = {}
    """The columns of the index, per subject kind; none of versions made before format 4."""
    last_ids: dict[str, int] = {}
    """The largest id ever given, per subject kind: a floor should the alias table be lost."""
    vocabulary: dict[str, Any] = {}
    tags: list[dict[str, Any]] = []
    profiles: list[dict[str, Any]] = []
    """What is kept of the values of each tag."""
    subjects: dict[str, int] = {}
    """How many there are, per subject kind."""
    audiences: dict[str, str] = {}
    """A hash of each audience's definition."""
    marks: list[str] = []
    """What a reader should be told of this version: "attributes as of today"."""
    costs: dict[str, Any] = {}
    """Seconds of each part of the run."""
    steps: list[dict[str, Any]] = []
    """How the tags were made, in order: ``what``, ``how``, ``columns``, ``seconds``."""

    def files(self) -> Iterator[Stored]:
        """Every file that this version needs."""
        for parts in self.tables.values():
            for part in parts:
                yield from part.files()
        for columns in self.index.values():
            yield from columns

    def parts(self, table: str) -> tuple[FileRef, ...]:
        """The files of a table, oldest first; empty where this version lacks it."""
        return self.tables.get(table, ())


def check_table_name(table: str) -> None:
    """Refuses what could not be a file's name: ``enterprise``, ``stream.orders`` pass."""
    if not _TABLE.fullmatch(table):
        raise StoreError(f"{table!r} is no name of a table", hint="such as orders or stream.orders")


def _checksum(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def dump(manifest: Manifest) -> bytes:
    """The manifest as JSON that carries its own checksum."""
    body = manifest.model_dump(mode="json")
    return json.dumps({"checksum": _checksum(body), **body}, indent=1).encode("ascii")


def load(content: bytes, path: Path) -> Manifest:
    """The manifest back; StoreError at ``path`` if a byte of its meaning has changed."""
    try:
        body = json.loads(content)
        checksum = body.pop("checksum")
        if body.get("format", 0) > FORMAT:
            raise StoreError(
                "this version was written by a newer Holbein",
                place=str(path),
                hint="update Holbein",
            )
        if checksum == _checksum(body):
            return Manifest.model_validate(body)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        pass
    raise DamagedError("the manifest is damaged", place=str(path), hint=REBUILDS)
