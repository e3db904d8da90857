"""The demo's raw files: a CRM in SQLite, figures in CSV, behaviour and orders in Parquet."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from holbein.demo.arrow import iso_days
from holbein.demo.companies import NEVER, PLACES, Companies
from holbein.demo.lending import Lines
from holbein.demo.names import DIVISIONS
from holbein.demo.orders import PLANS, Contracts
from holbein.demo.people import BUYING_ROLES, DEPARTMENTS, SENIORITIES, Indices, People, Roles
from holbein.demo.rhythm import END, START
from holbein.demo.segments import OWNERSHIPS
from holbein.refine.codes import CodeTable, code_list

EDUCATIONS = ("secondary", "college", "bachelor", "master", "doctor")
_MANAGERS = (
    "Lin Yue", "Tom Archer", "何晓", "Marta Klein", "赵一帆", "Priya Nair", "孙黎", "Jo West",
)  # fmt: skip

_SCHEMA = """
CREATE TABLE companies (
    company_id TEXT PRIMARY KEY, name TEXT NOT NULL, parent_id TEXT, industry TEXT, region TEXT,
    ownership TEXT, founded DATE, customer_since DATE
);
CREATE TABLE contracts (
    contract_id TEXT PRIMARY KEY, company_id TEXT NOT NULL, plan TEXT, seats INTEGER,
    starts_on DATE, ends_on DATE
);
CREATE TABLE people (
    person_id TEXT PRIMARY KEY, name TEXT NOT NULL, gender TEXT, birth_date DATE, region TEXT,
    education TEXT, language TEXT
);
CREATE TABLE roles (
    role_id TEXT PRIMARY KEY, company_id TEXT NOT NULL, person_id TEXT NOT NULL, title TEXT,
    department TEXT, seniority TEXT, buying_role TEXT, since DATE, until DATE
);
"""


def write_crm(
    path: Path,
    rng: np.random.Generator,
    companies: Companies,
    people: People,
    roles: Roles,
    contracts: Contracts,
) -> None:
    """Companies, contracts, people and roles as an SQLite file, written anew."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as db:
        db.executescript(_SCHEMA)
        _insert(db, "companies", _companies(rng, companies))
        _insert(db, "contracts", _contracts(companies, contracts))
        _insert(db, "people", _people(rng, companies, people))
        _insert(db, "roles", _roles(companies, people, roles))
    db.close()


def _insert(db: sqlite3.Connection, table: str, columns: Sequence[Sequence[Any]]) -> None:
    marks = ", ".join("?" * len(columns))
    rows: Iterable[tuple[Any, ...]] = zip(*columns, strict=True)
    db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 (our own names)


def _companies(rng: np.random.Generator, c: Companies) -> list[Sequence[Any]]:
    return [
        c.keys.tolist(),
        c.names.tolist(),
        _labels(c.parent, c.keys),
        _written(rng, code_list("industries"), DIVISIONS, c.division, 0.04),
        _written(rng, code_list("regions"), PLACES, c.place, 0.04, c.western),
        _labels(_gaps(rng, c.ownership, 0.05), OWNERSHIPS),
        [day if keep else None
         for day, keep in zip(_dates(c.founded), rng.random(c.count) > 0.1, strict=True)],
        iso_days(c.customer_since),
    ]  # fmt: skip


def _contracts(companies: Companies, c: Contracts) -> list[Sequence[Any]]:
    return [
        [f"CT-{i + 1:07}" for i in range(len(c.company))],
        companies.keys[c.company].tolist(),
        _labels(c.plan, PLANS),
        c.seats.tolist(),
        iso_days(c.starts),
        iso_days(c.ends),
    ]


def _people(rng: np.random.Generator, companies: Companies, p: People) -> list[Sequence[Any]]:
    gender = np.where(p.gender_known, p.female.astype(np.int64), NEVER)
    births = [day if known >= 0 or known < NEVER else None
              for day, known in zip(_dates(p.birth), p.birth.tolist(), strict=True)]  # fmt: skip
    place = companies.place[p.home]
    return [
        p.keys.tolist(),
        p.names.tolist(),
        _labels(gender, ("male", "female")),
        births,
        _written(rng, code_list("regions"), PLACES, place, 0.15, companies.western[p.home]),
        _labels(p.education, EDUCATIONS),
        ["en" if west else "zh" for west in p.western.tolist()],
    ]


def _roles(companies: Companies, people: People, r: Roles) -> list[Sequence[Any]]:
    return [
        r.keys.tolist(),
        companies.keys[r.company].tolist(),
        people.keys[r.person].tolist(),
        r.titles.tolist(),
        _labels(r.department, DEPARTMENTS),
        _labels(r.seniority, SENIORITIES),
        _labels(r.buying, BUYING_ROLES),
        iso_days(r.since),
        iso_days(r.until),
    ]


def write_firmographics(path: Path, rng: np.random.Generator, c: Companies) -> None:
    """Employees and revenue as they were from each date on: company_id, valid_from, employees,
    revenue (in millions). Some companies never say how many they are.
    """
    changes = np.minimum(rng.poisson(0.7, c.count), 3)
    company = np.repeat(np.arange(c.count), changes + 1)
    begun = np.concatenate(([0], np.cumsum(changes + 1)[:-1]))
    number = np.arange(len(company)) - np.repeat(begun, changes + 1)
    day = np.where(number == 0, START - 365, rng.integers(START, END, len(company)))
    factor = np.where(number == 0, 1.0, rng.lognormal(0.18, 0.35, len(company)))
    order = np.lexsort((day, company))
    company, day = company[order], day[order]
    # The last figure is today's; walk back from it.
    logs = np.cumsum(np.log(factor[order]))
    ends = np.cumsum(changes + 1) - 1
    employees = np.maximum(1, np.round(c.employees[company] * np.exp(logs - logs[ends][company])))
    silent = (rng.random(c.count) < 0.05)[company]
    per_head = rng.lognormal(-0.9, 0.6, c.count)[company]
    revenue = np.round(employees * per_head, 1)
    revenue_silent = rng.random(len(company)) < 0.25
    keys, days = c.keys[company], iso_days(day)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["company_id", "valid_from", "employees", "revenue"])
        for i in range(len(company)):
            if number[i] and company[i] == company[i - 1] and day[i] == day[i - 1]:
                continue  # two changes on one day: the first stands
            staff = "" if silent[i] else int(employees[i])
            writer.writerow([keys[i], days[i], staff, "" if revenue_silent[i] else revenue[i]])


def write_key_accounts(path: Path, rng: np.random.Generator, c: Companies) -> None:
    """The list that the sales team keeps by hand: company_id, manager."""
    worth = c.employees * (c.customer_since >= 0) * rng.lognormal(0, 0.8, c.count)
    chosen = np.sort(np.argsort(-worth, kind="stable")[: max(1, c.count // 16)])
    manager = rng.integers(0, len(_MANAGERS), len(chosen))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["company_id", "manager"])
        writer.writerows((c.keys[i], _MANAGERS[k]) for i, k in zip(chosen, manager, strict=True))


def write_credit_lines(path: Path, c: Companies, lines: Lines) -> None:
    """How much each borrower may draw: company_id, granted_on, credit_limit."""
    days = iso_days(lines.since)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["company_id", "granted_on", "credit_limit"])
        for company, day, limit in zip(lines.company, days, lines.limit.tolist(), strict=True):
            writer.writerow([c.keys[company], day, int(limit)])


def write_parquet(path: Path, table: pa.Table) -> None:
    """The table as Parquet; the same bytes for the same."""
    pq.write_table(table, path, compression="zstd")


def write_folder(folder: Path, tables: Iterable[pa.Table]) -> None:
    """Tables of one schema as a folder with a file for each: a run holds one of them at a time."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number, table in enumerate(tables, start=1):
        write_parquet(folder / f"{number:04d}.parquet", table)


def _labels(index: Indices, labels: Sequence[str] | NDArray[np.object_]) -> list[str | None]:
    return [labels[k] if k >= 0 else None for k in index.tolist()]


def _gaps(rng: np.random.Generator, index: Indices, share: float) -> Indices:
    return np.where(rng.random(len(index)) < share, NEVER, index)


def _dates(days: NDArray[np.int64]) -> list[str]:
    texts: list[str] = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    return texts


def _written(
    rng: np.random.Generator,
    table: CodeTable,
    codes: Sequence[str],
    index: Indices,
    gaps: float,
    western: NDArray[np.bool_] | None = None,
) -> list[str | None]:
    """Codes as people typed them: as the code, in Chinese, in English, or not at all."""
    forms = [(code, table.label(code, "zh"), table.label(code, "en")) for code in codes]
    chinese = np.full(len(index), 0.7) if western is None else np.where(western, 0.25, 0.8)
    draw = rng.random(len(index))
    form = np.where(draw < 0.15, 0, np.where(draw < chinese, 1, 2))
    missing = rng.random(len(index)) < gaps
    return [
        None if gone else forms[k][f]
        for k, f, gone in zip(index.tolist(), form.tolist(), missing.tolist(), strict=True)
    ]
