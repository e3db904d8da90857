"""Rankings: where a subject stands among its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import pydantic

from holbein.catalog import kinds
from holbein.catalog.forms import all_different
from holbein.catalog.located import Model
from holbein.catalog.parts import Name, Written, not_empty, wrong
from holbein.catalog.reader import Checked, Reader, Unbound
from holbein.conditions.bind import bind_measure
from holbein.conditions.scope import article
from holbein.conditions.text import parse_measure
from holbein.conditions.tree import Field
from holbein.conditions.vocabulary import Vocabulary

if TYPE_CHECKING:
    from holbein.catalog.definitions import TagDefinition


class RankingForm(Model):
    """``ranks: {of: "revenue_90d", among: [industry, region], gives: percentile}``."""

    of: Written
    among: Annotated[tuple[Name, ...], pydantic.AfterValidator(not_empty)] | None = None
    gives: Literal["percentile", "rank"] = "percentile"
    order: Literal["highest", "lowest"] | None = None

    @pydantic.model_validator(mode="after")
    def _fits(self) -> RankingForm:
        all_different(self.among or ())
        if self.order is not None and self.gives == "percentile":
            raise wrong(
                "a percentile has no first: it says how many of the peers lie below",
                "leave order out, or write gives: rank",
            )
        return self


def parts_of(form: RankingForm, reader: Reader) -> Unbound:
    """What is ranked, and the fields that peers share."""
    measure = reader.step(lambda: parse_measure(form.of), "ranks", "of")
    return Unbound(measure=measure, others=tuple(Field(name) for name in form.among or ()))


def check(
    tag: TagDefinition, form: RankingForm, parsed: Unbound, vocabulary: Vocabulary, reader: Reader
) -> Checked:
    """The ranking, bound."""
    measure = parsed.measure
    assert measure is not None
    of = reader.step(lambda: bind_measure(measure, tag.on, vocabulary), "ranks", "of")
    if of.type not in ("number", "date"):
        reader.refuse(
            f"what is ranked has an order, and {form.of} is {article(of.type)}",
            "ranks", "of", hint="give a number or a date",
        )  # fmt: skip
    for number, name in enumerate(form.among or ()):
        peers = reader.step(
            lambda name=name: bind_measure(Field(name), tag.on, vocabulary),  # type: ignore[misc]
            "ranks", "among", number,
        )  # fmt: skip
        if peers.type not in ("category", "boolean"):
            reader.refuse(
                f"peers have a label in common, and {name} is {article(peers.type)}",
                "ranks", "among", number,
                hint="cut it into bands, in a tag of its own" if peers.type == "number" else None,
            )  # fmt: skip
    made = kinds.Ranking(of.measure, form.among or (), form.gives, form.order or "highest")
    return Checked(made, "number")
