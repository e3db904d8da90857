"""SQL and Python tags: what they are given, what comes of it, and what versions say of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import holbein
from holbein.catalog.taginfo import same_meaning, tag_infos
from holbein.errors import HolbeinError, TagError
from holbein.tags.values import checked
from tests.support.workspaces import write_workspace

SCORES = """
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def score(table):
    assert table.column_names == ["id", "revenue", "size", "since"]
    return pc.add(table["revenue"], pc.fill_null(table["size"], 0))


def letters(table):
    return ["a", None, "c", ""]


def several(table):
    return pa.array([["b", "a", "b", None], [], None, ["c"]])


def days(table):
    return np.array(["2024-01-01", "NaT", "2024-02-29", "2024-03-01"], dtype="datetime64[s]")


def odd(table):
    return [float("nan"), float("inf"), -0.0, 2**53]
"""
FILES = {
    "holbein.yaml": "name: small\ntime_zone: Asia/Shanghai\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, name: name, valid_from: from, parent: parent, size: size,
                  since: {column: since, type: date}}
    people: {table: people, id: id, name: name}
    roles: {table: roles, id: id, enterprise: account, person: person, title: title, since: since}
    streams:
      orders: {table: orders, key: id, at: at, known_at: known, enterprise: account, title: sales,
               columns: {product: product, amount: {column: amount, type: money}, paid: paid},
               known: {paid: paid}}
""",
    "tags/all.yaml": """
tags:
  - {tag: revenue, title: {en: Turnover, zh: 成交额}, value: "sum(orders.amount)"}
  - {tag: active, on: role, where: "title = 'Head'"}
  - {tag: score, type: number, python: {file: code/scores.py, function: score, reads: [revenue, size, since]}}
  - {tag: double, value: "score * 2"}
  - {tag: letters, type: category, python: {file: code/scores.py, function: letters, reads: size}}
  - {tag: several, type: categories, python: {file: code/scores.py, function: several, reads: size}}
  - {tag: days, type: date, python: {file: code/scores.py, function: days, reads: size}}
  - {tag: odd, type: number, python: {file: code/scores.py, function: odd, reads: size}}
  - tag: spent
    type: number
    sql: {dialect: duckdb, query: "SELECT enterprise AS id, sum(amount) AS value FROM orders GROUP BY 1"}
  - tag: heads
    type: number
    sql:
      dialect: duckdb
      reads: [role.active, score]
      query: >
        SELECT r.enterprise AS id, count(*) FILTER (active) + max(score) AS value
        FROM role r JOIN tags_role USING (id) JOIN tags_enterprise t ON t.id = r.enterprise GROUP BY 1
  - {tag: size_then, type: number, sql: {dialect: duckdb, query: "SELECT id, size AS value FROM enterprise"}}
  - {tag: known, type: date, sql: {dialect: duckdb, query: "SELECT enterprise AS id, max(paid) AS value FROM orders GROUP BY 1"}}
  - {tag: clock, type: category, sql: {dialect: duckdb, query: "SELECT id, as_of()::VARCHAR || ' ' || as_of_day()::VARCHAR AS value FROM enterprise"}}
  - {tag: above, type: categories, sql: {dialect: duckdb, query: "SELECT enterprise AS id, list(name ORDER BY name) AS value FROM ancestor JOIN enterprise e ON e.id = ancestor GROUP BY 1"}}
  - {tag: held, on: person, type: number, sql: {dialect: duckdb, query: "SELECT person AS id, count(*) AS value FROM role WHERE since < as_of_day() GROUP BY 1"}}
""",
    "code/scores.py": SCORES,
    "raw/accounts.csv": "id,name,from,parent,size,since\na,Alpha,2020-01-01,,9,2020-01-01\n"
    "a,Alpha,2024-06-15,,900,2020-01-01\nb,Beta,2020-01-01,a,10,\nc,Gamma,2020-01-01,b,,\nd,Delta,2024-06-15,,5,\n",
    "raw/people.csv": "id,name\np,Pia\nq,Quan\n",
    "raw/roles.csv": "id,account,person,title,since\nr,a,p,Head,2020-01-01\ns,b,p,Head,2024-06-15\nt,b,q,Clerk,2020-01-01\n",
    "raw/orders.csv": "id,account,at,known,product,amount,paid\n"
    "1,a,2024-05-01,2024-05-01,Tea,20,2024-05-20\n"
    "2,a,2024-05-20,2024-06-20,Rice,4,2024-05-21\n"
    "3,b,2024-05-29,2024-05-29,Salt,3,2024-06-10\n"
    "4,b,2024-06-29,2024-06-29,Salt,100,2024-06-29\n"
    "5,c,2024-05-30 23:59:59,2024-05-30 23:59:59,Oil,1,\n"
    "6,c,2024-05-31,2024-05-31,Oil,1000,\n",
}  # fmt: skip
AS_OF = dt.date(2024, 5, 30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = write_workspace(tmp_path_factory.mktemp("custom") / "small", FILES)
    holbein.open(made).run(as_of=AS_OF)
    return made


def told(folder: Path, tag: str, kind: Any = "enterprise") -> list[Any]:
    found = holbein.open(folder).select("TRUE", on=kind, columns=["key", tag])
    assert isinstance(found, pa.Table)
    values: list[Any] = found.sort_by("key")[tag].to_pylist()
    return values


@pytest.mark.parametrize(
    ("tag", "kind", "expected"),
    [
        # As of 30 May: the size of a is 9 still, and what was known a month later is not known.
        ("score", "enterprise", [29.0, 13.0, 1.0, 0.0]),
        ("double", "enterprise", [58.0, 26.0, 2.0, 0.0]),
        ("letters", "enterprise", ["a", None, "c", ""]),
        ("several", "enterprise", [["b", "a"], None, None, ["c"]]),
        ("days", "enterprise", [dt.date(2024, 1, 1), None, dt.date(2024, 2, 29), dt.date(2024, 3, 1)]),
        ("odd", "enterprise", [None, None, 0.0, 2.0**53]),
        ("spent", "enterprise", [20.0, 3.0, 1.0, None]),
        ("heads", "enterprise", [30.0, 14.0, None, None]),
        ("size_then", "enterprise", [9.0, 10.0, None, None]),
        ("known", "enterprise", [dt.date(2024, 5, 20), None, None, None]),
        ("clock", "enterprise", ["2024-05-30 16:00:00 2024-05-30"] * 4),
        ("above", "enterprise", [None, ["Alpha"], ["Alpha", "Beta"], None]),
        ("held", "person", [1.0, 1.0]),
    ],
)  # fmt: skip
def test_what_they_give(folder: Path, tag: str, kind: Any, expected: list[Any]) -> None:
    assert told(folder, tag, kind) == expected


@pytest.mark.spark
def test_they_give_the_same_beside_spark(folder: Path, tmp_path: Path) -> None:
    settings = FILES["holbein.yaml"] + "engine: spark\n"
    other = write_workspace(tmp_path / "w", FILES | {"holbein.yaml": settings})
    holbein.open(other).run(as_of=AS_OF)
    for tag in ("score", "double", "several", "heads", "size_then", "known", "above"):
        assert told(other, tag) == told(folder, tag)


def test_their_words(folder: Path) -> None:
    infos = tag_infos(holbein.open(folder).store.current().manifest.tags)
    score, heads, spent = (infos["enterprise", one].words for one in ("score", "heads", "spent"))
    assert score["en"] == "computed by code/scores.py, function score, from turnover, size, since"
    assert score["zh"].startswith("由code/scores.py中的函数score根据成交额、")
    assert heads["en"] == "an SQL query over role, tags_role, tags_enterprise"
    assert spent == {"en": "an SQL query over sales", "zh": "对sales的SQL查询"}
    assert infos["enterprise", "heads"].uses == (("enterprise", "score"), ("role", "active"))


def test_their_past_is_not_known(folder: Path) -> None:
    workspace = holbein.open(folder)
    for name in ("score", "spent", "double"):
        with pytest.raises(HolbeinError, match="its values of the past are not known") as caught:
            workspace.features(["a"], ["2024-05-01"], [name])
        assert "--run N" in str(caught.value)


def test_an_edited_file_is_a_new_meaning_and_a_new_run(folder: Path, tmp_path: Path) -> None:
    workspace = holbein.open(write_workspace(tmp_path / "w", FILES))
    first = workspace.run(as_of=AS_OF)
    assert not workspace.edited()
    file = tmp_path / "w" / "code" / "scores.py"
    file.write_text(SCORES.replace('fill_null(table["size"], 0)', 'fill_null(table["size"], 1)'))
    assert workspace.edited()
    second = workspace.run(as_of=AS_OF)
    assert first.manifest.fingerprint != second.manifest.fingerprint
    assert told(tmp_path / "w", "score") == [29.0, 13.0, 2.0, 1.0]
    alike = {
        name
        for _, name in same_meaning(tag_infos(second.manifest.tags), tag_infos(first.manifest.tags))
    }
    assert alike == {"revenue", "active", "spent", "size_then", "known", "clock", "above", "held"}


def test_limits_are_no_meaning(folder: Path, tmp_path: Path) -> None:
    tags = FILES["tags/all.yaml"].replace(
        "reads: size}", "reads: size, time: 5 minutes, memory: 2 GB}"
    )
    changed = FILES | {
        "tags/all.yaml": tags.replace("AS value FROM orders", "AS  value\\nFROM orders /* all */")
    }
    workspace = holbein.open(write_workspace(tmp_path / "w", changed))
    infos = tag_infos(workspace.run(as_of=AS_OF).manifest.tags)
    before = tag_infos(holbein.open(folder).store.current().manifest.tags)
    assert same_meaning(infos, before) == set(before)


def test_code_runs_again_only_where_something_has_changed(tmp_path: Path) -> None:
    workspace = holbein.open(write_workspace(tmp_path / "w", FILES))

    def ways(full: bool = False) -> set[str]:
        steps = workspace.run(as_of=AS_OF, full=full).manifest.steps
        return {step["how"] for step in steps if step["what"].startswith("tags")}

    assert ways() == {"made"}
    assert ways() == {"taken over"}
    code = tmp_path / "w" / "code" / "scores.py"
    code.write_text(code.read_text() + "# edited\n")
    assert ways() == {"made", "taken over"}
    assert ways(full=True) == {"made"}


def test_an_edit_during_the_run_is_noticed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = holbein.open(write_workspace(tmp_path / "w", FILES))

    def progress(step: str, done: int, total: int | None) -> None:
        if step == "tags":
            (tmp_path / "w" / "code" / "scores.py").write_text(SCORES + "\n")

    marks = workspace.run(as_of=AS_OF, progress=progress).manifest.marks
    assert any("was edited while the run went on" in one for one in marks)


@pytest.mark.parametrize(
    ("values", "type_", "expected"),
    [
        (pa.array([1, None], pa.int8()), "number", [1.0, None]),
        (pa.array([None, None]), "categories", [None, None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), "category", ["a", "b", "a"]),
        (pa.array([["b", "b"], ["a"]], pa.large_list(pa.large_string())), "categories", [["b"], ["a"]]),
        (pa.array([dt.date(2024, 2, 29)], pa.date64()), "date", [dt.date(2024, 2, 29)]),
        (pa.array([], pa.timestamp("ns")), "date", []),
        (pa.array([True, None]), "boolean", [True, None]),
    ],
)  # fmt: skip
def test_what_loses_nothing_is_converted(values: pa.Array, type_: Any, expected: list[Any]) -> None:
    assert checked(pa.chunked_array([values]), type_).to_pylist() == expected


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (pa.array(["1"]), "number"),
        (pa.array([1]), "boolean"),
        (pa.array([b"a"]), "category"),
        (pa.array(["2024-01-01"]), "date"),
        (pa.array([[1]]), "categories"),
        (pa.array([2**60 + 1]), "number"),
        (pa.array([dt.datetime(2024, 1, 1, 12)]), "date"),
        (pa.array([dt.datetime(2024, 1, 1)], pa.timestamp("us", "UTC")), "date"),
    ],
)
def test_what_loses_something_is_refused(values: pa.Array, type_: Any) -> None:
    with pytest.raises(TagError):
        checked(pa.chunked_array([values]), type_)
