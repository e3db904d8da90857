"""How a source's tables become enterprises, people, roles and streams."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

import pydantic

from holbein.catalog.located import Model
from holbein.catalog.parts import Columns, Name, Title, Written, checked_name, wrong
from holbein.conditions.tree import SubjectKind
from holbein.errors import near

ColumnType = Literal["boolean", "category", "categories", "number", "date", "money"]
Codes = Literal["regions", "industries", "none"]

RESERVED_ATTRIBUTES = frozenset({"id", "key", "keys", "valid_from", "valid_to"})
RESERVED_OF_ROLES = RESERVED_ATTRIBUTES | {"enterprise", "person"}
RESERVED_COLUMNS = frozenset({"id", "key", "at", "known_at", "day", "enterprise", "person", "role"})


def not_titled(values: Mapping[str, Title], type: ColumnType) -> tuple[str, str] | None:
    """Why ``values`` cannot be titled in a column of that type, and a hint; None where they can."""
    if type not in ("boolean", "category", "categories"):
        return f"a {type} has no values to title", "leave values out"
    for value in values if type == "boolean" else ():
        if value not in ("true", "false"):
            message = f"values names {value!r}, and the column is true or false"
            return message, "title the values true and false"
    return None


class ColumnMapping(Model):
    """``industry: Branch`` or ``industry: {column: Branch, type: category, codes: industries}``.

    ``type`` None is guessed from the data. ``codes`` None is the name's standard code list, if it
    has one (``standard.STANDARD_CODES``); "none" is no code list. ``values`` titles the values, as
    it does in tags; no condition can name another one then.
    """

    column: Written
    type: ColumnType | None = None
    codes: Codes | None = None
    title: Title = pydantic.Field(default_factory=dict)
    values: dict[str, Title] = pydantic.Field(default_factory=dict)

    @pydantic.model_validator(mode="after")
    def _codes_are_categories(self) -> ColumnMapping:
        if self.codes not in (None, "none") and self.type not in (None, "category"):
            raise wrong(f"codes are categories, and type says {self.type}", "leave type out")
        return self

    @pydantic.model_validator(mode="after")
    def _values_can_be_titled(self) -> ColumnMapping:
        if self.values and self.codes not in (None, "none"):
            raise wrong("codes have their titles already", "leave values out, or write codes: none")
        if self.values and self.type and (found := not_titled(self.values, self.type)):
            raise wrong(*found)
        return self


def _named(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class _ColumnSchema:
    """Lets editors accept the short form as well."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


ColumnOrName = Annotated[ColumnMapping, pydantic.BeforeValidator(_named), _ColumnSchema]


def _names(names: Mapping[str, Any], what: str, reserved: frozenset[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        checked_name(name)
        if name.lower() in reserved:
            raise wrong(
                f"no {what} can be named {name!r}: Holbein uses the name itself", "rename it"
            )
        if name.lower() in seen:
            raise wrong(f"{seen[name.lower()]!r} and {name!r} differ only in case", "rename one")
        seen[name.lower()] = name


class _FromTable(Model):
    table: Written | None = None
    sql: Written | None = None

    @pydantic.model_validator(mode="after")
    def _one_origin(self) -> _FromTable:
        if self.table is not None and self.sql is not None:
            raise wrong("it has both table and sql", "keep one of them")
        if self.table is None and self.sql is None:
            for given in self.model_extra or ():
                if hint := near(given, ("table", "sql")):
                    raise wrong(f"{given!r} is taken for an attribute, and no table is named", hint)
            raise wrong("it does not say where its rows are", "add table or sql")
        return self


class _WithAttributes(Model):
    """Every key that is not one of the model's own is an attribute."""

    model_config = pydantic.ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, ColumnOrName] = pydantic.Field(init=False)

    reserved: ClassVar[frozenset[str]] = RESERVED_ATTRIBUTES

    @property
    def attributes(self) -> Mapping[str, ColumnMapping]:
        """The columns of the attributes by name, in their order."""
        return MappingProxyType(self.__pydantic_extra__ or {})

    @pydantic.model_validator(mode="after")
    def _attribute_names(self) -> _WithAttributes:
        _names(self.attributes, "attribute", self.reserved)
        for name, one in self.attributes.items():
            if one.type == "money":
                raise wrong(
                    f"attribute {name!r} cannot be of type money: that is for streams",
                    "write type: number",
                )
        return self


class SubjectMapping(_FromTable, _WithAttributes):
    """Enterprises or people, one row each, or with ``valid_from`` one row per state."""

    id: Columns
    valid_from: Written | None = None
    parent: Columns | None = None
    """Enterprises only: the id of the enterprise above."""


class PersonOfRole(_WithAttributes):
    """The people that a table of roles brings along: their id and attributes."""

    id: Columns


def _person(value: Any) -> str:
    return "person" if isinstance(value, Mapping | PersonOfRole) else "columns"


class RoleMapping(_FromTable, _WithAttributes):
    """Roles: which person, at which enterprise, from when until when."""

    reserved: ClassVar[frozenset[str]] = RESERVED_OF_ROLES

    id: Columns | None = None
    """None: the enterprise and the person together are the id."""
    enterprise: Columns
    person: Annotated[
        Annotated[Columns, pydantic.Tag("columns")]
        | Annotated[PersonOfRole, pydantic.Tag("person")],
        pydantic.Discriminator(_person),
    ]
    """Columns with the id of a person known otherwise, or the person that the row describes."""
    since: Written | None = None
    until: Written | None = None
    valid_from: Written | None = None

    @property
    def person_id(self) -> tuple[str, ...]:
        """The columns that hold the person's id."""
        return self.person.id if isinstance(self.person, PersonOfRole) else self.person

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that hold the role's id."""
        return self.id or (*self.enterprise, *self.person_id)


class StreamMapping(_FromTable):
    """A table of dated facts."""

    key: Columns
    at: Written
    known_at: Written | None = None
    enterprise: Columns | None = None
    person: Columns | None = None
    role: Columns | None = None
    known: dict[Name, Written] = pydantic.Field(default_factory=dict)
    """For columns that become known later, the source's column that says when."""
    columns: dict[Name, ColumnOrName] | None = None
    """None: every other column of the table, its name in snake_case."""
    title: Title = pydantic.Field(default_factory=dict)

    @property
    def bears(self) -> frozenset[SubjectKind]:
        """Whose keys the facts bear; a role's key implies the other two."""
        if self.role is not None:
            return frozenset({"enterprise", "person", "role"})
        both: tuple[SubjectKind, ...] = ("enterprise", "person")
        return frozenset(kind for kind in both if getattr(self, kind) is not None)

    @pydantic.model_validator(mode="after")
    def _bears_and_knows(self) -> StreamMapping:
        if not self.bears:
            raise wrong("its facts belong to nobody", "add enterprise, person or role: COLUMN")
        if self.columns is not None:
            _names(self.columns, "column", RESERVED_COLUMNS)
            for name in self.known:
                if name not in self.columns:
                    hint = near(name, self.columns) or "known names one of the stream's columns"
                    raise wrong(f"known speaks of {name!r}, which is no column here", hint)
        return self


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, Mapping | Model) else value


class _ListedSchema:
    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        made = handler(core)
        return {"anyOf": [made["items"], made]}


def checked_source(name: str) -> str:
    """``name``, refused where ``name:key`` could not be read back."""
    checked_name(name.replace("-", "_"))
    return name


class SourceDefinition(Model):
    """One place that data comes from, and what its tables mean.

    ``source`` is the key space: entries that share it speak of the same keys.
    """

    source: Annotated[str, pydantic.AfterValidator(checked_source)]
    from_: Annotated[Written, pydantic.Field(alias="from")]
    """``sqlite:///PATH``, a folder, or one file; relative to the workspace."""
    enterprises: Annotated[
        tuple[SubjectMapping, ...], pydantic.BeforeValidator(_listed), _ListedSchema
    ] = ()
    people: Annotated[
        tuple[SubjectMapping, ...], pydantic.BeforeValidator(_listed), _ListedSchema
    ] = ()
    roles: Annotated[tuple[RoleMapping, ...], pydantic.BeforeValidator(_listed), _ListedSchema] = ()
    streams: dict[Name, StreamMapping] = pydantic.Field(default_factory=dict)

    def mappings(self) -> tuple[SubjectMapping | RoleMapping | StreamMapping, ...]:
        """All of its mappings, in order."""
        return (*self.enterprises, *self.people, *self.roles, *self.streams.values())

    @property
    def is_sqlite(self) -> bool:
        """Whether the source is a SQLite database, and so understands ``sql``."""
        return self.from_.startswith("sqlite:")

    @pydantic.model_validator(mode="after")
    def _fits(self) -> SourceDefinition:
        scheme, found, _ = self.from_.partition("://")
        if found and scheme != "sqlite":
            raise wrong(
                f"sources of the kind {scheme}:// cannot be read",
                "use sqlite:///PATH, a folder, or a .csv or .parquet file",
            )
        for mapping in self.mappings():
            if mapping.sql is not None and not self.is_sqlite:
                raise wrong("sql is for SQLite sources only", "write table: NAME")
        for person in self.people:
            if person.parent is not None:
                raise wrong("a person has no parent", "leave parent out")
        return self
