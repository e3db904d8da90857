"""Reads the worked cases of ``docs/semantics.md``: the only place where they are written.

``cases()`` gives every row of a table of cases with its world; ``refusals()`` every condition that
must be refused; ``tag_cases()`` every row of a table of tags. The page itself says how its worlds are
written.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from holbein.conditions.bind import bind
from holbein.conditions.instants import AsOf, at_instant, end_of, utc
from holbein.conditions.reference import Change, Fact, RoleLink, State, Value, World
from holbein.conditions.text import parse
from holbein.conditions.tree import SUBJECT_KINDS, Condition, SubjectKind
from holbein.conditions.vocabulary import (
    AudienceSpec,
    FieldSpec,
    StreamSpec,
    Type,
    Vocabulary,
)
from tests.support.codes import SmallCodes

PAGE = Path(__file__).parents[2] / "docs" / "semantics.md"
_KINDS: dict[str, SubjectKind] = {"E": "enterprise", "P": "person", "R": "role"}
_ROW_KEYS = ("of", "at", "known_at", "known")


@dataclass(frozen=True)
class Case:
    """One row of a table: ``condition`` as of ``as_of`` selects ``expected`` of ``kind``."""

    id: str
    world_name: str
    world: World
    vocabulary: Vocabulary
    kind: SubjectKind
    condition: str
    as_of: AsOf
    expected: frozenset[int]
    why: str

    def bound(self) -> Condition:
        return bind(parse(self.condition), self.kind, self.vocabulary)


@dataclass(frozen=True)
class Refusal:
    """A condition that binding or parsing must refuse."""

    id: str
    vocabulary: Vocabulary
    kind: SubjectKind
    condition: str
    why: str


@dataclass(frozen=True)
class TagCase:
    """One row of a table of tags: the values, as written, of all who have one."""

    world_name: str
    world: World
    vocabulary: Vocabulary
    tags: Sequence[Mapping[str, Any]]
    """The definitions of this world, each behind those that it uses."""
    kind: SubjectKind
    tag: str
    as_of: AsOf
    expected: Mapping[int, str]
    why: str


@cache
def cases() -> tuple[Case, ...]:
    """Every worked case of the page, in its order."""
    return tuple(one for one in _page() if isinstance(one, Case))


@cache
def refusals() -> tuple[Refusal, ...]:
    """Every refused condition of the page."""
    return tuple(one for one in _page() if isinstance(one, Refusal))


@cache
def tag_cases() -> tuple[TagCase, ...]:
    """Every worked value of a tag, in the page's order."""
    return tuple(one for one in _page() if isinstance(one, TagCase))


@cache
def _page() -> tuple[Case | Refusal | TagCase, ...]:
    found: list[Case | Refusal | TagCase] = []
    words: dict[str, Any] = {}
    name, world, vocabulary = "", None, None
    tags: Sequence[Mapping[str, Any]] = ()
    header = ""
    for part in _parts(PAGE.read_text(encoding="utf-8")):
        if isinstance(part, dict):
            if "words" in part:
                words = part["words"]
            elif "tags" in part:
                tags = part["tags"]
            else:
                name = part["world"]
                world, vocabulary = _world(part, words)
            continue
        first = part[0]
        if first in ("case", "refused", "tag", "recency"):
            header = first
        elif world is not None and vocabulary is not None and not first.startswith("---"):
            if header == "case":
                found.append(_case(part, name, world, vocabulary))
            elif header == "tag":
                found.append(_tag_case(part, name, world, vocabulary, tags))
            elif header == "refused":
                id_, on, condition, why = part
                kind = cast(SubjectKind, on)
                found.append(Refusal(id_, vocabulary, kind, condition.strip("`"), why))
    return tuple(found)


def _parts(page: str) -> Iterator[dict[str, Any] | list[str]]:
    """The YAML blocks and the table rows of the page, in order."""
    block: list[str] | None = None
    for line in page.splitlines():
        if line == "```yaml":
            block = []
        elif line == "```" and block is not None:
            # But for tags, everything is read as text; the words say what it means.
            typ = "safe" if block[0] == "tags:" else "base"
            yield YAML(typ=typ, pure=True).load("\n".join(block))
            block = None
        elif block is not None:
            block.append(line)
        elif line.startswith("|"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def _case(row: list[str], name: str, world: World, vocabulary: Vocabulary) -> Case:
    id_, on, condition, as_of, who, why = row
    kind = cast(SubjectKind, on)
    expected = set()
    for one in [] if who == "none" else who.split(", "):
        found, number = subject(one)
        if found != kind or number not in world.states[kind]:
            raise ValueError(f"{id_}: {one} is no {kind} of this world")
        expected.add(number)
    return Case(
        id=id_,
        world_name=name,
        world=world,
        vocabulary=vocabulary,
        kind=kind,
        condition=condition.strip("`"),
        as_of=_as_of(as_of, world.zone),
        expected=frozenset(expected),
        why=why,
    )


def _tag_case(
    row: list[str],
    name: str,
    world: World,
    vocabulary: Vocabulary,
    tags: Sequence[Mapping[str, Any]],
) -> TagCase:
    tag, on, as_of, values, why = row
    kind = cast(SubjectKind, on)
    told = dict(one.split(" ", 1) for one in values.split(", "))
    if not any((one["tag"], one.get("on", "enterprise")) == (tag, on) for one in tags):
        raise ValueError(f"{tag} is no tag of {on} subjects")
    if unknown := [one for one in told if subject(one)[1] not in world.states[kind]]:
        raise ValueError(f"{tag}: {unknown} are not in this world")
    expected = {subject(one)[1]: value for one, value in told.items()}
    at = _as_of(as_of, world.zone)
    return TagCase(name, world, vocabulary, tags, kind, tag, at, expected, why)


def subject(name: str) -> tuple[SubjectKind, int]:
    """``E17`` as its kind and number."""
    return _KINDS[name[0]], int(name[1:])


def _as_of(text: str, zone: ZoneInfo) -> AsOf:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return end_of(dt.date.fromisoformat(text), zone)
    return at_instant(dt.datetime.fromisoformat(text), zone)


# --- the words ----------------------------------------------------------------------------------


def _vocabulary(words: Mapping[str, Any]) -> Vocabulary:
    codes = {
        name: SmallCodes(
            name,
            {code: one.get("in") for code, one in held.items()},
            {code: {"en": one["en"], "zh": one["zh"]} for code, one in held.items()},
        )
        for name, held in words["codes"].items()
    }

    def spec(name: str, text: str) -> FieldSpec:
        kind, _, of = text.removeprefix("tag ").removeprefix("later ").partition(" of ")
        type_ = "number" if kind == "money" else kind
        return FieldSpec(
            name,
            cast(Type, type_),
            codes=codes[of] if of else None,
            is_tag=text.startswith("tag "),
        )

    streams = {}
    for name, held in words["streams"].items():
        columns = {column: spec(column, text) for column, text in held.items() if column != "bears"}
        streams[name] = StreamSpec(name, frozenset(held["bears"]), columns)
    return Vocabulary(
        fields={
            kind: {name: spec(name, text) for name, text in words[kind].items()}
            for kind in SUBJECT_KINDS
        },
        streams=streams,
        events={name: {} for name in words["events"]},
    )


def _value(text: Any, type_: str) -> Value:
    """A value of the page as the words' type."""
    if type_.endswith("money"):
        return Decimal(text)
    if type_.endswith("number"):
        return float(text)
    if type_.endswith("boolean"):
        return {"true": True, "false": False}[text]
    if type_.endswith("date"):
        return dt.date.fromisoformat(text)
    return tuple(text) if isinstance(text, list) else str(text)


# --- the worlds ---------------------------------------------------------------------------------


def _world(block: Mapping[str, Any], words: Mapping[str, Any]) -> tuple[World, Vocabulary]:
    zone = ZoneInfo(block.get("zone", "UTC"))
    vocabulary = _vocabulary(words)
    builder = _Builder(zone, words, vocabulary)
    for kind in SUBJECT_KINDS:
        for name, held in block.get(kind, {}).items():
            builder.subject(name, held)
    streams = {}
    for stream in words["streams"]:
        rows = block.get("facts", {}).get(stream, {})
        streams[stream] = tuple(builder.fact(stream, key, row) for key, row in rows.items())
    changes = tuple(builder.change(row) for row in block.get("changes", []))
    lists, audiences = {}, {}
    for name, held in block.get("lists", {}).items():
        lists[name] = frozenset(subject(one)[1] for one in held["holds"])
        audiences[name] = AudienceSpec(name, held["on"], None)
    vocabulary = replace(vocabulary, audiences=dict(audiences))
    for name, held in block.get("audiences", {}).items():
        where = bind(parse(held["where"]), held["on"], vocabulary)
        audiences[name] = AudienceSpec(name, held["on"], where)
        vocabulary = replace(vocabulary, audiences=dict(audiences))
    world = World(
        zone=zone,
        states=builder.states,
        roles=builder.roles,
        parents=builder.parents,
        streams=streams,
        tags=builder.tags,
        audiences=lists,
        changes=changes,
    )
    return world, vocabulary


class _Builder:
    def __init__(self, zone: ZoneInfo, words: Mapping[str, Any], vocabulary: Vocabulary) -> None:
        self.zone, self.words, self.vocabulary = zone, words, vocabulary
        self.states: dict[SubjectKind, dict[int, tuple[State, ...]]] = {
            kind: {} for kind in SUBJECT_KINDS
        }
        self.tags: dict[SubjectKind, dict[int, dict[str, Value]]] = {
            kind: {} for kind in SUBJECT_KINDS
        }
        self.roles: dict[int, RoleLink] = {}
        self.parents: dict[int, int] = {}

    def instant(self, text: str) -> dt.datetime:
        return utc(dt.datetime.fromisoformat(text), self.zone)

    def mention(self, name: str) -> tuple[SubjectKind, int]:
        """Who is mentioned exists."""
        kind, number = subject(name)
        if kind == "role":
            if number not in self.roles:
                raise ValueError(f"{name} is held by nobody")
        else:
            self.states[kind].setdefault(number, (State(None, None, {}),))
        return kind, number

    def subject(self, name: str, held: Mapping[str, Any]) -> None:
        kind, number = subject(name)
        held = dict(held)
        if kind == "role":
            (_, enterprise), (_, person) = (self.mention(one) for one in held.pop("of"))
            since, until = (
                dt.date.fromisoformat(held.pop(bound)) if bound in held else None
                for bound in ("since", "until")
            )
            self.roles[number] = RoleLink(enterprise, person, since, until)
        if "parent" in held:
            self.parents[number] = self.mention(held.pop("parent"))[1]
        history = held.pop("history", [held])
        types = self.words[kind]
        states = []
        for one in history:
            values = {
                field: _value(text, types[field])
                for field, text in one.items()
                if field not in ("from", "to")
            }
            tags = {field: values.pop(field) for field in one if types.get(field, "")[:3] == "tag"}
            self.tags[kind].setdefault(number, {}).update(tags)
            start, end = (self.instant(one[at]) if at in one else None for at in ("from", "to"))
            states.append(State(start, end, values))
        self.states[kind][number] = tuple(states)

    def fact(self, stream: str, key: str, row: Mapping[str, Any]) -> Fact:
        types = self.words["streams"][stream]
        of = row["of"] if isinstance(row["of"], list) else [row["of"]]
        bears = dict(self.mention(one) for one in of)
        if "role" in bears:
            link = self.roles[bears["role"]]
            bears = {"enterprise": link.enterprise, "person": link.person, **bears}
        at = self.instant(row["at"])
        known = row.get("known", {})
        return Fact(
            key=key,
            at=at,
            known_at=self.instant(row["known_at"]) if "known_at" in row else at,
            enterprise=bears.get("enterprise"),
            person=bears.get("person"),
            role=bears.get("role"),
            values={
                name: _value(text, types[name])
                for name, text in row.items()
                if name not in _ROW_KEYS
            },
            known={
                name: self.instant(known[name]) if name in known else None
                for name, text in types.items()
                if name != "bears" and text.startswith("later ")
            },
        )

    def change(self, row: Mapping[str, Any]) -> Change:
        kind, number = self.mention(row["of"])
        old, new = (
            _value(row[one], self.words[kind][row["tag"]]) if one in row else None
            for one in ("old", "new")
        )
        at = end_of(dt.date.fromisoformat(row["day"]), self.zone).instant
        return Change(at, kind, row["tag"], number, old, new)
