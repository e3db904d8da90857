"""CSV files in what people save them in, and files that were cut off."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holbein.collect import csv_look
from holbein.collect.csv_files import CsvFile
from holbein.collect.csv_look import CHUNK
from holbein.errors import SourceError

FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
CHINESE = "编号,名称,城市\n1,华为技术有限公司,深圳\n2,阿里巴巴集团,杭州\n3,中兴通讯,深圳\n"
WESTERN = "id,name,city\n1,Müller & Söhne,Zürich\n2,Café Noël,Genève\n3,Señor Ñu,A Coruña\n"
CUT = "the file ends inside a character: it was cut off"


def opened(folder: Path, data: bytes) -> CsvFile:
    path = folder / "t.csv"
    path.write_bytes(data)
    return CsvFile(path)


def rows(file: CsvFile) -> list[list[str]]:
    table = file.read([one.name for one in file.columns()]).table
    return [list(row.values()) for row in table.to_pylist()]


def expected(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        (CHINESE, "utf-8", "utf-8"), (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"), (CHINESE, "utf-16", "utf-16"), (CHINESE, "utf-32", "utf-32"),
        (WESTERN, "utf-8", "utf-8"), (WESTERN, "cp1252", "cp1252"), (WESTERN, "latin-1", "cp1252"),
        (WESTERN, "utf-16", "utf-16"), (WESTERN.replace("ü", "\x81"), "latin-1", "latin-1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings(tmp_path: Path, text: str, encoding: str, said: str, end: str) -> None:
    file = opened(tmp_path, text.replace("\n", end).encode(encoding))
    assert file.shape.encoding == said
    assert rows(file) == expected(text)
    assert file.read(["id" if "id" in text else "编号"]).place_of([0, 2]) == ["t.csv:2", "t.csv:4"]
    usual = said in ("utf-8", "utf-8-sig")
    assert file.shape.note == (None if usual else f"read as {said}")


def test_utf16_with_the_high_byte_first(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, b"\xfe\xff" + CHINESE.encode("utf-16-be"))) == expected(CHINESE)


def test_two_western_letters_side_by_side_are_not_chinese(tmp_path: Path) -> None:
    text = "id,name\n1,Müller\n2,Söhne\n3,Bäcker\n4,Bücher\n5,NÄÖN\n"
    assert rows(opened(tmp_path, text.encode("cp1252"))) == expected(text)


def test_the_euro_sign_of_windows(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, "id,n\n1,5 €\n".encode("cp1252"))) == [["1", "5 €"]]


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 4, CHINESE.encode("utf-16-le"), b"\x89PNG\r\n\x1a\n\0\0"]
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match="is not text"):
        opened(tmp_path, data)


def test_letters_that_come_late_tell_the_encoding_as_well(tmp_path: Path) -> None:
    plain = "id,name,city\n" + "1,plain,plain\n" * (CHUNK // 14 + 1000)
    words = "é", "ü", "ñ", "ô", "à", "ç"
    late = plain + "".join(f"2,{one}t{one},{one} x\n" for one in words)
    file = opened(tmp_path, late.encode("cp1252"))
    assert file.shape.encoding == "cp1252"
    assert rows(file)[-1] == ["2", "çtç", "ç x"]
    file = opened(tmp_path, (plain + "2,华为,深圳\n").encode("gb18030"))
    assert rows(file)[-1] == ["2", "华为", "深圳"]


def test_a_broken_byte_does_not_turn_utf8_into_something_else(tmp_path: Path) -> None:
    data = CHINESE.encode() + b"4," + b"\xff" + ",北京\n5,中国石油,北京\n".encode()
    data += b"\xff\n"
    file = opened(tmp_path, data)
    assert file.shape.encoding == "utf-8"
    assert not file.shape.plain  # Arrow would write of its own troubles to standard error
    assert rows(file)[:3] == expected(CHINESE)
    assert rows(file)[3:] == [["4", "\ufffd", "北京"], ["5", "中国石油", "北京"]]


@FILE
@given(st.text(st.sampled_from('a,"\n\ré中'), max_size=60), st.integers(1, 9))
def test_files_are_looked_at_in_parts(tmp_path: Path, text: str, size: int) -> None:
    data = f"id,name\n{text}".encode()
    whole = opened(tmp_path, data).shape
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_look, "CHUNK", size * 8)
        assert opened(tmp_path, data).shape == whole


def test_what_has_no_lines_is_no_csv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_look, "CHUNK", 64)
    with pytest.raises(SourceError, match="does not look like a CSV file: it has no lines"):
        opened(tmp_path, b"x" * 10_000)


# --- cut off --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_file_cut_inside_a_character(tmp_path: Path, encoding: str, quoted: bool) -> None:
    last = '4,"中国\n石油",北京' if quoted else "4,中国石油,北京"
    file = opened(tmp_path, (CHINESE + last).encode(encoding)[:-1])
    assert file.shape.cut
    raw = file.read(["编号", "城市"])
    assert raw.table.column("编号").to_pylist() == ["1", "2", "3"]
    assert [(one.place, one.reason) for one in raw.unread] == [("t.csv:5", CUT)]


def test_a_file_cut_inside_a_row_or_a_quoted_value(tmp_path: Path) -> None:
    raw = opened(tmp_path, b"id,name,city\n1,a,b\n2,c").read(["id"])
    (one,) = raw.unread
    assert (raw.table.num_rows, one.place) == (1, "t.csv:3")
    raw = opened(tmp_path, b'id,name,city\n1,a,b\n2,"c, d').read(["id"])
    (one,) = raw.unread
    assert (raw.table.num_rows, one.place) == (1, "t.csv:3")
    raw = opened(tmp_path, b'id,name,city\n1,a,b\n2,"c\nd').read(["id"])
    assert raw.table.num_rows == 1
    assert [one.place for one in raw.unread] == ["t.csv:3", "t.csv:4"]


@FILE
@given(st.integers(0, 400), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_wherever_a_file_is_cut_whole_rows_before_the_cut_are_read(
    tmp_path: Path, at: int, encoding: str
) -> None:
    text = "编号,名称\n" + "".join(f'{n},"公司 {n}\n{n}",\n'[:-2] + "\n" for n in range(12))
    data = text.encode(encoding)[:at]
    try:
        file = opened(tmp_path, data)
    except SourceError:
        assert at < 20
        return
    names = [one.name for one in file.columns()]
    found = rows(file)
    # The last row of what is left may be a shorter one that looks whole; all before it are right.
    for n, row in enumerate(found[:-1]):
        assert row == [str(n), f"公司 {n}\n{n}"][: len(names)]
