"""Where names are looked up: at a subject, or inside a stream's filter. Errors suggest the near."""

from __future__ import annotations

from dataclasses import dataclass, field

from holbein.conditions import tree
from holbein.conditions.tree import SUBJECT_KINDS, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, StreamSpec, Type, Vocabulary
from holbein.conditions.writing import shown, write, write_name, write_text
from holbein.errors import ConditionError, near

TARGETS: dict[tuple[SubjectKind, tree.Relation], SubjectKind] = {
    ("enterprise", "role"): "role",
    ("enterprise", "role_ever"): "role",
    ("enterprise", "parent"): "enterprise",
    ("enterprise", "root"): "enterprise",
    ("enterprise", "subsidiary"): "enterprise",
    ("enterprise", "descendant"): "enterprise",
    ("person", "role"): "role",
    ("person", "role_ever"): "role",
    ("person", "enterprise"): "enterprise",
    ("role", "enterprise"): "enterprise",
    ("role", "person"): "person",
}
"""From which kind which relation leads to which kind."""

# How a condition on subjects of one kind asks about another: {} is the condition.
_REACH: dict[tuple[SubjectKind, SubjectKind], str] = {
    ("enterprise", "role"): "any_role({})",
    ("enterprise", "person"): "any_role(person({}))",
    ("person", "role"): "any_role({})",
    ("person", "enterprise"): "enterprise({})",
    ("role", "enterprise"): "enterprise({})",
    ("role", "person"): "person({})",
}
PLURALS: dict[SubjectKind, str] = {
    "enterprise": "enterprises",
    "person": "people",
    "role": "roles",
}
AT = FieldSpec("at", "date", {"en": "date", "zh": "日期"})
"""The column that every stream has: the local day of the fact."""


def article(type_: Type) -> str:
    """The type with its article, as error messages speak of it."""
    return {
        "boolean": "true or false",
        "category": "a text (category)",
        "categories": "several labels at once (categories)",
        "number": "a number",
        "date": "a date",
    }[type_]


def _elsewhere(name: str) -> str:
    return (
        f"a text is written {write_text(name[:60])}; `holbein check` lists the attributes, "
        "`holbein tags` the tags"
    )


def _place(node: tree.Node) -> str:
    return f"in {shown(node)}"


@dataclass(frozen=True)
class SubjectScope:
    """Names as subjects of ``kind`` see them."""

    kind: SubjectKind
    vocabulary: Vocabulary

    def has(self, name: str) -> bool:
        return name in self.vocabulary.fields.get(self.kind, {})

    def reach(self, kind: SubjectKind, inner: str) -> str | None:
        """A hint how to ask about another kind, from here."""
        form = _REACH.get((self.kind, kind))
        return f"write {form.format(inner)}" if form else None

    def field(self, node: tree.Field, within: tree.Node) -> FieldSpec:
        """The attribute or tag of that name. Raises ConditionError, placed in ``within``."""
        own = self.vocabulary.fields.get(self.kind, {})
        if node.name in own:
            return own[node.name]
        raise self._unknown(node, within)

    def _unknown(self, node: tree.Field, within: tree.Node) -> ConditionError:
        name, place, vocabulary = node.name, _place(within), self.vocabulary
        written = write_name(name)
        for kind in SUBJECT_KINDS:
            if name in vocabulary.fields.get(kind, {}):
                return ConditionError(
                    f"{name} belongs to {PLURALS[kind]}, not to {PLURALS[self.kind]}",
                    place=place,
                    hint=self.reach(kind, f"{written} …"),
                )
        if vocabulary.source(name):
            return ConditionError(
                f"{name} is a stream or an event, not an attribute or tag",
                place=place,
                hint=f"write for example count({written}) > 0",
            )
        message = f"{PLURALS[self.kind]} have no attribute or tag {name[:60]}"
        hint = None
        streams = vocabulary.streams
        holders = [one for one in sorted(streams) if name in streams[one].columns]
        if holders:
            hint = (
                f"{name} is a column of {' and '.join(holders)}: write an aggregate such as "
                f"last({write_name(holders[0])}.{written})"
            )
        for kind in (self.kind, *SUBJECT_KINDS):
            hint = hint or near(name, vocabulary.fields.get(kind, {}))
        return ConditionError(message, place=place, hint=hint or _elsewhere(name))

    def stream(self, name: str, within: tree.Node) -> StreamScope:
        """The stream or event of that name, if its facts bear this kind. Raises ConditionError."""
        scope = StreamScope.named(name, self.vocabulary, within)
        bears = scope.spec.bears
        if self.kind not in bears:
            others = [kind for kind in SUBJECT_KINDS if kind in bears]
            hint = self.reach(others[0], write(within)) if others else None
            if isinstance(within, tree.Aggregate) and hint:
                hint = self.reach(others[0], f"{write(within)} …")
            raise ConditionError(
                f"{name} says nothing of {PLURALS[self.kind]}: its facts bear "
                + (" and ".join(PLURALS[kind] for kind in others) or "nobody"),
                place=_place(within),
                hint=hint,
            )
        return scope

    def related(self, relation: tree.Relation, within: tree.Node) -> SubjectScope:
        """The scope inside a quantifier. Raises ConditionError where there is none."""
        target = TARGETS.get((self.kind, relation))
        if target is None:
            raise ConditionError(
                f"{PLURALS[self.kind]} have no such relation",
                place=_place(within),
                hint=self._relation_hint(relation),
            )
        return SubjectScope(target, self.vocabulary)

    def _relation_hint(self, relation: tree.Relation) -> str:
        if relation == self.kind:
            return f"the subject is the {self.kind} already: write the condition itself"
        if self.kind == "enterprise":
            return "write any_role(person(…))"
        if self.kind == "role" and relation in ("role", "role_ever"):
            return "the subject is the role already; write enterprise(any_role(…)) for its peers"
        if relation == "person":
            return "the subject is the person already: write the condition itself"
        return "ask the enterprise: write enterprise(…) around it"


@dataclass(frozen=True)
class StreamScope:
    """Names inside a stream's filter: its columns, and nothing else."""

    spec: StreamSpec
    name: str
    """The name as written: the stream's, or an event's."""
    vocabulary: Vocabulary = field(repr=False)

    @staticmethod
    def named(name: str, vocabulary: Vocabulary, within: tree.Node | str) -> StreamScope:
        """The stream or event ``name``. Raises ConditionError with the near name."""
        found = vocabulary.source(name)
        if found:
            return StreamScope(found[0], name, vocabulary)
        known = [*vocabulary.streams, *vocabulary.events]
        streams = ", ".join(sorted(vocabulary.streams)) or "none"
        hint = near(name, known) or f"streams are {streams}"
        raise ConditionError(
            f"there is no stream or event {name[:60]}",
            place=f"in {within}" if isinstance(within, str) else _place(within),
            hint=hint,
        )

    def column(self, name: str, within: tree.Node) -> FieldSpec:
        """The column of that name. Raises ConditionError with the near name."""
        columns = self.spec.columns
        if name in columns:
            return columns[name]
        if name == "at":
            return AT
        known = [*columns, "at"]
        raise ConditionError(
            f"{self.spec.name} has no column {name[:60]}",
            place=_place(within),
            hint=near(name, known) or "its columns are " + ", ".join(known[:20]),
        )

    def field(self, node: tree.Field, within: tree.Node) -> FieldSpec:
        """A bare name inside the filter is a column."""
        try:
            return self.column(node.name, within)
        except ConditionError as error:
            if any(node.name in known for known in self.vocabulary.fields.values()):
                raise ConditionError(
                    f"{node.name} is an attribute or tag, and a filter of {self.name} sees only "
                    "the columns of the stream",
                    place=_place(within),
                    hint="ask for it outside of the aggregate, joined with AND",
                ) from None
            raise error from None

    def refused(self, node: tree.Node) -> ConditionError:
        """The error for what cannot stand inside a filter."""
        return ConditionError(
            f"a filter of {self.name} can only compare its columns with values",
            place=_place(node),
            hint="ask for it outside of the aggregate, joined with AND",
        )


Scope = SubjectScope | StreamScope
