"""Two groups held against each other: figures against plain Python and statsmodels, what is said."""

from __future__ import annotations

import json

import pytest
from scipy.stats import mannwhitneyu
from statsmodels.stats.proportion import proportions_ztest

from holbein.errors import ConditionError, HolbeinError
from holbein.portraits import Comparison, compare, comparison_page
from holbein.portraits.group.contrast import Cell
from holbein.query import Query
from holbein.query.comparing import FALSE, adjusted, p_value
from holbein.workspace import Workspace
from tests.support.bad_input import command
from tests.unit.query.little import COMPANY_LIST, Company

SOFTWARE, BIG = "sector = 'software'", "employees >= 500"


@pytest.fixture(scope="module")
def two(query: Query) -> Comparison:
    return compare(query, SOFTWARE, BIG, "enterprise")


def split() -> tuple[list[Company], list[Company], list[Company]]:
    """Only in software, only among the big, in both."""
    soft = [one for one in COMPANY_LIST if one.sector == "software"]
    big = [one for one in COMPANY_LIST if (one.employees or 0) >= 500]
    both = [one for one in soft if one in big]
    return [o for o in soft if o not in both], [o for o in big if o not in both], both


def cells_of(two: Comparison, name: str) -> dict[object, Cell]:
    found = next(one for one in two.distributions if one.name == name)
    return {one.value: one for one in found.cells}


def test_those_in_both_are_counted_and_left_out(two: Comparison) -> None:
    soft, big, both = split()
    assert (two.first.only, two.second.only, two.both) == (len(soft), len(big), len(both))
    assert two.first.size == len(soft) + len(both)
    assert two.second.size == len(big) + len(both)
    for value, one in cells_of(two, "trade").items():
        assert one.group == sum(o.sector == value for o in soft)
        assert one.base == sum(o.sector == value for o in big)
        assert one.share == one.group / len(soft)
        assert one.base_share == one.base / len(big)


def test_values_are_tested_as_two_samples(two: Comparison) -> None:
    soft, big, _ = split()
    one = cells_of(two, "size")["large"]
    z, _ = proportions_ztest([one.group, one.base], [len(soft), len(big)])
    assert one.z == pytest.approx(z)
    tested = [c for each in two.distributions for c in each.cells if c.p is not None]
    judged = [*tested, *(o for o in two.numbers if o.p is not None)]
    assert two.tested == len(judged)
    assert [o.q for o in judged] == pytest.approx(adjusted([o.p or 0.0 for o in judged]))
    assert all(o.q < FALSE for o in two.telling)


def test_numbers_are_compared_as_mann_and_whitney_do(two: Comparison) -> None:
    soft, big, _ = split()
    mine = [float(o.employees) for o in soft if o.employees is not None]
    rest = [float(o.employees) for o in big if o.employees is not None]
    found = next(o for o in two.numbers if o.name == "employees")
    assert (found.group.n, found.base.n) == (len(mine), len(rest))
    right = mannwhitneyu(mine, rest, use_continuity=False, method="asymptotic")
    assert p_value(found.z or 0) == pytest.approx(right.pvalue, abs=1e-12)


def test_it_turns_round(two: Comparison, query: Query) -> None:
    turned = compare(query, BIG, SOFTWARE, "enterprise")
    assert {o.name: abs(o.z) for o in turned.telling} == pytest.approx(
        {o.name: abs(o.z) for o in two.telling}
    )


def test_the_sentence(two: Comparison, query: Query) -> None:
    soft, big, both = split()
    assert two.sentence.startswith(
        f"{len(soft)} enterprises are only in the first group, {len(big)} only in the second group;"
        f" {len(both)} are in both and left out on either side. What tells the first from the second"
    )
    chinese = compare(query, SOFTWARE, BIG, "enterprise", "zh")
    assert chinese.sentence.startswith(
        f"仅属于第一组的有{len(soft)}家企业，仅属于第二组的有{len(big)}家；同属两者的{len(both)}家不参与比较。"
    )


@pytest.mark.parametrize(
    ("first", "second", "english", "chinese"),
    [
        ("employees < 0", BIG, "Nobody is in the first group", "第一组中没有企业，无从比较。"),
        (BIG, "employees < 0", "Nobody is in the second group", "第二组中没有企业，无从比较。"),
        (BIG, BIG, "The first group and the second group hold the same", "没有差异。"),
        (f"{BIG} AND {SOFTWARE}", BIG, "is also in the second group: hold the first group", "请改以第二组为基准来看第一组。"),
        (BIG, f"{BIG} AND {SOFTWARE}", "is also in the first group: hold the second group", "请改以第一组为基准来看第二组。"),
    ],
)  # fmt: skip
def test_where_there_is_nothing_to_compare(
    query: Query, first: str, second: str, english: str, chinese: str
) -> None:
    for language, told in (("en", english), ("zh", chinese)):
        two = compare(query, first, second, "enterprise", language)
        assert told in two.sentence
        assert two.telling == ()
        assert comparison_page(two)


def test_audiences_by_name(workspace: Workspace) -> None:
    two = workspace.compare_audiences("software", "big", lang="zh")
    assert (two.first.title, two.second.title) == ("软件企业", "大企业")
    assert "“软件企业”" in two.sentence
    with pytest.raises(HolbeinError, match="compare audiences of one kind"):
        workspace.compare_audiences("software", "signed in")
    with pytest.raises(ConditionError):
        workspace.compare("sektor = 'x'", BIG)


def test_the_command(workspace_folder: str) -> None:
    asked = ["portrait", "audience", "software", "--against", "big", "-w", workspace_folder]
    told = json.loads(command(*asked, "--json").out)
    assert told["both"] == sum(
        o.sector == "software" and (o.employees or 0) >= 1000 for o in COMPANY_LIST
    )
    assert "Software houses : Big ones" in command(*asked).out
    assert "两者的差异" in command(*asked, "--lang", "zh").out


def test_labels_are_text_on_the_page(query: Query) -> None:
    page = comparison_page(
        compare(query, "in_audience('software')", "name LIKE '%<%'", "enterprise")
    )
    assert "<script>" not in page
    assert "Software houses" in page
