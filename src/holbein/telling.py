"""What the command line tells beside its results: progress, and what a run made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.errors import HolbeinError

if TYPE_CHECKING:
    from holbein.audiences.report import ImportReport
    from holbein.conditions.vocabulary import Language
    from holbein.progress import Progress
    from holbein.store import Snapshot
    from holbein.tags.planner import Plan
    from holbein.workspace import Workspace

errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False)

_SEVERAL: dict[SubjectKind, str] = {
    "enterprise": "enterprises",
    "person": "people",
    "role": "roles",
}


_WAYS = {
    "made": "from all facts",
    "within": "from all facts, within the query of their tags",
}
SHOWN = 12


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


def plan(planned: Plan) -> list[str]:
    """How the tags of a run will be made, a line for each step."""
    lines = []
    if planned.taken_over:
        what = counted(len(planned.taken_over), "tag", "tags")
        lines.append(f"plan: {what} taken over: nothing that they depend on has changed")
    for figures, way in planned.figures:
        columns = counted(figures.columns or 1, "figure", "figures")
        lines.append(f"plan: {figures.title} by {figures.kind}: {columns}, {_WAYS[way]}")
    for number, stage in enumerate(planned.stages, start=1):
        names = ", ".join(tag.name for tag in stage[:SHOWN])
        more = f" and {len(stage) - SHOWN} more" if len(stage) > SHOWN else ""
        lines.append(f"plan: tags, stage {number}: {names}{more}")
    return lines


def held(
    workspace: Workspace,
    condition: str,
    on: SubjectKind,
    run: int | None,
    columns: Sequence[str] = (),
) -> list[str]:
    """Which tags behind an answer are held, a line for each."""
    from holbein.conditions.reading import fields_of

    query = workspace.query if run is None else workspace.at(run)
    fields = fields_of(query.bind(condition, on), on, query.vocabulary)
    for one in columns:
        related, _, name = one.rpartition(".")
        kind = next((kind for kind in SUBJECT_KINDS if kind == related), on)
        fields.add((kind, name))
    return [
        f"note: {info.on} tag {info.tag} "
        + (f"has its values of {info.held.day}" if info.held.day else "has no values")
        + f": `holbein tag show {info.tag} --on {info.on}` says why"
        for info in query.held(fields)
        if info.held is not None
    ]


def tell(lines: Iterable[str]) -> None:
    """Lines on standard error, as they are."""
    for line in lines:
        errors.print(line, markup=False, soft_wrap=True)


def costs(snapshot: Snapshot) -> list[str]:
    """What a run's steps took, a line for each, the dearest first."""
    steps = sorted(snapshot.manifest.steps, key=lambda one: -one["seconds"])
    parts = [
        f"cost: {name} {seconds:.2f} s"
        for name, seconds in snapshot.manifest.costs.items()
        if isinstance(seconds, float)
    ]
    return parts + [
        f"cost: {one['seconds']:.2f} s for {one['what']} ({one['columns']}, {one['how']})"
        for one in steps
    ]


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


def tell_import(
    report: ImportReport, rejects: Path | None, as_json: bool, language: Language
) -> None:
    """What became of an imported file."""
    if as_json:
        print_json(report.as_json())
        return
    tell(report.lines(language))
    if report.left_out:
        tell([report.rejects_line(rejects, language)])


def write_page(path: Path, page: str) -> None:
    """A page into a file, with a clear error where it can't be written."""
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise HolbeinError(
            f"the page cannot be written: {error.strerror}",
            place=str(path)[:200],
            hint="name a file in a folder that exists and can be written to",
        ) from error


def print_json(value: object) -> None:
    """JSON to standard output, with letters of all scripts as they are."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
