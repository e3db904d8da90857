"""The buying committee of an enterprise: who has which part in a purchase, how active each of them
is, and which parts nobody known has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holbein.portraits.speech import Speech
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.portraits.one.subject import RoleLine
    from holbein.query.own import Own

PARTS = ("decides", "influences", "uses", "buys", "pays", "blocks")
_NEEDED = PARTS[:-1]
"""That nobody blocks a purchase is no gap."""
DAYS = 90
_DEPARTMENTS = ("management", "finance", "procurement")
_MOST = 60
"""Seats of one picture; who has no part comes last, and is left out first."""


@dataclass(frozen=True)
class Seat:
    """A current role at the table: whose, with which part, and what happened lately."""

    role: str
    part: str
    """One of ``PARTS``; empty where it is not known."""
    name: str
    title: str
    facts: int
    """How many facts of the last 90 days are this role's."""
    last: dt.date | None
    """The day of the newest fact of all."""


@dataclass(frozen=True)
class Lane:
    """One part, readable, and who has it."""

    part: str
    title: str
    seats: tuple[Seat, ...]


@dataclass(frozen=True)
class Committee:
    """Those who act for an enterprise. ``missing`` are the titles of parts that nobody has."""

    lanes: tuple[Lane, ...]
    missing: tuple[str, ...]
    seats: int
    shown: int
    absent: tuple[str, ...] = ()
    """The departments that a purchase needs, as far as the data knows them, and nobody is from."""


def committee(own: Own, speech: Speech, roles: Sequence[RoleLine]) -> Committee | None:
    """The committee that an enterprise's current roles make; None where nobody is known, or where
    the workspace knows no buying roles."""
    current = [one for one in roles if one.current]
    spec = speech.vocabulary.fields["role"].get("buying_role")
    if not current or spec is None:
        return None
    pulse = _pulse(own)
    seats = [
        Seat(
            one.id,
            one.part,
            one.person.name if one.person else one.id,
            one.title,
            *pulse.get(one.id, (0, None)),
        )
        for one in current
    ]
    seats.sort(key=lambda one: (not one.part, -one.facts, one.name))
    shown = seats[:_MOST]
    names = [*PARTS, *sorted({one.part for one in seats} - {*PARTS, ""}), ""]
    lanes = [
        Lane(
            name,
            speech.heading(speech.label(spec, name)) if name else speech.t("No part known"),
            tuple(one for one in shown if one.part == name),
        )
        for name in names
    ]
    held = {one.part for one in seats}
    return Committee(
        tuple(one for one in lanes if one.seats or one.part in _NEEDED),
        tuple(one.title for one in lanes if one.part in _NEEDED and one.part not in held),
        len(seats),
        len(shown),
        _absent(speech, current),
    )


def gaps(speech: Speech, found: Committee) -> str:
    """Whom nobody known stands for, in words; empty where nobody is missing."""
    comma = "、" if speech.language == "zh" else ", "
    said = []
    if found.missing:
        parts = comma.join(found.missing)
        said.append(speech.t("Nobody known for: {parts}.").format(parts=parts))
    if found.absent:
        departments = comma.join(found.absent)
        said.append(speech.t("No one from: {departments}.").format(departments=departments))
    return ("" if speech.language == "zh" else " ").join(said)


def _absent(speech: Speech, current: Sequence[RoleLine]) -> tuple[str, ...]:
    spec = speech.vocabulary.fields["role"].get("department")
    if spec is None:
        return ()
    titles = [
        speech.heading(speech.label(spec, name)) for name in _DEPARTMENTS if name in spec.values
    ]
    known = {one.department for one in current}
    return tuple(one for one in titles if one not in known)


def _pulse(own: Own) -> Mapping[str, tuple[int, dt.date]]:
    """Of each role with facts: how many it has of late, and the day of its newest."""
    first = own.query.as_of.day - dt.timedelta(days=DAYS)
    out: dict[str, tuple[int, dt.date]] = {}
    for one in own.newest():
        if one.fact.role is not None:
            role = format_id("role", one.fact.role)
            count, last = out.get(role, (0, one.day))
            out[role] = count + (one.day > first), last
    return out
