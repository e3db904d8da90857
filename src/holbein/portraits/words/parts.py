"""What a sentence is made of: values by the place that their tags declare."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Type
from holbein.portraits.speech import Speech, clean

Place = Literal["who", "where", "size", "activity", "preference", "people", "risk"]
PLACES: tuple[Place, ...] = (
    "who", "where", "size", "activity", "preference", "people", "risk",
)  # fmt: skip
ORDER: Mapping[SubjectKind, tuple[Place, ...]] = {
    "enterprise": ("size", "activity", "preference", "risk"),
    "person": ("size", "preference", "risk", "activity", "people"),
    "role": ("size", "activity", "preference", "risk", "people"),
}
"""The places behind those of who and where, as they follow one another."""
MOST: Mapping[Place, int] = {
    "who": 3, "where": 3, "size": 4, "activity": 3, "preference": 3, "people": 2, "risk": 2,
}  # fmt: skip
"""How many values of a place are said."""
_LABEL = 60
"""Characters of a label in a sentence."""
_NAME = 40
"""Characters of a job's title or of an enterprise's name."""

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
_EDGES = " .,;:!?，。；：、！？…"
_MARKS = re.compile(r"\s*([,;，；。、])[\s,;，；。、]*[,;，；。、]\s*|\s+([,;])")
_UNIT = re.compile(r"(.+?)\s*[(（]([^()（）]+)[)）]")
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
    figure: Said | None = None
    """The number that it was made of, if that has the same place: loyal (three renewals)."""


@dataclass(frozen=True)
class Job:
    """A role as a sentence names it. At least one of the two is not empty; see ``job``."""

    title: str
    enterprise: str


@dataclass(frozen=True)
class Parts:
    """Everything that a sentence may say. Any of it may be absent."""

    kind: SubjectKind
    said: Mapping[Place, tuple[Said, ...]] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    coming_jobs: tuple[Job, ...] = ()
    past_jobs: tuple[Job, ...] = ()
    buying_role: str | None = None
    people: int = 0
    deciders: int = 0

    def at(self, place: Place) -> tuple[Said, ...]:
        return self.said.get(place, ())


def tidy(text: str, longest: int) -> str:
    """A label as it stands among others: one line, no marks at its ends, none doubled within."""
    whole = clean(text, longest)
    line = _MARKS.sub(lambda m: m[2] or m[1] + (" " if m[1] in ",;" else ""), whole).strip(_EDGES)
    if not any(one.isalnum() for one in line):
        return ""
    return line + "…" if whole.endswith("…") else line


def job(title: str, enterprise: str) -> Job | None:
    """A job, or None where neither is named."""
    one = Job(tidy(title, _NAME), tidy(enterprise, _NAME))
    return one if one.title or one.enterprise else None


def said(speech: Speech, spec: FieldSpec, value: object) -> Said | None:
    """A value of a field, or None where there is nothing to say."""
    if value is None or (isinstance(value, list) and not value):
        return None
    title = tidy(speech.field_title(spec), _LABEL) or spec.name
    declared = False
    if spec.type in ("category", "categories"):
        several = value if isinstance(value, list) else [value]
        raw = [str(one) for one in several]
        labels = tuple(tidy(speech.label(spec, one), _LABEL) for one in raw)
        labels = tuple(dict.fromkeys(one for one in labels if one))
        declared = all(speech.is_declared(spec, one) for one in raw)
        if not labels:
            return None
    elif isinstance(value, bool):
        titles = spec.values.get("true" if value else "false")
        if titles:
            labels, declared = (tidy(speech.title(titles, title), _LABEL),), True
        elif value:
            labels = (title,)
        else:
            return None  # that something is not so is said only where its tag has words for it
        if not labels[0]:
            return None
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
    made_of: Mapping[str, Collection[str]] = {},
) -> dict[Place, tuple[Said, ...]]:
    """The values that are there, by place.

    ``places`` holds the declared place of each tag, ``made_of`` the tags that its definition reads.
    """
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
        found = _with_figures(found, made_of)
        if found:
            out[place] = tuple(found)
    return out


def _narrowness(one: Said) -> int:
    name = one.name.lower()
    ranks = [rank for rank, word in enumerate(_NARROW_FIRST) if word in name]
    return ranks[0] if ranks else _NARROW_FIRST.index("city")


def with_title(parts: Parts) -> Parts:
    """A role whose job has no title takes the one that stands in the place of who it is."""
    titles = (one for one in parts.at("who") if one.type == "category" and not one.declared)
    own = next(titles, None)
    if parts.kind != "role" or own is None:
        return parts
    title = own.labels[0]

    def titled(jobs: tuple[Job, ...]) -> tuple[Job, ...]:
        return tuple(one if one.title else Job(title, one.enterprise) for one in jobs)

    return dataclasses.replace(
        parts,
        jobs=titled(parts.jobs),
        coming_jobs=titled(parts.coming_jobs),
        past_jobs=titled(parts.past_jobs),
    )


def _with_figures(found: list[Said], made_of: Mapping[str, Collection[str]]) -> list[Said]:
    """A number moves behind the value of its place that was made of it."""
    numbers = {one.name: one for one in found if one.type == "number"}
    out, taken = [], set()
    for one in found:
        behind = next((name for name in numbers if name in made_of.get(one.name, ())), None)
        if behind is not None and one.type in ("boolean", "category"):
            one = dataclasses.replace(one, figure=numbers[behind])
            taken.add(behind)
        out.append(one)
    return [one for one in out if one.name not in taken]


def _place(speech: Speech, spec: FieldSpec, one: Said) -> Said:
    """A place from a code list is named with what it lies in, narrowest first."""
    if spec.codes is None or not isinstance(one.value, str):
        return one
    labels: list[str] = []
    code: str | None = one.value
    while code is not None:
        label = tidy(spec.codes.label(code, speech.language), _LABEL)
        if label and label not in _NO_PLACE and label not in labels:
            labels.append(label)
        code = spec.codes.parent(code)
    # A code list tells namesakes apart by what they lie in: Chaoyang (Beijing).
    labels = [next((n for w in labels if (n := _without(label, w))), label) for label in labels]
    if len(labels) > 2:
        labels.pop()  # the country, which the province tells
    return Said(one.name, one.title, one.type, one.value, tuple(labels[:3]), True)


def _without(label: str, wide: str) -> str:
    return label.removesuffix(f" ({wide})") if label.endswith(f" ({wide})") else ""


def where_labels(parts: Parts) -> list[str]:
    """The names of the place, narrowest first, none said twice."""
    labels: list[str] = []
    for one in parts.at("where"):
        if one.type not in ("category", "categories"):
            continue
        if one.name == "country" and len(labels) > 1:
            continue
        for label in one.labels:
            if not any(_stem(label) in old.casefold() for old in labels):
                labels = [old for old in labels if _stem(old) not in label.casefold()]
                labels.append(label)
    return labels[: MOST["where"]]


def _stem(label: str) -> str:
    """A place's name without its rank, so that 苏州市 is found in 苏州工业园."""
    folded = label.casefold()
    return folded[:-1] if len(folded) > 2 and folded[-1] in "省市区县" else folded


def unit_of(title: str) -> tuple[str, str]:
    """``Height (cm)`` as height and cm; the unit is empty where the title names none."""
    found = _UNIT.fullmatch(title)
    return (found[1], found[2]) if found else (title, "")


def whole(value: object) -> int | None:
    """A number as an int where it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == int(value) else None
