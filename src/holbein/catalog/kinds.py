"""What a tag is once it is checked: its type, its meaning bound to the catalogue, what it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from typing import Literal as Constant

import pydantic

from holbein.conditions.tree import Condition, Field, Measure, SubjectKind, Window
from holbein.conditions.vocabulary import CodeList, Titles, Type


@dataclass(frozen=True)
class AttributeOf:
    """The value of an attribute."""

    field: Field
    form: Constant["attribute"] = "attribute"


@dataclass(frozen=True)
class Statistic:
    """The value of a measure."""

    measure: Measure
    form: Constant["value"] = "value"


@dataclass(frozen=True)
class Flag:
    """Whether a condition is true. Never missing."""

    where: Condition
    form: Constant["where"] = "where"


@dataclass(frozen=True)
class Rule:
    """The label of the first case whose condition is true; else ``otherwise``, None is missing."""

    cases: tuple[tuple[str, Condition], ...]
    otherwise: str | None
    form: Constant["cases"] = "cases"


@dataclass(frozen=True)
class Band:
    """The label of the first bound that a number lies below; from the last on, ``otherwise``.

    A missing number stays missing. Bounds ascend.
    """

    of: Measure
    below: tuple[tuple[str, float], ...]
    otherwise: str | None
    form: Constant["band"] = "band"


@dataclass(frozen=True)
class Preference:
    """The values of a stream's column with the most facts, or the greatest sum of ``weight``.

    With ``half_life`` each fact counts less with its age. ``top`` 1 gives a category, more give
    categories, best first; ties go by value. ``stream`` may be an event's name; ``where`` is a
    filter bound to the stream.
    """

    stream: str
    by: str
    weight: str | None
    top: int
    window: Window | None
    half_life: Window | None
    where: Condition | None
    form: Constant["prefers"] = "prefers"


@dataclass(frozen=True)
class Imported:
    """The values of a column of a file, by the keys of a source; without ``value``, who is listed.

    ``path`` is as written, relative to the workspace; ``id`` are the key's columns.
    """

    path: str
    source: str
    id: tuple[str, ...]
    value: str | None
    form: Constant["imported"] = "imported"


Definition = Annotated[
    AttributeOf | Statistic | Flag | Rule | Band | Preference | Imported,
    pydantic.Field(discriminator="form"),
]
"""What a tag means, as plain data for a version's manifest too; ``form`` is its key in YAML."""


@dataclass(frozen=True)
class Guard:
    """How far a tag may move from one run to the next; beyond that its new values are held back.

    ``coverage``: the greatest change of the share of subjects with a value; ``psi``: the greatest
    population stability index. None allows any.
    """

    coverage: float | None = None
    psi: float | None = None


@dataclass(frozen=True)
class Tag:
    """One tag, checked. All conditions in ``definition`` are bound."""

    name: str
    kind: SubjectKind
    type: Type
    definition: Definition
    uses: frozenset[tuple[SubjectKind, str]]
    """The tags that must be known before, also those that its audiences speak of."""
    titles: Titles
    values: Mapping[str, Titles]
    """The titles of its values; for rules and bands every label, in the order of declaration."""
    codes: CodeList | None = None
    category: tuple[str, ...] = ()
    owner: str | None = None
    description: str | None = None
    sensitivity: str = "internal"
    sentence: str | None = None
    guard: Guard | None = None
    place: str = ""
    """``tags/value.yaml:3``"""
    written: str = ""
    """A hash of its definition as it is written."""
    unfit: str | None = None
    """Why it cannot be computed any more, though its definition has not been edited."""
