"""What the command line tells beside its results: progress, and what a run made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console

from holbein.conditions.tree import SubjectKind

if TYPE_CHECKING:
    from holbein.progress import Progress
    from holbein.store import Snapshot
    from holbein.workspace import Workspace

errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False)

_SEVERAL: dict[SubjectKind, str] = {
    "enterprise": "enterprises",
    "person": "people",
    "role": "roles",
}


@contextmanager
def progress() -> Iterator[Progress]:
    """Progress on standard error: a bar where a person is watching, a line a step elsewhere."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    if not errors.is_terminal:
        seen: list[str] = []

        def told(step: str, done: int, total: int | None) -> None:
            if step not in seen:
                seen.append(step)
                errors.print(f"{step} …", markup=False)

        yield told
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def moved(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                for one in tasks.values():
                    bar.update(one, total=1, completed=1)
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield moved


def counted(number: int, single: str, several: str) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{number:,} {single if number == 1 else several}"


def summary(workspace: Workspace, snapshot: Snapshot) -> list[str]:
    """What a run made, in a few lines."""
    manifest = snapshot.manifest
    seconds = sum(one for one in manifest.costs.values() if not isinstance(one, dict))
    lines = [f"version {snapshot.number} as of {snapshot.as_of.day}, in {seconds:.1f} s"]
    files = manifest.costs.get("files", {})
    if files.get("taken_over"):
        read = counted(files["read"], "file", "files")
        lines.append(f"{read} read, {files['taken_over']:,} taken over")
    counts = [
        counted(workspace.count("TRUE", kind), kind, several) for kind, several in _SEVERAL.items()
    ]
    lines.append(", ".join(counts))
    lines += [f"note: {mark}" for mark in manifest.marks]
    if rows := snapshot.rows("quarantine"):
        what = counted(rows, "row", "rows")
        lines.append(f"note: {what} could not be read: `holbein quarantine list`")
    return lines
