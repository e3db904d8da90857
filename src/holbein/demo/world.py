"""The demo world: a seeded vendor of software, its customers, and what is true of them.

``make`` writes a whole workspace. The vendor, Steelyard Cloud, sells subscriptions and services to
companies in China and the West. The same seed gives the same bytes (SQLite: the same rows).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from holbein.catalog.load import check_path
from holbein.demo import files
from holbein.demo.behaviour import make_events
from holbein.demo.campaigns import UPLIFT, make_campaigns
from holbein.demo.companies import Companies, make_companies
from holbein.demo.fair import Fair, make_fair
from holbein.demo.lending import Lending, make_lending
from holbein.demo.lives import Lives, make_lives, profiles
from holbein.demo.orders import make_contracts, make_orders
from holbein.demo.people import Moves, People, make_people
from holbein.demo.register import Register, make_register
from holbein.demo.rhythm import AS_OF
from holbein.demo.securities import Securities, make_securities
from holbein.demo.segments import SEGMENTS
from holbein.demo.service import Invoices, make_invoices, make_tickets
from holbein.errors import HolbeinError

__all__ = ["AS_OF", "Move", "Truth", "make"]


@dataclass(frozen=True)
class Move:
    """Someone who left one company for another; keys of the source ``crm``."""

    person: str
    left: str
    joined: str
    day: np.datetime64


@dataclass(frozen=True)
class Truth:
    """What was planted. Companies and people by their keys in the source ``crm``."""

    segments: Mapping[str, str]
    """Company to planted segment (``segments.SEGMENTS``; "others" is none)."""
    favourites: Mapping[str, str]
    """Segment to the category that it favours; segments without one are left out."""
    features: Mapping[str, str]
    """Segment to the feature that it uses most."""
    rivals: Mapping[str, str]
    """Segment to the competitor's product that most of it use."""
    dormant: frozenset[str]
    """Customers that fell silent at least 150 days before AS_OF."""
    late_payers: frozenset[str]
    leavers: frozenset[str]
    """Investors who sold all that they held within the last 300 days."""
    too_bold: frozenset[str]
    """Investors who trade bolder than they said in the questionnaire."""
    non_payers: frozenset[str]
    """Customers who pay their invoices no more."""
    uplift: Mapping[str, float]
    """Segment to how much more of it buy because of a mailing; nothing in the others."""
    defaulters: frozenset[str]
    """Borrowers who have stopped paying their instalments."""
    groups: Mapping[str, frozenset[str]]
    """Top company to all the companies below it."""
    movers: tuple[Move, ...]
    two_companies: frozenset[str]
    """People with roles at two companies at once."""
    rings: tuple[frozenset[str], ...]
    """Companies without a common owner that share telephones, addresses and representatives."""
    wrong_codes: frozenset[str]
    """Whose credit code was mistyped."""
    promoters: frozenset[str]
    """Private companies in the Yangtze delta, most of whom would recommend the vendor; of private
    ones elsewhere, and of others there, no more would than of anyone."""
    doubles: Mapping[str, tuple[str, str]]
    """Card of the fair to the company and the person that it doubles; other cards are of others."""
    late_workers: frozenset[str]
    """People of whose doings half fall into the night."""


def make(folder: str | Path, enterprises: int = 2000, seed: int = 1) -> Truth:
    """Write the demo workspace into ``folder`` and return what was planted.

    About three people, four roles, 200 events and 20 orders for each enterprise, and for some of
    them trades and loans. Definitions that
    are there already are kept as they are, so that one may play with them; the data are written
    anew. HolbeinError if the folder holds something else than a demo.
    """
    target = Path(folder)
    if enterprises < 1:
        raise HolbeinError("the demo needs at least one enterprise", hint="--enterprises 2000")
    if seed < 0:
        raise HolbeinError("the seed of the demo is not negative", hint="--seed 1")
    try:
        _check_target(target)
        return _write(target, enterprises, seed)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise HolbeinError(
            f"the demo cannot be made: {reason}",
            place=str(target)[:200],
            hint="name a folder that you may write to",
        ) from error


def _check_target(target: Path) -> None:
    check_path(target)
    if target.exists() and not target.is_dir():
        raise HolbeinError(f"{target} is a file", hint="name a folder for the demo")
    # Never into someone's own workspace: only a folder that a demo was made in is made anew.
    if target.exists() and any(target.iterdir()) and not (target / "raw" / "crm.sqlite").exists():
        raise HolbeinError(f"{target} holds other files", hint="name a folder that is new or empty")


def _write(target: Path, enterprises: int, seed: int) -> Truth:
    # One stream of chance for each part: a change in one leaves the others as they were.
    parts = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(16)]
    companies = make_companies(parts[0], enterprises)
    people, roles, moves = make_people(parts[1], companies)
    lives = make_lives(parts[8], companies, people, roles)
    contracts = make_contracts(parts[2], companies)
    securities = make_securities(parts[6], companies)
    lending = make_lending(parts[7], companies)
    campaigns = make_campaigns(parts[10], companies)
    invoices = make_invoices(parts[11], companies, contracts)
    register = make_register(parts[9], companies)
    raw = target / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    files.write_crm(raw / "crm.sqlite", parts[3], companies, people, roles, contracts)
    files.write_firmographics(raw / "firmographics.csv", parts[3], companies)
    files.write_key_accounts(raw / "key_accounts.csv", parts[3], companies)
    fair = make_fair(parts[13], companies, people, register.table["credit_code"].combine_chunks())
    files.write_folder(raw / "orders", make_orders(parts[4], companies, roles, campaigns))
    events = make_events(parts[5], companies, people, roles, lives.late)
    files.write_folder(raw / "events", events)
    tables = {
        "register": register.table,
        "profiles": profiles(parts[8], people, lives),
        "trades": securities.trades,
        "holdings": securities.holdings,
        "questionnaires": securities.questionnaires,
        "loans": lending.loans,
        "repayments": lending.repayments,
        "campaigns": campaigns.table,
        "invoices": invoices.table,
        "tickets": make_tickets(parts[12], companies),
        "fair_cards": fair.table,
    }
    for name, table in tables.items():
        files.write_parquet(raw / f"{name}.parquet", table)
    files.write_credit_lines(raw / "credit_lines.csv", companies, lending.lines)
    _copy_definitions(resources.files("holbein.demo").joinpath("workspace"), target)
    return _truth(companies, people, lives, moves, securities, lending, register, invoices, fair)


def _copy_definitions(source: Traversable, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for one in source.iterdir():
        if one.is_dir():
            _copy_definitions(one, target / one.name)
        elif one.name.endswith((".yaml", ".md", ".py")) and not (target / one.name).exists():
            (target / one.name).write_bytes(one.read_bytes())


def _truth(
    companies: Companies, people: People, lives: Lives, moves: Moves, securities: Securities,
    lending: Lending, register: Register, invoices: Invoices, fair: Fair,
) -> Truth:  # fmt: skip
    keys = companies.keys
    groups: dict[str, set[str]] = {}
    for index in np.flatnonzero(companies.parent >= 0):
        groups.setdefault(keys[companies.root[index]], set()).add(keys[index])
    moved = zip(moves.movers, moves.left, moves.joined, moves.days, strict=True)
    return Truth(
        segments={key: SEGMENTS[k].name for key, k in zip(keys, companies.segment, strict=True)},
        favourites={one.name: one.favourite for one in SEGMENTS if one.favourite},
        features={one.name: one.feature for one in SEGMENTS if one.feature},
        rivals={one.name: one.rival for one in SEGMENTS if one.rival},
        dormant=frozenset(keys[companies.dormant]),
        late_payers=frozenset(keys[companies.late & (companies.customer_since >= 0)]),
        leavers=frozenset(keys[securities.leavers]),
        too_bold=frozenset(keys[securities.too_bold]),
        non_payers=frozenset(keys[invoices.non_payers]),
        uplift=dict(UPLIFT),
        defaulters=frozenset(keys[lending.defaulters]),
        groups={root: frozenset(members) for root, members in groups.items()},
        movers=tuple(
            Move(people.keys[who], keys[left], keys[joined], np.datetime64(int(day), "D"))
            for who, left, joined, day in moved
        ),
        two_companies=frozenset(people.keys[moves.two_companies]),
        rings=tuple(frozenset(keys[list(ring)]) for ring in register.rings),
        wrong_codes=frozenset(keys[register.wrong_codes]),
        promoters=frozenset(keys[register.promoters]),
        doubles={
            card: (keys[company], people.keys[person])
            for card, company, person in zip(
                fair.table["card_id"].to_pylist(), fair.company, fair.person, strict=True
            )
            if company >= 0
        },
        late_workers=frozenset(people.keys[lives.late]),
    )
