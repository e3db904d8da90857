"""A script that starts the worker, holds it to its limits, and leaves nothing of it behind.

    python -I guard.py PARENT FOLDER SECONDS BYTES

It ends with one line of JSON on its standard output: how the worker ended, and the last line that
it said. It stands between the run and the worker because orphans of the worker's processes become
its own children (on Linux), and because it outlives a run that is killed, and then cleans up.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

TICK, LOOK = 0.01, 0.1
"""Seconds between two looks at whether the worker has ended, and at its memory."""
MOST_PROCESSES = 64
KEPT = 8192
"""Bytes of output."""
PROC = Path("/proc")
_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER


def main(parent: int, folder: Path, seconds: float, memory: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    reading, writing = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", str(Path(__file__).with_name("worker.py")), "."],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=writing,
        start_new_session=True,
    )
    os.close(writing)
    said = bytearray()
    listener = threading.Thread(target=_listen, args=(reading, said), daemon=True)
    listener.start()
    end = _watch(worker, parent, stopped, time.monotonic() + seconds, memory)
    _clear(worker)
    listener.join(1)
    if end == "stopped":
        shutil.rmtree(folder, ignore_errors=True)
    lines = said.decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    print(json.dumps({"end": end, "code": worker.returncode, "said": last[:500]}), flush=True)


def _listen(reading: int, said: bytearray) -> None:
    """Takes in whatever is said, so that no one waits, and keeps the end of it."""
    while part := os.read(reading, 65536):
        said += part
        del said[:-KEPT]


def _watch(
    worker: subprocess.Popen[bytes],
    parent: int,
    stopped: threading.Event,
    deadline: float,
    memory: int,
) -> str:
    """Until the worker ends or must; why."""
    look = 0.0
    while worker.poll() is None:
        now = time.monotonic()
        if stopped.is_set() or os.getppid() != parent:
            return "stopped"
        if now >= deadline:
            return "time"
        if now >= look:
            look = now + LOOK
            alive = list(_family(worker))
            if len(alive) > MOST_PROCESSES:
                return "processes"
            if _held(alive) > memory:
                return "memory"
        time.sleep(TICK)
    return "exit"


def _clear(worker: subprocess.Popen[bytes]) -> None:
    """Kills all that is left, also what comes up meanwhile."""
    with contextlib.suppress(OSError):
        os.killpg(worker.pid, signal.SIGKILL)
    for _ in range(500):
        left = list(_family(worker))
        if not left:
            break
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(TICK)
    worker.wait()


# --- what the system knows of the worker and all that it started ----------------------------------


def _family(worker: subprocess.Popen[bytes]) -> Iterator[int]:
    """The processes below this one that are alive. Dead orphans are buried on the way."""
    if not PROC.is_dir():
        if worker.poll() is None:
            yield worker.pid
        return
    children: dict[int, list[tuple[int, str]]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                state, above = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                children.setdefault(int(above), []).append((int(entry.name), state))
    left = [os.getpid()]
    while left:
        for pid, state in children.get(left.pop(), ()):
            left.append(pid)
            if state not in "ZX":
                yield pid
            elif pid != worker.pid:
                with contextlib.suppress(OSError):
                    os.waitpid(pid, os.WNOHANG)


def _held(pids: list[int]) -> int:
    """Bytes of memory that the processes hold of their own; what forks share counts once."""
    held = _sum(pids, "status", ("RssAnon:", "RssShmem:"))
    if len(pids) > 1:
        return min(held, _sum(pids, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:")) or held)
    return held


def _sum(pids: Iterable[int], file: str, names: tuple[str, ...]) -> int:
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError):
            for line in (PROC / str(pid) / file).read_text().splitlines():
                if line.startswith(names):
                    total += 1024 * int(line.split()[1])
    return total


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
