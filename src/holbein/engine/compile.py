"""The one compiler: from condition trees to SQL.

A ``Scope`` is a set of subjects of one kind, each at an as-of, of which conditions and measures
are asked. What they need is joined to it: states, tags, and relations that the neighbours
``fused`` (streams), ``sequence`` and ``related`` (roles, groups) build. Every scope is one SELECT;
everything else is a common table expression, written once and shared by whoever needs the same.

As-of is an expression. In a run it is one constant; in ``features`` each row of the scope has its
own, and then the keys are (id, instant) where they otherwise are (id).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from holbein.conditions.instants import AsOf
from holbein.conditions.tree import (
    Aggregate,
    Became,
    Bucket,
    Compare,
    Condition,
    Contains,
    Field,
    InAudience,
    Measure,
    Related,
    RelatedCount,
    RelatedShare,
    Sequence,
    SubjectKind,
    walk,
)
from holbein.conditions.vocabulary import FieldSpec, Vocabulary
from holbein.engine import related, sequence
from holbein.engine.base import Dialect, both, column, double, list_table, table, text, whole
from holbein.engine.compare import Comparisons, or_zero
from holbein.engine.exact import Exact
from holbein.engine.figures import Figures
from holbein.engine.fused import FusedFacts, family
from holbein.engine.values import Values

FUSED = "{0}: {1}"
"""What the relation of everyone's fused aggregates is called: by kind and family."""

LETTERS: Mapping[SubjectKind, str] = {"enterprise": "E", "person": "P", "role": "R"}


@dataclass(frozen=True)
class Moment:
    """As-of, as expressions: those of one ``as_of``, or columns of the scope's rows."""

    instant: exp.Expr
    day: exp.Expr
    as_of: AsOf | None = None

    @classmethod
    def at(cls, as_of: AsOf, dialect: Dialect) -> Moment:
        """A constant as-of."""
        return cls(dialect.instant(as_of.instant), dialect.day(as_of.day), as_of)


TagExpression = Callable[["Scope", str], exp.Expr]
"""How a tag is computed in a scope, where it is not read from the version."""


@dataclass(frozen=True)
class Layout:
    """What the compiler must know of the tables that it reads.

    ``flat`` kinds have one state for each subject, valid always. ``delayed`` names the columns
    of each stream that become known later, ``decimals`` those that are held as decimals; ``exact``
    says how its doubles are added up, where something is known of them. ``tag`` is None where tags
    are read from the tables ``tags.KIND``. ``figures`` are tables that hold figures over facts
    already, by kind and name.
    """

    vocabulary: Vocabulary
    dialect: Dialect
    flat: frozenset[SubjectKind] = frozenset()
    delayed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    decimals: Mapping[str, frozenset[str]] = field(default_factory=dict)
    exact: Mapping[str, Mapping[str, Exact]] = field(default_factory=dict)
    tag: TagExpression | None = None
    figures: Mapping[tuple[SubjectKind, str], str] = field(default_factory=dict)


class Compiler:
    """Collects the common table expressions of one query."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._names: dict[str, str] = {}
        self._selects: dict[str, exp.Query] = {}
        self._tags: dict[tuple[str | None, SubjectKind, str], str] = {}
        self._audiences: dict[tuple[str | None, SubjectKind, str], str] = {}
        self._fused: dict[tuple[SubjectKind, str], FusedFacts] = {}
        self._figures: dict[tuple[SubjectKind, str], Figures] = {}
        self._values: dict[str, Values] = {}
        self.asks: list[tuple[SubjectKind, str]] = []
        """Each time that figures of everyone's facts are asked for, which."""

    def share(self, select: exp.Query, about: str) -> str:
        """The name under which ``select`` stands among the common table expressions."""
        written = select.sql(self.layout.dialect.name)
        if written not in self._names:
            name = f"{about}_{len(self._names) + 1}"
            self._names[written] = name
            self._selects[name] = select
        return self._names[written]

    def everyone(self, kind: SubjectKind, as_of: AsOf) -> Scope:
        """All subjects of a kind, as of one instant."""
        return Scope(self, kind, Moment.at(as_of, self.layout.dialect), None)

    def some(self, kind: SubjectKind, as_of: AsOf, chosen: exp.Query) -> Scope:
        """The subjects whose ``id`` is in ``chosen`` (distinct ids), as of one instant."""
        moment = Moment.at(as_of, self.layout.dialect)
        return Scope(self, kind, moment, self.share(chosen, "chosen"))

    def pairs(self, kind: SubjectKind, chosen: exp.Query) -> Scope:
        """Distinct rows of (id, instant, day), each with its own as-of."""
        moment = Moment(column("instant", "u"), column("day", "u"))
        return Scope(self, kind, moment, self.share(chosen, "pairs"), moving=True)

    def finish(self, select: exp.Select) -> exp.Select:
        """The query with all that it needs; nothing may be asked of the compiler after that."""
        out = select.copy()
        asked = dict(self._selects)
        together = {
            FUSED.format(*key): one.select()
            for key, one in self._fused.items()
            if key not in self.layout.figures
        }
        beneath = {name: one for name, one in self._selects.items() if name not in asked}
        values = {name: one.select() for name, one in self._values.items()}
        for name, one in {**values, **beneath, **together, **asked}.items():
            out = out.with_(exp.to_identifier(name, quoted=True), as_=one.copy(), copy=False)
        return out

    def asked(self) -> dict[tuple[SubjectKind, str], Figures]:
        """The figures of everyone's facts that were asked for until now."""
        return {**{key: one.figures() for key, one in self._fused.items()}, **self._figures}

    def figures(self, scope: Scope, made: Figures) -> str:
        """The relation that ``made`` is in a scope, shared, or at hand already."""
        if not scope.is_everyone:
            return self.share(made.build(scope), "figures")
        key = made.kind, made.name
        self.asks.append(key)
        self._figures[key] = made
        return self.layout.figures.get(key) or self.share(made.build(scope), "figures")

    def fused(self, scope: Scope, stream: str, name: str) -> FusedFacts:
        """The aggregates of a family: of everyone, those of the whole query stand in one relation
        (``fused_relation``), to which more may be added to the end."""
        if not scope.is_everyone:
            return FusedFacts(scope, stream, name)
        key = scope.kind, name
        self.asks.append(key)
        if key not in self._fused:
            self._fused[key] = FusedFacts(scope, stream, name)
        return self._fused[key]

    def fused_relation(self, scope: Scope, name: str, asked: FusedFacts) -> str:
        """The relation that the aggregates of a family stand in."""
        if not scope.is_everyone:
            return self.share(asked.select(), "facts")
        key = scope.kind, name
        return self.layout.figures.get(key) or FUSED.format(*key)

    def values(self, scope: Scope, stream: str, column: str | None) -> Values:
        """The values of a stream's column; of everyone, one relation for the whole query."""
        if not scope.is_everyone:
            return Values(scope, stream, column)
        fresh = Values(scope, stream, column)
        return self._values.setdefault(fresh.name, fresh)

    def values_relation(self, scope: Scope, values: Values) -> str:
        """The relation of values of which no more will be asked in a scope; of everyone, it is
        written when all the query is."""
        return values.name if scope.is_everyone else self.share(values.select(), "values")

    def audience_relation(self, scope: Scope, name: str, where: Condition) -> str:
        """Those of a scope's subjects who are in a dynamic audience: a shared relation of the keys.

        Only audiences that ask for others stand apart: written out at each use, a chain of them
        would grow without bounds.
        """
        known = (scope.chosen, scope.kind, name)
        if known not in self._audiences:
            fresh = scope.of(scope.kind, scope.chosen)
            self._audiences[known] = self.share(
                fresh.select({}, fresh.condition(where)), "audience"
            )
        return self._audiences[known]

    def tag_relation(self, scope: Scope, name: str, compute: TagExpression) -> str:
        """A tag computed over a scope's subjects: a shared relation of the keys and ``value``."""
        known = (scope.chosen, scope.kind, name)
        if known not in self._tags:
            fresh = scope.of(scope.kind, scope.chosen)
            value = compute(fresh, name)
            self._tags[known] = self.share(fresh.select({"value": value}), "tag")
        return self._tags[known]


class Scope(Comparisons):
    """Subjects of one kind at their as-of, and what was joined to them.

    ``chosen`` is the relation of the subjects (column ``id``; ``instant`` and ``day`` where the
    scope is ``moving``), or None for all of the kind. Its rows stand under the alias ``u``.
    """

    def __init__(
        self,
        compiler: Compiler,
        kind: SubjectKind,
        moment: Moment,
        chosen: str | None,
        *,
        moving: bool = False,
    ) -> None:
        self.compiler = compiler
        self.vocabulary = compiler.layout.vocabulary
        self.dialect = compiler.layout.dialect
        self.kind = kind
        self.moment = moment
        self.today = moment.day
        self.chosen = chosen
        self.moving = moving
        self._flat = chosen is None and kind in compiler.layout.flat
        self._joins: dict[str, exp.Join] = {}
        self._facts: dict[str, FusedFacts] = {}

    # --- rows and joins -------------------------------------------------------------------------

    @property
    def is_everyone(self) -> bool:
        """Whether these are all subjects of the kind, as of one instant."""
        return self.chosen is None and not self.moving

    @property
    def keys(self) -> tuple[str, ...]:
        """What a row is known by."""
        return ("id", "instant") if self.moving else ("id",)

    def of(self, kind: SubjectKind, chosen: str | None) -> Scope:
        """Other subjects, seen at the same as-of, with nothing joined yet."""
        return Scope(self.compiler, kind, self.moment, chosen, moving=self.moving)

    def join(
        self, relation: str, alias: str | None = None, keys: tuple[str, ...] | None = None
    ) -> str:
        """Join a relation that has this scope's keys, each at most once; the alias it gets."""
        alias = alias or relation
        on = both(
            *(
                exp.EQ(this=column(key, alias), expression=column(key, "u"))
                for key in keys or self.keys
            )
        )
        self._joins.setdefault(alias, exp.Join(this=table(relation, alias), on=on, side="LEFT"))
        return alias

    def _attributes(self, name: str) -> str:
        """The alias under which an attribute stands."""
        if self._flat:
            return "u"
        if self.kind == "role" and name in ("since", "until"):
            # These belong to the role as such, whatever state it is in.
            bounds = exp.select(column("id"), column("since"), column("until")).distinct()
            return self.join(
                self.compiler.share(bounds.from_(table("role")), "bounds"), keys=("id",)
            )
        if "states" not in self._joins:
            same = exp.EQ(this=column("id", "states"), expression=column("id", "u"))
            on = both(same, related.valid_at("states", self.moment))
            self._joins["states"] = exp.Join(this=table(self.kind, "states"), on=on, side="LEFT")
        return "states"

    def _rows(self) -> exp.Expr:
        if self.chosen is not None:
            return table(self.chosen, "u")
        if self._flat:
            return table(self.kind, "u")
        ids = exp.select(column("id")).distinct().from_(table(self.kind))
        return table(self.compiler.share(ids, "everyone"), "u")

    def select(self, columns: Mapping[str, exp.Expr], where: exp.Expr | None = None) -> exp.Select:
        """The keys (and ``day``, if moving) and ``columns`` of every subject, or where it holds."""
        for name, one in self._facts.items():
            self.join(self.compiler.fused_relation(self, name, one), name)
        keys = (*self.keys, "day") if self.moving else self.keys
        out = exp.select(
            *(column(key, "u") for key in keys),
            *(exp.alias_(one, name, quoted=True) for name, one in columns.items()),
        ).from_(self._rows())
        for join in self._joins.values():
            out = out.join(join, copy=False)
        return out.where(where) if where is not None else out

    # --- measures -------------------------------------------------------------------------------

    def field(self, name: str) -> exp.Expr:
        """An attribute or tag, as it is at as-of."""
        spec = self.vocabulary.fields[self.kind][name]
        compute = self.compiler.layout.tag
        if not spec.is_tag:
            value: exp.Expr = column(name, self._attributes(name))
        elif compute is None:
            value = column(name, self.join(f"tags.{self.kind}", "tags", ("id",)))
        else:
            value = column("value", self.join(self.compiler.tag_relation(self, name, compute)))
        return double(value) if spec.type == "number" else value

    def measure(self, node: Measure) -> exp.Expr:
        match node:
            case Aggregate():
                name = family(node, self)
                if name not in self._facts:
                    self._facts[name] = self.compiler.fused(self, node.stream, name)
                return self._facts[name].column(node)
            case Bucket(salt=salt):
                ident = exp.cast(column("id", "u"), exp.DataType.Type.TEXT)
                salted = exp.DPipe(this=text(f"{salt}:{LETTERS[self.kind]}:"), expression=ident)
                return self.dialect.fraction(salted)
            case RelatedCount(relation=relation, where=where):
                return double(or_zero(column("k", self.join(related.hits(self, relation, where)))))
            case RelatedShare(relation=relation, where=where):
                hits = self.join(related.hits(self, relation, where))
                return exp.Div(this=double(column("k", hits)), expression=double(column("n", hits)))
        return super().measure(node)

    def spec_of(self, node: Measure) -> FieldSpec | None:
        match node:
            case Field(name=name):
                return self.vocabulary.fields[self.kind][name]
            case Aggregate(stream=stream, column=str(name)):
                found = self.vocabulary.source(stream)
                return found[0].columns.get(name) if found else None
        return None

    # --- conditions -----------------------------------------------------------------------------

    def condition(self, node: Condition) -> exp.Expr:
        match node:
            case Related(quantifier=quantifier, relation=relation, where=where):
                hits = self.join(related.hits(self, relation, where))
                met, all_ = or_zero(column("k", hits)), or_zero(column("n", hits))
                if quantifier == "any":
                    return exp.GT(this=met, expression=whole(0))
                if quantifier == "no":
                    return exp.EQ(this=met, expression=whole(0))
                some = exp.GT(this=all_, expression=whole(0))
                return exp.and_(some, exp.EQ(this=met, expression=all_.copy()))
            case Sequence():
                found = sequence.figures(self.kind, node)
                return self._is_in(self.compiler.figures(self, found))
            case InAudience(audience=name):
                said = self.vocabulary.audiences[name].where
                if said is not None and not any(isinstance(one, InAudience) for one in walk(said)):
                    return self.condition(said)
                if said is not None:
                    return self._is_in(self.compiler.audience_relation(self, name, said))
                listed = exp.select(column("id")).from_(table(list_table(name)))
                return exp.In(this=column("id", "u"), query=exp.Subquery(this=listed))
            case Became(tag=tag, value=value):
                several = self.vocabulary.fields[self.kind][tag].type == "categories"
                holds: Condition = (
                    Contains(Field(tag), str(value.value))
                    if several
                    else Compare(Field(tag), "=", value)
                )
                changed = self._is_in(related.became(self, node, several=several))
                return both(changed, self.condition(holds))
        return super().condition(node)

    def _is_in(self, relation: str) -> exp.Expr:
        return exp.Not(this=exp.Is(this=column("id", self.join(relation)), expression=exp.null()))
