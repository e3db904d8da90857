"""What stands in a cell: no formula, nothing lost, and the same text when it comes back."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holbein.audiences.cells import MARK, is_number_or_telephone, neutral, plain
from holbein.audiences.reading import read
from holbein.audiences.writer import write

SIGNS = "=+-@\u2212＝＋－＠"
# Texts drawn to be as awkward as they come: signs, marks, separators, spaces of all sorts.
AWKWARD = st.text(st.sampled_from(f"{SIGNS}';|\t\r\n ,\"a1(\u00a0\u200b\ufeff中"), max_size=12)
TEXTS = AWKWARD | st.text(max_size=30)


@given(TEXTS.filter(lambda text: MARK not in text))
@example(" \r−")
@example("\t=1")
@example("=1;=2")
def test_marks_come_off_again(text: str) -> None:
    assert plain(neutral(text)) == text


@given(TEXTS)
def test_no_text_gets_a_second_mark(text: str) -> None:
    assert neutral(neutral(text)) == neutral(text)


@given(TEXTS)
def test_no_part_that_could_become_a_cell_begins_like_a_formula(text: str) -> None:
    for part in (neutral(text), *neutral(text).replace("|", ";").split(";")):
        bare = part.lstrip(" \u00a0\u200b\ufeff\t\r\n")
        assert not bare or bare[0] not in SIGNS or is_number_or_telephone(bare)


@given(TEXTS.filter(lambda text: not set(text) & set(f"{SIGNS};|\t\r\n﹢﹣﹦﹫⁺⁻⁼₊₋₌")))
def test_text_without_a_sign_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, max_value=10**12))
def test_numbers_stay_as_they_are(number: object) -> None:
    text = f"{number:f}"
    assert is_number_or_telephone(text)
    assert neutral(text) == text


@pytest.mark.parametrize("text", ["+", "-", "--5", "5-3=2", "+86 21 5555 1234 ext", "+1-", "1.2.3"])
def test_what_is_no_number(text: str) -> None:
    assert not is_number_or_telephone(text)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_a_file_that_was_exported_reads_back(ending: str, tmp_path: Path) -> None:
    texts = [
        "=1+1",
        "-5",
        "+86 21 5555 1234",
        "a; =b",
        "'quoted'",
        'say "hi", twice',
        "中文",
        "x\ny",
    ]
    file = write(pa.table({"@title": texts}), tmp_path / f"list.{ending}")
    sheet = read(file)
    assert sheet.names == ("@title",)
    assert sheet.columns[0].to_pylist() == texts
