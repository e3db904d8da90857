"""Parts of an audience: disjoint, complete, about as large, the same in every run."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy.stats import chisquare

import holbein
from holbein.errors import HolbeinError, NotFoundError
from holbein.workspace import Workspace
from tests.support.bad_input import command


def members(workspace: Workspace, condition: str) -> set[str]:
    found = holbein.open(workspace.folder)
    return set(found.select(condition, columns=["id"])["id"].to_pylist())


@pytest.mark.parametrize("parts", [2, 3, 7, 100])
def test_parts_are_disjoint_and_complete(own: Workspace, parts: int) -> None:
    made = own.split("software", "trial", parts)
    assert [one.name for one in made] == [f"trial {number}" for number in range(1, parts + 1)]
    listed = [members(own, f"in_audience('{one.name}')") for one in made]
    assert [len(one) for one in listed] == [one.size for one in made]
    everyone = members(own, "in_audience('software')")
    assert sum(map(len, listed)) == len(everyone)
    assert set().union(*listed) == everyone
    for one, found in zip(made, listed, strict=True):
        assert members(own, one.condition) == found


def test_parts_are_the_same_in_later_runs(own: Workspace) -> None:
    first = own.split("software", "trial", 3)
    before = [members(own, one.condition) for one in first]
    own.run(as_of=dt.date(2026, 8, 1))
    later = holbein.open(own.folder)
    assert [members(later, one.condition) for one in later.split("software", "again", 3)] == before
    assert [members(later, f"in_audience('{one.name}')") for one in first] == before


def test_another_salt_makes_other_parts(own: Workspace) -> None:
    first, other = (own.split("software", salt, 2, salt) for salt in ("one", "two"))
    assert members(own, first[0].condition) != members(own, other[0].condition)


def test_parts_are_about_as_large(own: Workspace) -> None:
    file = own.folder / "audiences" / "all.yaml"
    file.write_text(file.read_text() + '  - {audience: every, where: "name IS NOT NULL"}\n')
    sizes = np.zeros(4)
    for number in range(20):
        sizes += [one.size for one in holbein.open(own.folder).split("every", "x", 4, str(number))]
    assert chisquare(sizes).pvalue > 0.001


def test_nobody_is_split_into_nobody(own: Workspace) -> None:
    assert [one.size for one in own.split("nobody", "none", 3)] == [0, 0, 0]


def test_what_is_refused_keeps_nothing(own: Workspace) -> None:
    for parts in (-1, 0, 1, 101):
        with pytest.raises(HolbeinError, match=f"{parts} parts cannot be made"):
            own.split("software", "x", parts)
    with pytest.raises(NotFoundError):
        own.split("softwear", "x", 2)
    own.freeze("signed in", "x 2")
    with pytest.raises(HolbeinError, match="it holds the kind person"):
        holbein.open(own.folder).split("software", "x", 2)
    assert "x 1" not in holbein.open(own.folder).query.vocabulary.audiences


def test_the_command(own: Workspace) -> None:
    done = command(
        "audience", "split", "software", "--into", "2", "--as", "half", "-w", str(own.folder)
    )
    assert done.code == 0
    assert "half 1: " in done.out
    assert "bucket('split') < 0.5" in " ".join(done.out.split())
