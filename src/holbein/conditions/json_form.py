"""The JSON form of conditions and measures, for the API and the builder.

``{"version": 1, "condition": {"node": "compare", …}}``; a measure stands under ``"measure"``. Each
node carries its kind under ``"node"``; parts that are absent are left out. The schema is
``schema()``. Nothing is turned into another type: ``"5"`` is no number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast, get_args, get_type_hints

import pydantic

from holbein.conditions import limits, tree
from holbein.errors import ConditionError, near

VERSION = 1

# Each node may sit in a list inside its parent, and the form itself adds one level.
_MAX_NESTING = 2 * limits.MAX_DEPTH + 2
_CONDITIONS = get_args(get_args(tree.Condition)[0])


@cache
def _condition_form() -> pydantic.TypeAdapter[tree.Condition]:
    return pydantic.TypeAdapter(tree.Condition)


@cache
def _measure_form() -> pydantic.TypeAdapter[tree.Measure]:
    return pydantic.TypeAdapter(tree.Measure)


def to_json(node: tree.Condition | tree.Measure) -> dict[str, Any]:
    """The JSON form of a condition or measure: plain dicts, lists, texts, numbers, booleans.

    Raises ConditionError for a tree that is too deep or that no text could have given.
    """
    limits.check_form(node)
    is_condition = isinstance(node, _CONDITIONS)
    form: pydantic.TypeAdapter[Any] = _condition_form() if is_condition else _measure_form()
    body = form.dump_python(node, mode="json", exclude_none=True)
    return {"version": VERSION, "condition" if is_condition else "measure": body}


def from_json(data: Mapping[str, Any] | str | bytes) -> tree.Condition:
    """The condition that ``data`` holds: decoded, or as JSON text. Raises ConditionError."""
    return cast(tree.Condition, _read(data, "condition", _condition_form()))


def measure_from_json(data: Mapping[str, Any] | str | bytes) -> tree.Measure:
    """The measure that ``data`` holds: decoded, or as JSON text. Raises ConditionError."""
    return cast(tree.Measure, _read(data, "measure", _measure_form()))


def schema() -> dict[str, Any]:
    """The JSON Schema of the form: an object with a condition or a measure."""
    inputs: list[tuple[str, Any, pydantic.TypeAdapter[Any]]] = [
        ("condition", "validation", _condition_form()),
        ("measure", "validation", _measure_form()),
    ]
    parts, definitions = pydantic.TypeAdapter.json_schemas(
        inputs, ref_template="#/$defs/{model}", title="A Holbein condition or measure"
    )
    version = {"const": VERSION, "title": "Version of the form"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": definitions["title"],
        "oneOf": [
            {
                "type": "object",
                "properties": {"version": version, part: schema_},
                "required": ["version", part],
                "additionalProperties": False,
            }
            for (part, _), schema_ in parts.items()
        ],
        "$defs": definitions["$defs"],
    }


def _read(data: object, part: str, form: pydantic.TypeAdapter[Any]) -> tree.Node:
    body = _body(_decoded(data), part)
    try:
        text = json.dumps(body, allow_nan=False)
        node = cast(tree.Node, form.validate_json(text, strict=True))
        limits.check_form(node)
    except pydantic.ValidationError as error:
        raise _explained(error, part) from None
    except ConditionError as error:
        raise error.at(f"in the JSON {part}") if error.place is None else error from None
    except (TypeError, ValueError) as error:
        raise ConditionError(
            f"the JSON holds what JSON cannot: {type(error).__name__}",
            hint="numbers must be finite, keys must be texts",
        ) from None
    return node


def _decoded(data: object) -> object:
    """JSON text decoded; what is too large or too deep is refused before anything recurses."""
    if isinstance(data, str | bytes):
        if len(data) > 10 * limits.MAX_TEXT:
            raise ConditionError(
                f"the JSON has {len(data):,} bytes, more than {10 * limits.MAX_TEXT:,}",
                hint="import long lists with `holbein audience import`",
            )
        try:
            data = json.loads(data)
        except RecursionError:
            raise ConditionError(limits.TOO_DEEP, hint=limits.DEEP_HINT) from None
        except json.JSONDecodeError as error:
            at = f"line {error.lineno}, column {error.colno}"
            raise ConditionError("this is no JSON", place=at, hint="check its syntax") from None
        except ValueError:
            raise ConditionError("this is no JSON", hint="write it in UTF-8") from None
    level: list[object] = [data]
    for _ in range(_MAX_NESTING):
        level = [
            child
            for one in level
            if isinstance(one, list | tuple | Mapping)
            for child in (one.values() if isinstance(one, Mapping) else one)
        ]
        if not level:
            return data
    raise ConditionError(limits.TOO_DEEP, hint=limits.DEEP_HINT)


def _body(data: object, part: str) -> object:
    example = f'write {{"version": {VERSION}, "{part}": {{"node": …}}}}'
    if not isinstance(data, Mapping):
        raise ConditionError(f"the JSON of a {part} is an object", hint=example)
    if "version" not in data:
        raise ConditionError("the JSON has no version", hint=example)
    if isinstance(data["version"], bool) or data["version"] != VERSION:
        raise ConditionError(
            f"version {_shown(data['version'])} of the JSON form is not known",
            hint=f"this Holbein reads version {VERSION}",
        )
    if part not in data:
        raise ConditionError(f"the JSON has no {part}", hint=example)
    if extra := sorted(str(key) for key in data if key not in ("version", part)):
        raise ConditionError(
            f"the JSON has keys that are not known: {', '.join(extra)[:80]}", hint=example
        )
    return data[part]


def _shown(value: object) -> str:
    # Python refuses to write out whole numbers of thousands of digits.
    whole = isinstance(value, int) and abs(value) < 10**9
    return str(value)[:20] if whole or isinstance(value, str | float) else type(value).__name__


def _explained(error: pydantic.ValidationError, part: str) -> ConditionError:
    """The first of the errors, with the path to it as a user of the JSON sees it."""
    first = error.errors(include_url=False)[0]
    path = part
    before: int | str | None = None
    for step in first["loc"]:
        # The kind of a node stands in pydantic's path too, but not in the JSON. Of the kinds only
        # "within" is a key as well, of a sequence.
        if isinstance(step, int):
            path += f"[{step}]"
        elif step not in _NODES or (step == "within" and before == "sequence"):
            path += f".{step}"
        before = step
    more = error.error_count() - 1
    message = first["msg"][:1].lower() + first["msg"][1:]
    hint = "conditions.json_form.schema() describes the form"
    if first["type"] == "union_tag_not_found":
        message = 'this is no node: it needs its kind under "node"'
    elif first["type"] == "union_tag_invalid":
        found = str(first["ctx"]["tag"])[:40]
        message = f"'{found}' is no node that can stand here"
        hint = (near(found, _NODES) if found not in _NODES else None) or hint
    elif first["type"] == "unexpected_keyword_argument":
        message = "this key is not known here"
    also = f" (and {more} more)" if more else ""
    return ConditionError(f"{message[:300]}{also}", place=path, hint=hint)


_NODES = frozenset(
    get_args(get_type_hints(one)["node"])[0]
    for union in (tree.Condition, tree.Measure)
    for one in get_args(get_args(union)[0])
)
