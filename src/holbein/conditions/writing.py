"""A tree written as text, so that reading the text gives the same tree.

The one exception is ``days_since`` of a stream without window or filter: only binding tells a
stream from a date, so its text is read as an ``Elapsed`` that binding turns back.
"""

from __future__ import annotations

import re

from holbein.conditions import tree
from holbein.conditions.functions import (
    COUNT_NAMES,
    ELAPSED_NAMES,
    KEYWORDS,
    RELATED_NAMES,
    SHARE_FUNCTION,
)
from holbein.conditions.limits import DEEP_HINT, TOO_DEEP
from holbein.errors import ConditionError

_PLAIN = re.compile(r"[^\W\d]\w*")
_PRODUCTS = ("*", "/")


def write(node: tree.Node) -> str:
    """``node`` as text: ``parse(write(condition)) == condition``, and so for measures."""
    try:
        return _write(node)
    except RecursionError:
        raise ConditionError(TOO_DEEP, hint=DEEP_HINT) from None


def shown(node: tree.Node, most: int = 80) -> str:
    """The text of ``node``, cut to a length that fits a message."""
    text = write(node)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def write_name(name: str) -> str:
    """A name as a condition writes it: in double quotes where it is not plain."""
    if _PLAIN.fullmatch(name) and name.lower() not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def write_text(value: str) -> str:
    """A label or code in single quotes."""
    return "'" + value.replace("'", "''") + "'"


def write_window(window: tree.Window) -> str:
    """``'90 days'`` with its quotes."""
    return f"'{window.count} {window.unit}{'' if window.count == 1 else 's'}'"


def write_number(value: float) -> str:
    """A number without a needless fraction: ``10000``, ``0.7``."""
    value = float(value)  # a tree made by hand may hold a whole number
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _write(node: tree.Node) -> str:
    match node:
        case tree.Text():
            return write_text(node.value)
        case tree.Number():
            return write_number(float(node.value))
        case tree.Truth():
            return "TRUE" if node.value else "FALSE"
        case tree.Day():
            return f"DATE '{node.value.isoformat()}'"
        case tree.Window():
            return write_window(node)
        case tree.Field():
            return write_name(node.name)
        case tree.Aggregate():
            return _aggregate(node)
        case tree.Elapsed():
            return f"{ELAPSED_NAMES[node.unit, node.direction]}({_write(node.of)})"
        case tree.Bucket():
            return f"bucket({write_text(node.salt)})"
        case tree.Arithmetic():
            return f"{_operand(node, node.left)} {node.sign} {_operand(node, node.right, True)}"
        case tree.RelatedCount():
            return f"{COUNT_NAMES[node.relation]}({_write(node.where)})"
        case tree.RelatedShare():
            return f"{SHARE_FUNCTION}({_write(node.where)})"
        case tree.And():
            return _joined(node.items, "AND", "TRUE")
        case tree.Or():
            return _joined(node.items, "OR", "FALSE")
        case tree.Not():
            return _not(node.item)
        case tree.Related():
            return f"{RELATED_NAMES[node.quantifier, node.relation]}({_write(node.where)})"
        case tree.Step():
            return write_name(node.stream) + (f"({_write(node.where)})" if node.where else "")
        case tree.Sequence():
            parts = [_write(step) for step in node.steps]
            if node.within:
                parts.append(f"within => {write_window(node.within)}")
            return f"sequence({', '.join(parts)})"
        case tree.InAudience():
            return f"in_audience({write_text(node.audience)})"
        case tree.Became():
            return (
                f"became({write_name(node.tag)}, {_write(node.value)}, {write_window(node.window)})"
            )
        case _:
            return _comparison(node, "")


def _aggregate(node: tree.Aggregate) -> str:
    parts = [write_name(node.stream)]
    if node.column is not None:
        parts[0] += "." + write_name(node.column)
    if node.window:
        parts.append(write_window(node.window))
    if node.where is not None:
        parts.append(_write(node.where))
    if node.before:
        parts.append(f"before => {write_window(node.before)}")
    return f"{node.name}({', '.join(parts)})"


def _operand(parent: tree.Arithmetic, node: tree.Measure, right: bool = False) -> str:
    """A side of an arithmetic node, in parentheses where it would be read otherwise."""
    text = _write(node)
    if not isinstance(node, tree.Arithmetic):
        return text
    tighter = node.sign in _PRODUCTS and parent.sign not in _PRODUCTS
    same = (node.sign in _PRODUCTS) == (parent.sign in _PRODUCTS)
    return text if tighter or (same and not right) else f"({text})"


def _joined(items: tuple[tree.Condition, ...], word: str, empty: str) -> str:
    # A list of one is written with the value that changes nothing, so that it is read as a list.
    parts = [
        f"({_write(item)})" if isinstance(item, tree.And | tree.Or) and item.items else _write(item)
        for item in items
    ]
    return f" {word} ".join([empty] * (len(parts) < 2) + parts)


def _not(item: tree.Condition) -> str:
    match item:
        case tree.And(items=()) | tree.Or(items=()) | tree.Not() | tree.Related():
            return f"NOT {_write(item)}"
        case tree.And() | tree.Or():
            return f"NOT ({_write(item)})"
        case tree.Sequence() | tree.InAudience() | tree.Became():
            return f"NOT {_write(item)}"
        case tree.Compare(sign="=") if not _bare(item):
            return f"{_write(item.left)} <> {_write(item.right)}"
        case tree.Compare():
            return f"NOT {_write(item)}"
        case _:
            return _comparison(item, "NOT ")


def _bare(node: tree.Compare) -> bool:
    """True of ``active = TRUE``, which is written as ``active``."""
    return isinstance(node.left, tree.Field) and node.right == tree.Truth(True)


def _comparison(node: tree.Node, no: str) -> str:
    match node:
        case tree.Compare():
            if node.sign == "=" and _bare(node):
                return _write(node.left)
            return f"{_write(node.left)} {node.sign} {_write(node.right)}"
        case tree.In():
            return f"{_write(node.of)} {no}IN ({', '.join(_write(one) for one in node.values)})"
        case tree.Between():
            ends = f"{_write(node.low)} AND {_write(node.high)}"
            return f"{_write(node.of)} {no}BETWEEN {ends}"
        case tree.Like():
            return f"{_write(node.of)} {no}LIKE {write_text(node.pattern)}"
        case tree.Contains():
            return f"{_write(node.of)} {no}CONTAINS {write_text(node.value)}"
        case tree.Within():
            return f"{_write(node.of)} {no}WITHIN {write_text(node.value)}"
        case tree.Missing():
            return f"{_write(node.of)} IS {no}NULL"
        case _:
            raise ConditionError(f"{type(node).__name__} is no part of a condition")
