"""The portrait of a group: shares, TGI, what is telling, against a count in plain Python."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.errors import ConditionError, NotFoundError
from holbein.portraits import GroupPortrait, group_portrait
from holbein.portraits.figures import share, tgi
from holbein.portraits.group.contrast import MOST_VALUES, Cell, Distribution
from holbein.query import Query
from holbein.query.comparing import FALSE, SMALL, z_score
from holbein.workspace import Workspace
from tests.unit.query.little import COMPANY_LIST, OTHERS, Company, orders_of, tier

SOFTWARE = "sector = 'software'"


@pytest.fixture(scope="module")
def software(query: Query) -> GroupPortrait:
    return group_portrait(query, SOFTWARE, "enterprise")


def distribution(p: GroupPortrait, name: str) -> Distribution:
    return next(one for one in p.distributions if one.name == name)


# --- the arithmetic -------------------------------------------------------------------------------


PART = st.integers(1, 500).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size)))
"""How many, of how many."""


@given(PART, PART)
def test_the_z_score_of_two_samples(one: tuple[int, int], other: tuple[int, int]) -> None:
    (a, n), (b, m) = one, other
    found = z_score(a, n, b, m)
    if a + b in (0, n + m):
        assert found is None
        return
    pooled = (a + b) / (n + m)
    expected = (a / n - b / m) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    assert found == pytest.approx(expected)
    assert z_score(b, m, a, n) == pytest.approx(-expected)
    assert z_score(n - a, n, m - b, m) == pytest.approx(-expected)


def test_the_z_score_worked_by_hand() -> None:
    # 30 of 100 against 20 of 100: p = 0.25, z = 0.1 / sqrt(0.25 × 0.75 × 0.02).
    assert z_score(30, 100, 20, 100) == pytest.approx(1.632993, abs=1e-6)
    assert z_score(0, 0, 1, 2) is None
    assert z_score(1, 2, 0, 0) is None


def test_the_tgi_worked_by_hand() -> None:
    assert tgi(30, 100, 20, 200) == pytest.approx(300)
    assert tgi(0, 100, 20, 200) == 0
    for nothing in ((1, 0, 1, 2), (0, 1, 0, 2), (0, 1, 0, 0)):
        assert tgi(*nothing) is None
    assert share(0, 0) is None
    assert share(1, 4) == 0.25


# --- against plain Python -------------------------------------------------------------------------


def value_of(company: Company, name: str) -> object:
    return {
        "tier": lambda: tier(company.key),
        "busy": lambda: bool(orders_of(company.key, 30)),
        "trade": lambda: company.sector,
        "place": lambda: company.region,
    }[name]()


@pytest.mark.parametrize("name", ["tier", "busy", "trade", "place"])
@pytest.mark.parametrize("base", ["TRUE", "employees >= 500"])
def test_every_cell_agrees_with_a_count(query: Query, name: str, base: str) -> None:
    p = group_portrait(query, SOFTWARE, "enterprise", base, names=[name])
    everyone = [one for one in COMPANY_LIST if base == "TRUE" or (one.employees or 0) >= 500]
    group = [one for one in everyone if one.sector == "software"]
    outside = len(OTHERS) if base == "TRUE" else 0  # of whom only the name is known
    in_group = Counter(value_of(one, name) for one in group)
    in_base = Counter(value_of(one, name) for one in everyone)
    in_base[{"tier": "none", "busy": False}.get(name)] += outside
    assert (p.size, p.base_size) == (len(group), len(everyone) + outside)
    cells = {one.value: one for one in distribution(p, name).cells}
    assert {one: (c.group, c.base) for one, c in cells.items()} == {
        one: (in_group[one], n)
        for one, n in in_base.items()
        if n  # type: ignore[index]
    }
    for cell in cells.values():
        assert cell.share == pytest.approx(cell.group / p.size)
        assert cell.base_share == pytest.approx(cell.base / p.base_size)
        assert cell.tgi == pytest.approx(100 * (cell.share or 0) / (cell.base_share or 1))
        assert cell.z == z_score(cell.group, p.size, cell.base - cell.group, p.base_size - p.size)


def test_shares_of_a_category_add_up_to_one(software: GroupPortrait) -> None:
    for one in software.distributions:
        if one.type == "categories":
            continue  # of several labels at once each counts
        assert one.more == 0
        assert sum(cell.share or 0 for cell in one.cells) == pytest.approx(1)
        assert sum(cell.base_share or 0 for cell in one.cells) == pytest.approx(1)
        assert sum(cell.group for cell in one.cells) == software.size


def test_values_come_by_frequency_and_the_missing_last(software: GroupPortrait) -> None:
    for one in software.distributions:
        known = [cell for cell in one.cells if cell.value is not None]
        assert [cell.value for cell in one.cells[len(known) :]] in ([], [None])
        assert known == sorted(known, key=lambda cell: (-cell.group, -cell.base, str(cell.value)))


def test_an_attribute_that_a_tag_repeats_is_told_once(software: GroupPortrait) -> None:
    names = [one.name for one in software.distributions]
    assert {"trade", "place"} <= set(names)
    assert not {"sector", "region"} & set(names)
    titles = [one.title for one in software.distributions]
    assert len(set(titles)) == len(titles)


def test_distributions_come_by_category(software: GroupPortrait) -> None:
    assert [one.name for one in software.distributions] == [
        "trade",
        "place",
        "size",
        "tier",
        "likes",
        "busy",
    ]
    assert [one.name for one in software.numbers] == [
        "revenue",
        "employees",
        "founded",
        "last_order",
    ]
    assert distribution(software, "tier").category == ("Value",)


def test_what_is_telling_is_ranked_by_z(software: GroupPortrait) -> None:
    scores = [abs(one.z) for one in software.telling]
    assert scores == sorted(scores, reverse=True)
    assert all(one.q < FALSE for one in software.telling)
    cells = [one.cell for one in software.telling if one.cell is not None]
    assert all(one.group >= SMALL for one in cells)
    assert all(one.value is not None for one in cells)
    names = [one.name for one in software.telling]
    assert len(set(names)) == len(names)
    assert names[0] == "trade"
    for one in software.telling:
        if one.cell is None:
            assert one.number in software.numbers
            assert one.z == one.number.z
            continue
        others = [
            c
            for c in distribution(software, one.name).cells
            if c.value is not None and c.group >= SMALL
        ]
        assert abs(one.cell.z or 0) == max(abs(c.z or 0) for c in others)


def test_of_two_values_that_say_the_same_the_one_that_is_there_is_told(query: Query) -> None:
    p = group_portrait(query, "busy", "enterprise", names=["busy"])
    (told,) = p.telling
    assert told.cell is not None
    assert (told.cell.value, told.cell.tgi) == (True, pytest.approx(100 * p.base_size / p.size))
    assert "(yes: 100% against" in p.sentence
    rest = group_portrait(query, "NOT busy", "enterprise", names=["busy"])
    assert rest.telling[0].cell is not None
    assert rest.telling[0].cell.value is False


def test_small_groups_are_shown_and_not_ranked(query: Query) -> None:
    few = [one for one in COMPANY_LIST if one.sector == "software"][: SMALL - 1]
    listed = ", ".join(f"'{one.name}'" for one in few if "'" not in one.name)
    p = group_portrait(query, f"name IN ({listed})", "enterprise")
    assert 0 < p.size < SMALL
    assert p.telling == ()
    assert "No tag sets them clearly apart" in p.sentence
    assert distribution(p, "trade").cells[0].tgi is not None


def test_an_empty_group(query: Query) -> None:
    for language, told in (
        ("en", "None of the 83 enterprises in the base is in it."),
        ("zh", "全部83家企业中，没有符合条件的。"),
    ):
        p = group_portrait(query, "employees < 0", "enterprise", language=language)
        assert (p.size, p.share, p.telling) == (0, 0.0, ())
        assert p.sentence == told
        assert all(
            cell.share is None and cell.tgi is None for one in p.distributions for cell in one.cells
        )
        assert all(one.group.n == 0 and one.group.p50 is None for one in p.numbers)


def test_an_empty_base(query: Query) -> None:
    p = group_portrait(query, SOFTWARE, "enterprise", "employees < 0")
    assert (p.size, p.base_size, p.share) == (0, 0, None)
    assert (p.distributions, p.numbers) == ((), ())
    assert p.sentence == "The base holds no enterprises."
    assert group_portrait(query, "TRUE", "person", "FALSE", "zh").sentence == "对比基准中没有人。"


def test_a_group_that_is_its_base(query: Query) -> None:
    p = group_portrait(query, "TRUE", "enterprise")
    assert p.share == 1.0
    assert p.telling == ()
    assert p.sentence == "83 enterprises: all of the base, so nothing sets them apart."
    assert all(cell.tgi == pytest.approx(100) for one in p.distributions for cell in one.cells)


def test_a_base_narrows_the_group(query: Query) -> None:
    p = group_portrait(query, SOFTWARE, "enterprise", "employees >= 1000")
    group = [o for o in COMPANY_LIST if o.sector == "software" and (o.employees or 0) >= 1000]
    assert p.size == len(group)
    assert p.base_condition == "Employees is at least 1,000"
    assert (
        f"of the base's {p.base_size}." in p.sentence
        or f"of the base's {p.base_size}," in p.sentence
    )


def test_an_audience_is_told_by_what_it_stands_for(workspace: Workspace) -> None:
    p = workspace.audience_portrait("big", base="software", lang="zh")
    assert (p.title, p.condition, p.base_condition) == (
        "大企业",
        "员工人数不低于1000",
        "行业是软件",
    )
    assert workspace.audience_portrait("nobody").title == "nobody"


def test_the_sentence_names_what_sets_them_apart(software: GroupPortrait, query: Query) -> None:
    number = sum(one.sector == "software" for one in COMPANY_LIST)
    assert software.sentence.startswith(
        f"{number} enterprises, 24% of all 83. What sets them apart most: branch (software: 100% against 24%"
        " in the base, TGI 415), place (Pudong: 100% against "
    )
    chinese = group_portrait(query, SOFTWARE, "enterprise", language="zh")
    assert chinese.sentence.startswith(
        f"共{number}家企业，占全部83家企业的24%。差异最大的是所属行业（软件：占100%，基准为24%，TGI 415）；"
    )


def test_numbers_and_dates_are_quantiles(software: GroupPortrait) -> None:
    employees = next(one for one in software.numbers if one.name == "employees")
    known = sorted(one.employees for one in COMPANY_LIST if one.employees is not None)
    assert (employees.base.n, employees.base.min, employees.base.max) == (
        len(known),
        known[0],
        known[-1],
    )
    assert employees.title == "Employees"


def test_many_values_are_cut_and_counted(query: Query) -> None:
    p = group_portrait(query, SOFTWARE, "enterprise", names=["name"])
    # Names are left out unless asked for, and more than 200 of them even then; these are 83.
    (one,) = p.distributions
    assert len(one.cells) == MOST_VALUES
    assert one.more == len({c.name for c in COMPANY_LIST} | {n for _, n in OTHERS}) - MOST_VALUES


def test_people_and_roles_have_portraits_of_groups_too(query: Query) -> None:
    people = group_portrait(query, "gender = 'female'", "person")
    assert people.sentence.startswith("2 people, 50% of all 4.")
    assert distribution(people, "gender").cells[0].text == "female"
    roles = group_portrait(query, "signs_in", "role", language="zh")
    assert roles.sentence.startswith("共2个任职，占全部6个任职的33%。")
    one = group_portrait(query, "title = 'CFO'", "role")
    assert one.sentence.startswith("1 role, 17% of all 6.")


def test_it_is_json(software: GroupPortrait) -> None:
    data = json.loads(json.dumps(software.as_json()))
    assert data["distributions"][0]["cells"][0]["tgi"] == pytest.approx(415)
    assert data["numbers"][-1]["group"]["p50"][:3] == "202"


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda q: group_portrait(q, "sektor = 'x'", "enterprise"), ConditionError),
        (lambda q: group_portrait(q, "TRUE", "enterprise", "tire = 'high'"), ConditionError),
        (lambda q: group_portrait(q, "TRUE", "enterprise", names=["revenu"]), NotFoundError),
        (lambda q: group_portrait(q, "TRUE", "enterprise", language="de"), NotFoundError),
        (lambda q: group_portrait(q, "in_audience('softwear')", "enterprise"), ConditionError),
    ],
)
def test_what_does_not_fit_is_refused(
    query: Query, ask: Callable[[Query], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(query)


def test_cells_are_readable(software: GroupPortrait) -> None:
    cells: dict[object, Cell] = {one.value: one for one in distribution(software, "trade").cells}
    assert (cells["software"].text, cells["bank"].text, cells[None].text) == (
        "software",
        "banking",
        "missing",
    )
