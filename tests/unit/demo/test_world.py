"""The demo world: reproducible, lifelike, and true to what it says was planted."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from holbein.demo import companies
from holbein.demo.segments import CATEGORIES
from holbein.demo.world import AS_OF, Truth, make
from holbein.errors import HolbeinError
from holbein.refine.codes import code_list

COMPANIES = 400


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("world") / "demo"
    return folder, make(folder, enterprises=COMPANIES, seed=7)


@pytest.fixture(scope="module")
def folder(made: tuple[Path, Truth]) -> Path:
    return made[0]


@pytest.fixture(scope="module")
def truth(made: tuple[Path, Truth]) -> Truth:
    return made[1]


@pytest.fixture(scope="module")
def crm(folder: Path) -> dict[str, pd.DataFrame]:
    with sqlite3.connect(folder / "raw" / "crm.sqlite") as db:
        return {
            name: pd.read_sql(f"SELECT * FROM {name}", db)
            for name in ("companies", "contracts", "people", "roles")
        }


@pytest.fixture(scope="module")
def events(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "raw" / "events")


@pytest.fixture(scope="module")
def orders(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "raw" / "orders")


def fingerprint(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".sqlite":
            with sqlite3.connect(path) as db:
                content = "\n".join(db.iterdump()).encode()
        elif path.is_file():
            content = path.read_bytes()
        else:
            continue
        found[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def test_the_same_seed_gives_the_same_world(tmp_path: Path) -> None:
    one = make(tmp_path / "one", enterprises=60, seed=3)
    two = make(tmp_path / "two", enterprises=60, seed=3)
    other = make(tmp_path / "other", enterprises=60, seed=4)
    assert one == two != other
    prints = fingerprint(tmp_path / "one")
    assert prints == fingerprint(tmp_path / "two")
    changed = fingerprint(tmp_path / "other")
    assert all(prints[name] != changed[name] for name in prints if name.startswith("raw/"))


def test_its_proportions(
    crm: dict[str, pd.DataFrame], events: pd.DataFrame, orders: pd.DataFrame
) -> None:
    assert len(crm["companies"]) == COMPANIES
    assert len(crm["people"]) == 3 * COMPANIES
    assert 3.6 * COMPANIES < len(crm["roles"]) < 4.4 * COMPANIES
    assert 140 * COMPANIES < len(events) < 260 * COMPANIES
    assert 14 * COMPANIES < len(orders) < 26 * COMPANIES
    for table, key in [("companies", "company_id"), ("people", "person_id"), ("roles", "role_id")]:
        assert crm[table][key].is_unique
    assert events["event_id"].is_unique
    assert orders["order_id"].is_unique


def test_a_large_world_is_made_part_by_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(companies, "BLOCK", 64)
    make(tmp_path / "parts", enterprises=256, seed=3)
    for name, key, at in (("events", "event_id", "at"), ("orders", "order_id", "ordered_at")):
        files = sorted((tmp_path / "parts" / "raw" / name).iterdir())
        assert len(files) == 4
        groups = [pd.read_parquet(one) for one in files]
        assert all(one[at].is_monotonic_increasing for one in groups)
        assert pd.concat(groups)[key].is_unique
        firms = [set(one["company_id"].dropna()) for one in groups]
        assert all(len(one) > 20 for one in firms)
        assert not any(a & b for k, a in enumerate(firms) for b in firms[:k])


def test_a_world_made_anew_leaves_nothing_of_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(companies, "BLOCK", 64)
    make(tmp_path, enterprises=256, seed=3)
    make(tmp_path, enterprises=64, seed=3)
    assert [one.name for one in (tmp_path / "raw" / "events").iterdir()] == ["0001.parquet"]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_smallest_worlds(tmp_path: Path, count: int) -> None:
    make(tmp_path / "tiny", enterprises=count, seed=1)
    assert (tmp_path / "tiny" / "raw" / "events").exists()


def test_nothing_happens_after_the_last_day(events: pd.DataFrame, orders: pd.DataFrame) -> None:
    last = pd.Timestamp(AS_OF)
    days = events["at"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None).dt.normalize()
    assert days.max() <= last
    assert orders["ordered_at"].max().normalize() <= last
    assert orders["settled_at"].max().normalize() <= last
    assert (
        orders["settled_at"].dropna() >= orders["ordered_at"][orders["settled_at"].notna()]
    ).all()
    assert orders["status"].isna().equals(orders["settled_at"].isna())


def test_sizes_are_skewed(folder: Path, orders: pd.DataFrame) -> None:
    figures = pd.read_csv(folder / "raw" / "firmographics.csv")
    last = figures.groupby("company_id")["employees"].last().dropna()
    assert last.mean() > 2.5 * last.median()
    spent = orders.groupby("company_id")["amount"].sum().astype(float).sort_values(ascending=False)
    assert spent.head(len(spent) // 5).sum() > 0.5 * spent.sum()


def test_figures_change_over_time(folder: Path) -> None:
    figures = pd.read_csv(folder / "raw" / "firmographics.csv", parse_dates=["valid_from"])
    states = figures.groupby("company_id").size()
    assert states.max() >= 3
    assert (states > 1).mean() > 0.3
    assert not figures.duplicated(["company_id", "valid_from"]).any()


def test_weeks_days_seasons_and_growth(
    crm: dict[str, pd.DataFrame], events: pd.DataFrame, orders: pd.DataFrame, truth: Truth
) -> None:
    at = events["at"].dt.tz_convert("Asia/Shanghai")
    by_weekday = at.dt.day_of_week.value_counts()
    assert by_weekday[6] < 0.4 * by_weekday[1]
    names = crm["companies"].set_index("company_id")["name"]
    chinese = events["company_id"].astype(object).map(names.str.endswith("公司")).eq(True)
    by_hour = at[chinese].dt.hour.value_counts()
    assert by_hour[10] > 3 * by_hour[4]
    holiday = at.between("2025-01-28", "2025-02-04", inclusive="left")
    after = at.between("2025-02-11", "2025-02-18", inclusive="left")
    assert holiday.sum() < 0.7 * after.sum()
    by_year = at.dt.year.value_counts()
    assert by_year[2025] > 1.15 * by_year[2024]
    retail = orders[orders["company_id"].astype(str).map(truth.segments) == "retail chains"]
    by_month = retail[retail["ordered_at"].dt.year == 2025]["ordered_at"].dt.month.value_counts()
    assert by_month[11] > 1.3 * by_month.drop(11).mean()


def test_gaps_are_there(
    crm: dict[str, pd.DataFrame], events: pd.DataFrame, orders: pd.DataFrame
) -> None:
    for table, column in [
        ("companies", "industry"), ("companies", "region"), ("people", "birth_date"),
        ("people", "gender"), ("roles", "buying_role"), ("roles", "since"), ("roles", "department"),
    ]:  # fmt: skip
        missing = crm[table][column].isna().mean()
        assert 0.005 < missing < 0.5, column
    assert 0.05 < events["role_id"].isna().mean() < 0.5
    assert 0.01 < orders["status"].isna().mean() < 0.3
    assert (events["role_id"].dropna() == "POS-900000").sum() > 0


def test_places_and_industries_resolve(crm: dict[str, pd.DataFrame]) -> None:
    for column in ("region", "industry"):
        texts = crm["companies"][column].dropna()
        table = code_list("regions" if column == "region" else "industries")
        assert texts.map(lambda text, t=table: t.resolve(text) is not None).all()
        assert texts.nunique() > 30


def test_movers_moved_and_some_serve_two(crm: dict[str, pd.DataFrame], truth: Truth) -> None:
    roles = crm["roles"]
    assert len(truth.movers) > 0.08 * len(crm["people"])
    for move in truth.movers[:100]:
        mine = roles[roles["person_id"] == move.person]
        left = mine[mine["company_id"] == move.left]
        joined = mine[mine["company_id"] == move.joined]
        assert left["until"].notna().any()
        assert joined["until"].isna().all()
        assert left["until"].min() <= str(move.day)
    current = roles[roles["until"].isna() & roles["person_id"].isin(truth.two_companies)]
    assert (current.groupby("person_id")["company_id"].nunique() == 2).all()
    dated = roles.dropna(subset=["since", "until"])
    assert (dated["since"] < dated["until"]).all()


def test_groups_are_trees(crm: dict[str, pd.DataFrame], truth: Truth) -> None:
    parent = crm["companies"].set_index("company_id")["parent_id"].dropna().to_dict()
    assert set(parent) == set().union(*truth.groups.values())
    depths = set()
    for company in parent:
        depth, top = 0, company
        while top in parent:
            top, depth = parent[top], depth + 1
            assert depth < COMPANIES
        assert company in truth.groups[top]
        depths.add(depth)
    assert {1, 2} <= depths


def test_the_dormant_are_silent(events: pd.DataFrame, orders: pd.DataFrame, truth: Truth) -> None:
    assert len(truth.dormant) > 0.05 * COMPANIES
    since = pd.Timestamp(AS_OF) - pd.Timedelta(days=149)
    late_events = events[events["at"].dt.tz_localize(None) >= since]
    assert not set(late_events["company_id"].dropna()) & truth.dormant
    assert not set(orders[orders["ordered_at"] >= since]["company_id"]) & truth.dormant


def test_segments_favour_what_was_planted(orders: pd.DataFrame, truth: Truth) -> None:
    segment = orders["company_id"].astype(str).map(truth.segments)
    share = pd.crosstab(segment, orders["category"].astype(str), normalize="index")
    assert set(share.columns) == set(CATEGORIES)
    for name, favourite in truth.favourites.items():
        assert share.loc[name].idxmax() == favourite


def test_late_payers_pay_late(orders: pd.DataFrame, truth: Truth) -> None:
    late = orders["company_id"].isin(truth.late_payers)
    days = orders["days_to_pay"].astype(float)
    assert days[late].median() > 2 * days[~late].median()


@pytest.fixture(scope="module")
def trades(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "raw" / "trades.parquet")


def test_nobody_sells_what_was_not_bought(trades: pd.DataFrame, truth: Truth) -> None:
    assert 0.2 * COMPANIES < trades["company_id"].nunique() < 0.45 * COMPANIES
    assert trades["trade_id"].is_unique
    assert trades["traded_at"].max().normalize() <= pd.Timestamp(AS_OF)
    assert trades["traded_at"].dt.day_of_week.max() == 4
    signed = trades["side"].map({"buy": 1, "sell": -1}).astype(int)
    assert (signed.groupby(trades["company_id"], observed=True).cumsum() >= 0).all()
    left = signed.groupby(trades["company_id"], observed=True).sum()
    assert len(truth.leavers) >= 4
    assert (left[sorted(truth.leavers)] == 0).all()
    spent = trades.groupby("company_id", observed=True)["amount"].sum().astype(float)
    assert spent.mean() > 1.5 * spent.median()
    assert 0 < trades["asset_class"].isna().mean() < 0.05


def test_instalments_pay_back_the_loans(folder: Path, truth: Truth) -> None:
    loans = pd.read_parquet(folder / "raw" / "loans.parquet")
    due = pd.read_parquet(folder / "raw" / "repayments.parquet")
    lines = pd.read_csv(folder / "raw" / "credit_lines.csv")
    assert set(loans["company_id"]) == set(lines["company_id"])
    assert 0.1 * COMPANIES < len(lines) < 0.35 * COMPANIES
    assert set(due["loan_id"]) <= set(loans["loan_id"])
    drawn = loans.set_index("loan_id")["amount"].astype(float)
    owed = due.groupby("loan_id")["amount"].sum().astype(float)
    assert (owed <= drawn[owed.index] + 0.001).all()
    assert due["paid_on"].isna().equals(due["days_late"].isna())
    assert due["paid"].isna().equals(due["paid_on"].isna())
    assert max(due["due_on"]) <= AS_OF
    assert max(due["paid_on"].dropna()) <= AS_OF
    assert 0.05 < (due["days_late"] > 3).mean() < 0.4
    unpaid = due[due["paid_on"].isna()]
    assert truth.defaulters <= set(unpaid["company_id"])
    assert truth.defaulters


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HolbeinError, match="at least one"):
        make(tmp_path / "none", enterprises=0)
    with pytest.raises(HolbeinError, match="not negative"):
        make(tmp_path / "none", enterprises=3, seed=-1)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "holbein.yaml").write_text("name: Mine\n")
    with pytest.raises(HolbeinError, match="holds other files"):
        make(tmp_path, enterprises=3)
    with pytest.raises(HolbeinError, match="is a file"):
        make(tmp_path / "notes.txt", enterprises=3)


def test_own_changes_to_the_definitions_are_kept(tmp_path: Path) -> None:
    make(tmp_path / "demo", enterprises=3)
    settings = tmp_path / "demo" / "holbein.yaml"
    settings.write_text("name: Mine\n")
    make(tmp_path / "demo", enterprises=4, seed=2)
    assert settings.read_text() == "name: Mine\n"
