"""What is drawn of one subject: its committee, its months, its standing among all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from holbein.conditions.vocabulary import Language, Vocabulary
from holbein.portraits import portrait, subject_page
from holbein.portraits.names import SubjectRef
from holbein.portraits.one.family import family
from holbein.portraits.one.peers import PeerLine
from holbein.portraits.one.rhythm import rhythm
from holbein.portraits.speech import Speech
from holbein.query import Query
from holbein.query.own import Own
from tests.unit.portraits import samples

AS_OF = dt.date(2026, 6, 30)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_committee_has_every_current_role_once(query: Query, language: Language) -> None:
    drawn = portrait(query, "enterprise", "crm:C001", language)
    found = drawn.committee
    assert found is not None
    current = [one for one in drawn.roles if one.current]
    seats = [seat for lane in found.lanes for seat in lane.seats]
    assert sorted(one.role for one in seats) == sorted(one.id for one in current)
    assert found.seats == found.shown == len(current)
    parts = {one.id: one.buying_role for one in current}
    for lane in found.lanes:
        for seat in lane.seats:
            assert parts[seat.role] == (lane.title if lane.part else "")
    empty = [one.title for one in found.lanes if not one.seats]
    assert list(found.missing) == empty
    assert not any(one.part == "blocks" and not one.seats for one in found.lanes)


def test_a_seat_counts_the_facts_of_its_role(query: Query) -> None:
    found = portrait(query, "enterprise", "crm:C001").committee
    assert found is not None
    first = query.as_of.day - dt.timedelta(days=89)
    for seat in (one for lane in found.lanes for one in lane.seats):
        days = [
            one.day for one in Own(query, "role", query.resolve("role", seat.role), {}).newest()
        ]
        assert seat.facts == sum(day >= first for day in days)
        assert seat.last == max(days, default=None)


def test_only_enterprises_have_a_committee(query: Query) -> None:
    assert portrait(query, "person", "p3").committee is None
    assert portrait(query, "role", "r4").committee is None


def test_months_hold_every_fact_once(query: Query) -> None:
    drawn = portrait(query, "enterprise", "crm:C001")
    assert drawn.rhythm is not None
    facts = Own(query, "enterprise", query.resolve("enterprise", "crm:C001"), {}).newest()
    assert sum(one.total for one in drawn.rhythm.lanes) + drawn.rhythm.earlier == len(facts)
    assert drawn.rhythm.months[-1] == query.as_of.day.replace(day=1)


def test_months_go_over_years_and_begin_where_something_was() -> None:
    speech = Speech("en", Vocabulary(fields={}, streams={}))
    happened = [("orders", dt.date(2025, 11, 3)), ("orders", AS_OF), ("orders", AS_OF)]
    found = rhythm(speech, happened, AS_OF)
    assert found is not None
    assert found.months == tuple(
        dt.date(y, m, 1)
        for y, m in ((2025, 11), (2025, 12), *((2026, month) for month in range(1, 7)))
    )
    assert found.lanes[0].months == (1, 0, 0, 0, 0, 0, 0, 2)
    old = rhythm(speech, [*happened, ("visits", dt.date(2020, 1, 1))], AS_OF)
    assert old is not None
    assert (len(old.months), old.earlier, len(old.lanes)) == (24, 1, 1)
    assert rhythm(speech, [], AS_OF) is None
    assert rhythm(speech, [("orders", dt.date(2020, 1, 1))], AS_OF) is None
    short = rhythm(speech, [("orders", AS_OF)], AS_OF)
    assert short is not None
    assert len(short.months) == 6


def test_a_page_draws_against_peers_where_they_have_numbers() -> None:
    one = samples.subject()
    assert "Against all others" in subject_page(one)
    assert one.peers is not None
    numbers = tuple(
        replace(t, name=n, type="number")
        for t, n in zip(one.categories[0].tags, "abc", strict=True)
    )
    lines = tuple(
        PeerLine(n, True, share, 84, "") for n, share in (("a", 0.25), ("b", 0.96), ("c", 0.5))
    )
    known = replace(
        one,
        categories=(replace(one.categories[0], tags=numbers),),
        peers=replace(one.peers, lines=(*lines, PeerLine("gone", True, 0.1, 84, ""))),
    )
    page = subject_page(known)
    assert "Against its peers" in page
    assert "Against all others" not in page
    for told in (
        "84 with the same Industry: Software",
        "percentile 25",
        "highest tenth",
        "percentile 50",
    ):
        assert told in page
    assert "Blauer See Delikatessen" in page
    assert "Peers that it resembles" not in subject_page(replace(known, peers=None))


def test_a_family_has_those_above_beside_and_below(query: Query) -> None:
    names = {
        key: portrait(query, "enterprise", f"crm:{key}").name for key in ("C001", "C006", "C007")
    }
    middle = portrait(query, "enterprise", "crm:C006")
    assert [one.name for one in middle.ancestors] == [names["C001"]]
    assert [one.name for one in middle.siblings] == [names["C007"]]
    assert middle.subsidiary_count == len(middle.subsidiaries) == 1
    assert middle.sibling_count == 1
    alone = portrait(query, "enterprise", "crm:C001")
    assert (alone.siblings, alone.sibling_count) == ((), 0)


def test_of_many_a_hundred_are_named_and_all_are_counted(
    query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [query.resolve("enterprise", f"crm:C{n:03d}") for n in (1, 6, 7, 8, 9)]
    parent, here = ids[:2]
    below = {parent: [here, *ids[2:] * 50], here: ids[2:] * 40}
    monkeypatch.setattr(query, "family", lambda one: ([parent] if one == here else [], below[one]))
    found = family(query, here)
    assert (len(found.siblings), found.sibling_count) == (100, 150)
    assert (len(found.subsidiaries), found.subsidiary_count) == (100, 120)


@pytest.mark.parametrize(("language", "more"), [("en", "and 1,193 more"), ("zh", "另有1,193")])
def test_a_page_has_those_beside_below_the_tree_of_its_own(language: Language, more: str) -> None:
    """As many as fit, in the order of a tree, each once; and how many there are besides."""
    p = samples.subject(language)
    page = subject_page(p)
    tree = page[page.index('<ul class="family">') :]
    tree = tree[: tree.index("</ul>")]
    listed = [*p.ancestors, SubjectRef(p.kind, p.id, p.name), *p.subsidiaries, *p.siblings[:10]]
    places = [tree.index(f">{one.id}<") for one in listed]
    assert places == sorted(places)
    assert f">{p.siblings[10].id}<" not in tree
    assert tree.count('class="beside"') == 11
    assert tree.index(more) > places[-1]
    few = replace(p, siblings=p.siblings[:3], sibling_count=3)
    assert more not in subject_page(few)
    assert 'class="beside"' not in subject_page(replace(p, siblings=(), sibling_count=0))
