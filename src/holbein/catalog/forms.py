"""The forms of a tag: what stands under the key that says how it comes about."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

import pydantic

from holbein.catalog.located import Model
from holbein.catalog.parts import Name, Written, not_empty, one_or_many, wrong
from holbein.conditions.limits import day


def single(one: Mapping[str, Any], what: str) -> tuple[str, Any]:
    """The one label of ``one`` and what stands behind it."""
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
            label, bound = single(one, "below")
            if bound <= last:
                raise wrong(
                    f"the bounds must ascend, and {label!r} ends at {bound:g} after {last:g}",
                    "put the lowest first",
                )
            last = bound
        all_different(self.labels)
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

    Without ``value`` the tag is true of the subjects that the file lists; without ``source`` the
    keys are ``source:key``. ``from`` and ``at`` tell which file came in, and on which day.
    """

    file: Written
    source: Written | None = None
    id: Annotated[tuple[Written, ...], one_or_many("a column, or a list of them")]
    value: Written | None = None
    from_: Annotated[Written | None, pydantic.Field(alias="from")] = None
    at: Written | None = None

    @pydantic.field_validator("at")
    @classmethod
    def _a_day(cls, at: str | None) -> str | None:
        if at is not None and day(at) is None:
            raise wrong(f"{at[:40]!r} is not a date", "write it as 2026-06-30")
        return at

    @pydantic.model_validator(mode="after")
    def _one_column_of_full_keys(self) -> ImportedForm:
        if self.source is None and len(self.id) > 1:
            raise wrong(
                "without source, one column holds the keys as source:key",
                "add source, or name one column",
            )
        return self


class GuardForm(Model):
    """``guard: {coverage: 0.2, psi: 0.25}``."""

    coverage: Annotated[float, pydantic.Field(strict=True)] | None = None
    psi: Annotated[float, pydantic.Field(strict=True)] | None = None

    @pydantic.field_validator("coverage")
    @classmethod
    def _a_share(cls, share: float | None) -> float | None:
        if share is not None and not 0 < share < 1:
            hint = f"for {share:g} points write {share / 100:g}" if 1 <= share < 100 else None
            raise wrong("a share changes by more than 0 and less than 1", hint or "write 0.2")
        return share

    @pydantic.field_validator("psi")
    @classmethod
    def _an_index(cls, index: float | None) -> float | None:
        if index is not None and not 0 < index < math.inf:
            raise wrong(
                "a PSI that is allowed is greater than 0",
                "0.1 holds small shifts back, 0.25 great ones",
            )
        return index

    @pydantic.model_validator(mode="after")
    def _guards_something(self) -> GuardForm:
        if self.coverage is None and self.psi is None:
            raise wrong("it guards nothing", "give it coverage, psi, or both")
        return self


def all_different(labels: tuple[str, ...]) -> None:
    """Refuse a label that stands twice."""
    for place, label in enumerate(labels):
        if label in labels[:place]:
            raise wrong(f"the label {label!r} stands twice", "rename one of them")
