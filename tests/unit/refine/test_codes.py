"""Regions and industries: complete, and found under the names that people write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from holbein.errors import DefinitionError
from holbein.refine.codes import CodeTable, code_list

if TYPE_CHECKING:
    from holbein.conditions.vocabulary import CodeList


@pytest.fixture(scope="module")
def regions() -> CodeTable:
    return code_list("regions")


@pytest.fixture(scope="module")
def industries() -> CodeTable:
    return code_list("industries")


def test_lists_are_complete(regions: CodeTable, industries: CodeTable) -> None:
    level = [one.level for one in regions.codes.values()]
    assert level.count(1) == 34
    assert 330 <= level.count(2) <= 340
    assert level.count(0) == 246  # ISO 3166 without HK, MO, TW, which stand below CN
    assert all(regions.parent(c.code) == "CN" for c in regions.codes.values() if c.level == 1)
    sections = [one for one in industries.codes if one.isalpha()]
    divisions = [one for one in industries.codes if one.isdigit()]
    assert "".join(sections) == "ABCDEFGHIJKLMNOPQRST"
    assert divisions == [f"{number:02}" for number in range(1, 98)]


@pytest.mark.parametrize("name", ["regions", "industries"])
def test_every_code_and_english_label_is_found_again(name: str) -> None:
    table = code_list(name)
    for one in table.codes.values():
        assert one.en
        assert one.zh
        assert one.parent is None or one.parent in table.codes
        assert table.resolve(one.code) == table.resolve(one.code.lower()) == one.code
        assert table.resolve(one.en) == one.code
        # a section and its only division may share a Chinese title: the section is meant
        assert table.resolve(one.zh) in (one.code, one.parent)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Shanghai", "310000"), ("上海", "310000"), ("上海市", "310000"), ("shanghai city", "310000"),
        ("内蒙古", "150000"), ("Inner Mongolia", "150000"), ("广西", "450000"), ("广西壮族", "450000"),
        ("宁夏", "640000"), ("新疆", "650000"), ("西藏", "540000"), ("Xizang", "540000"),
        ("香港", "810000"), ("HK", "810000"), ("Macau", "820000"), ("Taiwan", "710000"),
        ("台湾", "710000"), ("TW", "710000"), ("CN", "CN"), ("中国", "CN"), ("usa", "US"),
        ("UK", "GB"), ("Deutschland", "DE"), ("Cote d’Ivoire", "CI"), ("重庆", "500000"),
        ("Xi'an", "610100"), ("Xian", "610100"), ("XI’AN CITY", "610100"), ("六安", "341500"),
        ("Lu'an", "341500"), ("Bozhou", "341600"), ("亳州", "341600"), ("Quzhou", "330800"),
        ("Dongguan", "441900"), ("Luliang", "141100"), ("延边", "222400"), ("湘西", "433100"),
        ("黔东南", "522600"), ("Urumqi", "650100"), ("浦东", "310115"), ("Pudong", "310115"),
        ("浙江省杭州市", "330100"), ("浙江杭州", "330100"), ("Suzhou, Anhui", "341300"),
        ("苏州", "320500"), ("宿州", "341300"), ("Taizhou (Zhejiang)", "331000"),
        ("吉林", "220000"), ("吉林市", "220200"), ("海南", "460000"), ("朝阳", "211300"),
        ("朝阳区", "110105"), ("Chaoyang District", "110105"), ("济源", "419001"),
        ("  shang hai ", "310000"),
    ],
)  # fmt: skip
def test_places_by_the_names_people_write(regions: CodeTable, text: str, code: str) -> None:
    assert regions.resolve(text) == code


@pytest.mark.parametrize("text", ["", " ", "Suzhou", "Fuzhou", "Atlantis", "省", "市", "31000"])
def test_unknown_and_ambiguous_places_are_not_guessed(regions: CodeTable, text: str) -> None:
    assert regions.resolve(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Software", "65"), ("软件", "65"), ("retail", "52"), ("零售", "52"), ("零售业", "52"),
        ("Manufacturing", "C"), ("制造业", "C"), ("制造", "C"), ("银行", "66"), ("Education", "P"),
        ("教育", "P"), ("83", "83"), ("c", "C"), ("Health care", "84"), ("healthcare", "84"),
        ("IT", "65"), ("汽车", "36"), ("R&D", "73"), ("保险", "68"), ("保险业", "68"),
    ],
)  # fmt: skip
def test_industries_by_everyday_words(industries: CodeTable, text: str, code: str) -> None:
    assert industries.resolve(text) == code


def test_synonyms_are_never_shown(industries: CodeTable) -> None:
    assert industries.label("65", "en") == "Software and IT services"
    assert industries.label("65", "zh") == "软件和信息技术服务业"
    assert industries.label("no such code", "en") == "no such code"


def test_the_tree(regions: CodeTable, industries: CodeTable) -> None:
    assert regions.parent("310115") == "310000"
    assert regions.parent("CN") is None
    assert regions.parent("nowhere") is None
    assert {"310000", "310115"} <= regions.within("310000") <= regions.within("CN")
    assert regions.within("nowhere") == {"nowhere"}
    assert industries.within("F") == {"F", "51", "52"}
    assert len(industries.within("C")) == 32


def test_it_is_a_code_list_that_is_read_once(regions: CodeTable) -> None:
    as_protocol: CodeList = regions
    assert as_protocol.name == "regions"
    assert code_list("regions") is regions


def test_an_unknown_list_is_an_error_with_a_hint() -> None:
    with pytest.raises(DefinitionError, match="did you mean regions"):
        code_list("region")
