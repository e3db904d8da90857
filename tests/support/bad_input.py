"""What the tests of bad input share: a small workspace with a version in force, and its command line.

``command`` is the real ``main`` in this process, ``process`` the same in one of its own. ``refused``
says what every refusal has: exit code, place, hint, nothing on standard output, no one's data.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import holbein
from holbein import cli
from tests.support.workspaces import write_workspace

PERSONAL = ("Ann Secret", "ann@example.org", "Bob Hidden", "Secret Street")
"""What no message may say."""

SOURCE = """\
sources:
  - source: crm
    from: crm
    enterprises: {table: companies, id: id, name: name, country: country, region: region,
                  parent: parent, employees: {column: employees, type: number},
                  founded: {column: founded, type: date}}
    roles:
      table: contacts
      id: id
      enterprise: company
      title: title
      person: {id: id, name: name, email: email}
    streams:
      orders:
        table: orders
        key: id
        at: at
        enterprise: company
        columns: {product: product, amount: {column: amount, type: money}}
"""
TAGS = """\
tags:
  - {tag: revenue, value: "sum(orders.amount)"}
  - {tag: big, where: "employees > 50"}
  - {tag: tier, cases: [{high: "revenue > 100"}, {else: low}]}
  - {tag: products, prefers: {stream: orders, by: product, top: 2}}
"""
AUDIENCES = """\
audiences:
  - {audience: big ones, where: big}
  - {audience: bosses, on: role, where: "title = 'Boss'"}
"""
COMPANIES = """\
id,name,country,region,parent,employees,founded
C1,Alpha,Germany,310000,,60,2001-01-01
C2,Beta,France,,C1,5,1999-12-31
C3,Gamma,Germany,,,700,
"""
CONTACTS = """\
id,company,name,title,email
P1,C1,Ann Secret,Boss,ann@example.org
P2,C2,Bob Hidden,Clerk,
"""
ORDERS = """\
id,company,at,product,amount
1,C1,2024-01-05,Tea,100.50
2,C1,2024-02-05,Tea,20
3,C2,2024-03-01,Rice,7
"""
FILES = {
    "holbein.yaml": "name: Bad input\ncurrency: EUR\n",
    "sources/crm.yaml": SOURCE,
    "tags/a.yaml": TAGS,
    "audiences/a.yaml": AUDIENCES,
    "crm/companies.csv": COMPANIES,
    "crm/contacts.csv": CONTACTS,
    "crm/orders.csv": ORDERS,
}
AS_OF = "2024-06-30"


def make(folder: Path) -> Path:
    """The workspace at ``folder``, its version 1 in force."""
    write_workspace(folder, FILES)
    holbein.open(folder).run(AS_OF)
    return folder


def copy(folder: Path, target: Path, changes: dict[str, str | bytes | None] | None = None) -> Path:
    """A copy of a workspace with other texts in some files; None takes a file away."""
    shutil.copytree(folder, target)
    for name, content in (changes or {}).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return target


def in_force(folder: Path) -> None:
    """Version 1 is in force, and answers as it did."""
    found = holbein.open(folder)
    assert found.query.version == "1"
    assert [found.count(one) for one in ("TRUE", "big", "count(orders) > 0")] == [3, 2, 2]


# --- the command line -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines that say what is wrong, without those of progress."""
        return [one for one in self.err.splitlines() if one.startswith("error: ")]


@contextmanager
def _caught(stream: str) -> Iterator[io.BytesIO]:
    held = io.BytesIO()
    text = io.TextIOWrapper(held, encoding="utf-8", write_through=True)
    with (redirect_stdout if stream == "out" else redirect_stderr)(text):
        yield held
    text.detach()


def command(*arguments: str) -> Answer:
    """``holbein ARGUMENTS`` in this process: ``main``, which turns errors into exit codes."""
    code = None
    environment = {"COLUMNS": "100", "NO_COLOR": "1"}
    with (
        mock.patch.object(sys, "argv", ["holbein", *arguments]),
        mock.patch.dict(os.environ, environment),
        _caught("out") as out,
        _caught("err") as err,
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
        said = out.getvalue().decode(), err.getvalue().decode()
    assert isinstance(code, int)
    return Answer(code, *said)


def process(
    *arguments: str | bytes, folder: Path | None = None, environment: dict[str, str] | None = None
) -> Answer:
    """``holbein ARGUMENTS`` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from holbein.cli import entry; entry()", *arguments],
        cwd=folder,
        env=os.environ
        | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
        | (environment or {}),
        capture_output=True,
        check=False,
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


def refused(answer: Answer, *told: str, lines: int = 1, hint: bool = True) -> str:
    """The user's fault, told as it should be; gives the lines that say so."""
    said = "\n".join(answer.errors)
    assert answer.code == 1, answer
    assert answer.out == "", answer
    assert "Traceback" not in answer.err, answer.err
    assert len(answer.errors) == lines, answer.err
    for part in told:
        assert part in said, f"{part!r} is missing in: {said}"
    if hint:
        assert all(line.endswith(")") for line in answer.errors), said
    assert len(said) < 1_500 * lines, said
    _no_secrets(answer.err)
    return said


def misused(answer: Answer, *told: str) -> None:
    """Wrong usage: exit code 2, with what is wrong and how it is used."""
    assert answer.code == 2, answer
    assert answer.out == "", answer
    assert "Traceback" not in answer.err, answer.err
    for part in ("Usage: holbein", *told):
        assert part in answer.err, f"{part!r} is missing in: {answer.err}"
    _no_secrets(answer.err)


def accepted(answer: Answer) -> str:
    """All went well; gives what was printed."""
    assert answer.code == 0, answer
    assert "Traceback" not in answer.err
    _no_secrets(answer.err)
    return answer.out


def _no_secrets(text: str) -> None:
    for one in PERSONAL:
        assert one not in text, f"{one!r} is someone's, and stands in a message: {text}"
