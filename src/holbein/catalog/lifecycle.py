"""The customer life cycle: stages by what was done in the last periods, as a rule of cases.

The stages are asked in the order of ``STAGES``. Who has gone is told first: nothing else matters
then. Next comes who is new or has come back, since neither has a past to be held against. Then the
trend, a decline before growth because it calls for action; and last who is steadily there. So a
loyal customer who buys much less than usual is told as declining while something can be done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import pydantic

from holbein.catalog import kinds
from holbein.catalog.located import Model
from holbein.catalog.parts import Name, Written, wrong
from holbein.catalog.reader import Checked, Failed, Reader, Unbound
from holbein.conditions import limits
from holbein.conditions.bind import bind, bind_measure
from holbein.conditions.text import parse
from holbein.conditions.tree import (
    Aggregate,
    And,
    Arithmetic,
    Compare,
    Condition,
    Measure,
    Number,
    Window,
)
from holbein.conditions.vocabulary import Titles, Vocabulary
from holbein.errors import near

if TYPE_CHECKING:
    from holbein.catalog.definitions import TagDefinition

TITLES: Mapping[str, Titles] = MappingProxyType(
    {
        "new": {"en": "new", "zh": "新客户"},
        "growing": {"en": "growing", "zh": "成长客户"},
        "active": {"en": "active", "zh": "活跃客户"},
        "loyal": {"en": "loyal", "zh": "忠诚客户"},
        "declining": {"en": "declining", "zh": "下滑客户"},
        "dormant": {"en": "dormant", "zh": "沉睡客户"},
        "lost": {"en": "lost", "zh": "流失客户"},
        "won_back": {"en": "won back", "zh": "挽回客户"},
    }
)
"""Every stage, in the order of a customer's life."""

LOST = LOYAL = 4
"""Periods without anything, after which someone is lost; with something, for loyalty."""
AWAY = 2
"""Periods without anything, after which someone who returns was won back."""
GROWTH, DECLINE = 1.3, 0.7
"""Times the period before."""


class LifecycleForm(Model):
    """``lifecycle: {stream: orders, amount: amount, period: 90 days}``."""

    stream: Written
    amount: Name | None = None
    period: Written
    stages: dict[str, Written | None] = pydantic.Field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """The stages that there are."""
        return tuple(one for one in TITLES if one not in self.stages or self.stages[one])

    @pydantic.field_validator("stages")
    @classmethod
    def _known(cls, stages: dict[str, str | None]) -> dict[str, str | None]:
        for stage in stages:
            if stage not in TITLES:
                raise wrong(
                    f"there is no stage {stage!r}",
                    near(stage, TITLES) or "the stages are " + ", ".join(TITLES),
                )
        if len(stages) == len(TITLES) and not any(stages.values()):
            raise wrong("no stage is left", "leave some of them in")
        return stages


class _Figures:
    """What the default conditions are made of."""

    def __init__(self, form: LifecycleForm, period: Window) -> None:
        self._form = form
        self._period = period

    def _many(self, periods: int) -> Window | None:
        return Window(self._period.count * periods, self._period.unit) if periods else None

    def _count(self, periods: int, before: int) -> Aggregate:
        window, end = self._many(periods), self._many(before)
        return Aggregate("count", self._form.stream, None, window, end)

    def some(self, periods: int = 0, before: int = 0) -> Condition:
        """There are facts in so many periods, before the last so many; 0 is without limit."""
        return Compare(self._count(periods, before), ">", Number(0))

    def none(self, periods: int = 0, before: int = 0) -> Condition:
        return Compare(self._count(periods, before), "=", Number(0))

    def volume(self, before: int = 0) -> Measure:
        """How much there is in one period."""
        if self._form.amount is None:
            return self._count(1, before)
        end = self._many(before)
        return Aggregate("sum", self._form.stream, self._form.amount, self._many(1), end)


def _declining(of: _Figures) -> Condition:
    usual = Arithmetic(Number(DECLINE), "*", of.volume(before=1))
    return Compare(of.volume(), "<", usual)


def _growing(of: _Figures) -> Condition:
    usual = Arithmetic(Number(GROWTH), "*", of.volume(before=1))
    basis = Compare(of.volume(before=1), ">", Number(0))
    return And((basis, Compare(of.volume(), ">", usual)))


STAGES: Mapping[str, Callable[[_Figures], Condition]] = {
    "lost": lambda of: And((of.some(), of.none(LOST))),
    "dormant": lambda of: And((of.some(), of.none(1))),
    "new": lambda of: And((of.some(1), of.none(before=1))),
    "won_back": lambda of: And((of.some(1), of.none(AWAY, before=1), of.some(before=1))),
    "declining": _declining,
    "growing": _growing,
    "loyal": lambda of: And(tuple(of.some(1, before) for before in range(LOYAL))),
    "active": lambda of: of.some(1),
}
"""The default condition of each stage, in the order in which they are asked."""


def parts_of(form: LifecycleForm, reader: Reader) -> Unbound:
    """The condition of each stage, own or default, in the order in which they are asked."""
    period = reader.step(lambda: limits.window(form.period), "lifecycle", "period")
    if period.elapsed:
        reader.refuse(
            "a period is counted in days or longer",
            "lifecycle", "period", hint="write 1 day or more",
        )  # fmt: skip
    longest = Window(period.count * LOST, period.unit)
    reader.step(lambda: limits.check_window(longest), "lifecycle", "period")
    figures = _Figures(form, period)
    made: list[Condition] = []
    for stage, default in STAGES.items():
        own = form.stages.get(stage)
        if own is not None:
            made.append(
                reader.step(lambda own=own: parse(own), "lifecycle", "stages", stage)  # type: ignore[misc]
            )
        elif stage in form.labels:
            made.append(default(figures))
    return Unbound(conditions=tuple(made))


def check(
    tag: TagDefinition, form: LifecycleForm, parsed: Unbound, vocabulary: Vocabulary, reader: Reader
) -> Checked:
    """The rule that the stages are."""
    counted = Aggregate("count", form.stream)
    reader.step(lambda: bind_measure(counted, tag.on, vocabulary), "lifecycle", "stream")
    if form.amount is not None:
        summed = Aggregate("sum", form.stream, form.amount)
        reader.step(lambda: bind_measure(summed, tag.on, vocabulary), "lifecycle", "amount")
    stages = [stage for stage in STAGES if stage in form.labels]
    cases: list[tuple[str, Condition]] = []
    failed = False
    for stage, unbound in zip(stages, parsed.conditions, strict=True):
        try:
            bound = reader.step(
                lambda unbound=unbound: bind(unbound, tag.on, vocabulary),  # type: ignore[misc]
                "lifecycle", "stages", stage,
            )  # fmt: skip
        except Failed:
            failed = True
        else:
            cases.append((stage, bound))
    if failed:
        raise Failed
    values = {stage: TITLES[stage] for stage in form.labels}
    return Checked(kinds.Rule(tuple(cases), None), "category", values=values)
