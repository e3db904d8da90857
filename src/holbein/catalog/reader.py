"""What reading a tag's definition gives, and how its errors become problems with a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeVar

from holbein.catalog import kinds
from holbein.catalog.problems import Problems
from holbein.conditions.tree import Condition, Measure, Node, SubjectKind, Window
from holbein.conditions.vocabulary import CodeList, Titles, Type
from holbein.errors import ConditionError

if TYPE_CHECKING:
    from holbein.catalog.definitions import TagDefinition

T = TypeVar("T")


@dataclass(frozen=True)
class Unbound:
    """The trees of a tag as they were read."""

    measure: Measure | None = None
    conditions: tuple[Condition, ...] = ()
    filter: Condition | None = None
    window: Window | None = None
    half_life: Window | None = None
    others: tuple[Measure, ...] = ()
    """More measures, where the tag has some."""
    reads: tuple[tuple[SubjectKind, str], ...] = ()
    """What SQL and Python tags name beside any tree."""
    kind: SubjectKind | None = None
    """Of whom the trees speak, where it is not the tag's own kind."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All that may read tags and audiences; filters see only columns."""
        measures = () if self.measure is None else (self.measure,)
        return (*measures, *self.others, *self.conditions)


@dataclass(frozen=True)
class Checked:
    """A tag's meaning and what its values are."""

    definition: kinds.Definition
    type: Type
    codes: CodeList | None = None
    titles: Titles | None = None
    """Titles that it takes over from an attribute."""
    values: Mapping[str, Titles] | None = None
    """Titled values that it takes over from another field, or that its kind of tag has."""


class Failed(Exception):
    """Noted already."""


class Reader:
    """Runs the steps on one tag, and turns their errors into problems with place."""

    def __init__(self, tag: TagDefinition, problems: Problems) -> None:
        self.tag = tag
        self.problems = problems

    def step(self, do: Callable[[], T], *path: str | int) -> T:
        try:
            return do()
        except ConditionError as error:
            self.tell(error.message, path, error.hint, error.place)
            raise Failed from None

    def tell(
        self,
        message: str,
        path: tuple[str | int, ...],
        hint: str | None = None,
        inner: str | None = None,
    ) -> None:
        place = self.tag.place_of(*path)
        self.problems.add(
            f"tag {self.tag.tag!r}: {message}", f"{place}, {inner}" if inner else place, hint
        )

    def refuse(self, message: str, *path: str | int, hint: str | None = None) -> NoReturn:
        """Note what is wrong, and end the reading of this tag."""
        self.tell(message, path, hint)
        raise Failed
