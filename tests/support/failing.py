"""A workspace whose tags hang together in many ways, for runs in which some of them fail.

``own`` (Python) is what most depends on: a rule, a ranking, a roll-up of each kind, an audience,
and a tag that asks what ``became`` of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import holbein
from tests.support import bad_input
from tests.support.bad_input import Answer, accepted, command
from tests.support.workspaces import write_workspace

FIRST, SECOND, THIRD, FOURTH = "2024-06-30", "2024-07-05", "2024-07-06", "2024-07-07"
QUERY = "SELECT enterprise AS id, sum(amount) AS value FROM orders WHERE enterprise IS NOT NULL GROUP BY 1"
TAGS = f"""\
tags:
  - {{tag: revenue, value: "sum(orders.amount)"}}
  - {{tag: big, where: "employees > 50"}}
  - {{tag: staff, attribute: employees}}
  - {{tag: size, band: {{of: employees, below: [{{small: 50}}], else: large}}}}
  - {{tag: tier, cases: [{{high: "revenue > 100"}}, {{else: low}}]}}
  - {{tag: products, prefers: {{stream: orders, by: product, top: 2}}}}
  - {{tag: own, title: {{en: Own score, zh: 自有评分}}, type: number, python: {{file: own.py, function: score, reads: [revenue], time: 3 seconds, memory: 256 MB}}}}
  - {{tag: share, type: number, sql: {{dialect: duckdb, time: 3 seconds, query: "{QUERY}"}}}}
  - {{tag: grade, title: {{en: Grade, zh: 等第}}, cases: [{{good: "own > 50"}}, {{else: poor}}]}}
  - {{tag: standing, ranks: {{of: own, gives: rank}}}}
  - {{tag: lately_good, where: "became(grade, 'good', '90 days')"}}
  - {{tag: chosen, where: "in_audience('good ones')"}}
  - {{tag: house_grade, on: role, rolls_up: {{from: enterprise, of: grade}}}}
  - {{tag: works_well, on: person, where: "any_role(house_grade = 'good')"}}
  - {{tag: group_own, rolls_up: {{from: descendants, of: own, by: sum, self: true}}}}
  - {{tag: listed, imported: {{file: list.csv, source: crm, id: company}}}}
"""
AUDIENCES = """\
audiences:
  - {audience: big ones, where: big}
  - {audience: good ones, where: "grade = 'good'"}
  - {audience: better, where: "in_audience('good ones') AND big"}
  - {audience: bosses, on: role, where: "title = 'Boss'"}
"""
SCORE = "def score(table):\n    return table['revenue']\n"
RAISES = "def score(table):\n    raise KeyError('what')\n"
FILES = bad_input.FILES | {
    "tags/a.yaml": TAGS,
    "audiences/a.yaml": AUDIENCES,
    "own.py": SCORE,
    "list.csv": "company\nC1\n",
}
MORE = bad_input.ORDERS + "4,C2,2024-07-01,Rice,500\n"
"""An order by which Beta becomes a good one."""

NEW = bad_input.COMPANIES + "C4,Delta,Germany,,,8,\n"
"""A company that was not there before."""


def make(folder: Path) -> Path:
    """The workspace, with a version as of ``FIRST`` in force."""
    write_workspace(folder, FILES)
    holbein.open(folder).run(FIRST)
    return folder


def put(folder: Path, **files: str | None) -> None:
    """Other texts in some files (``own__py``: the file own.py, ``crm_orders__csv``: crm/orders.csv);
    None takes one away."""
    for key, text in files.items():
        path = folder / key.replace("__", ".").replace("_", "/")
        if text is None:
            path.unlink()
        else:
            path.write_text(text)


def run(folder: Path, day: str, *more: str) -> list[str]:
    """A run that goes well, and the notes that it tells of tags and audiences."""
    answer = command("run", "-w", str(folder), "--as-of", day, *more)
    assert answer.code == 0, answer
    notes = [one.removeprefix("note: ") for one in answer.err.splitlines() if "note: " in one]
    return [one for one in notes if "keeps no history" not in one]


def held(notes: list[str]) -> list[str]:
    """Those of tags that keep their values, or have none."""
    return [one for one in notes if " keeps its values of " in one or " has no values: " in one]


def values(folder: Path, name: str, kind: str = "enterprise") -> list[object]:
    """The values of a tag in the version in force, by id."""
    rows = holbein.open(folder).store.current().read(f"tags.{kind}").sort_by("id")
    return list(rows[name].to_pylist())


def asked(folder: Path, *arguments: str) -> str:
    """What a command prints that goes well."""
    return accepted(command(*arguments, "-w", str(folder)))


def told(folder: Path, *arguments: str) -> Answer:
    """What a command says that goes well."""
    answer = command(*arguments, "-w", str(folder))
    accepted(answer)
    return answer


def tags(folder: Path) -> dict[str, Any]:
    """What ``tags --json`` says of each tag."""
    return {one["tag"]: one for one in json.loads(asked(folder, "tags", "--json"))}


def changes(folder: Path) -> set[tuple[object, ...]]:
    """The change log: day, tag, id, old, new."""
    rows = holbein.open(folder).store.current().read("changes").to_pylist()
    return {(str(r["day"]), r["tag"], r["id"], r["old"], r["new"]) for r in rows}
