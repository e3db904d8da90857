"""CSV files: what was written is what is read, and every row has the number of its line."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holbein.collect.csv_files import CsvFile
from holbein.errors import SourceError

VALUES = st.text(st.sampled_from("ab7 ,;\t|\"'\n\r-=éß中😀\u2028\x0b\0"), max_size=6)
FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
Rows = list[list[str]]


def opened(folder: Path, data: str | bytes) -> CsvFile:
    path = folder / "t.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return CsvFile(path)


def content(file: CsvFile) -> tuple[Rows, list[int], list[tuple[int, str]]]:
    """Rows, the line of each, and the lines that can't be read with the reason."""
    raw = file.read([one.name for one in file.columns()])
    columns = [column.to_pylist() for column in raw.table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    lines = [_line(place) for place in raw.place_of(range(len(rows)))]
    return rows, lines, [(_line(one.place), one.reason) for one in raw.unread]


def _line(place: str) -> int:
    name, _, line = place.partition(":")
    assert name == "t.csv"
    return int(line)


# --- round trips ----------------------------------------------------------------------------------


@FILE
@given(
    st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=8),
    st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans(),
)  # fmt: skip
def test_what_was_written_is_read(
    tmp_path: Path, rows: list[Any], delimiter: str, end: str, every: bool
) -> None:
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    if not every:  # Python's writer forgets to quote it
        rows = [[one.replace("\r", "") for one in row] for row in rows]
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    lines = []
    writer.writerow(["id", "name", "note"])
    for row in rows:
        written = text.getvalue().replace("\r\n", "\n").replace("\r", "\n")
        lines.append(written.count("\n") + 1)
        writer.writerow(row)
    file = opened(tmp_path, text.getvalue())
    found, places, unread = content(file)
    # Where values hold delimiters of other kinds, more than one may fit all lines.
    if file.shape.delimiter == delimiter:
        plain = [[one.replace("\r\n", "\n").replace("\r", "\n") for one in row] for row in rows]
        assert found == plain
        assert places == lines
        assert unread == []


@FILE
@given(st.lists(st.text('ab,"  ', max_size=7), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_fast_and_careful_reading_agree(tmp_path: Path, lines: list[str], end: str) -> None:
    file = opened(tmp_path, end.join(["id,name", *lines]))
    names = ["id", "name"]
    fast, careful = file.read(names), file._slow(names, lambda *_: None)
    assert fast.table.equals(careful.table)
    every = range(fast.table.num_rows)
    assert fast.place_of(every) == careful.place_of(every)
    assert fast.unread == careful.unread


@FILE
@given(st.lists(st.sampled_from(["a,b", "", "\r", "x", "a,b,c"]), max_size=12))
def test_every_line_is_a_row_or_blank_or_told(tmp_path: Path, lines: list[str]) -> None:
    lines = [one for one in lines if one != "\r"]
    file = opened(tmp_path, "\n".join(["", "id,name", *lines]))
    _, places, unread = content(file)
    told = sorted([*places, *(line for line, _ in unread)])
    assert told == [place for place, line in enumerate(lines, start=3) if line]


def test_large_files_are_read_in_parts(tmp_path: Path) -> None:
    count = 120_000
    body = "".join(f"{n},{'x' * 60}\n" for n in range(count))
    for broken in ("", "\n1\n"):
        rows, places, unread = content(opened(tmp_path, "id,name\n" + broken + body))
        more = broken.count("\n")
        assert len(rows) == count
        assert rows[-1] == [str(count - 1), "x" * 60]
        assert places[0] == 2 + more
        assert places[-1] == count + 1 + more
        assert len(unread) == len(broken) // 3


# --- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "\n\n", " \r\n ", "\ufeff", "\ufeff\n"])
def test_an_empty_file_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        SourceError, match=r"t\.csv is empty \(its first line must name the columns\)"
    ):
        opened(tmp_path, text)


@pytest.mark.parametrize(
    "text", ["id,name", "id,name\n", "id,name\r\n", "\n\nid,name\n\n\n", "\ufeffid,name"]
)
def test_a_header_alone_is_an_empty_table(tmp_path: Path, text: str) -> None:
    file = opened(tmp_path, text)
    assert [one.name for one in file.columns()] == ["id", "name"]
    assert content(file) == ([], [], [])
    assert file.look(["name"]).table.num_rows == 0


def test_blank_lines_count_as_lines_and_are_no_rows(tmp_path: Path) -> None:
    text = "\n\nid,name\n\n1,a\r\n\r\n\n2,b\n\n3,c"
    assert content(opened(tmp_path, text)) == ([["1", "a"], ["2", "b"], ["3", "c"]], [5, 8, 10], [])


def test_empty_records_before_the_header_are_passed_over(tmp_path: Path) -> None:
    assert content(opened(tmp_path, ",,\n\nid,name,x\n1,a,b\n")) == ([["1", "a", "b"]], [4], [])
    assert content(opened(tmp_path, " , \nid,name\n1,a\n")) == ([["1", "a"]], [3], [])


def test_columns_without_a_name_or_named_twice_cannot_be_used(tmp_path: Path) -> None:
    file = opened(tmp_path, " id ,,name,name, \n1,2,3,4,5\n")
    assert [one.name for one in file.columns()] == ["id"]
    assert content(file) == ([["1"]], [2], [])


def test_names_of_columns_may_hold_anything(tmp_path: Path) -> None:
    file = opened(tmp_path, '"a,b","unit\nprice","say ""x""",🏢\n1,2,3,4\n')
    assert [one.name for one in file.columns()] == ["a,b", "unit\nprice", 'say "x"', "🏢"]
    assert content(file) == ([["1", "2", "3", "4"]], [3], [])


@pytest.mark.parametrize("rest", ["1,Ann\n2,Bob\n", '1,"Ann"\n2,"Bob"\n'])
def test_a_header_that_leaves_a_quote_open_shows_no_values(tmp_path: Path, rest: str) -> None:
    with pytest.raises(SourceError, match="opens a quote in its first line") as caught:
        opened(tmp_path, 'id,"name\n' + rest)
    assert "Ann" not in str(caught.value)


@pytest.mark.parametrize("text", [",,\n", '""\n1,2\n'[:3], '"","\n"\n', " , \n,,\n"])
def test_a_file_that_names_no_columns(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="names no columns"):
        opened(tmp_path, text)


# --- delimiters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "delimiter", "note"),
    [
        ("id,name\n1,a;b;c\n", ",", None),
        ("id;name\n1;a,b\n2;c,d,e\n", ";", "columns are separated by semicolons"),
        ("id\tname\n1\ta, b; c\n", "\t", "columns are separated by tabs"),
        ("id|name\n1|a\n", "|", "columns are separated by bars"),
        ("id;price\n1;1,5\n2;2,5\n", ";", "columns are separated by semicolons"),
        ("id\n1\n", ",", None),
    ],
)
def test_delimiters(tmp_path: Path, text: str, delimiter: str, note: str | None) -> None:
    shape = opened(tmp_path, text).shape
    assert (shape.delimiter, shape.note) == (delimiter, note)


def test_one_column(tmp_path: Path) -> None:
    assert content(opened(tmp_path, 'id\n1\n\n""\n 2\n')) == ([["1"], [""], [" 2"]], [2, 4, 5], [])


# --- rows that can't be taken apart ---------------------------------------------------------------

OPEN = "a quote is opened and not closed"


def test_too_many_and_too_few_values(tmp_path: Path) -> None:
    rows, lines, unread = content(opened(tmp_path, "id,name\n1\n\n2,b,c\n3,d\n,\n  \n"))
    assert (rows, lines) == ([["3", "d"], ["", ""]], [5, 6])
    assert unread == [
        (2, "it has 1 values where the header names 2 columns"),
        (4, "it has 3 values where the header names 2 columns"),
        (7, "it has 1 values where the header names 2 columns"),
    ]


def test_a_row_with_line_breaks_stands_where_it_begins(tmp_path: Path) -> None:
    rows, lines, unread = content(opened(tmp_path, 'id,name\n1,"a\nb\n\nc"\n2,"d"\n3\n4,e\n'))
    assert (rows, lines) == ([["1", "a\nb\n\nc"], ["2", "d"], ["4", "e"]], [2, 6, 8])
    assert unread == [(7, "it has 1 values where the header names 2 columns")]


@pytest.mark.parametrize("line", ['1,"a', 'x"y,"z', '"1,a', '1,"a""'])
def test_an_open_quote_costs_its_own_line_only(tmp_path: Path, line: str) -> None:
    rows, lines, unread = content(opened(tmp_path, f"id,name\n{line}\n2,b\n3,c\n"))
    assert (rows, lines) == ([["2", "b"], ["3", "c"]], [3, 4])
    assert unread == [(2, OPEN)]


def test_an_open_quote_does_not_reach_for_a_later_one(tmp_path: Path) -> None:
    rows, lines, unread = content(opened(tmp_path, 'id,name,x\n1,"a,b\n2,b,c\n3,"c",d\n'))
    assert (rows, lines) == ([["2", "b", "c"], ["3", "c", "d"]], [3, 4])
    assert unread == [(2, OPEN)]


def test_an_open_quote_that_a_later_one_closes_costs_its_own_line_only(tmp_path: Path) -> None:
    rows, lines, unread = content(opened(tmp_path, 'id,name,x\n1,"a\n2,b,c\n3","d",e\n'))
    assert (rows, lines) == ([["2", "b", "c"], ['3"', "d", "e"]], [3, 4])
    assert unread == [(2, OPEN)]


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_the_end_of_the_file_closes_no_quote(tmp_path: Path, end: str) -> None:
    rows, lines, unread = content(opened(tmp_path, f'id,name\n1,a\n2","b{end}'))
    assert (rows, lines, unread) == ([["1", "a"]], [2], [(3, OPEN)])


def test_quotes_in_the_middle_are_part_of_the_value(tmp_path: Path) -> None:
    text = 'id,name\n1,5" pipe\n2,6" x 7"\n3,"8"" pipe"\n4,the "best" one\n'
    rows, lines, _ = content(opened(tmp_path, text))
    assert [name for _, name in rows] == ['5" pipe', '6" x 7"', '8" pipe', 'the "best" one']
    assert lines == [2, 3, 4, 5]


def test_huge_values(tmp_path: Path) -> None:
    huge = "x" * 300_000
    for quote in ("", '"'):
        rows, lines, _ = content(opened(tmp_path, f"id,name\n1,{quote}{huge}{quote}\n2,b\n"))
        assert (rows, lines) == ([["1", huge], ["2", "b"]], [2, 3])


def test_unread_lines_keep_their_text(tmp_path: Path) -> None:
    file = opened(tmp_path, 'id,name\n1,"Ann\n')
    (unread,) = file.read(["id"]).unread
    assert unread.text == '1,"Ann\n'
    assert "Ann" not in unread.reason


def test_a_file_that_is_not_there_has_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").touch()
    with pytest.raises(SourceError, match=r"did you mean customers\.csv\?"):
        CsvFile(tmp_path / "customer.csv")
    with pytest.raises(SourceError, match="is a folder, not a file"):
        CsvFile(tmp_path)
    with pytest.raises(SourceError, match="its folder does not exist either"):
        CsvFile(tmp_path / "nowhere" / "x.csv")
