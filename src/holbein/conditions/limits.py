"""How large a condition may be, and the rules of form that hold whatever it was made from.

The text's parser, the JSON form and binding all apply these, so that a tree from any of the three
can be walked, compiled and written without fear of its size.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import types
import typing
from dataclasses import fields
from functools import cache
from typing import Any, Final

from holbein.conditions import tree
from holbein.conditions.functions import COUNT_NAMES, RELATED_NAMES, WITHOUT_COLUMN
from holbein.errors import ConditionError, near

MAX_TEXT = 100_000
"""Characters in a condition's text."""
MAX_DEPTH = 100
"""Nodes on the longest way from the root to a leaf; also nested parentheses and NOTs."""
MAX_VALUES = 1_000
"""Values in one list."""

TOO_DEEP = f"the condition nests more than {MAX_DEPTH} deep"
DEEP_HINT = "split it into tags, or join the parts with AND and OR on one level"
LIST_HINT = "import the values as a list with `holbein audience import` and use in_audience('…')"

_MAX_UNITS = {"day": 10_000, "week": 5_217, "month": 1_200, "year": 100}
_UNITS = "minute|hour|day|week|month|year"
_WINDOW = re.compile(rf"\s*([0-9]{{1,9}})\s*({_UNITS})s?\s*", re.IGNORECASE)
# Lone surrogates cannot be encoded; of the control characters only tab and line ends are text.
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONE_BACKSLASH = re.compile(r"(?:[^\\]|\\.)*\\", re.DOTALL)


def is_window(text: str) -> bool:
    """Whether a text reads as a number and a unit of time."""
    return _WINDOW.fullmatch(text) is not None


def window(text: str) -> tree.Window:
    """The window that a text such as ``90 days`` means. Raises ConditionError without a place."""
    found = _WINDOW.fullmatch(text)
    if not found:
        raise ConditionError(
            f"'{text[:40]}' is no stretch of time", hint="write for example '90 days'"
        )
    made = tree.Window(int(found[1]), found[2].lower())  # type: ignore[arg-type]
    check_window(made)
    return made


def check_window(one: tree.Window) -> None:
    """Refuse windows of nothing, and those too long for any use."""
    most = _MAX_UNITS.get(one.unit, 10_000)
    if not 1 <= one.count <= most:
        raise ConditionError(
            f"a stretch of {one.count} {one.unit}s is out of range",
            hint=f"write from 1 to {most} {one.unit}s, for example '90 days'",
        )


def day(text: str) -> dt.date | None:
    """The date that is written YYYY-MM-DD, or None. No other of ISO's forms is one."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def check_kind(kind: object) -> None:
    """Refuse what is no kind of subject."""
    if kind not in tree.SUBJECT_KINDS:
        known = ", ".join(tree.SUBJECT_KINDS)
        hint = near(kind, tree.SUBJECT_KINDS) if isinstance(kind, str) else None
        raise ConditionError(
            f"there is no kind of subject {_told(kind)}", hint=hint or f"use one of {known}"
        )


def check_text(text: str) -> None:
    """Refuse characters that no value, name or file of ours can hold."""
    if found := _UNUSABLE.search(text):
        raise ConditionError(
            f"the character U+{ord(found[0]):04X} cannot be used in a condition",
            hint="remove it",
        )


def check_pattern(pattern: str) -> None:
    r"""Refuse a LIKE pattern that ends in a lone backslash, which would escape nothing."""
    if pattern.endswith("\\") and _LONE_BACKSLASH.fullmatch(pattern):
        raise ConditionError(
            "the pattern ends in a backslash that escapes nothing",
            hint=r"write \\ for a backslash itself",
        )


def check_depth(node: tree.Node) -> None:
    """Refuse a tree deeper than ``MAX_DEPTH``; does not recurse."""
    level: list[tree.Node] = [node]
    for _ in range(MAX_DEPTH):
        level = [child for one in level for child in tree.children(one)]
        if not level:
            return
    raise ConditionError(TOO_DEEP, hint=DEEP_HINT)


def check_form(node: object) -> None:
    """Refuse a tree that no text could have given: depth, list lengths, pairs, windows, names."""
    if not isinstance(node, tree.Node) or type(node) is tree.Node:
        raise ConditionError(
            f"a condition is a text or a tree, and this is {type(node).__name__}",
            hint="write it in quotes, or build it from the nodes of holbein.conditions.tree",
        )
    check_depth(node)
    for one in tree.walk(node):
        _check_parts(one)
        _check_node(one)


# --- what the parts of a node may be: Python holds no one to the types of the tree ---------------


def _check_parts(node: tree.Node) -> None:
    hints = _hints(type(node))  # type: ignore[arg-type]
    for part in fields(node):  # type: ignore[arg-type]
        value, hint = getattr(node, part.name), hints[part.name]
        if not _fits(value, hint):
            wrong, word = value, "be"
            if isinstance(value, tuple) and typing.get_origin(hint) is tuple:
                each = typing.get_args(hint)[0]
                wrong, word = next(one for one in value if not _fits(one, each)), "hold"
            raise ConditionError(
                f"{part.name} of {type(node).__name__} cannot {word} {_told(wrong)}",
                hint="holbein.conditions.tree says what each node holds",
            )


@cache
def _hints(kind: type[tree.Node]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


_UNIONS: Final = (typing.Union, types.UnionType)


def _fits(value: object, hint: Any) -> bool:
    origin, of = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return isinstance(value, str) and value in of
    if origin in _UNIONS:
        return any(_fits(value, one) for one in of)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(one, of[0]) for one in value)
    if hint in (int, float):
        wanted = int if hint is int else (int, float)
        return isinstance(value, wanted) and not isinstance(value, bool)
    if hint is dt.date:
        return isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return isinstance(value, hint)


def _told(value: object) -> str:
    return repr(value[:40]) if isinstance(value, str) else type(value).__name__


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number without end, as only Python has them
        return False


def _check_node(node: tree.Node) -> None:
    for part in fields(node):  # type: ignore[arg-type]
        value = getattr(node, part.name)
        if isinstance(value, str):
            check_text(value)
    match node:
        case tree.Number(value=value) if not _finite(value):
            raise ConditionError("a number must be finite", hint="write a number such as 100")
        case tree.In(values=values) if not 1 <= len(values) <= MAX_VALUES:
            raise ConditionError(
                f"a list must have from 1 to {MAX_VALUES:,} values, and this one has "
                f"{len(values):,}",
                hint=LIST_HINT if values else "name at least one value",
            )
        case tree.Like(pattern=pattern):
            check_pattern(pattern)
        case tree.Window():
            check_window(node)
        case tree.Related() if (node.quantifier, node.relation) not in RELATED_NAMES:
            raise ConditionError(
                f"there is no '{node.quantifier} {node.relation}'",
                hint="use one of " + ", ".join(sorted(RELATED_NAMES.values())),
            )
        case tree.RelatedCount() if node.relation not in COUNT_NAMES:
            raise ConditionError(
                f"there is no count of '{node.relation}'",
                hint="use one of " + ", ".join(sorted(COUNT_NAMES.values())),
            )
        case tree.Sequence(steps=steps) if len(steps) < 2:
            raise ConditionError(
                "a sequence needs at least two steps",
                hint="write for example sequence(visit, trial, within => '7 days')",
            )
        case tree.Aggregate() if (node.column is None) != (node.name in WITHOUT_COLUMN):
            wanted = "no column" if node.name in WITHOUT_COLUMN else "a column"
            raise ConditionError(f"{node.name} takes {wanted} of {node.stream}")
        case tree.Field(name="") | tree.InAudience(audience="") | tree.Became(tag=""):
            raise ConditionError("a name is empty", hint="write the name")
        case tree.Aggregate(stream="") | tree.Aggregate(column="") | tree.Step(stream=""):
            raise ConditionError("a name is empty", hint="write the name")
        case _:
            pass
