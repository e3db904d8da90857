"""Every figure of a portrait, found again by pandas in the raw files, with the facts behind it.

A hundred subjects of the demo, drawn by chance over all kinds. What a figure means is read from the
tag's bound definition; its value and its facts come from the files that Holbein's sources read.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import holbein
from holbein.catalog.behind import Basis, bases
from holbein.conditions import tree
from holbein.demo.world import AS_OF, make
from holbein.portraits import portrait
from holbein.portraits.one.evidence import Figure
from holbein.portraits.one.proof import Step
from holbein.store.lookup import PEERS
from holbein.store.manifest import DamagedError
from holbein.store.snapshot import Snapshot
from tests.support.demo_raw import Raw

COMPANIES = 120
DRAWN = {"enterprise": 50, "person": 25, "role": 25}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("proof") / "demo"
    make(target, COMPANIES, seed=5)
    holbein.open(target).run(as_of=AS_OF)
    return target


@pytest.fixture(scope="module")
def workspace(folder: Path) -> holbein.Workspace:
    return holbein.open(folder)


# --- the facts, from the raw files ----------------------------------------------------------------


class Facts:
    """The raw files of the streams, as frames with at, day, key, the three kinds and columns."""

    def __init__(self, folder: Path) -> None:
        self.raw = Raw(folder, pd.Timestamp(AS_OF))
        self.streams = {
            "event": self.raw.events,
            "orders": self.raw.orders,
            "contracts": self._table("contracts", "contract_id", "starts_on"),
            **self.raw.dealings,
        }

    def _table(self, name: str, key: str, at: str) -> pd.DataFrame:
        table = self.raw._table(name, [at])
        table = table.rename(columns={key: "key", at: "at", "company_id": "enterprise"})
        table = table[table["at"] < self.raw.midnight]
        return table.assign(day=table["at"].dt.normalize(), person=None, role=None)

    def of(self, measure: tree.Aggregate, kind: str, key: str) -> pd.DataFrame:
        """The rows that an aggregate looks at."""
        stream = measure.stream if measure.stream in self.streams else "event"
        rows = self.streams[stream]
        rows = rows[rows[kind] == key]
        if stream != measure.stream:
            rows = rows[rows["name"] == measure.stream]
        end = self.raw.day
        if measure.before is not None:
            end -= span(measure.before)
            rows = rows[rows["day"] <= end]
        if measure.window is not None:
            rows = rows[rows["day"] > end - span(measure.window)]
        if measure.where is not None:
            rows = rows[met(measure.where, rows)]
        return rows.sort_values(["at", "key"])


def span(window: tree.Window) -> pd.DateOffset:
    return pd.DateOffset(**{f"{window.unit}s": window.count})


def met(where: tree.Condition, rows: pd.DataFrame) -> np.ndarray:
    """Which rows meet a stream's filter, such as the demo's tags have."""
    if isinstance(where, tree.And):
        return np.logical_and.reduce(
            [np.ones(len(rows), bool), *(met(o, rows) for o in where.items)]
        )
    if isinstance(where, tree.Not):
        return ~met(where.item, rows)
    if isinstance(where, tree.Missing):
        return _column(where.of, rows).isna().to_numpy(bool)
    if isinstance(where, tree.In):
        values = [one.value for one in where.values]  # type: ignore[union-attr]
        return _column(where.of, rows).isin(values).to_numpy(bool)
    assert isinstance(where, tree.Compare), where
    assert isinstance(where.right, tree.Text | tree.Number | tree.Truth), where
    left, right = _column(where.left, rows), where.right.value
    assert where.sign in ("=", ">"), where
    return (left > right if where.sign == ">" else left.eq(right).fillna(False)).to_numpy(bool)


def _column(measure: tree.Measure, rows: pd.DataFrame) -> pd.Series:
    assert isinstance(measure, tree.Field), measure
    return rows[measure.name]


def figure_of(measure: tree.Aggregate, rows: pd.DataFrame, day: pd.Timestamp) -> Any:
    """The value of an aggregate over its rows; None where it is missing."""
    if measure.name == "count":
        return len(rows)
    if measure.name == "count_days":
        return rows["day"].nunique()
    if measure.name == "days_since":
        return (day - rows["day"].max()).days if len(rows) else None
    values = rows[measure.column].dropna()
    if measure.name == "sum":
        return values.sum()
    if measure.name == "count_distinct":
        return values.nunique()
    if values.empty:
        return None
    ways = {"avg": "mean", "min": "min", "max": "max", "median": "median"}
    if measure.name in ways:
        return getattr(values, ways[measure.name])()
    return values.iloc[0 if measure.name == "first" else -1]


# --- the test ---------------------------------------------------------------------------------------


def drawn(workspace: holbein.Workspace) -> list[tuple[str, int, str]]:
    """Kind, number and key in the CRM of a hundred subjects."""
    draw = np.random.default_rng(11)
    found = []
    for kind, count in DRAWN.items():
        table = workspace.query.aliases(kind)  # type: ignore[arg-type]
        rows = [row for row in table.to_pylist() if row["source"] == "crm"]
        alive = set(workspace.query.values(kind, [])["id"].to_pylist())  # type: ignore[arg-type]
        rows = [row for row in rows if row["id"] in alive]
        for place in draw.choice(len(rows), count, replace=False):
            found.append((kind, rows[place]["id"], rows[place]["key"]))
    return found


def same(figure: Any, expected: Any) -> bool:
    if expected is None or (isinstance(expected, float) and np.isnan(expected)):
        return figure is None
    if isinstance(expected, str) or isinstance(figure, str):
        return bool(figure == expected)
    if figure is None:
        return False
    return float(figure) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)  # money is decimal


def test_every_figure_over_facts_is_what_pandas_finds(
    folder: Path, workspace: holbein.Workspace
) -> None:
    facts, told = Facts(folder), Counter[str]()
    query = workspace.query
    draw = np.random.default_rng(3)
    for kind, number, key in drawn(workspace):
        shown = portrait(query, kind, number)  # type: ignore[arg-type]
        lines = [one for group in shown.categories for one in group.tags]
        for line in lines:
            asked = bases(query.tags[kind, line.name], line.value, query.vocabulary)  # type: ignore[index]
            for basis, figure in zip(asked, line.evidence.figures, strict=False):
                if isinstance(basis.asked, tree.Aggregate):
                    rows = facts.of(basis.asked, kind, key)
                    check_figure(figure, basis.asked, rows, facts.raw.day, f"{key} {line.name}")
                    told["figures"] += 1
        for line in draw.choice(np.array(lines, object), 2):
            found = workspace.facts(kind, f"crm:{key}", line.name)  # type: ignore[arg-type]
            first = found.steps[0]
            assert (first.tag, first.text) == (line.name, line.text)
            whole = tuple(one.figure for one in first.figures[: len(line.evidence.figures)])
            told["same"] += whole == line.evidence.figures  # but for names beyond the tenth
            for step in found.steps:
                told["facts"] += check_step(workspace, facts, kind, key, step)
    assert told["figures"] > 1_500
    assert told["facts"] > 1_000
    assert told["same"] > 150


def check_figure(
    figure: Figure, asked: tree.Aggregate, rows: pd.DataFrame, day: pd.Timestamp, where: str
) -> None:
    assert same(figure.value, figure_of(asked, rows, day)), f"{where}: {figure.words}"
    assert figure.facts == len(rows), where
    if len(rows):
        assert figure.first == rows["day"].min().date()
        assert figure.last == rows["day"].max().date()


def check_step(workspace: holbein.Workspace, facts: Facts, kind: str, key: str, step: Step) -> int:
    """How many facts were listed, each of which is a row of the files."""
    asked = _bases(workspace, kind, step)
    assert len(asked) == len(step.figures)
    for basis, proven in zip(asked, step.figures, strict=True):
        if not isinstance(basis.asked, tree.Aggregate):
            assert proven.facts == ()
            continue
        rows = facts.of(basis.asked, kind, key)
        where = f"{kind} {key} {step.tag}: {proven.figure.words}"
        check_figure(proven.figure, basis.asked, rows, facts.raw.day, where)
        assert [one.key for one in proven.facts] == [str(k) for k in rows["key"][::-1]], where
        moments = [one.at.replace(tzinfo=None) for one in proven.facts]
        assert moments == [at.to_pydatetime() for at in rows["at"][::-1]], where
        if basis.asked.column not in (None, "at"):
            for one, value in zip(proven.facts, rows[basis.asked.column][::-1], strict=True):
                assert same(one.columns.get(basis.asked.column), None if pd.isna(value) else value)
    return sum(len(one.facts) for one in step.figures)


def _bases(workspace: holbein.Workspace, kind: str, step: Step) -> tuple[Basis, ...]:
    query = workspace.query
    return bases(query.tags[kind, step.tag], step.value, query.vocabulary)  # type: ignore[index]


# --- related subjects -------------------------------------------------------------------------------


def test_the_roles_and_enterprises_that_met_it_are_those_of_the_files(
    folder: Path, workspace: holbein.Workspace
) -> None:
    raw = Raw(folder, pd.Timestamp(AS_OF))
    logins = raw.count(raw.window(raw.named("login"), days=30), "role")
    year = raw.window(raw.orders, years=1).groupby("enterprise")["amount"].sum()
    told = 0  # a dozen, for each is asked of eight times
    for kind, _, key in drawn(workspace):
        if kind != "enterprise" or told == 12:
            continue
        told += 1
        held = raw.roles[(raw.roles["company_id"] == key) & raw.roles["current"]]
        decide = held.index[held["buying_role"] == "decides"]
        finance = held.index[held["department"] == "finance"]

        def listed(tag: str, place: int, only_met: bool = True, key: str = key) -> set[str]:
            figure = workspace.facts("enterprise", f"crm:{key}", tag).steps[0].figures[place].figure
            assert figure.members is not None
            return {
                alias(workspace, one.subject.kind, one.subject.id)
                for one in figure.members.listed
                if one.met or not only_met
            }

        assert listed("people_known", 0) == set(held.index)
        assert listed("deciders", 0) == set(decide)
        assert listed("committee", 1) == set(decide)
        assert listed("committee", 2) == set(finance)
        assert listed("committee", 2, only_met=False) == set(held.index)
        active = {one for one in held.index if logins.get(one, 0) >= 1}
        assert listed("share_active", 0) == active
        below = {one for one in raw.companies.index if key in raw.above(one)}
        assert listed("group_volume", 0) == below | {key}
        figure = workspace.facts("enterprise", f"crm:{key}", "group_volume").steps[0].figures[0]
        assert figure.figure.members is not None
        for one in figure.figure.members.listed:
            company = alias(workspace, "enterprise", one.subject.id)
            assert same(one.value, year.get(company, 0.0))
        assert same(figure.figure.value, sum(year.get(one, 0.0) for one in below | {key}))


# --- peers ------------------------------------------------------------------------------------------


def test_peers_are_those_that_the_engine_finds(
    workspace: holbein.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are kept together; where that is damaged, the engine is asked."""
    query = workspace.query
    names = [one for one, spec in query.vocabulary.fields["enterprise"].items() if spec.is_tag]
    industries = pc.unique(query.values("enterprise", ["industry"])["industry"]).to_pylist()
    real, damaged_ones = Snapshot.find, 0

    def find(snapshot: Snapshot, table: str, key: str, values: list[object]) -> pa.Table:
        nonlocal damaged_ones
        if key == PEERS:
            damaged_ones += 1
            raise DamagedError("as if")
        return real(snapshot, table, key, values)

    for industry in [one for one in industries if one is not None][:8]:
        kept = query.peers("enterprise", names, {"industry": industry})
        with monkeypatch.context() as patch:
            patch.setattr(Snapshot, "find", find)
            asked = query.peers("enterprise", names, {"industry": industry})
        assert kept.num_rows > 0
        assert kept.schema.equals(asked.schema)
        assert kept.to_pylist() == asked.to_pylist()
    assert damaged_ones == 8


def test_peers_are_counted_as_pandas_counts_them(
    folder: Path, workspace: holbein.Workspace
) -> None:
    raw = Raw(folder, pd.Timestamp(AS_OF))
    year = raw.total(raw.window(raw.orders, years=1), "amount", "enterprise")
    tiers = pd.cut(year, [-1, 0, 11_999.995, 59_999.995, np.inf], labels=["none", "low", "middle", "high"])  # fmt: skip
    compared = small = 0
    for kind, number, key in drawn(workspace):
        found = portrait(workspace.query, kind, number).peers  # type: ignore[arg-type]
        if kind != "enterprise":
            assert found is None  # nothing says who their peers are
            continue
        industry = raw.companies.loc[key, "industry"]
        assert found is not None or pd.isna(industry)
        if found is None:
            continue
        others = raw.companies.index[raw.companies["industry"] == industry].drop(key)
        assert found.size == len(others)
        assert found.is_small == (len(others) < 5)
        if found.is_small:
            assert (found.lines, found.alike) == ((), ())
            small += 1
            continue
        lines = {one.tag: one for one in found.lines}
        below = (year[others] < year[key]).sum() + (year[others] == year[key]).sum() / 2
        assert lines["revenue_1y"].share == pytest.approx(below / len(others))
        assert lines["revenue_1y"].known == len(others)
        same_tier = (tiers[others] == tiers[key]).sum() / len(others)
        assert lines["value_tier"].share == pytest.approx(same_tier)
        assert {alias(workspace, "enterprise", one.subject.id) for one in found.alike} <= set(
            others
        )
        assert all(one.reasons for one in found.alike)
        compared += 1
    assert compared > 10
    assert small > 3


def alias(workspace: holbein.Workspace, kind: Any, id: str) -> str:
    rows = workspace.query.aliases(kind, [int(id[1:])]).to_pylist()
    return next(row["key"] for row in rows if row["source"] == "crm")
