"""What a tag is once it is checked: its type, its meaning bound to the catalogue, what it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from typing import Literal as Constant

import pydantic

from holbein.conditions.tree import (
    Aggregate,
    Condition,
    Field,
    Measure,
    Relation,
    SubjectKind,
    Window,
)
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

    ``path`` is as written, relative to the workspace; ``id`` are the key's columns. Without
    ``source`` the keys are ``source:key``. ``came_from`` is the file that came in, on the day
    ``came_at``: YYYY-MM-DD.
    """

    path: str
    source: str | None
    id: tuple[str, ...]
    value: str | None
    came_from: str | None = None
    came_at: str | None = None
    form: Constant["imported"] = "imported"


Summary = Constant["sum", "avg", "min", "max", "count", "share", "any", "all", "best", "most"]


@dataclass(frozen=True)
class RollUp:
    """What related subjects say, carried over to the subject.

    Of one related subject at most, ``by`` is None and ``of`` is taken over. Of many, ``by`` makes
    one value of their ``of`` (those that meet ``where``), or of whether they meet ``where``.
    ``order`` are the labels of ``best``, the best first; with ``own`` the subject is among them.
    """

    relation: Relation
    of: Measure | None
    where: Condition | None
    by: Summary | None
    order: tuple[str, ...]
    own: bool
    form: Constant["rolls_up"] = "rolls_up"


@dataclass(frozen=True)
class Ranking:
    """Where ``of`` stands among the peers: the subjects that are alike in the fields ``among``.

    A percentile lies between 0 and 100; a rank counts from the end that ``order`` says is first.
    """

    of: Measure
    among: tuple[str, ...]
    gives: Constant["percentile", "rank"]
    order: Constant["highest", "lowest"]
    form: Constant["ranks"] = "ranks"


RfmFigure = Constant["segment", "score", "recency", "frequency", "monetary"]


@dataclass(frozen=True)
class Rfm:
    """How recent, how frequent and how large a subject's facts are, held against all who have any.

    Each of the three is scored from 1 to ``bins``; without ``amount`` only two are. ``where`` is a
    filter bound to the stream.
    """

    stream: str
    amount: str | None
    window: Window | None
    where: Condition | None
    gives: RfmFigure
    bins: int
    form: Constant["rfm"] = "rfm"

    @property
    def figures(self) -> Mapping[str, Aggregate]:
        """What is scored, by name."""
        within = (self.window, None, self.where)
        figures = {
            "recency": Aggregate("days_since", self.stream, None, *within),
            "frequency": Aggregate("count", self.stream, None, *within),
        }
        if self.amount is not None:
            figures["monetary"] = Aggregate("sum", self.stream, self.amount, *within)
        return figures


@dataclass(frozen=True)
class Limits:
    """What a computation of the workspace's own may take: wall-clock seconds, bytes of memory."""

    seconds: int
    memory: int


@dataclass(frozen=True)
class SqlQuery:
    """The rows (id, value) of a vetted SELECT. ``query`` is the text that DuckDB is given.

    ``tables`` are those that it names, ``reads`` the tags that the tables tags_KIND have. The
    limits are no part of the meaning.
    """

    query: str
    tables: tuple[str, ...]
    reads: tuple[tuple[SubjectKind, str], ...]
    limits: Limits = field(compare=False)
    form: Constant["sql"] = "sql"


@dataclass(frozen=True)
class PythonFunction:
    """What a function makes of the attributes and tags that it reads, one value for each subject.

    ``sha256`` is of the file's content: an edited file means something else.
    """

    path: str
    function: str
    reads: tuple[str, ...]
    sha256: str
    limits: Limits = field(compare=False)
    form: Constant["python"] = "python"


Definition = Annotated[
    AttributeOf
    | Statistic
    | Flag
    | Rule
    | Band
    | Preference
    | Imported
    | RollUp
    | Ranking
    | Rfm
    | SqlQuery
    | PythonFunction,
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
