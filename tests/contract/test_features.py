"""``features`` gives each pair what a run as of its instant gives: no look into the future.

The demo world has a stream whose columns become known later (an order's status is known when it is
settled), figures of companies that keep their history, roles that begin and end, and here also tags
over tags, over other levels and over the change log; and tags that hold a subject against everyone,
who are then not only those that are asked for.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import holbein
from holbein.catalog.audiences import Unfit
from holbein.catalog.custom_forms import CUSTOM
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.demo.world import make
from holbein.engine import open_engine
from holbein.engine.reader import Reader
from holbein.query import Query
from holbein.run import features
from holbein.store.ids import format_id
from tests.support.workspaces import write_workspace

PAIRS = 200
INSTANTS = (
    dt.date(2025, 2, 28),
    dt.date(2025, 9, 30),
    dt.date(2026, 3, 1),
    dt.date(2026, 5, 24),
    dt.datetime(2026, 5, 26, 11, 30, tzinfo=dt.UTC),
    dt.date(2026, 5, 31),
    dt.date(2026, 6, 28),
)
MORE_TAGS = """
tags:
  - {tag: paid_90d, value: "sum(orders.amount, '90 days', status = 'paid')"}
  - {tag: slowest, value: "max(orders.days_to_pay)"}
  - {tag: last_status, value: "last(orders.status)"}
  - {tag: woke_up, where: "became(activity, 'high', '30 days') OR became(activity, 'middle', '7 days')"}
  - {tag: parent_pays, where: "parent(paid_90d > 0) AND root(employees > 50)"}
  - {tag: warm_share, value: "role_share(engagement <> 'cold')"}
  - {tag: at_a_payer, on: role, where: "enterprise(paid_90d > 0 AND any_role(engagement = 'hot'))"}
  - {tag: serves_payers, on: person, where: "enterprise(paid_90d > 0)"}
  - {tag: size_among, ranks: {of: employees, among: [owner_type]}}
  - {tag: payer, ranks: {of: paid_90d, gives: rank}}
  - {tag: payer_by_group, ranks: {of: group_paid, among: [phase], gives: rank, order: lowest}}
  - {tag: buyer, rfm: {stream: orders, amount: amount, window: 1 year}}
  - {tag: seen, on: role, rfm: {stream: event, window: 60 days, gives: score}}
  - {tag: phase, lifecycle: {stream: orders, amount: amount, period: 60 days}}
  - {tag: group_paid, rolls_up: {from: descendants, of: paid_90d, by: sum, self: true}}
  - {tag: best_contact, rolls_up: {from: roles, of: engagement, by: best, order: [hot, warm, cold]}}
  - {tag: house_payer, on: role, rolls_up: {from: enterprise, of: payer}}
  - {tag: largest_house, on: person, rolls_up: {from: enterprises, of: size_among, by: max}}
"""

Told = Mapping[SubjectKind, Mapping[int, Mapping[str, Any]]]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> holbein.Workspace:
    folder: Path = tmp_path_factory.mktemp("features") / "demo"
    make(folder, enterprises=60, seed=3)
    (folder / "tags" / "more.yaml").write_text(MORE_TAGS, encoding="utf-8")
    return holbein.open(folder)


@pytest.fixture(scope="module")
def names(workspace: holbein.Workspace, runs: list[Told]) -> dict[SubjectKind, list[str]]:
    """All attributes and tags of each kind, but for the attributes that keep no history."""
    return {kind: sorted(runs[0][kind][1]) for kind in SUBJECT_KINDS}


@pytest.fixture(scope="module")
def runs(workspace: holbein.Workspace) -> list[Told]:
    """What a run as of each instant says of every subject, but for tags without a past."""
    out: list[Told] = []
    for instant in INSTANTS:
        workspace.run(as_of=instant)
        query = workspace.query
        told = {}
        for kind in SUBJECT_KINDS:
            own = {name for (_, name), tag in query.tags.items() if tag.definition.form in CUSTOM}
            asked = [name for name in query.vocabulary.fields[kind] if name not in own]
            rows = query.values(kind, asked).to_pylist()
            told[kind] = {row.pop("id"): row for row in rows}
        out.append(told)
    return out


def test_two_hundred_pairs_are_as_if_run_then(
    workspace: holbein.Workspace, runs: list[Told], names: dict[SubjectKind, list[str]]
) -> None:
    rng = random.Random(20)
    pairs: dict[SubjectKind, list[tuple[int, int]]] = {kind: [] for kind in SUBJECT_KINDS}
    for number in range(PAIRS):
        kind = SUBJECT_KINDS[number % len(SUBJECT_KINDS)]
        subject = rng.choice(sorted(runs[0][kind]))
        pairs[kind].append((subject, rng.randrange(len(INSTANTS))))
    different = 0
    for kind, asked in pairs.items():
        found = workspace.features(
            [format_id(kind, subject) for subject, _ in asked],
            [INSTANTS[run] for _, run in asked],
            names[kind],
            on=kind,
        )
        assert found["id"].to_pylist() == [subject for subject, _ in asked]
        for row, (subject, run) in zip(found.to_pylist(), asked, strict=True):
            del row["id"], row["instant"]
            then, now = runs[run][kind][subject], runs[-1][kind][subject]
            assert _rounded(row) == _rounded(then), (kind, subject, INSTANTS[run])
            different += then != now
    assert different > PAIRS / 3, "most of what was asked should not be as it is today"


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Floats to 1e-9 of their size: sums may be added up in another order."""
    return {
        name: float(f"{value:.9e}") if isinstance(value, float) else value
        for name, value in row.items()
    }


@pytest.mark.clickhouse
def test_clickhouse_gives_the_same_features(
    workspace: holbein.Workspace, runs: list[Told], names: dict[SubjectKind, list[str]]
) -> None:
    query = workspace.query
    engine = open_engine("clickhouse")
    reader = Reader(engine, query.snapshot, query.vocabulary, workspace.store.lists.path)
    other = Query(query.snapshot, reader, Unfit)
    for kind in SUBJECT_KINDS:
        ids = [format_id(kind, one) for one in sorted(runs[0][kind])[:20]]
        asked = ids * len(INSTANTS), [one for one in INSTANTS for _ in ids], names[kind], kind
        found = features(other, *asked).to_pylist()
        expected = features(query, *asked).to_pylist()
        assert [_rounded(row) for row in found] == [_rounded(row) for row in expected]
    engine.close()


def test_what_becomes_known_later_is_not_known_before(tmp_path: Path) -> None:
    """An opportunity of 1 May is won on 20 May at noon, and that is known from 21 May on."""
    files = {
        "holbein.yaml": "time_zone: Europe/Berlin\n",
        "sources/crm.yaml": """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, name: name}
    streams:
      deals: {table: deals, key: id, at: created, known_at: loaded, enterprise: account,
              known: {value: closed}, columns: {value: value}}
""",
        "tags/deals.yaml": """
tags:
  - {tag: deals, value: count(deals)}
  - {tag: won, value: sum(deals.value)}
  - {tag: large, where: "sum(deals.value, '60 days', value > 50) > 0"}
""",
        "raw/accounts.csv": "id,name\na,Alpha\n",
        "raw/deals.csv": "id,account,created,loaded,closed,value\n"
        "1,a,2026-05-01 09:00,2026-05-02 09:00,2026-05-21,100\n"
        "2,a,2026-05-03,2026-05-03,,7\n",
    }
    workspace = holbein.open(write_workspace(tmp_path / "acme", files))
    workspace.run(as_of=dt.date(2026, 7, 1))
    midnight = dt.datetime(2026, 5, 21, tzinfo=ZoneInfo("Europe/Berlin"))
    told = {
        dt.date(2026, 4, 30): (0, 0, False),
        dt.date(2026, 5, 1): (0, 0, False),
        dt.date(2026, 5, 2): (1, 0, False),
        dt.date(2026, 5, 20): (2, 0, False),
        midnight: (2, 0, False),
        midnight + dt.timedelta(microseconds=1): (2, 100, True),
        dt.date(2026, 5, 21): (2, 100, True),
        dt.date(2026, 6, 29): (2, 100, True),
        dt.date(2026, 6, 30): (2, 100, False),
    }
    found = workspace.features(["crm:a"] * len(told), list(told), ["deals", "won", "large"])
    rows = [tuple(row[name] for name in ("deals", "won", "large")) for row in found.to_pylist()]
    assert dict(zip(told, rows, strict=True)) == told


def test_one_subject_at_many_instants_and_the_order_of_asking(
    workspace: holbein.Workspace, runs: list[Told]
) -> None:
    asked = [INSTANTS[i] for i in (3, 0, 3, 6, 1)]
    found = workspace.features(["E5"] * len(asked), asked, ["paid_90d", "employees"])
    expected = [runs[i]["enterprise"][5] for i in (3, 0, 3, 6, 1)]
    assert [_rounded(r)["paid_90d"] for r in found.to_pylist()] == [
        _rounded(one)["paid_90d"] for one in expected
    ]
    assert found["employees"].to_pylist() == [one["employees"] for one in expected]


def test_wrong_questions(workspace: holbein.Workspace, runs: list[Told]) -> None:
    with pytest.raises(holbein.HolbeinError, match="2 subjects, but 1 instants"):
        workspace.features(["E1", "E2"], [INSTANTS[0]], ["paid_90d"])
    with pytest.raises(holbein.NotFoundError, match="did you mean paid_90d"):
        workspace.features(["E1"], [INSTANTS[0]], ["paid_90"])
    with pytest.raises(holbein.NotFoundError, match="E999999"):
        workspace.features(["E999999"], [INSTANTS[0]], ["paid_90d"])
    assert workspace.features([], [], ["paid_90d"]).num_rows == 0
