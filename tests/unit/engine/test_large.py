"""Large questions stay possible, and sums do not depend on the order of adding up."""

from __future__ import annotations

import math
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import holbein
from tests.support.workspaces import write_workspace

FACTS = 200_000
SOURCES = """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, size: {column: size, type: number}}
    people: {table: people, id: id}
    roles: {table: roles, id: id, enterprise: account, person: person, title: title}
    streams:
      loads: {table: loads, key: id, at: at, enterprise: account,
              columns: {weight: {column: weight, type: number}, kind: kind}}
"""
TAGS = """
tags:
  - {tag: weight, value: sum(loads.weight)}
  - {tag: mean, value: avg(loads.weight)}
  - {tag: liked, prefers: {stream: loads, by: kind, weight: weight, top: 3, half_life: 9 days}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chain = "audiences:\n  - {audience: a0, where: size > 1}\n" + "".join(
        f"  - {{audience: a{n}, where: \"in_audience('a{n - 1}') AND NOT (NOT in_audience('a{n - 1}'))\"}}\n"
        for n in range(1, 25)
    )
    target = write_workspace(
        tmp_path_factory.mktemp("large") / "acme",
        {
            "holbein.yaml": "name: large\n",
            "sources/crm.yaml": SOURCES,
            "tags/all.yaml": TAGS,
            "audiences/chain.yaml": chain,
            "raw/accounts.csv": "id,size\na,1\nb,2\nc,3\nd,\n",
            "raw/people.csv": "id\np\n",
            "raw/roles.csv": "id,account,person,title\nr,b,p,Head\n",
        },
    )
    rng = random.Random(4)
    weights = [rng.choice((0.1, 1 / 3, 1e-3, 12345.678, -0.7)) * rng.random() for _ in range(FACTS)]
    pq.write_table(
        pa.table(
            {
                "id": [str(n) for n in range(FACTS)],
                "account": ["abc"[n % 3] for n in range(FACTS)],
                "at": [f"2024-05-{1 + n % 28:02d}" for n in range(FACTS)],
                "weight": weights,
                "kind": ["xyz"[n % 7 % 3] for n in range(FACTS)],
            }
        ),
        target / "raw" / "loads.parquet",
    )
    return target


@pytest.fixture(scope="module")
def workspace(folder: Path) -> holbein.Workspace:
    found = holbein.open(folder)
    found.run(as_of="2024-05-30")
    return found


def test_sums_of_doubles_are_exact_and_rounded_once(
    folder: Path, workspace: holbein.Workspace
) -> None:
    loads = pq.read_table(folder / "raw" / "loads.parquet").to_pylist()
    for number, account in enumerate("abc", start=1):
        exact = math.fsum(one["weight"] for one in loads if one["account"] == account)
        told = workspace.query.values("enterprise", ["weight", "mean"], [number]).to_pylist()[0]
        assert told["weight"] == exact
        assert told["mean"] == exact / sum(one["account"] == account for one in loads)
    assert workspace.query.values("enterprise", ["weight"], [4])["weight"].to_pylist() == [0.0]


def test_asking_again_gives_the_same(workspace: holbein.Workspace) -> None:
    assert {workspace.count("sum(loads.weight) = weight") for _ in range(5)} == {4}


def test_a_run_without_news_finds_no_changes(folder: Path, workspace: holbein.Workspace) -> None:
    for day in ("2024-05-30", "2024-05-31", "2024-06-01"):
        workspace.run(as_of=day, full=True)
    assert workspace.query.changes("enterprise", tag="weight").num_rows == 0
    assert workspace.query.changes("enterprise", tag="liked").num_rows == 0


@pytest.mark.clickhouse
def test_another_engine_adds_up_to_the_same_last_bit(
    folder: Path, workspace: holbein.Workspace, tmp_path: Path
) -> None:
    other = shutil.copytree(folder, tmp_path / "other", ignore=shutil.ignore_patterns("data"))
    (other / "holbein.yaml").write_text("name: large\nengine: clickhouse\n")
    found = holbein.open(other)
    found.run(as_of="2024-05-30")
    names = ["weight", "mean", "liked"]
    expected = workspace.query.values("enterprise", names).to_pylist()
    assert found.query.values("enterprise", names).to_pylist() == expected


def test_very_large_numbers_are_added_up_as_the_engine_does(tmp_path: Path) -> None:
    files = {
        "holbein.yaml": "name: x\n",
        "sources/crm.yaml": SOURCES,
        "raw/accounts.csv": "id,size\na,1\n",
        "raw/people.csv": "id\n",
        "raw/roles.csv": "id,account,person,title\n",
        "raw/loads.csv": "id,account,at,weight,kind\n1,a,2024-05-01,1e300,x\n2,a,2024-05-01,2e300,x\n",
    }
    workspace = holbein.open(write_workspace(tmp_path / "acme", files))
    workspace.run(as_of="2024-05-30")
    assert workspace.count("sum(loads.weight) > 2.9e300 AND avg(loads.weight) = 1.5e300") == 1
    assert workspace.count("sum(loads.weight) * 1e300 IS NULL") == 1


def test_a_long_sum_is_asked_as_fast_as_it_is_written(workspace: holbein.Workspace) -> None:
    def terms(count: int) -> str:
        return " + ".join(f"{n}.5 * size / (size + {n})" for n in range(1, count))

    lengths = [len(_sql(workspace, f"{terms(count)} > 0")) for count in (10, 20, 40)]
    assert lengths[2] - lengths[1] < 3 * (lengths[1] - lengths[0])
    assert workspace.count(f"{terms(40)} > 0") == 3


def test_a_chain_of_audiences_is_written_once_each(workspace: holbein.Workspace) -> None:
    assert len(_sql(workspace, "in_audience('a24')")) < 30 * len(
        _sql(workspace, "in_audience('a1')")
    )
    assert workspace.count("in_audience('a24')") == workspace.count("size > 1") == 2


def test_three_hundred_tags_over_roles(folder: Path, tmp_path: Path) -> None:
    lines = "".join(
        f"  - {{tag: t{n}, where: \"any_role(title = 'T{n}' OR title = 'Head')\"}}\n"
        for n in range(300)
    )
    files = {
        "holbein.yaml": "name: x\n",
        "sources/crm.yaml": SOURCES.split("    streams:")[0],
        "tags/many.yaml": f"tags:\n{lines}",
        "raw/accounts.csv": "id,size\na,1\nb,2\n",
        "raw/people.csv": "id\np\n",
        "raw/roles.csv": "id,account,person,title\nr,b,p,Head\n",
    }
    workspace = holbein.open(write_workspace(tmp_path / "acme", files))
    workspace.run(as_of="2024-05-30")
    assert workspace.count("t0 AND t299") == 1


def test_a_question_too_large_for_the_engine_is_told_so(workspace: holbein.Workspace) -> None:
    many = " AND ".join(f"any_role(title = 'T{n}')" for n in range(400))
    assert workspace.count(many) == 0  # by the index
    query = workspace.query
    with pytest.raises(holbein.HolbeinError, match="too large for the engine"):
        query.engine.count(query.bind(many, "enterprise"), "enterprise")


def _sql(workspace: Any, condition: str) -> str:
    query = workspace.query
    compiler = query.reader.compiler()
    scope = compiler.everyone("enterprise", query.as_of)
    bound = query.bind(condition, "enterprise")
    return str(compiler.finish(scope.select({}, scope.condition(bound))).sql("duckdb"))


def test_a_flipped_bit_never_goes_into_an_answer(tmp_path: Path) -> None:
    files = {
        "holbein.yaml": "name: x\n",
        "sources/crm.yaml": SOURCES,
        "raw/accounts.csv": "id,size\n" + "".join(f"{n},{n * 7 % 97}\n" for n in range(400)),
        "raw/people.csv": "id\n",
        "raw/roles.csv": "id,account,person,title\n",
        "raw/loads.csv": "id,account,at,weight,kind\n"
        + "".join(f"{n},{n % 400},2024-05-{1 + n % 20},{n * 3 % 11},x\n" for n in range(900)),
    }
    folder = write_workspace(tmp_path / "acme", files)
    workspace = holbein.open(folder)
    workspace.run(as_of="2024-05-30")
    right = workspace.count("sum(loads.weight) > 9 AND size > 20")
    (path,) = (folder / "data" / "files").glob("stream.loads-*.parquet")
    whole = path.read_bytes()
    for place in random.Random(1).sample(range(len(whole)), 40):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        with pytest.raises(holbein.StoreError, match="damaged"):
            holbein.open(folder).count("sum(loads.weight) > 9 AND size > 20")
    path.write_bytes(whole)
    assert holbein.open(folder).count("sum(loads.weight) > 9 AND size > 20") == right
