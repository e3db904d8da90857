"""Starts the guard on a folder that holds a job, and tells how the worker ended."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holbein.catalog.kinds import Limits
from holbein.errors import TagError

GRACE = 15
"""Seconds beyond its own limit that the guard is given to clean up."""


@dataclass(frozen=True)
class Ended:
    """How it ended: by itself (``exit``, with a code), or stopped for ``time``, ``memory`` or
    ``processes``. ``error`` is what the worker says went wrong, ``said`` its last line of output.
    """

    end: str
    code: int
    said: str
    error: Mapping[str, Any] | None


@contextmanager
def job_folder() -> Iterator[Path]:
    """A folder for one job, which no one else can read; it is gone afterwards."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="holbein-tag-")).resolve()
    except OSError as error:
        raise TagError(
            f"no temporary folder can be made: {error.strerror}", hint="free some space in it"
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(folder: Path, job: Mapping[str, Any], limits: Limits) -> Ended:
    """Runs the job. When this returns or raises, no process of it is left."""
    if os.name != "posix":
        raise TagError(
            "tags of SQL and Python need Linux or macOS: elsewhere no limits can be enforced",
            hint="run the workspace there, for example in WSL",
        )
    told = {**job, "memory": limits.memory, "path": _installed()}
    (folder / "job.json").write_text(json.dumps(told), encoding="utf-8")
    command = [
        *(sys.executable, "-I", "-X", "utf8", str(Path(__file__).with_name("guard.py"))),
        *(str(os.getpid()), str(folder), str(limits.seconds), str(limits.memory)),
    ]
    try:
        guard = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise TagError(
            f"no process can be started: {error.strerror}", hint="end some others and run again"
        ) from None
    verdict = b""
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            verdict, _ = guard.communicate(timeout=limits.seconds + GRACE)
    finally:
        _stop(guard)
    return _ended(verdict, folder)


def _installed() -> list[str]:
    """Where the packages lie that the worker needs, should its own search path not lead there."""
    specs = (importlib.util.find_spec(name) for name in ("pyarrow", "numpy", "duckdb"))
    found = (str(Path(one.origin).parents[1]) for one in specs if one is not None and one.origin)
    return list(dict.fromkeys(found))


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: no keys, no tokens, no proxies, no search path."""
    return {
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # takes what is needed, so that limits can be tight
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "TMPDIR": str(folder),
        "TZ": "UTC",
    }


def _stop(guard: subprocess.Popen[bytes]) -> None:
    """Has the guard clean up, should it still be there."""
    if guard.poll() is None:
        guard.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            guard.wait(timeout=GRACE)
    if guard.poll() is None:
        with contextlib.suppress(OSError):
            os.killpg(guard.pid, signal.SIGKILL)
        guard.wait()
    if guard.stdout is not None:
        guard.stdout.close()


def _ended(verdict: bytes, folder: Path) -> Ended:
    try:
        told = json.loads(verdict)
        error = None
        if (folder / "error.json").is_file():
            error = json.loads((folder / "error.json").read_bytes()[:100_000])
        return Ended(
            str(told["end"]),
            int(told["code"]),
            str(told["said"]),
            error if isinstance(error, dict) else None,
        )
    except (ValueError, TypeError, KeyError, OSError):
        return Ended("lost", -1, "", None)
