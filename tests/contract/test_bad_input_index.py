"""Bad input, part 7: the columns of the index, damaged by others, and conditions of any size.

Of a damaged column nobody gets a wrong answer: it is found when it is touched, the engine answers
meanwhile, with a warning that names the file, and the next run makes it anew.
"""

from __future__ import annotations

import gc
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import holbein
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.errors import HolbeinWarning
from holbein.store import ColumnRef, Snapshot
from holbein.store.manifest import DamagedError
from holbein.workspace import Workspace
from tests.support import bad_input
from tests.support.bad_input import accepted, command, process

ASKED: dict[SubjectKind, tuple[str, ...]] = {
    "enterprise": (
        "employees > 50", "employees IN (60, 61, 62)", "founded < DATE '1990-01-01'", "big",
        "country = 'Germany'", "tier = 'high'", "name LIKE '%1%'", "region WITHIN '310000'",
        "products CONTAINS 'Tea'", "employees > revenue", "any_role(title = 'Boss')",
        "no_role(TRUE)", "count_roles(TRUE) >= 2", "role_share(title = 'Boss') >= 0.5",
        "parent(big)", "root(big)", "any_subsidiary(NOT big)", "any_descendant(TRUE)",
        "count_subsidiaries(TRUE) > 1", "count(orders) > 0",
    ),
    "person": ("any_role(enterprise(big))", "email IS NULL", "enterprise(big)"),
    "role": ("title = 'Boss'", "enterprise(big)", "person(email IS NULL)", "since IS NULL"),
}  # fmt: skip


def companies(number: int) -> dict[str, str]:
    """So many, in groups, and about twice as many people, with orders."""
    rng = random.Random(number)
    rows, people, orders = [], [], []
    for one in range(1, number + 1):
        parent = f"C{rng.randrange(1, one)}" if one > 1 and rng.random() < 0.5 else ""
        country, region = rng.choice((("Germany", "310000"), ("France", ""), ("", "310115")))
        founded = f"{rng.randrange(1900, 2020)}-01-01" if rng.random() < 0.8 else ""
        rows.append(f"C{one},N{one},{country},{region},{parent},{rng.randrange(120)},{founded}")
        for role in range(rng.randrange(4)):
            title, email = rng.choice(("Boss", "Clerk", "")), rng.choice(("", f"{one}@example.org"))
            people.append(f"P{one}.{role},C{one},N{role},{title},{email}")
        for order in range(rng.randrange(3)):
            product, amount = rng.choice(("Tea", "Rice", "Salt")), rng.randrange(200)
            orders.append(f"{one}.{order},C{one},2024-0{1 + order}-05,{product},{amount}")
    heads = (bad_input.COMPANIES, bad_input.CONTACTS, bad_input.ORDERS)
    names = ("crm/companies.csv", "crm/contacts.csv", "crm/orders.csv")
    return {
        name: "\n".join([head.splitlines()[0], *lines, ""])
        for name, head, lines in zip(names, heads, (rows, people, orders), strict=True)
    }


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
        path, other = paths.pop(), paths[0]
        damage = rng.choice(DAMAGE)
        damage(rng, path, other)
        hit.add(path.name)
        if damage is swap:
            hit.add(paths.pop(0).name)
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
