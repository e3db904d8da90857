"""The shape of a workspace's definitions: one schema for all of its YAML.

What can be checked on one definition alone is checked here; what needs the others or the sources
is checked by ``load`` and ``catalogue``. Models are frozen and know their place in the files.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import pydantic

from holbein.catalog.located import Model
from holbein.catalog.mappings import (
    ColumnMapping,
    PersonOfRole,
    RoleMapping,
    SourceDefinition,
    StreamMapping,
    SubjectMapping,
)
from holbein.catalog.parts import Name, Title, Written, not_empty, one_or_many, wrong
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language, Type
from holbein.errors import near

__all__ = [
    "AudienceDefinition", "BandForm", "ColumnMapping", "Definitions", "ImportedForm",
    "PersonOfRole", "PreferenceForm", "RoleMapping", "Settings", "SourceDefinition",
    "StreamMapping", "SubjectMapping", "TagDefinition", "schema",
]  # fmt: skip

Sensitivity = Literal["public", "internal", "personal", "sensitive"]
SentencePlace = Literal["who", "where", "size", "activity", "preference", "people", "risk"]
Engine = Literal["duckdb", "spark", "clickhouse"]

FORMS = ("attribute", "value", "where", "cases", "band", "prefers", "imported")
"""The keys of which a tag has exactly one: each says how the tag comes about."""


class Settings(Model):
    """``holbein.yaml``."""

    name: Written = ""
    """Empty where the file names none; ``load`` then takes the folder's name."""
    time_zone: str = "UTC"
    currency: Annotated[str, pydantic.Field(pattern="^[A-Z]{3}$")] = "CNY"
    languages: Annotated[tuple[Language, ...], pydantic.AfterValidator(not_empty)] = ("en", "zh")
    engine: Engine = "duckdb"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin and end."""
        return ZoneInfo(self.time_zone)

    @pydantic.field_validator("time_zone")
    @classmethod
    def _known_zone(cls, text: str) -> str:
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            hint = near(text, available_timezones()) or "write it as Asia/Shanghai or Europe/Basel"
            raise wrong(f"there is no time zone {text!r}", hint) from None
        return text

    @pydantic.field_validator("languages")
    @classmethod
    def _distinct(cls, languages: tuple[Language, ...]) -> tuple[Language, ...]:
        return tuple(dict.fromkeys(languages))


def _single(one: Mapping[str, Any], what: str) -> tuple[str, Any]:
    if len(one) != 1:
        raise wrong(f"each of {what} is one label with its own dash", f"this one has {len(one)}")
    label, value = next(iter(one.items()))
    return checked_label(label), value


def checked_label(label: str) -> str:
    """``label``, refused where it is empty or holds what no one can see."""
    if not label.strip() or label != label.strip():
        raise wrong("a label is text without blanks at its ends", "take them off")
    if any(unicodedata.category(one) == "Cc" for one in label):
        raise wrong("a label holds no control characters", "remove them")
    return label


Label = Annotated[str, pydantic.AfterValidator(checked_label)]
Bound = Annotated[float, pydantic.Field(strict=True, allow_inf_nan=False)]


class BandForm(Model):
    """``band: {of: "employees", below: [{small: 50}, {middle: 500}], else: large}``."""

    of: Written
    below: Annotated[tuple[dict[str, Bound], ...], pydantic.AfterValidator(not_empty)]
    otherwise: Annotated[Label | None, pydantic.Field(alias="else")] = None

    @property
    def bounds(self) -> tuple[tuple[str, float], ...]:
        """Each label and the number that its values lie below, ascending."""
        return tuple(next(iter(one.items())) for one in self.below)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in their order, the last one (``else``) included."""
        names = tuple(label for label, _ in self.bounds)
        return names if self.otherwise is None else (*names, self.otherwise)

    @pydantic.model_validator(mode="after")
    def _ascending(self) -> BandForm:
        last = -math.inf
        for one in self.below:
            label, bound = _single(one, "below")
            if bound <= last:
                raise wrong(
                    f"the bounds must ascend, and {label!r} ends at {bound:g} after {last:g}",
                    "put the lowest first",
                )
            last = bound
        _all_different(self.labels)
        return self


class PreferenceForm(Model):
    """``prefers: {stream: orders, by: category, weight: amount, top: 3, half_life: 90 days}``."""

    stream: Written
    by: Name
    weight: Name | None = None
    top: Annotated[int, pydantic.Field(strict=True, ge=1, le=100)] = 1
    window: Written | None = None
    half_life: Written | None = None
    where: Written | None = None


class ImportedForm(Model):
    """``imported: {file: scores.csv, source: northwind, id: CustomerID, value: Score}``.

    Without ``value`` the tag is true of the subjects that the file lists.
    """

    file: Written
    source: Written
    id: Annotated[tuple[Written, ...], one_or_many("a column, or a list of them")]
    value: Written | None = None


def _all_different(labels: tuple[str, ...]) -> None:
    for place, label in enumerate(labels):
        if label in labels[:place]:
            raise wrong(f"the label {label!r} stands twice", "rename one of them")


def _path(value: Any) -> Any:
    return value.split("/") if isinstance(value, str) else value


class TagDefinition(Model):
    """One tag. Exactly one of ``FORMS`` says how it comes about."""

    tag: Name
    on: SubjectKind = "enterprise"
    title: Title = pydantic.Field(default_factory=dict)
    values: dict[str, Title] = pydantic.Field(default_factory=dict)
    category: Annotated[
        tuple[Label, ...],
        pydantic.BeforeValidator(_path),
        pydantic.WithJsonSchema(
            {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
        ),
    ] = ()
    owner: Written | None = None
    description: Written | None = None
    sensitivity: Sensitivity = "internal"
    sentence: SentencePlace | None = None
    type: Type | None = None
    """Only with ``imported``; the type of every other tag follows from its definition."""

    attribute: Name | None = None
    value: Written | None = None
    where: Written | None = None
    cases: tuple[dict[str, Written], ...] | None = None
    band: BandForm | None = None
    prefers: PreferenceForm | None = None
    imported: ImportedForm | None = None

    @property
    def form(self) -> str:
        """The one of ``FORMS`` that the tag has."""
        return next(one for one in FORMS if getattr(self, one) is not None)

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """The labels of ``cases`` with their conditions, ``else`` left out."""
        pairs = (next(iter(one.items())) for one in self.cases or ())
        return tuple((label, text) for label, text in pairs if label != "else")

    @property
    def otherwise(self) -> str | None:
        """The label that ``cases`` give where no condition is true."""
        return next((one["else"] for one in self.cases or () if "else" in one), None)

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Every label that the tag can have, in order; None where the data decides."""
        if self.band is not None:
            return self.band.labels
        if self.cases is None:
            return None
        named = [label for label, _ in self.conditions]
        if self.otherwise is not None:
            named.append(self.otherwise)
        return tuple(dict.fromkeys(named))

    @pydantic.model_validator(mode="after")
    def _one_form(self) -> TagDefinition:
        given = [one for one in FORMS if getattr(self, one) is not None]
        if not given:
            raise wrong(
                f"tag {self.tag!r} does not say how it comes about",
                "add one of " + ", ".join(FORMS),
            )
        if len(given) > 1:
            raise wrong(f"tag {self.tag!r} has both {given[0]} and {given[1]}", "keep one of them")
        if self.type is not None and self.imported is None:
            raise wrong(
                "type is for imported tags only: this tag's type follows from its definition",
                "leave type out",
            )
        return self

    @pydantic.field_validator("cases")
    @classmethod
    def _cases(cls, cases: tuple[dict[str, str], ...] | None) -> tuple[dict[str, str], ...] | None:
        not_empty(cases)
        for place, one in enumerate(cases or ()):
            label, text = _single(one, "cases")
            if label == "else":
                checked_label(text)
                if place != len(cases or ()) - 1:
                    raise wrong("nothing can follow else", "put it last")
        if cases and "else" in cases[0]:
            raise wrong("else alone is no case", 'write {label: "condition"} before it')
        return cases

    @pydantic.model_validator(mode="after")
    def _titled_values_exist(self) -> TagDefinition:
        if self.labels is None:
            return self
        for value in self.values:
            if value not in self.labels:
                raise wrong(
                    f"values names {value!r}, which is not a label of tag {self.tag!r}",
                    near(value, self.labels) or "its labels are " + ", ".join(self.labels),
                )
        return self


_UNSAFE = re.compile(r'[/\\:*?"<>|]')


def checked_audience(name: str) -> str:
    """``name``, refused where it cannot also name a file on every system."""
    checked_label(name)
    if _UNSAFE.search(name) or name.startswith(".") or name.endswith("."):
        raise wrong(f"{name!r} is no name for an audience", 'leave out / \\ : * ? " < > | and dots')
    if len(name.encode()) > 200:
        raise wrong("the name of an audience has at most 200 bytes", "give a shorter one")
    return name


class AudienceDefinition(Model):
    """One audience: a saved condition over one subject kind."""

    audience: Annotated[str, pydantic.AfterValidator(checked_audience)]
    on: SubjectKind = "enterprise"
    title: Title = pydantic.Field(default_factory=dict)
    description: Written | None = None
    owner: Written | None = None
    where: Written


class SourcesFile(Model):
    """``sources/*.yaml``."""

    sources: tuple[SourceDefinition, ...] = ()


class TagsFile(Model):
    """``tags/*.yaml``."""

    tags: tuple[TagDefinition, ...] = ()


class AudiencesFile(Model):
    """``audiences/*.yaml``."""

    audiences: tuple[AudienceDefinition, ...] = ()


@dataclass(frozen=True)
class Definitions:
    """All that a workspace declares, in the order of its files and lines."""

    settings: Settings
    sources: tuple[SourceDefinition, ...]
    tags: tuple[TagDefinition, ...]
    audiences: tuple[AudienceDefinition, ...]
    folder: Path

    def fingerprint(self) -> str:
        """A hash of the meaning: comments, file names and the folder's place do not count."""
        parts = {
            "settings": self.settings.model_dump(mode="json", by_alias=True),
            **{
                what: [one.model_dump(mode="json", by_alias=True) for one in listed]
                for what, listed in (
                    ("sources", self.sources), ("tags", self.tags), ("audiences", self.audiences),
                )
            },
        }  # fmt: skip
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


Section = Literal["settings", "sources", "tags", "audiences"]
SECTIONS: Mapping[Section, type[Model]] = {
    "settings": Settings, "sources": SourcesFile, "tags": TagsFile, "audiences": AudiencesFile,
}  # fmt: skip


def schema(section: Section | None = None) -> dict[str, Any]:
    """The JSON Schema of one section's files, or of any file of a workspace."""
    if section is not None:
        return SECTIONS[section].model_json_schema(by_alias=True)
    union: Any = Settings | SourcesFile | TagsFile | AudiencesFile
    made: dict[str, Any] = pydantic.TypeAdapter(union).json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Holbein", **made}
