"""The page of an overlap: every intersection as a row, in words and as dots."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from holbein.audiences.overlap import Cell, Overlap
from holbein.conditions.vocabulary import Language
from holbein.portraits import overlap_page
from tests.unit.portraits import samples
from tests.unit.portraits.samples import HOSTILE
from tests.unit.portraits.test_pages import Page

DAY = dt.date(2026, 6, 30)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_intersection_has_its_row_and_dots(language: Language) -> None:
    found = samples.overlap(language)
    page = overlap_page(found, DAY, "12", language)
    Page(page)
    rows = re.findall(
        r'<li><svg viewBox="[^"]*" class="dots of\d+" aria-hidden="true">(.*?)</li>', page
    )
    assert len(rows) == len(found.cells)
    for row, cell in zip(rows, found.cells, strict=True):
        dots = re.findall(r'<circle [^>]*class="(in|out)"', row)
        assert dots == ["in" if one else "out" for one in cell.inside]
        assert f"<b>{cell.count:,}</b>" in row
        for one, inside in zip(found.audiences, cell.inside, strict=True):
            assert (one.titles[language] in row) == inside
    assert 'class="bar none"' in page  # of the audience that is empty


def test_of_very_many_the_smallest_are_counted_only() -> None:
    few = samples.overlap("en")
    cells = tuple(Cell((True, False, bool(at % 2), True), 100 - at) for at in range(90))
    page = overlap_page(Overlap(few.kind, few.audiences, cells, 9000), DAY, "1")
    assert page.count('aria-hidden="true"><line') == 40
    assert "and 50 smaller ones" in page


def test_of_nobody_and_of_hostile_titles() -> None:
    few = samples.overlap("en", HOSTILE)
    page = overlap_page(few, DAY, "1", "zh")
    Page(page)
    assert "<script" not in page
    assert "<img" not in page
    nobody = overlap_page(Overlap("person", few.audiences, (), 0), DAY, "1")
    assert "Nobody is in any of them." in nobody
