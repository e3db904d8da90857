"""Each kind of tag on a few companies, worked out by hand."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import holbein
from tests.support.workspaces import write_workspace

FILES = {
    "holbein.yaml": "name: small\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw
    enterprises: {table: accounts, id: id, name: name, size: size, since: {column: since, type: date}}
    people: {table: people, id: id, name: name}
    roles: {table: roles, id: id, enterprise: account, person: person, title: title}
    streams:
      orders: {table: orders, key: id, at: at, enterprise: account, role: role,
               columns: {product: product, amount: {column: amount, type: money}}}
""",
    "tags/all.yaml": """
tags:
  - {tag: founded, attribute: since}
  - {tag: revenue, value: "sum(orders.amount, '30 days')"}
  - {tag: loyal, where: "revenue > 10 AND years_since(founded) >= 1"}
  - tag: tier
    cases: [{top: "loyal"}, {some: "revenue > 0"}]
  - tag: scale
    band: {of: size, below: [{small: 10}, {middle: 100}], else: large}
  - tag: open_scale
    band: {of: size, below: [{small: 10}, {middle: 100}]}
  - {tag: favourite, prefers: {stream: orders, by: product}}
  - {tag: costly, prefers: {stream: orders, by: product, weight: amount, top: 2}}
  - {tag: lately, prefers: {stream: orders, by: product, half_life: 7 days}}
  - {tag: small_ones, prefers: {stream: orders, by: product, top: 3, window: 10 days, where: "amount < 5"}}
  - {tag: score, type: number, imported: {file: lists/scores.csv, source: crm, id: account, value: points}}
  - {tag: listed, imported: {file: lists/scores.csv, source: crm, id: account}}
  - {tag: buys, on: role, where: "count(orders) > 0"}
  - {tag: at_loyal, on: role, where: "enterprise(loyal)"}
  - {tag: buyers, value: "count_roles(buys)"}
  - {tag: known_at, on: person, value: "count_roles(TRUE)"}
""",
    "raw/accounts.csv": "id,name,size,since\n"
    "a,Alpha,9,2020-01-01\nb,Beta,10,2024-01-01\nc,Gamma,100,\nd,Delta,,2020-01-01\n",
    "raw/people.csv": "id,name\np,Pia\nq,Quan\n",
    "raw/roles.csv": "id,account,person,title\nr,a,p,Head\ns,b,p,Head\nt,b,q,Clerk\n",
    "raw/orders.csv": "id,account,role,at,product,amount\n"
    "1,a,r,2024-05-01,Tea,20\n"
    "2,a,,2024-05-20,Rice,4\n"
    "3,a,,2024-05-21,Rice,4\n"
    "4,b,t,2024-04-01,Tea,3\n"
    "5,b,,2024-05-29,Salt,3\n"
    "6,b,,2024-05-30,Salt,-1\n"
    "7,c,,2024-05-10,Oil,0\n",
    "lists/scores.csv": "account,points\nb,2.5\na,\nx,9\n",
}
AS_OF = dt.date(2024, 5, 30)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """tag → key of the source → value, over all kinds."""
    folder: Path = write_workspace(tmp_path_factory.mktemp("kinds") / "small", FILES)
    workspace = holbein.open(folder)
    workspace.run(as_of=AS_OF)
    out: dict[str, dict[str, Any]] = {}
    for tag in workspace.tags():
        table = workspace.select("TRUE", on=tag.on, columns=["key", tag.tag])
        keys = [key.removeprefix("crm:") for key in table["key"].to_pylist()]
        out[tag.tag] = dict(zip(keys, table[tag.tag].to_pylist(), strict=True))
    return out


def each(*values: Any) -> dict[str, Any]:
    return dict(zip("abcd", values, strict=True))


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("founded", each(dt.date(2020, 1, 1), dt.date(2024, 1, 1), None, dt.date(2020, 1, 1))),
        # 1 May is 30 days ago with the as-of day: the first day of the window.
        ("revenue", each(28.0, 2.0, 0.0, 0.0)),
        ("loyal", each(True, False, False, False)),
        ("tier", each("top", "some", None, None)),
        ("scale", each("small", "middle", "large", None)),
        ("open_scale", each("small", "middle", None, None)),
        # Most facts; nobody prefers what weighs nothing.
        ("favourite", each("Rice", "Salt", "Oil", None)),
        ("costly", each(["Tea", "Rice"], ["Tea", "Salt"], None, None)),
        ("lately", each("Rice", "Salt", "Oil", None)),
        ("small_ones", each(["Rice"], ["Salt"], None, None)),
        ("score", each(None, 2.5, None, None)),
        ("listed", each(True, True, None, None)),
        ("buyers", each(1.0, 1.0, 0.0, 0.0)),
        ("buys", {"r": True, "s": False, "t": True}),
        ("at_loyal", {"r": True, "s": False, "t": False}),
        ("known_at", {"p": 2.0, "q": 1.0}),
    ],
)
def test_a_kind_of_tag(told: dict[str, dict[str, Any]], tag: str, expected: dict[str, Any]) -> None:
    assert told[tag] == expected


def test_every_tag_is_looked_at(told: dict[str, dict[str, Any]]) -> None:
    assert len(told) == 16


def test_half_life_halves_by_age(tmp_path: Path) -> None:
    """Three facts of 14 days ago weigh 3/4 of one of today; five weigh 5/4."""
    for count, liked in ((3, "New"), (5, "Old")):
        old = "".join(f"{one},a,,2024-05-16,Old,1\n" for one in range(count))
        files = FILES | {
            "raw/orders.csv": f"id,account,role,at,product,amount\n{old}n,a,,2024-05-30,New,1\n",
        }
        workspace = holbein.open(write_workspace(tmp_path / str(count), files))
        workspace.run(as_of=AS_OF)
        found = workspace.select("TRUE", columns=["lately"])["lately"].to_pylist()
        assert found[0] == liked


WEIGHED = FILES | {
    "sources/crm.yaml": FILES["sources/crm.yaml"].replace(
        "product: product,", "product: product, weight: weight,"
    )
}


def test_large_weights_may_have_a_half_life(tmp_path: Path) -> None:
    """Whole numbers of 2^42 and more add up as doubles once they are halved."""
    files = WEIGHED | {
        "raw/orders.csv": "id,account,role,at,product,amount,weight\n"
        "1,a,,2024-05-01,Old,1,20000000000000\n2,a,,2024-05-30,New,1,9000000000000\n",
    }
    tags = FILES["tags/all.yaml"].replace("half_life: 7 days", "weight: weight, half_life: 7 days")
    workspace = holbein.open(write_workspace(tmp_path / "w", files | {"tags/all.yaml": tags}))
    workspace.run(as_of=AS_OF)
    assert workspace.select("TRUE", columns=["lately"])["lately"].to_pylist()[0] == "New"


def test_zero_has_one_sign(tmp_path: Path) -> None:
    files = WEIGHED | {
        "raw/orders.csv": "id,account,role,at,product,amount,weight\n"
        "1,a,,2024-05-01,Tea,1,-0.0\n2,a,,2024-05-02,Tea,1,0\n3,a,,2024-05-03,Tea,1,-0\n",
    }
    workspace = holbein.open(write_workspace(tmp_path / "w", files))
    version = workspace.run(as_of=AS_OF)
    weights = version.read("stream.orders")["weight"].to_numpy()
    assert list(np.signbit(weights)) == [False, False, False]


def test_changes_are_kept_from_run_to_run(tmp_path: Path) -> None:
    workspace = holbein.open(write_workspace(tmp_path / "small", FILES))
    for day in (dt.date(2024, 5, 29), dt.date(2024, 5, 30), dt.date(2024, 5, 31)):
        workspace.run(as_of=day)
    changes = workspace.query.changes("enterprise", tag="revenue").to_pylist()
    told = [
        (one["id"], one["day"].day, json.loads(one["old"]), json.loads(one["new"]))
        for one in changes
    ]
    # Order 6 on the 30th; order 1 leaves the window of a on the 31st.
    assert told == [(2, 30, 3, 2), (1, 31, 28, 8)]
    assert workspace.count("became(tier, 'some', '1 day')") == 1
    assert workspace.count("became(loyal, FALSE, '1 day')") == 1
    workspace.run(as_of=dt.date(2024, 5, 31))  # again: reckoned against the 30th, as before
    assert workspace.count("became(tier, 'some', '1 day')") == 1
    workspace.run(as_of=dt.date(2024, 6, 2))
    assert workspace.count("became(tier, 'some', '2 days')") == 0
    assert workspace.count("became(tier, 'some', '3 days')") == 1


def test_a_tag_that_means_something_else_has_not_changed(tmp_path: Path) -> None:
    folder = write_workspace(tmp_path / "small", FILES)
    workspace = holbein.open(folder)
    workspace.run(as_of=dt.date(2024, 5, 29))
    file = folder / "tags" / "all.yaml"
    # Everyone who ever bought is "some" now, and so would c be; who uses the tag is not noted either.
    file.write_text(
        file.read_text().replace('{some: "revenue > 0"}', '{some: "count(orders) > 0"}')
    )
    workspace.run(as_of=dt.date(2024, 5, 30))
    assert workspace.count("tier = 'some'") == 2
    assert workspace.query.changes("enterprise", tag="tier").num_rows == 0
    assert workspace.query.changes("enterprise", tag="revenue").num_rows == 1
    workspace.run(as_of=dt.date(2024, 6, 30))
    assert workspace.query.changes("enterprise", tag="tier").num_rows == 1


def test_features_mean_what_the_run_meant(tmp_path: Path) -> None:
    folder = write_workspace(tmp_path / "small", FILES)
    workspace = holbein.open(folder)
    workspace.run(as_of=AS_OF)
    file = folder / "tags" / "all.yaml"
    file.write_text(file.read_text().replace("'30 days'", "'300 days'"))
    (folder / "raw" / "orders.csv").unlink()
    found = workspace.features(["crm:a", "crm:b"], [AS_OF, AS_OF], ["revenue"])
    assert found["revenue"].to_pylist() == [28.0, 2.0]
