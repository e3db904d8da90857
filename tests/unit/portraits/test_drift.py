"""How an audience changed between two runs: who came and went, PSI, and what it was due to."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

import holbein
from holbein.errors import HolbeinError, NotFoundError
from holbein.portraits import drift_page
from holbein.portraits.group.drift import Drift, TagDrift
from holbein.query.drifting import Column, drifted
from holbein.workspace import Workspace
from tests.support.bad_input import command
from tests.support.workspaces import write_workspace

DAYS = dt.date(2026, 5, 31), dt.date(2026, 6, 30)
LABELS = st.sampled_from(["a", "b", "c", None])


def column(values: list[object], stayed: list[bool], type_: pa.DataType, day: dt.date) -> Column:
    return Column(pa.chunked_array([pa.array(values, type_)]), np.array(stayed, bool), day)


def psi(then: Counter[object], now: Counter[object]) -> float:
    """As the books have it, with the house's share of an empty bin."""
    out = 0.0
    m, n = then.total(), now.total()
    for one in {*then, *now}:
        a = then[one] / m if then[one] else max(0.5 / m, 0.0001)
        b = now[one] / n if now[one] else max(0.5 / n, 0.0001)
        out += (b - a) * math.log(b / a)
    return out


@given(
    st.lists(LABELS, min_size=1, max_size=40), st.lists(LABELS, min_size=1, max_size=40), st.data()
)
def test_both_steps_of_a_category(then: list[str], now: list[str], data: st.DataObject) -> None:
    stay = data.draw(st.integers(0, min(len(then), len(now))))
    masks = [[at < stay for at in range(len(one))] for one in (then, now)]
    found = drifted(
        column(then, masks[0], pa.string(), DAYS[0]), column(now, masks[1], pa.string(), DAYS[1])
    )
    between = Counter[object](then[:stay] + now[stay:])
    assert found.psi == pytest.approx(psi(Counter(then), Counter(now)))
    assert found.members == pytest.approx(psi(Counter(then), between))
    assert found.values == pytest.approx(psi(between, Counter(now)))
    assert found.changed == sum(a != b for a, b in zip(then[:stay], now[:stay], strict=True))


LISTS = st.none() | st.lists(st.sampled_from("abc"), max_size=3)


@given(st.lists(st.tuples(LISTS, LISTS), min_size=1, max_size=40))
def test_another_list_is_another_value(pairs: list[tuple[list[str], list[str]]]) -> None:
    stayed = [True] * len(pairs)
    then, now = (
        column([pair[at] for pair in pairs], stayed, pa.list_(pa.string()), DAYS[at])
        for at in (0, 1)
    )
    assert drifted(then, now).changed == sum(old != new for old, new in pairs)


def test_other_members_and_other_values_are_told_apart() -> None:
    half = ["a"] * 50 + ["b"] * 50
    all_a, kept = ["a"] * 100, [True] * 100
    same = drifted(
        column(half, kept, pa.string(), DAYS[0]), column(all_a, kept, pa.string(), DAYS[1])
    )
    assert (same.members, same.changed, same.level) == (0, 50, "shifted")
    assert same.values == same.psi
    swapped = [True] * 50 + [False] * 50
    other = drifted(
        column(half, swapped, pa.string(), DAYS[0]), column(all_a, swapped, pa.string(), DAYS[1])
    )
    assert (other.values, other.changed, other.level) == (0, 0, "shifted")
    assert other.members == other.psi


def test_numbers_are_counted_in_the_tenths_of_then() -> None:
    then, stayed = list(map(float, range(100))), [True] * 100
    found = drifted(
        column(then, stayed, pa.float64(), DAYS[0]),
        column([one + 1000 for one in then], stayed, pa.float64(), DAYS[1]),
    )
    # Ten bins of a tenth each; now all are in the last.
    floor = 0.5 / 100
    right = 9 * (floor - 0.1) * math.log(floor / 0.1) + 0.9 * math.log(1 / 0.1)
    assert found.psi == pytest.approx(right)
    assert (found.changed, found.level) == (100, "shifted")


def test_dates_that_move_with_the_day_have_not_drifted() -> None:
    stayed = [True] * 60
    then = [DAYS[0] - dt.timedelta(days=one) for one in range(60)]
    moved = [one + (DAYS[1] - DAYS[0]) for one in then]
    for now, changed in ((moved, 60), (then, 0)):
        found = drifted(
            column(then, stayed, pa.date32(), DAYS[0]), column(now, stayed, pa.date32(), DAYS[1])
        )
        assert (found.psi, found.changed) == (pytest.approx(0), changed)


@pytest.mark.parametrize("bins", range(2, 12))
def test_what_chance_would_reach(bins: int) -> None:
    values = [str(one % bins) for one in range(500)]
    none = [False] * 500
    found = drifted(
        column(values, none, pa.string(), DAYS[0]), column(values, none, pa.string(), DAYS[1])
    )
    assert found.chance == pytest.approx(chi2.ppf(0.95, bins - 1) * 2 / 500, rel=0.03)


def test_few_differ_by_chance_and_are_called_steady() -> None:
    random = np.random.default_rng(4)
    levels = Counter[str]()
    for _ in range(200):
        then, now = (random.choice(list("abcde"), 40).tolist() for _ in range(2))
        none = [False] * 40
        levels[
            drifted(
                column(then, none, pa.string(), DAYS[0]), column(now, none, pa.string(), DAYS[1])
            ).level
        ] += 1
    assert levels["steady"] >= 180


def test_nobody_drifts() -> None:
    for type_ in (pa.string(), pa.float64(), pa.date32(), pa.list_(pa.string()), pa.bool_()):
        empty = column([], [], type_, DAYS[0])
        found = drifted(empty, empty)
        assert (found.psi, found.level, found.changed) == (0, "steady", 0)


# --- an audience ----------------------------------------------------------------------------------

FILES = {
    "holbein.yaml": "name: drift\nlanguages: [en, zh]\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw/
    enterprises: {table: companies, id: id, name: name, trade: trade, size: {column: size, type: number}}
    people: {table: people, id: id, name: name}
""",
    "tags/all.yaml": """
tags:
  - {tag: large, title: {en: Large, zh: 大型}, where: "size >= 50"}
""",
    "audiences/all.yaml": """
audiences:
  - {audience: tea, title: {en: Tea houses, zh: 茶商}, where: "trade = 'tea'"}
  - {audience: any, where: "size >= 0"}
  - {audience: nobody, where: "size < 0"}
  - {audience: gone soon, where: "size >= 0"}
""",
    "raw/people.csv": "id,name\np,Pia\n",
}


def companies(rows: list[tuple[str, str, int]]) -> str:
    return "id,name,trade,size\n" + "".join(f"{a},N{a},{b},{c}\n" for a, b, c in rows)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = write_workspace(
        tmp_path_factory.mktemp("drift") / "w",
        FILES | {"raw/companies.csv": companies([(f"t{n}", "tea", n) for n in range(100)])},
    )
    found = holbein.open(folder)
    found.run(as_of=DAYS[0])
    # Ten are gone, ten are in coffee now, the others grew; twenty are new.
    later = [(f"t{n}", "coffee" if n < 20 else "tea", n + 30) for n in range(10, 100)]
    later += [(f"n{n}", "tea", 500) for n in range(20)]
    (folder / "raw/companies.csv").write_text(companies(later))
    file = folder / "audiences/all.yaml"
    file.write_text(
        file.read_text()
        .replace("gone soon", "new")
        .replace('{audience: any, where: "size >= 0"}', '{audience: any, where: "size >= 1"}')
    )
    found.run(as_of=DAYS[1])
    return holbein.open(folder)


def tag(one: Drift, name: str) -> TagDrift:
    return next(o for o in one.tags if o.name == name)


def test_who_came_and_went(workspace: Workspace) -> None:
    one = workspace.drift("tea", since=1)
    assert (one.then.size, one.now.size) == (100, 100)
    assert (one.entered, one.left, one.gone, one.stayed) == (20, 20, 10, 80)
    assert one.sentence.startswith(
        "100 enterprises on 30 June 2026, 100 on 31 May 2026: 20 entered, 20 left (10 of them no"
        " longer in the sources), 80 stayed. What changed most: "
    )
    chinese = workspace.drift("tea", since=1, lang="zh").sentence
    assert chinese.startswith(
        "2026年6月30日共100家企业，2026年5月31日为100家：新进20家，退出20家（其中10家已不在数据源中），留存80家。变化最大的是"
    )
    assert workspace.drift("tea", since="2026-06-15").then.run == "1"
    assert workspace.drift("tea", since=DAYS[0]).then.run == "1"


def test_what_changed(workspace: Workspace) -> None:
    one = workspace.drift("tea", since=1)
    large = tag(one, "large")
    assert large.distribution is not None
    cells = {cell.value: cell for cell in large.distribution.cells}
    # Then 50 of 100; now those of 20 and more, and all of the new.
    assert (cells[True].base, cells[True].group) == (50, 100)
    assert large.changed == 30
    then, between, now = (Counter({True: a, False: 100 - a}) for a in (50, 70, 100))
    assert large.members == pytest.approx(psi(then, between))
    assert large.values == pytest.approx(psi(between, +now))
    assert tag(one, "size").changed == 80
    assert all(cell.p is None and cell.z is None for cell in cells.values())
    ranks = [(o.level == "steady", -o.psi) for o in one.tags]
    assert ranks == sorted(ranks)


def test_conditions_that_were_others(workspace: Workspace) -> None:
    assert workspace.drift("any", since=1).redefined
    assert "Its condition was another one then." in workspace.drift("any", since=1).sentence
    assert not workspace.drift("tea", since=1).redefined
    with pytest.raises(HolbeinError, match="run 1 had no audience 'new'"):
        workspace.drift("new", since=1)


def test_a_static_list_keeps_its_members(workspace: Workspace) -> None:
    workspace.freeze("tea", "kept")
    one = holbein.open(workspace.folder).drift("kept", since=1)
    # The new ones were not there then, the others have grown.
    assert (one.then.size, one.now.size, one.entered, one.left) == (80, 100, 20, 0)


def test_nobody(workspace: Workspace) -> None:
    one = workspace.drift("nobody", since=1)
    assert (one.now.size, one.tags) == (0, ())
    assert one.sentence.endswith("0 entered, 0 left, 0 stayed.")
    assert "There is no tag to compare." in drift_page(one)


def test_what_is_refused(workspace: Workspace) -> None:
    with pytest.raises(HolbeinError, match="run 2 is compared with itself"):
        workspace.drift("tea", since=2)
    with pytest.raises(NotFoundError, match="no run is kept that was as of 2020-01-01 or before"):
        workspace.drift("tea", since="2020-01-01")
    with pytest.raises(NotFoundError, match="there is no version 9"):
        workspace.drift("tea", since=9)


def test_it_is_shown_everywhere(workspace: Workspace, tmp_path: Path) -> None:
    asked = ["portrait", "audience", "tea", "--since", "1", "-w", str(workspace.folder)]
    told = json.loads(command(*asked, "--json").out)
    assert told["gone"] == 10
    assert told["tags"][0]["level"] == "shifted"
    assert "Tea houses" in command(*asked).out
    assert "成员更替" in command(*asked, "--lang", "zh").out
    assert command(*asked, "--html", str(tmp_path / "p.html"), "--lang", "zh").code == 0
    page = (tmp_path / "p.html").read_text()
    assert "明显偏移" in page
    assert "<script" not in page
