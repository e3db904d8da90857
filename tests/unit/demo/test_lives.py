"""What people told of themselves hangs together, as lives do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from holbein.demo.lives import BRANDS, DISTRICTS, INTERESTS
from holbein.demo.world import AS_OF, Truth, make


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("lives") / "demo"
    return folder, make(folder, enterprises=1500, seed=4)


@pytest.fixture(scope="module")
def told(made: tuple[Path, Truth]) -> pd.DataFrame:
    """The profiles beside what the CRM knows of the same people."""
    with sqlite3.connect(made[0] / "raw" / "crm.sqlite") as db:
        people = pd.read_sql("SELECT * FROM people", db, parse_dates=["birth_date"])
        roles = pd.read_sql("SELECT person_id, seniority FROM roles", db)
    rank = roles["seniority"].map({"c_level": 0, "director": 1, "manager": 2, "staff": 3})
    people["rank"] = people["person_id"].map(rank.groupby(roles["person_id"]).min())
    people["age"] = (pd.Timestamp(AS_OF) - people["birth_date"]).dt.days / 365.25
    profiles = pd.read_parquet(made[0] / "raw" / "profiles.parquet")
    assert profiles["person_id"].is_unique
    assert 0.75 * len(people) < len(profiles) < 0.92 * len(people)
    return profiles.merge(people, on="person_id", validate="one_to_one")


def test_everything_has_gaps(told: pd.DataFrame) -> None:
    for column in ("school_tier", "marital_status", "children", "district", "height",
                   "monthly_salary", "mortgage", "interests", "favourite_brands"):  # fmt: skip
        assert 0.05 < told[column].isna().mean() < 0.6, column


def test_men_are_taller(told: pd.DataFrame) -> None:
    heights = told.groupby("gender")["height"].agg(["mean", "std"])
    assert 9 < heights.loc["male", "mean"] - heights.loc["female", "mean"] < 15
    assert (heights["std"].between(4, 8)).all()


def test_families_come_with_age(told: pd.DataFrame) -> None:
    age = pd.cut(told["age"], [0, 27, 33, 40, 100], labels=["young", "30", "35", "40"])
    wed = (told["marital_status"] != "unmarried").where(told["marital_status"].notna())
    shares = wed.astype(float).groupby(age, observed=True).mean()
    assert shares.is_monotonic_increasing
    assert shares["young"] < 0.25
    assert shares["40"] > 0.85
    assert not told.loc[told["marital_status"] == "unmarried", "children"].any()
    assert told["children"].groupby(age, observed=True).mean().is_monotonic_increasing
    owes = told["mortgage"].astype(float)
    with_children = owes[told["children"] > 0].mean()
    assert with_children > 1.5 * owes[told["marital_status"] == "unmarried"].mean()


def test_schooling_and_rank_pay(told: pd.DataFrame) -> None:
    chinese = told[told["language"] == "zh"]
    by_degree = chinese.groupby("education")["monthly_salary"].median()
    in_order = by_degree[["secondary", "college", "bachelor", "master", "doctor"]]
    assert in_order.is_monotonic_increasing
    assert chinese.groupby("rank")["monthly_salary"].median().is_monotonic_decreasing
    tiers = told.dropna(subset=["school_tier"])
    assert not tiers["education"].isin(["secondary", "college"]).any()
    best = (tiers["school_tier"] == "985").groupby(tiers["education"]).mean()
    assert best["bachelor"] < best["master"] < best["doctor"]


def test_taste_goes_with_the_person(told: pd.DataFrame) -> None:
    def likes(column: str, what: str) -> pd.Series:
        known = told[told[column].notna()]
        return known[column].str.split(r"[;、|,]\s*").map(lambda found: what in found)

    yoga = likes("interests", "yoga")
    women = yoga.groupby(told["gender"]).mean()
    assert women["female"] > 2.5 * women["male"]
    games = likes("interests", "gaming")
    assert told["age"][games[games].index].mean() < told["age"].mean() - 2
    marks = told["interests"].dropna().str.extract(r"(;|、|\||,)")[0].dropna()
    assert set(marks) == {";", "、", "|", ","}
    for column, known in (("interests", INTERESTS), ("favourite_brands", BRANDS)):
        lists = told[column].dropna().str.split(r"[;、|,]\s*")
        assert {one for found in lists for one in found} == {one[0] for one in known}
        assert lists.map(len).between(1, 3).all()


def test_a_district_lies_where_the_company_does(told: pd.DataFrame) -> None:
    beijing = {"Wangjing", "Guomao", "Sanlitun", "Zhongguancun", "Wudaokou", "Shangdi"}
    there = told[told["region"].isin(["朝阳区", "110105", "110108", "海淀区"])]["district"].dropna()
    assert len(there) > 20
    assert set(there) <= beijing
    assert set(told["district"].dropna()) <= {name for row in DISTRICTS.values() for name in row}


def test_late_workers_are_seen_at_night(made: tuple[Path, Truth]) -> None:
    folder, truth = made
    events = pd.read_parquet(folder / "raw" / "events")
    with sqlite3.connect(folder / "raw" / "crm.sqlite") as db:
        holder = pd.read_sql("SELECT role_id, person_id FROM roles", db).set_index("role_id")
    who = events["role_id"].astype(object).map(holder["person_id"])
    night = events["part_of_day"] == "night"
    late = who.isin(truth.late_workers)
    assert 0.05 * len(holder["person_id"].unique()) < len(truth.late_workers)
    assert night[late].mean() > 0.45
    assert night[~late].mean() < 0.15
