"""The note of a build's written tables that outlives a crash."""

from __future__ import annotations

import json
import os
from typing import Any

from holbein.store import files
from holbein.store.layout import Layout
from holbein.store.manifest import FileRef

Parts = tuple[FileRef, ...]


class Progress:
    """``build/progress.jsonl``: whose build it is, then one line per finished table."""

    def __init__(self, layout: Layout) -> None:
        self._log = layout.build / "progress.jsonl"

    def read(self, header: dict[str, Any] | None = None) -> dict[str, Parts] | None:
        """The tables noted by a build with this header (None: any); None where there is no such."""
        try:
            lines = self._log.read_bytes().split(b"\n")
            found = json.loads(lines[0])
        except (OSError, ValueError):
            return None
        if header is not None and found != header:
            return None
        tables: dict[str, Parts] = {}
        for line in lines[1:]:
            try:
                note = json.loads(line)
                parts = tuple(FileRef.model_validate(one) for one in note["parts"])
                tables[note["table"]] = parts
            except (ValueError, KeyError, AttributeError, TypeError):
                continue  # torn by the crash: that table is made anew
        return tables

    def start(self, header: dict[str, Any]) -> None:
        """Forgets what was noted, and begins anew."""
        folder = self._log.parent
        files.discard(folder)
        files.make_folder(folder)
        files.replace_file(self._log, json.dumps(header).encode() + b"\n")

    def tidy(self) -> None:
        """Removes half-written files."""
        for path in self._log.parent.iterdir():
            if path != self._log:
                files.discard(path)

    def note(self, table: str, parts: Parts) -> None:
        """Notes a table whose files are safe on the disk."""
        listed = [one.model_dump() for one in parts]
        line = json.dumps({"table": table, "parts": listed}).encode()
        with files.guarded(self._log), self._log.open("ab") as log:
            # A newline first ends a line that a failed write may have left torn.
            log.write(b"\n" + line + b"\n")
            log.flush()
            os.fsync(log.fileno())
