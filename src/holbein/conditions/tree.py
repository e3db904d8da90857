"""The condition tree: the one form in which Holbein holds a condition.

A condition is true or false of each subject; a measure has a value, or is missing, for each
subject. Nodes are frozen, compare by value, and know nothing of catalogues, SQL or data. Their
meaning is ``docs/semantics.md``; their text, JSON and words are the sibling modules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Annotated, Any, ClassVar
from typing import Literal as Constant

import pydantic

SubjectKind = Constant["enterprise", "person", "role"]
SUBJECT_KINDS: tuple[SubjectKind, ...] = ("enterprise", "person", "role")

Unit = Constant["minute", "hour", "day", "week", "month", "year"]
AggregateName = Constant[
    "count", "count_days", "count_distinct", "sum", "avg", "min", "max", "median",
    "first", "last", "days_since",
]  # fmt: skip
CompareSign = Constant["=", "<", "<=", ">", ">="]
ArithmeticSign = Constant["+", "-", "*", "/"]
Relation = Constant[
    "role", "role_ever", "enterprise", "person", "parent", "root", "subsidiary", "descendant"
]
Quantifier = Constant["any", "all", "no"]


class Node:
    """What every node shares."""

    __slots__ = ()
    __pydantic_config__: ClassVar[pydantic.ConfigDict] = pydantic.ConfigDict(
        extra="forbid", strict=False
    )


def _tag(name: str) -> Any:
    return field(default=name, repr=False, kw_only=True)


# --- literals -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Text(Node):
    """A label or code: ``'Software'``."""

    value: str
    node: Constant["text"] = _tag("text")


@dataclass(frozen=True)
class Number(Node):
    """A number: ``10000``, ``0.7``. Finite."""

    value: float
    node: Constant["number"] = _tag("number")


@dataclass(frozen=True)
class Truth(Node):
    """``TRUE`` or ``FALSE`` as a value to compare with."""

    value: bool
    node: Constant["truth"] = _tag("truth")


@dataclass(frozen=True)
class Day(Node):
    """A date: ``DATE '2024-02-29'``."""

    value: dt.date
    node: Constant["day"] = _tag("day")


# --- measures -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window(Node):
    """A stretch of time: ``'90 days'``. Weeks, months and years are calendar ones."""

    count: int
    unit: Unit
    node: Constant["window"] = _tag("window")

    @property
    def elapsed(self) -> bool:
        """True where the window is counted in hours or minutes, not in local days."""
        return self.unit in ("minute", "hour")


@dataclass(frozen=True)
class Field(Node):
    """An attribute or tag of the subject at hand; in a stream's filter, a column of the stream."""

    name: str
    node: Constant["field"] = _tag("field")


@dataclass(frozen=True)
class Aggregate(Node):
    """One figure over the facts of a stream: ``sum(orders.amount, '90 days', status = 'paid')``.

    ``stream`` is a stream's name or an event's. ``column`` is None for count, count_days and
    days_since. ``where`` may use only literals, columns of the stream, and the nodes that compare
    them.
    """

    name: AggregateName
    stream: str
    column: str | None = None
    window: Window | None = None
    before: Window | None = None
    where: Condition | None = None
    node: Constant["aggregate"] = _tag("aggregate")


@dataclass(frozen=True)
class Elapsed(Node):
    """Whole local days, months or years between a date and as-of: ``days_until(renewal_date)``.

    Before it is bound to a catalogue, ``days_since(login)`` is also held as this node, since only
    the catalogue tells a date from a stream; binding turns it into an Aggregate.
    """

    unit: Constant["day", "month", "year"]
    direction: Constant["since", "until"]
    of: Measure
    node: Constant["elapsed"] = _tag("elapsed")


@dataclass(frozen=True)
class Bucket(Node):
    """A stable number in [0, 1) of the subject: ``bucket('spring campaign')``."""

    salt: str
    node: Constant["bucket"] = _tag("bucket")


@dataclass(frozen=True)
class Arithmetic(Node):
    """A number made of two: ``0.7 * sum(orders.amount)``."""

    left: Measure
    sign: ArithmeticSign
    right: Measure
    node: Constant["arithmetic"] = _tag("arithmetic")


@dataclass(frozen=True)
class RelatedCount(Node):
    """How many related subjects meet a condition: ``count_roles(…)``, ``count_subsidiaries(…)``."""

    relation: Constant["role", "subsidiary"]
    where: Condition
    node: Constant["related_count"] = _tag("related_count")


@dataclass(frozen=True)
class RelatedShare(Node):
    """Which share of the current roles meets a condition: ``role_share(...)``."""

    relation: Constant["role"]
    where: Condition
    node: Constant["related_share"] = _tag("related_share")


# --- conditions ---------------------------------------------------------------------------------


def _flat(kind: type[And | Or], items: tuple[Condition, ...]) -> tuple[Condition, ...]:
    out: list[Condition] = []
    for item in items:
        out.extend(item.items if isinstance(item, kind) else (item,))
    return tuple(out)


@dataclass(frozen=True)
class And(Node):
    """True where every item is. ``And(())`` is TRUE. Directly nested Ands are one."""

    items: tuple[Condition, ...]
    node: Constant["and"] = _tag("and")

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", _flat(And, tuple(self.items)))


@dataclass(frozen=True)
class Or(Node):
    """True where some item is. ``Or(())`` is FALSE. Directly nested Ors are one."""

    items: tuple[Condition, ...]
    node: Constant["or"] = _tag("or")

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", _flat(Or, tuple(self.items)))


@dataclass(frozen=True)
class Not(Node):
    """The complement. ``<>``, NOT IN, NOT LIKE, IS NOT NULL … are held as Not of the positive."""

    item: Condition
    node: Constant["not"] = _tag("not")


@dataclass(frozen=True)
class Compare(Node):
    """``employees >= 50``. A bare boolean name, ``active``, is ``active = TRUE``."""

    left: Measure
    sign: CompareSign
    right: Measure
    node: Constant["compare"] = _tag("compare")


@dataclass(frozen=True)
class In(Node):
    """``province IN ('Shanghai', 'Zhejiang')``: equal to one of the values. At least one value."""

    of: Measure
    values: tuple[Literal, ...]
    node: Constant["in"] = _tag("in")


@dataclass(frozen=True)
class Between(Node):
    """``employees BETWEEN 50 AND 500``: both ends included."""

    of: Measure
    low: Measure
    high: Measure
    node: Constant["between"] = _tag("between")


@dataclass(frozen=True)
class Like(Node):
    """``title LIKE '%CFO%'``: ``%`` any text, ``_`` one character, whatever the case."""

    of: Measure
    pattern: str
    node: Constant["like"] = _tag("like")


@dataclass(frozen=True)
class Contains(Node):
    """``favourite_categories CONTAINS 'Seafood'``: one of several labels."""

    of: Measure
    value: str
    node: Constant["contains"] = _tag("contains")


@dataclass(frozen=True)
class Within(Node):
    """``region WITHIN '310000'``: that code or label, or any below it."""

    of: Measure
    value: str
    node: Constant["within"] = _tag("within")


@dataclass(frozen=True)
class Missing(Node):
    """``region IS NULL``."""

    of: Measure
    node: Constant["missing"] = _tag("missing")


@dataclass(frozen=True)
class Related(Node):
    """A condition on related subjects: ``any_role(...)``, ``enterprise(...)``, ``parent(...)``.

    Which pairs of quantifier and relation exist is ``RELATED_FUNCTIONS`` in ``text``.
    """

    quantifier: Quantifier
    relation: Relation
    where: Condition
    node: Constant["related"] = _tag("related")


@dataclass(frozen=True)
class Step(Node):
    """One step of a sequence: a stream or event, and a filter on its columns."""

    stream: str
    where: Condition | None = None
    node: Constant["step"] = _tag("step")


@dataclass(frozen=True)
class Sequence(Node):
    """``sequence(visit, trial, within => '7 days')``: facts in strict order, at least two steps."""

    steps: tuple[Step, ...]
    within: Window | None = None
    node: Constant["sequence"] = _tag("sequence")


@dataclass(frozen=True)
class InAudience(Node):
    """``in_audience('key accounts')``."""

    audience: str
    node: Constant["in_audience"] = _tag("in_audience")


@dataclass(frozen=True)
class Became(Node):
    """``became(value_tier, 'high', '7 days')``: took the value in the window, and has it still."""

    tag: str
    value: Literal
    window: Window
    node: Constant["became"] = _tag("became")


Literal = Annotated[Text | Number | Truth | Day, pydantic.Field(discriminator="node")]
Measure = Annotated[
    Text | Number | Truth | Day | Field | Aggregate | Elapsed | Bucket | Arithmetic
    | RelatedCount | RelatedShare,
    pydantic.Field(discriminator="node"),
]  # fmt: skip
Condition = Annotated[
    And | Or | Not | Compare | In | Between | Like | Contains | Within | Missing | Related
    | Sequence | InAudience | Became,
    pydantic.Field(discriminator="node"),
]  # fmt: skip

TRUE = And(())
FALSE = Or(())


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside ``node``, in their written order."""
    kind: Any = type(node)
    for name in _parts(kind):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item


@cache
def _parts(kind: Any) -> tuple[str, ...]:
    """What a node of some kind has that may be or hold nodes."""
    return tuple(one.name for one in fields(kind) if one.name != "node")


def walk(node: Node) -> Iterator[Node]:
    """``node`` and every node below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)
