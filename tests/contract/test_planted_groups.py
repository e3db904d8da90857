"""What the demo world planted is told of its groups, and found again from a part of them."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

import holbein
from holbein.conditions.tree import SubjectKind
from holbein.demo.world import AS_OF, Truth, make
from holbein.workspace import Workspace

TRADE = {"sector"}
PLACE = {"place", "in_china", "delta"}
AGE = {"founded", "company_age"}
SIZE = {"employees", "size_band"}
OWNER = {"owner_type"}
TASTE = {"favourite_category", "favourite_products", "first_product", "last_product"}
USE = {"favourite_features"}
RIVAL = {"rival_products"}
PAYING = {"payment_habit", "typical_days_to_pay", "invoices_late", "overdue_invoices"}
SILENCE = {
    "activity", "buyer_type", "churn_risk", "customer_phase", "days_since_login",
    "days_since_order", "renewal_date", "revenue_90d", "stage", "trend", "value_tier",
}  # fmt: skip

USUAL = TRADE | TASTE | USE | RIVAL
"""What every planted segment has of its own."""

PLANTED = {
    "digital factories": USUAL | PLACE | SIZE,
    "young software": USUAL | PLACE | SIZE | AGE,
    "retail chains": USUAL,
    "careful finance": USUAL | PLACE | SIZE,
    "western science": USUAL | PLACE,
    "slow builders": USUAL | PAYING,
    "coastal exporters": USUAL | PLACE | SIZE,
    "state energy": USUAL | PLACE | SIZE | OWNER,
    "schools and clinics": USUAL,
    "western carriers": USUAL | PLACE | SIZE | OWNER,
    "dormant": SILENCE,
    "late payers": PAYING,
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Truth]:
    folder = tmp_path_factory.mktemp("planted") / "demo"
    truth = make(folder, enterprises=2000, seed=5)
    workspace = holbein.open(folder)
    workspace.run(as_of=AS_OF)
    return workspace, truth


def _members(workspace: Workspace, truth: Truth, name: str) -> list[int]:
    """The ids of a planted group, ascending."""
    apart = {"dormant": truth.dormant, "late payers": truth.late_payers}
    keys = apart.get(name) or {key for key, one in truth.segments.items() if one == name}
    known = workspace.query.aliases("enterprise").to_pylist()
    return sorted(one["id"] for one in known if one["source"] == "crm" and one["key"] in keys)


@pytest.mark.parametrize("name", PLANTED)
def test_planted_groups_are_told_by_what_was_planted(
    world: tuple[Workspace, Truth], name: str
) -> None:
    workspace, truth = world
    members = _members(workspace, truth, name)
    workspace.store.lists.write(
        name, "enterprise", pa.array(members, pa.int64()), title=name, made_from="what was planted"
    )
    portrait = holbein.open(workspace.folder).group_portrait(f"in_audience('{name}')")
    first = [one.name for one in portrait.telling[:5]]
    assert len(set(first) & PLANTED[name]) >= 4, first


def _found(workspace: Workspace, condition: str, kind: SubjectKind = "enterprise") -> set[str]:
    """The keys in the CRM of those who meet a condition."""
    ids = set(workspace.select(condition, on=kind)["id"].to_pylist())
    known = workspace.query.aliases(kind).to_pylist()
    return {one["key"] for one in known if f"{kind[0].upper()}{one['id']}" in ids}


def test_tags_find_what_was_planted(world: tuple[Workspace, Truth]) -> None:
    """Few are named wrongly, and of those of whom enough is known most are named."""
    workspace, truth = world
    rings = set().union(*truth.rings)
    for condition, kind, planted, all_of_it in (
        ("works_late", "person", truth.late_workers, 0.4),
        ("bolder_than_said", "enterprise", truth.too_bold, 0.4),
        ("strange_neighbours >= 1", "enterprise", rings, 0.6),
        ("overdue_invoices >= 2", "enterprise", truth.non_payers, 0.5),
    ):
        found = _found(workspace, condition, kind)  # type: ignore[arg-type]
        right = len(found & planted)
        assert right >= 0.75 * len(found), (condition, len(found), right)
        assert right >= all_of_it * len(planted), (condition, len(planted), right)


def test_a_truth_of_two_tags_together_is_the_first_cross(world: tuple[Workspace, Truth]) -> None:
    """Who would recommend the vendor: private companies in the Yangtze delta. It is found among all
    pairs of values of all tags, and is more than its two tags lead to expect."""
    workspace, truth = world
    portrait = workspace.group_portrait("recommends")
    first = portrait.crosses[0]
    assert dict(zip(first.names, first.cell.values, strict=True)) == {
        "owner_type": "private", "delta": "Yangtze River delta",
    }  # fmt: skip
    assert first.cell.q is not None
    assert first.cell.q < 1e-3
    assert first.cell.share is not None
    assert first.cell.expected is not None
    assert first.cell.share > 1.15 * first.cell.expected
    found = _found(workspace, "owner_type = 'private' AND delta = 'yangtze'")
    assert len(found & truth.promoters) >= 0.95 * len(found)
    assert len(found & truth.promoters) >= 0.7 * len(truth.promoters)


# --- look-alikes ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Truth]:
    folder = tmp_path_factory.mktemp("look-alikes") / "demo"
    truth = make(folder, enterprises=8000, seed=5)
    workspace = holbein.open(folder)
    workspace.run(as_of=AS_OF)
    return workspace, truth


@pytest.mark.slow
def test_a_planted_group_is_found_from_a_tenth_of_it(large: tuple[Workspace, Truth]) -> None:
    """Of those found, as many being asked for as are left of the group, four of five belong to it,
    whichever the group. A fifth of all companies are of any trade and taste; some of them are just
    like a segment, so that nobody could find it whole.
    """
    workspace, truth = large
    right = {name: _precision(workspace, truth, name) for name in PLANTED}
    assert min(right.values()) >= 0.8, right


def test_there_are_ten_segments(world: tuple[Workspace, Truth]) -> None:
    segments = set(world[1].segments.values()) - {"others"}
    assert len(segments) == 10
    assert segments <= set(PLANTED)


def _precision(workspace: Workspace, truth: Truth, name: str) -> float:
    """The share of those found who belong to the group, over three draws of a tenth."""
    members = _members(workspace, truth, name)
    right = 0.0
    for draw in range(3):
        seed = random.Random(f"{name} {draw}").sample(members, len(members) // 10)
        listed = f"tenth {draw} of {name}"
        workspace.store.lists.write(
            listed, "enterprise", pa.array(sorted(seed), pa.int64()), title=listed, made_from="test"
        )
        asked = holbein.open(workspace.folder)
        found = asked.look_alikes(f"in_audience('{listed}')", size=len(members) - len(seed))
        alike = set(found.found["id"].to_pylist())
        assert not alike & set(seed)
        right += len(alike & set(members)) / len(alike) / 3
    return right
