"""Lists of imported tags."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from holbein.collect import inspect
from holbein.errors import SourceError
from tests.unit.collect.conftest import Take, Workspace

SOURCE = "sources:\n  - source: crm\n    from: c.csv\n    enterprises: {table: c, id: id}\n"
CUSTOMERS = {"c.csv": "id\n1\n"}
SCORES = """\
tags:
  - tag: score
    type: %s
    imported:
      file: %s
      source: crm
      id: account
      value: points
"""
PARTNERS = "tags: [{tag: partner, imported: {file: l.csv, source: crm, id: %s}}]\n"


def test_those_listed_are_true(take: Take) -> None:
    taken = take(
        SOURCE, tags=PARTNERS % "account", **CUSTOMERS, **{"l.csv": "account\n7.0\n8.0\n\n"}
    )
    assert taken.listed("partner") == {"7": True, "8": True}
    assert taken.put_aside == []


def test_values_in_the_type_of_the_tag(take: Take) -> None:
    text = "account;points\n1;12,5\n2;1.234,5\n3;\n4;many\n;5\n1;12,5\n1;9\na\0;1\n"
    taken = take(SOURCE, tags=SCORES % ("number", "l.csv"), **CUSTOMERS, **{"l.csv": text})
    assert taken.listed("score") == {"1": 12.5, "2": 1234.5, "3": None}
    assert taken.put_aside == [
        ("l.csv:9", "account holds NUL or bytes that are no text"),
        ("l.csv:6", "account is missing"),
        ("l.csv:5", "points is not a number"),
        ("l.csv:8", "an earlier row with other values has the same account"),
    ]


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("boolean", "yes", True), ("date", "29.02.2024", dt.date(2024, 2, 29)),
        ("category", " A ", "A"),
        ("categories", "b; a", ["a", "b"]),
    ],
)  # fmt: skip
def test_types(take: Take, kind: str, written: str, expected: object) -> None:
    tags = SCORES % (kind, "l.csv")
    taken = take(SOURCE, tags=tags, **CUSTOMERS, **{"l.csv": f"account,points\n1,{written}\n"})
    assert taken.listed("score") == {"1": expected}


def test_keys_of_several_columns(take: Take) -> None:
    text = "a,b\nx|y,z\nx,y|z\nx,\n"
    taken = take(SOURCE, tags=PARTNERS % "[a, b]", **CUSTOMERS, **{"l.csv": text})
    assert taken.listed("partner") == {"x\\|y|z": True, "x|y\\|z": True}
    assert taken.put_aside == [("l.csv:4", "a, b is missing")]


def test_a_parquet_file(take: Take, tmp_path: Path) -> None:
    pq.write_table(pa.table({"account": [1, 2], "points": [0.5, None]}), tmp_path / "l.parquet")
    taken = take(SOURCE, tags=SCORES % ("number", "l.parquet"), **CUSTOMERS)
    assert taken.listed("score") == {"1": 0.5, "2": None}


def test_a_header_alone_lists_nobody(take: Take) -> None:
    taken = take(
        SOURCE, tags=SCORES % ("number", "l.csv"), **CUSTOMERS, **{"l.csv": "account,points\n"}
    )
    assert taken.listed("score") == {}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("none.csv", None, "tags/t.yaml:5: there is no file none.csv"),
        ("l.xlsx", "x", "tags/t.yaml:5: l.xlsx is neither a .csv nor a .parquet file"),
        ("l.csv", "", "tags/t.yaml:5: l.csv is empty"),
        ("l.parquet", "x", "tags/t.yaml:5: l.parquet can't be read as a Parquet file"),
        ("l.csv", "acount,points\n",
         "tags/t.yaml:7: l.csv has no column 'account' (did you mean acount?)"),
        ("l.csv", "account,point\n",
         "tags/t.yaml:8: l.csv has no column 'points' (did you mean point?)"),
        ("l.csv", "account,a,b\n",
         "tags/t.yaml:8: l.csv has no column 'points' (its columns are account, a, b)"),
        ("x" * 400 + ".csv", None, "tags/t.yaml:5: "),
    ],
)  # fmt: skip
def test_mistakes_have_their_place(
    workspace: Workspace, file: str, content: str | None, message: str
) -> None:
    files = {} if content is None else {file: content}
    definitions = workspace(SOURCE, tags=SCORES % ("number", file), **CUSTOMERS, **files)
    (error,) = inspect(definitions).lists.values()
    assert isinstance(error, SourceError)
    assert str(error).startswith(message)
    assert error.hint
