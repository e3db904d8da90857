"""What could not be taken, and why: the rows of the table ``quarantine``."""

from __future__ import annotations

import json

import pyarrow as pa

from holbein.collect.raw import Raw, row_json
from holbein.records import QUARANTINE, Rows


class Rejects:
    """Gathers rows and values that can't be read, in order."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, list[str], list[str], list[str]]] = []

    def add(self, source: str, raw: Raw, rows: Rows, reason: str) -> None:
        """Rows of ``raw``; the reason names columns, never values."""
        if len(rows):
            count = len(rows)
            self._parts.append(
                (source, raw.place_of(rows), [reason] * count, row_json(raw.table, rows))
            )

    def add_unread(self, source: str, raw: Raw) -> None:
        """The lines that could not be taken apart."""
        if raw.unread:
            self._parts.append(
                (
                    source,
                    [one.place for one in raw.unread],
                    [one.reason for one in raw.unread],
                    [_line(one.text) for one in raw.unread],
                )
            )

    def table(self) -> pa.Table:
        """All of it, as ``QUARANTINE``."""
        columns: tuple[list[str], list[str], list[str], list[str]] = ([], [], [], [])
        for source, places, reasons, rows in self._parts:
            columns[0].extend([source] * len(places))
            columns[1].extend(places)
            columns[2].extend(reasons)
            columns[3].extend(rows)
        return pa.table([pa.array(one, pa.string()) for one in columns], schema=QUARANTINE)


def _line(text: str) -> str:
    return json.dumps({"line": text.rstrip("\r\n")}, ensure_ascii=False)
