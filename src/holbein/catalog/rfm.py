"""RFM: how recently, how often, and for how much; scores, and segments with the usual names.

Recency, frequency and monetary value come from direct mail (J. R. Bult and T. Wansbeek, "Optimal
selection for direct mail", Marketing Science 14, 1995). That customers are sorted by each figure
and cut into five parts of equal size is how A. M. Hughes has it (Strategic Database Marketing,
1994); here equal customers stay together, so that the parts may differ in size, and each figure is
cut for itself. The names of the segments are common among practitioners and have no single author.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import pydantic

from holbein.catalog import kinds
from holbein.catalog.located import Model
from holbein.catalog.parts import Name, Written, wrong
from holbein.catalog.reader import Checked, Reader, Unbound
from holbein.conditions import limits
from holbein.conditions.bind import bind_filter, bind_measure
from holbein.conditions.text import parse
from holbein.conditions.tree import Aggregate
from holbein.conditions.vocabulary import Titles, Vocabulary

if TYPE_CHECKING:
    from holbein.catalog.definitions import TagDefinition

SEGMENTS: Mapping[str, Titles] = MappingProxyType(
    {
        "champions": {"en": "champions", "zh": "重要价值客户"},
        "loyal": {"en": "loyal customers", "zh": "忠诚客户"},
        "potential_loyalist": {"en": "potential loyalists", "zh": "潜在忠诚客户"},
        "new": {"en": "new customers", "zh": "新客户"},
        "promising": {"en": "promising", "zh": "潜力客户"},
        "needs_attention": {"en": "needing attention", "zh": "需关注客户"},
        "about_to_sleep": {"en": "about to sleep", "zh": "即将沉睡客户"},
        "at_risk": {"en": "at risk", "zh": "流失风险客户"},
        "cannot_lose": {"en": "can't lose them", "zh": "重要挽留客户"},
        "hibernating": {"en": "hibernating", "zh": "沉睡客户"},
        "lost": {"en": "lost", "zh": "已流失客户"},
    }
)

CELLS: tuple[tuple[str, ...], ...] = (
    ("lost", "lost", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"),
    ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
)
"""The segment of each recency score (row, from 1) and mean of the other two (column, from 1)."""

FIVE = 5
"""The segments are made of so many bins."""


class RfmForm(Model):
    """``rfm: {stream: orders, amount: amount, window: 1 year, gives: segment}``."""

    stream: Written
    amount: Name | None = None
    window: Written | None = None
    gives: kinds.RfmFigure = "segment"
    bins: Annotated[int, pydantic.Field(strict=True, ge=2, le=100)] = FIVE
    where: Written | None = None

    @property
    def labels(self) -> tuple[str, ...] | None:
        """The segments; None where scores are given."""
        return tuple(SEGMENTS) if self.gives == "segment" else None

    @pydantic.model_validator(mode="after")
    def _fits(self) -> RfmForm:
        if self.gives == "segment" and self.bins != FIVE:
            raise wrong(f"the segments are made of {FIVE} bins", "leave bins out, or give score")
        if self.gives == "score" and self.bins > 9:
            raise wrong("a score has one digit for each figure", "write bins from 2 to 9")
        if self.gives == "monetary" and self.amount is None:
            raise wrong("there is no monetary score without an amount", "add amount: COLUMN")
        return self


def parts_of(form: RfmForm, reader: Reader) -> Unbound:
    """The filter and the window."""
    window, where = form.window, form.where
    return Unbound(
        window=None
        if window is None
        else reader.step(lambda: limits.window(window), "rfm", "window"),
        filter=None if where is None else reader.step(lambda: parse(where), "rfm", "where"),
    )


def check(
    tag: TagDefinition, form: RfmForm, parsed: Unbound, vocabulary: Vocabulary, reader: Reader
) -> Checked:
    """The figures, bound."""
    counted = Aggregate("count", form.stream, None, parsed.window)
    reader.step(lambda: bind_measure(counted, tag.on, vocabulary), "rfm", "stream")
    if form.amount is not None:
        summed = Aggregate("sum", form.stream, form.amount, parsed.window)
        reader.step(lambda: bind_measure(summed, tag.on, vocabulary), "rfm", "amount")
    where = parsed.filter
    if where is not None:
        unbound = where
        where = reader.step(lambda: bind_filter(unbound, form.stream, vocabulary), "rfm", "where")
    made = kinds.Rfm(form.stream, form.amount, parsed.window, where, form.gives, form.bins)
    if form.gives == "segment":
        return Checked(made, "category", values=SEGMENTS)
    return Checked(made, "category" if form.gives == "score" else "number")
