"""Random small worlds, with ties, boundary times, gaps and missing values drawn on purpose.

Everything comes from the ``random.Random`` that is given, so a seed says it all.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from holbein.conditions import tree
from holbein.conditions.bind import bind
from holbein.conditions.instants import AsOf, at_instant, end_of, local_day, utc
from holbein.conditions.reference import Change, Fact, RoleLink, State, Value, World
from holbein.conditions.spans import shift
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import AudienceSpec, FieldSpec, StreamSpec, Type, Vocabulary
from tests.support.codes import REGIONS

ZONES = ("UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York")
# Leap days, month ends, and days on which a clock changes in Berlin or New York.
DAYS = (
    "2024-02-29",
    "2024-03-31",
    "2024-10-27",
    "2025-02-28",
    "2024-03-10",
    "2024-05-31",
    "2024-03-30",
    "2023-12-31",
)
# How many days back window edges lie.
EDGES = (0, 0, 1, 6, 7, 8, 13, 14, 28, 29, 30, 31, 59, 60, 61, 89, 90, 91, 180, 364, 365, 366)
SIZES: Mapping[SubjectKind, int] = {"enterprise": 30, "person": 50, "role": 70}
EVENTS = ("login", "visit", "trial", "page view")

NAMES = (
    "Alpha", "alpha GmbH", "50% Off", "500 Off", "A_B", "AxB", "back\\slash", "", "ÉCOLE", "Straße",
    "上海贸易", "上海 Trading", "O'Neil", "two\nlines", "Alpha\nBeta", "🏭 Works", "ΣΙΓΜΑΣ",
)  # fmt: skip
LABELS = ("Seafood", "Tea", "tea", "海鲜", "Dairy_1", "100%")
TITLES = ("CFO", "Vice CFO", "cfo", "Engineer", "Head of IT", "财务总监")
_SPECS: Mapping[SubjectKind, Mapping[str, str]] = {
    "enterprise": {
        "name": "category", "industry": "category", "region": "codes", "employees": "number",
        "score": "number", "active": "boolean", "founded": "date", "renewal_date": "date",
        "markets": "categories",
        "tier": "tag category", "interests": "tag categories", "places": "tag categories codes",
        "risk": "tag number", "checked": "tag boolean", "reviewed": "tag date",
    },
    "person": {
        "name": "category", "gender": "category", "home": "codes", "age": "number",
        "subscribed": "boolean", "birth_date": "date",
        "mood": "tag category", "fond": "tag categories", "warmth": "tag number",
        "vip": "tag boolean", "met": "tag date",
    },
    "role": {
        "title": "category", "buying_role": "category", "level": "number", "remote": "boolean",
        "since": "date", "until": "date",
        "stage": "tag category", "themes": "tag categories", "reach": "tag number",
        "engaged": "tag boolean", "contacted": "tag date",
    },
}  # fmt: skip
_STREAMS: Mapping[str, tuple[tuple[SubjectKind, ...], Mapping[str, str]]] = {
    "event": (
        SUBJECT_KINDS,
        {"name": "category", "page": "category", "seconds": "number", "topics": "categories"},
    ),
    "orders": (
        SUBJECT_KINDS,
        {
            "amount": "number", "discount": "number", "status": "category", "product": "category",
            "region": "codes", "paid": "boolean", "due": "date", "closed_value": "number",
        },
    ),
    "tickets": (("enterprise",), {"severity": "number", "topic": "category", "answered": "date"}),
}  # fmt: skip
DELAYED = {"orders": ("closed_value",)}
_WORDS: Mapping[str, Sequence[str]] = {
    "name": NAMES,
    "industry": ("Software", "Retail", "retail", "Holding"),
    "gender": ("female", "male"),
    "title": TITLES,
    "buying_role": ("decides", "influences", "uses"),
    "tier": ("high", "middle", "low"),
    "mood": ("warm", "cold"),
    "stage": ("new", "won", "lost"),
    "page": ("/pricing", "/home", "/Pricing", "/a_b"),
    "status": ("paid", "open"),
    "product": ("Chai", "chai", "Tofu", "Chang"),
    "topic": ("bill", "bug"),
}


def _spec(name: str, text: str) -> FieldSpec:
    plain = text.removeprefix("tag ")
    type_: Type = "category" if plain == "codes" else plain.split()[0]  # type: ignore[assignment]
    codes = REGIONS if plain.endswith("codes") else None
    return FieldSpec(name, type_, codes=codes, is_tag=text.startswith("tag "))


def _specs(texts: Mapping[str, str]) -> dict[str, FieldSpec]:
    return {name: _spec(name, text) for name, text in texts.items()}


WORDS = Vocabulary(
    fields={kind: _specs(texts) for kind, texts in _SPECS.items()},
    streams={
        name: StreamSpec(name, frozenset(bears), _specs(texts))
        for name, (bears, texts) in _STREAMS.items()
    },
    events={name: {} for name in EVENTS},
)
"""The vocabulary of every random world, without its audiences."""


def random_world(rng: random.Random) -> tuple[World, Vocabulary]:
    """About 30 enterprises, 50 people, 70 roles and 900 facts, and the words to ask about them."""
    zone, day = ZoneInfo(rng.choice(ZONES)), dt.date.fromisoformat(rng.choice(DAYS))
    cents = frozenset(one for one in ("seconds", "discount", "closed_value") if rng.random() < 0.5)
    return _Maker(rng, zone, day, cents).made()


def random_as_of(rng: random.Random, world: World) -> AsOf:
    """The end of a day, or a moment; often such that a fact lies exactly on an edge."""
    facts = [fact for stream in world.streams.values() for fact in stream]
    day = _middle(world)
    if rng.random() < 0.6:
        return end_of(day, world.zone)
    if rng.random() < 0.4:
        return end_of(day + dt.timedelta(days=rng.choice((-60, -30, -7, -1, 1, 7))), world.zone)
    near = [one.at for one in facts if abs((local_day(one.at, world.zone) - day).days) < 9]
    moment = rng.choice(near or [facts[0].at])
    moment += dt.timedelta(hours=rng.choice((0, 0, 0, 1, 24, 48)))
    return at_instant(moment.replace(tzinfo=dt.UTC), world.zone)


def random_subject(rng: random.Random, world: World) -> tuple[SubjectKind, int]:
    """A kind and one of its subjects."""
    kind = rng.choice(SUBJECT_KINDS)
    return kind, rng.choice(sorted(world.states[kind]))


def random_pair(rng: random.Random, world: World) -> tuple[SubjectKind, int, AsOf]:
    """A subject, and an instant of its own."""
    kind, subject = random_subject(rng, world)
    return kind, subject, random_as_of(rng, world)


def _middle(world: World) -> dt.date:
    """The day that the world was made around: the last change lies a week after it."""
    return local_day(world.changes[-1].at, world.zone) - dt.timedelta(days=8)


@dataclass
class _Maker:
    rng: random.Random
    zone: ZoneInfo
    day: dt.date
    cents: frozenset[str]
    """Columns of streams whose numbers have two decimals at most."""

    def made(self) -> tuple[World, Vocabulary]:
        states: dict[SubjectKind, dict[int, tuple[State, ...]]] = {
            kind: {one: self.history(kind) for one in range(1, size + 1)}
            for kind, size in SIZES.items()
        }
        tags = {kind: {one: self.tags(kind) for one in states[kind]} for kind in SUBJECT_KINDS}
        roles = {one: self.role() for one in states["role"]}
        # Somebody who moved, on the very day, and somebody at two companies.
        roles[1] = RoleLink(1, 1, None, self.day)
        roles[2] = RoleLink(2, 1, self.day, None)
        roles[3], roles[4] = RoleLink(1, 2, None, None), RoleLink(2, 2, None, None)
        events = self.facts("event", 420, roles)
        world = World(
            zone=self.zone,
            states=states,
            roles=roles,
            parents=self.parents(),
            streams={
                "event": tuple(events),
                "orders": tuple(self.twins(self.facts("orders", 360, roles), events)),
                "tickets": tuple(self.facts("tickets", 90, roles)),
            },
            tags=tags,
            audiences={
                f"{kind} list": frozenset(self.rng.sample(sorted(states[kind]), 12))
                for kind in SUBJECT_KINDS
            },
            changes=self.changes(tags),
        )
        return world, self.vocabulary()

    # --- values ---------------------------------------------------------------------------------

    def date(self) -> dt.date:
        draw = self.rng.random()
        if draw < 0.15:
            return self.day
        return self.day + dt.timedelta(days=self.rng.randint(-5, 60)) if draw < 0.4 else self.edge()

    def edge(self) -> dt.date:
        """A day where windows begin or end: some days back, or whole months or years back."""
        if self.rng.random() < 0.6:
            return self.day - dt.timedelta(days=self.rng.choice(EDGES))
        months = self.rng.choice((1, 1, 1, 2, 2, 3, 12, 12, 24))
        return shift(self.day, -months, "month") + dt.timedelta(days=self.rng.choice((-1, 0, 0, 1)))

    def value(self, name: str, text: str) -> Value:
        rng = self.rng
        if rng.random() < 0.15:
            return None
        kind = text.removeprefix("tag ")
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "number":
            if name == "amount":
                return Decimal(rng.randint(1, 4000)) / Decimal(100)
            if rng.random() < 0.05:
                return float(rng.choice(("nan", "inf", "-inf")))
            if name in self.cents:
                return rng.randint(-400, 1200) / 100
            return rng.randint(-4, 12) * rng.choice((0.25, 0.1, 1 / 3, 1.0, 1.0))
        if kind == "date":
            years = rng.choice((0, 0, 0, 1, 2, 24)) if name != "birth_date" else rng.randint(18, 60)
            return shift(self.date(), -years, "year")
        if kind == "codes":
            return rng.choice((*REGIONS.parents, "Atlantis"))
        if kind.startswith("categories"):
            words = tuple(REGIONS.parents) if kind.endswith("codes") else LABELS
            return tuple(sorted(rng.sample(words, rng.randint(0, 3))))
        return rng.choice(_WORDS[name])

    def values(self, texts: Mapping[str, str], tags: bool) -> dict[str, Value]:
        return {
            name: self.value(name, text)
            for name, text in texts.items()
            if text.startswith("tag ") == tags and name not in ("since", "until")
        }

    def tags(self, kind: SubjectKind) -> dict[str, Value]:
        return self.values(_SPECS[kind], tags=True)

    # --- subjects -------------------------------------------------------------------------------

    def midnight(self, day: dt.date) -> dt.datetime:
        return utc(dt.datetime.combine(day, dt.time()), self.zone)

    def history(self, kind: SubjectKind) -> tuple[State, ...]:
        """Mostly one state that always held; else some that follow each other, or leave a gap."""
        rng, texts = self.rng, _SPECS[kind]
        if rng.random() < 0.6:
            return (State(None, None, self.values(texts, tags=False)),)
        days = {self.day + dt.timedelta(days=rng.choice((1, 0, -1, -6, -30, -90))) for _ in "123"}
        edges = [self.midnight(day) for day in sorted(days)]
        bounds: list[dt.datetime | None] = [rng.choice((None, edges[0])), *edges[1:]]
        if bounds == [None] and len(edges) == 1 and rng.random() < 0.5:
            return (State(None, edges[0], self.values(texts, tags=False)),)
        out = []
        for place, start in enumerate(bounds):
            end = bounds[place + 1] if place + 1 < len(bounds) else None
            if end is not None and rng.random() < 0.2:
                end -= dt.timedelta(hours=12)
            out.append(State(start, end, self.values(texts, tags=False)))
        return tuple(out)

    def role(self) -> RoleLink:
        rng = self.rng
        edge = self.day + dt.timedelta(days=rng.choice((-400, -90, -30, -1, 0, 0, 1)))
        since = until = None
        if rng.random() < 0.7:
            since = edge
        if rng.random() < 0.4:
            until = (since or self.day) + dt.timedelta(days=rng.choice((0, 1, 30, 90, 400)))
        # The last enterprises and people have no roles.
        return RoleLink(rng.randint(1, 27), rng.randint(1, 46), since, until)

    def parents(self) -> dict[int, int]:
        """Groups up to three levels below their root, and some enterprises in none."""
        parents: dict[int, int] = {2: 1, 3: 2, 4: 3}
        depth = {1: 0, 2: 1, 3: 2, 4: 3}
        for one in range(5, SIZES["enterprise"] + 1):
            above = self.rng.randint(1, one - 1)
            depth[one] = 0
            if self.rng.random() < 0.6 and depth[above] < 3:
                parents[one], depth[one] = above, depth[above] + 1
        return parents

    # --- facts ----------------------------------------------------------------------------------

    def instant(self) -> dt.datetime:
        """Often at or next to a local midnight where windows begin and end."""
        rng = self.rng
        midnight = self.midnight(self.edge() + dt.timedelta(days=1))
        if rng.random() < 0.5:
            return midnight + dt.timedelta(microseconds=rng.choice((-1, 0, 0, 1)))
        if rng.random() < 0.4:
            end = self.midnight(self.day + dt.timedelta(days=1))
            return end - dt.timedelta(hours=rng.choice((0, 1, 2, 23, 24, 25, 47, 48, 72)))
        if rng.random() < 0.1:
            return midnight + dt.timedelta(days=rng.randint(1, 9))
        return midnight - dt.timedelta(minutes=15 * rng.randint(1, 96 * 30))

    def known(self, at: dt.datetime) -> dt.datetime:
        """When a column became known: days after the fact, often at an end of day around now."""
        end = self.midnight(self.day + dt.timedelta(days=1 - self.rng.choice((-7, -1, 0, 0, 1, 7))))
        later = at + dt.timedelta(days=self.rng.choice(EDGES))
        return end if end >= at and self.rng.random() < 0.6 else later

    def bears(
        self, stream: str, roles: Mapping[int, RoleLink]
    ) -> tuple[int | None, int | None, int | None]:
        """Enterprise, person, role. Some subjects have many facts, some have none."""
        rng = self.rng
        enterprise = min(rng.randint(1, 26), rng.randint(1, 26))
        draw = rng.random()
        if stream == "tickets":
            return (enterprise if draw < 0.95 else None), None, None
        if draw < 0.55:
            role = rng.randint(1, 60)
            return roles[role].enterprise, roles[role].person, role
        if draw < 0.75:
            return enterprise, None, None
        if draw < 0.9:
            return None, rng.randint(1, 44), None
        return (enterprise, rng.randint(1, 44), None) if draw < 0.97 else (None, None, None)

    def facts(self, stream: str, count: int, roles: Mapping[int, RoleLink]) -> list[Fact]:
        rng, texts = self.rng, _STREAMS[stream][1]
        out: list[Fact] = []
        for number in range(count):
            at, bears = self.instant(), self.bears(stream, roles)
            if out and rng.random() < 0.4:
                # The same subjects, often at the same instant and told apart by the key only.
                last = out[-1]
                hours = rng.choice((0, 0, 0, 1, 6, 12, 23, 24, 24, 25, 48, 24 * 7, 24 * 7))
                at = last.at + dt.timedelta(hours=hours)
                bears = (last.enterprise, last.person, last.role)
            late = rng.choice((0, 0, 0, 0, 1, 24, 24 * 30))
            values = {
                name: self.value(name, text) for name, text in texts.items() if name != "name"
            }
            if stream == "event":
                values["name"] = rng.choice(EVENTS)
            known = {
                name: None if rng.random() < 0.15 else self.known(at)
                for name in DELAYED.get(stream, ())
            }
            # Keys whose order differs between counting, case-folding and code points.
            key = rng.choice(("", "é", "Z", "a", "上")) + str(number)
            known_at = at + dt.timedelta(hours=late)
            out.append(Fact(key, at, known_at, *bears, values, known))
        rng.shuffle(out)
        return out

    def twins(self, orders: list[Fact], events: list[Fact]) -> list[Fact]:
        """Some orders made of the same subjects, instant and key as an event."""
        out = {one.key: one for one in orders}
        for order, event in zip(orders, events[:25], strict=False):
            if event.key not in out:
                del out[order.key]
                out[event.key] = replace(
                    order,
                    key=event.key,
                    at=event.at,
                    known_at=event.known_at,
                    enterprise=event.enterprise,
                    person=event.person,
                    role=event.role,
                )
        return list(out.values())

    # --- what changed, and audiences ------------------------------------------------------------

    def changes(
        self, tags: Mapping[SubjectKind, Mapping[int, Mapping[str, Value]]]
    ) -> tuple[Change, ...]:
        """Changes found on and around the edges of windows; most lead to what holds now."""
        rng = self.rng
        out: list[Change] = []
        for kind in SUBJECT_KINDS:
            for one, held in tags[kind].items():
                for tag, now in held.items():
                    if rng.random() > 0.55:
                        continue
                    day = self.day - dt.timedelta(days=rng.choice((-1, 0, 0, 1, 6, 7, 29, 30, 31)))
                    other = self.value(tag, _SPECS[kind][tag])
                    old, new = (other, now) if rng.random() < 0.7 else (now, other)
                    if _same(old, new):
                        continue
                    out.append(Change(end_of(day, self.zone).instant, kind, tag, one, old, new))
        last = end_of(self.day + dt.timedelta(days=7), self.zone).instant
        out.sort(key=lambda one: one.at)
        return (*out, Change(last, "enterprise", "tier", 1, "low", "high"))

    def vocabulary(self) -> Vocabulary:
        number = tree.Number(float(self.rng.randint(0, 4)))
        conditions: dict[tuple[SubjectKind, str], tree.Condition] = {
            ("enterprise", "big"): tree.Compare(tree.Field("employees"), ">", number),
            ("enterprise", "busy"): tree.Or(
                (
                    tree.InAudience("big"),
                    tree.Compare(
                        tree.Aggregate("count", "login", window=tree.Window(7, "day")),
                        ">=",
                        tree.Number(1.0),
                    ),
                )
            ),
            ("person", "reachable"): tree.Related(
                "any", "role", tree.Compare(tree.Field("level"), ">=", number)
            ),
            ("role", "decides"): tree.Compare(tree.Field("buying_role"), "=", tree.Text("decides")),
        }
        audiences = {
            f"{kind} list": AudienceSpec(f"{kind} list", kind, None) for kind in SUBJECT_KINDS
        }
        vocabulary = replace(WORDS, audiences=dict(audiences))
        for (kind, name), condition in conditions.items():
            audiences[name] = AudienceSpec(name, kind, bind(condition, kind, vocabulary))
            vocabulary = replace(WORDS, audiences=dict(audiences))
        return vocabulary


def _same(one: Value, other: Value) -> bool:
    """Equal as stored: not-a-number, infinity and an empty list are missing."""

    def stored(value: Value) -> Value:
        odd = isinstance(value, float) and not math.isfinite(value)
        return None if value == () or odd else value

    return stored(one) == stored(other)
