"""The demo's raw files as pandas sees them on a day: a second opinion, without Holbein's tables.

Only what could be known at the end of the day is left: facts before its midnight (Shanghai),
an order's status once it is settled, figures of the companies that held by then.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

import holbein.refine

LISTS = Path(holbein.refine.__path__[0]) / "data"


# By stream: its key, when it happened, when it was known, and what was known only then.
_DEALINGS: dict[str, tuple[str, str, str | None, tuple[str, ...]]] = {
    "invoices": ("invoice_id", "due_on", "paid_on", ("days_late",)),
    "tickets": ("ticket_id", "opened_at", "solved_at", ("hours", "stars")),
    "campaigns": ("mailing_id", "sent_on", "closed_on", ("opened", "bought")),
    "trades": ("trade_id", "traded_at", None, ()),
    "holdings": ("holding_id", "held_on", None, ()),
    "questionnaires": ("answer_id", "answered_on", None, ()),
    "loans": ("loan_id", "drawn_on", None, ()),
    "repayments": ("instalment_id", "due_on", "paid_on", ("paid", "days_late")),
}


def _codes(name: str) -> dict[str, str]:
    """Code by code, English and Chinese label; plain columns of the published list."""
    rows = pd.read_csv(LISTS / f"{name}.csv", dtype=str, keep_default_na=False)
    # Later entries win: the code itself, and the section rather than its only division.
    found: dict[str, str] = {}
    for column in ("zh", "en", "code"):
        found |= dict(zip(rows[column][::-1], rows["code"][::-1], strict=True))
    return found


@dataclass
class Raw:
    """The files of ``folder`` as of the end of ``day``."""

    folder: Path
    day: pd.Timestamp
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    """By kind: Holbein's number of each key, for questions that hash it."""

    @property
    def midnight(self) -> pd.Timestamp:
        return self.day + pd.Timedelta(days=1)

    def _table(self, name: str, dates: list[str]) -> pd.DataFrame:
        with sqlite3.connect(self.folder / "raw" / "crm.sqlite") as db:
            return pd.read_sql(f"SELECT * FROM {name}", db, parse_dates=dates)

    @cached_property
    def companies(self) -> pd.DataFrame:
        """By company_id, with region and industry as codes, employees as of the day."""
        table = self._table("companies", ["founded", "customer_since"]).set_index("company_id")
        table["region"] = table["region"].map(_codes("regions"))
        table["industry"] = table["industry"].map(_codes("industries"))
        figures = pd.read_csv(self.folder / "raw" / "firmographics.csv", parse_dates=["valid_from"])
        figures = figures[figures["valid_from"] <= self.day].sort_values("valid_from")
        latest = figures.groupby("company_id").tail(1).set_index("company_id")
        table["employees"] = latest["employees"]
        ends = self._table("contracts", ["ends_on"]).groupby("company_id")["ends_on"].max()
        table["renewal_date"] = ends
        return table

    @cached_property
    def people(self) -> pd.DataFrame:
        return self._table("people", ["birth_date"]).set_index("person_id")

    @cached_property
    def roles(self) -> pd.DataFrame:
        """All roles by role_id; ``begun`` and ``current`` as of the day."""
        table = self._table("roles", ["since", "until"]).set_index("role_id")
        table["begun"] = table["since"].isna() | (table["since"] <= self.day)
        table["current"] = table["begun"] & (table["until"].isna() | (table["until"] > self.day))
        return table

    def _borne(self, facts: pd.DataFrame) -> pd.DataFrame:
        """Company, person and role of each fact; a role brings the other two."""
        role = facts["role_id"].astype(object)
        role = role.where(role.isin(self.roles.index))
        out = facts.assign(role=role)
        for column, key in [("enterprise", "company_id"), ("person", "person_id")]:
            by_role = role.map(self.roles[key])
            own = facts[key].astype(object) if key in facts else by_role
            out[column] = own.where(own.notna(), by_role)
        return out

    @cached_property
    def events(self) -> pd.DataFrame:
        table = pd.read_parquet(self.folder / "raw" / "events")
        table["at"] = table["at"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
        table = table[table["at"] < self.midnight]
        table["key"] = table["event_id"].astype(str)
        table["day"] = table["at"].dt.normalize()
        return self._borne(table)

    @cached_property
    def orders(self) -> pd.DataFrame:
        table = pd.read_parquet(self.folder / "raw" / "orders")
        table = table.rename(columns={"ordered_at": "at", "order_id": "key"})
        table = table[table["at"] < self.midnight].astype({"status": object})
        settled = table["settled_at"] < self.midnight
        table["status"] = table["status"].where(settled)
        table["days_to_pay"] = table["days_to_pay"].where(settled)
        table["day"] = table["at"].dt.normalize()
        table["amount"] = table["amount"].astype(float)
        return self._borne(table)

    @cached_property
    def dealings(self) -> dict[str, pd.DataFrame]:
        """The streams that bear companies alone, by name; what becomes known later only once it
        is."""
        found = {}
        for name, (key, at, known_at, later) in _DEALINGS.items():
            table = pd.read_parquet(self.folder / "raw" / f"{name}.parquet")
            table = table.rename(columns={key: "key", at: "at", "company_id": "enterprise"})
            table["at"] = pd.to_datetime(table["at"])
            table = table[table["at"] < self.midnight]
            if known_at is not None:
                known = pd.to_datetime(table[known_at]) < self.midnight
                for column in later:
                    table[column] = table[column].where(known)
            if "amount" in table:
                table["amount"] = table["amount"].astype(float)
            day = table["at"].dt.normalize()
            found[name] = table.assign(day=day, person=None, role=None)
        return found

    # --- small words ------------------------------------------------------------------------------

    def window(self, facts: pd.DataFrame, before: pd.Timestamp | None = None, **length: int) -> pd.DataFrame:  # fmt: skip
        """Facts of the last ``length`` (days=, years= …), counted back from ``before`` or the day."""
        end = self.day if before is None else before
        start = end - pd.DateOffset(**length)
        return facts[(facts["day"] > start) & (facts["day"] <= end)]

    def named(self, *names: str) -> pd.DataFrame:
        """Events of these names."""
        return self.events[self.events["name"].isin(names)]

    def count(self, facts: pd.DataFrame, kind: str) -> pd.Series[int]:
        """Facts of every subject of a kind, 0 where there are none."""
        found = facts.groupby(kind).size()
        return found.reindex(self.every(kind), fill_value=0)

    def total(self, facts: pd.DataFrame, column: str, kind: str) -> pd.Series[float]:
        """Sums of every subject of a kind, 0 where there is nothing."""
        found = facts.groupby(kind)[column].sum()
        return found.reindex(self.every(kind), fill_value=0.0)

    def count_days(self, facts: pd.DataFrame, kind: str) -> pd.Series[int]:
        """Distinct days of every subject of a kind."""
        found = facts.groupby(kind)["day"].nunique()
        return found.reindex(self.every(kind), fill_value=0)

    def every(self, kind: str) -> pd.Index[str]:
        """The keys of all subjects of a kind."""
        tables = {"enterprise": self.companies, "person": self.people, "role": self.roles}
        return tables[kind].index

    def holders(self, met: pd.Series[bool], kind: str = "enterprise", of: str = "current") -> set[str]:  # fmt: skip
        """Companies (or people) of those current (or begun) roles that meet something."""
        column = "company_id" if kind == "enterprise" else "person_id"
        return set(self.roles.loc[met & self.roles[of], column])

    def below(self, column: str, *prefixes: str) -> pd.Series[bool]:
        """Companies whose region or industry code begins in one of these ways."""
        return self.companies[column].fillna("").str.startswith(prefixes)

    @cached_property
    def parents(self) -> dict[str, str]:
        return dict(self.companies["parent_id"].dropna())

    def above(self, company: str) -> list[str]:
        """Parents of parents, nearest first."""
        found: list[str] = []
        while company in self.parents:
            company = self.parents[company]
            found.append(company)
        return found

    def sequence(
        self,
        steps: list[pd.DataFrame],
        kind: str,
        near: Callable[[pd.Series, pd.Series], bool],
    ) -> set[str]:
        """Subjects with a fact of each step in strict order of (at, key), first and last ``near``."""
        found = set()
        grouped = [
            {k: rows.sort_values(["at", "key"]) for k, rows in step.groupby(kind)} for step in steps
        ]
        for subject in set(grouped[0]).intersection(*map(set, grouped[1:])):
            lists = [list(group[subject].itertuples()) for group in grouped]
            if any(_completes(first, lists[1:], near) for first in lists[0]):
                found.add(subject)
        return found


def _completes(first: object, rest: list[list], near: Callable[..., bool]) -> bool:  # type: ignore[type-arg]
    """Whether the earliest chain from ``first`` on ends near enough: no other ends earlier."""
    last = first
    for facts in rest:
        later = [f for f in facts if (f.at, f.key) > (last.at, last.key)]  # type: ignore[attr-defined]
        if not later:
            return False
        last = later[0]
    return near(first, last)


def keys(mask: pd.Series[bool]) -> set[str]:
    """The keys for which a mask is true."""
    return set(mask.index[mask.to_numpy(bool)])


def top(facts: pd.DataFrame, kind: str, column: str, most: int) -> dict[str, list[str]]:
    """The most frequent values of every subject, ties by value."""
    counts = facts.dropna(subset=[column]).groupby([kind, column], observed=True).size()
    ranked = counts.rename("n").reset_index().astype({column: str})
    ranked = ranked.sort_values(["n", column], ascending=[False, True])
    return {who: list(rows[column].head(most)) for who, rows in ranked.groupby(kind)}


def union(sets: Iterable[set[str]]) -> set[str]:
    """All of them together."""
    return set().union(*sets)
