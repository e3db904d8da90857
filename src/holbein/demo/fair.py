"""Who left a card at a fair: companies and people that the CRM knows already, written otherwise.

The list is not among the workspace's sources; it is there to be matched. Which entries are who is
told by the truth beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from holbein.demo.companies import NEVER, Companies
from holbein.demo.names import company_names, person_names
from holbein.demo.people import Indices, People

_SHORTER = (("集团股份有限公司", "集团"), ("有限公司", ""), ("有限公司", "有限责任公司"))
_WESTERN = ((" GmbH", " G.m.b.H."), (" Ltd", " Limited"), (" Inc", ", Inc."), (" AG", ""),
            (" BV", " B.V."), (" SAS", " S.A.S."))  # fmt: skip


@dataclass(frozen=True)
class Fair:
    """The table, and by row the company and person that it doubles; -1 where nobody is known."""

    table: pa.Table
    company: Indices
    person: Indices


def make_fair(rng: np.random.Generator, c: Companies, people: People, codes: pa.Array) -> Fair:
    """card_id, company, credit_code (some), person, birth_year (some). Four of five are known;
    about one company in ten left a card.
    """
    count = max(5, c.count // 10)
    person = rng.permutation(len(people.home))[: min(count, len(people.home))]
    known = rng.random(len(person)) < 0.8
    home = people.home[person]
    new = company_names(
        rng, ["65"] * len(person), ["CN"] * len(person), ["宜昌"] * len(person),
        np.arange(len(person)),
    )  # fmt: skip
    draw = rng.random((len(person), 3))
    names = [
        _otherwise(c.names[i], draw[k, 0], draw[k, 1]) if known[k] else new[k]
        for k, i in enumerate(home.tolist())
    ]
    strangers = person_names(rng, people.female[person], people.western[person])
    who = np.where(known, people.names[person], strangers)
    code = codes.take(pa.array(home)).to_pylist()
    untold = (people.birth[person] == NEVER) | (draw[:, 0] < 0.4) | ~known
    year = 1970 + people.birth[person] / 365.2425
    table = pa.table({
        "card_id": [f"CARD-{k + 1:06}" for k in range(len(person))],
        "company": pa.array(names, pa.string()),
        "credit_code": pa.array(
            [one if known[k] and draw[k, 2] < 0.4 else None for k, one in enumerate(code)],
            pa.string(),
        ),
        "person": pa.array([_spaced(name, draw[k, 1]) for k, name in enumerate(who)], pa.string()),
        "birth_year": pa.array(year.astype(np.int64), mask=untold),
    })  # fmt: skip
    return Fair(table, np.where(known, home, NEVER), np.where(known, person, NEVER))


def _otherwise(name: str, how: float, slip: float) -> str:
    """A company's name as it stands on a card: shortened, spelled out, or with a slip."""
    pairs = _SHORTER if name[-1] > "z" else _WESTERN
    start = int(how * len(pairs))
    for full, short in pairs[start:] + pairs[:start]:
        if name.endswith(full):
            name = name.removesuffix(full) + short
            break
    if slip < 0.1:
        place = 2 + int(slip * 10 * (len(name) - 4))
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    if slip < 0.3:
        return name.upper()
    return f" {name}" if slip < 0.4 else name


def _spaced(name: str, draw: float) -> str:
    """Some write the family name first, or in capitals."""
    first, space, last = name.partition(" ")
    if not space:
        return name
    return f"{last}, {first}" if draw < 0.3 else f"{first} {last.upper()}" if draw < 0.5 else name
