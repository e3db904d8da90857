"""What was seen in files when they were last looked at, so that they need not be read again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holbein.store.files import guarded, replace_file


class Seen:
    """Notes by what they were made of. What is damaged or lost is only looked at again."""

    def __init__(self, path: Path | None = None) -> None:
        """``path``: the file that keeps them from one run to the next."""
        self._path = path
        self._kept = {} if path is None else _read(path)
        self._asked: dict[str, Any] = {}

    def of(self, made_of: object, look: Callable[[], Any]) -> Any:
        """The note on ``made_of``, which is made by ``look`` where there is none. JSON values."""
        text = json.dumps(made_of, sort_keys=True, default=str)
        key = hashlib.sha256(text.encode()).hexdigest()[:40]
        if key not in self._asked:
            self._asked[key] = self._kept[key] if key in self._kept else look()
        return self._asked[key]

    def save(self) -> None:
        """Keeps what was asked for since the beginning. For one process at a time."""
        if self._path is None or self._asked.keys() == self._kept.keys():
            return
        body = json.dumps(self._asked, ensure_ascii=False)
        with guarded(self._path):
            replace_file(self._path, f"{_checksum(body)}\n{body}".encode())
        self._kept = dict(self._asked)


def _read(path: Path) -> dict[str, Any]:
    try:
        checksum, _, body = path.read_text(encoding="utf-8").partition("\n")
        found = json.loads(body) if checksum == _checksum(body) else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _checksum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
