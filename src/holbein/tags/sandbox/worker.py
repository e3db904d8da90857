"""A script that runs the code of one tag, in the folder that it is given.

    python -I worker.py FOLDER

The folder holds ``job.json`` and the data; the script leaves there ``result.arrow``, or
``error.json`` with what went wrong. Memory is limited once all is loaded that the code may need.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import re
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

CODE = "code"
"""The folder of the Python file."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
MODULE = "holbein_tag"


class Failed(Exception):
    """What ``error.json`` says."""

    def __init__(self, kind: str, **told: Any) -> None:
        self.told = {"kind": kind, **told}


def main(folder: Path) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    job = json.loads((folder / "job.json").read_text("utf-8"))
    sys.path += [one for one in job["path"] if one not in sys.path]
    sys.dont_write_bytecode = True
    me = os.getpid()
    try:
        values = (_call if job["what"] == "python" else _ask)(job, folder)
        if os.getpid() == me:  # and not a child that the code forked
            _write(values, folder / "result.arrow")
    except Failed as failed:
        (folder / "error.json").write_text(json.dumps(failed.told), "utf-8")
    except MemoryError:
        (folder / "error.json").write_text('{"kind": "memory"}', "utf-8")
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)  # whatever threads the code has left running


def _limit(memory: int) -> None:
    """From here on so many bytes more, for data, and for any one file."""
    import resource

    loaded = 0
    with contextlib.suppress(OSError):
        found = re.search(r"VmData:\s*(\d+)", Path("/proc/self/status").read_text())
        loaded = 1024 * int(found[1]) if found else 0
    for what, most in (
        (resource.RLIMIT_DATA, loaded + memory),
        (resource.RLIMIT_FSIZE, memory),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def _write(values: Any, path: Path) -> None:
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, values.schema) as writer:
        writer.write_table(values)


# --- Python ---------------------------------------------------------------------------------------


def _call(job: dict[str, Any], folder: Path) -> Any:
    """What the function makes of the table, as a table of one column ``value``."""
    import numpy  # noqa: F401 - loaded before memory is counted
    import pyarrow as pa
    import pyarrow.compute

    with pa.memory_map(str(folder / "input.arrow")) as file:
        table = pa.ipc.open_file(file).read_all()
    _limit(job["memory"])
    path = (folder / CODE / job["file"]).absolute()
    try:
        spec = importlib.util.spec_from_file_location(MODULE, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[MODULE] = module
        spec.loader.exec_module(module)
        function = getattr(module, job["function"], None)
        if not callable(function):
            raise Failed("no function")
        found = function(table)
    except (Failed, MemoryError):
        raise
    except BaseException as error:
        raise _raised(error, str(path)) from None
    if isinstance(found, pa.Array | pa.ChunkedArray):
        return pa.table({"value": found})
    if isinstance(found, str | bytes | dict | pa.Table | pa.RecordBatch | pa.Scalar):
        raise Failed("no values", type=type(found).__name__)
    try:
        return pa.table({"value": pa.array(found)})
    except (MemoryError, KeyboardInterrupt):
        raise
    except BaseException:
        raise Failed("no values", type=type(found).__name__) from None


def _raised(error: BaseException, path: str) -> Failed:
    """The exception in one line, and the last line of the file that it went through."""
    lines = [
        one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == path
    ]
    try:
        said = traceback.format_exception_only(error)[-1]
    except BaseException:
        said = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename == path:
        lines.append(error.lineno)
    return Failed("raised", said=said.strip()[:2000], line=lines[-1] if lines else None)


# --- SQL ------------------------------------------------------------------------------------------


def _ask(job: dict[str, Any], folder: Path) -> Any:
    """The rows of the query, on an engine that is closed before it is asked."""
    import duckdb
    import pyarrow as pa  # noqa: F401 - loaded before memory is counted

    connection = duckdb.connect(config=job["config"])
    _limit(job["memory"])
    for statement in job["prepare"]:
        connection.execute(statement)
    try:
        return connection.sql(job["query"]).to_arrow_table()
    except duckdb.Error as error:
        raise Failed("engine", type=type(error).__name__, said=str(error)[:2000]) from None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
