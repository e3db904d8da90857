"""Bad input, part 7: the columns of the index, damaged by others, and conditions of any size.

Of a damaged column nobody gets a wrong answer: it is found when it is touched, the engine answers
meanwhile, with a warning that names the file, and the next run makes it anew.
"""

from __future__ import annotations

import errno
import gc
import os
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import holbein
from holbein.conditions import tree
from holbein.conditions.bind import bind
from holbein.conditions.text import parse
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.errors import HolbeinWarning
from holbein.store import ColumnRef, Snapshot, sections
from holbein.store.files import guarded
from holbein.store.manifest import DamagedError
from holbein.workspace import Workspace
from tests.support import bad_input
from tests.support.bad_input import accepted, command, process, refused
from tests.support.companies import ASKED, companies


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = bad_input.make(tmp_path_factory.mktemp("index") / "small")
    folder = bad_input.copy(small, small.with_name("good"), dict(companies(200)))
    holbein.open(folder).run(bad_input.AS_OF)
    return folder


@pytest.fixture(scope="module")
def expected(good: Path) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return answers(holbein.open(good))


def answers(workspace: Workspace) -> dict[str, Any]:
    """What a workspace says when it is asked for everything that it has."""
    out: dict[str, Any] = {}
    for kind in SUBJECT_KINDS:
        names = sorted(workspace.query.vocabulary.fields[kind])
        out[kind] = workspace.count("TRUE", on=kind)
        for one in (*(f"{name} IS NULL" for name in names), *ASKED[kind]):
            out[f"{kind}: {one}"] = workspace.count(one, on=kind)
            workspace.explain(one, on=kind)
        rows = workspace.select("TRUE", on=kind, columns=names)
        out[f"{kind}: all"] = rows.to_pylist()
    return out


def heard(folder: Path, expected: dict[str, Any]) -> set[str]:
    """The files that warnings name while all answers are right."""
    gc.collect()  # nobody has a file open from before
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert answers(holbein.open(folder)) == expected
    names = set()
    for one in caught:
        if issubclass(one.category, HolbeinWarning):
            said = str(one.message)
            assert "the file is damaged" in said
            assert said.endswith("the engine answers meanwhile")
            names.add(Path(said.split(": ")[0]).name)
    return names


def columns(snapshot: Snapshot) -> Iterator[ColumnRef]:
    for kind in SUBJECT_KINDS:
        yield from snapshot.columns(kind).values()


def unsound(folder: Path) -> set[str]:
    """The files of columns that are not found whole when all of them is touched."""
    gc.collect()
    found, query = set(), holbein.open(folder).query
    for ref in columns(query.snapshot):
        try:
            for _ in dict(query.snapshot.sections(ref)).values():
                pass
        except DamagedError:
            found.add(Path(ref.path).name)
    return found


# --- damage ---------------------------------------------------------------------------------------

Damage = Callable[[random.Random, Path, Path], None]


def flip(rng: random.Random, path: Path, other: Path) -> None:
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def cut(rng: random.Random, path: Path, other: Path) -> None:
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def stretch(rng: random.Random, path: Path, other: Path) -> None:
    path.write_bytes(path.read_bytes() + rng.randbytes(1 + rng.randrange(99)))


def scribble(rng: random.Random, path: Path, other: Path) -> None:
    content = bytearray(path.read_bytes())
    place = rng.randrange(len(content) - 8)
    content[place : place + 8] = bytes(255 - one for one in content[place : place + 8])
    path.write_bytes(content)


def swap(rng: random.Random, path: Path, other: Path) -> None:
    mine, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)


def take_away(rng: random.Random, path: Path, other: Path) -> None:
    path.unlink()


DAMAGE: tuple[Damage, ...] = (flip, flip, flip, flip, cut, cut, stretch, scribble, swap, take_away)


def damaged(rng: random.Random, folder: Path, times: int) -> set[str]:
    """Damages so many column files, each once; their names."""
    paths = sorted((folder / "data" / "files").glob("*.column"))
    served = {Path(one.path).name for one in columns(holbein.open(folder).query.snapshot)}
    paths = [one for one in paths if one.name in served]
    rng.shuffle(paths)
    hit = set()
    for _ in range(times):
        path, damage = paths.pop(), rng.choice(DAMAGE)
        content = path.read_bytes()
        other = next(one for one in paths if one.read_bytes() != content)
        damage(rng, path, other)
        hit.add(path.name)
        if damage is swap:
            hit.add(other.name)
            paths.remove(other)
    return hit


def battery(seed: str, good: Path, folder: Path, expected: dict[str, Any]) -> None:
    """Five damages to a copy of a workspace: each is found, none is believed, one run mends all."""
    rng = random.Random(seed)
    shutil.copytree(good, folder)
    hit = damaged(rng, folder, 5)
    named = heard(folder, expected)
    assert named <= hit, seed
    assert named, seed
    assert unsound(folder) == hit, seed
    holbein.open(folder).run(bad_input.AS_OF)
    assert unsound(folder) == set(), seed
    assert heard(folder, expected) == set(), seed
    shutil.rmtree(folder)


@pytest.mark.parametrize("number", range(10))
def test_fifty_damages_are_found_and_mended(
    number: int, good: Path, tmp_path: Path, expected: dict[str, Any]
) -> None:
    battery(f"damage {number}", good, tmp_path / "ws", expected)


@pytest.mark.soak
def test_a_thousand_damages(good: Path, tmp_path: Path, expected: dict[str, Any]) -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    for number in range(200):
        battery(f"{seed} {number}", good, tmp_path / "ws", expected)


def test_the_command_line_warns_and_answers(good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    shutil.copytree(good, folder)
    snapshot = holbein.open(folder).query.snapshot
    path = folder / "data" / snapshot.columns("enterprise")["employees"].path
    path.write_bytes(path.read_bytes()[:-1])
    asked = "employees > 50 AND no_role(TRUE)"
    said = process("count", "-w", str(folder), asked)
    assert accepted(said) == accepted(command("count", "-w", str(good), asked))
    warned = " ".join(said.err.split())
    assert warned.startswith(f"warning: {path}: the file is damaged: ")
    assert warned.endswith("; the engine answers meanwhile")
    assert "Traceback" not in process("explain", "-w", str(folder), asked).err


# --- accidents ------------------------------------------------------------------------------------


def grown(folder: Path) -> None:
    """Everyone hires somebody, and there is a new company."""
    path = folder / "crm" / "companies.csv"
    head, *rows = path.read_text().splitlines()
    cells = [one.split(",") for one in rows]
    more = [[*one[:5], str(int(one[5]) + 1), *one[6:]] for one in cells]
    lines = [",".join(one) for one in [*more, ["C999", "New", "", "", "", "1000", ""]]]
    path.write_text("\n".join([head, *lines, ""]))


@pytest.mark.parametrize("written", [0, 5, 10])
def test_a_disk_that_is_full_at_a_column_leaves_the_old_version(
    written: int,
    good: Path,
    tmp_path: Path,
    expected: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "ws"
    shutil.copytree(good, folder)
    grown(folder)
    real, left = sections.write_sections, written

    def full(path: Path, *given: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            path.write_bytes(b"half a col")
            with guarded(path):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, *given)

    with monkeypatch.context() as patch:
        patch.setattr(sections, "write_sections", full)
        said = refused(
            command("run", "-w", str(folder), "--as-of", bad_input.AS_OF), "the disk is full"
        )
    assert "the last version stays in force" in said
    assert left < 0
    assert heard(folder, expected) == set()
    assert unsound(folder) == set()
    accepted(command("run", "-w", str(folder), "--as-of", bad_input.AS_OF))
    assert holbein.open(folder).count("TRUE") == 201
    assert holbein.open(folder).count("employees = 1000") == 1
    assert unsound(folder) == set()


def test_a_reader_of_an_old_version_keeps_it(
    good: Path, tmp_path: Path, expected: dict[str, Any]
) -> None:
    """Even columns that it touches only when there are newer versions, and none other asks."""
    folder = tmp_path / "ws"
    shutil.copytree(good, folder)
    query = holbein.open(folder).query
    assert query.count(tree.TRUE, "enterprise") == 200
    for as_of in ("2024-07-01", "2024-07-02", "2024-07-03"):
        grown(folder)
        accepted(command("run", "-w", str(folder), "--as-of", as_of))
    for kind, asked in ASKED.items():
        for one in asked:
            condition = bind(parse(one), kind, query.vocabulary)
            assert query.count(condition, kind) == expected[f"{kind}: {one}"], one


def test_conditions_as_large_as_they_may_be(good: Path, expected: dict[str, Any]) -> None:
    """Columns answer what the engine answers: nested and listed as far as is allowed, or very wide."""
    query = holbein.open(good).query
    assert query.index is not None
    low: tree.Condition = tree.Compare(tree.Field("employees"), ">", tree.Number(60.0))
    deep = low
    for number in range(20):
        other = tree.Compare(tree.Field("employees"), "=", tree.Number(float(number)))
        deep = tree.And((tree.Or((deep, other)), tree.Not(other)))
    kin = low
    for relation in ("parent", "root", "subsidiary", "descendant") * 2:
        kin = tree.Related("any", relation, kin)
    numbers = tuple(tree.Number(one / 8) for one in range(1_000))
    wide = [
        tree.Compare(tree.Field("employees"), "=", tree.Number(one / 80)) for one in range(10_000)
    ]
    for condition in (
        deep,
        kin,
        tree.In(tree.Field("employees"), numbers),
        tree.In(tree.Arithmetic(tree.Field("employees"), "+", tree.Field("revenue")), numbers),
        tree.In(tree.Field("name"), tuple(tree.Text(f"N{one}") for one in range(1, 1_000))),
    ):
        bound = bind(condition, "enterprise", query.vocabulary)
        count = query.engine.count(bound, "enterprise")
        assert query.count(bound, "enterprise") == count
        assert query.index.node_counts(bound, "enterprise")["enterprise", bound] == count
        assert len(query.ids(bound, "enterprise")) == count
    whole = bind(tree.Or(tuple(wide)), "enterprise", query.vocabulary)
    assert query.count(whole, "enterprise") == 200
