"""Sentences broken into lines for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from holbein.portraits.terminal.prose import Prose, lines

CHINESE = (
    "福建省厦门市的教育机构，2009年成立，2023年成为客户，忠诚客户（续约3次），较活跃，"
    "偏好“集成插件”，付款及时；已知3位联系人，其中1位有决策权，缺少财务联系人。"
)
ENGLISH = "Education company in Xiamen, Fujian, founded 2009; three people known, one decides."


@pytest.mark.parametrize("width", range(8, 100))
@pytest.mark.parametrize("text", [CHINESE, ENGLISH])
def test_no_mark_begins_a_line(text: str, width: int) -> None:
    found = list(lines(text, width))
    assert all(one[0] not in "，。；：、！？）”,.;" for one in found)
    assert all(one[-1] not in "（“" for one in found)
    if width >= 12:
        assert all(cell_len(one) <= width for one in found)


def test_words_and_figures_stay_whole() -> None:
    assert list(lines("已知3位联系人，共2009人", 6)) == ["已知3", "位联系", "人，共", "2009人"]
    assert list(lines("one two  three", 8)) == ["one two", "three"]
    assert list(lines("", 8)) == []


@given(st.text(alphabet="ab1 ，。（）中文é\U0001f600 　"), st.integers(1, 30))
def test_nothing_is_lost(text: str, width: int) -> None:
    found = list(lines(text, width))
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(found)


def test_it_fills_the_console() -> None:
    console = Console(width=40, record=True, color_system=None)
    console.print(Prose(CHINESE))
    told = console.export_text().splitlines()
    assert len(told) > 3
    assert all(cell_len(one.rstrip()) <= 40 and not one.startswith("，") for one in told)
