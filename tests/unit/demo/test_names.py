"""Names of companies: believable, seeded, and none twice."""

from __future__ import annotations

import numpy as np
import pytest

from holbein.demo.companies import Companies, make_companies
from holbein.demo.names import company_names


@pytest.fixture(scope="module")
def companies() -> Companies:
    return make_companies(np.random.default_rng(1), 20_000)


def test_no_two_companies_have_one_name(companies: Companies) -> None:
    assert len(set(companies.names)) == companies.count


def test_companies_of_one_group_share_their_brand(companies: Companies) -> None:
    members = np.flatnonzero(companies.parent >= 0)
    western = [i for i in members if companies.western[i] and companies.western[companies.root[i]]]
    assert len(western) > 20
    for i in western:
        assert companies.names[i].split()[0] == companies.names[companies.root[i]].split()[0]


def test_only_a_second_company_of_a_name_is_called_something_more() -> None:
    def names(count: int) -> list[str]:
        rng = np.random.default_rng(3)
        roots = np.zeros(count, np.int64)
        return list(company_names(rng, ["65"] * count, ["GB"] * count, [""] * count, roots))

    few = names(40)
    assert len(set(few)) == 40
    shortest = {name for name in few if len(name.split()) == 3}
    assert len(shortest) == 3  # one for each word of the trade
    assert all(name.endswith(" Ltd") for name in few)
    assert names(40) == few


def test_the_chinese_form_stands_at_the_end() -> None:
    rng = np.random.default_rng(3)
    roots = np.zeros(60, np.int64)
    found = list(company_names(rng, ["65"] * 60, ["CN"] * 60, ["上海"] * 60, roots))
    assert len(set(found)) == 60
    assert all(name.startswith("上海") and name.endswith("有限公司") for name in found)
