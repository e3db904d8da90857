"""Past mailings with a control group drawn by lot, and what they moved, segment by segment.

Who was written to and who was only watched was decided by chance, so that the difference between
the two is what the mailing did. In some segments it did much, in most nothing, and one it annoyed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from holbein.demo.arrow import coded, dates, numbered
from holbein.demo.companies import Companies
from holbein.demo.people import Indices
from holbein.demo.rhythm import Days, day_number
from holbein.demo.segments import SEGMENTS

CAMPAIGNS = (
    ("spring 2025", dt.date(2025, 3, 18)),
    ("autumn 2025", dt.date(2025, 9, 16)),
    ("spring 2026", dt.date(2026, 3, 17)),
)
ARMS = ("mailed", "control")
WINDOW = 30
"""So many days a purchase counts for."""
UPLIFT = {"retail chains": 0.18, "schools and clinics": 0.14, "coastal exporters": 0.10,
          "slow builders": -0.07}  # fmt: skip
"""How much more of a segment buy because of the mailing; nothing in the others."""
_ANYWAY = 0.09
"""So many would have bought just then without it."""


@dataclass(frozen=True)
class Campaigns:
    """The table, and the purchases that came of it, or would have come anyway."""

    table: pa.Table
    company: Indices
    day: Days


def make_campaigns(rng: np.random.Generator, c: Companies) -> Campaigns:
    """mailing_id, sent_on, company_id, campaign, arm (by lot), and after 30 days, on closed_on:
    opened (of the mailed), bought.
    """
    uplift = np.array([UPLIFT.get(one.name, 0.0) for one in SEGMENTS])[c.segment]
    number, company = [], []
    days = np.array([day_number(day) for _, day in CAMPAIGNS])
    for place, day in enumerate(days):
        there = (c.customer_since >= 0) & (c.customer_since < day - 30)
        mine = np.flatnonzero(there & (c.active_until > day + WINDOW))
        company.append(mine[rng.random(len(mine)) < 0.8])
        number.append(np.full(len(company[-1]), place))
    which, who = np.concatenate(number), np.concatenate(company)
    control = rng.random(len(who)) < 0.5
    opened = rng.random(len(who)) < np.clip(0.25 + uplift[who], 0.1, 0.6)
    bought = rng.random(len(who)) < _ANYWAY + np.where(control, 0.0, uplift[who])
    sent = days[which]
    table = pa.table({
        "mailing_id": numbered("ML", len(who)),
        "sent_on": dates(sent),
        "company_id": coded(who, c.keys),
        "campaign": coded(which, [name for name, _ in CAMPAIGNS]),
        "arm": coded(control.astype(np.int64), ARMS),
        "opened": pa.array(opened, mask=control),
        "bought": pa.array(bought),
        "closed_on": dates(sent + WINDOW),
    })  # fmt: skip
    buys = np.flatnonzero(bought)
    day = sent[buys] + 1 + rng.integers(0, WINDOW - 2, len(buys))
    return Campaigns(table, who[buys], day)
