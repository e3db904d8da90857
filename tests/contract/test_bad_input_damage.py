"""Bad input, part 6: the folder ``data`` that Holbein itself keeps, damaged by others.

The place is told, with what to do; where a run can mend it, it does.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import holbein
from holbein.errors import HolbeinError, StoreError
from holbein.store import files
from tests.support import bad_input
from tests.support.bad_input import accepted, command, in_force, refused


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_input.make(tmp_path_factory.mktemp("damage") / "good")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return bad_input.copy(good, tmp_path / "ws")


def count(folder: Path, condition: str = "TRUE") -> int:
    return int(accepted(command("count", "-w", str(folder), condition)))


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


ASKING = [
    ["count", "big AND count(orders) > 0"], ["tags"], ["select", "big"], ["portrait", "enterprise", "C1"],
    ["portrait", "audience", "big ones"], ["audience", "freeze", "bosses", "--as", "x"],
]  # fmt: skip


def manifest(data: Path) -> Path:
    return data / "versions" / "000001" / "manifest.json"


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in (10, len(content) // 2, len(content) - 20):
        content[place] ^= 0xFF
    path.write_bytes(bytes(content))


def tables(damage: Callable[[Path], object]) -> Callable[[Path], None]:
    def all_of_them(data: Path) -> None:
        for path in (data / "files").iterdir():
            damage(path)

    return all_of_them


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "pointer: empty": (lambda data: (data / "current").write_bytes(b""), "the pointer is damaged"),
    "pointer: junk": (lambda data: (data / "current").write_bytes(b"\0\xff"), "the pointer is damaged"),
    "pointer: elsewhere": (lambda data: (data / "current").write_bytes(b"2 0000000000000000\n"), "the pointer is damaged"),
    "manifest: cut": (lambda data: half(manifest(data)), "the manifest is damaged"),
    "manifest: junk": (lambda data: manifest(data).write_bytes(b"\0\xff" * 50), "the manifest is damaged"),
    "manifest: flipped": (lambda data: flipped(manifest(data)), "the manifest is damaged"),
    "manifest: gone": (lambda data: manifest(data).unlink(), "its manifest is missing"),
    "tables: cut": (tables(half), "the file is damaged"),
    "tables: flipped": (tables(flipped), "the file is damaged"),
    "tables: zeros": (tables(lambda path: path.write_bytes(b"\0" * path.stat().st_size)), "the file is damaged"),
    "tables: gone": (tables(lambda path: path.unlink()), "the file is damaged: it is missing"),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "told"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_told_and_the_next_run_mends_it(
    folder: Path, damage: Callable[[Path], object], told: str
) -> None:
    damage(folder / "data")
    for arguments in ASKING:
        said = refused(command(*arguments, "-w", str(folder)), told)
        assert said.startswith(f"error: {folder / 'data'}")  # the place
        assert "holbein run" in said
    with pytest.raises(StoreError, match=told):
        holbein.open(folder).count("big AND count(orders) > 0")
    accepted(command("run", "-w", str(folder), "--as-of", bad_input.AS_OF))
    assert [count(folder, one) for one in ("TRUE", "big", "count(orders) > 0")] == [3, 2, 2]


@pytest.mark.parametrize("name", ["", "versions", "lists", "build"])
def test_a_file_where_a_folder_should_be(folder: Path, name: str) -> None:
    path = folder / "data" / name
    shutil.rmtree(path, ignore_errors=True)
    path.write_text("x")
    refused(command("run", "-w", str(folder)), f"{path}: this is a file", "move it away")
    if name == "build":
        in_force(folder)
    else:
        refused(command("count", "TRUE", "-w", str(folder)), f"{path}: this is a file")


def test_a_damaged_list_is_told_to_who_asks_for_it(folder: Path) -> None:
    accepted(command("audience", "freeze", "big ones", "--as", "mine", "-w", str(folder)))
    (path,) = (folder / "data" / "lists").glob("*.parquet")
    told = f"{path}: the list is damaged"
    for damage in (flipped, half, lambda one: one.write_bytes(b"junk")):
        before = path.read_bytes()
        damage(path)
        refused(command("count", "in_audience('mine')", "-w", str(folder)), told)
        in_force(folder)
        path.write_bytes(before)
    path.with_name("%FF%.parquet").write_bytes(b"junk")  # no name that a list of ours could have
    assert count(folder, "in_audience('mine')") == 2
    in_force(folder)


REFUSALS = {
    errno.EACCES: "no permission (give this user the right to it",
    errno.EROFS: "the disk can only be read (mount it for writing",
    errno.ENOSPC: "the disk is full (free some space",
}


@pytest.mark.parametrize(("number", "told"), REFUSALS.items(), ids=lambda one: str(one)[:16])
def test_a_disk_that_takes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, told: str
) -> None:
    """Root may write anywhere, so the system's refusal is played."""

    def refuse(path: Path, content: bytes) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(files, "write_synced", refuse)
    said = refused(command("run", "-w", str(folder), "--full"), told)
    assert "the last version stays in force" in said
    in_force(folder)


if os.geteuid() != 0:

    def test_a_folder_that_can_only_be_read(folder: Path) -> None:
        data = folder / "data"
        folders = [data, *(one for one in data.rglob("*") if one.is_dir())]
        for path in folders:
            path.chmod(0o555)
        try:
            refused(command("run", "-w", str(folder), "--full"), "no permission")
            in_force(folder)
        finally:
            for path in folders:
                path.chmod(0o755)


def test_reads_do_not_need_the_sources_or_the_definitions(folder: Path) -> None:
    """What was published answers, whatever has become of all that it was made from."""
    for name in ("sources", "tags", "audiences", "crm"):
        shutil.rmtree(folder / name)
    (folder / "holbein.yaml").write_text("{")
    in_force(folder)
    with pytest.raises(HolbeinError, match=r"holbein\.yaml:1"):
        holbein.open(folder).run()
    in_force(folder)
