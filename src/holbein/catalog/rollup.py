"""Roll-ups: a value carried from related subjects to the subject, up a group or down from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic

from holbein.catalog import kinds
from holbein.catalog.forms import Label, all_different
from holbein.catalog.located import Model
from holbein.catalog.parts import Written, not_empty
from holbein.catalog.reader import Checked, Reader, Unbound
from holbein.conditions.bind import Bound, bind, bind_measure
from holbein.conditions.scope import PLURALS, article
from holbein.conditions.text import parse, parse_measure
from holbein.conditions.tree import Relation, SubjectKind
from holbein.conditions.vocabulary import Type, Vocabulary
from holbein.errors import near

if TYPE_CHECKING:
    from holbein.catalog.definitions import TagDefinition

From = Literal[
    "roles", "roles_ever", "people", "enterprises", "subsidiaries", "descendants",
    "enterprise", "person", "parent", "root",
]  # fmt: skip


@dataclass(frozen=True)
class Way:
    """Where ``from`` leads: by which relation, to which kind, and to one subject or to many."""

    relation: Relation
    kind: SubjectKind
    many: bool


WAYS: Mapping[tuple[SubjectKind, From], Way] = {
    ("enterprise", "roles"): Way("role", "role", many=True),
    ("enterprise", "roles_ever"): Way("role_ever", "role", many=True),
    ("enterprise", "people"): Way("person", "person", many=True),
    ("enterprise", "subsidiaries"): Way("subsidiary", "enterprise", many=True),
    ("enterprise", "descendants"): Way("descendant", "enterprise", many=True),
    ("enterprise", "parent"): Way("parent", "enterprise", many=False),
    ("enterprise", "root"): Way("root", "enterprise", many=False),
    ("person", "roles"): Way("role", "role", many=True),
    ("person", "roles_ever"): Way("role_ever", "role", many=True),
    ("person", "enterprises"): Way("enterprise", "enterprise", many=True),
    ("role", "enterprise"): Way("enterprise", "enterprise", many=False),
    ("role", "person"): Way("person", "person", many=False),
}
"""From which kind of subject one can roll up what."""

OF_CONDITION = ("count", "share", "any", "all")
"""These summarise a condition; the others, a value."""

ALLOWED: Mapping[str, tuple[Type, ...]] = {
    "sum": ("number",), "avg": ("number",), "min": ("number", "date"), "max": ("number", "date"),
    "best": ("category",), "most": ("category",),
}  # fmt: skip


class RollUpForm(Model):
    """``rolls_up: {from: roles, of: "score", by: max, where: "active"}``."""

    origin: Annotated[From, pydantic.Field(alias="from")]
    of: Written | None = None
    where: Written | None = None
    by: kinds.Summary | None = None
    order: Annotated[tuple[Label, ...] | None, pydantic.AfterValidator(not_empty)] = None
    own: Annotated[bool, pydantic.Field(alias="self", strict=True)] = False

    @pydantic.field_validator("order")
    @classmethod
    def _distinct(cls, order: tuple[str, ...] | None) -> tuple[str, ...] | None:
        all_different(order or ())
        return order


def parts_of(tag: TagDefinition, form: RollUpForm, reader: Reader) -> Unbound:
    """The trees, which speak of the related subjects."""
    way = _way(tag.on, form, reader)
    if way.many:
        _check_many(form, reader)
    else:
        _check_one(form, reader)
    if form.own and way.relation not in ("subsidiary", "descendant"):
        reader.refuse(
            f"{form.origin} are not of the same kind as the tag's own subject, or hold it already",
            "rolls_up", "self", hint="self is for subsidiaries and descendants: leave it out",
        )  # fmt: skip
    of, where = form.of, form.where
    measure = None
    if of is not None:
        measure = reader.step(lambda: parse_measure(of), "rolls_up", "of")
    if where is None:
        return Unbound(measure=measure, kind=way.kind)
    condition = reader.step(lambda: parse(where), "rolls_up", "where")
    return Unbound(measure=measure, conditions=(condition,), kind=way.kind)


def _way(kind: SubjectKind, form: RollUpForm, reader: Reader) -> Way:
    found = WAYS.get((kind, form.origin))
    if found is None:
        known = [origin for on, origin in WAYS if on == kind]
        reader.refuse(
            f"{PLURALS[kind]} have no {form.origin} to roll up from",
            "rolls_up", "from",
            hint=near(form.origin, known) or f"from {PLURALS[kind]}: " + ", ".join(known),
        )  # fmt: skip
    return found


def _check_many(form: RollUpForm, reader: Reader) -> None:
    """What goes together where there are many related subjects."""
    by = form.by
    if by is None:
        known = ", ".join((*ALLOWED, *OF_CONDITION))
        reader.refuse(
            f"there may be several {form.origin}, and by is missing",
            "rolls_up", hint=f"add by: one of {known}",
        )  # fmt: skip
    if by in OF_CONDITION:
        if form.of is not None:
            reader.refuse(
                f"{by} summarises a condition, not a value",
                "rolls_up", "of", hint="write the condition under where, and leave of out",
            )  # fmt: skip
        if form.where is None and by != "count":
            reader.refuse(
                f"{by} needs a condition",
                "rolls_up", "by", hint='add where: "a condition on them"',
            )  # fmt: skip
    elif form.of is None:
        reader.refuse(
            f"{by} needs a value", "rolls_up", "by", hint='add of: "their measure or tag"'
        )
    if by == "best" and form.order is None:
        reader.refuse(
            "best needs to know which label is better",
            "rolls_up", "by", hint="add order: [the best label, the next, …]",
        )  # fmt: skip
    if by != "best" and form.order is not None:
        reader.refuse("order is for by: best", "rolls_up", "order", hint="leave order out")


def _check_one(form: RollUpForm, reader: Reader) -> None:
    """What goes together where there is one related subject at most."""
    if form.of is None:
        reader.refuse(
            "of is missing: what to take over",
            "rolls_up",
            hint=f'add of: "a measure"; a condition is a tag with where: "{form.origin}(…)"',
        )
    for key, given in (("by", form.by), ("where", form.where), ("order", form.order)):
        if given is not None:
            reader.refuse(
                f"there is one {form.origin}, so {key} has nothing to choose from",
                "rolls_up", key, hint=f"leave {key} out",
            )  # fmt: skip


def check(
    tag: TagDefinition, form: RollUpForm, parsed: Unbound, vocabulary: Vocabulary, reader: Reader
) -> Checked:
    """The roll-up, bound to the related subjects' kind, and its type."""
    way = WAYS[tag.on, form.origin]
    where = None
    if parsed.conditions:
        unbound = parsed.conditions[0]
        where = reader.step(lambda: bind(unbound, way.kind, vocabulary), "rolls_up", "where")
    bound = None
    if parsed.measure is not None:
        measure = parsed.measure
        bound = reader.step(lambda: bind_measure(measure, way.kind, vocabulary), "rolls_up", "of")
    made = kinds.RollUp(
        way.relation,
        bound.measure if bound is not None else None,
        where,
        form.by,
        form.order or (),
        form.own,
    )
    if bound is None:
        return Checked(made, "boolean" if form.by in ("any", "all") else "number")
    if form.by is not None and bound.type not in ALLOWED[form.by]:
        reader.refuse(
            f"{form.by} is for {' or '.join(_TYPES[one] for one in ALLOWED[form.by])}, "
            f"and {form.of} is {article(bound.type)}",
            "rolls_up", "of", hint=_HINTS.get(bound.type),
        )  # fmt: skip
    values = bound.spec.values if bound.spec is not None else {}
    if form.order is not None:
        _check_order(form.order, bound, reader)
        values = {label: values.get(label, {}) for label in form.order}
    return Checked(made, bound.type, bound.codes, values=values)


_TYPES: Mapping[Type, str] = {"number": "numbers", "date": "dates", "category": "categories"}
_HINTS: Mapping[Type, str] = {
    "category": "use by: best or most",
    "boolean": "write it under where, with by: any, all, count or share",
    "date": "use by: min or max, or days_since(…)",
    "number": "use by: sum, avg, min or max",
    "categories": "write CONTAINS '…' under where, with by: any, all, count or share",
}


def _check_order(order: tuple[str, ...], of: Bound, reader: Reader) -> None:
    known = of.spec.values if of.spec is not None else {}
    for label in order:
        if of.codes is not None:
            code = of.codes.resolve(label)
            if code not in (None, label):
                reader.refuse(
                    f"{label!r} is a label of {of.codes.name}, and order takes codes",
                    "rolls_up", "order", hint=f"write {code!r}",
                )  # fmt: skip
        elif known and label not in known:
            reader.refuse(
                f"{label!r} is no value of what is rolled up",
                "rolls_up", "order",
                hint=near(label, known) or "its values are " + ", ".join(list(known)[:12]),
            )  # fmt: skip
