"""Bad input, part 5: data. Ids missing, doubled, odd; dates of the years 0, 1896, 9999; empty tables;
files cut in the middle.

Rows that cannot be read are quarantined with file and line; what cannot be read at all is one error,
and the last version stays in force.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import holbein
from tests.support import bad_input
from tests.support.bad_input import (
    COMPANIES,
    ORDERS,
    SOURCE,
    accepted,
    command,
    in_force,
    process,
    refused,
)

COMPANY = "id,name,country,region,parent,employees,founded\n"
CONTACT = "id,company,name,title,email\n"
ORDER = "id,company,at,product,amount\n"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_input.make(tmp_path_factory.mktemp("data") / "good")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return bad_input.copy(good, tmp_path / "ws")


def count(folder: Path, condition: str = "TRUE") -> int:
    return int(accepted(command("count", "-w", str(folder), condition)))


def quarantined(folder: Path) -> list[tuple[str, str]]:
    """Place and reason of each row, and that the list counts them."""
    shown = accepted(command("quarantine", "show", "-w", str(folder))).splitlines()
    listed = accepted(command("quarantine", "list", "-w", str(folder))).splitlines()
    assert sum(int(one.split()[0]) for one in listed) == len(shown)
    rows = [json.loads(one) for one in shown]
    assert all(row["source"] == "crm" and json.loads(row["row"]) for row in rows)
    return sorted((row["place"], row["reason"]) for row in rows)


# --- rows -----------------------------------------------------------------------------------------

ROWS: dict[str, tuple[dict[str, str | bytes], list[tuple[str, str]], dict[str, int]]] = {
    "ids missing": (
        {"crm/companies.csv": COMPANIES + ",Ann Secret,,,,,\n  ,x,,,,,\nNULL,x,,,,,\n",
         "crm/orders.csv": ORDERS + ",C1,2024-01-05,Tea,1\n5,,2024-01-05,Tea,1\n"},
        [("companies.csv:5", "id is missing"), ("companies.csv:6", "id is missing"),
         ("companies.csv:7", "id is missing"), ("orders.csv:5", "id is missing")],
        {"TRUE": 3, "count(orders) = 2": 1},
    ),
    "ids doubled": (
        {"crm/companies.csv": COMPANIES + "C1,Bob Hidden,Spain,,,9,\nC2,Beta,France,,C1,5,1999-12-31\n",
         "crm/orders.csv": ORDERS + "1,C3,2024-01-05,Tea,9\n"},
        [("companies.csv:5", "an earlier row with other values has the same id"),
         ("orders.csv:5", "an earlier row with other values has the same id")],
        {"TRUE": 3, "country = 'Spain'": 0, "count(orders) > 0": 2},
    ),
    "ids with a null byte": (
        {"crm/companies.csv": COMPANIES + "C\0,x,,,,,\n"},
        [("companies.csv:5", "id holds NUL or bytes that are no text")],
        {"TRUE": 3},
    ),
    "year 0": (
        {"crm/companies.csv": COMPANIES + "C4,x,,,,,0000-01-01\n", "crm/orders.csv": ORDERS + "9,C3,0000-12-31,Tea,1\n"},
        [("companies.csv:5", "founded is not a date"), ("orders.csv:5", "at is not a date from year 1 to 9999")],
        {"TRUE": 4, "count(orders) > 0": 2, "founded IS NULL": 2},
    ),
    "beyond the calendar": (
        {"crm/orders.csv": ORDERS + "6,C3,10000-01-01,Tea,1\n7,C3,-0044-03-15,Tea,1\n8,C3,2024-02-30,Tea,1\n"
                                    "9,C3,9999-12-31T23:59:59-12:00,Tea,1\n"},
        [(f"orders.csv:{line}", "at is not a date from year 1 to 9999") for line in (5, 6, 7, 8)],
        {"count(orders) > 0": 2},
    ),
    "1896 and 9999": (
        {"crm/companies.csv": COMPANIES + "C4,x,,,,,1896-02-29\nC5,x,,,,,9999-12-31\nC6,x,,,,,0001-01-01\n",
         "crm/orders.csv": ORDERS + "7,C4,1896-02-29,Tea,1\n8,C5,9999-12-31,Tea,1\n9,C6,0001-01-01,Tea,1\n"},
        [],
        {"founded = DATE '1896-02-29'": 1, "founded = DATE '9999-12-31'": 1, "founded < DATE '0001-01-02'": 1,
         "years_since(founded) > 2000": 1, "count(orders) > 0": 4, "days_since(orders) > 40000": 2},
    ),
    "values of another type": (
        {"crm/companies.csv": COMPANIES + "C4,x,,,,sixty,\nC5,x,,,,1e999,\nC6,x,,,,inf,soon\n",
         "crm/orders.csv": ORDERS + "9,C3,2024-01-05,Tea,much\n"},
        [("companies.csv:5", "employees is not a number"), ("companies.csv:7", "founded is not a date"),
         ("orders.csv:5", "amount is not an amount of money")],
        {"TRUE": 6, "employees IS NULL": 3},
    ),
    "parents in a circle": (
        {"crm/companies.csv": COMPANIES + "C4,x,,,C4,,\nC5,x,,,C6,,\nC6,x,,,C5,,\nC7,x,,,C99,,\n"},
        [(f"companies.csv:{line}", "the companies above it lead back to it: it is left without a parent") for line in (5, 6, 7)],
        {"TRUE": 7, "parent(TRUE)": 1},
    ),
    "too many and too few values": (
        {"crm/orders.csv": ORDERS + "8,C3,2024-01-05,Tea,1,2,3\n9,C3,2024\n"},
        [("orders.csv:5", "it has 7 values where the header names 5 columns"),
         ("orders.csv:6", "it has 3 values where the header names 5 columns")],
        {"count(orders) > 0": 2},
    ),
    "cut in a line": (
        {"crm/orders.csv": ORDERS[:-9]},
        [("orders.csv:4", "it has 3 values where the header names 5 columns")],
        {"count(orders) > 0": 1},
    ),
    "cut in a quote": (
        {"crm/orders.csv": ORDERS + '9,C3,2024-01-05,"Te'},
        [("orders.csv:5", "a quote is opened and not closed")],
        {"count(orders) > 0": 2},
    ),
    "cut in a character": (
        {"crm/orders.csv": (ORDERS + "9,C3,2024-01-05,茶").encode()[:-1]},
        [("orders.csv:5", "the file ends inside a character: it was cut off")],
        {"count(orders) > 0": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "rows", "counts"), ROWS.values(), ids=ROWS)
def test_rows_that_cannot_be_read_are_quarantined(
    good: Path,
    tmp_path: Path,
    changes: dict[str, str | bytes],
    rows: list[tuple[str, str]],
    counts: dict[str, int],
) -> None:
    folder = bad_input.copy(good, tmp_path / "ws", dict(changes))
    ran = command("run", "-w", str(folder), "--as-of", "2024-06-30")
    accepted(ran)
    assert ("could not be read" in ran.err) == bool(rows)
    assert quarantined(folder) == sorted(rows)
    for condition, number in counts.items():
        assert count(folder, condition) == number, condition


def test_ids_with_odd_characters_name_their_subjects(good: Path, tmp_path: Path) -> None:
    odd = [
        "a,b", 'a"b', "a|b", "a:b", "crm:C1", "E1", "E999", "-", "=1+1", "'; DROP TABLE x --", "%", "_", "..", "../x", "a b",
        "\u202eabc", "C\u200b1", "é", "e\u0301", "北京", "😀", "x\ty", "1e5", "007", "TRUE", "x" * 1_000,
    ]  # fmt: skip
    lines = "".join('"{}",n,,,,1,\n'.format(one.replace('"', '""')) for one in odd)
    sold = "".join('o{},"{}",2024-01-05,Tea,1\n'.format(n, one.replace('"', '""')) for n, one in enumerate(odd))  # fmt: skip
    folder = bad_input.copy(
        good,
        tmp_path / "ws",
        {"crm/companies.csv": COMPANIES + lines, "crm/orders.csv": ORDERS + sold},
    )
    accepted(command("run", "-w", str(folder), "--as-of", "2024-06-30"))
    assert quarantined(folder) == []
    assert (count(folder), count(folder, "employees = 1 AND count(orders) = 1")) == (
        3 + len(odd),
        len(odd),
    )
    found = holbein.open(folder)
    assert len({found.portrait("enterprise", f"crm:{one}").id for one in odd}) == len(odd)
    # A key that looks like an id of ours means two subjects, and one has to say which.
    refused(
        command("portrait", "-w", str(folder), "enterprise", "E1"),
        "'E1' names 2 subjects",
        "say which: E1, E",
    )
    refused(command("portrait", "-w", str(folder), "enterprise", "crm:C1"), "names 2 subjects")
    accepted(command("select", "-w", str(folder), "TRUE", "-o", str(tmp_path / "all.xlsx")))
    listed = command(
        "audience",
        "import",
        "-w",
        str(folder),
        "all",
        str(tmp_path / "all.xlsx"),
        "--on",
        "enterprise",
    )
    assert listed.code == 0


def test_keys_of_several_sources_are_ambiguous(good: Path, tmp_path: Path) -> None:
    other = "sources:\n  - source: erp\n    from: crm\n    enterprises: {table: companies, id: id, name: name}\n"
    folder = bad_input.copy(good, tmp_path / "ws", {"sources/erp.yaml": other})
    accepted(command("run", "-w", str(folder)))
    said = refused(
        command("portrait", "-w", str(folder), "enterprise", "C1"), "'C1' names 2 subjects"
    )
    assert "source:key" in said
    accepted(command("portrait", "-w", str(folder), "enterprise", "erp:C1"))


def test_who_left_the_sources_is_told_apart_from_who_never_was(folder: Path) -> None:
    (folder / "crm" / "companies.csv").write_text(COMPANY + "C1,Alpha,,,,,\n")
    accepted(command("run", "-w", str(folder)))
    for one in ("C3", "E3"):
        refused(
            command("portrait", "-w", str(folder), "enterprise", one),
            "no longer in the sources",
            "--run N",
        )
    accepted(command("portrait", "-w", str(folder), "enterprise", "C3", "--run", "1"))
    refused(
        command("portrait", "-w", str(folder), "enterprise", "E33"), "there is no enterprise 'E33'"
    )


def test_empty_tables_are_answered(good: Path, tmp_path: Path) -> None:
    empty = {
        "crm/companies.csv": COMPANY,
        "crm/contacts.csv": CONTACT,
        "crm/orders.csv": ORDER.strip(),
    }
    folder = bad_input.copy(good, tmp_path / "ws", dict(empty))
    at = ("-w", str(folder))
    for arguments in (["check"], ["run"], ["tags"], ["tags", "--json"], ["audience", "list"], ["portrait", "audience", "big ones"],
                      ["portrait", "audience", "big ones", "--lang", "zh", "--base", "big ones"], ["audience", "freeze", "big ones", "--as", "x"],
                      ["quarantine", "replay"], ["explain", "big"]):  # fmt: skip
        accepted(command(*arguments, *at))
    assert [
        count(folder, one) for one in ("TRUE", "NOT big", "count(orders) = 0", "in_audience('x')")
    ] == [0, 0, 0, 0]
    assert accepted(command("select", "TRUE", *at)).splitlines() == ["id,key,name"]
    refused(command("portrait", "enterprise", "C1", *at), "'C1' is no longer in the sources")
    refused(command("audience", "import", "y", str(folder / "crm" / "companies.csv"), "--on", "enterprise", *at), "no row names")  # fmt: skip


# --- files that cannot be read at all -------------------------------------------------------------


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def no_bytes(folder: Path) -> None:
    (folder / "crm" / "orders.csv").write_text("")


def no_header(folder: Path) -> None:
    (folder / "crm" / "orders.csv").write_text("\n\n")


def picture(folder: Path) -> None:
    (folder / "crm" / "orders.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)


def cut_header(folder: Path) -> None:
    (folder / "crm" / "orders.csv").write_text("id,company,a")


def cut_parquet(folder: Path) -> None:
    (folder / "crm" / "orders.csv").unlink()
    path = folder / "crm" / "orders.parquet"
    pq.write_table(pa.table({one: ["1"] for one in ORDER.strip().split(",")}), path)
    half(path)


def empty_parquet(folder: Path) -> None:
    (folder / "crm" / "orders.csv").unlink()
    (folder / "crm" / "orders.parquet").write_bytes(b"")


def cut_database(folder: Path) -> None:
    path = folder / "x.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (id, company, at, product, amount)")
    rows = [(one, "C1", "2024-01-01", "Tea", 1) for one in range(5_000)]
    connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    half(path)
    text = SOURCE.replace("    streams:\n", "  - source: crm\n    from: sqlite:///x.sqlite\n    streams:\n")  # fmt: skip
    (folder / "sources" / "crm.yaml").write_text(text)


UNREADABLE: dict[Callable[[Path], None], str] = {
    no_bytes: "sources/crm.yaml:15: orders.csv is empty (its first line must name the columns)",
    no_header: "sources/crm.yaml:15: orders.csv is empty",
    picture: "sources/crm.yaml:15: orders.csv is not text (save it as CSV in UTF-8)",
    cut_header: "sources/crm.yaml:17: orders.csv has no column 'at' (did you mean a?)",
    cut_parquet: "sources/crm.yaml:15: orders.parquet can't be read as a Parquet file: it is cut off",
    empty_parquet: "sources/crm.yaml:15: orders.parquet can't be read as a Parquet file",
    cut_database: "x.sqlite can't be read as a SQLite database",
}


@pytest.mark.parametrize(
    ("spoil", "told"), UNREADABLE.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_a_file_that_cannot_be_read(folder: Path, spoil: Callable[[Path], None], told: str) -> None:
    spoil(folder)
    said = refused(command("run", "-w", str(folder)), told)
    assert said.startswith("error: sources/crm.yaml:")
    assert refused(process("run", folder=folder)) == said
    in_force(folder)


def test_text_of_another_writer_that_is_no_utf8(good: Path, tmp_path: Path) -> None:
    """Parquet's own text type promises UTF-8, and not every writer keeps the promise."""

    def text(*values: bytes) -> pa.Array:
        return pa.array(values, pa.binary()).view(pa.string())

    folder = bad_input.copy(good, tmp_path / "ws", {"crm/companies.csv": None})
    columns = {one: pa.array([None, None], pa.string()) for one in COMPANY.strip().split(",")}
    table = pa.table(columns | {"id": text(b"C1", b"C\xff"), "name": text(b"A\xff", b"B")})
    pq.write_table(table, folder / "crm" / "companies.parquet")
    accepted(command("run", "-w", str(folder)))
    assert quarantined(folder) == [
        ("companies.parquet row 2", "id holds NUL or bytes that are no text")
    ]
    assert count(folder, "name LIKE 'A_'") == 1
    path = str(folder / "crm" / "companies.parquet")
    refused(
        command("audience", "import", "x", path, "--on", "enterprise", "-w", str(folder)),
        "not UTF-8",
    )
