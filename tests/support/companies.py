"""The small workspace of the tests of bad input with as many companies as are wanted, and what to ask
of it: of every column, and along every relation."""

from __future__ import annotations

import random

from holbein.conditions.tree import SubjectKind
from tests.support import bad_input

ASKED: dict[SubjectKind, tuple[str, ...]] = {
    "enterprise": (
        "employees > 50", "employees IN (60, 61, 62)", "founded < DATE '1990-01-01'", "big",
        "country = 'Germany'", "tier = 'high'", "name LIKE '%1%'", "region WITHIN '310000'",
        "products CONTAINS 'Tea'", "employees > revenue", "any_role(title = 'Boss')",
        "no_role(TRUE)", "count_roles(TRUE) >= 2", "role_share(title = 'Boss') >= 0.5",
        "parent(big)", "root(big)", "any_subsidiary(NOT big)", "any_descendant(TRUE)",
        "count_subsidiaries(TRUE) > 1", "count(orders) > 0",
    ),
    "person": ("any_role(enterprise(big))", "email IS NULL", "enterprise(big)"),
    "role": ("title = 'Boss'", "enterprise(big)", "person(email IS NULL)", "since IS NULL"),
}  # fmt: skip


def companies(number: int) -> dict[str, str]:
    """So many, in groups, and about twice as many people, with orders."""
    rng = random.Random(number)
    rows, people, orders = [], [], []
    for one in range(1, number + 1):
        parent = f"C{rng.randrange(1, one)}" if one > 1 and rng.random() < 0.5 else ""
        country, region = rng.choice((("Germany", "310000"), ("France", ""), ("", "310115")))
        founded = f"{rng.randrange(1900, 2020)}-01-01" if rng.random() < 0.8 else ""
        rows.append(f"C{one},N{one},{country},{region},{parent},{rng.randrange(120)},{founded}")
        for role in range(rng.randrange(4)):
            title, email = rng.choice(("Boss", "Clerk", "")), rng.choice(("", f"{one}@example.org"))
            people.append(f"P{one}.{role},C{one},N{role},{title},{email}")
        for order in range(rng.randrange(3)):
            product, amount = rng.choice(("Tea", "Rice", "Salt")), rng.randrange(200)
            orders.append(f"{one}.{order},C{one},2024-0{1 + order}-05,{product},{amount}")
    heads = (bad_input.COMPANIES, bad_input.CONTACTS, bad_input.ORDERS)
    names = ("crm/companies.csv", "crm/contacts.csv", "crm/orders.csv")
    return {
        name: "\n".join([head.splitlines()[0], *lines, ""])
        for name, head, lines in zip(names, heads, (rows, people, orders), strict=True)
    }
