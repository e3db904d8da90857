"""What a run does with tags that fail, one by one and many at once, and in odd workspaces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

import holbein
from holbein.catalog.kinds import Definition
from holbein.engine.compile import Scope
from holbein.tags import planner
from tests.support import bad_input, failing
from tests.support.bad_input import accepted, command
from tests.support.failing import FIRST, SECOND, held, put, run, values
from tests.support.workspaces import write_workspace

Expression = Callable[[str, Definition, Scope], exp.Expr]
MANY = "tags:\n" + "".join(
    f'  - {{tag: t{number}, value: "count(orders) + {number}"}}\n' for number in range(45)
)
ONE_AUDIENCE = 'audiences:\n  - {audience: those, where: "employees > 5"}\n'


def _failing(monkeypatch: pytest.MonkeyPatch, errors: dict[str, Callable[[], Any]]) -> None:
    real: Expression = planner.expression

    def expression(name: str, definition: Definition, scope: Scope) -> exp.Expr:
        return errors[name]() if name in errors else real(name, definition, scope)

    monkeypatch.setattr(planner, "expression", expression)


def _raise(error: Exception) -> Callable[[], Any]:
    def fail() -> None:
        raise error

    return fail


def _no_number() -> exp.Expr:
    """What an engine can only find out on the data, and quotes when it does."""
    return exp.cast(exp.Literal.string("Ann Secret"), exp.DataType.Type.INT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_workspace(
        tmp_path / "w",
        failing.FILES | {"tags/a.yaml": MANY, "audiences/a.yaml": ONE_AUDIENCE},
    )


def test_two_of_many_fail_on_the_engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(folder, FIRST)
    put(folder, crm_orders__csv=failing.MORE)
    _failing(monkeypatch, {"t3": _no_number, "t30": _no_number})
    lines = held(run(folder, SECOND))
    why = "the engine could not compute it (Conversion Error)"
    assert lines == [
        f"enterprise tag {name} keeps its values of {FIRST}: {why}" for name in ("t3", "t30")
    ]
    assert values(folder, "t3") == [5.0, 4.0, 3.0]
    for number in {*range(45)} - {3, 30}:
        assert values(folder, f"t{number}") == [2.0 + number, 2.0 + number, 0.0 + number]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError(), "(ValueError)"),
        (KeyError("Ann Secret"), "(KeyError)"),
        (RuntimeError("Ann Secret\nis 40 years old"), "(RuntimeError)"),
        (MemoryError("Out of Memory Error: failed"), "(Out of Memory Error)"),
    ],
)
def test_what_engines_say_of_data_is_not_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    _failing(monkeypatch, {"t7": _raise(error)})
    (line,) = held(run(folder, FIRST))
    assert line == f"enterprise tag t7 has no values: the engine could not compute it {told}"
    assert values(folder, "t8") == [10.0, 9.0, 8.0]


ODD = """\
tags:
  - {tag: day, value: "sum(orders.amount)"}
  - {tag: instant, where: "day > 100"}
  - {tag: value, cases: [{a: instant}, {else: b}]}
  - {tag: k, ranks: {of: day, among: [value]}}
  - {tag: n, value: "count_roles(TRUE)"}
  - {tag: u, prefers: {stream: orders, by: product}}
  - {tag: tags, where: "became(value, 'a', '30 days')"}
  - {tag: states, rolls_up: {from: descendants, of: day, by: sum, self: true}}
  - {tag: 等级, cases: [{高: "day > 100"}, {else: 低}]}
  - {tag: 评分, type: number, python: {file: own.py, function: score, reads: [day, 等级, k, value, u]}}
  - {tag: f, type: number, sql: {dialect: duckdb, reads: [day, 等级], query: 'SELECT id, day + length("等级") AS value FROM tags_enterprise'}}
  - {tag: enterprise, where: "in_audience('the odd one''s')"}
  - {tag: changes, where: "评分 > 5"}
  - {tag: orders, value: "count(orders)"}
  - {tag: met, on: role, where: "enterprise(day > 100)"}
  - {tag: everyone, on: person, where: "any_role(met)"}
"""


def test_tags_may_be_called_as_the_machinery_is(tmp_path: Path) -> None:
    audience = 'audiences:\n  - {audience: "the odd one\'s", where: "等级 = \'高\'"}\n'
    code = "def score(table):\n    return table['day']\n"
    files = {"tags/a.yaml": ODD, "audiences/a.yaml": audience, "own.py": code}
    folder = write_workspace(tmp_path / "w", failing.FILES | files)
    assert held(run(folder, FIRST)) == []
    put(folder, own__py="def score(table):\n    raise ValueError\n", crm_orders__csv=failing.MORE)
    (line,) = held(run(folder, SECOND))
    assert line.startswith(f"enterprise tag 评分 keeps its values of {FIRST}: ")
    assert line.endswith("; on it depend enterprise tag changes")
    assert values(folder, "f") == [121.5, 508.0, 1.0]
    assert values(folder, "tags") == [False, True, False]
    assert values(folder, "enterprise") == [True, True, False]
    assert values(folder, "everyone", "person") == [True, True]
    accepted(command("portrait", "enterprise", "C2", "-w", str(folder)))


HEADS = {
    "crm/companies.csv": bad_input.COMPANIES.splitlines(keepends=True)[0],
    "crm/contacts.csv": bad_input.CONTACTS.splitlines(keepends=True)[0],
    "crm/orders.csv": bad_input.ORDERS.splitlines(keepends=True)[0],
}


@pytest.mark.parametrize(
    ("before", "empty"), [(HEADS, "all"), *((failing.FILES, one) for one in (*HEADS, "tags"))]
)
def test_a_world_that_is_empty_or_becomes_so(
    tmp_path: Path, before: dict[str, str], empty: str
) -> None:
    folder = write_workspace(tmp_path / "w", failing.FILES | before)
    run(folder, FIRST)
    put(folder, own__py="def score(table):\n    raise ValueError\n")
    if empty == "tags":
        put(folder, tags_a__yaml="tags: []\n", audiences_a__yaml=ONE_AUDIENCE)
    for name, head in HEADS.items():
        if empty in (name, "all"):
            (folder / name).write_text(head)
    lines = held(run(folder, SECOND))
    assert [one.split()[2] for one in lines] == ([] if empty == "tags" else ["own"])
    for arguments in (["tags"], ["tags", "--json"], ["audience", "list"], ["runs"]):
        accepted(command(*arguments, "-w", str(folder)))
    put(folder, own__py=failing.SCORE, tags_a__yaml=failing.TAGS, audiences_a__yaml=failing.AUDIENCES)  # fmt: skip
    assert held(run(folder, "2024-07-06")) == []


def test_only_roles_that_have_ended(tmp_path: Path) -> None:
    source = bad_input.SOURCE.replace(
        "      title: title\n", "      title: title\n      until: until\n"
    )
    contacts = "id,company,name,title,email,until\nP1,C1,Ann Secret,Boss,,2020-01-01\n"
    files = {"sources/crm.yaml": source, "crm/contacts.csv": contacts}
    folder = write_workspace(tmp_path / "w", failing.FILES | files)
    assert held(run(folder, FIRST)) == []
    assert values(folder, "house_grade", "role") == ["good"]
    assert values(folder, "works_well", "person") == [False]
    put(folder, own__py=failing.RAISES)
    assert len(held(run(folder, SECOND))) == 1
    for of in (["role", "P1"], ["person", "P1"], ["enterprise", "C1"]):
        accepted(command("portrait", *of, "-w", str(folder)))


def test_as_many_labels_as_subjects(tmp_path: Path) -> None:
    count = 60_000
    keys = [f"C{number}" for number in range(count)]
    labels = [f"label {number}" for number in range(count)]
    source = """\
sources:
  - source: a
    from: raw
    enterprises: {table: companies, id: id, label: label}
    streams: {orders: {table: orders, key: id, at: at, enterprise: id, columns: {product: label}}}
"""
    tags = """\
tags:
  - {tag: kind, attribute: label, values: {x: X}}
  - {tag: liked, prefers: {stream: orders, by: product, top: 3}}
"""
    folder = write_workspace(
        tmp_path / "w", {"holbein.yaml": "name: x\n", "sources/a.yaml": source, "tags/a.yaml": tags}
    )
    (folder / "raw").mkdir()
    rows = pa.table({"id": keys, "label": labels, "at": ["2024-05-01"] * count})
    for name in ("companies", "orders"):
        pq.write_table(rows, folder / "raw" / f"{name}.parquet")
    workspace = holbein.open(folder)
    manifest = workspace.run(FIRST).manifest
    assert (
        f"enterprise tag kind: {count:,} subjects have values that its definition does not declare"
        " (such as label 0, label 1, label 10)"
    ) in manifest.marks
    assert sum(len(one["profile"]["labels"]) for one in manifest.profiles) == 0
    assert (folder / "data" / "versions" / "000001" / "manifest.json").stat().st_size < 20_000
    for tag in workspace.tags():
        assert (tag.coverage, len(tag.distribution)) == (1.0, 10)
    group = workspace.group_portrait("bucket('half') < 0.5")
    assert [(len(one.cells), one.more) for one in group.distributions] == [(12, count - 12)] * 2
    assert all(cell.group == 1 for one in group.distributions for cell in one.cells)
    assert group.telling == ()
