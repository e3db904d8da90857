"""The shape of a workspace's definitions: one schema for all of its YAML.

What can be checked on one definition alone is checked here; what needs the others or the sources
is checked by ``load`` and ``catalogue``. Models are frozen and know their place in the files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import pydantic

from holbein.catalog.custom_forms import CUSTOM, PythonForm, SqlForm
from holbein.catalog.forms import (
    BandForm,
    GuardForm,
    ImportedForm,
    Label,
    PreferenceForm,
    checked_label,
    single,
)
from holbein.catalog.lifecycle import LifecycleForm
from holbein.catalog.located import Model
from holbein.catalog.mappings import (
    ColumnMapping,
    PersonOfRole,
    RoleMapping,
    SourceDefinition,
    StreamMapping,
    SubjectMapping,
)
from holbein.catalog.parts import Name, Title, Written, not_empty, wrong
from holbein.catalog.ranking import RankingForm
from holbein.catalog.rfm import RfmForm
from holbein.catalog.rollup import RollUpForm
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language, Type
from holbein.errors import near

__all__ = [
    "AudienceDefinition", "BandForm", "ColumnMapping", "Definitions", "GuardForm", "ImportedForm",
    "LifecycleForm", "PersonOfRole", "PreferenceForm", "PythonForm", "RankingForm", "RfmForm",
    "RoleMapping", "RollUpForm", "Settings", "SourceDefinition", "SqlForm", "StreamMapping",
    "SubjectMapping", "TagDefinition", "schema",
]  # fmt: skip

Sensitivity = Literal["public", "internal", "personal", "sensitive"]
SentencePlace = Literal["who", "where", "size", "activity", "preference", "people", "risk"]
Engine = Literal["duckdb", "spark", "clickhouse"]

FORMS = (
    "attribute", "value", "where", "cases", "band", "prefers", "imported", "rolls_up",
    "ranks", "rfm", "lifecycle", *CUSTOM,
)  # fmt: skip
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
    guard: GuardForm | None = None
    type: Type | None = None
    """With ``imported``, ``sql`` and ``python``; every other tag's follows from its definition."""

    attribute: Name | None = None
    value: Written | None = None
    where: Written | None = None
    cases: tuple[dict[str, Written], ...] | None = None
    band: BandForm | None = None
    prefers: PreferenceForm | None = None
    imported: ImportedForm | None = None
    rolls_up: RollUpForm | None = None
    ranks: RankingForm | None = None
    rfm: RfmForm | None = None
    lifecycle: LifecycleForm | None = None
    sql: SqlForm | None = None
    python: PythonForm | None = None

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
        if self.rolls_up is not None:
            return self.rolls_up.order
        if self.rfm is not None:
            return self.rfm.labels
        if self.lifecycle is not None:
            return self.lifecycle.labels
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
        if given[0] in CUSTOM:
            if self.type is None:
                raise wrong(
                    f"a tag of {given[0]} says which type its values have",
                    "add type: boolean, category, categories, number or date",
                )
        elif self.type is not None and self.imported is None:
            raise wrong(
                "type is for imported, sql and python tags only: "
                "this tag's type follows from its definition",
                "leave type out",
            )
        return self

    @pydantic.field_validator("cases")
    @classmethod
    def _cases(cls, cases: tuple[dict[str, str], ...] | None) -> tuple[dict[str, str], ...] | None:
        not_empty(cases)
        for place, one in enumerate(cases or ()):
            label, text = single(one, "cases")
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


def written(definition: TagDefinition | AudienceDefinition) -> str:
    """A hash of a definition as it is written, wherever it stands."""
    text = definition.model_dump_json(by_alias=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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
