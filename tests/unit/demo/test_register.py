"""The register: credit codes that hold, rings that shared keys give away, rivals by segment."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from holbein.demo.world import Truth, make

COMPANIES = 1500
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("register") / "demo"
    return folder, make(folder, enterprises=COMPANIES, seed=6)


@pytest.fixture(scope="module")
def register(made: tuple[Path, Truth]) -> pd.DataFrame:
    return pd.read_parquet(made[0] / "raw" / "register.parquet").set_index("company_id")


def holds(code: str) -> bool:
    """Whether the eighteenth sign of a credit code is the one that GB 32100-2015 asks for."""
    total = sum(SIGNS.index(sign) * 3**place for place, sign in enumerate(code[:17]))
    return SIGNS.index(code[17]) == (31 - total % 31) % 31


def test_the_check_digit_by_a_known_code() -> None:
    # The usual example of a code whose organisation has letters in it.
    assert holds("91350100M000100Y43")
    assert not holds("91350100M000100Y44")


def test_credit_codes_hold_but_for_the_mistyped(register: pd.DataFrame, made: tuple) -> None:
    codes = register["credit_code"].dropna()
    assert 0.4 * COMPANIES < len(codes) < 0.95 * COMPANIES
    assert codes.is_unique
    assert codes.str.fullmatch(f"91[0-9]{{6}}[{SIGNS}]{{10}}").all()
    assert set(codes.index[~codes.map(holds)]) == made[1].wrong_codes
    assert made[1].wrong_codes


def test_rings_are_found_by_what_they_share(register: pd.DataFrame, made: tuple) -> None:
    """Companies without a common owner are joined by what at most eight share; what hangs together
    is compared with what was planted."""
    truth = made[1]
    top = {key: root for root, members in truth.groups.items() for key in members}
    above = {key: key for key in register.index}

    def find(key: str) -> str:
        while above[key] != key:
            key = above[key]
        return key

    for column in ("phone", "address", "legal_representative"):
        for _, rows in register.groupby(column):
            if 2 <= len(rows) <= 8:
                first, *others = rows.index
                for other in others:
                    if top.get(first, first) != top.get(other, other):
                        above[find(other)] = find(first)
    found: dict[str, set[str]] = {}
    for key in register.index:
        found.setdefault(find(key), set()).add(key)
    groups = {key for root, members in truth.groups.items() for key in {root, *members}}
    alone = [one for one in found.values() if len(one) >= 3 and not one & groups]
    planted = set().union(*truth.rings)
    assert len(truth.rings) >= COMPANIES // 300
    assert all(4 <= len(ring) <= 8 for ring in truth.rings)
    assert not planted & groups
    caught = set().union(*alone)
    # Gaps in what the register knows break a ring here and there.
    assert len(caught & planted) > 0.75 * len(planted)
    assert len(caught & planted) > 0.75 * len(caught)


def test_each_segment_uses_the_product_of_a_rival(register: pd.DataFrame, made: tuple) -> None:
    truth = made[1]
    used = register["rival_products"].dropna().str.split("; ")
    segment = used.index.map(truth.segments)
    assert len(truth.rivals) == 10
    for name, rival in truth.rivals.items():
        has = used.map(lambda found, r=rival: r in found)
        assert has[segment == name].mean() > 0.55
        assert has[segment != name].mean() < 0.15


def test_capital_goes_with_size(register: pd.DataFrame, made: tuple) -> None:
    figures = pd.read_csv(made[0] / "raw" / "firmographics.csv")
    staff = figures.groupby("company_id")["employees"].last()
    both = pd.DataFrame({"capital": register["registered_capital"], "staff": staff}).dropna()
    assert both.corr("spearman").loc["capital", "staff"] > 0.5
    assert both["capital"].min() >= 50


def test_who_would_recommend_is_told_by_two_together(
    register: pd.DataFrame, made: tuple[Path, Truth]
) -> None:
    with sqlite3.connect(made[0] / "raw" / "crm.sqlite") as db:
        companies = pd.read_sql("SELECT * FROM companies", db).set_index("company_id")
    said = register["would_recommend"].dropna().astype(bool)
    known = companies.loc[said.index].dropna(subset=["ownership"])
    said = said[known.index]
    private = known["ownership"].str.lower() == "private"
    there = known.index.isin(made[1].promoters)
    beside = known["region"].isin(known.loc[there, "region"].dropna().unique())
    assert private[there].all()
    assert 0.6 < said[there].mean() < 0.8
    for others in (private & ~there, ~private & beside, ~private & ~beside):
        assert others.sum() > 80
        assert 0.08 < said[others].mean() < 0.22
