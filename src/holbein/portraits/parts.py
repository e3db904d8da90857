"""What a sentence is made of: values by the place that their tags declare."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Type
from holbein.portraits.speech import Speech, clean

Place = Literal["who", "where", "size", "activity", "preference", "people", "risk"]
PLACES: tuple[Place, ...] = (
    "who", "where", "size", "activity", "preference", "people", "risk",
)  # fmt: skip
_LABEL = 40
"""Characters of a label in a sentence."""

# Where no tag declares a place, the attributes that usually say it do.
_USUAL: Mapping[SubjectKind, Mapping[Place, tuple[str, ...]]] = {
    "enterprise": {
        "who": ("industry",),
        "where": ("district", "city", "province", "state", "region", "country"),
        "size": ("employees", "headcount"),
    },
    "person": {
        "who": ("gender",),
        "where": ("district", "city", "province", "state", "region", "country"),
    },
    "role": {},
}
_NARROW_FIRST = ("street", "district", "county", "town", "city", "region", "state", "province",
                 "country", "continent")  # fmt: skip
_NO_PLACE = frozenset({"市辖区", "县", "Municipal districts", "Districts"})


@dataclass(frozen=True)
class Said:
    """One value and how it may be named: ``labels`` are its texts in the language."""

    name: str
    title: str
    type: Type
    value: object
    labels: tuple[str, ...]
    declared: bool = False
    """True where the label is a title written for people, not a raw value."""


@dataclass(frozen=True)
class Job:
    """A role as a person's sentence names it. At least one of the two is not empty."""

    title: str
    enterprise: str


@dataclass(frozen=True)
class Parts:
    """Everything that a sentence may say. Any of it may be absent."""

    kind: SubjectKind
    said: Mapping[Place, tuple[Said, ...]] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    past_jobs: tuple[Job, ...] = ()
    coming: bool = False
    """True of a role that has not begun; its job is among ``jobs``."""
    buying_role: str | None = None
    people: int = 0
    deciders: int = 0

    def at(self, place: Place) -> tuple[Said, ...]:
        return self.said.get(place, ())


def said(speech: Speech, spec: FieldSpec, value: object) -> Said | None:
    """A value of a field, or None where there is nothing to say."""
    if value is None or (isinstance(value, list) and not value):
        return None
    title = clean(speech.field_title(spec), _LABEL).rstrip(" .,;:，。；：")
    declared = False
    if spec.type in ("category", "categories"):
        several = value if isinstance(value, list) else [value]
        raw = [str(one) for one in several]
        labels = tuple(clean(speech.label(spec, one), _LABEL).strip(" ,;:，。；：") for one in raw)
        labels = tuple(dict.fromkeys(one for one in labels if one))
        declared = all(speech.is_declared(spec, one) for one in raw)
        if not labels:
            return None
    elif isinstance(value, bool):
        titles = spec.values.get("true" if value else "false")
        if titles:
            labels, declared = (clean(speech.title(titles, title), _LABEL),), True
        elif value:
            labels = (title,)
        else:
            return None  # that something is not so is said only where its tag has words for it
    else:
        text = speech.value(spec, value)
        if not text:
            return None
        labels = (text,)
    return Said(spec.name, title, spec.type, value, labels, declared)


def gather(
    speech: Speech,
    kind: SubjectKind,
    values: Mapping[str, object],
    places: Mapping[str, str | None],
) -> dict[Place, tuple[Said, ...]]:
    """The values that are there, by place; ``places`` holds the declared place of each tag."""
    fields = speech.vocabulary.fields[kind]
    out: dict[Place, tuple[Said, ...]] = {}
    for place in PLACES:
        names: Iterable[str] = [name for name, at in places.items() if at == place]
        if not names:
            names = _USUAL[kind].get(place, ())
        found = [
            one
            for name in names
            if name in fields and (one := said(speech, fields[name], values.get(name)))
        ]
        if place == "where":
            found = [_place(speech, fields[one.name], one) for one in found]
            found.sort(key=_narrowness)
        if found:
            out[place] = tuple(found)
    return out


def _narrowness(one: Said) -> int:
    name = one.name.lower()
    ranks = [rank for rank, word in enumerate(_NARROW_FIRST) if word in name]
    return ranks[0] if ranks else _NARROW_FIRST.index("city")


def _place(speech: Speech, spec: FieldSpec, one: Said) -> Said:
    """A place from a code list is named with what it lies in, narrowest first."""
    if spec.codes is None or not isinstance(one.value, str):
        return one
    labels: list[str] = []
    code: str | None = one.value
    while code is not None and len(labels) < 3:
        label = clean(spec.codes.label(code, speech.language), _LABEL)
        if label and label not in _NO_PLACE and label not in labels:
            labels.append(label)
        code = spec.codes.parent(code)
    return Said(one.name, one.title, one.type, one.value, tuple(labels), True)


def where_labels(parts: Parts) -> list[str]:
    """The names of the place, narrowest first, none said twice."""
    labels: list[str] = []
    for one in parts.at("where"):
        if one.type not in ("category", "categories"):
            continue
        for label in one.labels:
            folded = label.casefold()
            if not any(folded in old.casefold() for old in labels):
                labels = [old for old in labels if old.casefold() not in folded]
                labels.append(label)
    return labels[:3]


def whole(value: object) -> int | None:
    """A number as an int where it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == int(value) else None


def is_date(value: object) -> bool:
    return isinstance(value, dt.date)
